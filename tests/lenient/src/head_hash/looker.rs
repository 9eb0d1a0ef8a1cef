// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Looker of Head hash.

use super::messages::{Look, Message, Show};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Looker`].
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
    /// `other`.
    pub other: Option<PeerId>,
    /// `known`.
    pub known: Option<Value>,
    /// `height`.
    pub height: Option<Value>,
    /// `part`.
    pub part: Option<Value>,
    /// `state_at`.
    pub state_at: Option<Value>,
    /// `length`.
    pub length: Option<Value>,
}

store_fields!(Store { other, known, height, part, state_at, length });

/// Actor `Looker`.
pub struct Looker;

impl Actor for Looker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Looker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Show(message)) => waiting_on_show(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "look") => idle_on_look(step, arguments.get(0)?),
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

/// In IDLE, on the trigger `look`.
fn idle_on_look(step: &mut Step<'_, Looker>, other: PeerId) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on look");
    step.store.other = Some(other);
    step.store.known = library::any_field(
        library::to_any(&step.read(&other).map(|known| known.head)).at(22, 24)?,
    );
    step.store.height = library::any_field(
        library::to_any(&step.read(&other).map(|known| known.height)).at(23, 25)?,
    );
    let look = Look {
        known: library::from_any::<
            Option<Hash>,
        >(&library::any_or_null(&step.store.known), "hash?")
            .at(24, 9)?,
        height: library::from_any::<
            Option<u64>,
        >(&library::any_or_null(&step.store.height), "uint?")
            .at(24, 9)?,
    };
    step.send(other, &look).at(24, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `SHOW`.
fn waiting_on_show(
    step: &mut Step<'_, Looker>,
    message: &Received<Show>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on SHOW");
    if message.payload.part.height() >= 0 {
        step.store.part = library::any_field(
            library::to_any(&message.payload.part).at(27, 21)?,
        );
        step.store.state_at = library::any_field(
            library::to_any(
                    &library::from_any::<
                        Segment,
                    >(&library::any_or_null(&step.store.part), "segment")
                        .at(28, 40)?
                        .state_at(&message.payload.head),
                )
                .at(28, 25)?,
        );
        step.store.length = library::any_field(
            if library::any_or_null(&step.store.state_at) == Value::Null {
                library::to_any(&0u64).at(29, 43)?
            } else {
                library::member(
                        &library::from_any_shaped::<
                            Value,
                        >(
                                &library::any_or_null(&step.store.state_at),
                                "dict",
                                library::Shape::Dict,
                            )
                            .at(29, 50)?,
                        "sequence",
                    )
                    .at(29, 50)?
            },
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Looker>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
