// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Planner of Nested.

use super::messages::{Message, Plan, Report};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Planner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WORKING`.
    Working,
    /// `DONE`.
    Done,
    /// `LATE`.
    Late,
}
states!(State { IDLE => Idle, WORKING => Working, DONE => Done, LATE => Late });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `workers`.
    pub workers: Vec<PeerId>,
    /// `tasks`.
    pub tasks: Option<Value>,
    /// `weights`.
    pub weights: Option<Value>,
    /// `reports`.
    pub reports: Option<Value>,
    /// `costs`.
    pub costs: Option<Value>,
    /// `first_cost`.
    pub first_cost: Option<Value>,
    /// `same`.
    pub same: Option<Value>,
}

store_fields!(Store { workers, tasks, weights, reports, costs, first_cost, same });

/// Actor `Planner`.
pub struct Planner;

impl Actor for Planner {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Planner";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Late];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Working, Message::Report(message)) => {
                working_on_report(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "plan") => idle_on_plan(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Working, 0) => working_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Working => working_at_once(step),
            State::Idle | State::Done | State::Late => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Working {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `plan`.
fn idle_on_plan(
    step: &mut Step<'_, Planner>,
    workers: Vec<PeerId>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WORKING on plan");
    step.store.workers = workers.clone();
    step.store.tasks = library::any_field(
        Value::record([
            ("name", Value::text("survey")),
            (
                "items",
                library::to_any(
                        &vec![
                            Value::record([("id", library::to_any(& 1u64).at(20, 46) ?),
                            ("cost", library::to_any(& 5u64).at(20, 54) ?)]),
                            Value::record([("id", library::to_any(& 2u64).at(20, 64) ?),
                            ("cost", library::to_any(& 7u64).at(20, 72) ?)])
                        ],
                    )
                    .at(20, 40)?,
            ),
            ("done", library::to_any(&false).at(20, 83)?),
        ]),
    );
    step.store.weights = library::any_field(
        Value::record([
            ("survey", library::to_any(&2u64).at(21, 28)?),
            ("repair", library::to_any(&3u64).at(21, 38)?),
        ]),
    );
    let plan = Plan {
        tasks: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.tasks), "dict", library::Shape::Dict)
            .at(22, 9)?,
        weights: if library::any_or_null(&step.store.weights) == Value::Null {
            Map::new()
        } else {
            library::from_any::<
                Map<String, u64>,
            >(&library::any_or_null(&step.store.weights), "map<string, uint>")
                .at(22, 9)?
        },
    };
    step.broadcast(&workers, &plan).at(22, 9)?;
    step.enter(State::Working)
}

/// In WORKING, on the message `REPORT`.
fn working_on_report(
    step: &mut Step<'_, Planner>,
    message: &Received<Report>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WORKING -> WORKING on REPORT");
    if !(if library::any_or_null(&step.store.reports) == Value::Null {
        Map::new()
    } else {
        library::from_any::<
            Map<PeerId, Value>,
        >(&library::any_or_null(&step.store.reports), "map<peer_id, any>")
            .at(24, 51)?
    })
        .contains_key(&message.sender)
    {
        step.store.reports = library::any_field(
            library::to_any(
                    &library::with(
                        &(if library::any_or_null(&step.store.reports) == Value::Null {
                            Map::new()
                        } else {
                            library::from_any::<
                                Map<PeerId, Value>,
                            >(
                                    &library::any_or_null(&step.store.reports),
                                    "map<peer_id, any>",
                                )
                                .at(25, 9)?
                        }),
                        message.sender,
                        message.payload.results.clone(),
                    ),
                )
                .at(25, 9)?,
        );
        return step.enter(State::Working);
    }
    step.refuse()
}

/// In WORKING, at once.
fn working_at_once(step: &mut Step<'_, Planner>) -> Result<Outcome, Raised> {
    step.consider(1, "WORKING -> DONE auto");
    if library::length_map(
        &(if library::any_or_null(&step.store.reports) == Value::Null {
            Map::new()
        } else {
            library::from_any::<
                Map<PeerId, Value>,
            >(&library::any_or_null(&step.store.reports), "map<peer_id, any>")
                .at(27, 38)?
        }),
    ) == library::length(&step.store.workers)
    {
        step.proceed().at(27, 5)?;
        step.store.costs = library::any_field(
            library::to_any(
                    &library::map(
                        &library::values(
                            &(if library::any_or_null(&step.store.reports) == Value::Null
                            {
                                Map::new()
                            } else {
                                library::from_any::<
                                    Map<PeerId, Value>,
                                >(
                                        &library::any_or_null(&step.store.reports),
                                        "map<peer_id, any>",
                                    )
                                    .at(28, 28)?
                            }),
                        ),
                        |r| {
                            library::member(
                                    &library::from_any_shaped::<
                                        Value,
                                    >(r, "dict", library::Shape::Dict)
                                        .at(28, 43)?,
                                    "cost",
                                )
                                .at(28, 43)
                        },
                    )?,
                )
                .at(28, 17)?,
        );
        step.store.first_cost = library::any_field(
            library::index(
                    &(if library::any_or_null(&step.store.costs) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.costs), "list<any>")
                            .at(29, 22)?
                    }),
                    0,
                )
                .at(29, 22)?
                .clone(),
        );
        step.store.same = library::any_field(
            library::to_any(
                    &(if library::any_or_null(&step.store.costs) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.costs), "list<any>")
                            .at(30, 20)?
                    })
                        .iter()
                        .all(|c| *c == library::any_or_null(&step.store.first_cost)),
                )
                .at(30, 16)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WORKING, on `timeout(WAIT)`.
fn working_on_timeout_wait(step: &mut Step<'_, Planner>) -> Result<Outcome, Raised> {
    step.consider(2, "WORKING -> LATE on timeout(WAIT)");
    step.enter(State::Late)
}
