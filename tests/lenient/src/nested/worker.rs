// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Worker of Nested.

use super::messages::{Message, Plan, Report};
use omt_runtime::typed::prelude::*;

/// States of [`Worker`].
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
    /// `items`.
    pub items: Option<Value>,
    /// `cost`.
    pub cost: Option<Value>,
    /// `results`.
    pub results: Option<Value>,
}

store_fields!(Store { items, cost, results });

/// Actor `Worker`.
pub struct Worker;

impl Actor for Worker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Worker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Plan(message)) => idle_on_plan(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `PLAN`.
fn idle_on_plan(
    step: &mut Step<'_, Worker>,
    message: &Received<Plan>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on PLAN");
    if library::member(&message.payload.tasks, "done").at(38, 31)?
        == library::to_any(&false).at(38, 53)?
    {
        step.store.items = library::any_field(
            library::member(&message.payload.tasks, "items").at(39, 17)?,
        );
        step.store.cost = library::any_field(library::to_any(&0u64).at(40, 16)?);
        for item in if library::any_or_null(&step.store.items) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<Value>,
            >(&library::any_or_null(&step.store.items), "list<any>")
                .at(41, 21)?
        } {
            step.store.cost = library::any_field(
                library::to_any(
                        &library::narrow_i64(
                                library::add(
                                        i128::from(
                                            library::from_any::<
                                                i64,
                                            >(&library::any_or_null(&step.store.cost), "int")
                                                .at(42, 20)?,
                                        ),
                                        library::mul(
                                                i128::from(
                                                    library::from_any::<
                                                        i64,
                                                    >(
                                                            &library::member(
                                                                    &library::from_any_shaped::<
                                                                        Value,
                                                                    >(&item, "dict", library::Shape::Dict)
                                                                        .at(42, 27)?,
                                                                    "cost",
                                                                )
                                                                .at(42, 27)?,
                                                            "int",
                                                        )
                                                        .at(42, 27)?,
                                                ),
                                                i128::from(
                                                    *library::entry(
                                                            &message.payload.weights,
                                                            &"survey".to_owned(),
                                                        )
                                                        .at(42, 39)?,
                                                ),
                                            )
                                            .at(42, 27)?,
                                    )
                                    .at(42, 20)?,
                            )
                            .at(42, 20)?,
                    )
                    .at(42, 20)?,
            );
        }
        step.store.results = library::any_field(
            Value::record([
                ("cost", library::any_or_null(&step.store.cost)),
                ("who", library::to_any(&step.peer_id()).at(44, 36)?),
                (
                    "ids",
                    library::to_any(
                            &library::map(
                                &(if library::any_or_null(&step.store.items) == Value::Null
                                {
                                    Vec::new()
                                } else {
                                    library::from_any::<
                                        Vec<Value>,
                                    >(&library::any_or_null(&step.store.items), "list<any>")
                                        .at(44, 53)?
                                }),
                                |i| {
                                    library::member(
                                            &library::from_any_shaped::<
                                                Value,
                                            >(i, "dict", library::Shape::Dict)
                                                .at(44, 65)?,
                                            "id",
                                        )
                                        .at(44, 65)
                                },
                            )?,
                        )
                        .at(44, 49)?,
                ),
            ]),
        );
        let report = Report {
            results: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.results), "dict", library::Shape::Dict)
                .at(45, 9)?,
        };
        step.send(message.sender, &report).at(45, 9)?;
        return step.enter(State::Done);
    }
    step.refuse()
}
