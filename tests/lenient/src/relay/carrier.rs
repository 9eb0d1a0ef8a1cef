// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Carrier of Relay.

use super::messages::{Arrived, Message, Parcel};
use omt_runtime::typed::prelude::*;

/// States of [`Carrier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `HOLDING`.
    Holding,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, HOLDING => Holding, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `parcel`.
    pub parcel: Option<Value>,
    /// `route`.
    pub route: Option<Value>,
    /// `hops`.
    pub hops: Option<Value>,
    /// `origin`.
    pub origin: Option<Value>,
    /// `final_size`.
    pub final_size: Option<Value>,
}

store_fields!(Store { parcel, route, hops, origin, final_size });

/// Actor `Carrier`.
pub struct Carrier;

impl Actor for Carrier {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Carrier";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Parcel(message)) => idle_on_parcel(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Holding => holding_at_once(step),
            State::Idle | State::Done => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `PARCEL`.
fn idle_on_parcel(
    step: &mut Step<'_, Carrier>,
    message: &Received<Parcel>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> HOLDING on PARCEL");
    step.store.parcel = library::any_field(message.payload.parcel.clone());
    step.store.route = library::any_field(
        library::to_any(&message.payload.route).at(35, 22)?,
    );
    step.store.hops = library::any_field(
        library::to_any(
                &library::narrow_u64(i128::from(message.payload.hops) + 1).at(36, 16)?,
            )
            .at(36, 16)?,
    );
    step.store.origin = library::any_field(
        library::to_any(&message.payload.origin).at(37, 18)?,
    );
    step.enter(State::Holding)
}

/// In HOLDING, at once.
fn holding_at_once(step: &mut Step<'_, Carrier>) -> Result<Outcome, Raised> {
    step.consider(0, "HOLDING -> DONE auto");
    if library::from_any::<u64>(&library::any_or_null(&step.store.hops), "uint")
        .at(39, 31)?
        < library::length(
            &(if library::any_or_null(&step.store.route) == Value::Null {
                Vec::new()
            } else {
                library::from_any::<
                    Vec<Value>,
                >(&library::any_or_null(&step.store.route), "list<any>")
                    .at(39, 45)?
            }),
        )
    {
        step.proceed().at(39, 5)?;
        let to = library::from_any::<
            PeerId,
        >(
                library::index(
                        &(if library::any_or_null(&step.store.route) == Value::Null {
                            Vec::new()
                        } else {
                            library::from_any::<
                                Vec<Value>,
                            >(&library::any_or_null(&step.store.route), "list<any>")
                                .at(40, 14)?
                        }),
                        i128::from(
                            library::from_any::<
                                i64,
                            >(&library::any_or_null(&step.store.hops), "int")
                                .at(40, 20)?,
                        ),
                    )
                    .at(40, 14)?,
                "peer_id",
            )
            .at(40, 14)?;
        let parcel = Parcel {
            parcel: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.parcel), "dict", library::Shape::Dict)
                .at(40, 9)?,
            route: if library::any_or_null(&step.store.route) == Value::Null {
                Vec::new()
            } else {
                library::from_any::<
                    Vec<PeerId>,
                >(&library::any_or_null(&step.store.route), "list<peer_id>")
                    .at(40, 9)?
            },
            hops: library::from_any::<
                u64,
            >(&library::any_or_null(&step.store.hops), "uint")
                .at(40, 9)?,
            origin: library::from_any::<
                PeerId,
            >(&library::any_or_null(&step.store.origin), "peer_id")
                .at(40, 9)?,
        };
        step.send(to, &parcel).at(40, 9)?;
        return step.enter(State::Done);
    }

    step.consider(1, "HOLDING -> DONE auto");
    if library::from_any::<u64>(&library::any_or_null(&step.store.hops), "uint")
        .at(42, 31)?
        >= library::length(
            &(if library::any_or_null(&step.store.route) == Value::Null {
                Vec::new()
            } else {
                library::from_any::<
                    Vec<Value>,
                >(&library::any_or_null(&step.store.route), "list<any>")
                    .at(42, 46)?
            }),
        )
    {
        step.proceed().at(42, 5)?;
        step.store.final_size = library::any_field(
            library::to_any(
                    &library::narrow_i64(
                            i128::from(
                                library::from_any::<
                                    i64,
                                >(
                                        &library::member(
                                                &library::from_any_shaped::<
                                                    Value,
                                                >(
                                                        &library::any_or_null(&step.store.parcel),
                                                        "dict",
                                                        library::Shape::Dict,
                                                    )
                                                    .at(43, 22)?,
                                                "size",
                                            )
                                            .at(43, 22)?,
                                        "int",
                                    )
                                    .at(43, 22)?,
                            ) * 2,
                        )
                        .at(43, 22)?,
                )
                .at(43, 22)?,
        );
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.origin), "peer_id")
            .at(44, 14)?;
        let arrived = Arrived {
            kind: library::from_any::<
                String,
            >(
                    &library::member(
                            &library::from_any_shaped::<
                                Value,
                            >(
                                    &library::any_or_null(&step.store.parcel),
                                    "dict",
                                    library::Shape::Dict,
                                )
                                .at(44, 37)?,
                            "kind",
                        )
                        .at(44, 37)?,
                    "string",
                )
                .at(44, 37)?,
            hops: library::from_any::<
                u64,
            >(&library::any_or_null(&step.store.hops), "uint")
                .at(44, 9)?,
        };
        step.send(to, &arrived).at(44, 9)?;
        return step.enter(State::Done);
    }
    step.refuse()
}
