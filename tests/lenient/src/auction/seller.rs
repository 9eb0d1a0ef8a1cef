// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Seller of Auction.

use super::messages::{Bid, Invite, Message, Result2};
use super::parameters::BID_TIME;
use omt_runtime::typed::prelude::*;

/// States of [`Seller`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// taking bids.
    Open,
    /// `DECIDING`.
    Deciding,
    /// `SOLD`.
    Sold,
}
states!(State { IDLE => Idle, OPEN => Open, DECIDING => Deciding, SOLD => Sold });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `bidders`.
    pub bidders: Vec<PeerId>,
    /// `reserve`.
    pub reserve: Option<u64>,
    /// `item`.
    pub item: Option<Value>,
    /// `closes_at`.
    pub closes_at: Option<Value>,
    /// `step`.
    pub step: Option<Value>,
    /// `bids`.
    pub bids: Option<Value>,
    /// `seen`.
    pub seen: Option<Value>,
    /// `best`.
    pub best: Option<Value>,
}

store_fields!(Store { bidders, reserve, item, closes_at, step, bids, seen, best });

/// sells.
pub struct Seller;

impl Actor for Seller {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Seller";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Sold];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Open, Message::Bid(message)) => open_on_bid(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "open") => {
                idle_on_open(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Open, 0) => open_on_timeout_0(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Deciding => deciding_at_once(step),
            State::Idle | State::Open | State::Sold => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Open {
            timers
                .at(
                    0,
                    library::if_set(|| {
                            library::from_any::<
                                Option<i64>,
                            >(&library::any_or_null(&step.store.closes_at), "timestamp?")
                                .at(51, 33)
                        })?
                        .flatten(),
                );
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `open`.
fn idle_on_open(
    step: &mut Step<'_, Seller>,
    bidders: Vec<PeerId>,
    reserve: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> OPEN on open");
    step.store.bidders = bidders.clone();
    step.store.reserve = Some(reserve);
    step.store.item = library::any_field(Value::text("painting"));
    step.store.closes_at = library::any_field(
        library::to_any(
                &library::narrow_i64(i128::from(step.now()) + i128::from(BID_TIME))
                    .at(40, 21)?,
            )
            .at(40, 21)?,
    );
    step.store.step = library::any_field(library::to_any(&0u64).at(41, 16)?);
    for peer in bidders.clone() {
        step.store.step = library::any_field(
            library::to_any(
                    &library::narrow_i64(
                            i128::from(
                                library::from_any::<
                                    i64,
                                >(&library::any_or_null(&step.store.step), "int")
                                    .at(43, 20)?,
                            ) + 10,
                        )
                        .at(43, 20)?,
                )
                .at(43, 20)?,
        );
        let invite = Invite {
            reserve: library::narrow_u64(
                    i128::from(reserve)
                        + i128::from(
                            library::from_any::<
                                i64,
                            >(&library::any_or_null(&step.store.step), "int")
                                .at(44, 51)?,
                        ),
                )
                .at(44, 41)?,
            item: library::from_any::<
                String,
            >(&library::any_or_null(&step.store.item), "string")
                .at(44, 13)?,
        };
        step.send(peer, &invite).at(44, 13)?;
    }
    step.enter(State::Open)
}

/// In OPEN, on the message `BID`.
fn open_on_bid(
    step: &mut Step<'_, Seller>,
    message: &Received<Bid>,
) -> Result<Outcome, Raised> {
    step.consider(0, "OPEN -> OPEN on BID");
    if message.payload.amount >= step.store.reserve.needed().at(47, 48)? {
        step.store.bids = library::any_field(
            library::to_any(
                    &library::with(
                        &(if library::any_or_null(&step.store.bids) == Value::Null {
                            Map::new()
                        } else {
                            library::from_any::<
                                Map<PeerId, Value>,
                            >(
                                    &library::any_or_null(&step.store.bids),
                                    "map<peer_id, any>",
                                )
                                .at(48, 9)?
                        }),
                        message.sender,
                        library::to_any(&message.payload.amount).at(48, 32)?,
                    ),
                )
                .at(48, 9)?,
        );
        step.store.seen = library::any_field(
            library::to_any(
                    &library::length(
                        &library::keys(
                            &(if library::any_or_null(&step.store.bids) == Value::Null {
                                Map::new()
                            } else {
                                library::from_any::<
                                    Map<PeerId, Value>,
                                >(
                                        &library::any_or_null(&step.store.bids),
                                        "map<peer_id, any>",
                                    )
                                    .at(49, 28)?
                            }),
                        ),
                    ),
                )
                .at(49, 16)?,
        );
        return step.enter(State::Open);
    }
    step.refuse()
}

/// In OPEN, on `timeout(closes_at)`.
fn open_on_timeout_0(step: &mut Step<'_, Seller>) -> Result<Outcome, Raised> {
    step.consider(1, "OPEN -> DECIDING on timeout(closes_at)");
    step.enter(State::Deciding)
}

/// In DECIDING, at once.
fn deciding_at_once(step: &mut Step<'_, Seller>) -> Result<Outcome, Raised> {
    step.consider(0, "DECIDING -> SOLD auto");
    step.proceed().at(52, 5)?;
    step.store.best = library::any_field(
        library::reduce(
            &library::values(
                &(if library::any_or_null(&step.store.bids) == Value::Null {
                    Map::new()
                } else {
                    library::from_any::<
                        Map<PeerId, Value>,
                    >(&library::any_or_null(&step.store.bids), "map<peer_id, any>")
                        .at(53, 30)?
                }),
            ),
            library::to_any(&0u64).at(53, 37)?,
            |a, b| Ok(
                if library::from_any::<i64>(&a, "int").at(53, 53)?
                    > library::from_any::<i64>(b, "int").at(53, 57)?
                {
                    a.clone()
                } else {
                    b.clone()
                },
            ),
        )?,
    );
    for peer in step.store.bidders.clone() {
        if (if library::any_or_null(&step.store.bids) == Value::Null {
            Map::new()
        } else {
            library::from_any::<
                Map<PeerId, Value>,
            >(&library::any_or_null(&step.store.bids), "map<peer_id, any>")
                .at(55, 24)?
        })
            .contains_key(&peer)
            && *library::entry(
                    &(if library::any_or_null(&step.store.bids) == Value::Null {
                        Map::new()
                    } else {
                        library::from_any::<
                            Map<PeerId, Value>,
                        >(&library::any_or_null(&step.store.bids), "map<peer_id, any>")
                            .at(55, 40)?
                    }),
                    &peer,
                )
                .at(55, 40)? == library::any_or_null(&step.store.best)
        {
            let result = Result2 {
                outcome: "won".to_owned(),
                price: library::from_any::<
                    Option<u64>,
                >(&library::any_or_null(&step.store.best), "uint?")
                    .at(56, 56)?,
            };
            step.send(peer, &result).at(56, 17)?;
        } else {
            let result = Result2 {
                outcome: "lost".to_owned(),
                price: None,
            };
            step.send(peer, &result).at(58, 17)?;
        }
    }
    step.enter(State::Sold)
}
