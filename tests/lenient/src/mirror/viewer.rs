// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Viewer of Mirror.

use super::messages::{Message, That, This};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Viewer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `EQUAL`.
    Equal,
    /// `DIFFERENT`.
    Different,
}
states!(State {
    IDLE => Idle,
    WAITING => Waiting,
    EQUAL => Equal,
    DIFFERENT => Different,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `mirror`.
    pub mirror: Option<PeerId>,
    /// `what`.
    pub what: Option<Value>,
}

store_fields!(Store { mirror, what });

/// Actor `Viewer`.
pub struct Viewer;

impl Actor for Viewer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Viewer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Equal, State::Different];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::That(message)) => waiting_on_that(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "show") => {
                idle_on_show(step, arguments.get(0)?, arguments.get(1)?)
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

/// In IDLE, on the trigger `show`.
fn idle_on_show(
    step: &mut Step<'_, Viewer>,
    mirror: PeerId,
    what: Value,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on show");
    step.store.mirror = Some(mirror);
    step.store.what = library::any_field(what.clone());
    let this = This {
        again: vec![
            what.clone(), library::to_any(& 1u64).at(20, 42) ?, Value::text("two"),
            library::to_any(& step.peer_id()).at(20, 52) ?
        ],
        by_name: Map::from_iter([
            ("a".to_owned(), what.clone()),
            ("b".to_owned(), Value::Null),
        ]),
        what: library::any_or_null(&step.store.what),
    };
    step.send(mirror, &this).at(20, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `THAT`.
fn waiting_on_that(
    step: &mut Step<'_, Viewer>,
    message: &Received<That>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> EQUAL on THAT");
    if message.payload.what == library::any_or_null(&step.store.what)
        && message.payload.kind == Value::text("disk")
        && i128::from(library::from_any::<i64>(&message.payload.size, "int").at(22, 85)?)
            + 1 == 8
    {
        return step.enter(State::Equal);
    }

    step.consider(1, "WAITING -> DIFFERENT on THAT");
    step.enter(State::Different)
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Viewer>) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING -> DIFFERENT on timeout(WAIT)");
    step.enter(State::Different)
}
