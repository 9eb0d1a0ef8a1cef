// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Knower of Optional answer.

use super::messages::{Ask, Message, Tell};
use omt_runtime::typed::prelude::*;

/// States of [`Knower`].
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
    /// `answer`.
    pub answer: Option<Value>,
    /// `hint`.
    pub hint: Option<Value>,
}

store_fields!(Store { answer, hint });

/// Actor `Knower`.
pub struct Knower;

impl Actor for Knower {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Knower";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Ask(message)) => idle_on_ask(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `ASK`.
fn idle_on_ask(
    step: &mut Step<'_, Knower>,
    message: &Received<Ask>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on ASK");
    step.store.answer = library::any_field(
        if message.payload.limit.is_none() { Value::Null } else { Value::text("sunny") },
    );
    step.store.hint = library::any_field(
        library::to_any(&message.payload.hint).at(38, 16)?,
    );
    let tell = Tell {
        answer: library::from_any::<
            Option<String>,
        >(&library::any_or_null(&step.store.answer), "string?")
            .at(39, 9)?,
        source: None,
        confidence: None,
    };
    step.send(message.sender, &tell).at(39, 9)?;
    step.enter(State::Done)
}
