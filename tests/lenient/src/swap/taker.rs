// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Taker of Swap.

use super::messages::{Agree, Message, Offer, Sealed};
use super::parameters::WAIT;
use super::types::SignedValue;
use omt_runtime::typed::prelude::*;

/// States of [`Taker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `AGREED`.
    Agreed,
    /// `SWAPPED`.
    Swapped,
    /// `EXPIRED`.
    Expired,
}
states!(State {
    IDLE => Idle,
    AGREED => Agreed,
    SWAPPED => Swapped,
    EXPIRED => Expired,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `terms`.
    pub terms: Option<Value>,
    /// `notary`.
    pub notary: Option<Value>,
    /// `taker_sig`.
    pub taker_sig: Option<Value>,
}

store_fields!(Store { terms, notary, taker_sig });

/// Actor `Taker`.
pub struct Taker;

impl Actor for Taker {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Taker";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Swapped, State::Expired];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Offer(message)) => idle_on_offer(step, message),
            (State::Agreed, Message::Sealed(message)) => agreed_on_sealed(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Agreed, 0) => agreed_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Agreed {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the message `OFFER`.
fn idle_on_offer(
    step: &mut Step<'_, Taker>,
    message: &Received<Offer>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> AGREED on OFFER");
    if library::from_any::<
        i64,
    >(&library::member(&message.payload.terms, "get").at(34, 34)?, "int")
        .at(34, 34)?
        >= library::from_any::<
            i64,
        >(&library::member(&message.payload.terms, "give").at(34, 55)?, "int")
            .at(34, 55)?
    {
        step.store.terms = library::any_field(message.payload.terms.clone());
        step.store.notary = library::any_field(
            library::to_any(&message.payload.notary).at(36, 18)?,
        );
        step.store.taker_sig = library::any_field(
            library::to_any(
                    &step
                        .sign(
                            &SignedValue {
                                value: library::any_or_null(&step.store.terms),
                            },
                        ),
                )
                .at(37, 21)?,
        );
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.notary), "peer_id")
            .at(38, 14)?;
        let agree = Agree {
            maker: message.sender,
            terms: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.terms), "dict", library::Shape::Dict)
                .at(38, 9)?,
            taker_sig: library::from_any::<
                Signature,
            >(&library::any_or_null(&step.store.taker_sig), "signature")
                .at(38, 9)?,
        };
        step.send(to, &agree).at(38, 9)?;
        return step.enter(State::Agreed);
    }
    step.refuse()
}

/// In AGREED, on the message `SEALED`.
fn agreed_on_sealed(
    step: &mut Step<'_, Taker>,
    message: &Received<Sealed>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AGREED -> SWAPPED on SEALED");
    if step
        .verify_signature(
            &library::from_any::<
                PeerId,
            >(&library::any_or_null(&step.store.notary), "peer_id")
                .at(40, 49)?,
            &SignedValue {
                value: library::any_or_null(&step.store.terms),
            },
            &message.payload.seal,
        )
    {
        return step.enter(State::Swapped);
    }
    step.refuse()
}

/// In AGREED, on `timeout(WAIT)`.
fn agreed_on_timeout_wait(step: &mut Step<'_, Taker>) -> Result<Outcome, Raised> {
    step.consider(1, "AGREED -> EXPIRED on timeout(WAIT)");
    step.enter(State::Expired)
}
