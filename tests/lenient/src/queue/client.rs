// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Client of Queue.

use super::messages::{DoneJob, Job, Message};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Client`].
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
    /// `runner`.
    pub runner: Option<PeerId>,
    /// `tags`.
    pub tags: Option<Vec<String>>,
    /// `sizes`.
    pub sizes: Option<Value>,
    /// `results`.
    pub results: Option<Value>,
}

store_fields!(Store { runner, tags, sizes, results });

/// Actor `Client`.
pub struct Client;

impl Actor for Client {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Client";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::DoneJob(message)) => {
                waiting_on_done_job(step, message)
            }
            (State::Done, Message::DoneJob(message)) => done_on_done_job(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "submit") => {
                idle_on_submit(step, arguments.get(0)?, arguments.get(1)?)
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

/// In IDLE, on the trigger `submit`.
fn idle_on_submit(
    step: &mut Step<'_, Client>,
    runner: PeerId,
    sizes: Vec<u64>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on submit");
    step.store.runner = Some(runner);
    step.store.sizes = library::any_field(library::to_any(&sizes).at(18, 47)?);
    let job = Job {
        sizes: Some(sizes.clone()),
        tags: step.store.tags.clone(),
    };
    step.send(runner, &job).at(18, 54)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `DONE_JOB`.
fn waiting_on_done_job(
    step: &mut Step<'_, Client>,
    message: &Received<DoneJob>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on DONE_JOB");
    if message.payload.left == 0 {
        step.store.results = library::any_field(
            library::to_any(
                    &library::concat(
                        &(if library::any_or_null(&step.store.results) == Value::Null {
                            Vec::new()
                        } else {
                            library::from_any::<
                                Vec<Value>,
                            >(&library::any_or_null(&step.store.results), "list<any>")
                                .at(19, 65)?
                        }),
                        &[library::to_any(&message.payload.size).at(19, 74)?],
                    ),
                )
                .at(19, 58)?,
        );
        return step.enter(State::Done);
    }

    step.consider(1, "WAITING -> WAITING on DONE_JOB");
    step.store.results = library::any_field(
        library::to_any(
                &library::concat(
                    &(if library::any_or_null(&step.store.results) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.results), "list<any>")
                            .at(20, 45)?
                    }),
                    &[library::to_any(&message.payload.size).at(20, 54)?],
                ),
            )
            .at(20, 38)?,
    );
    step.enter(State::Waiting)
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Client>) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}

/// In DONE, on the message `DONE_JOB`.
fn done_on_done_job(
    step: &mut Step<'_, Client>,
    message: &Received<DoneJob>,
) -> Result<Outcome, Raised> {
    step.consider(0, "DONE -> DONE on DONE_JOB");
    step.store.results = library::any_field(
        library::to_any(
                &library::concat(
                    &(if library::any_or_null(&step.store.results) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.results), "list<any>")
                            .at(22, 39)?
                    }),
                    &[library::to_any(&message.payload.size).at(22, 48)?],
                ),
            )
            .at(22, 32)?,
    );
    step.enter(State::Done)
}
