// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Judge of Reputation.

use super::messages::{Message, Opinions, Ranking};
use omt_runtime::typed::prelude::*;

/// States of [`Judge`].
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
    /// `totals`.
    pub totals: Option<Value>,
    /// `who`.
    pub who: Option<Value>,
    /// `ranking`.
    pub ranking: Option<Value>,
    /// `best`.
    pub best: Option<Value>,
}

store_fields!(Store { totals, who, ranking, best });

/// Actor `Judge`.
pub struct Judge;

impl Actor for Judge {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Judge";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Opinions(message)) => idle_on_opinions(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `OPINIONS`.
fn idle_on_opinions(
    step: &mut Step<'_, Judge>,
    message: &Received<Opinions>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on OPINIONS");
    step.store.totals = library::any_field(
        library::to_any(&message.payload.scores).at(37, 18)?,
    );
    step.store.who = library::any_field(
        library::member(&message.payload.bonus, "who").at(38, 15)?,
    );
    step.store.totals = library::any_field(
        library::to_any(
                &library::with(
                    &(if library::any_or_null(&step.store.totals) == Value::Null {
                        Map::new()
                    } else {
                        library::from_any::<
                            Map<PeerId, Value>,
                        >(&library::any_or_null(&step.store.totals), "map<peer_id, any>")
                            .at(39, 9)?
                    }),
                    library::from_any::<
                        PeerId,
                    >(&library::any_or_null(&step.store.who), "peer_id")
                        .at(39, 16)?,
                    library::to_any(
                            &library::narrow_i64(
                                    i128::from(
                                        library::from_any::<
                                            i64,
                                        >(
                                                &library::get_or(
                                                    &(if library::any_or_null(&step.store.totals) == Value::Null
                                                    {
                                                        Map::new()
                                                    } else {
                                                        library::from_any::<
                                                            Map<PeerId, Value>,
                                                        >(
                                                                &library::any_or_null(&step.store.totals),
                                                                "map<peer_id, any>",
                                                            )
                                                            .at(39, 27)?
                                                    }),
                                                    &library::from_any::<
                                                        PeerId,
                                                    >(&library::any_or_null(&step.store.who), "peer_id")
                                                        .at(39, 35)?,
                                                    library::to_any(&0u64).at(39, 40)?,
                                                ),
                                                "int",
                                            )
                                            .at(39, 23)?,
                                    )
                                        + i128::from(
                                            library::from_any::<
                                                i64,
                                            >(
                                                    &library::member(&message.payload.bonus, "amount")
                                                        .at(39, 45)?,
                                                    "int",
                                                )
                                                .at(39, 45)?,
                                        ),
                                )
                                .at(39, 23)?,
                        )
                        .at(39, 23)?,
                ),
            )
            .at(39, 9)?,
    );
    step.store.totals = library::any_field(
        library::to_any(
                &library::without(
                    &(if library::any_or_null(&step.store.totals) == Value::Null {
                        Map::new()
                    } else {
                        library::from_any::<
                            Map<PeerId, Value>,
                        >(&library::any_or_null(&step.store.totals), "map<peer_id, any>")
                            .at(40, 26)?
                    }),
                    &step.peer_id(),
                ),
            )
            .at(40, 18)?,
    );
    step.store.ranking = library::any_field(
        library::to_any(
                &library::sort_by(
                    &library::keys(
                        &(if library::any_or_null(&step.store.totals) == Value::Null {
                            Map::new()
                        } else {
                            library::from_any::<
                                Map<PeerId, Value>,
                            >(
                                    &library::any_or_null(&step.store.totals),
                                    "map<peer_id, any>",
                                )
                                .at(41, 32)?
                        }),
                    ),
                    |&k| {
                        library::narrow_i64(
                                0
                                    - i128::from(
                                        library::from_any::<
                                            i64,
                                        >(
                                                library::entry(
                                                        &(if library::any_or_null(&step.store.totals) == Value::Null
                                                        {
                                                            Map::new()
                                                        } else {
                                                            library::from_any::<
                                                                Map<PeerId, Value>,
                                                            >(
                                                                    &library::any_or_null(&step.store.totals),
                                                                    "map<peer_id, any>",
                                                                )
                                                                .at(41, 50)?
                                                        }),
                                                        &k,
                                                    )
                                                    .at(41, 50)?,
                                                "int",
                                            )
                                            .at(41, 50)?,
                                    ),
                            )
                            .at(41, 46)
                    },
                )?,
            )
            .at(41, 19)?,
    );
    step.store.best = library::any_field(
        library::index(
                &(if library::any_or_null(&step.store.ranking) == Value::Null {
                    Vec::new()
                } else {
                    library::from_any::<
                        Vec<Value>,
                    >(&library::any_or_null(&step.store.ranking), "list<any>")
                        .at(42, 16)?
                }),
                0,
            )
            .at(42, 16)?
            .clone(),
    );
    let ranking = Ranking {
        best: library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.best), "peer_id")
            .at(43, 9)?,
        ranking: if library::any_or_null(&step.store.ranking) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<PeerId>,
            >(&library::any_or_null(&step.store.ranking), "list<peer_id>")
                .at(43, 9)?
        },
    };
    step.send(message.sender, &ranking).at(43, 9)?;
    step.enter(State::Done)
}
