// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Buyer of Order.

use super::messages::{Answer, Message, Order};
use super::parameters::PATIENCE;
use super::types::Status;
use omt_runtime::typed::prelude::*;

/// States of [`Buyer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `ORDERED`.
    Ordered,
    /// `DELIVERED`.
    Delivered,
    /// `CANCELLED`.
    Cancelled,
}
states!(State {
    IDLE => Idle,
    ORDERED => Ordered,
    DELIVERED => Delivered,
    CANCELLED => Cancelled,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `shop`.
    pub shop: Option<PeerId>,
    /// `total`.
    pub total: Option<u64>,
    /// `lines`.
    pub lines: Option<Value>,
    /// `note`.
    pub note: Option<Value>,
    /// `receipt`.
    pub receipt: Option<Value>,
    /// `paid`.
    pub paid: Option<Value>,
}

store_fields!(Store { shop, total, lines, note, receipt, paid });

/// Actor `Buyer`.
pub struct Buyer;

impl Actor for Buyer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Buyer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Delivered, State::Cancelled];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Ordered, Message::Answer(message)) => {
                ordered_on_answer(step, message)
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
            (State::Idle, "order") => {
                idle_on_order(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Ordered, 0) => ordered_on_timeout_patience(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Ordered {
            timers.after(0, PATIENCE);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `order`.
fn idle_on_order(
    step: &mut Step<'_, Buyer>,
    shop: PeerId,
    pieces: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> ORDERED on order");
    step.store.shop = Some(shop);
    step.store.lines = library::any_field(
        Value::record([
            ("piece", Value::text("chair")),
            ("count", library::to_any(&pieces).at(29, 40)?),
            ("price", library::to_any(&12u64).at(29, 54)?),
        ]),
    );
    step.store.note = library::any_field(
        Value::record([
            ("text", Value::text("ring twice")),
            ("floor", library::to_any(&2u64).at(30, 43)?),
        ]),
    );
    let order = Order {
        lines: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.lines), "dict", library::Shape::Dict)
            .at(31, 9)?,
        note: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.note), "dict", library::Shape::Dict)
            .at(31, 9)?,
    };
    step.send(shop, &order).at(31, 9)?;
    step.enter(State::Ordered)
}

/// In ORDERED, on the message `ANSWER`.
fn ordered_on_answer(
    step: &mut Step<'_, Buyer>,
    message: &Received<Answer>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ORDERED -> DELIVERED on ANSWER");
    if message.payload.status == Status::Accepted
        && library::from_any::<
            i64,
        >(
                &library::member(
                        message.payload.receipt.as_ref().needed().at(33, 74)?,
                        "number",
                    )
                    .at(33, 74)?,
                "int",
            )
            .at(33, 74)? > 0
    {
        step.store.total = Some(message.payload.total);
        step.store.receipt = library::any_field(
            library::to_any(&message.payload.receipt).at(35, 19)?,
        );
        step.store.paid = library::any_field(
            library::to_any(
                    &(library::member(
                            &library::from_any_shaped::<
                                Value,
                            >(
                                    &library::any_or_null(&step.store.receipt),
                                    "dict",
                                    library::Shape::Dict,
                                )
                                .at(36, 16)?,
                            "amount",
                        )
                        .at(36, 16)?
                        == library::to_any(&step.store.total.needed().at(36, 34)?)
                            .at(36, 34)?),
                )
                .at(36, 16)?,
        );
        return step.enter(State::Delivered);
    }

    step.consider(1, "ORDERED -> CANCELLED on ANSWER");
    if message.payload.status == Status::Refused {
        return step.enter(State::Cancelled);
    }
    step.refuse()
}

/// In ORDERED, on `timeout(PATIENCE)`.
fn ordered_on_timeout_patience(step: &mut Step<'_, Buyer>) -> Result<Outcome, Raised> {
    step.consider(2, "ORDERED -> CANCELLED on timeout(PATIENCE)");
    step.enter(State::Cancelled)
}
