// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Verifier of Chain check.

use super::messages::{Chain, Message, Verdict};
use omt_runtime::typed::prelude::*;

/// States of [`Verifier`].
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
    /// `chain_data`.
    pub chain_data: Option<Segment>,
    /// `known`.
    pub known: Option<Value>,
}

store_fields!(Store { chain_data, known });

/// Actor `Verifier`.
pub struct Verifier;

impl Actor for Verifier {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Verifier";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Chain(message)) => idle_on_chain(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `CHAIN`.
fn idle_on_chain(
    step: &mut Step<'_, Verifier>,
    message: &Received<Chain>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on CHAIN");
    step.store.chain_data = Some(message.payload.segment_bytes.clone());
    step.store.known = library::any_field(
        library::to_any(
                &step
                    .store
                    .chain_data
                    .as_ref()
                    .needed()
                    .at(37, 37)?
                    .contains(&message.payload.head),
            )
            .at(37, 17)?,
    );
    let verdict = Verdict {
        valid: library::from_any::<
            bool,
        >(&library::any_or_null(&step.store.known), "bool")
            .at(38, 46)?
            && library::verify_chain_segment(
                step.store.chain_data.as_ref().needed().at(38, 77)?,
            ),
        height: message.payload.segment_bytes.height(),
    };
    step.send(message.sender, &verdict).at(38, 9)?;
    step.enter(State::Done)
}
