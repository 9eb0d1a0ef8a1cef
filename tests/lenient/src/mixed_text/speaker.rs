// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Speaker of Mixed text.

use super::messages::{Echo, Line, Message};
use super::parameters::WAIT;
use super::types::Level;
use omt_runtime::typed::prelude::*;

/// States of [`Speaker`].
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
    /// `listener`.
    pub listener: Option<PeerId>,
    /// `level`.
    pub level: Option<Level>,
    /// `number`.
    pub number: Option<Value>,
    /// `text`.
    pub text: Option<Value>,
}

store_fields!(Store { listener, level, number, text });

/// Actor `Speaker`.
pub struct Speaker;

impl Actor for Speaker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Speaker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Echo(message)) => waiting_on_echo(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "say") => idle_on_say(step, arguments.get(0)?),
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

/// In IDLE, on the trigger `say`.
fn idle_on_say(
    step: &mut Step<'_, Speaker>,
    listener: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on say");
    step.store.listener = Some(listener);
    step.store.level = Some(Level::High);
    step.store.number = library::any_field(library::to_any(&12u64).at(23, 18)?);
    step.store.text = library::any_field(
        Value::text(
            library::concat_text(
                    &library::concat_text(
                        &library::concat_text(
                            "level ",
                            &step.store.level.needed().at(24, 27)?.to_string(),
                        ),
                        " number ",
                    ),
                    &library::to_string(&12i128),
                )
                .as_str(),
        ),
    );
    let line = Line {
        text: library::from_any::<
            String,
        >(&library::any_or_null(&step.store.text), "string")
            .at(25, 9)?,
        level: step.store.level.needed().at(25, 9)?,
    };
    step.send(listener, &line).at(25, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `ECHO`.
fn waiting_on_echo(
    step: &mut Step<'_, Speaker>,
    message: &Received<Echo>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on ECHO");
    if Value::text(message.payload.level.as_str())
        == library::to_any(&step.store.level.needed().at(27, 51)?).at(27, 51)?
        && message.payload.length > 5
    {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Speaker>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    library::abort(&step.store.level.needed().at(28, 48)?.to_string()).at(28, 42)?;
    step.enter(State::Failed)
}
