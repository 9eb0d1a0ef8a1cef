// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Mirror of Mirror.

use super::messages::{Message, That, This};
use omt_runtime::typed::prelude::*;

/// States of [`Mirror`].
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
    /// `kept`.
    pub kept: Option<Value>,
    /// `same`.
    pub same: Option<Value>,
    /// `number`.
    pub number: Option<Value>,
    /// `kind`.
    pub kind: Option<Value>,
}

store_fields!(Store { kept, same, number, kind });

/// Actor `Mirror`.
pub struct Mirror;

impl Actor for Mirror {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Mirror";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::This(message)) => idle_on_this(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `THIS`.
fn idle_on_this(
    step: &mut Step<'_, Mirror>,
    message: &Received<This>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on THIS");
    step.store.kept = library::any_field(message.payload.what.clone());
    step.store.same = library::any_field(
        library::to_any(
                &(*library::index(&message.payload.again, 0).at(33, 16)?
                    == library::any_or_null(&step.store.kept)
                    && *library::entry(&message.payload.by_name, &"b".to_owned())
                        .at(33, 45)? == Value::Null),
            )
            .at(33, 16)?,
    );
    step.store.number = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        i128::from(
                            library::from_any::<
                                i64,
                            >(
                                    library::index(&message.payload.again, 1).at(34, 18)?,
                                    "int",
                                )
                                .at(34, 18)?,
                        ) + i128::from(library::length(&message.payload.again)),
                    )
                    .at(34, 18)?,
            )
            .at(34, 18)?,
    );
    step.store.kind = library::any_field(
        if library::from_any::<bool>(&library::any_or_null(&step.store.same), "bool")
            .at(35, 19)?
        {
            library::member(
                    &library::from_any_shaped::<
                        Value,
                    >(
                            &library::any_or_null(&step.store.kept),
                            "dict",
                            library::Shape::Dict,
                        )
                        .at(35, 29)?,
                    "kind",
                )
                .at(35, 29)?
        } else {
            Value::Null
        },
    );
    let that = That {
        what: library::any_or_null(&step.store.kept),
        size: library::member(
                &library::from_any_shaped::<
                    Value,
                >(&library::any_or_null(&step.store.kept), "dict", library::Shape::Dict)
                    .at(36, 53)?,
                "size",
            )
            .at(36, 53)?,
        kind: library::any_or_null(&step.store.kind),
    };
    step.send(message.sender, &that).at(36, 9)?;
    step.enter(State::Done)
}
