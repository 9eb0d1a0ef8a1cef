// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Asker of Gather.

use super::messages::{Message, Ping, Pong};
use super::parameters::{ENOUGH, WAIT};
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
    /// `others`.
    pub others: Vec<PeerId>,
    /// `round`.
    pub round: Option<Value>,
    /// `pongs`.
    pub pongs: Map<PeerId, Pong>,
    /// `moods`.
    pub moods: Option<Value>,
}

store_fields!(Store { others, round, pongs, moods });

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
            (State::Waiting, Message::Pong(message)) => waiting_on_pong(step, message),
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

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Waiting => waiting_at_once(step),
            State::Idle | State::Done | State::Failed => Ok(Outcome::Unhandled),
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
fn idle_on_ask(
    step: &mut Step<'_, Asker>,
    others: Vec<PeerId>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on ask");
    step.store.others = others.clone();
    step.store.round = library::any_field(library::to_any(&1u64).at(18, 52)?);
    let ping = Ping {
        round: library::from_any::<u64>(&library::any_or_null(&step.store.round), "uint")
            .at(18, 55)?,
    };
    step.broadcast(&others, &ping).at(18, 55)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `PONG`.
fn waiting_on_pong(
    step: &mut Step<'_, Asker>,
    message: &Received<Pong>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect PONG");
    let repeated = step.store.pongs.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && library::to_any(&message.payload.round).at(19, 47)?
            == library::any_or_null(&step.store.round)
    {
        step.store.pongs.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WAITING, at once.
fn waiting_at_once(step: &mut Step<'_, Asker>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> DONE auto");
    if library::length_map(&step.store.pongs) >= ENOUGH {
        step.proceed().at(20, 5)?;
        step.store.moods = library::any_field(
            library::to_any(
                    &library::values(&step.store.pongs)
                        .iter()
                        .map(|p| p.mood.clone())
                        .collect::<Vec<_>>(),
                )
                .at(20, 65)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Asker>) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
