// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Provider of Escrow Lock.

use super::messages::{Commitment, LockIntent, Message, Rejected};
use omt_runtime::typed::prelude::*;

/// States of [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `DECIDING`.
    Deciding,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, DECIDING => Deciding, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `consumer`.
    pub consumer: Option<PeerId>,
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `amount`.
    pub amount: Option<Value>,
    /// `witnesses`.
    pub witnesses: Option<Value>,
    /// `provider_chain`.
    pub provider_chain: Option<Value>,
}

store_fields!(Store { consumer, session_id, amount, witnesses, provider_chain });

/// sells.
pub struct Provider;

impl Actor for Provider {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Provider";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

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
            (State::Idle, Message::LockIntent(message)) => {
                idle_on_lock_intent(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Deciding => deciding_at_once(step),
            State::Idle | State::Done => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `LOCK_INTENT`.
fn idle_on_lock_intent(
    step: &mut Step<'_, Provider>,
    message: &Received<LockIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DECIDING on LOCK_INTENT");
    step.store.consumer = Some(message.payload.consumer);
    step.store.amount = library::any_field(
        library::to_any(&message.payload.amount).at(106, 37)?,
    );
    step.enter(State::Deciding)
}

/// In DECIDING, at once.
fn deciding_at_once(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(0, "DECIDING -> DONE auto");
    if library::from_any::<u64>(&library::any_or_null(&step.store.amount), "uint")
        .at(108, 32)? > 1000
    {
        step.proceed().at(108, 5)?;
        let to = step.store.consumer.needed().at(108, 53)?;
        let rejected = Rejected {
            reason: "too_much".to_owned(),
        };
        step.send(to, &rejected).at(108, 48)?;
        return step.enter(State::Done);
    }

    step.consider(1, "DECIDING -> DONE auto");
    if library::from_any::<u64>(&library::any_or_null(&step.store.amount), "uint")
        .at(109, 32)? <= 1000
    {
        step.proceed().at(109, 5)?;
        step.store.witnesses = library::any_field(
            library::to_any(&vec![step.store.consumer.needed().at(110, 22) ?])
                .at(110, 21)?,
        );
        step.store.provider_chain = library::any_field(
            library::to_any(
                    &library::chain_segment(&step.chain(), &step.chain().head_hash())
                        .at(111, 26)?,
                )
                .at(111, 26)?,
        );
        let to = step.store.consumer.needed().at(112, 14)?;
        let commitment = Commitment {
            info: Value::record([
                ("rank", library::to_any(&1u64).at(112, 49)?),
                ("name", Value::text("x")),
            ]),
            session_id: step.session(),
            witnesses: if library::any_or_null(&step.store.witnesses) == Value::Null {
                Vec::new()
            } else {
                library::from_any::<
                    Vec<PeerId>,
                >(&library::any_or_null(&step.store.witnesses), "list<peer_id>")
                    .at(112, 9)?
            },
            provider_chain: library::from_any::<
                Bytes,
            >(&library::any_or_null(&step.store.provider_chain), "bytes")
                .at(112, 9)?,
            timestamp: step.now(),
        };
        step.send(to, &commitment).at(112, 9)?;
        return step.enter(State::Done);
    }
    step.refuse()
}
