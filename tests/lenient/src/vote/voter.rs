// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Voter of Vote.

use super::messages::{Ballot, Message, Outcome2, Question};
use super::types::Voice;
use omt_runtime::typed::prelude::*;

/// States of [`Voter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `VOTED`.
    Voted,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, VOTED => Voted, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `chair`.
    pub chair: Option<Value>,
    /// `voice`.
    pub voice: Option<Value>,
    /// `passed`.
    pub passed: Option<Value>,
    /// `yes`.
    pub yes: Option<Value>,
}

store_fields!(Store { chair, voice, passed, yes });

/// Actor `Voter`.
pub struct Voter;

impl Actor for Voter {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Voter";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Question(message)) => idle_on_question(step, message),
            (State::Voted, Message::Outcome2(message)) => voted_on_outcome(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `QUESTION`.
fn idle_on_question(
    step: &mut Step<'_, Voter>,
    message: &Received<Question>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> VOTED on QUESTION");
    step.store.chair = library::any_field(library::to_any(&message.sender).at(53, 17)?);
    step.store.voice = library::any_field(
        if library::length_text(&message.payload.text) > 5 {
            Value::text("YES")
        } else {
            Value::text("NO")
        },
    );
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.chair), "peer_id")
        .at(55, 14)?;
    let ballot = Ballot {
        reason: None,
        voice: library::from_any::<
            Voice,
        >(&library::any_or_null(&step.store.voice), "Voice")
            .at(55, 9)?,
    };
    step.send(to, &ballot).at(55, 9)?;
    step.enter(State::Voted)
}

/// In VOTED, on the message `OUTCOME`.
fn voted_on_outcome(
    step: &mut Step<'_, Voter>,
    message: &Received<Outcome2>,
) -> Result<Outcome, Raised> {
    step.consider(0, "VOTED -> DONE on OUTCOME");
    step.store.passed = library::any_field(
        library::to_any(&message.payload.passed).at(57, 38)?,
    );
    step.store.yes = library::any_field(
        library::to_any(&message.payload.yes).at(57, 46)?,
    );
    step.enter(State::Done)
}
