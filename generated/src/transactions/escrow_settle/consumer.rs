// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Consumer of Escrow Settle.

use super::blocks::BalanceUnlock;
use super::functions::{
    in_force, releasable_at, release_proven, settles, statement_valid,
};

use super::messages::{
    Message, ReleaseAnswer, ReleaseRequest, SettlementRecorded, SettlementResult,
};

use super::parameters::RELEASE_RETRY;
use super::types::{
    LockCertificate, ReleaseEvidence, SessionTerms, SettlementCertificate,
};

use super::views::Ledger;
use omt_runtime::typed::prelude::*;

/// States of [`Consumer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is locked.
    Idle,
    /// The session runs, or is being settled.
    AwaitingSettlement,
    /// Nobody settled in time: the cabal's word that no payment counts is wanted.
    Asking,
    /// The settlement is on the chain.
    Settled,
    /// The whole amount is free again.
    Released,
}
states!(State {
    IDLE => Idle,
    AWAITING_SETTLEMENT => AwaitingSettlement,
    ASKING => Asking,
    SETTLED => Settled,
    RELEASED => Released,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `terms`.
    pub terms: Option<SessionTerms>,
    /// `provider`.
    pub provider: Option<PeerId>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `certificate`.
    pub certificate: Option<LockCertificate>,
    /// from here on no payment comes to count any more
    pub release_at: Option<i64>,
    /// `settlement`.
    pub settlement: Option<SettlementCertificate>,
    /// `unlock`.
    pub unlock: Option<Block<BalanceUnlock>>,
    /// `answers`.
    pub answers: Map<PeerId, ReleaseAnswer>,
}

store_fields!(Store {
    session_id,
    terms,
    provider,
    witnesses,
    certificate,
    release_at,
    settlement,
    unlock,
    answers,
});

/// Gets back what was not used.
pub struct Consumer;

impl Actor for Consumer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Consumer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Settled, State::Released];

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
            _ => true,
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
            (State::Asking, Message::SettlementResult(message)) => {
                asking_on_settlement_result(step, message)
            }
            (State::Asking, Message::ReleaseAnswer(message)) => {
                asking_on_release_answer(step, message)
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
                )
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::AwaitingSettlement, 0) => {
                awaiting_settlement_on_timeout_release_at(step)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_period(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Asking, 0) => asking_every_release_retry(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Asking => asking_at_once(step),
            State::Idle
            | State::AwaitingSettlement
            | State::Settled
            | State::Released => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::AwaitingSettlement => {
                timers.at(0, step.store.release_at);
            }
            State::Asking => {
                timers.every(0, RELEASE_RETRY);
            }
            State::Idle | State::Settled | State::Released => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `escrow`.
fn idle_on_escrow(
    step: &mut Step<'_, Consumer>,
    session_id: Hash,
    terms: SessionTerms,
    certificate: LockCertificate,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> AWAITING_SETTLEMENT on escrow");
    step.store.session_id = Some(session_id);
    step.store.terms = Some(terms.clone());
    step.store.certificate = Some(certificate.clone());
    step.store.provider = Some(terms.provider);
    step.store.witnesses = certificate.body.cabal.clone();
    step.store.release_at = Some(releasable_at(&certificate.body)?);
    step.enter(State::AwaitingSettlement)
}

/// In AWAITING_SETTLEMENT, on the message `SETTLEMENT_RESULT`.
fn awaiting_settlement_on_settlement_result(
    step: &mut Step<'_, Consumer>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AWAITING_SETTLEMENT -> SETTLED on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(43, 98)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        if in_force(
            &*step.view::<Ledger>(&step.chain()).at(45, 21)?,
            step.store.session_id.needed().at(45, 42)?,
            library::hash(&[&step.store.certificate.as_ref().needed().at(45, 59)?.body]),
        )? {
            let balance_unlock = BalanceUnlock {
                settlement_result_hash: Some(
                    library::hash(
                        &[&step.store.settlement.as_ref().needed().at(47, 45)?.body],
                    ),
                ),
                refund_amount: step
                    .store
                    .settlement
                    .as_ref()
                    .needed()
                    .at(48, 31)?
                    .body
                    .consumer_refund,
                settlement: Some(
                    step.store.settlement.as_ref().needed().at(49, 28)?.clone(),
                ),
                evidence: None,
                session_id: step.session(),
                timestamp: step.now(),
            };
            step.store.unlock = Some(step.append(balance_unlock).at(46, 13)?);
            let to = step.store.provider.needed().at(52, 18)?;
            let settlement_recorded = SettlementRecorded {
                history: library::chain_segment(
                        &step.chain(),
                        &step.store.unlock.as_ref().needed().at(52, 79)?.hash(),
                    )
                    .at(52, 58)?,
                unlock: step.store.unlock.as_ref().needed().at(52, 13)?.clone(),
            };
            step.send(to, &settlement_recorded).at(52, 13)?;
        }
        return step.enter(State::Settled);
    }
    step.refuse()
}

/// In AWAITING_SETTLEMENT, on `timeout(release_at)`.
fn awaiting_settlement_on_timeout_release_at(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(1, "AWAITING_SETTLEMENT -> ASKING on timeout(release_at)");
    let release_request = ReleaseRequest {
        terms: step.store.terms.as_ref().needed().at(57, 9)?.clone(),
        certificate: step.store.certificate.as_ref().needed().at(57, 9)?.clone(),
    };
    step.broadcast(&step.store.witnesses, &release_request).at(57, 9)?;
    step.enter(State::Asking)
}

/// In ASKING, on the message `SETTLEMENT_RESULT`.
fn asking_on_settlement_result(
    step: &mut Step<'_, Consumer>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ASKING -> SETTLED on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(43, 98)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        if in_force(
            &*step.view::<Ledger>(&step.chain()).at(45, 21)?,
            step.store.session_id.needed().at(45, 42)?,
            library::hash(&[&step.store.certificate.as_ref().needed().at(45, 59)?.body]),
        )? {
            let balance_unlock = BalanceUnlock {
                settlement_result_hash: Some(
                    library::hash(
                        &[&step.store.settlement.as_ref().needed().at(47, 45)?.body],
                    ),
                ),
                refund_amount: step
                    .store
                    .settlement
                    .as_ref()
                    .needed()
                    .at(48, 31)?
                    .body
                    .consumer_refund,
                settlement: Some(
                    step.store.settlement.as_ref().needed().at(49, 28)?.clone(),
                ),
                evidence: None,
                session_id: step.session(),
                timestamp: step.now(),
            };
            step.store.unlock = Some(step.append(balance_unlock).at(46, 13)?);
            let to = step.store.provider.needed().at(52, 18)?;
            let settlement_recorded = SettlementRecorded {
                history: library::chain_segment(
                        &step.chain(),
                        &step.store.unlock.as_ref().needed().at(52, 79)?.hash(),
                    )
                    .at(52, 58)?,
                unlock: step.store.unlock.as_ref().needed().at(52, 13)?.clone(),
            };
            step.send(to, &settlement_recorded).at(52, 13)?;
        }
        return step.enter(State::Settled);
    }
    step.refuse()
}

/// In ASKING, on `every(RELEASE_RETRY)`.
fn asking_every_release_retry(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(1, "ASKING -> ASKING on every(RELEASE_RETRY)");
    let release_request = ReleaseRequest {
        terms: step.store.terms.as_ref().needed().at(61, 9)?.clone(),
        certificate: step.store.certificate.as_ref().needed().at(61, 9)?.clone(),
    };
    step.broadcast(&step.store.witnesses, &release_request).at(61, 9)?;
    step.enter(State::Asking)
}

/// In ASKING, on the message `RELEASE_ANSWER`.
fn asking_on_release_answer(
    step: &mut Step<'_, Consumer>,
    message: &Received<ReleaseAnswer>,
) -> Result<Outcome, Raised> {
    step.consider(2, "collect RELEASE_ANSWER");
    let repeated = step.store.answers.repeats(&message.sender, &message.payload);
    if repeated.is_none() && message.payload.answer.statement.member == message.sender
        && statement_valid(
            &step.context,
            &message.payload.answer,
            &step.store.certificate.as_ref().needed().at(64, 100)?.body,
        )
    {
        step.store.answers.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In ASKING, at once.
fn asking_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(3, "ASKING -> RELEASED auto");
    if release_proven(
        &step.context,
        &ReleaseEvidence {
            lock: step.store.certificate.as_ref().needed().at(67, 18)?.body.clone(),
            statements: library::values(&step.store.answers)
                .iter()
                .map(|a| a.answer.clone())
                .collect::<Vec<_>>(),
        },
    )? {
        step.proceed().at(65, 5)?;
        let held = library::get(
            &step.view::<Ledger>(&step.chain()).at(70, 24)?.locks,
            &step.store.session_id.needed().at(70, 51)?,
        );
        if held.is_some() {
            let balance_unlock = BalanceUnlock {
                settlement_result_hash: None,
                refund_amount: held.as_ref().needed().at(74, 31)?.amount,
                settlement: None,
                evidence: Some(ReleaseEvidence {
                    lock: step
                        .store
                        .certificate
                        .as_ref()
                        .needed()
                        .at(77, 26)?
                        .body
                        .clone(),
                    statements: library::values(&step.store.answers)
                        .iter()
                        .map(|a| a.answer.clone())
                        .collect::<Vec<_>>(),
                }),
                session_id: step.session(),
                timestamp: step.now(),
            };
            step.append(balance_unlock).at(72, 13)?;
        }
        return step.enter(State::Released);
    }
    step.refuse()
}
