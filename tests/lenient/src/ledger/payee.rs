// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Payee of Ledger.

use super::blocks::Receipt;
use super::messages::{Message, Pay, Thanks};
use omt_runtime::typed::prelude::*;

/// States of [`Payee`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `RECEIVED`.
    Received,
}
states!(State { IDLE => Idle, RECEIVED => Received });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `payer`.
    pub payer: Option<Value>,
    /// `amount`.
    pub amount: Option<Value>,
    /// `proof`.
    pub proof: Option<Value>,
}

store_fields!(Store { payer, amount, proof });

/// Actor `Payee`.
pub struct Payee;

impl Actor for Payee {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Payee";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Received];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Pay(message)) => idle_on_pay(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `PAY`.
fn idle_on_pay(
    step: &mut Step<'_, Payee>,
    message: &Received<Pay>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> RECEIVED on PAY");
    if library::from_any::<
        i64,
    >(&library::member(&message.payload.memo, "month").at(41, 34)?, "int")
        .at(41, 34)? <= 12
    {
        step.store.payer = library::any_field(
            library::to_any(&message.sender).at(42, 17)?,
        );
        step.store.amount = library::any_field(
            library::to_any(&message.payload.amount).at(43, 15)?,
        );
        step.store.proof = library::any_field(
            library::to_any(
                    &library::hash(
                        &[
                            &message.payload.block_hash,
                            &library::any_or_null(&step.store.amount),
                        ],
                    ),
                )
                .at(44, 17)?,
        );
        let receipt = Receipt {
            payer: library::from_any::<
                PeerId,
            >(&library::any_or_null(&step.store.payer), "peer_id")
                .at(45, 9)?,
            amount: library::from_any::<
                u64,
            >(&library::any_or_null(&step.store.amount), "uint")
                .at(45, 9)?,
            proof: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.proof), "hash")
                .at(45, 9)?,
        };
        step.append(receipt).at(45, 9)?;
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.payer), "peer_id")
            .at(46, 14)?;
        let thanks = Thanks {
            proof: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.proof), "hash")
                .at(46, 9)?,
        };
        step.send(to, &thanks).at(46, 9)?;
        return step.enter(State::Received);
    }
    step.refuse()
}
