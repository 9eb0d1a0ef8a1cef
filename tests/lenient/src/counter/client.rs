// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Client of Counter.

use super::messages::{Add, Bye, Message, Total};
use omt_runtime::typed::prelude::*;

/// States of [`Client`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `READY`.
    Ready,
    /// `ASKING`.
    Asking,
    /// `CLOSED`.
    Closed,
}
states!(State { IDLE => Idle, READY => Ready, ASKING => Asking, CLOSED => Closed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `server`.
    pub server: Option<PeerId>,
    /// `last`.
    pub last: Option<u64>,
    /// `history`.
    pub history: Option<Value>,
    /// `waited`.
    pub waited: Option<Value>,
}

store_fields!(Store { server, last, history, waited });

/// Actor `Client`.
pub struct Client;

impl Actor for Client {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Client";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Asking, Message::Total(message)) => asking_on_total(step, message),
            (State::Closed, Message::Total(_)) => closed_on_total(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "start") => idle_on_start(step, arguments.get(0)?),
            (State::Ready, "more") => ready_on_more(step, arguments.get(0)?),
            (State::Ready, "stop") => ready_on_stop(step),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the trigger `start`.
fn idle_on_start(
    step: &mut Step<'_, Client>,
    server: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> ASKING on start");
    step.store.server = Some(server);
    let add = Add { amount: 1, at: step.now() };
    step.send(server, &add).at(22, 45)?;
    step.enter(State::Asking)
}

/// In READY, on the trigger `more`.
fn ready_on_more(step: &mut Step<'_, Client>, amount: u64) -> Result<Outcome, Raised> {
    step.consider(0, "READY -> ASKING on more");
    step.store.last = None;
    let to = step.store.server.needed().at(23, 49)?;
    let add = Add { amount, at: step.now() };
    step.send(to, &add).at(23, 44)?;
    step.enter(State::Asking)
}

/// In READY, on the trigger `stop`.
fn ready_on_stop(step: &mut Step<'_, Client>) -> Result<Outcome, Raised> {
    step.consider(1, "READY -> CLOSED on stop");
    step.send(step.store.server.needed().at(29, 36)?, &Bye {}).at(29, 31)?;
    step.enter(State::Closed)
}

/// In ASKING, on the message `TOTAL`.
fn asking_on_total(
    step: &mut Step<'_, Client>,
    message: &Received<Total>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ASKING -> READY on TOTAL");
    step.store.last = Some(message.payload.total);
    step.store.history = library::any_field(
        library::to_any(
                &library::concat(
                    &[message.payload.total],
                    &library::from_any::<
                        Vec<u64>,
                    >(
                            &library::to_any(
                                    &(if library::any_or_null(&step.store.history)
                                        == Value::Null
                                    {
                                        Vec::new()
                                    } else {
                                        library::from_any::<
                                            Vec<Value>,
                                        >(&library::any_or_null(&step.store.history), "list<any>")
                                            .at(26, 37)?
                                    }),
                                )
                                .at(26, 37)?,
                            "list<uint>",
                        )
                        .at(26, 37)?,
                ),
            )
            .at(26, 19)?,
    );
    if message.payload.since > 0 {
        step.store.waited = library::any_field(
            library::to_any(&message.payload.since).at(27, 54)?,
        );
    }
    step.enter(State::Ready)
}

/// In CLOSED, on the message `TOTAL`.
fn closed_on_total(step: &mut Step<'_, Client>) -> Result<Outcome, Raised> {
    step.consider(0, "CLOSED -> CLOSED on TOTAL");
    step.enter(State::Closed)
}
