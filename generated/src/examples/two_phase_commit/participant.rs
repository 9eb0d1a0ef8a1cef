// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Participant of Two-Phase Commit.

use super::messages::{Message, Prepare, Vote};
use super::parameters::WORK_TIMEOUT;
use super::types::Answer;
use omt_runtime::typed::prelude::*;

/// States of [`Participant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing asked yet.
    Idle,
    /// Finding out whether it can be done.
    Working,
    /// Has promised, and waits for the order as long as it takes.
    Prepared,
    /// Done.
    Committed,
    /// Not done.
    Aborted,
}
states!(State {
    IDLE => Idle,
    WORKING => Working,
    PREPARED => Prepared,
    COMMITTED => Committed,
    ABORTED => Aborted,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `coordinator`.
    pub coordinator: Option<PeerId>,
}

store_fields!(Store { session_id, coordinator });

/// Does its part of the change.
pub struct Participant;

impl Actor for Participant {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Participant";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Committed, State::Aborted];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "PREPARE" | "COMMIT" | "ABORT" => store.coordinator.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "PREPARE" | "COMMIT" | "ABORT" => {
                library::bind(&mut store.coordinator, sender)
            }
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Prepare(message)) => idle_on_prepare(step, message),
            (State::Working, Message::Abort(_)) => working_on_abort(step),
            (State::Prepared, Message::Commit(_)) => prepared_on_commit(step),
            (State::Prepared, Message::Abort(_)) => prepared_on_abort(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_task(
        step: &mut Step<'_, Self>,
        name: &str,
        result: TaskResult<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Working, "do_work") => working_on_do_work(step, result.get()?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Working, 0) => working_on_timeout_work_timeout(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Working {
            timers.after(0, WORK_TIMEOUT);
        }
        Ok(())
    }
}

/// In IDLE, on the message `PREPARE`.
fn idle_on_prepare(
    step: &mut Step<'_, Participant>,
    message: &Received<Prepare>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WORKING on PREPARE");
    step.start("do_work", &[&message.payload.change]);
    step.enter(State::Working)
}

/// In WORKING, when the task `do_work` has ended.
fn working_on_do_work(
    step: &mut Step<'_, Participant>,
    task_result: Option<bool>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WORKING -> PREPARED on do_work");
    if task_result == Some(true) {
        let to = step.store.coordinator.needed().at(67, 14)?;
        let vote = Vote { answer: Answer::Yes };
        step.send(to, &vote).at(67, 9)?;
        return step.enter(State::Prepared);
    }
    step.otherwise(0, "WORKING -> PREPARED on do_work");
    let to = step.store.coordinator.needed().at(69, 14)?;
    let vote = Vote { answer: Answer::No };
    step.send(to, &vote).at(69, 9)?;
    step.enter(State::Aborted)
}

/// In WORKING, on `timeout(WORK_TIMEOUT)`.
fn working_on_timeout_work_timeout(
    step: &mut Step<'_, Participant>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WORKING -> ABORTED on timeout(WORK_TIMEOUT)");
    let to = step.store.coordinator.needed().at(72, 14)?;
    let vote = Vote { answer: Answer::No };
    step.send(to, &vote).at(72, 9)?;
    step.enter(State::Aborted)
}

/// In WORKING, on the message `ABORT`.
fn working_on_abort(step: &mut Step<'_, Participant>) -> Result<Outcome, Raised> {
    step.consider(2, "WORKING -> ABORTED on ABORT");
    step.enter(State::Aborted)
}

/// In PREPARED, on the message `COMMIT`.
fn prepared_on_commit(step: &mut Step<'_, Participant>) -> Result<Outcome, Raised> {
    step.consider(0, "PREPARED -> COMMITTED on COMMIT");
    step.enter(State::Committed)
}

/// In PREPARED, on the message `ABORT`.
fn prepared_on_abort(step: &mut Step<'_, Participant>) -> Result<Outcome, Raised> {
    step.consider(1, "PREPARED -> ABORTED on ABORT");
    step.enter(State::Aborted)
}
