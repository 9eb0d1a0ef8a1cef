// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Registry of Profile.

use super::messages::{Message, Register, Registered};
use super::types::Person;
use omt_runtime::typed::prelude::*;

/// States of [`Registry`].
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
    /// `person`.
    pub person: Option<Value>,
    /// `city`.
    pub city: Option<Value>,
}

store_fields!(Store { person, city });

/// Actor `Registry`.
pub struct Registry;

impl Actor for Registry {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Registry";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Register(message)) => idle_on_register(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `REGISTER`.
fn idle_on_register(
    step: &mut Step<'_, Registry>,
    message: &Received<Register>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on REGISTER");
    step.store.person = library::any_field(
        library::to_any(&message.payload.person).at(37, 23)?,
    );
    step.store.city = library::any_field(
        Value::text(
            library::from_any::<
                Person,
            >(&library::any_or_null(&step.store.person), "Person")
                .at(38, 21)?
                .address
                .city
                .as_str(),
        ),
    );
    let registered = Registered {
        name: library::from_any::<
            Person,
        >(&library::any_or_null(&step.store.person), "Person")
            .at(39, 48)?
            .name,
        age: library::from_any::<
            Person,
        >(&library::any_or_null(&step.store.person), "Person")
            .at(39, 65)?
            .age,
        city: library::from_any::<
            String,
        >(&library::any_or_null(&step.store.city), "string")
            .at(39, 9)?,
    };
    step.send(message.sender, &registered).at(39, 9)?;
    step.enter(State::Done)
}
