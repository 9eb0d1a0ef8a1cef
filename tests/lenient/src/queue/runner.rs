// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Runner of Queue.

use super::messages::{DoneJob, Job, Message};
use omt_runtime::typed::prelude::*;

/// States of [`Runner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `RUNNING`.
    Running,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, RUNNING => Running, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `client`.
    pub client: Option<Value>,
    /// `left`.
    pub left: Option<Value>,
    /// `labels`.
    pub labels: Option<Value>,
    /// `jobs`.
    pub jobs: Option<Value>,
}

store_fields!(Store { client, left, labels, jobs });

/// Actor `Runner`.
pub struct Runner;

impl Actor for Runner {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Runner";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Job(message)) => idle_on_job(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Running => running_at_once(step),
            State::Idle | State::Done => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `JOB`.
fn idle_on_job(
    step: &mut Step<'_, Runner>,
    message: &Received<Job>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> RUNNING on JOB");
    step.store.client = library::any_field(library::to_any(&message.sender).at(30, 18)?);
    step.store.left = library::any_field(
        library::to_any(
                &library::length(
                    &(if message.payload.sizes.is_none() {
                        Vec::new()
                    } else {
                        message.payload.sizes.as_ref().needed().at(31, 23)?.clone()
                    }),
                ),
            )
            .at(31, 16)?,
    );
    step.store.labels = library::any_field(
        library::to_any(
                &library::length(
                    &(if message.payload.tags.is_none() {
                        Vec::new()
                    } else {
                        message.payload.tags.as_ref().needed().at(32, 25)?.clone()
                    }),
                ),
            )
            .at(32, 18)?,
    );
    step.store.jobs = library::any_field(
        library::to_any(
                &library::sort(
                    &(if message.payload.sizes.is_none() {
                        Vec::new()
                    } else {
                        message.payload.sizes.as_ref().needed().at(33, 21)?.clone()
                    }),
                ),
            )
            .at(33, 16)?,
    );
    step.enter(State::Running)
}

/// In RUNNING, at once.
fn running_at_once(step: &mut Step<'_, Runner>) -> Result<Outcome, Raised> {
    step.consider(0, "RUNNING -> DONE auto");
    if library::any_or_null(&step.store.left) == library::any_or_null(&step.store.labels)
    {
        step.proceed().at(35, 5)?;
        return step.enter(State::Done);
    }

    step.consider(1, "RUNNING -> RUNNING auto");
    step.proceed().at(36, 5)?;
    step.store.left = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        i128::from(
                            library::from_any::<
                                i64,
                            >(&library::any_or_null(&step.store.left), "int")
                                .at(37, 16)?,
                        ) - 1,
                    )
                    .at(37, 16)?,
            )
            .at(37, 16)?,
    );
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.client), "peer_id")
        .at(38, 14)?;
    let done_job = DoneJob {
        size: library::from_any::<
            u64,
        >(
                library::index(
                        &(if library::any_or_null(&step.store.jobs) == Value::Null {
                            Vec::new()
                        } else {
                            library::from_any::<
                                Vec<Value>,
                            >(&library::any_or_null(&step.store.jobs), "list<any>")
                                .at(38, 38)?
                        }),
                        i128::from(
                            library::from_any::<
                                i64,
                            >(&library::any_or_null(&step.store.left), "int")
                                .at(38, 43)?,
                        ),
                    )
                    .at(38, 38)?,
                "uint",
            )
            .at(38, 38)?,
        left: library::from_any::<u64>(&library::any_or_null(&step.store.left), "uint")
            .at(38, 9)?,
    };
    step.send(to, &done_job).at(38, 9)?;
    step.enter(State::Running)
}
