// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Listener of Mixed text.

use super::messages::{Echo, Line, Message};
use super::types::Level;
use omt_runtime::typed::prelude::*;

/// States of [`Listener`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `DONE`.
    Done,
    /// `IGNORED`.
    Ignored,
}
states!(State { IDLE => Idle, DONE => Done, IGNORED => Ignored });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `heard`.
    pub heard: Option<String>,
    /// `loud`.
    pub loud: Option<Value>,
}

store_fields!(Store { heard, loud });

/// Actor `Listener`.
pub struct Listener;

impl Actor for Listener {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Listener";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Ignored];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Line(message)) => idle_on_line(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `LINE`.
fn idle_on_line(
    step: &mut Step<'_, Listener>,
    message: &Received<Line>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on LINE");
    if library::contains(&[Level::Low, Level::High], &message.payload.level) {
        step.store.heard = Some(message.payload.text.clone());
        step.store.loud = library::any_field(
            library::to_any(&(message.payload.level == Level::High)).at(38, 16)?,
        );
        let echo = Echo {
            level: message.payload.level.to_string(),
            length: library::length_text(step.store.heard.as_ref().needed().at(39, 72)?),
        };
        step.send(message.sender, &echo).at(39, 9)?;
        return step.enter(State::Done);
    }

    step.consider(1, "IDLE -> IGNORED on LINE");
    step.store.heard = Some(message.payload.level.to_string());
    step.enter(State::Ignored)
}
