// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Provider of Escrow Settle.

use super::blocks::{BalanceLock, PaymentReceived, PaymentWitnessed};
use super::functions::{record_valid, recorders, releasable_at, settles};
use super::messages::{
    Message, PaymentProven, PaymentSeen, PaymentShown, SettlementRecorded,
    SettlementResult,
};

use super::types::{ChainHead, LockCertificate, SessionTerms, SettlementCertificate};
use super::views::Ledger;
use omt_runtime::typed::prelude::*;

/// States of [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is locked.
    Idle,
    /// The session runs, or is being settled.
    AwaitingSettlement,
    /// The payment is on the chain, and does not count yet.
    AwaitingRecords,
    /// The payment counts.
    Paid,
    /// No settlement in time.
    Unpaid,
    /// Settled, but too few members of the cabal recorded the payment in time.
    Forfeited,
}
states!(State {
    IDLE => Idle,
    AWAITING_SETTLEMENT => AwaitingSettlement,
    AWAITING_RECORDS => AwaitingRecords,
    PAID => Paid,
    UNPAID => Unpaid,
    FORFEITED => Forfeited,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `terms`.
    pub terms: Option<SessionTerms>,
    /// `consumer`.
    pub consumer: Option<PeerId>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `certificate`.
    pub certificate: Option<LockCertificate>,
    /// the chains that show the money
    pub sources: Vec<ChainHead>,
    /// later records do not make a payment count
    pub counts_until: Option<i64>,
    /// `settlement`.
    pub settlement: Option<SettlementCertificate>,
    /// `payment`.
    pub payment: Option<Block<PaymentReceived>>,
    /// `seen`.
    pub seen: Map<PeerId, PaymentSeen>,
    /// the payer's chain, genesis to its record of the settlement: who reads it takes the payment for money
    pub history: Option<Segment>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    witnesses,
    certificate,
    sources,
    counts_until,
    settlement,
    payment,
    seen,
    history,
});

/// Is paid.
pub struct Provider;

impl Actor for Provider {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Provider";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Paid, State::Unpaid, State::Forfeited];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "SETTLEMENT_PROPOSAL" | "SETTLEMENT_SHARE" | "SETTLEMENT_RESULT"
            | "SETTLEMENT_ANNOUNCED" | "PAYMENT_SEEN" | "RELEASE_ANSWER" => {
                store.witnesses.names(sender)
            }
            "SETTLEMENT_RECORDED" | "RELEASE_REQUEST" => store.consumer.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "SETTLEMENT_RECORDED" | "RELEASE_REQUEST" => {
                library::bind(&mut store.consumer, sender)
            }
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::AwaitingSettlement, Message::SettlementResult(message)) => {
                awaiting_settlement_on_settlement_result(step, message)
            }
            (State::AwaitingRecords, Message::SettlementRecorded(message)) => {
                awaiting_records_on_settlement_recorded(step, message)
            }
            (State::AwaitingRecords, Message::PaymentSeen(message)) => {
                awaiting_records_on_payment_seen(step, message)
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
            (State::Idle, "escrow") => {
                idle_on_escrow(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                    arguments.get(3)?,
                    arguments.get(4)?,
                )
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::AwaitingSettlement, 0) => {
                awaiting_settlement_on_timeout_counts_until(step)
            }
            (State::AwaitingRecords, 0) => awaiting_records_on_timeout_counts_until(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::AwaitingRecords => awaiting_records_at_once(step),
            State::Idle
            | State::AwaitingSettlement
            | State::Paid
            | State::Unpaid
            | State::Forfeited => Ok(Outcome::Unhandled),
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::AwaitingSettlement, Message::SettlementRecorded(_)) => {
                step.consider_override("defer SETTLEMENT_RECORDED");
                Ok(Some(Diverted::Deferred))
            }
            _ => Ok(None),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::AwaitingSettlement => {
                timers.at(0, step.store.counts_until);
            }
            State::AwaitingRecords => {
                timers.at(0, step.store.counts_until);
            }
            State::Idle | State::Paid | State::Unpaid | State::Forfeited => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `escrow`.
fn idle_on_escrow(
    step: &mut Step<'_, Provider>,
    session_id: Hash,
    terms: SessionTerms,
    certificate: LockCertificate,
    lock: Block<BalanceLock>,
    shown: Vec<ChainHead>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> AWAITING_SETTLEMENT on escrow");
    step.store.session_id = Some(session_id);
    step.store.terms = Some(terms.clone());
    step.store.certificate = Some(certificate.clone());
    step.store.consumer = Some(terms.consumer);
    step.store.witnesses = certificate.body.cabal.clone();
    step.store.sources = library::concat(
        &shown,
        &[
            ChainHead {
                author: terms.consumer,
                head: lock.hash(),
            },
        ],
    );
    step.store.counts_until = Some(releasable_at(&certificate.body)?);
    step.enter(State::AwaitingSettlement)
}

/// In AWAITING_SETTLEMENT, on the message `SETTLEMENT_RESULT`.
fn awaiting_settlement_on_settlement_result(
    step: &mut Step<'_, Provider>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AWAITING_SETTLEMENT -> AWAITING_RECORDS on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(125, 99)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        let payment_received = PaymentReceived {
            settlement_result_hash: library::hash(
                &[&step.store.settlement.as_ref().needed().at(128, 41)?.body],
            ),
            payment_amount: step
                .store
                .settlement
                .as_ref()
                .needed()
                .at(129, 28)?
                .body
                .provider_payment,
            session_id: step.session(),
            settlement: step.store.settlement.as_ref().needed().at(127, 9)?.clone(),
            sources: step.store.sources.clone(),
            timestamp: step.now(),
        };
        step.store.payment = Some(step.append(payment_received).at(127, 9)?);
        let payment_shown = PaymentShown {
            payment: step.store.payment.as_ref().needed().at(131, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &payment_shown).at(131, 9)?;
        return step.enter(State::AwaitingRecords);
    }
    step.refuse()
}

/// In AWAITING_SETTLEMENT, on `timeout(counts_until)`.
fn awaiting_settlement_on_timeout_counts_until(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(1, "AWAITING_SETTLEMENT -> UNPAID on timeout(counts_until)");
    step.enter(State::Unpaid)
}

/// In AWAITING_RECORDS, on the message `SETTLEMENT_RECORDED`.
fn awaiting_records_on_settlement_recorded(
    step: &mut Step<'_, Provider>,
    message: &Received<SettlementRecorded>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AWAITING_RECORDS -> AWAITING_RECORDS on SETTLEMENT_RECORDED");
    if message.payload.unlock.author() == step.store.consumer.needed().at(137, 39)?
        && message.payload.history.author() == step.store.consumer.needed().at(138, 43)?
        && message.payload.history.head_hash() == message.payload.unlock.hash()
        && library::get(
            &step.view::<Ledger>(&message.payload.history).at(140, 21)?.settled,
            &step.store.session_id.needed().at(140, 60)?,
        )
            == Some(
                library::hash(
                    &[&step.store.settlement.as_ref().needed().at(140, 80)?.body],
                ),
            )
    {
        step.store.history = Some(message.payload.history.clone());
        return step.enter(State::AwaitingRecords);
    }
    step.refuse()
}

/// In AWAITING_RECORDS, on the message `PAYMENT_SEEN`.
fn awaiting_records_on_payment_seen(
    step: &mut Step<'_, Provider>,
    message: &Received<PaymentSeen>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect PAYMENT_SEEN");
    let repeated = step.store.seen.repeats(&message.sender, &message.payload);
    if repeated.is_none() && message.payload.seen.record.member == message.sender
        && record_valid(
            &step.context,
            &message.payload.seen,
            &step.store.certificate.as_ref().needed().at(146, 90)?.body,
            step.store.payment.as_ref().needed().at(146, 108)?.hash(),
        )?
    {
        step.store.seen.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In AWAITING_RECORDS, at once.
fn awaiting_records_at_once(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(2, "AWAITING_RECORDS -> PAID auto");
    if library::length_map(&step.store.seen)
        >= recorders(library::length(&step.store.witnesses))?
    {
        step.proceed().at(147, 5)?;
        let payment_witnessed = PaymentWitnessed {
            records: library::values(&step.store.seen)
                .iter()
                .map(|s| s.seen.clone())
                .collect::<Vec<_>>(),
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(payment_witnessed).at(148, 9)?;
        let payment_proven = PaymentProven {
            records: library::values(&step.store.seen)
                .iter()
                .map(|s| s.seen.clone())
                .collect::<Vec<_>>(),
            payment: step.store.payment.as_ref().needed().at(149, 9)?.clone(),
        };
        step.gossip(&payment_proven).at(149, 9)?;
        return step.enter(State::Paid);
    }
    step.refuse()
}

/// In AWAITING_RECORDS, on `timeout(counts_until)`.
fn awaiting_records_on_timeout_counts_until(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(3, "AWAITING_RECORDS -> FORFEITED on timeout(counts_until)");
    step.enter(State::Forfeited)
}
