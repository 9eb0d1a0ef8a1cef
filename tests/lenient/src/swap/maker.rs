// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Maker of Swap.

use super::messages::{Message, Offer, Sealed};
use super::parameters::WAIT;
use super::types::SignedValue;
use omt_runtime::typed::prelude::*;

/// States of [`Maker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `OFFERED`.
    Offered,
    /// `SWAPPED`.
    Swapped,
    /// `EXPIRED`.
    Expired,
}
states!(State {
    IDLE => Idle,
    OFFERED => Offered,
    SWAPPED => Swapped,
    EXPIRED => Expired,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `taker`.
    pub taker: Option<PeerId>,
    /// `notary`.
    pub notary: Option<PeerId>,
    /// `terms`.
    pub terms: Option<Value>,
}

store_fields!(Store { taker, notary, terms });

/// Actor `Maker`.
pub struct Maker;

impl Actor for Maker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Maker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Swapped, State::Expired];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Offered, Message::Sealed(message)) => {
                offered_on_sealed(step, message)
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
            (State::Idle, "offer") => {
                idle_on_offer(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                )
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Offered, 0) => offered_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Offered {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `offer`.
fn idle_on_offer(
    step: &mut Step<'_, Maker>,
    taker: PeerId,
    notary: PeerId,
    amount: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> OFFERED on offer");
    step.store.taker = Some(taker);
    step.store.notary = Some(notary);
    step.store.terms = library::any_field(
        Value::record([
            ("give", library::to_any(&amount).at(22, 24)?),
            (
                "get",
                library::to_any(&library::narrow_u64(i128::from(amount) * 2).at(22, 36)?)
                    .at(22, 36)?,
            ),
            ("nonce", library::to_any(&step.random_bytes(4).at(22, 54)?).at(22, 54)?),
        ]),
    );
    let offer = Offer {
        terms: library::from_any_shaped::<
            Value,
        >(&library::any_or_null(&step.store.terms), "dict", library::Shape::Dict)
            .at(23, 9)?,
        notary: step.store.notary.needed().at(23, 9)?,
    };
    step.send(taker, &offer).at(23, 9)?;
    step.enter(State::Offered)
}

/// In OFFERED, on the message `SEALED`.
fn offered_on_sealed(
    step: &mut Step<'_, Maker>,
    message: &Received<Sealed>,
) -> Result<Outcome, Raised> {
    step.consider(0, "OFFERED -> SWAPPED on SEALED");
    if message.payload.terms == library::any_or_null(&step.store.terms)
        && step
            .verify_signature(
                &step.store.notary.needed().at(25, 77)?,
                &SignedValue {
                    value: message.payload.terms.clone(),
                },
                &message.payload.seal,
            )
    {
        return step.enter(State::Swapped);
    }
    step.refuse()
}

/// In OFFERED, on `timeout(WAIT)`.
fn offered_on_timeout_wait(step: &mut Step<'_, Maker>) -> Result<Outcome, Raised> {
    step.consider(1, "OFFERED -> EXPIRED on timeout(WAIT)");
    step.enter(State::Expired)
}
