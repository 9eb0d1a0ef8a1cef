// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Caller of Shared memory.

use super::messages::{Hi, Ho, Message};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Caller`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `DONE`.
    Done,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, WAITING => Waiting, DONE => Done, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `called`.
    pub called: Option<PeerId>,
    /// `token`.
    pub token: Option<Value>,
}

store_fields!(Store { called, token });

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// `sent`.
    pub sent: Tracked<Map<PeerId, u64>>,
}

shared_fields!(Shared { sent });

/// Actor `Caller`.
pub struct Caller;

impl Actor for Caller {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Caller";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Ho(message)) => waiting_on_ho(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "greet") => idle_on_greet(step, arguments.get(0)?),
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

/// In IDLE, on the trigger `greet`.
fn idle_on_greet(
    step: &mut Step<'_, Caller>,
    called: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on greet");
    step.store.called = Some(called);
    let value = library::narrow_u64(
            i128::from(library::get_or(&*step.shared.sent, &called, 0)) + 1,
        )
        .at(21, 24)?;
    step.shared.sent.insert(called, value);
    step.store.token = library::any_field(
        Value::record([
            (
                "n",
                library::to_any(library::entry(&*step.shared.sent, &called).at(22, 21)?)
                    .at(22, 21)?,
            ),
            ("text", Value::text("hi")),
        ]),
    );
    let hi = Hi {
        token: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.token), "dict", library::Shape::Dict)
            .at(23, 9)?,
    };
    step.send(called, &hi).at(23, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `HO`.
fn waiting_on_ho(
    step: &mut Step<'_, Caller>,
    message: &Received<Ho>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on HO");
    if message.payload.times == 1
        && library::member(&message.payload.last, "text").at(25, 55)?
            == Value::text("hi")
    {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Caller>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
