// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Witness of Escrow Lock.

use super::messages::{Message, Vote, WitnessRequest};
use super::types::Verdict;
use omt_runtime::typed::prelude::*;

/// States of [`Witness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `verdict`.
    pub verdict: Option<Value>,
}

store_fields!(Store { verdict });

/// judges.
pub struct Witness;

impl Actor for Witness {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Witness";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::WitnessRequest(message)) => {
                idle_on_witness_request(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `WITNESS_REQUEST`.
fn idle_on_witness_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on WITNESS_REQUEST");
    step.store.verdict = library::any_field(Value::text("ACCEPT"));
    let vote = Vote {
        reason: None,
        verdict: library::from_any::<
            Verdict,
        >(&library::any_or_null(&step.store.verdict), "Verdict")
            .at(121, 9)?,
    };
    step.send(message.sender, &vote).at(121, 9)?;
    step.enter(State::Done)
}
