// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Host of Retry.

use super::messages::{Knock, Message, Open};
use omt_runtime::typed::prelude::*;

/// States of [`Host`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `HEARING`.
    Hearing,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, HEARING => Hearing, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `guest`.
    pub guest: Option<Value>,
    /// `heard`.
    pub heard: Option<Value>,
}

store_fields!(Store { guest, heard });

/// Actor `Host`.
pub struct Host;

impl Actor for Host {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Host";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Knock(message)) => idle_on_knock(step, message),
            (State::Hearing, Message::Knock(message)) => hearing_on_knock(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `KNOCK`.
fn idle_on_knock(
    step: &mut Step<'_, Host>,
    message: &Received<Knock>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> HEARING on KNOCK");
    step.store.guest = library::any_field(library::to_any(&message.sender).at(36, 40)?);
    step.store.heard = library::any_field(
        library::to_any(&vec![message.payload.count]).at(36, 64)?,
    );
    step.enter(State::Hearing)
}

/// In HEARING, on the message `KNOCK`.
fn hearing_on_knock(
    step: &mut Step<'_, Host>,
    message: &Received<Knock>,
) -> Result<Outcome, Raised> {
    step.consider(0, "HEARING -> HEARING on KNOCK");
    if message.payload.count < 3 {
        step.store.heard = library::any_field(
            library::to_any(
                    &library::concat(
                        &library::from_any::<
                            Vec<u64>,
                        >(
                                &library::to_any(
                                        &(if library::any_or_null(&step.store.heard) == Value::Null
                                        {
                                            Vec::new()
                                        } else {
                                            library::from_any::<
                                                Vec<Value>,
                                            >(&library::any_or_null(&step.store.heard), "list<any>")
                                                .at(37, 66)?
                                        }),
                                    )
                                    .at(37, 66)?,
                                "list<uint>",
                            )
                            .at(37, 66)?,
                        &[message.payload.count],
                    ),
                )
                .at(37, 66)?,
        );
        return step.enter(State::Hearing);
    }

    step.consider(1, "HEARING -> DONE on KNOCK");
    if message.payload.count >= 3 {
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.guest), "peer_id")
            .at(38, 61)?;
        let open = Open {
            after: message.payload.count,
        };
        step.send(to, &open).at(38, 56)?;
        return step.enter(State::Done);
    }
    step.refuse()
}
