// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Second of Three way.

use super::messages::{Forward, Message, Propose};
use omt_runtime::typed::prelude::*;

/// States of [`Second`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `mark`.
    pub mark: Option<Value>,
}

store_fields!(Store { mark });

/// Actor `Second`.
pub struct Second;

impl Actor for Second {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Second";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Propose(message)) => idle_on_propose(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `PROPOSE`.
fn idle_on_propose(
    step: &mut Step<'_, Second>,
    message: &Received<Propose>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on PROPOSE");
    step.store.mark = library::any_field(
        Value::record([
            ("by", library::to_any(&step.peer_id()).at(33, 21)?),
            ("at", library::to_any(&step.now()).at(33, 33)?),
        ]),
    );
    let forward = Forward {
        first: message.sender,
        value: library::narrow_u64(i128::from(message.payload.value) + 1).at(34, 67)?,
        mark: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.mark), "dict", library::Shape::Dict)
            .at(34, 9)?,
    };
    step.send(message.payload.third, &forward).at(34, 9)?;
    step.enter(State::Done)
}
