// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Answerer of Gather.

use super::messages::{Message, Ping, Pong};
use omt_runtime::typed::prelude::*;

/// States of [`Answerer`].
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
pub struct Store {}

store_fields!(Store {  });

/// Actor `Answerer`.
pub struct Answerer;

impl Actor for Answerer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Answerer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Ping(message)) => idle_on_ping(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `PING`.
fn idle_on_ping(
    step: &mut Step<'_, Answerer>,
    message: &Received<Ping>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on PING");
    let pong = Pong {
        round: message.payload.round,
        mood: "fine".to_owned(),
    };
    step.send(message.sender, &pong).at(27, 28)?;
    step.enter(State::Done)
}
