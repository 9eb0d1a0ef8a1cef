// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Shop of Order.

use super::messages::{Answer, Message, Order};
use super::types::Status;
use omt_runtime::typed::prelude::*;

/// States of [`Shop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `DECIDING`.
    Deciding,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, DECIDING => Deciding, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `buyer`.
    pub buyer: Option<Value>,
    /// `total`.
    pub total: Option<Value>,
    /// `floor`.
    pub floor: Option<Value>,
    /// `receipt`.
    pub receipt: Option<Value>,
    /// `status`.
    pub status: Option<Value>,
}

store_fields!(Store { buyer, total, floor, receipt, status });

/// Actor `Shop`.
pub struct Shop;

impl Actor for Shop {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Shop";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Order(message)) => idle_on_order(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Deciding => deciding_at_once(step),
            State::Idle | State::Done => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `ORDER`.
fn idle_on_order(
    step: &mut Step<'_, Shop>,
    message: &Received<Order>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DECIDING on ORDER");
    step.store.buyer = library::any_field(library::to_any(&message.sender).at(47, 17)?);
    step.store.total = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        library::mul(
                                i128::from(
                                    library::from_any::<
                                        i64,
                                    >(
                                            &library::member(&message.payload.lines, "count")
                                                .at(48, 17)?,
                                            "int",
                                        )
                                        .at(48, 17)?,
                                ),
                                i128::from(
                                    library::from_any::<
                                        i64,
                                    >(
                                            &library::member(&message.payload.lines, "price")
                                                .at(48, 39)?,
                                            "int",
                                        )
                                        .at(48, 39)?,
                                ),
                            )
                            .at(48, 17)?,
                    )
                    .at(48, 17)?,
            )
            .at(48, 17)?,
    );
    step.store.floor = library::any_field(
        library::member(&message.payload.note, "floor").at(49, 17)?,
    );
    step.enter(State::Deciding)
}

/// In DECIDING, at once.
fn deciding_at_once(step: &mut Step<'_, Shop>) -> Result<Outcome, Raised> {
    step.consider(0, "DECIDING -> DONE auto");
    if library::from_any::<i64>(&library::any_or_null(&step.store.total), "int")
        .at(51, 32)? > 0
        && library::from_any::<i64>(&library::any_or_null(&step.store.floor), "int")
            .at(51, 46)? < 10
    {
        step.proceed().at(51, 5)?;
        step.store.receipt = library::any_field(
            Value::record([
                ("number", library::to_any(&7u64).at(52, 28)?),
                ("amount", library::any_or_null(&step.store.total)),
                ("by", library::to_any(&step.peer_id()).at(52, 48)?),
            ]),
        );
        step.store.status = library::any_field(Value::text("ACCEPTED"));
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.buyer), "peer_id")
            .at(54, 14)?;
        let answer = Answer {
            status: library::from_any::<
                Status,
            >(&library::any_or_null(&step.store.status), "Status")
                .at(54, 9)?,
            total: library::from_any::<
                u64,
            >(&library::any_or_null(&step.store.total), "uint")
                .at(54, 9)?,
            receipt: library::from_any_shaped::<
                Option<Value>,
            >(
                    &library::any_or_null(&step.store.receipt),
                    "dict?",
                    library::Shape::Optional(&library::Shape::Dict),
                )
                .at(54, 9)?,
        };
        step.send(to, &answer).at(54, 9)?;
        return step.enter(State::Done);
    }

    step.consider(1, "DECIDING -> DONE auto");
    step.proceed().at(56, 5)?;
    step.store.status = library::any_field(Value::text("REFUSED"));
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.buyer), "peer_id")
        .at(58, 14)?;
    let answer = Answer {
        status: library::from_any::<
            Status,
        >(&library::any_or_null(&step.store.status), "Status")
            .at(58, 9)?,
        total: library::from_any::<u64>(&library::any_or_null(&step.store.total), "uint")
            .at(58, 9)?,
        receipt: library::from_any_shaped::<
            Option<Value>,
        >(
                &library::any_or_null(&step.store.receipt),
                "dict?",
                library::Shape::Optional(&library::Shape::Dict),
            )
            .at(58, 9)?,
    };
    step.send(to, &answer).at(58, 9)?;
    step.enter(State::Done)
}
