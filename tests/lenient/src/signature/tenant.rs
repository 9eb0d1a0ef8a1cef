// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Tenant of Contract.

use super::messages::{Accept, Message, Offer};
use super::types::SignedValue;
use omt_runtime::typed::prelude::*;

/// States of [`Tenant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `AGREED`.
    Agreed,
    /// `REFUSED`.
    Refused,
}
states!(State { IDLE => Idle, AGREED => Agreed, REFUSED => Refused });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `terms`.
    pub terms: Option<Value>,
    /// `tenant_signature`.
    pub tenant_signature: Option<Value>,
    /// `why`.
    pub why: Option<Value>,
}

store_fields!(Store { terms, tenant_signature, why });

/// Actor `Tenant`.
pub struct Tenant;

impl Actor for Tenant {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Tenant";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Agreed, State::Refused];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Offer(message)) => idle_on_offer(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `OFFER`.
fn idle_on_offer(
    step: &mut Step<'_, Tenant>,
    message: &Received<Offer>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> AGREED on OFFER");
    if step
        .verify_signature(
            &message.sender,
            &SignedValue {
                value: library::to_any(&message.payload.terms).at(36, 61)?,
            },
            &message.payload.owner_signature,
        ) && message.payload.rent < 50
    {
        step.store.terms = library::any_field(
            library::to_any(&message.payload.terms).at(37, 22)?,
        );
        step.store.tenant_signature = library::any_field(
            library::to_any(
                    &step
                        .sign(
                            &SignedValue {
                                value: library::to_any(&message.payload.terms).at(38, 33)?,
                            },
                        ),
                )
                .at(38, 28)?,
        );
        let accept = Accept {
            terms: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.terms), "hash")
                .at(39, 9)?,
            tenant_signature: library::from_any::<
                Signature,
            >(&library::any_or_null(&step.store.tenant_signature), "signature")
                .at(39, 9)?,
        };
        step.send(message.sender, &accept).at(39, 9)?;
        return step.enter(State::Agreed);
    }

    step.consider(1, "IDLE -> REFUSED on OFFER");
    step.store.why = library::any_field(Value::text("too_dear"));
    step.enter(State::Refused)
}
