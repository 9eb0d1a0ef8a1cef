// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Payer of Ledger.

use super::blocks::Payment;
use super::messages::{Message, Pay, Thanks};
use super::parameters::{LIMIT, WAIT};
use super::views::Spent;
use omt_runtime::typed::prelude::*;

/// States of [`Payer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `PAID`.
    Paid,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, WAITING => Waiting, PAID => Paid, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `payee`.
    pub payee: Option<PeerId>,
    /// `amount`.
    pub amount: Option<u64>,
    /// `memo`.
    pub memo: Option<Value>,
    /// `entry`.
    pub entry: Option<Block<Payment>>,
    /// `block_hash`.
    pub block_hash: Option<Value>,
    /// `spent`.
    pub spent: Option<Value>,
}

store_fields!(Store { payee, amount, memo, entry, block_hash, spent });

/// Actor `Payer`.
pub struct Payer;

impl Actor for Payer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Payer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Paid, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Thanks(message)) => {
                waiting_on_thanks(step, message)
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
            (State::Idle, "pay") => {
                idle_on_pay(step, arguments.get(0)?, arguments.get(1)?)
            }
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

/// In IDLE, on the trigger `pay`.
fn idle_on_pay(
    step: &mut Step<'_, Payer>,
    payee: PeerId,
    amount: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on pay");
    if i128::from(step.view::<Spent>(&step.chain()).at(25, 33)?.total)
        + i128::from(amount) <= i128::from(LIMIT)
    {
        step.store.payee = Some(payee);
        step.store.amount = Some(amount);
        step.store.memo = library::any_field(
            Value::record([
                ("reason", Value::text("rent")),
                ("month", library::to_any(&11u64).at(27, 39)?),
            ]),
        );
        let payment = Payment {
            payee: step.store.payee.needed().at(28, 9)?,
            amount: step.store.amount.needed().at(28, 9)?,
            memo: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.memo), "dict", library::Shape::Dict)
                .at(28, 9)?,
            timestamp: step.now(),
        };
        step.store.entry = Some(step.append(payment).at(28, 9)?);
        step.store.block_hash = library::any_field(
            library::to_any(&step.store.entry.as_ref().needed().at(29, 22)?.hash())
                .at(29, 22)?,
        );
        let pay = Pay {
            amount: step.store.amount.needed().at(30, 9)?,
            block_hash: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.block_hash), "hash")
                .at(30, 9)?,
            memo: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.memo), "dict", library::Shape::Dict)
                .at(30, 9)?,
        };
        step.send(payee, &pay).at(30, 9)?;
        return step.enter(State::Waiting);
    }
    step.refuse()
}

/// In WAITING, on the message `THANKS`.
fn waiting_on_thanks(
    step: &mut Step<'_, Payer>,
    message: &Received<Thanks>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> PAID on THANKS");
    if message.payload.proof
        == library::hash(
            &[
                &library::any_or_null(&step.store.block_hash),
                &step.store.amount.needed().at(32, 71)?,
            ],
        )
    {
        step.store.spent = library::any_field(
            library::to_any(&step.view::<Spent>(&step.chain()).at(33, 17)?.total)
                .at(33, 17)?,
        );
        return step.enter(State::Paid);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, Payer>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
