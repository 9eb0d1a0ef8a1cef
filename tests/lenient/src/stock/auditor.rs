// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Auditor of Stock.

use super::messages::{Levels, Message, Summary};
use omt_runtime::typed::prelude::*;

/// States of [`Auditor`].
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
    /// `seen`.
    pub seen: Option<Vec<u64>>,
    /// `all`.
    pub all: Option<Value>,
    /// `total`.
    pub total: Option<Value>,
    /// `largest`.
    pub largest: Option<Value>,
    /// `smallest`.
    pub smallest: Option<Value>,
    /// `sorted`.
    pub sorted: Option<Value>,
    /// `rest`.
    pub rest: Option<Value>,
}

store_fields!(Store { seen, all, total, largest, smallest, sorted, rest });

/// Actor `Auditor`.
pub struct Auditor;

impl Actor for Auditor {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Auditor";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Levels(message)) => idle_on_levels(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `LEVELS`.
fn idle_on_levels(
    step: &mut Step<'_, Auditor>,
    message: &Received<Levels>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on LEVELS");
    step.store.seen = Some(
        library::concat(
            &(if step.store.seen.is_none() {
                Vec::new()
            } else {
                step.store.seen.as_ref().needed().at(31, 16)?.clone()
            }),
            &[0],
        ),
    );
    step.store.all = library::any_field(
        library::to_any(
                &library::concat(&message.payload.levels, &message.payload.extra),
            )
            .at(32, 15)?,
    );
    step.store.total = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        library::sum(
                                library::from_any::<
                                    Vec<i64>,
                                >(
                                        &library::to_any(
                                                &(if library::any_or_null(&step.store.all) == Value::Null {
                                                    Vec::new()
                                                } else {
                                                    library::from_any::<
                                                        Vec<Value>,
                                                    >(&library::any_or_null(&step.store.all), "list<any>")
                                                        .at(33, 21)?
                                                }),
                                            )
                                            .at(33, 21)?,
                                        "list<int>",
                                    )
                                    .at(33, 21)?
                                    .iter()
                                    .map(|&x| i128::from(x)),
                            )
                            .at(33, 17)?,
                    )
                    .at(33, 17)?,
            )
            .at(33, 17)?,
    );
    step.store.largest = library::any_field(library::to_any(&0u64).at(34, 19)?);
    step.store.smallest = library::any_field(library::to_any(&1000u64).at(35, 20)?);
    for level in if library::any_or_null(&step.store.all) == Value::Null {
        Vec::new()
    } else {
        library::from_any::<
            Vec<Value>,
        >(&library::any_or_null(&step.store.all), "list<any>")
            .at(36, 22)?
    } {
        step.store.largest = library::any_field(
            library::to_any(
                    &library::narrow_i64(
                            i128::from(
                                    library::from_any::<
                                        i64,
                                    >(&library::any_or_null(&step.store.largest), "int")
                                        .at(37, 27)?,
                                )
                                .max(
                                    i128::from(
                                        library::from_any::<i64>(&level, "int").at(37, 36)?,
                                    ),
                                ),
                        )
                        .at(37, 23)?,
                )
                .at(37, 23)?,
        );
        step.store.smallest = library::any_field(
            library::to_any(
                    &library::narrow_i64(
                            i128::from(
                                    library::from_any::<
                                        i64,
                                    >(&library::any_or_null(&step.store.smallest), "int")
                                        .at(38, 28)?,
                                )
                                .min(
                                    i128::from(
                                        library::from_any::<i64>(&level, "int").at(38, 38)?,
                                    ),
                                ),
                        )
                        .at(38, 24)?,
                )
                .at(38, 24)?,
        );
        step.store.seen = Some(
            library::concat(
                &(if step.store.seen.is_none() {
                    Vec::new()
                } else {
                    step.store.seen.as_ref().needed().at(39, 20)?.clone()
                }),
                &[library::from_any::<u64>(&level, "uint").at(39, 26)?],
            ),
        );
    }
    step.store.sorted = library::any_field(
        library::to_any(
                &library::sort(
                    &(if library::any_or_null(&step.store.all) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.all), "list<any>")
                            .at(41, 23)?
                    }),
                ),
            )
            .at(41, 18)?,
    );
    step.store.rest = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        i128::from(
                            library::from_any::<
                                i64,
                            >(&library::any_or_null(&step.store.total), "int")
                                .at(42, 16)?,
                        )
                            - i128::from(
                                library::length(
                                    &(if step.store.seen.is_none() {
                                        Vec::new()
                                    } else {
                                        step.store.seen.as_ref().needed().at(42, 31)?.clone()
                                    }),
                                ),
                            ),
                    )
                    .at(42, 16)?,
            )
            .at(42, 16)?,
    );
    if library::from_any::<i64>(&library::any_or_null(&step.store.rest), "int")
        .at(43, 12)? < 0
    {
        step.store.total = library::any_field(
            library::to_any(
                    &library::narrow_i64(
                            0
                                - i128::from(
                                    library::from_any::<
                                        i64,
                                    >(&library::any_or_null(&step.store.total), "int")
                                        .at(43, 40)?,
                                ),
                        )
                        .at(43, 36)?,
                )
                .at(43, 36)?,
        );
    }
    let summary = Summary {
        total: library::from_any::<i64>(&library::any_or_null(&step.store.total), "int")
            .at(44, 9)?,
        largest: library::from_any::<
            i64,
        >(&library::any_or_null(&step.store.largest), "int")
            .at(44, 9)?,
        smallest: library::from_any::<
            i64,
        >(&library::any_or_null(&step.store.smallest), "int")
            .at(44, 9)?,
        sorted: if library::any_or_null(&step.store.sorted) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<u64>,
            >(&library::any_or_null(&step.store.sorted), "list<uint>")
                .at(44, 9)?
        },
    };
    step.send(message.sender, &summary).at(44, 9)?;
    step.enter(State::Done)
}
