// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Seeker of Router.

use super::messages::{Message, Route2, WhereIs};
use super::parameters::WAIT;
use super::types::Route;
use omt_runtime::typed::prelude::*;

/// States of [`Seeker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `SEEKING`.
    Seeking,
    /// `FOUND`.
    Found,
    /// `LOST`.
    Lost,
}
states!(State { IDLE => Idle, SEEKING => Seeking, FOUND => Found, LOST => Lost });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `target`.
    pub target: Option<PeerId>,
    /// `next`.
    pub next: Option<PeerId>,
    /// `cost`.
    pub cost: Option<u64>,
    /// `router`.
    pub router: Option<Value>,
    /// `total`.
    pub total: Option<Value>,
    /// `text`.
    pub text: Option<Value>,
    /// `why`.
    pub why: Option<Value>,
}

store_fields!(Store { target, next, cost, router, total, text, why });

/// Actor `Seeker`.
pub struct Seeker;

impl Actor for Seeker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Seeker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Found, State::Lost];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Seeking, Message::Route2(message)) => seeking_on_route(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "find") => {
                idle_on_find(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Seeking, 0) => seeking_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Seeking {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `find`.
fn idle_on_find(
    step: &mut Step<'_, Seeker>,
    target: PeerId,
    router: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SEEKING on find");
    step.store.target = Some(target);
    step.store.router = library::any_field(library::to_any(&router).at(20, 45)?);
    let where_is = WhereIs {
        target: step.store.target.needed().at(20, 53)?,
    };
    step.send(router, &where_is).at(20, 53)?;
    step.enter(State::Seeking)
}

/// In SEEKING, on the message `ROUTE`.
fn seeking_on_route(
    step: &mut Step<'_, Seeker>,
    message: &Received<Route2>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SEEKING -> FOUND on ROUTE");
    if message.payload.route != Route::None {
        step.store.next = message.payload.next;
        step.store.cost = message.payload.cost;
        step.store.total = library::any_field(
            if step.store.cost.is_none() {
                library::to_any(&1u64).at(23, 38)?
            } else {
                library::to_any(
                        &library::narrow_u64(
                                i128::from(step.store.cost.needed().at(23, 45)?) + 1,
                            )
                            .at(23, 45)?,
                    )
                    .at(23, 45)?
            },
        );
        step.store.text = library::any_field(
            Value::text(
                library::concat_text("via ", &message.payload.route.to_string()).as_str(),
            ),
        );
        return step.enter(State::Found);
    }

    step.consider(1, "SEEKING -> LOST on ROUTE");
    step.store.why = library::any_field(Value::text(message.payload.why.as_str()));
    step.enter(State::Lost)
}

/// In SEEKING, on `timeout(WAIT)`.
fn seeking_on_timeout_wait(step: &mut Step<'_, Seeker>) -> Result<Outcome, Raised> {
    step.consider(2, "SEEKING -> LOST on timeout(WAIT)");
    step.store.why = library::any_field(Value::text("too_late"));
    step.enter(State::Lost)
}
