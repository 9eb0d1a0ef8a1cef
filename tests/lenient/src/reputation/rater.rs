// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Rater of Reputation.

use super::messages::{Message, Opinions, Ranking};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Rater`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `DONE`.
    Done,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, WAITING => Waiting, DONE => Done, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `judge`.
    pub judge: Option<PeerId>,
    /// `others`.
    pub others: Option<Value>,
    /// `n`.
    pub n: Option<Value>,
    /// `scores`.
    pub scores: Option<Value>,
    /// `bonus`.
    pub bonus: Option<Value>,
    /// `ranking`.
    pub ranking: Option<Value>,
}

store_fields!(Store { judge, others, n, scores, bonus, ranking });

/// Actor `Rater`.
pub struct Rater;

impl Actor for Rater {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Rater";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Ranking(message)) => {
                waiting_on_ranking(step, message)
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
            (State::Idle, "rate") => {
                idle_on_rate(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Waiting, 0) => waiting_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Waiting {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `rate`.
fn idle_on_rate(
    step: &mut Step<'_, Rater>,
    judge: PeerId,
    others: Vec<PeerId>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on rate");
    step.store.judge = Some(judge);
    step.store.others = library::any_field(library::to_any(&others).at(19, 22)?);
    step.store.n = library::any_field(library::to_any(&1u64).at(20, 13)?);
    for other in others.clone() {
        step.store.scores = library::any_field(
            library::to_any(
                    &library::with(
                        &(if library::any_or_null(&step.store.scores) == Value::Null {
                            Map::new()
                        } else {
                            library::from_any::<
                                Map<PeerId, Value>,
                            >(
                                    &library::any_or_null(&step.store.scores),
                                    "map<peer_id, any>",
                                )
                                .at(22, 13)?
                        }),
                        other,
                        library::any_or_null(&step.store.n),
                    ),
                )
                .at(22, 13)?,
        );
        step.store.n = library::any_field(
            library::to_any(
                    &library::narrow_u64(
                            i128::from(
                                library::from_any::<
                                    u64,
                                >(&library::any_or_null(&step.store.n), "uint")
                                    .at(23, 17)?,
                            ) * 2,
                        )
                        .at(23, 17)?,
                )
                .at(23, 17)?,
        );
    }
    step.store.scores = library::any_field(
        library::to_any(
                &library::with(
                    &(if library::any_or_null(&step.store.scores) == Value::Null {
                        Map::new()
                    } else {
                        library::from_any::<
                            Map<PeerId, Value>,
                        >(&library::any_or_null(&step.store.scores), "map<peer_id, any>")
                            .at(25, 9)?
                    }),
                    step.peer_id(),
                    library::to_any(&0u64).at(25, 27)?,
                ),
            )
            .at(25, 9)?,
    );
    step.store.bonus = library::any_field(
        Value::record([
            ("amount", library::to_any(&3u64).at(26, 26)?),
            ("who", library::to_any(library::index(&others, 0).at(26, 33)?).at(26, 33)?),
        ]),
    );
    let opinions = Opinions {
        scores: if library::any_or_null(&step.store.scores) == Value::Null {
            Map::new()
        } else {
            library::from_any::<
                Map<PeerId, u64>,
            >(&library::any_or_null(&step.store.scores), "map<peer_id, uint>")
                .at(27, 9)?
        },
        bonus: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.bonus), "dict", library::Shape::Dict)
            .at(27, 9)?,
    };
    step.send(judge, &opinions).at(27, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `RANKING`.
fn waiting_on_ranking(
    step: &mut Step<'_, Rater>,
    message: &Received<Ranking>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on RANKING");
    if library::contains(
        &(if library::any_or_null(&step.store.others) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<Value>,
            >(&library::any_or_null(&step.store.others), "list<any>")
                .at(29, 53)?
        }),
        &library::to_any(&message.payload.best).at(29, 37)?,
    ) {
        step.store.ranking = library::any_field(
            library::to_any(&message.payload.ranking).at(29, 72)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Rater>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
