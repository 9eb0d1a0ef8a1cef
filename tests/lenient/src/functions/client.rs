// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Client of Functions.

use super::functions::largest;
use super::messages::{Message, Price, Query};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Client`].
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
    /// `server`.
    pub server: Option<PeerId>,
    /// `thing`.
    pub thing: Option<Value>,
    /// `tags`.
    pub tags: Option<Value>,
    /// `first`.
    pub first: Option<Value>,
    /// `largest`.
    pub largest: Option<Value>,
}

store_fields!(Store { server, thing, tags, first, largest });

/// Actor `Client`.
pub struct Client;

impl Actor for Client {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Client";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Price(message)) => waiting_on_price(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "price") => {
                idle_on_price(step, arguments.get(0)?, arguments.get(1)?)
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

/// In IDLE, on the trigger `price`.
fn idle_on_price(
    step: &mut Step<'_, Client>,
    server: PeerId,
    thing: Value,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on price");
    step.store.server = Some(server);
    step.store.thing = library::any_field(thing.clone());
    let query = Query {
        thing: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.thing), "dict", library::Shape::Dict)
            .at(37, 53)?,
    };
    step.send(server, &query).at(37, 53)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `PRICE`.
fn waiting_on_price(
    step: &mut Step<'_, Client>,
    message: &Received<Price>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on PRICE");
    if message.payload.price == 700
        && i128::from(
            library::from_any::<
                i64,
            >(&library::member(&message.payload.detail, "total").at(38, 60)?, "int")
                .at(38, 60)?,
        ) > i128::from(message.payload.price)
    {
        step.store.tags = library::any_field(
            library::member(&message.payload.detail, "tags").at(39, 16)?,
        );
        step.store.first = library::any_field(
            library::index(
                    &(if library::any_or_null(&step.store.tags) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.tags), "list<any>")
                            .at(40, 17)?
                    }),
                    0,
                )
                .at(40, 17)?
                .clone(),
        );
        step.store.largest = library::any_field(
            library::to_any(&largest(&[message.payload.price, 3, 9])?).at(41, 19)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Client>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
