// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Consumer of Escrow Lock.

use super::blocks::{BalanceLock, BalanceUnlock, LockClosed, LockOpen};
use super::functions::{
    body, cabal, certificate_valid, checkpoint, draw_nonce, epoch, free, hopeless,
    in_force, network_genesis, offer_problem, session_id, settles, terms_problem, ticket,
    tickets_differ,
};

use super::messages::{
    ConsumerSignedLock, ForkProof, LockIntent, LockRejected, LockResultForSignature,
    Message, NonceContradiction, NonceReveal, WitnessRefusal, WitnessRequest,
    WitnessSelectionCommitment,
};

use super::parameters::{
    MAX_FAILED_OPENS, RELEASE_DELAY, SIGN_WINDOW, WITNESS_COMMITMENT_TIMEOUT,
};

use super::types::{
    LockBody, LockCertificate, Refusal, SessionTerms, SettlementCertificate, SignedTicket,
};

use super::views::{Acquaintances, Ledger};
use omt_runtime::typed::prelude::*;

/// States of [`Consumer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing reserved.
    Idle,
    /// Passed through: is it worth an opening?
    Opening,
    /// The amount is reserved, the nonce committed to; the provider decides.
    WaitingForWitnessCommitment,
    /// Both nonces are out; the witnesses deliberate.
    WaitingForResult,
    /// Counter-signed.
    Locked,
    /// Settled.
    Released,
    /// Not settled in time.
    Expired,
    /// No lock; the reason is in the store, and the opening, if there was one, is closed.
    Failed,
}
states!(State {
    IDLE => Idle,
    OPENING => Opening,
    WAITING_FOR_WITNESS_COMMITMENT => WaitingForWitnessCommitment,
    WAITING_FOR_RESULT => WaitingForResult,
    LOCKED => Locked,
    RELEASED => Released,
    EXPIRED => Expired,
    FAILED => Failed,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `terms`.
    pub terms: Option<SessionTerms>,
    /// `terms_hash`.
    pub terms_hash: Option<Hash>,
    /// `provider`.
    pub provider: Option<PeerId>,
    /// `amount`.
    pub amount: Option<u64>,
    /// `epoch`.
    pub epoch: Option<u64>,
    /// `nonce`.
    pub nonce: Option<Secret<Bytes>>,
    /// `nonce_commitment`.
    pub nonce_commitment: Option<Hash>,
    /// `checkpoint`.
    pub checkpoint: Option<Hash>,
    /// `sign_by`.
    pub sign_by: Option<i64>,
    /// `expires_at`.
    pub expires_at: Option<i64>,
    /// from here on transaction 02 may give the money back
    pub release_at: Option<i64>,
    /// `open`.
    pub open: Option<Block<LockOpen>>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `body`.
    pub body: Option<LockBody>,
    /// `refusals`.
    pub refusals: Map<PeerId, WitnessRefusal>,
    /// `certificate`.
    pub certificate: Option<LockCertificate>,
    /// `lock`.
    pub lock: Option<Block<BalanceLock>>,
    /// `reject_reason`.
    pub reject_reason: Option<Refusal>,
}

store_fields!(Store {
    session_id,
    terms,
    terms_hash,
    provider,
    amount,
    epoch,
    nonce,
    nonce_commitment,
    checkpoint,
    sign_by,
    expires_at,
    release_at,
    open,
    witnesses,
    body,
    refusals,
    certificate,
    lock,
    reject_reason,
});

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// the latest ticket of each provider that this consumer has asked
    pub offers: Tracked<Map<PeerId, SignedTicket>>,
}

shared_fields!(Shared { offers });

/// Pays for the service.
pub struct Consumer;

impl Actor for Consumer {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Consumer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Released, State::Expired, State::Failed];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" => store.provider.names(sender),
            "WITNESS_PRELIMINARY" | "WITNESS_FINAL_VOTE" | "WITNESS_REFUSAL"
            | "LOCK_RESULT_FOR_SIGNATURE" | "WITNESS_FORWARDED_LOCK"
            | "BALANCE_UPDATE_BROADCAST" => store.witnesses.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" => library::bind(&mut store.provider, sender),
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (
                State::WaitingForWitnessCommitment,
                Message::WitnessSelectionCommitment(message),
            ) => {
                waiting_for_witness_commitment_on_witness_selection_commitment(
                    step,
                    message,
                )
            }
            (State::WaitingForWitnessCommitment, Message::LockRejected(message)) => {
                waiting_for_witness_commitment_on_lock_rejected(step, message)
            }
            (State::WaitingForResult, Message::LockResultForSignature(message)) => {
                waiting_for_result_on_lock_result_for_signature(step, message)
            }
            (State::WaitingForResult, Message::WitnessRefusal(message)) => {
                waiting_for_result_on_witness_refusal(step, message)
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
            (State::Idle, "initiate_lock") => {
                idle_on_initiate_lock(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::Locked, "release") => {
                locked_on_release(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::WaitingForWitnessCommitment, 0) => {
                waiting_for_witness_commitment_on_timeout_witness_commitment_timeout(
                    step,
                )
            }
            (State::WaitingForResult, 0) => waiting_for_result_on_timeout_sign_by(step),
            (State::Locked, 0) => locked_on_timeout_release_at(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Opening => opening_at_once(step),
            State::WaitingForResult => waiting_for_result_at_once(step),
            State::Idle
            | State::WaitingForWitnessCommitment
            | State::Locked
            | State::Released
            | State::Expired
            | State::Failed => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::WaitingForWitnessCommitment => {
                timers.after(0, WITNESS_COMMITMENT_TIMEOUT);
            }
            State::WaitingForResult => {
                timers.at(0, step.store.sign_by);
            }
            State::Locked => {
                timers.at(0, step.store.release_at);
            }
            State::Idle
            | State::Opening
            | State::Released
            | State::Expired
            | State::Failed => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `initiate_lock`.
fn idle_on_initiate_lock(
    step: &mut Step<'_, Consumer>,
    terms: SessionTerms,
    amount: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> OPENING on initiate_lock");
    step.store.terms = Some(terms.clone());
    step.store.amount = Some(amount);
    step.store.provider = Some(terms.provider);
    step.store.terms_hash = Some(library::hash(&[&terms]));
    step.store.epoch = Some(epoch(step.now())?);
    step.store.nonce = Some(
        draw_nonce(
                &step.context,
                step.store.provider.needed().at(73, 28)?,
                step.store.epoch.needed().at(73, 38)?,
            )
            .at(73, 17)?,
    );
    step.store.nonce_commitment = Some(
        library::hash(&[step.store.nonce.as_ref().needed().at(74, 33)?]),
    );
    step.store.sign_by = Some(
        library::narrow_i64(i128::from(step.now()) + i128::from(SIGN_WINDOW)).at(75, 19)?,
    );
    step.store.expires_at = Some(terms.expires_at);
    step.store.release_at = Some(
        library::narrow_i64(
                i128::from(step.store.expires_at.needed().at(77, 22)?)
                    + i128::from(RELEASE_DELAY),
            )
            .at(77, 22)?,
    );
    step.store.checkpoint = checkpoint(
        &*step.view::<Acquaintances>(&step.chain()).at(78, 33)?,
        step.store.provider.needed().at(78, 61)?,
        step.store.epoch.needed().at(78, 71)?,
    )?;
    let ledger = step.view::<Ledger>(&step.chain()).at(79, 22)?;
    step.store.reject_reason = terms_problem(&terms, amount, step.now());
    if step.store.reject_reason.is_none() && terms.consumer != step.peer_id() {
        step.store.reject_reason = Some(Refusal::BadTerms);
    }
    if step.store.reject_reason.is_none() && step.store.checkpoint.is_none() {
        step.store.reject_reason = Some(Refusal::NoCheckpoint);
    }
    if step.store.reject_reason.is_none()
        && step.equivocation(&step.store.provider.needed().at(83, 51)?).is_some()
    {
        step.store.reject_reason = Some(Refusal::ForkedChain);
    }
    if step.store.reject_reason.is_none()
        && library::get_or(&ledger.unfinished, &library::day(step.now()).at(84, 61)?, 0)
            > MAX_FAILED_OPENS
    {
        step.store.reject_reason = Some(Refusal::TooManyAbandoned);
    }
    if step.store.reject_reason.is_none()
        && i128::from(free(&ledger, network_genesis(&step.context).at(87, 51)?)?)
            < i128::from(amount)
    {
        step.store.reject_reason = Some(Refusal::InsufficientBalance);
    }
    if step.store.reject_reason.is_none() {
        step.store.session_id = Some(
            session_id(
                step.peer_id(),
                step.store.provider.needed().at(92, 46)?,
                library::narrow_u64(i128::from(step.chain().height()) + 1).at(92, 56)?,
                step.store.nonce_commitment.needed().at(92, 81)?,
                step.store.terms_hash.needed().at(92, 99)?,
            ),
        );
    }
    step.enter(State::Opening)
}

/// In OPENING, at once.
fn opening_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "OPENING -> WAITING_FOR_WITNESS_COMMITMENT auto");
    if step.store.reject_reason.is_none() && step.store.checkpoint.is_some() {
        step.proceed().at(95, 5)?;
        let lock_open = LockOpen {
            checkpoint: step.store.checkpoint.needed().at(96, 53)?,
            session_id: step.session(),
            provider: step.store.provider.needed().at(96, 9)?,
            amount: step.store.amount.needed().at(96, 9)?,
            terms_hash: step.store.terms_hash.needed().at(96, 9)?,
            nonce_commitment: step.store.nonce_commitment.needed().at(96, 9)?,
            sign_by: step.store.sign_by.needed().at(96, 9)?,
            expires_at: step.store.expires_at.needed().at(96, 9)?,
        };
        step.store.open = Some(step.append(lock_open).at(96, 9)?);
        let to = step.store.provider.needed().at(97, 14)?;
        let lock_intent = LockIntent {
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(97, 67)?.hash(),
                )
                .at(97, 46)?,
            terms: step.store.terms.as_ref().needed().at(97, 9)?.clone(),
            open: step.store.open.as_ref().needed().at(97, 9)?.clone(),
        };
        step.send(to, &lock_intent).at(97, 9)?;
        return step.enter(State::WaitingForWitnessCommitment);
    }
    step.otherwise(0, "OPENING -> WAITING_FOR_WITNESS_COMMITMENT auto");
    step.proceed().at(95, 5)?;
    step.enter(State::Failed)
}

/// In WAITING_FOR_WITNESS_COMMITMENT, on the message `WITNESS_SELECTION_COMMITMENT`.
fn waiting_for_witness_commitment_on_witness_selection_commitment(
    step: &mut Step<'_, Consumer>,
    message: &Received<WitnessSelectionCommitment>,
) -> Result<Outcome, Raised> {
    step.consider(
        0,
        "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on WITNESS_SELECTION_COMMITMENT",
    );
    let problem = offer_problem(
        &step.context,
        &message.payload,
        step.store.open.as_ref().needed().at(102, 54)?,
    )?;
    if problem.is_some() {
        step.store.reject_reason = Some(problem.needed().at(104, 25)?);
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(105, 9)?;
        return step.enter(State::Failed);
    }

    step.consider(
        1,
        "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on WITNESS_SELECTION_COMMITMENT",
    );
    let ticket_2 = SignedTicket {
        ticket: ticket(
            &message.payload,
            step.store.open.as_ref().needed().at(108, 68)?,
        )?,
        ticket_signature: message.payload.ticket_signature,
    };
    let before = library::get(
        &*step.shared.offers,
        &step.store.provider.needed().at(109, 34)?,
    );
    if before.is_some()
        && tickets_differ(
            &Some(before.as_ref().needed().at(110, 48)?.clone()),
            &ticket_2,
        )?
    {
        step.store.reject_reason = Some(Refusal::NonceChanged);
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(112, 9)?;
        let nonce_contradiction = NonceContradiction {
            first: before.as_ref().needed().at(113, 56)?.clone(),
            second: ticket_2.clone(),
        };
        step.gossip(&nonce_contradiction).at(113, 9)?;
        return step.enter(State::Failed);
    }

    step.consider(
        2,
        "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on WITNESS_SELECTION_COMMITMENT",
    );
    let fork = step.equivocation(&step.store.provider.needed().at(116, 33)?);
    if fork.is_some() {
        step.store.reject_reason = Some(Refusal::ForkedChain);
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(119, 9)?;
        let fork_proof = ForkProof {
            proof: fork.as_ref().needed().at(120, 47)?.clone(),
        };
        step.gossip(&fork_proof).at(120, 9)?;
        return step.enter(State::Failed);
    }

    step.consider(
        3,
        "WAITING_FOR_WITNESS_COMMITMENT -> WAITING_FOR_RESULT on WITNESS_SELECTION_COMMITMENT",
    );
    let key = step.store.provider.needed().at(123, 16)?;
    let value = SignedTicket {
        ticket: ticket(
            &message.payload,
            step.store.open.as_ref().needed().at(124, 44)?,
        )?,
        ticket_signature: message.payload.ticket_signature,
    };
    step.shared.offers.insert(key, value);
    step.store.witnesses = cabal(
        &step.context,
        step.store.open.as_ref().needed().at(127, 27)?,
        step.store.nonce.as_ref().needed().at(127, 40)?.reveal(),
        &message.payload.provider_nonce,
        &message.payload.history,
    )?;
    step.store.body = Some(
        body(step.store.open.as_ref().needed().at(128, 21)?, &step.store.witnesses),
    );
    let to = step.store.provider.needed().at(129, 14)?;
    let nonce_reveal = NonceReveal {
        nonce: step.store.nonce.as_ref().needed().at(129, 52)?.reveal().clone(),
    };
    step.send(to, &nonce_reveal).at(129, 9)?;
    let witness_request = WitnessRequest {
        offer: message.signed(),
        nonce: step.store.nonce.as_ref().needed().at(132, 26)?.reveal().clone(),
        consumer_history: library::chain_segment(
                &step.chain(),
                &step.store.open.as_ref().needed().at(133, 51)?.hash(),
            )
            .at(133, 30)?,
        terms: step.store.terms.as_ref().needed().at(130, 9)?.clone(),
        open: step.store.open.as_ref().needed().at(130, 9)?.clone(),
    };
    step.broadcast(&step.store.witnesses, &witness_request).at(130, 9)?;
    step.enter(State::WaitingForResult)
}

/// In WAITING_FOR_WITNESS_COMMITMENT, on the message `LOCK_REJECTED`.
fn waiting_for_witness_commitment_on_lock_rejected(
    step: &mut Step<'_, Consumer>,
    message: &Received<LockRejected>,
) -> Result<Outcome, Raised> {
    step.consider(4, "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on LOCK_REJECTED");
    step.store.reject_reason = Some(message.payload.reason);
    let lock_closed = LockClosed {
        session_id: step.session(),
        timestamp: step.now(),
    };
    step.append(lock_closed).at(138, 9)?;
    step.enter(State::Failed)
}

/// In WAITING_FOR_WITNESS_COMMITMENT, on `timeout(WITNESS_COMMITMENT_TIMEOUT)`.
fn waiting_for_witness_commitment_on_timeout_witness_commitment_timeout(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(
        5,
        "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on timeout(WITNESS_COMMITMENT_TIMEOUT)",
    );
    step.store.reject_reason = Some(Refusal::ProviderSilent);
    let lock_closed = LockClosed {
        session_id: step.session(),
        timestamp: step.now(),
    };
    step.append(lock_closed).at(142, 9)?;
    step.enter(State::Failed)
}

/// In WAITING_FOR_RESULT, on the message `LOCK_RESULT_FOR_SIGNATURE`.
fn waiting_for_result_on_lock_result_for_signature(
    step: &mut Step<'_, Consumer>,
    message: &Received<LockResultForSignature>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_RESULT -> LOCKED on LOCK_RESULT_FOR_SIGNATURE");
    if step.now() < step.store.sign_by.needed().at(147, 22)?
        && message.payload.certificate.body
            == *step.store.body.as_ref().needed().at(147, 62)?
        && certificate_valid(&step.context, &message.payload.certificate)?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        let balance_lock = BalanceLock {
            lock_result_hash: library::hash(
                &[step.store.body.as_ref().needed().at(149, 67)?],
            ),
            session_id: step.session(),
            amount: step.store.amount.needed().at(149, 9)?,
            timestamp: step.now(),
        };
        step.store.lock = Some(step.append(balance_lock).at(149, 9)?);
        let to = &library::concat(
            &step.store.witnesses,
            &[step.store.provider.needed().at(150, 38)?],
        );
        let consumer_signed_lock = ConsumerSignedLock {
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.lock.as_ref().needed().at(150, 102)?.hash(),
                )
                .at(150, 81)?,
            certificate: step.store.certificate.as_ref().needed().at(150, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(150, 9)?.clone(),
        };
        step.broadcast(to, &consumer_signed_lock).at(150, 9)?;
        return step.enter(State::Locked);
    }
    step.refuse()
}

/// In WAITING_FOR_RESULT, on the message `WITNESS_REFUSAL`.
fn waiting_for_result_on_witness_refusal(
    step: &mut Step<'_, Consumer>,
    message: &Received<WitnessRefusal>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect WITNESS_REFUSAL");
    let repeated = step.store.refusals.repeats(&message.sender, &message.payload);
    if repeated.is_none() {
        step.store.refusals.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WAITING_FOR_RESULT, at once.
fn waiting_for_result_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING_FOR_RESULT -> FAILED auto");
    if hopeless(
        library::length_map(&step.store.refusals),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(153, 5)?;
        step.store.reject_reason = Some(
            library::index(&library::values(&step.store.refusals), 0).at(154, 25)?.reason,
        );
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(155, 9)?;
        return step.enter(State::Failed);
    }
    step.refuse()
}

/// In WAITING_FOR_RESULT, on `timeout(sign_by)`.
fn waiting_for_result_on_timeout_sign_by(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(3, "WAITING_FOR_RESULT -> FAILED on timeout(sign_by)");
    step.store.reject_reason = Some(Refusal::NoQuorum);
    let lock_closed = LockClosed {
        session_id: step.session(),
        timestamp: step.now(),
    };
    step.append(lock_closed).at(159, 9)?;
    step.enter(State::Failed)
}

/// In LOCKED, on the trigger `release`.
fn locked_on_release(
    step: &mut Step<'_, Consumer>,
    session_id: Hash,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(0, "LOCKED -> RELEASED on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(163, 60)?,
    )? {
        if in_force(
            &*step.view::<Ledger>(&step.chain()).at(164, 21)?,
            session_id,
            library::hash(&[step.store.body.as_ref().needed().at(164, 59)?]),
        )? {
            let balance_unlock = BalanceUnlock {
                settlement_result_hash: Some(library::hash(&[&settlement.body])),
                refund_amount: settlement.body.consumer_refund,
                settlement: Some(settlement.clone()),
                evidence: None,
                session_id: step.session(),
                timestamp: step.now(),
            };
            step.append(balance_unlock).at(165, 13)?;
        }
        return step.enter(State::Released);
    }
    step.refuse()
}

/// In LOCKED, on `timeout(release_at)`.
fn locked_on_timeout_release_at(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(1, "LOCKED -> EXPIRED on timeout(release_at)");
    step.enter(State::Expired)
}
