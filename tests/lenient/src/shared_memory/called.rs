// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Called of Shared memory.

use super::messages::{Hi, Ho, Message};
use omt_runtime::typed::prelude::*;

/// States of [`Called`].
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
    /// `kept`.
    pub kept: Option<Value>,
}

store_fields!(Store { kept });

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// `greetings`.
    pub greetings: Tracked<u64>,
    /// `last`.
    pub last: Tracked<Option<Value>>,
}

shared_fields!(Shared { greetings, last });

/// Actor `Called`.
pub struct Called;

impl Actor for Called {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Called";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Hi(message)) => idle_on_hi(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `HI`.
fn idle_on_hi(
    step: &mut Step<'_, Called>,
    message: &Received<Hi>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on HI");
    *step.shared.greetings = library::narrow_u64(i128::from(*step.shared.greetings) + 1)
        .at(34, 21)?;
    *step.shared.last = Some(message.payload.token.clone());
    step.store.kept = library::any_field(
        step.shared.last.as_ref().needed().at(36, 16)?.clone(),
    );
    let ho = Ho {
        times: *step.shared.greetings,
        last: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.kept), "dict", library::Shape::Dict)
            .at(37, 57)?,
    };
    step.send(message.sender, &ho).at(37, 9)?;
    step.enter(State::Done)
}
