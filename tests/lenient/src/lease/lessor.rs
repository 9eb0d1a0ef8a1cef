// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Lessor of Lease.

use super::messages::{Granted, Message, Renew, Rent};
use super::parameters::{GRACE, TERM};
use omt_runtime::typed::prelude::*;

/// States of [`Lessor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `LENT`.
    Lent,
    /// `ENDED`.
    Ended,
    /// `WARNED`.
    Warned,
}
states!(State { IDLE => Idle, LENT => Lent, ENDED => Ended, WARNED => Warned });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `lessee`.
    pub lessee: Option<Value>,
    /// `expires`.
    pub expires: Option<Value>,
    /// `grace`.
    pub grace: Option<Value>,
    /// `warned_at`.
    pub warned_at: Option<Value>,
}

store_fields!(Store { lessee, expires, grace, warned_at });

/// Actor `Lessor`.
pub struct Lessor;

impl Actor for Lessor {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Lessor";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Rent(message)) => idle_on_rent(step, message),
            (State::Ended, Message::Renew(_)) => ended_on_renew(step),
            (State::Warned, Message::Renew(message)) => warned_on_renew(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Lent, 0) => lent_on_timeout_0(step),
            (State::Lent, 1) => lent_on_timeout_1(step),
            (State::Warned, 0) => warned_on_timeout_0(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::Lent => {
                timers
                    .after(
                        0,
                        library::if_set(|| {
                                library::from_any::<
                                    Option<i64>,
                                >(&library::any_or_null(&step.store.grace), "duration?")
                                    .at(39, 31)
                            })?
                            .flatten(),
                    );
                timers
                    .at(
                        1,
                        library::if_set(|| {
                                library::from_any::<
                                    Option<i64>,
                                >(&library::any_or_null(&step.store.expires), "timestamp?")
                                    .at(46, 30)
                            })?
                            .flatten(),
                    );
            }
            State::Warned => {
                timers
                    .at(
                        0,
                        library::if_set(|| {
                                library::from_any::<
                                    Option<i64>,
                                >(&library::any_or_null(&step.store.expires), "timestamp?")
                                    .at(45, 32)
                            })?
                            .flatten(),
                    );
            }
            State::Idle | State::Ended => {}
        }
        Ok(())
    }
}

/// In IDLE, on the message `RENT`.
fn idle_on_rent(
    step: &mut Step<'_, Lessor>,
    message: &Received<Rent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> LENT on RENT");
    step.store.lessee = library::any_field(library::to_any(&message.sender).at(34, 18)?);
    step.store.expires = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        i128::from(message.payload.asked) + i128::from(TERM),
                    )
                    .at(35, 19)?,
            )
            .at(35, 19)?,
    );
    step.store.grace = library::any_field(library::to_any(&GRACE).at(36, 17)?);
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.lessee), "peer_id")
        .at(37, 14)?;
    let granted = Granted {
        until: library::from_any::<
            i64,
        >(&library::any_or_null(&step.store.expires), "timestamp")
            .at(37, 38)?,
    };
    step.send(to, &granted).at(37, 9)?;
    step.enter(State::Lent)
}

/// In LENT, on `timeout(grace)`.
fn lent_on_timeout_0(step: &mut Step<'_, Lessor>) -> Result<Outcome, Raised> {
    step.consider(0, "LENT -> WARNED on timeout(grace)");
    step.store.warned_at = library::any_field(library::to_any(&step.now()).at(39, 52)?);
    step.enter(State::Warned)
}

/// In LENT, on `timeout(expires)`.
fn lent_on_timeout_1(step: &mut Step<'_, Lessor>) -> Result<Outcome, Raised> {
    step.consider(1, "LENT -> ENDED on timeout(expires)");
    step.enter(State::Ended)
}

/// In ENDED, on the message `RENEW`.
fn ended_on_renew(step: &mut Step<'_, Lessor>) -> Result<Outcome, Raised> {
    step.consider(0, "ENDED -> ENDED on RENEW");
    step.enter(State::Ended)
}

/// In WARNED, on the message `RENEW`.
fn warned_on_renew(
    step: &mut Step<'_, Lessor>,
    message: &Received<Renew>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WARNED -> LENT on RENEW");
    step.store.expires = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        i128::from(message.payload.asked) + i128::from(TERM),
                    )
                    .at(42, 19)?,
            )
            .at(42, 19)?,
    );
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.lessee), "peer_id")
        .at(43, 14)?;
    let granted = Granted {
        until: library::from_any::<
            i64,
        >(&library::any_or_null(&step.store.expires), "timestamp")
            .at(43, 38)?,
    };
    step.send(to, &granted).at(43, 9)?;
    step.enter(State::Lent)
}

/// In WARNED, on `timeout(expires)`.
fn warned_on_timeout_0(step: &mut Step<'_, Lessor>) -> Result<Outcome, Raised> {
    step.consider(1, "WARNED -> ENDED on timeout(expires)");
    step.enter(State::Ended)
}
