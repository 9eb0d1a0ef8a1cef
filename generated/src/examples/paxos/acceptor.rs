// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Acceptor of Paxos.

use super::messages::{Accept, Accepted2, Chosen, Message, Prepare, Promise};
use super::types::Accepted;
use omt_runtime::typed::prelude::*;

/// States of [`Acceptor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Takes no part yet.
    Idle,
    /// Remembers what it has promised and accepted.
    Open,
    /// Knows what is chosen.
    Closed,
}
states!(State { IDLE => Idle, OPEN => Open, CLOSED => Closed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `proposers`.
    pub proposers: Vec<PeerId>,
    /// `promised`.
    pub promised: Option<u64>,
    /// `accepted`.
    pub accepted: Option<Accepted>,
    /// `chosen`.
    pub chosen: Option<u64>,
}

store_fields!(Store { session_id, proposers, promised, accepted, chosen });

/// Promises and accepts.
pub struct Acceptor;

impl Actor for Acceptor {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Acceptor";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Closed];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "PREPARE" | "ACCEPT" | "CHOSEN" => store.proposers.names(sender),
            _ => true,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Open, Message::Prepare(message)) => open_on_prepare(step, message),
            (State::Open, Message::Accept(message)) => open_on_accept(step, message),
            (State::Open, Message::Chosen(message)) => open_on_chosen(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "open") => {
                idle_on_open(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the trigger `open`.
fn idle_on_open(
    step: &mut Step<'_, Acceptor>,
    session_id: Hash,
    proposers: Vec<PeerId>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> OPEN on open");
    step.store.session_id = Some(session_id);
    step.store.proposers = proposers.clone();
    step.store.promised = Some(0);
    step.enter(State::Open)
}

/// In OPEN, on the message `PREPARE`.
fn open_on_prepare(
    step: &mut Step<'_, Acceptor>,
    message: &Received<Prepare>,
) -> Result<Outcome, Raised> {
    step.consider(0, "OPEN -> OPEN on PREPARE");
    if message.payload.ballot > step.store.promised.needed().at(127, 51)? {
        step.store.promised = Some(message.payload.ballot);
        let promise = Promise {
            ballot: message.payload.ballot,
            accepted: step.store.accepted.clone(),
        };
        step.send(message.sender, &promise).at(129, 9)?;
        return step.enter(State::Open);
    }
    step.refuse()
}

/// In OPEN, on the message `ACCEPT`.
fn open_on_accept(
    step: &mut Step<'_, Acceptor>,
    message: &Received<Accept>,
) -> Result<Outcome, Raised> {
    step.consider(1, "OPEN -> OPEN on ACCEPT");
    if message.payload.ballot >= step.store.promised.needed().at(131, 51)? {
        step.store.promised = Some(message.payload.ballot);
        step.store.accepted = Some(Accepted {
            ballot: message.payload.ballot,
            value: message.payload.value,
        });
        let accepted = Accepted2 {
            ballot: message.payload.ballot,
        };
        step.send(message.sender, &accepted).at(134, 9)?;
        return step.enter(State::Open);
    }
    step.refuse()
}

/// In OPEN, on the message `CHOSEN`.
fn open_on_chosen(
    step: &mut Step<'_, Acceptor>,
    message: &Received<Chosen>,
) -> Result<Outcome, Raised> {
    step.consider(2, "OPEN -> CLOSED on CHOSEN");
    step.store.chosen = Some(message.payload.chosen);
    step.enter(State::Closed)
}
