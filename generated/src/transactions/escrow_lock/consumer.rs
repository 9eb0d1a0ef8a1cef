// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Consumer of Escrow Lock.

use super::blocks::{
    BalanceLock, BalanceTopup, BalanceUnlock, LockClosed, LockOpen, TopupClosed,
    TopupOpen,
};

use super::functions::{
    body, body_of, cabal, certificate_valid, checkpoint, draw_nonce, epoch, hopeless,
    in_force, network_genesis, offer_problem, panel, replacements_proven, serving,
    session_id, settles, spendable, split_proven, terms_problem, ticket, tickets_differ,
    topup_body, topup_certified, topup_start_problem,
};

use super::messages::{
    ConsumerSignedLock, ConsumerSignedTopup, ForkProof, LivenessPing, LivenessPong,
    LockIntent, LockRejected, LockResultForSignature, Message, NonceContradiction,
    NonceReveal, TopupIntent, TopupResultForSignature, WitnessAppointment,
    WitnessRecruitRequest, WitnessRefusal, WitnessReplaced, WitnessRequest,
    WitnessSelectionCommitment,
};

use super::parameters::{
    MAX_FAILED_OPENS, MAX_SOURCES, MAX_TOPUPS, RECRUITMENT_TIMEOUT, RELEASE_DELAY,
    SIGN_WINDOW, TOPUP_TIMEOUT, WITNESS_COMMITMENT_TIMEOUT,
};

use super::types::{
    LockBody, LockCertificate, Refusal, ReplacementCertificate, SessionTerms,
    SettlementCertificate, SignedTicket, TopupBody, TopupCertificate,
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
    /// Passed through, once a session: the lock is on the chain.
    CounterSigned,
    /// Counter-signed.
    Locked,
    /// Passed through: is the top-up worth an opening?
    SendingTopup,
    /// More is reserved; the witnesses vote.
    WaitingForTopupResult,
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
    COUNTER_SIGNED => CounterSigned,
    LOCKED => Locked,
    SENDING_TOPUP => SendingTopup,
    WAITING_FOR_TOPUP_RESULT => WaitingForTopupResult,
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
    /// the draw, in its order: cabal first, then the reserves
    pub panel: Vec<PeerId>,
    /// how often the cabal was enlarged
    pub recruitment_round: Option<u64>,
    /// `recruit_by`.
    pub recruit_by: Option<i64>,
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
    /// those that came about, in order
    pub topups: Vec<TopupCertificate>,
    /// escrow of the lock with its top-ups
    pub total: Option<u64>,
    /// `offer`.
    pub offer: Option<Signed<WitnessSelectionCommitment>>,
    /// of silent witnesses
    pub replacements: Vec<ReplacementCertificate>,
    /// `topup_sign_by`.
    pub topup_sign_by: Option<i64>,
    /// `topup_open`.
    pub topup_open: Option<Block<TopupOpen>>,
    /// `topup_body`.
    pub topup_body: Option<TopupBody>,
    /// `topup_refusals`.
    pub topup_refusals: Map<PeerId, WitnessRefusal>,
    /// `topup`.
    pub topup: Option<Block<BalanceTopup>>,
    /// why the latest top-up did not come about
    pub topup_reason: Option<Refusal>,
    /// the chains that show what this consumer has earned
    pub sources: Vec<Segment>,
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
    panel,
    recruitment_round,
    recruit_by,
    witnesses,
    body,
    refusals,
    certificate,
    lock,
    reject_reason,
    topups,
    total,
    offer,
    replacements,
    topup_sign_by,
    topup_open,
    topup_body,
    topup_refusals,
    topup,
    topup_reason,
    sources,
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
            | "WITNESS_RECRUIT_REQUEST" | "LOCK_RESULT_FOR_SIGNATURE"
            | "WITNESS_FORWARDED_LOCK" | "BALANCE_UPDATE_BROADCAST" | "TOPUP_VOTE"
            | "TOPUP_RESULT_FOR_SIGNATURE" | "TOPUP_UPDATE_BROADCAST"
            | "WITNESS_CHAIN_SYNC_REQUEST" | "WITNESS_CHAIN_SYNC_RESPONSE"
            | "LIVENESS_PING" | "WITNESS_REPLACEMENT_VOTE" | "WITNESS_REPLACED" => {
                store.witnesses.names(sender)
            }
            "FORWARDED_TOPUP" => {
                store.provider.names(sender) || store.witnesses.names(sender)
            }
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" | "FORWARDED_TOPUP" => {
                library::bind(&mut store.provider, sender)
            }
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
            (State::WaitingForResult, Message::WitnessRecruitRequest(message)) => {
                waiting_for_result_on_witness_recruit_request(step, message)
            }
            (State::WaitingForResult, Message::WitnessRefusal(message)) => {
                waiting_for_result_on_witness_refusal(step, message)
            }
            (State::Locked, Message::LivenessPing(message)) => {
                locked_on_liveness_ping(step, message)
            }
            (State::Locked, Message::WitnessReplaced(message)) => {
                locked_on_witness_replaced(step, message)
            }
            (State::WaitingForTopupResult, Message::TopupResultForSignature(message)) => {
                waiting_for_topup_result_on_topup_result_for_signature(step, message)
            }
            (State::WaitingForTopupResult, Message::WitnessRefusal(message)) => {
                waiting_for_topup_result_on_witness_refusal(step, message)
            }
            (State::WaitingForTopupResult, Message::LivenessPing(message)) => {
                waiting_for_topup_result_on_liveness_ping(step, message)
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
                idle_on_initiate_lock(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                )
            }
            (State::Locked, "initiate_topup") => {
                locked_on_initiate_topup(step, arguments.get(0)?)
            }
            (State::Locked, "release") => {
                locked_on_release(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::WaitingForTopupResult, "release") => {
                waiting_for_topup_result_on_release(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                )
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
            (State::WaitingForTopupResult, 0) => {
                waiting_for_topup_result_on_timeout_topup_sign_by(step)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Opening => opening_at_once(step),
            State::WaitingForResult => waiting_for_result_at_once(step),
            State::CounterSigned => counter_signed_at_once(step),
            State::SendingTopup => sending_topup_at_once(step),
            State::WaitingForTopupResult => waiting_for_topup_result_at_once(step),
            State::Idle
            | State::WaitingForWitnessCommitment
            | State::Locked
            | State::Released
            | State::Expired
            | State::Failed => Ok(Outcome::Unhandled),
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::WaitingForResult, Message::WitnessRecruitRequest(message)) => {
                step.consider_override("defer WITNESS_RECRUIT_REQUEST");
                if i128::from(message.payload.recruitment_round)
                    > i128::from(step.store.recruitment_round.needed().at(206, 92)?) + 1
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::WaitingForResult, Message::WitnessRefusal(message)) => {
                step.consider_override("defer WITNESS_REFUSAL");
                if message.payload.open_hash
                    == step.store.open.as_ref().needed().at(210, 35)?.hash()
                    && message.payload.recruitment_round
                        > step.store.recruitment_round.needed().at(210, 77)?
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::Locked, Message::WitnessRefusal(_)) => {
                step.consider_override("ignore WITNESS_REFUSAL");
                Ok(Some(Diverted::Ignored))
            }
            _ => Ok(None),
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
            State::WaitingForTopupResult => {
                timers.at(0, step.store.topup_sign_by);
            }
            State::Idle
            | State::Opening
            | State::CounterSigned
            | State::SendingTopup
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
    sources: Vec<Segment>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> OPENING on initiate_lock");
    step.store.terms = Some(terms.clone());
    step.store.amount = Some(amount);
    step.store.sources = sources.clone();
    step.store.provider = Some(terms.provider);
    step.store.terms_hash = Some(library::hash(&[&terms]));
    step.store.epoch = Some(epoch(step.now())?);
    step.store.nonce = Some(
        draw_nonce(
                &step.context,
                step.store.provider.needed().at(96, 28)?,
                step.store.epoch.needed().at(96, 38)?,
            )
            .at(96, 17)?,
    );
    step.store.nonce_commitment = Some(
        library::hash(&[step.store.nonce.as_ref().needed().at(97, 33)?]),
    );
    step.store.sign_by = Some(
        library::narrow_i64(i128::from(step.now()) + i128::from(SIGN_WINDOW)).at(98, 19)?,
    );
    step.store.expires_at = Some(terms.expires_at);
    step.store.release_at = Some(
        library::narrow_i64(
                i128::from(step.store.expires_at.needed().at(100, 22)?)
                    + i128::from(RELEASE_DELAY),
            )
            .at(100, 22)?,
    );
    step.store.checkpoint = checkpoint(
        &*step.view::<Acquaintances>(&step.chain()).at(101, 33)?,
        step.store.provider.needed().at(101, 61)?,
        step.store.epoch.needed().at(101, 71)?,
    )?;
    let ledger = step.view::<Ledger>(&step.chain()).at(102, 22)?;
    step.store.reject_reason = terms_problem(&terms, amount, step.now());
    if step.store.reject_reason.is_none() && terms.consumer != step.peer_id() {
        step.store.reject_reason = Some(Refusal::BadTerms);
    }
    if step.store.reject_reason.is_none() && step.store.checkpoint.is_none() {
        step.store.reject_reason = Some(Refusal::NoCheckpoint);
    }
    if step.store.reject_reason.is_none()
        && step.equivocation(&step.store.provider.needed().at(106, 51)?).is_some()
    {
        step.store.reject_reason = Some(Refusal::ForkedChain);
    }
    if step.store.reject_reason.is_none()
        && library::get_or(&ledger.unfinished, &library::day(step.now()).at(107, 61)?, 0)
            > MAX_FAILED_OPENS
    {
        step.store.reject_reason = Some(Refusal::TooManyAbandoned);
    }
    if step.store.reject_reason.is_none() && library::length(&sources) > MAX_SOURCES {
        step.store.reject_reason = Some(Refusal::TooManySources);
    }
    if step.store.reject_reason.is_none()
        && i128::from(
            spendable(
                &step.context,
                &ledger,
                &sources,
                network_genesis(&step.context).at(111, 65)?,
            )?,
        ) < i128::from(amount)
    {
        step.store.reject_reason = Some(Refusal::InsufficientBalance);
    }
    if step.store.reject_reason.is_none() {
        step.store.session_id = Some(
            session_id(
                step.peer_id(),
                step.store.provider.needed().at(116, 46)?,
                library::narrow_u64(i128::from(step.chain().height()) + 1).at(116, 56)?,
                step.store.nonce_commitment.needed().at(116, 81)?,
                step.store.terms_hash.needed().at(116, 99)?,
            ),
        );
    }
    step.enter(State::Opening)
}

/// In OPENING, at once.
fn opening_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "OPENING -> WAITING_FOR_WITNESS_COMMITMENT auto");
    if step.store.reject_reason.is_none() && step.store.checkpoint.is_some() {
        step.proceed().at(119, 5)?;
        let lock_open = LockOpen {
            checkpoint: step.store.checkpoint.needed().at(120, 53)?,
            session_id: step.session(),
            provider: step.store.provider.needed().at(120, 9)?,
            amount: step.store.amount.needed().at(120, 9)?,
            terms_hash: step.store.terms_hash.needed().at(120, 9)?,
            nonce_commitment: step.store.nonce_commitment.needed().at(120, 9)?,
            sign_by: step.store.sign_by.needed().at(120, 9)?,
            expires_at: step.store.expires_at.needed().at(120, 9)?,
        };
        step.store.open = Some(step.append(lock_open).at(120, 9)?);
        let to = step.store.provider.needed().at(121, 14)?;
        let lock_intent = LockIntent {
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(121, 67)?.hash(),
                )
                .at(121, 46)?,
            terms: step.store.terms.as_ref().needed().at(121, 9)?.clone(),
            open: step.store.open.as_ref().needed().at(121, 9)?.clone(),
            sources: step.store.sources.clone(),
        };
        step.send(to, &lock_intent).at(121, 9)?;
        return step.enter(State::WaitingForWitnessCommitment);
    }
    step.otherwise(0, "OPENING -> WAITING_FOR_WITNESS_COMMITMENT auto");
    step.proceed().at(119, 5)?;
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
        step.store.terms.as_ref().needed().at(126, 54)?,
        step.store.open.as_ref().needed().at(126, 61)?,
    )?;
    if problem.is_some() {
        step.store.reject_reason = Some(problem.needed().at(128, 25)?);
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(129, 9)?;
        return step.enter(State::Failed);
    }

    step.consider(
        1,
        "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on WITNESS_SELECTION_COMMITMENT",
    );
    let ticket_2 = SignedTicket {
        ticket: ticket(
            &message.payload,
            step.store.open.as_ref().needed().at(132, 68)?,
        )?,
        ticket_signature: message.payload.ticket_signature,
    };
    let before = library::get(
        &*step.shared.offers,
        &step.store.provider.needed().at(133, 34)?,
    );
    if before.is_some()
        && tickets_differ(
            &Some(before.as_ref().needed().at(134, 48)?.clone()),
            &ticket_2,
        )?
    {
        step.store.reject_reason = Some(Refusal::NonceChanged);
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(136, 9)?;
        let nonce_contradiction = NonceContradiction {
            first: before.as_ref().needed().at(137, 56)?.clone(),
            second: ticket_2.clone(),
        };
        step.gossip(&nonce_contradiction).at(137, 9)?;
        return step.enter(State::Failed);
    }

    step.consider(
        2,
        "WAITING_FOR_WITNESS_COMMITMENT -> FAILED on WITNESS_SELECTION_COMMITMENT",
    );
    let fork = step.equivocation(&step.store.provider.needed().at(140, 33)?);
    if fork.is_some() {
        step.store.reject_reason = Some(Refusal::ForkedChain);
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(143, 9)?;
        let fork_proof = ForkProof {
            proof: fork.as_ref().needed().at(144, 47)?.clone(),
        };
        step.gossip(&fork_proof).at(144, 9)?;
        return step.enter(State::Failed);
    }

    step.consider(
        3,
        "WAITING_FOR_WITNESS_COMMITMENT -> WAITING_FOR_RESULT on WITNESS_SELECTION_COMMITMENT",
    );
    let key = step.store.provider.needed().at(147, 16)?;
    let value = SignedTicket {
        ticket: ticket(
            &message.payload,
            step.store.open.as_ref().needed().at(148, 44)?,
        )?,
        ticket_signature: message.payload.ticket_signature,
    };
    step.shared.offers.insert(key, value);
    step.store.panel = panel(
        &step.context,
        step.store.open.as_ref().needed().at(151, 23)?,
        step.store.nonce.as_ref().needed().at(151, 36)?.reveal(),
        &message.payload.provider_nonce,
        &message.payload.history,
    )?;
    step.store.witnesses = cabal(
        &step.store.panel,
        step.store.open.as_ref().needed().at(152, 34)?.payload.amount,
        0,
    )?;
    step.store.offer = Some(message.signed());
    step.store.recruitment_round = Some(0);
    step.store.recruit_by = Some(
        library::narrow_i64(
                i128::from(step.store.open.as_ref().needed().at(155, 22)?.time())
                    + i128::from(RECRUITMENT_TIMEOUT),
            )
            .at(155, 22)?,
    );
    step.store.body = Some(
        body(step.store.open.as_ref().needed().at(156, 21)?, &step.store.witnesses),
    );
    let to = step.store.provider.needed().at(157, 14)?;
    let nonce_reveal = NonceReveal {
        nonce: step.store.nonce.as_ref().needed().at(157, 52)?.reveal().clone(),
    };
    step.send(to, &nonce_reveal).at(157, 9)?;
    let witness_request = WitnessRequest {
        nonce: step.store.nonce.as_ref().needed().at(159, 26)?.reveal().clone(),
        consumer_history: library::chain_segment(
                &step.chain(),
                &step.store.open.as_ref().needed().at(160, 51)?.hash(),
            )
            .at(160, 30)?,
        existing_votes: Vec::new(),
        terms: step.store.terms.as_ref().needed().at(158, 9)?.clone(),
        open: step.store.open.as_ref().needed().at(158, 9)?.clone(),
        offer: step.store.offer.as_ref().needed().at(158, 9)?.clone(),
        sources: step.store.sources.clone(),
        recruitment_round: step.store.recruitment_round.needed().at(158, 9)?,
    };
    step.broadcast(&step.store.witnesses, &witness_request).at(158, 9)?;
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
    step.append(lock_closed).at(166, 9)?;
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
    step.append(lock_closed).at(170, 9)?;
    step.enter(State::Failed)
}

/// In WAITING_FOR_RESULT, on the message `LOCK_RESULT_FOR_SIGNATURE`.
fn waiting_for_result_on_lock_result_for_signature(
    step: &mut Step<'_, Consumer>,
    message: &Received<LockResultForSignature>,
) -> Result<Outcome, Raised> {
    step.consider(
        0,
        "WAITING_FOR_RESULT -> COUNTER_SIGNED on LOCK_RESULT_FOR_SIGNATURE",
    );
    let expected = body_of(
        step.store.open.as_ref().needed().at(175, 32)?,
        &step.store.panel,
        &message.payload.certificate.body.cabal,
    )?;
    if step.now() < step.store.sign_by.needed().at(176, 22)? && expected.is_some()
        && message.payload.certificate.body == *expected.as_ref().needed().at(178, 45)?
        && certificate_valid(&step.context, &message.payload.certificate)?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(182, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(183, 21)?
            .cabal
            .clone();
        step.store.total = Some(step.store.body.as_ref().needed().at(184, 17)?.amount);
        let balance_lock = BalanceLock {
            lock_result_hash: library::hash(
                &[step.store.body.as_ref().needed().at(185, 67)?],
            ),
            session_id: step.session(),
            amount: step.store.amount.needed().at(185, 9)?,
            timestamp: step.now(),
        };
        step.store.lock = Some(step.append(balance_lock).at(185, 9)?);
        let to = &library::concat(
            &step.store.witnesses,
            &[step.store.provider.needed().at(186, 38)?],
        );
        let consumer_signed_lock = ConsumerSignedLock {
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.lock.as_ref().needed().at(186, 102)?.hash(),
                )
                .at(186, 81)?,
            certificate: step.store.certificate.as_ref().needed().at(186, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(186, 9)?.clone(),
        };
        step.broadcast(to, &consumer_signed_lock).at(186, 9)?;
        return step.enter(State::CounterSigned);
    }
    step.refuse()
}

/// In WAITING_FOR_RESULT, on the message `WITNESS_RECRUIT_REQUEST`.
fn waiting_for_result_on_witness_recruit_request(
    step: &mut Step<'_, Consumer>,
    message: &Received<WitnessRecruitRequest>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "WAITING_FOR_RESULT -> WAITING_FOR_RESULT on WITNESS_RECRUIT_REQUEST",
    );
    let larger = cabal(
        &step.store.panel,
        step.store.open.as_ref().needed().at(191, 35)?.payload.amount,
        message.payload.recruitment_round,
    )?;
    if i128::from(message.payload.recruitment_round)
        == i128::from(step.store.recruitment_round.needed().at(192, 43)?) + 1
        && step.now() < step.store.recruit_by.needed().at(193, 25)?
        && library::length(&larger) > 0
        && split_proven(
            &message.payload.existing_votes,
            &step.store.witnesses,
            step.store.open.as_ref().needed().at(195, 65)?,
        )?
    {
        let recruits = larger
            .iter()
            .filter(|&&w| !library::contains(&step.store.witnesses, &w))
            .cloned()
            .collect::<Vec<_>>();
        step.store.recruitment_round = Some(message.payload.recruitment_round);
        step.store.witnesses = larger.clone();
        step.store.body = Some(
            body(step.store.open.as_ref().needed().at(199, 21)?, &step.store.witnesses),
        );
        let witness_request = WitnessRequest {
            nonce: step.store.nonce.as_ref().needed().at(201, 26)?.reveal().clone(),
            consumer_history: library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(202, 51)?.hash(),
                )
                .at(202, 30)?,
            existing_votes: message.payload.existing_votes.clone(),
            terms: step.store.terms.as_ref().needed().at(200, 9)?.clone(),
            open: step.store.open.as_ref().needed().at(200, 9)?.clone(),
            offer: step.store.offer.as_ref().needed().at(200, 9)?.clone(),
            sources: step.store.sources.clone(),
            recruitment_round: step.store.recruitment_round.needed().at(200, 9)?,
        };
        step.broadcast(&recruits, &witness_request).at(200, 9)?;
        return step.enter(State::WaitingForResult);
    }
    step.refuse()
}

/// In WAITING_FOR_RESULT, on the message `WITNESS_REFUSAL`.
fn waiting_for_result_on_witness_refusal(
    step: &mut Step<'_, Consumer>,
    message: &Received<WitnessRefusal>,
) -> Result<Outcome, Raised> {
    step.consider(2, "collect WITNESS_REFUSAL");
    let repeated = step.store.refusals.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.open_hash
            == step.store.open.as_ref().needed().at(208, 35)?.hash()
        && message.payload.recruitment_round
            <= step.store.recruitment_round.needed().at(208, 78)?
    {
        step.store.refusals.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WAITING_FOR_RESULT, at once.
fn waiting_for_result_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(3, "WAITING_FOR_RESULT -> FAILED auto");
    if hopeless(
        library::length_map(&step.store.refusals),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(212, 5)?;
        step.store.reject_reason = Some(
            library::index(&library::values(&step.store.refusals), 0).at(213, 25)?.reason,
        );
        let lock_closed = LockClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(lock_closed).at(214, 9)?;
        return step.enter(State::Failed);
    }
    step.refuse()
}

/// In WAITING_FOR_RESULT, on `timeout(sign_by)`.
fn waiting_for_result_on_timeout_sign_by(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(4, "WAITING_FOR_RESULT -> FAILED on timeout(sign_by)");
    step.store.reject_reason = Some(Refusal::NoQuorum);
    let lock_closed = LockClosed {
        session_id: step.session(),
        timestamp: step.now(),
    };
    step.append(lock_closed).at(218, 9)?;
    step.enter(State::Failed)
}

/// In COUNTER_SIGNED, at once.
fn counter_signed_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "COUNTER_SIGNED -> LOCKED auto");
    step.proceed().at(188, 5)?;
    step.enter(State::Locked)
}

/// In LOCKED, on the trigger `initiate_topup`.
fn locked_on_initiate_topup(
    step: &mut Step<'_, Consumer>,
    additional_amount: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "LOCKED -> SENDING_TOPUP on initiate_topup");
    step.store.topup_sign_by = Some(
        library::narrow_i64(i128::from(step.now()) + i128::from(TOPUP_TIMEOUT))
            .at(223, 25)?,
    );
    step.store.topup_reason = topup_start_problem(
        &step.context,
        &*step.view::<Ledger>(&step.chain()).at(225, 13)?,
        &step.store.sources,
        network_genesis(&step.context).at(227, 13)?,
        step.store.body.as_ref().needed().at(228, 13)?,
        &step.store.topups,
        additional_amount,
        step.store.topup_sign_by.needed().at(231, 13)?,
    )?;
    if step.store.topup_reason.is_none() {
        step.store.topup_refusals = Map::new();
        let topup_open = TopupOpen {
            previous_total: step.store.total.needed().at(236, 32)?,
            additional_amount,
            sign_by: step.store.topup_sign_by.needed().at(238, 25)?,
            session_id: step.session(),
        };
        step.store.topup_open = Some(step.append(topup_open).at(235, 13)?);
        step.store.topup_body = Some(
            topup_body(
                step.store.topup_open.as_ref().needed().at(240, 37)?,
                step.store.body.as_ref().needed().at(240, 49)?,
            )?,
        );
        let topup_intent = TopupIntent {
            open: step.store.topup_open.as_ref().needed().at(241, 54)?.clone(),
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.topup_open.as_ref().needed().at(241, 95)?.hash(),
                )
                .at(241, 74)?,
            sources: step.store.sources.clone(),
        };
        step.broadcast(&step.store.witnesses, &topup_intent).at(241, 13)?;
    }
    step.enter(State::SendingTopup)
}

/// In LOCKED, on the message `LIVENESS_PING`.
fn locked_on_liveness_ping(
    step: &mut Step<'_, Consumer>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(1, "LOCKED -> LOCKED on LIVENESS_PING");
    let liveness_pong = LivenessPong {
        topups: library::length(&step.store.topups),
        replacements: library::length(&step.store.replacements),
    };
    step.send(message.sender, &liveness_pong).at(275, 9)?;
    step.enter(State::Locked)
}

/// In LOCKED, on the message `WITNESS_REPLACED`.
fn locked_on_witness_replaced(
    step: &mut Step<'_, Consumer>,
    message: &Received<WitnessReplaced>,
) -> Result<Outcome, Raised> {
    step.consider(2, "LOCKED -> LOCKED on WITNESS_REPLACED");
    if replacements_proven(
        &step.context,
        &message.payload.replacements,
        &step.store.replacements,
        step.store.body.as_ref().needed().at(281, 103)?,
        &step.store.panel,
    )? {
        step.store.replacements = message.payload.replacements.clone();
        step.store.witnesses = serving(
            &step.context,
            step.store.body.as_ref().needed().at(283, 29)?,
            &step.store.replacements,
        )?;
        let witness_appointment = WitnessAppointment {
            nonce: step.store.nonce.as_ref().needed().at(285, 26)?.reveal().clone(),
            provider_nonce: step
                .store
                .offer
                .as_ref()
                .needed()
                .at(286, 28)?
                .payload
                .provider_nonce
                .clone(),
            ticket_signature: step
                .store
                .offer
                .as_ref()
                .needed()
                .at(287, 30)?
                .payload
                .ticket_signature,
            provider_history: step
                .store
                .offer
                .as_ref()
                .needed()
                .at(288, 30)?
                .payload
                .history
                .clone(),
            history: library::chain_segment(
                    &step.chain(),
                    &(if step.store.topup.is_none() {
                        step.store.lock.as_ref().needed().at(289, 64)?.hash()
                    } else {
                        step.store.topup.as_ref().needed().at(289, 79)?.hash()
                    }),
                )
                .at(289, 21)?,
            terms: step.store.terms.as_ref().needed().at(284, 9)?.clone(),
            open: step.store.open.as_ref().needed().at(284, 9)?.clone(),
            certificate: step.store.certificate.as_ref().needed().at(284, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(284, 9)?.clone(),
            replacements: step.store.replacements.clone(),
            topups: step.store.topups.clone(),
        };
        step.broadcast(
                &step
                    .store
                    .replacements
                    .iter()
                    .map(|r| r.body.new_witness)
                    .collect::<Vec<_>>(),
                &witness_appointment,
            )
            .at(284, 9)?;
        return step.enter(State::Locked);
    }
    step.refuse()
}

/// In LOCKED, on the trigger `release`.
fn locked_on_release(
    step: &mut Step<'_, Consumer>,
    session_id: Hash,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(3, "LOCKED -> RELEASED on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(295, 34)?,
        &step.store.topups,
    )? && settlement.body.escrowed_amount == step.store.total.needed().at(295, 87)?
    {
        if in_force(
            &*step.view::<Ledger>(&step.chain()).at(296, 21)?,
            session_id,
            library::hash(&[step.store.body.as_ref().needed().at(296, 59)?]),
        )? {
            let balance_unlock = BalanceUnlock {
                settlement_result_hash: Some(library::hash(&[&settlement.body])),
                refund_amount: settlement.body.consumer_refund,
                settlement: Some(settlement.clone()),
                evidence: None,
                session_id: step.session(),
                timestamp: step.now(),
            };
            step.append(balance_unlock).at(297, 13)?;
        }
        return step.enter(State::Released);
    }
    step.refuse()
}

/// In LOCKED, on `timeout(release_at)`.
fn locked_on_timeout_release_at(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(4, "LOCKED -> EXPIRED on timeout(release_at)");
    step.enter(State::Expired)
}

/// In SENDING_TOPUP, at once.
fn sending_topup_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "SENDING_TOPUP -> WAITING_FOR_TOPUP_RESULT auto");
    if step.store.topup_reason.is_none() && step.store.topup_open.is_some()
        && step.store.topup_body.is_some()
    {
        step.proceed().at(244, 5)?;
        return step.enter(State::WaitingForTopupResult);
    }
    step.otherwise(0, "SENDING_TOPUP -> WAITING_FOR_TOPUP_RESULT auto");
    step.proceed().at(244, 5)?;
    step.enter(State::Locked)
}

/// In WAITING_FOR_TOPUP_RESULT, on the message `TOPUP_RESULT_FOR_SIGNATURE`.
fn waiting_for_topup_result_on_topup_result_for_signature(
    step: &mut Step<'_, Consumer>,
    message: &Received<TopupResultForSignature>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_TOPUP_RESULT -> LOCKED on TOPUP_RESULT_FOR_SIGNATURE");
    let signed_topup = message.payload.certificate.clone();
    if step.now() < step.store.topup_sign_by.needed().at(249, 22)?
        && library::length(&step.store.topups) < MAX_TOPUPS
        && topup_certified(
            &step.context,
            &signed_topup,
            step.store.topup_body.as_ref().needed().at(249, 102)?,
            step.store.body.as_ref().needed().at(249, 114)?,
        )?
    {
        step.store.topups = library::concat(
            &step.store.topups,
            &[
                TopupCertificate {
                    body: signed_topup.body.clone(),
                    replacements: signed_topup.replacements.clone(),
                    signatures: signed_topup.signatures.clone(),
                },
            ],
        );
        step.store.total = Some(
            step.store.topup_body.as_ref().needed().at(252, 17)?.new_total,
        );
        let balance_topup = BalanceTopup {
            previous_total: step
                .store
                .topup_body
                .as_ref()
                .needed()
                .at(254, 28)?
                .previous_total,
            topup_amount: step
                .store
                .topup_body
                .as_ref()
                .needed()
                .at(255, 26)?
                .additional_amount,
            new_total: step.store.topup_body.as_ref().needed().at(256, 23)?.new_total,
            topup_result_hash: library::hash(
                &[step.store.topup_body.as_ref().needed().at(257, 36)?],
            ),
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.store.topup = Some(step.append(balance_topup).at(253, 9)?);
        let to = &library::concat(
            &step.store.witnesses,
            &[step.store.provider.needed().at(259, 38)?],
        );
        let consumer_signed_topup = ConsumerSignedTopup {
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.topup.as_ref().needed().at(260, 42)?.hash(),
                )
                .at(260, 21)?,
            topups: step.store.topups.clone(),
            topup: step.store.topup.as_ref().needed().at(259, 9)?.clone(),
        };
        step.broadcast(to, &consumer_signed_topup).at(259, 9)?;
        return step.enter(State::Locked);
    }
    step.refuse()
}

/// In WAITING_FOR_TOPUP_RESULT, on the message `WITNESS_REFUSAL`.
fn waiting_for_topup_result_on_witness_refusal(
    step: &mut Step<'_, Consumer>,
    message: &Received<WitnessRefusal>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect WITNESS_REFUSAL");
    let repeated = step.store.topup_refusals.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.open_hash
            == step.store.topup_open.as_ref().needed().at(264, 35)?.hash()
        && message.payload.recruitment_round
            <= step.store.recruitment_round.needed().at(264, 84)?
    {
        step.store.topup_refusals.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WAITING_FOR_TOPUP_RESULT, at once.
fn waiting_for_topup_result_at_once(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING_FOR_TOPUP_RESULT -> LOCKED auto");
    if hopeless(
        library::length_map(&step.store.topup_refusals),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(265, 5)?;
        step.store.topup_reason = Some(
            library::index(&library::values(&step.store.topup_refusals), 0)
                .at(266, 24)?
                .reason,
        );
        let topup_closed = TopupClosed {
            session_id: step.session(),
            timestamp: step.now(),
        };
        step.append(topup_closed).at(267, 9)?;
        return step.enter(State::Locked);
    }
    step.refuse()
}

/// In WAITING_FOR_TOPUP_RESULT, on `timeout(topup_sign_by)`.
fn waiting_for_topup_result_on_timeout_topup_sign_by(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(3, "WAITING_FOR_TOPUP_RESULT -> LOCKED on timeout(topup_sign_by)");
    step.store.topup_reason = Some(Refusal::NoQuorum);
    let topup_closed = TopupClosed {
        session_id: step.session(),
        timestamp: step.now(),
    };
    step.append(topup_closed).at(271, 9)?;
    step.enter(State::Locked)
}

/// In WAITING_FOR_TOPUP_RESULT, on the message `LIVENESS_PING`.
fn waiting_for_topup_result_on_liveness_ping(
    step: &mut Step<'_, Consumer>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "WAITING_FOR_TOPUP_RESULT -> WAITING_FOR_TOPUP_RESULT on LIVENESS_PING",
    );
    let liveness_pong = LivenessPong {
        topups: library::length(&step.store.topups),
        replacements: library::length(&step.store.replacements),
    };
    step.send(message.sender, &liveness_pong).at(278, 9)?;
    step.enter(State::WaitingForTopupResult)
}

/// In WAITING_FOR_TOPUP_RESULT, on the trigger `release`.
fn waiting_for_topup_result_on_release(
    step: &mut Step<'_, Consumer>,
    session_id: Hash,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(5, "WAITING_FOR_TOPUP_RESULT -> RELEASED on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(295, 34)?,
        &step.store.topups,
    )? && settlement.body.escrowed_amount == step.store.total.needed().at(295, 87)?
    {
        if in_force(
            &*step.view::<Ledger>(&step.chain()).at(296, 21)?,
            session_id,
            library::hash(&[step.store.body.as_ref().needed().at(296, 59)?]),
        )? {
            let balance_unlock = BalanceUnlock {
                settlement_result_hash: Some(library::hash(&[&settlement.body])),
                refund_amount: settlement.body.consumer_refund,
                settlement: Some(settlement.clone()),
                evidence: None,
                session_id: step.session(),
                timestamp: step.now(),
            };
            step.append(balance_unlock).at(297, 13)?;
        }
        return step.enter(State::Released);
    }
    step.refuse()
}
