// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Initiator of Handshake.

use super::messages::{Confirm, Hello, Message, Reply};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Initiator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `ESTABLISHED`.
    Established,
    /// `FAILED`.
    Failed,
}
states!(State {
    IDLE => Idle,
    WAITING => Waiting,
    ESTABLISHED => Established,
    FAILED => Failed,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `responder`.
    pub responder: Option<PeerId>,
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `nonce`.
    pub nonce: Option<Value>,
    /// `version`.
    pub version: Option<Value>,
    /// `their_nonce`.
    pub their_nonce: Option<Value>,
    /// `proof`.
    pub proof: Option<Value>,
    /// `reason`.
    pub reason: Option<Value>,
}

store_fields!(Store {
    responder,
    session_id,
    nonce,
    version,
    their_nonce,
    proof,
    reason,
});

/// Actor `Initiator`.
pub struct Initiator;

impl Actor for Initiator {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Initiator";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Established, State::Failed];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Reply(message)) => waiting_on_reply(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "hello") => idle_on_hello(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Waiting, 0) => waiting_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Waiting {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `hello`.
fn idle_on_hello(
    step: &mut Step<'_, Initiator>,
    responder: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on hello");
    step.store.responder = Some(responder);
    step.store.session_id = Some(
        library::hash(&[&step.peer_id(), &responder, &"handshake"]),
    );
    step.store.nonce = library::any_field(
        library::to_any(&step.random_bytes(16).at(31, 17)?).at(31, 17)?,
    );
    step.store.version = library::any_field(Value::text("v1"));
    let hello = Hello {
        nonce: library::from_any::<
            Bytes,
        >(&library::any_or_null(&step.store.nonce), "bytes")
            .at(33, 9)?,
        version: library::from_any::<
            String,
        >(&library::any_or_null(&step.store.version), "string")
            .at(33, 9)?,
    };
    step.send(responder, &hello).at(33, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `REPLY`.
fn waiting_on_reply(
    step: &mut Step<'_, Initiator>,
    message: &Received<Reply>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> ESTABLISHED on REPLY");
    if message.payload.proof
        == library::hash(
            &[&library::any_or_null(&step.store.nonce), &message.payload.nonce],
        )
    {
        step.store.their_nonce = library::any_field(
            library::to_any(&message.payload.nonce).at(36, 28)?,
        );
        step.store.proof = library::any_field(
            library::to_any(
                    &library::hash(
                        &[
                            &library::any_or_null(&step.store.their_nonce),
                            &library::any_or_null(&step.store.nonce),
                            &"confirm",
                        ],
                    ),
                )
                .at(37, 17)?,
        );
        let to = step.store.responder.needed().at(38, 14)?;
        let confirm = Confirm {
            proof: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.proof), "hash")
                .at(38, 9)?,
        };
        step.send(to, &confirm).at(38, 9)?;
        return step.enter(State::Established);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Initiator>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.store.reason = library::any_field(Value::text("timeout"));
    step.enter(State::Failed)
}
