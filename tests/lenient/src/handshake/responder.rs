// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Responder of Handshake.

use super::messages::{Confirm, Hello, Message, Reply};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Responder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `CHECKING`.
    Checking,
    /// `ESTABLISHED`.
    Established,
    /// `FAILED`.
    Failed,
}
states!(State {
    IDLE => Idle,
    CHECKING => Checking,
    ESTABLISHED => Established,
    FAILED => Failed,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `their_nonce`.
    pub their_nonce: Option<Value>,
    /// `initiator`.
    pub initiator: Option<Value>,
    /// `nonce`.
    pub nonce: Option<Value>,
    /// `proof`.
    pub proof: Option<Value>,
    /// `reason`.
    pub reason: Option<Value>,
}

store_fields!(Store { their_nonce, initiator, nonce, proof, reason });

/// Actor `Responder`.
pub struct Responder;

impl Actor for Responder {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Responder";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Established, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Hello(message)) => idle_on_hello(step, message),
            (State::Checking, Message::Confirm(message)) => {
                checking_on_confirm(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Checking, 0) => checking_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Checking {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the message `HELLO`.
fn idle_on_hello(
    step: &mut Step<'_, Responder>,
    message: &Received<Hello>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> CHECKING on HELLO");
    if message.payload.version == "v1" {
        step.store.their_nonce = library::any_field(
            library::to_any(&message.payload.nonce).at(50, 23)?,
        );
        step.store.initiator = library::any_field(
            library::to_any(&message.sender).at(51, 21)?,
        );
        step.store.nonce = library::any_field(
            library::to_any(&step.random_bytes(16).at(52, 17)?).at(52, 17)?,
        );
        step.store.proof = library::any_field(
            library::to_any(
                    &library::hash(
                        &[
                            &library::any_or_null(&step.store.their_nonce),
                            &library::any_or_null(&step.store.nonce),
                        ],
                    ),
                )
                .at(53, 17)?,
        );
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.initiator), "peer_id")
            .at(54, 14)?;
        let reply = Reply {
            nonce: library::from_any::<
                Bytes,
            >(&library::any_or_null(&step.store.nonce), "bytes")
                .at(54, 9)?,
            proof: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.proof), "hash")
                .at(54, 9)?,
        };
        step.send(to, &reply).at(54, 9)?;
        return step.enter(State::Checking);
    }

    step.consider(1, "IDLE -> FAILED on HELLO");
    if message.payload.version != "v1" {
        step.store.reason = library::any_field(Value::text("version"));
        return step.enter(State::Failed);
    }
    step.refuse()
}

/// In CHECKING, on the message `CONFIRM`.
fn checking_on_confirm(
    step: &mut Step<'_, Responder>,
    message: &Received<Confirm>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CHECKING -> ESTABLISHED on CONFIRM");
    if message.payload.proof
        == library::hash(
            &[
                &library::any_or_null(&step.store.nonce),
                &library::any_or_null(&step.store.their_nonce),
                &"confirm",
            ],
        )
    {
        return step.enter(State::Established);
    }
    step.refuse()
}

/// In CHECKING, on `timeout(WAIT)`.
fn checking_on_timeout_wait(step: &mut Step<'_, Responder>) -> Result<Outcome, Raised> {
    step.consider(1, "CHECKING -> FAILED on timeout(WAIT)");
    step.store.reason = library::any_field(Value::text("timeout"));
    step.enter(State::Failed)
}
