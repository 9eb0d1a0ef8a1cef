// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Owner of Contract.

use super::messages::{Accept, Message, Offer};
use super::parameters::WAIT;
use super::types::SignedValue;
use omt_runtime::typed::prelude::*;

/// States of [`Owner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `OFFERED`.
    Offered,
    /// `AGREED`.
    Agreed,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, OFFERED => Offered, AGREED => Agreed, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `tenant`.
    pub tenant: Option<PeerId>,
    /// `rent`.
    pub rent: Option<u64>,
    /// `terms`.
    pub terms: Option<Value>,
    /// `owner_signature`.
    pub owner_signature: Option<Value>,
    /// `signatures`.
    pub signatures: Option<Value>,
    /// `complete`.
    pub complete: Option<Value>,
}

store_fields!(Store { tenant, rent, terms, owner_signature, signatures, complete });

/// Actor `Owner`.
pub struct Owner;

impl Actor for Owner {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Owner";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Agreed, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Offered, Message::Accept(message)) => {
                offered_on_accept(step, message)
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
            (State::Idle, "sign") => {
                idle_on_sign(step, arguments.get(0)?, arguments.get(1)?)
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

/// In IDLE, on the trigger `sign`.
fn idle_on_sign(
    step: &mut Step<'_, Owner>,
    tenant: PeerId,
    rent: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> OFFERED on sign");
    step.store.tenant = Some(tenant);
    step.store.rent = Some(rent);
    step.store.terms = library::any_field(
        library::to_any(&library::hash(&[&"flat 3", &rent, &tenant])).at(20, 17)?,
    );
    step.store.owner_signature = library::any_field(
        library::to_any(
                &step
                    .sign(
                        &SignedValue {
                            value: library::any_or_null(&step.store.terms),
                        },
                    ),
            )
            .at(21, 27)?,
    );
    let offer = Offer {
        terms: library::from_any::<
            Hash,
        >(&library::any_or_null(&step.store.terms), "hash")
            .at(22, 9)?,
        rent: step.store.rent.needed().at(22, 9)?,
        owner_signature: library::from_any::<
            Signature,
        >(&library::any_or_null(&step.store.owner_signature), "signature")
            .at(22, 9)?,
    };
    step.send(tenant, &offer).at(22, 9)?;
    step.enter(State::Offered)
}

/// In OFFERED, on the message `ACCEPT`.
fn offered_on_accept(
    step: &mut Step<'_, Owner>,
    message: &Received<Accept>,
) -> Result<Outcome, Raised> {
    step.consider(0, "OFFERED -> AGREED on ACCEPT");
    if library::to_any(&message.payload.terms).at(24, 38)?
        == library::any_or_null(&step.store.terms)
        && step
            .verify_signature(
                &step.store.tenant.needed().at(24, 76)?,
                &SignedValue {
                    value: library::any_or_null(&step.store.terms),
                },
                &message.payload.tenant_signature,
            )
    {
        step.store.signatures = library::any_field(
            library::to_any(
                    &library::with(
                        &(if library::any_or_null(&step.store.signatures) == Value::Null
                        {
                            Map::new()
                        } else {
                            library::from_any::<
                                Map<PeerId, Value>,
                            >(
                                    &library::any_or_null(&step.store.signatures),
                                    "map<peer_id, any>",
                                )
                                .at(25, 9)?
                        }),
                        step.store.tenant.needed().at(25, 20)?,
                        library::to_any(&message.payload.tenant_signature).at(25, 30)?,
                    ),
                )
                .at(25, 9)?,
        );
        step.store.signatures = library::any_field(
            library::to_any(
                    &library::with(
                        &(if library::any_or_null(&step.store.signatures) == Value::Null
                        {
                            Map::new()
                        } else {
                            library::from_any::<
                                Map<PeerId, Value>,
                            >(
                                    &library::any_or_null(&step.store.signatures),
                                    "map<peer_id, any>",
                                )
                                .at(26, 9)?
                        }),
                        step.peer_id(),
                        library::any_or_null(&step.store.owner_signature),
                    ),
                )
                .at(26, 9)?,
        );
        step.store.complete = library::any_field(
            library::to_any(
                    &step
                        .verify_multi(
                            &SignedValue {
                                value: library::any_or_null(&step.store.terms),
                            },
                            &(if library::any_or_null(&step.store.signatures)
                                == Value::Null
                            {
                                Map::new()
                            } else {
                                library::from_any::<
                                    Map<PeerId, Signature>,
                                >(
                                        &library::any_or_null(&step.store.signatures),
                                        "map<peer_id, signature>",
                                    )
                                    .at(27, 40)?
                            }),
                            &[step.store.tenant.needed().at(27, 53)?, step.peer_id()],
                            2,
                        ),
                )
                .at(27, 20)?,
        );
        return step.enter(State::Agreed);
    }
    step.refuse()
}

/// In OFFERED, on `timeout(WAIT)`.
fn offered_on_timeout_wait(step: &mut Step<'_, Owner>) -> Result<Outcome, Raised> {
    step.consider(1, "OFFERED -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
