// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Seen of Head hash.

use super::blocks::Note;
use super::messages::{Look, Message, Show};
use omt_runtime::typed::prelude::*;

/// States of [`Seen`].
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
    /// `first_time`.
    pub first_time: Option<Value>,
    /// `part`.
    pub part: Option<Value>,
}

store_fields!(Store { first_time, part });

/// Actor `Seen`.
pub struct Seen;

impl Actor for Seen {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Seen";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Look(message)) => idle_on_look(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `LOOK`.
fn idle_on_look(
    step: &mut Step<'_, Seen>,
    message: &Received<Look>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on LOOK");
    let note = Note {
        text: "looked_at".to_owned(),
    };
    step.append(note).at(38, 9)?;
    if message.payload.known.is_none() {
        step.store.first_time = library::any_field(library::to_any(&true).at(39, 54)?);
    }
    step.store.part = library::any_field(
        library::to_any(
                &library::chain_segment(&step.chain(), &step.chain().head_hash())
                    .at(40, 16)?,
            )
            .at(40, 16)?,
    );
    let show = Show {
        head: step.chain().head_hash(),
        part: library::from_any::<
            Segment,
        >(&library::any_or_null(&step.store.part), "segment")
            .at(41, 9)?,
    };
    step.send(message.sender, &show).at(41, 9)?;
    step.enter(State::Done)
}
