// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Asker of Optional answer.

use super::messages::{Ask, Message, Tell};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Asker`].
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
    /// `knower`.
    pub knower: Option<PeerId>,
    /// `about`.
    pub about: Option<String>,
    /// `best`.
    pub best: Option<String>,
    /// `answers`.
    pub answers: Vec<String>,
    /// `sure`.
    pub sure: Option<Value>,
}

store_fields!(Store { knower, about, best, answers, sure });

/// Actor `Asker`.
pub struct Asker;

impl Actor for Asker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Asker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Tell(message)) => waiting_on_tell(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "ask") => idle_on_ask(step, arguments.get(0)?),
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

/// In IDLE, on the trigger `ask`.
fn idle_on_ask(step: &mut Step<'_, Asker>, knower: PeerId) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on ask");
    step.store.knower = Some(knower);
    step.store.about = Some("weather".to_owned());
    step.store.answers = Vec::new();
    step.store.best = None;
    let ask = Ask {
        limit: None,
        about: step.store.about.as_ref().needed().at(23, 9)?.clone(),
        hint: None,
    };
    step.send(knower, &ask).at(23, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `TELL`.
fn waiting_on_tell(
    step: &mut Step<'_, Asker>,
    message: &Received<Tell>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on TELL");
    if message.payload.source.is_none() && step.store.best.is_none() {
        step.store.best = if message.payload.answer.is_none() {
            Some("nothing".to_owned())
        } else {
            Some(message.payload.answer.as_ref().needed().at(26, 60)?.clone())
        };
        step.store.answers = library::concat(
            &step.store.answers,
            &[step.store.best.as_ref().needed().at(27, 25)?.clone()],
        );
        step.store.sure = library::any_field(
            if message.payload.confidence.is_none() {
                library::to_any(&0u64).at(28, 51)?
            } else {
                library::to_any(&message.payload.confidence.needed().at(28, 58)?)
                    .at(28, 58)?
            },
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Asker>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
