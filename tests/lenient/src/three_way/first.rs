// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The First of Three way.

use super::messages::{Final, Message, Propose};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`First`].
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
    /// `second`.
    pub second: Option<PeerId>,
    /// `third`.
    pub third: Option<PeerId>,
    /// `last`.
    pub last: Option<Value>,
    /// `who`.
    pub who: Option<Value>,
    /// `ok`.
    pub ok: Option<Value>,
}

store_fields!(Store { second, third, last, who, ok });

/// Actor `First`.
pub struct First;

impl Actor for First {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "First";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Final(message)) => waiting_on_final(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "start") => {
                idle_on_start(step, arguments.get(0)?, arguments.get(1)?)
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

/// In IDLE, on the trigger `start`.
fn idle_on_start(
    step: &mut Step<'_, First>,
    second: PeerId,
    third: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on start");
    step.store.second = Some(second);
    step.store.third = Some(third);
    let propose = Propose {
        value: 5,
        third: step.store.third.needed().at(20, 53)?,
    };
    step.send(second, &propose).at(20, 53)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `FINAL`.
fn waiting_on_final(
    step: &mut Step<'_, First>,
    message: &Received<Final>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on FINAL");
    if message.payload.value == 6 && library::length(&message.payload.marks) == 2 {
        step.store.last = library::any_field(
            library::index(&message.payload.marks, 1).at(22, 16)?.clone(),
        );
        step.store.who = library::any_field(
            library::member(
                    &library::from_any_shaped::<
                        Value,
                    >(
                            &library::any_or_null(&step.store.last),
                            "dict",
                            library::Shape::Dict,
                        )
                        .at(23, 15)?,
                    "by",
                )
                .at(23, 15)?,
        );
        step.store.ok = library::any_field(
            library::to_any(
                    &(library::any_or_null(&step.store.who)
                        == library::to_any(&step.store.third.needed().at(24, 21)?)
                            .at(24, 21)?),
                )
                .at(24, 14)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, First>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
