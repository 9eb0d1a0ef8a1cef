// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Lessee of Lease.

use super::messages::{Granted, Message, Renew, Rent};
use super::parameters::GRACE;
use omt_runtime::typed::prelude::*;

/// States of [`Lessee`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `ASKED`.
    Asked,
    /// `HELD`.
    Held,
    /// `ENDED`.
    Ended,
}
states!(State { IDLE => Idle, ASKED => Asked, HELD => Held, ENDED => Ended });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `lessor`.
    pub lessor: Option<PeerId>,
    /// `expires`.
    pub expires: Option<Value>,
}

store_fields!(Store { lessor, expires });

/// Actor `Lessee`.
pub struct Lessee;

impl Actor for Lessee {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Lessee";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Ended];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Asked, Message::Granted(message)) => asked_on_granted(step, message),
            (State::Held, Message::Granted(message)) => held_on_granted(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "rent") => idle_on_rent(step, arguments.get(0)?),
            (State::Held, "renew") => held_on_renew(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Asked, 0) => asked_on_timeout_grace(step),
            (State::Held, 0) => held_on_timeout_0(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::Asked => {
                timers.after(0, GRACE);
            }
            State::Held => {
                timers
                    .at(
                        0,
                        library::if_set(|| {
                                library::from_any::<
                                    Option<i64>,
                                >(&library::any_or_null(&step.store.expires), "timestamp?")
                                    .at(26, 30)
                            })?
                            .flatten(),
                    );
            }
            State::Idle | State::Ended => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `rent`.
fn idle_on_rent(step: &mut Step<'_, Lessee>, lessor: PeerId) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> ASKED on rent");
    step.store.lessor = Some(lessor);
    let rent = Rent { asked: step.now() };
    step.send(lessor, &rent).at(21, 43)?;
    step.enter(State::Asked)
}

/// In ASKED, on the message `GRANTED`.
fn asked_on_granted(
    step: &mut Step<'_, Lessee>,
    message: &Received<Granted>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ASKED -> HELD on GRANTED");
    step.store.expires = library::any_field(
        library::to_any(&message.payload.until).at(22, 42)?,
    );
    step.enter(State::Held)
}

/// In ASKED, on `timeout(GRACE)`.
fn asked_on_timeout_grace(step: &mut Step<'_, Lessee>) -> Result<Outcome, Raised> {
    step.consider(1, "ASKED -> ENDED on timeout(GRACE)");
    step.enter(State::Ended)
}

/// In HELD, on the message `GRANTED`.
fn held_on_granted(
    step: &mut Step<'_, Lessee>,
    message: &Received<Granted>,
) -> Result<Outcome, Raised> {
    step.consider(0, "HELD -> HELD on GRANTED");
    step.store.expires = library::any_field(
        library::to_any(&message.payload.until).at(24, 41)?,
    );
    step.enter(State::Held)
}

/// In HELD, on the trigger `renew`.
fn held_on_renew(step: &mut Step<'_, Lessee>) -> Result<Outcome, Raised> {
    step.consider(1, "HELD -> ASKED on renew");
    let to = step.store.lessor.needed().at(25, 35)?;
    let renew = Renew { asked: step.now() };
    step.send(to, &renew).at(25, 30)?;
    step.enter(State::Asked)
}

/// In HELD, on `timeout(expires)`.
fn held_on_timeout_0(step: &mut Step<'_, Lessee>) -> Result<Outcome, Raised> {
    step.consider(2, "HELD -> ENDED on timeout(expires)");
    step.store.lessor = None;
    step.enter(State::Ended)
}
