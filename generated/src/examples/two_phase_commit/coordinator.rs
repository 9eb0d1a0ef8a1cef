// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Coordinator of Two-Phase Commit.

use super::messages::{Abort, Commit, Message, Prepare, Vote};
use super::parameters::VOTE_TIMEOUT;
use super::types::Answer;
use omt_runtime::typed::prelude::*;

/// States of [`Coordinator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing to do yet.
    Idle,
    /// Votes come in.
    Collecting,
    /// Everybody does it.
    Committed,
    /// Nobody does it.
    Aborted,
}
states!(State {
    IDLE => Idle,
    COLLECTING => Collecting,
    COMMITTED => Committed,
    ABORTED => Aborted,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `participants`.
    pub participants: Vec<PeerId>,
    /// `change`.
    pub change: Option<u64>,
    /// `votes`.
    pub votes: Map<PeerId, Vote>,
}

store_fields!(Store { session_id, participants, change, votes });

/// Asks, counts and decides.
pub struct Coordinator;

impl Actor for Coordinator {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Coordinator";
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
            "VOTE" => store.participants.names(sender),
            _ => true,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Collecting, Message::Vote(message)) => {
                collecting_on_vote(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "begin") => {
                idle_on_begin(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Collecting, 0) => collecting_on_timeout_vote_timeout(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Collecting => collecting_at_once(step),
            State::Idle | State::Committed | State::Aborted => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Collecting {
            timers.after(0, VOTE_TIMEOUT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `begin`.
fn idle_on_begin(
    step: &mut Step<'_, Coordinator>,
    participants: Vec<PeerId>,
    change: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> COLLECTING on begin");
    if library::length(&participants) > 0 {
        step.store.participants = participants.clone();
        step.store.change = Some(change);
        let prepare = Prepare {
            change: step.store.change.needed().at(39, 9)?,
        };
        step.broadcast(&participants, &prepare).at(39, 9)?;
        return step.enter(State::Collecting);
    }
    step.refuse()
}

/// In COLLECTING, on the message `VOTE`.
fn collecting_on_vote(
    step: &mut Step<'_, Coordinator>,
    message: &Received<Vote>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect VOTE");
    let repeated = step.store.votes.repeats(&message.sender, &message.payload);
    if repeated.is_none() {
        step.store.votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING, at once.
fn collecting_at_once(step: &mut Step<'_, Coordinator>) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING -> ABORTED auto");
    if library::values(&step.store.votes).iter().any(|v| v.answer == Answer::No) {
        step.proceed().at(42, 5)?;
        step.broadcast(&step.store.participants, &Abort {}).at(43, 9)?;
        return step.enter(State::Aborted);
    }

    step.consider(2, "COLLECTING -> COMMITTED auto");
    if library::length_map(&step.store.votes)
        == library::length(&step.store.participants)
    {
        step.proceed().at(45, 5)?;
        step.broadcast(&step.store.participants, &Commit {}).at(46, 9)?;
        return step.enter(State::Committed);
    }
    step.refuse()
}

/// In COLLECTING, on `timeout(VOTE_TIMEOUT)`.
fn collecting_on_timeout_vote_timeout(
    step: &mut Step<'_, Coordinator>,
) -> Result<Outcome, Raised> {
    step.consider(3, "COLLECTING -> ABORTED on timeout(VOTE_TIMEOUT)");
    step.broadcast(&step.store.participants, &Abort {}).at(49, 9)?;
    step.enter(State::Aborted)
}
