// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Router of Router.

use super::messages::{Message, Route2, WhereIs};
use super::types::Route;
use omt_runtime::typed::prelude::*;

/// States of [`Router`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `IDLE_AGAIN`.
    IdleAgain,
}
states!(State { IDLE => Idle, IDLE_AGAIN => IdleAgain });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `table`.
    pub table: Map<PeerId, PeerId>,
    /// `next`.
    pub next: Option<Value>,
    /// `cost`.
    pub cost: Option<Value>,
    /// `route`.
    pub route: Option<Value>,
}

store_fields!(Store { table, next, cost, route });

/// Actor `Router`.
pub struct Router;

impl Actor for Router {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Router";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::IdleAgain];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::WhereIs(message)) => idle_on_where_is(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `WHERE_IS`.
fn idle_on_where_is(
    step: &mut Step<'_, Router>,
    message: &Received<WhereIs>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> IDLE_AGAIN on WHERE_IS");
    step.store.next = library::any_field(
        library::to_any(&library::get(&step.store.table, &message.payload.target))
            .at(35, 16)?,
    );
    step.store.cost = library::any_field(
        if library::any_or_null(&step.store.next) == Value::Null {
            Value::Null
        } else {
            library::to_any(&4u64).at(36, 47)?
        },
    );
    step.store.route = library::any_field(
        if library::any_or_null(&step.store.next) == Value::Null {
            Value::text("RELAYED")
        } else {
            Value::text("DIRECT")
        },
    );
    let route = Route2 {
        why: "unknown_peer".to_owned(),
        route: library::from_any::<
            Route,
        >(&library::any_or_null(&step.store.route), "Route")
            .at(38, 9)?,
        next: library::from_any::<
            Option<PeerId>,
        >(&library::any_or_null(&step.store.next), "peer_id?")
            .at(38, 9)?,
        cost: library::from_any::<
            Option<u64>,
        >(&library::any_or_null(&step.store.cost), "uint?")
            .at(38, 9)?,
    };
    step.send(message.sender, &route).at(38, 9)?;
    step.enter(State::IdleAgain)
}
