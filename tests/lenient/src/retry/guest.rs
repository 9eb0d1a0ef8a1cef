// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Guest of Retry.

use super::messages::{Knock, Message, Open};
use super::parameters::{AGAIN, GIVE_UP};
use omt_runtime::typed::prelude::*;

/// States of [`Guest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `KNOCKING`.
    Knocking,
    /// `DONE`.
    Done,
    /// `GONE`.
    Gone,
}
states!(State { IDLE => Idle, KNOCKING => Knocking, DONE => Done, GONE => Gone });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `host`.
    pub host: Option<PeerId>,
    /// `tries`.
    pub tries: Option<u64>,
    /// `last_try`.
    pub last_try: Option<Value>,
    /// `reason`.
    pub reason: Option<Value>,
}

store_fields!(Store { host, tries, last_try, reason });

/// Actor `Guest`.
pub struct Guest;

impl Actor for Guest {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Guest";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Gone];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Knocking, Message::Open(message)) => knocking_on_open(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "try") => idle_on_try(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Knocking, 1) => knocking_on_timeout_give_up(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_period(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Knocking, 0) => knocking_every_again(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Knocking {
            timers.every(0, AGAIN);
            timers.after(1, GIVE_UP);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `try`.
fn idle_on_try(step: &mut Step<'_, Guest>, host: PeerId) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> KNOCKING on try");
    step.store.host = Some(host);
    step.store.tries = None;
    let knock = Knock { count: 0, wait: AGAIN };
    step.send(host, &knock).at(21, 9)?;
    step.enter(State::Knocking)
}

/// In KNOCKING, on `every(AGAIN)`.
fn knocking_every_again(step: &mut Step<'_, Guest>) -> Result<Outcome, Raised> {
    step.consider(0, "KNOCKING -> KNOCKING on every(AGAIN)");
    if step.store.tries.is_none() {
        step.store.tries = Some(1);
    } else {
        step.store.tries = Some(
            library::narrow_u64(i128::from(step.store.tries.needed().at(24, 60)?) + 1)
                .at(24, 60)?,
        );
    }
    step.store.last_try = library::any_field(library::to_any(&step.now()).at(25, 20)?);
    let to = step.store.host.needed().at(26, 14)?;
    let knock = Knock {
        count: step.store.tries.needed().at(26, 34)?,
        wait: library::narrow_i64(
                i128::from(step.now())
                    - i128::from(
                        library::from_any::<
                            i64,
                        >(&library::any_or_null(&step.store.last_try), "timestamp")
                            .at(26, 54)?,
                    ),
            )
            .at(26, 46)?,
    };
    step.send(to, &knock).at(26, 9)?;
    step.enter(State::Knocking)
}

/// In KNOCKING, on the message `OPEN`.
fn knocking_on_open(
    step: &mut Step<'_, Guest>,
    message: &Received<Open>,
) -> Result<Outcome, Raised> {
    step.consider(1, "KNOCKING -> DONE on OPEN");
    if Some(message.payload.after) == step.store.tries {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In KNOCKING, on `timeout(GIVE_UP)`.
fn knocking_on_timeout_give_up(step: &mut Step<'_, Guest>) -> Result<Outcome, Raised> {
    step.consider(2, "KNOCKING -> GONE on timeout(GIVE_UP)");
    step.store.reason = library::any_field(Value::text("nobody_home"));
    step.enter(State::Gone)
}
