// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The User of Profile.

use super::messages::{Message, Register, Registered};
use super::parameters::WAIT;
use super::types::{Address, Person};
use omt_runtime::typed::prelude::*;

/// States of [`User`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `REGISTERED`.
    Registered,
    /// `FAILED`.
    Failed,
}
states!(State {
    IDLE => Idle,
    WAITING => Waiting,
    REGISTERED => Registered,
    FAILED => Failed,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `registry`.
    pub registry: Option<PeerId>,
    /// `person`.
    pub person: Option<Person>,
    /// `name`.
    pub name: Option<String>,
    /// `nickname`.
    pub nickname: Option<Value>,
    /// `answer`.
    pub answer: Option<Value>,
    /// `city`.
    pub city: Option<Value>,
}

store_fields!(Store { registry, person, name, nickname, answer, city });

/// Actor `User`.
pub struct User;

impl Actor for User {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "User";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Registered, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Registered(message)) => {
                waiting_on_registered(step, message)
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
            (State::Idle, "register") => {
                idle_on_register(step, arguments.get(0)?, arguments.get(1)?)
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

/// In IDLE, on the trigger `register`.
fn idle_on_register(
    step: &mut Step<'_, User>,
    registry: PeerId,
    nickname: String,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on register");
    step.store.registry = Some(registry);
    step.store.nickname = library::any_field(Value::text(nickname.as_str()));
    step.store.person = Some(Person {
        name: "Ann".to_owned(),
        address: Address {
            street: "Elm".to_owned(),
            city: "Ulm".to_owned(),
            zip: None,
        },
        age: None,
    });
    let register = Register {
        person: step.store.person.as_ref().needed().at(24, 9)?.clone(),
        nickname: library::from_any::<
            String,
        >(&library::any_or_null(&step.store.nickname), "string")
            .at(24, 9)?,
    };
    step.send(registry, &register).at(24, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `REGISTERED`.
fn waiting_on_registered(
    step: &mut Step<'_, User>,
    message: &Received<Registered>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> REGISTERED on REGISTERED");
    if message.payload.name == "Ann" && message.payload.age.is_none() {
        step.store.answer = library::any_field(
            Value::record([
                ("age", library::to_any(&message.payload.age).at(27, 23)?),
                ("city", Value::text(message.payload.city.as_str())),
                ("name", Value::text(message.payload.name.as_str())),
                ("seen", library::to_any(&true).at(27, 45)?),
            ]),
        );
        step.store.city = library::any_field(
            library::member(
                    &library::from_any_shaped::<
                        Value,
                    >(
                            &library::any_or_null(&step.store.answer),
                            "dict",
                            library::Shape::Dict,
                        )
                        .at(28, 16)?,
                    "city",
                )
                .at(28, 16)?,
        );
        return step.enter(State::Registered);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, User>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
