// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Sender of Relay.

use super::messages::{Arrived, Message, Parcel};
use super::parameters::PATIENCE;
use omt_runtime::typed::prelude::*;

/// States of [`Sender`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `SENT`.
    Sent,
    /// `DONE`.
    Done,
    /// `LOST`.
    Lost,
}
states!(State { IDLE => Idle, SENT => Sent, DONE => Done, LOST => Lost });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `route`.
    pub route: Vec<PeerId>,
    /// `parcel`.
    pub parcel: Option<Value>,
    /// `hops`.
    pub hops: Option<Value>,
    /// `origin`.
    pub origin: Option<Value>,
}

store_fields!(Store { route, parcel, hops, origin });

/// Actor `Sender`.
pub struct Sender;

impl Actor for Sender {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Sender";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Lost];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Sent, Message::Arrived(message)) => sent_on_arrived(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "pass") => {
                idle_on_pass(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Sent, 0) => sent_on_timeout_patience(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Sent {
            timers.after(0, PATIENCE);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `pass`.
fn idle_on_pass(
    step: &mut Step<'_, Sender>,
    route: Vec<PeerId>,
    parcel: Value,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SENT on pass");
    step.store.route = route.clone();
    step.store.parcel = library::any_field(parcel.clone());
    step.store.hops = library::any_field(library::to_any(&0u64).at(21, 16)?);
    step.store.origin = library::any_field(library::to_any(&step.peer_id()).at(22, 18)?);
    let to = *library::index(&route, 0).at(23, 14)?;
    let parcel_2 = Parcel {
        parcel: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.parcel), "dict", library::Shape::Dict)
            .at(23, 9)?,
        route: step.store.route.clone(),
        hops: library::from_any::<u64>(&library::any_or_null(&step.store.hops), "uint")
            .at(23, 9)?,
        origin: library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.origin), "peer_id")
            .at(23, 9)?,
    };
    step.send(to, &parcel_2).at(23, 9)?;
    step.enter(State::Sent)
}

/// In SENT, on the message `ARRIVED`.
fn sent_on_arrived(
    step: &mut Step<'_, Sender>,
    message: &Received<Arrived>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SENT -> DONE on ARRIVED");
    if Value::text(message.payload.kind.as_str())
        == library::member(
                &library::from_any_shaped::<
                    Value,
                >(
                        &library::any_or_null(&step.store.parcel),
                        "dict",
                        library::Shape::Dict,
                    )
                    .at(25, 50)?,
                "kind",
            )
            .at(25, 50)? && message.payload.hops == 2
    {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In SENT, on `timeout(PATIENCE)`.
fn sent_on_timeout_patience(step: &mut Step<'_, Sender>) -> Result<Outcome, Raised> {
    step.consider(1, "SENT -> LOST on timeout(PATIENCE)");
    step.enter(State::Lost)
}
