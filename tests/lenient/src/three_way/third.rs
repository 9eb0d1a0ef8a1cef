// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Third of Three way.

use super::messages::{Final, Forward, Message};
use omt_runtime::typed::prelude::*;

/// States of [`Third`].
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
    /// `marks`.
    pub marks: Option<Value>,
}

store_fields!(Store { marks });

/// Actor `Third`.
pub struct Third;

impl Actor for Third {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Third";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Forward(message)) => idle_on_forward(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `FORWARD`.
fn idle_on_forward(
    step: &mut Step<'_, Third>,
    message: &Received<Forward>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on FORWARD");
    step.store.marks = library::any_field(
        library::to_any(
                &vec![
                    message.payload.mark.clone(), Value::record([("by", library::to_any(&
                    step.peer_id()).at(42, 37) ?), ("at", library::to_any(& step.now())
                    .at(42, 49) ?)])
                ],
            )
            .at(42, 17)?,
    );
    let r#final = Final {
        value: message.payload.value,
        marks: if library::any_or_null(&step.store.marks) == Value::Null {
            Vec::new()
        } else {
            library::from_any_shaped::<
                Vec<Value>,
            >(
                    &library::any_or_null(&step.store.marks),
                    "list<dict>",
                    library::Shape::List(&library::Shape::Dict),
                )
                .at(43, 9)?
        },
    };
    step.send(message.payload.first, &r#final).at(43, 9)?;
    step.enter(State::Done)
}
