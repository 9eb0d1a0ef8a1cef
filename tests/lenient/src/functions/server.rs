// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Server of Functions.

use super::functions::{detail_of, price_of};
use super::messages::{Message, Price, Query};
use omt_runtime::typed::prelude::*;

/// States of [`Server`].
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
    /// `price`.
    pub price: Option<Value>,
    /// `detail`.
    pub detail: Option<Value>,
}

store_fields!(Store { price, detail });

/// Actor `Server`.
pub struct Server;

impl Actor for Server {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Server";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Query(message)) => idle_on_query(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `QUERY`.
fn idle_on_query(
    step: &mut Step<'_, Server>,
    message: &Received<Query>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on QUERY");
    step.store.price = library::any_field(
        library::to_any(&price_of(&message.payload.thing)?).at(50, 17)?,
    );
    step.store.detail = library::any_field(
        detail_of(
            &message.payload.thing,
            library::from_any::<u64>(&library::any_or_null(&step.store.price), "uint")
                .at(51, 43)?,
        )?,
    );
    let price = Price {
        price: library::from_any::<u64>(&library::any_or_null(&step.store.price), "uint")
            .at(52, 9)?,
        detail: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.detail), "dict", library::Shape::Dict)
            .at(52, 9)?,
    };
    step.send(message.sender, &price).at(52, 9)?;
    step.enter(State::Done)
}
