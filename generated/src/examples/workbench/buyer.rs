// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Buyer of Workbench.

use super::messages::{Bid, Hint, Message, Order, Report, Stop};
use super::parameters::WAIT;
use super::types::Piece;
use omt_runtime::typed::prelude::*;

/// States of [`Buyer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing ordered.
    Idle,
    /// Waiting for the report.
    Waiting,
    /// The report is here.
    Done,
    /// It took too long.
    GivenUp,
}
states!(State { IDLE => Idle, WAITING => Waiting, DONE => Done, GIVEN_UP => GivenUp });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `bench`.
    pub bench: Option<PeerId>,
    /// `secret`.
    pub secret: Option<Secret<Bytes>>,
    /// `total`.
    pub total: Option<i64>,
    /// `best`.
    pub best: Option<Piece>,
    /// `asked`.
    pub asked: Option<u64>,
}

store_fields!(Store { session_id, bench, secret, total, best, asked });

/// Orders.
pub struct Buyer;

impl Actor for Buyer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Buyer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::GivenUp];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "REPORT" | "NEWS" => store.bench.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "REPORT" | "NEWS" => library::bind(&mut store.bench, sender),
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Report(message)) => {
                waiting_on_report(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "order") => {
                idle_on_order(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                )
            }
            (State::Waiting, "push") => {
                waiting_on_push(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Waiting, 0) => waiting_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Waiting {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `order`.
fn idle_on_order(
    step: &mut Step<'_, Buyer>,
    bench: PeerId,
    pieces: Vec<Piece>,
    note: String,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on order");
    let asked_for = library::hash(&[&pieces, &note]);
    if library::length(&pieces) > 0 && asked_for != library::hash(&[&note]) {
        step.store.bench = Some(bench);
        step.store.asked = Some(library::length(&pieces));
        step.store.secret = Some(Secret::new(step.random_bytes(8).at(140, 18)?));
        let order = Order {
            pieces: pieces.clone(),
            limits: Map::new(),
            secret_hash: library::hash(
                &[step.store.secret.as_ref().needed().at(144, 30)?],
            ),
            note: if note == "" { None } else { Some(note.clone()) },
        };
        step.send(bench, &order).at(141, 9)?;
        return step.enter(State::Waiting);
    }
    step.otherwise(0, "IDLE -> WAITING on order");
    step.enter(State::GivenUp)
}

/// In WAITING, on the trigger `push`.
fn waiting_on_push(
    step: &mut Step<'_, Buyer>,
    amount: u64,
    text: String,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> WAITING on push");
    step.store.asked = Some(
        library::narrow_u64(
                i128::from(step.store.asked.needed().at(149, 17)?) + i128::from(amount),
            )
            .at(149, 17)?,
    );
    let to = step.store.bench.needed().at(150, 14)?;
    let bid = Bid { amount, share: 1 };
    step.send(to, &bid).at(150, 9)?;
    if library::length_text(&text) > 3 {
        let to = step.store.bench.needed().at(151, 41)?;
        let hint = Hint {
            text: text.clone(),
            level: -1,
        };
        step.send(to, &hint).at(151, 36)?;
    } else {
        let to = step.store.bench.needed().at(151, 92)?;
        let stop = Stop { why: text.clone() };
        step.send(to, &stop).at(151, 87)?;
    }
    step.enter(State::Waiting)
}

/// In WAITING, on the message `REPORT`.
fn waiting_on_report(
    step: &mut Step<'_, Buyer>,
    message: &Received<Report>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> DONE on REPORT");
    let piece = message.payload.best.clone();
    if step
        .verify_signature(
            &message.sender,
            &message.payload.offer,
            &message.payload.proof,
        )
    {
        step.store.total = Some(message.payload.total);
        step.store.best = piece.clone();
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Buyer>) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING -> GIVEN_UP on timeout(WAIT)");
    step.enter(State::GivenUp)
}
