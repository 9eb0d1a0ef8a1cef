// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Depot of Stock.

use super::messages::{Levels, Message, Summary};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Depot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `SENT`.
    Sent,
    /// `DONE`.
    Done,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, SENT => Sent, DONE => Done, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `auditor`.
    pub auditor: Option<PeerId>,
    /// `levels`.
    pub levels: Option<Value>,
    /// `ordered`.
    pub ordered: Option<Value>,
    /// `middle`.
    pub middle: Option<Value>,
}

store_fields!(Store { auditor, levels, ordered, middle });

/// Actor `Depot`.
pub struct Depot;

impl Actor for Depot {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Depot";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Sent, Message::Summary(message)) => sent_on_summary(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "fill") => {
                idle_on_fill(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Sent, 0) => sent_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Sent {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `fill`.
fn idle_on_fill(
    step: &mut Step<'_, Depot>,
    auditor: PeerId,
    levels: Vec<u64>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SENT on fill");
    step.store.auditor = Some(auditor);
    step.store.levels = library::any_field(library::to_any(&levels).at(18, 43)?);
    let levels_2 = Levels {
        levels: if library::any_or_null(&step.store.levels) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<u64>,
            >(&library::any_or_null(&step.store.levels), "list<uint>")
                .at(18, 51)?
        },
        extra: Vec::new(),
    };
    step.send(auditor, &levels_2).at(18, 51)?;
    step.enter(State::Sent)
}

/// In SENT, on the message `SUMMARY`.
fn sent_on_summary(
    step: &mut Step<'_, Depot>,
    message: &Received<Summary>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SENT -> DONE on SUMMARY");
    if message.payload.total == 27 && message.payload.largest == 15
        && message.payload.smallest == 4
    {
        step.store.ordered = library::any_field(
            library::to_any(&message.payload.sorted).at(20, 19)?,
        );
        step.store.middle = library::any_field(
            library::index(
                    &(if library::any_or_null(&step.store.ordered) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.ordered), "list<any>")
                            .at(21, 18)?
                    }),
                    1,
                )
                .at(21, 18)?
                .clone(),
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In SENT, on `timeout(WAIT)`.
fn sent_on_timeout_wait(step: &mut Step<'_, Depot>) -> Result<Outcome, Raised> {
    step.consider(1, "SENT -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
