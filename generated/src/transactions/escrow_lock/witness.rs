// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Witness of Escrow Lock.

use super::blocks::{
    BalanceLock, BalanceTopup, LockOpen, TopupOpen, WitnessCommitment, WitnessReplacement,
};

use super::functions::{
    appointment_problem, body, cabal, credit_problem, epoch, escrowed, free, hopeless,
    lock_proven, network_genesis, next_drawn, panel, quorum, remove_peer_id, replacement,
    replacement_signatures, replacement_vote_valid, replacements_proven, request_problem,
    serving, session_id, settles, signatures, silent, spendable, split, split_proven,
    ticket, tickets_differ, topup_body, topup_opened, topup_problem, topup_signatures,
    topups_proven, vote, with_verdict,
};

use super::messages::{
    BalanceUpdateBroadcast, ConsumerSignedLock, ConsumerSignedTopup, ForkProof,
    ForwardedTopup, LivenessPing, LivenessPong, LockResultForSignature, Message,
    NonceContradiction, ProviderForwardedLock, TopupIntent, TopupResultForSignature,
    TopupUpdateBroadcast, TopupVote, WitnessAppointment, WitnessChainSyncRequest,
    WitnessChainSyncResponse, WitnessFinalVote, WitnessForwardedLock, WitnessPreliminary,
    WitnessRecruitRequest, WitnessRefusal, WitnessReplaced, WitnessReplacementVote,
    WitnessRequest,
};

use super::parameters::{
    CHAIN_SYNC_TIMEOUT, CONSENSUS_TIMEOUT, FORWARD_ALLOWANCE, LIVENESS_CHECK_INTERVAL,
    LIVENESS_RESPONSE_TIMEOUT, LOCK_LIFETIME_MAX, LOCK_TIMEOUT, PRELIMINARY_TIMEOUT,
    RECRUITMENT_TIMEOUT, REPLACEMENT_TIMEOUT, TOPUP_VOTE_TIMEOUT,
};

use super::types::{
    LockBody, LockCertificate, Refusal, ReplacementBody, ReplacementCertificate,
    ReplacementReason, SessionTerms, SettlementCertificate, SignedTicket, TopupBody,
    TopupCertificate, WitnessVerdict,
};

use super::views::Ledger;
use omt_runtime::typed::prelude::*;

/// States of [`Witness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked.
    Idle,
    /// Passed through: is the request in order?
    Examining,
    /// Who sees what.
    CollectingPreliminaries,
    /// Passed through: the cabal cannot agree and is enlarged, if there is time.
    Recruiting,
    /// Passed through: the vote.
    Voting,
    /// Who signs.
    CollectingVotes,
    /// A quorum has signed; the consumer may counter-sign.
    WaitingForConsumer,
    /// No quorum here; the consumer may still show one.
    NotAgreed,
    /// Passed through: the lock is proven.
    Adopting,
    /// The lock is proven and on record.
    EscrowActive,
    /// Who is still there?
    CheckingLiveness,
    /// Passed through: who is silent, and who would come instead.
    Suspecting,
    /// Do the others find the same?
    Replacing,
    /// Passed through: the replacement is proven.
    AdoptingReplacement,
    /// Passed through: is this witness really the substitute?
    ExaminingAppointment,
    /// Passed through: the top-up is proven.
    AdoptingTopup,
    /// Passed through: is the top-up covered, and do I know what it adds to?
    CheckingTopupBalance,
    /// The others are asked for the certificates that are missing.
    WaitingForChainSync,
    /// Passed through: the certificates that were missing are here.
    CatchingUp,
    /// Passed through: the vote on a top-up.
    VotingTopup,
    /// Who signs the top-up.
    CollectingTopupVotes,
    /// A quorum has signed the top-up; the consumer may counter-sign.
    PropagatingTopup,
    /// The request was not in order.
    Refused,
    /// Settled, expired, or without a lock.
    Done,
}
states!(State {
    IDLE => Idle,
    EXAMINING => Examining,
    COLLECTING_PRELIMINARIES => CollectingPreliminaries,
    RECRUITING => Recruiting,
    VOTING => Voting,
    COLLECTING_VOTES => CollectingVotes,
    WAITING_FOR_CONSUMER => WaitingForConsumer,
    NOT_AGREED => NotAgreed,
    ADOPTING => Adopting,
    ESCROW_ACTIVE => EscrowActive,
    CHECKING_LIVENESS => CheckingLiveness,
    SUSPECTING => Suspecting,
    REPLACING => Replacing,
    ADOPTING_REPLACEMENT => AdoptingReplacement,
    EXAMINING_APPOINTMENT => ExaminingAppointment,
    ADOPTING_TOPUP => AdoptingTopup,
    CHECKING_TOPUP_BALANCE => CheckingTopupBalance,
    WAITING_FOR_CHAIN_SYNC => WaitingForChainSync,
    CATCHING_UP => CatchingUp,
    VOTING_TOPUP => VotingTopup,
    COLLECTING_TOPUP_VOTES => CollectingTopupVotes,
    PROPAGATING_TOPUP => PropagatingTopup,
    REFUSED => Refused,
    DONE => Done,
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
    /// `provider`.
    pub provider: Option<PeerId>,
    /// `open`.
    pub open: Option<Block<LockOpen>>,
    /// the draw, in its order: cabal first, then the reserves
    pub panel: Vec<PeerId>,
    /// how often the cabal was enlarged
    pub recruitment_round: Option<u64>,
    /// `recruit_by`.
    pub recruit_by: Option<i64>,
    /// the proof that the smaller cabal could not agree
    pub existing_votes: Vec<Signed<WitnessPreliminary>>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `body`.
    pub body: Option<LockBody>,
    /// `give_up_at`.
    pub give_up_at: Option<i64>,
    /// `expires_at`.
    pub expires_at: Option<i64>,
    /// `observed_balance`.
    pub observed_balance: Option<i64>,
    /// `verdict`.
    pub verdict: Option<WitnessVerdict>,
    /// why this witness refuses, or why the session ended without a lock
    pub reject_reason: Option<Refusal>,
    /// the request is not one to deliberate about
    pub malformed: Option<bool>,
    /// `vote`.
    pub vote: Option<WitnessVerdict>,
    /// `body_signature`.
    pub body_signature: Option<Signature>,
    /// `preliminaries`.
    pub preliminaries: Map<PeerId, Signed<WitnessPreliminary>>,
    /// `votes`.
    pub votes: Map<PeerId, WitnessFinalVote>,
    /// `certificate`.
    pub certificate: Option<LockCertificate>,
    /// `lock`.
    pub lock: Option<Block<BalanceLock>>,
    /// those that came about, in order
    pub topups: Vec<TopupCertificate>,
    /// of the opening of the latest top-up that was voted on
    pub topup_height: Option<u64>,
    /// `topup_open`.
    pub topup_open: Option<Block<TopupOpen>>,
    /// `topup_body`.
    pub topup_body: Option<TopupBody>,
    /// `topup_balance`.
    pub topup_balance: Option<i64>,
    /// why this witness refuses the latest top-up
    pub topup_reason: Option<Refusal>,
    /// `topup_vote`.
    pub topup_vote: Option<WitnessVerdict>,
    /// `topup_give_up_at`.
    pub topup_give_up_at: Option<i64>,
    /// `topup_votes`.
    pub topup_votes: Map<PeerId, TopupVote>,
    /// `topup`.
    pub topup: Option<Block<BalanceTopup>>,
    /// when this witness last asked for signs of life
    pub checked_at: Option<i64>,
    /// `pongs`.
    pub pongs: Map<PeerId, LivenessPong>,
    /// `pings`.
    pub pings: Map<PeerId, LivenessPing>,
    /// `sync_requests`.
    pub sync_requests: Map<PeerId, WitnessChainSyncRequest>,
    /// the consumer's chain, genesis to the latest top-up
    pub history: Option<Segment>,
    /// by silent witness: whom this one has signed for; never another
    pub endorsed: Map<PeerId, PeerId>,
    /// `replacement_body`.
    pub replacement_body: Option<ReplacementBody>,
    /// `replacement_votes`.
    pub replacement_votes: Map<PeerId, WitnessReplacementVote>,
    /// `replacements`.
    pub replacements: Vec<ReplacementCertificate>,
    /// `shown_replacements`.
    pub shown_replacements: Vec<ReplacementCertificate>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    provider,
    open,
    panel,
    recruitment_round,
    recruit_by,
    existing_votes,
    witnesses,
    body,
    give_up_at,
    expires_at,
    observed_balance,
    verdict,
    reject_reason,
    malformed,
    vote,
    body_signature,
    preliminaries,
    votes,
    certificate,
    lock,
    topups,
    topup_height,
    topup_open,
    topup_body,
    topup_balance,
    topup_reason,
    topup_vote,
    topup_give_up_at,
    topup_votes,
    topup,
    checked_at,
    pongs,
    pings,
    sync_requests,
    history,
    endorsed,
    replacement_body,
    replacement_votes,
    replacements,
    shown_replacements,
});

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// of the latest epoch, by provider and consumer
    pub tickets: Tracked<Map<Hash, SignedTicket>>,
    /// that epoch
    pub tickets_epoch: Tracked<u64>,
}

shared_fields!(Shared { tickets, tickets_epoch });

/// Recomputes everything, votes once, remembers.
pub struct Witness;

impl Actor for Witness {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Witness";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Refused, State::Done];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST" | "CONSUMER_SIGNED_LOCK"
            | "TOPUP_INTENT" | "CONSUMER_SIGNED_TOPUP" => store.consumer.names(sender),
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" => store.provider.names(sender),
            "WITNESS_PRELIMINARY" | "WITNESS_FINAL_VOTE" | "WITNESS_REFUSAL"
            | "WITNESS_RECRUIT_REQUEST" | "LOCK_RESULT_FOR_SIGNATURE"
            | "WITNESS_FORWARDED_LOCK" | "BALANCE_UPDATE_BROADCAST" | "TOPUP_VOTE"
            | "TOPUP_RESULT_FOR_SIGNATURE" | "TOPUP_UPDATE_BROADCAST"
            | "WITNESS_CHAIN_SYNC_REQUEST" | "WITNESS_CHAIN_SYNC_RESPONSE"
            | "LIVENESS_PING" | "WITNESS_REPLACEMENT_VOTE" | "WITNESS_REPLACED" => {
                store.panel.names(sender)
            }
            "FORK_PROOF" => {
                store.consumer.names(sender) || store.provider.names(sender)
                    || store.panel.names(sender)
            }
            "NONCE_CONTRADICTION" | "LIVENESS_PONG" => {
                store.consumer.names(sender) || store.panel.names(sender)
            }
            "FORWARDED_TOPUP" => {
                store.provider.names(sender) || store.panel.names(sender)
            }
            "WITNESS_APPOINTMENT" => {
                store.consumer.names(sender) || store.provider.names(sender)
            }
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST" | "CONSUMER_SIGNED_LOCK"
            | "NONCE_CONTRADICTION" | "TOPUP_INTENT" | "CONSUMER_SIGNED_TOPUP"
            | "LIVENESS_PONG" => library::bind(&mut store.consumer, sender),
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" | "FORWARDED_TOPUP" => {
                library::bind(&mut store.provider, sender)
            }
            "FORK_PROOF" | "WITNESS_APPOINTMENT" => {
                library::bind(&mut store.consumer, sender)
                    || library::bind(&mut store.provider, sender)
            }
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::WitnessRequest(message)) => {
                idle_on_witness_request(step, message)
            }
            (State::Idle, Message::WitnessAppointment(message)) => {
                idle_on_witness_appointment(step, message)
            }
            (State::CollectingPreliminaries, Message::WitnessPreliminary(message)) => {
                collecting_preliminaries_on_witness_preliminary(step, message)
            }
            (State::CollectingPreliminaries, Message::WitnessRecruitRequest(message)) => {
                collecting_preliminaries_on_witness_recruit_request(step, message)
            }
            (State::CollectingPreliminaries, Message::ConsumerSignedLock(message)) => {
                collecting_preliminaries_on_consumer_signed_lock(step, message)
            }
            (State::CollectingPreliminaries, Message::ProviderForwardedLock(message)) => {
                collecting_preliminaries_on_provider_forwarded_lock(step, message)
            }
            (State::CollectingVotes, Message::WitnessRecruitRequest(message)) => {
                collecting_votes_on_witness_recruit_request(step, message)
            }
            (State::CollectingVotes, Message::WitnessFinalVote(message)) => {
                collecting_votes_on_witness_final_vote(step, message)
            }
            (State::CollectingVotes, Message::ConsumerSignedLock(message)) => {
                collecting_votes_on_consumer_signed_lock(step, message)
            }
            (State::CollectingVotes, Message::ProviderForwardedLock(message)) => {
                collecting_votes_on_provider_forwarded_lock(step, message)
            }
            (State::WaitingForConsumer, Message::WitnessRecruitRequest(message)) => {
                waiting_for_consumer_on_witness_recruit_request(step, message)
            }
            (State::WaitingForConsumer, Message::ConsumerSignedLock(message)) => {
                waiting_for_consumer_on_consumer_signed_lock(step, message)
            }
            (State::WaitingForConsumer, Message::ProviderForwardedLock(message)) => {
                waiting_for_consumer_on_provider_forwarded_lock(step, message)
            }
            (State::NotAgreed, Message::WitnessRecruitRequest(message)) => {
                not_agreed_on_witness_recruit_request(step, message)
            }
            (State::NotAgreed, Message::ConsumerSignedLock(message)) => {
                not_agreed_on_consumer_signed_lock(step, message)
            }
            (State::NotAgreed, Message::ProviderForwardedLock(message)) => {
                not_agreed_on_provider_forwarded_lock(step, message)
            }
            (State::EscrowActive, Message::TopupIntent(message)) => {
                escrow_active_on_topup_intent(step, message)
            }
            (State::EscrowActive, Message::ConsumerSignedTopup(message)) => {
                escrow_active_on_consumer_signed_topup(step, message)
            }
            (State::EscrowActive, Message::ForwardedTopup(message)) => {
                escrow_active_on_forwarded_topup(step, message)
            }
            (State::EscrowActive, Message::WitnessChainSyncResponse(message)) => {
                escrow_active_on_witness_chain_sync_response(step, message)
            }
            (State::EscrowActive, Message::WitnessReplacementVote(message)) => {
                escrow_active_on_witness_replacement_vote(step, message)
            }
            (State::EscrowActive, Message::LivenessPing(message)) => {
                escrow_active_on_liveness_ping(step, message)
            }
            (State::EscrowActive, Message::WitnessChainSyncRequest(message)) => {
                escrow_active_on_witness_chain_sync_request(step, message)
            }
            (State::EscrowActive, Message::WitnessReplaced(message)) => {
                escrow_active_on_witness_replaced(step, message)
            }
            (State::CheckingLiveness, Message::TopupIntent(message)) => {
                checking_liveness_on_topup_intent(step, message)
            }
            (State::CheckingLiveness, Message::LivenessPing(message)) => {
                checking_liveness_on_liveness_ping(step, message)
            }
            (State::CheckingLiveness, Message::WitnessChainSyncRequest(message)) => {
                checking_liveness_on_witness_chain_sync_request(step, message)
            }
            (State::CheckingLiveness, Message::LivenessPong(message)) => {
                checking_liveness_on_liveness_pong(step, message)
            }
            (State::CheckingLiveness, Message::WitnessReplacementVote(message)) => {
                checking_liveness_on_witness_replacement_vote(step, message)
            }
            (State::CheckingLiveness, Message::WitnessReplaced(message)) => {
                checking_liveness_on_witness_replaced(step, message)
            }
            (State::Replacing, Message::TopupIntent(message)) => {
                replacing_on_topup_intent(step, message)
            }
            (State::Replacing, Message::LivenessPing(message)) => {
                replacing_on_liveness_ping(step, message)
            }
            (State::Replacing, Message::WitnessReplacementVote(message)) => {
                replacing_on_witness_replacement_vote(step, message)
            }
            (State::Replacing, Message::WitnessReplaced(message)) => {
                replacing_on_witness_replaced(step, message)
            }
            (State::WaitingForChainSync, Message::WitnessChainSyncResponse(message)) => {
                waiting_for_chain_sync_on_witness_chain_sync_response(step, message)
            }
            (State::WaitingForChainSync, Message::LivenessPing(message)) => {
                waiting_for_chain_sync_on_liveness_ping(step, message)
            }
            (State::CollectingTopupVotes, Message::TopupIntent(message)) => {
                collecting_topup_votes_on_topup_intent(step, message)
            }
            (State::CollectingTopupVotes, Message::TopupVote(message)) => {
                collecting_topup_votes_on_topup_vote(step, message)
            }
            (State::CollectingTopupVotes, Message::ConsumerSignedTopup(message)) => {
                collecting_topup_votes_on_consumer_signed_topup(step, message)
            }
            (State::CollectingTopupVotes, Message::ForwardedTopup(message)) => {
                collecting_topup_votes_on_forwarded_topup(step, message)
            }
            (State::CollectingTopupVotes, Message::LivenessPing(message)) => {
                collecting_topup_votes_on_liveness_ping(step, message)
            }
            (State::CollectingTopupVotes, Message::WitnessChainSyncRequest(message)) => {
                collecting_topup_votes_on_witness_chain_sync_request(step, message)
            }
            (State::PropagatingTopup, Message::TopupIntent(message)) => {
                propagating_topup_on_topup_intent(step, message)
            }
            (State::PropagatingTopup, Message::ConsumerSignedTopup(message)) => {
                propagating_topup_on_consumer_signed_topup(step, message)
            }
            (State::PropagatingTopup, Message::ForwardedTopup(message)) => {
                propagating_topup_on_forwarded_topup(step, message)
            }
            (State::PropagatingTopup, Message::LivenessPing(message)) => {
                propagating_topup_on_liveness_ping(step, message)
            }
            (State::PropagatingTopup, Message::WitnessChainSyncRequest(message)) => {
                propagating_topup_on_witness_chain_sync_request(step, message)
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
            (State::EscrowActive, "release") => {
                escrow_active_on_release(step, arguments.get(1)?)
            }
            (State::CheckingLiveness, "release") => {
                checking_liveness_on_release(step, arguments.get(1)?)
            }
            (State::Replacing, "release") => {
                replacing_on_release(step, arguments.get(1)?)
            }
            (State::WaitingForChainSync, "release") => {
                waiting_for_chain_sync_on_release(step, arguments.get(1)?)
            }
            (State::CollectingTopupVotes, "release") => {
                collecting_topup_votes_on_release(step, arguments.get(1)?)
            }
            (State::PropagatingTopup, "release") => {
                propagating_topup_on_release(step, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::CollectingPreliminaries, 0) => {
                collecting_preliminaries_on_timeout_preliminary_timeout(step)
            }
            (State::CollectingVotes, 0) => {
                collecting_votes_on_timeout_consensus_timeout(step)
            }
            (State::WaitingForConsumer, 0) => {
                waiting_for_consumer_on_timeout_give_up_at(step)
            }
            (State::NotAgreed, 0) => not_agreed_on_timeout_give_up_at(step),
            (State::EscrowActive, 1) => escrow_active_on_timeout_expires_at(step),
            (State::CheckingLiveness, 0) => {
                checking_liveness_on_timeout_liveness_response_timeout(step)
            }
            (State::CheckingLiveness, 1) => checking_liveness_on_timeout_expires_at(step),
            (State::Replacing, 0) => replacing_on_timeout_replacement_timeout(step),
            (State::Replacing, 1) => replacing_on_timeout_expires_at(step),
            (State::WaitingForChainSync, 0) => {
                waiting_for_chain_sync_on_timeout_chain_sync_timeout(step)
            }
            (State::CollectingTopupVotes, 0) => {
                collecting_topup_votes_on_timeout_topup_vote_timeout(step)
            }
            (State::PropagatingTopup, 0) => {
                propagating_topup_on_timeout_topup_give_up_at(step)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_period(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::EscrowActive, 0) => escrow_active_every_liveness_check_interval(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Examining => examining_at_once(step),
            State::CollectingPreliminaries => collecting_preliminaries_at_once(step),
            State::Recruiting => recruiting_at_once(step),
            State::Voting => voting_at_once(step),
            State::CollectingVotes => collecting_votes_at_once(step),
            State::Adopting => adopting_at_once(step),
            State::CheckingLiveness => checking_liveness_at_once(step),
            State::Suspecting => suspecting_at_once(step),
            State::Replacing => replacing_at_once(step),
            State::AdoptingReplacement => adopting_replacement_at_once(step),
            State::ExaminingAppointment => examining_appointment_at_once(step),
            State::AdoptingTopup => adopting_topup_at_once(step),
            State::CheckingTopupBalance => checking_topup_balance_at_once(step),
            State::CatchingUp => catching_up_at_once(step),
            State::VotingTopup => voting_topup_at_once(step),
            State::CollectingTopupVotes => collecting_topup_votes_at_once(step),
            State::Idle
            | State::WaitingForConsumer
            | State::NotAgreed
            | State::EscrowActive
            | State::WaitingForChainSync
            | State::PropagatingTopup
            | State::Refused
            | State::Done => Ok(Outcome::Unhandled),
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::CollectingPreliminaries, Message::WitnessPreliminary(message)) => {
                step.consider_override("defer WITNESS_PRELIMINARY");
                if !library::contains(&step.store.witnesses, &message.sender) {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::CollectingPreliminaries, Message::WitnessRequest(_)) => {
                step.consider_override("ignore WITNESS_REQUEST");
                Ok(Some(Diverted::Ignored))
            }
            (
                State::CollectingPreliminaries,
                Message::WitnessRecruitRequest(message),
            ) => {
                step.consider_override("defer WITNESS_RECRUIT_REQUEST");
                if i128::from(message.payload.recruitment_round)
                    > i128::from(step.store.recruitment_round.needed().at(673, 42)?) + 1
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::CollectingVotes, Message::WitnessRequest(_)) => {
                step.consider_override("ignore WITNESS_REQUEST");
                Ok(Some(Diverted::Ignored))
            }
            (State::CollectingVotes, Message::WitnessRecruitRequest(message)) => {
                step.consider_override("defer WITNESS_RECRUIT_REQUEST");
                if i128::from(message.payload.recruitment_round)
                    > i128::from(step.store.recruitment_round.needed().at(673, 42)?) + 1
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::CollectingVotes, Message::WitnessFinalVote(message)) => {
                step.consider_override("defer WITNESS_FINAL_VOTE");
                if message.payload.recruitment_round
                    > step.store.recruitment_round.needed().at(723, 42)?
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::WaitingForConsumer, Message::WitnessRequest(_)) => {
                step.consider_override("ignore WITNESS_REQUEST");
                Ok(Some(Diverted::Ignored))
            }
            (State::WaitingForConsumer, Message::WitnessRecruitRequest(message)) => {
                step.consider_override("defer WITNESS_RECRUIT_REQUEST");
                if i128::from(message.payload.recruitment_round)
                    > i128::from(step.store.recruitment_round.needed().at(673, 42)?) + 1
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::WaitingForConsumer, Message::WitnessFinalVote(message)) => {
                step.consider_override("defer WITNESS_FINAL_VOTE");
                if message.payload.recruitment_round
                    > step.store.recruitment_round.needed().at(723, 42)?
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::NotAgreed, Message::WitnessRequest(_)) => {
                step.consider_override("ignore WITNESS_REQUEST");
                Ok(Some(Diverted::Ignored))
            }
            (State::NotAgreed, Message::WitnessRecruitRequest(message)) => {
                step.consider_override("defer WITNESS_RECRUIT_REQUEST");
                if i128::from(message.payload.recruitment_round)
                    > i128::from(step.store.recruitment_round.needed().at(673, 42)?) + 1
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::NotAgreed, Message::WitnessFinalVote(message)) => {
                step.consider_override("defer WITNESS_FINAL_VOTE");
                if message.payload.recruitment_round
                    > step.store.recruitment_round.needed().at(723, 42)?
                {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::EscrowActive, Message::TopupVote(message)) => {
                step.consider_override("defer TOPUP_VOTE");
                if message.payload.opened_at
                    > step.store.topup_height.needed().at(827, 34)?
                {
                    return Ok(Some(Diverted::Deferred));
                }

                step.consider_override("ignore TOPUP_VOTE");
                Ok(Some(Diverted::Ignored))
            }
            (State::EscrowActive, Message::LivenessPong(_)) => {
                step.consider_override("ignore LIVENESS_PONG");
                Ok(Some(Diverted::Ignored))
            }
            (State::EscrowActive, Message::WitnessAppointment(_)) => {
                step.consider_override("ignore WITNESS_APPOINTMENT");
                Ok(Some(Diverted::Ignored))
            }
            (State::CheckingLiveness, Message::TopupVote(message)) => {
                step.consider_override("defer TOPUP_VOTE");
                if message.payload.opened_at
                    > step.store.topup_height.needed().at(827, 34)?
                {
                    return Ok(Some(Diverted::Deferred));
                }

                step.consider_override("ignore TOPUP_VOTE");
                Ok(Some(Diverted::Ignored))
            }
            (State::CheckingLiveness, Message::WitnessAppointment(_)) => {
                step.consider_override("ignore WITNESS_APPOINTMENT");
                Ok(Some(Diverted::Ignored))
            }
            (State::Replacing, Message::TopupVote(message)) => {
                step.consider_override("defer TOPUP_VOTE");
                if message.payload.opened_at
                    > step.store.topup_height.needed().at(827, 34)?
                {
                    return Ok(Some(Diverted::Deferred));
                }

                step.consider_override("ignore TOPUP_VOTE");
                Ok(Some(Diverted::Ignored))
            }
            (State::Replacing, Message::LivenessPong(_)) => {
                step.consider_override("ignore LIVENESS_PONG");
                Ok(Some(Diverted::Ignored))
            }
            (State::Replacing, Message::WitnessAppointment(_)) => {
                step.consider_override("ignore WITNESS_APPOINTMENT");
                Ok(Some(Diverted::Ignored))
            }
            (State::WaitingForChainSync, Message::TopupVote(message)) => {
                step.consider_override("defer TOPUP_VOTE");
                if message.payload.opened_at
                    >= step.store.topup_height.needed().at(825, 76)?
                {
                    return Ok(Some(Diverted::Deferred));
                }

                step.consider_override("ignore TOPUP_VOTE");
                Ok(Some(Diverted::Ignored))
            }
            (State::WaitingForChainSync, Message::LivenessPong(_)) => {
                step.consider_override("ignore LIVENESS_PONG");
                Ok(Some(Diverted::Ignored))
            }
            (State::WaitingForChainSync, Message::WitnessAppointment(_)) => {
                step.consider_override("ignore WITNESS_APPOINTMENT");
                Ok(Some(Diverted::Ignored))
            }
            (State::CollectingTopupVotes, Message::TopupVote(message)) => {
                step.consider_override("defer TOPUP_VOTE");
                if message.payload.opened_at
                    > step.store.topup_height.needed().at(827, 34)?
                {
                    return Ok(Some(Diverted::Deferred));
                }

                step.consider_override("ignore TOPUP_VOTE");
                if message.payload.opened_at
                    < step.store.topup_height.needed().at(828, 76)?
                {
                    return Ok(Some(Diverted::Ignored));
                }
                Ok(None)
            }
            (State::CollectingTopupVotes, Message::LivenessPong(_)) => {
                step.consider_override("ignore LIVENESS_PONG");
                Ok(Some(Diverted::Ignored))
            }
            (State::CollectingTopupVotes, Message::WitnessAppointment(_)) => {
                step.consider_override("ignore WITNESS_APPOINTMENT");
                Ok(Some(Diverted::Ignored))
            }
            (State::PropagatingTopup, Message::TopupVote(message)) => {
                step.consider_override("defer TOPUP_VOTE");
                if message.payload.opened_at
                    > step.store.topup_height.needed().at(827, 34)?
                {
                    return Ok(Some(Diverted::Deferred));
                }

                step.consider_override("ignore TOPUP_VOTE");
                Ok(Some(Diverted::Ignored))
            }
            (State::PropagatingTopup, Message::LivenessPong(_)) => {
                step.consider_override("ignore LIVENESS_PONG");
                Ok(Some(Diverted::Ignored))
            }
            (State::PropagatingTopup, Message::WitnessAppointment(_)) => {
                step.consider_override("ignore WITNESS_APPOINTMENT");
                Ok(Some(Diverted::Ignored))
            }
            _ => Ok(None),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::CollectingPreliminaries => {
                timers.after(0, PRELIMINARY_TIMEOUT);
            }
            State::CollectingVotes => {
                timers.after(0, CONSENSUS_TIMEOUT);
            }
            State::WaitingForConsumer => {
                timers.at(0, step.store.give_up_at);
            }
            State::NotAgreed => {
                timers.at(0, step.store.give_up_at);
            }
            State::EscrowActive => {
                timers.every(0, LIVENESS_CHECK_INTERVAL);
                timers.at(1, step.store.expires_at);
            }
            State::CheckingLiveness => {
                timers.after(0, LIVENESS_RESPONSE_TIMEOUT);
                timers.at(1, step.store.expires_at);
            }
            State::Replacing => {
                timers.after(0, REPLACEMENT_TIMEOUT);
                timers.at(1, step.store.expires_at);
            }
            State::WaitingForChainSync => {
                timers.after(0, CHAIN_SYNC_TIMEOUT);
            }
            State::CollectingTopupVotes => {
                timers.after(0, TOPUP_VOTE_TIMEOUT);
            }
            State::PropagatingTopup => {
                timers.at(0, step.store.topup_give_up_at);
            }
            State::Idle
            | State::Examining
            | State::Recruiting
            | State::Voting
            | State::Adopting
            | State::Suspecting
            | State::AdoptingReplacement
            | State::ExaminingAppointment
            | State::AdoptingTopup
            | State::CheckingTopupBalance
            | State::CatchingUp
            | State::VotingTopup
            | State::Refused
            | State::Done => {}
        }
        Ok(())
    }
}

/// In IDLE, on the message `WITNESS_REQUEST`.
fn idle_on_witness_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> EXAMINING on WITNESS_REQUEST");
    if message.sender == message.payload.terms.consumer
        && step.session()
            == session_id(
                message.sender,
                message.payload.terms.provider,
                message.payload.open.height(),
                message.payload.open.payload.nonce_commitment,
                library::hash(&[&message.payload.terms]),
            )
    {
        step.store.terms = Some(message.payload.terms.clone());
        step.store.open = Some(message.payload.open.clone());
        step.store.provider = Some(
            step.store.terms.as_ref().needed().at(574, 20)?.provider,
        );
        step.store.expires_at = Some(
            step.store.terms.as_ref().needed().at(575, 22)?.expires_at,
        );
        step.store.give_up_at = Some(
            library::narrow_i64(
                    i128::from(step.store.open.as_ref().needed().at(576, 22)?.time())
                        + i128::from(LOCK_TIMEOUT) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(576, 22)?,
        );
        step.store.panel = panel(
            &step.context,
            step.store.open.as_ref().needed().at(577, 23)?,
            &message.payload.nonce,
            &message.payload.offer.payload.provider_nonce,
            &message.payload.offer.payload.history,
        )?;
        step.store.recruitment_round = Some(message.payload.recruitment_round);
        step.store.recruit_by = Some(
            library::narrow_i64(
                    i128::from(step.store.open.as_ref().needed().at(579, 22)?.time())
                        + i128::from(RECRUITMENT_TIMEOUT),
                )
                .at(579, 22)?,
        );
        step.store.witnesses = cabal(
            &step.store.panel,
            step.store.open.as_ref().needed().at(580, 34)?.payload.amount,
            step.store.recruitment_round.needed().at(580, 55)?,
        )?;
        step.store.body = Some(
            body(step.store.open.as_ref().needed().at(581, 21)?, &step.store.witnesses),
        );
        step.store.topup_height = Some(
            step.store.open.as_ref().needed().at(582, 24)?.height(),
        );
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.observed_balance = Some(
            library::narrow_i64(
                    i128::from(
                        spendable(
                            &step.context,
                            &*step
                                .view::<Ledger>(&message.payload.consumer_history)
                                .at(586, 38)?,
                            &sources,
                            network_genesis(&step.context).at(586, 87)?,
                        )?,
                    )
                        + i128::from(
                            step.store.open.as_ref().needed().at(587, 13)?.payload.amount,
                        ),
                )
                .at(586, 28)?,
        );
        step.store.reject_reason = request_problem(
            &step.context,
            &message.payload,
            &step.store.witnesses,
            &(if step.store.recruitment_round.needed().at(591, 16)? == 0 {
                Vec::new()
            } else {
                cabal(
                    &step.store.panel,
                    step.store.open.as_ref().needed().at(591, 65)?.payload.amount,
                    library::narrow_u64(
                            i128::from(
                                step.store.recruitment_round.needed().at(591, 86)?,
                            ) - 1,
                        )
                        .at(591, 86)?,
                )?
            }),
            step.store.session_id.needed().at(592, 13)?,
            step.peer_id(),
            step.now(),
        )?;
        step.store.malformed = Some(step.store.reject_reason.is_some());
        if step.store.reject_reason.is_none() {
            step.store.reject_reason = credit_problem(
                &step.context,
                step.store.open.as_ref().needed().at(598, 44)?,
                &message.payload.consumer_history,
                &sources,
                network_genesis(&step.context).at(598, 85)?,
            )?;
            let epoch_2 = epoch(step.store.open.as_ref().needed().at(599, 31)?.time())?;
            let pair = library::hash(
                &[
                    &step.store.provider.needed().at(600, 29)?,
                    &step.store.consumer.needed().at(600, 39)?,
                ],
            );
            let ticket_2 = SignedTicket {
                ticket: ticket(
                    &message.payload.offer.payload,
                    step.store.open.as_ref().needed().at(602, 54)?,
                )?,
                ticket_signature: message.payload.offer.payload.ticket_signature,
            };
            let before = library::get(&*step.shared.tickets, &pair);
            if *step.shared.tickets_epoch < epoch_2 {
                *step.shared.tickets = Map::new();
                *step.shared.tickets_epoch = epoch_2;
            }
            if before.is_some()
                && tickets_differ(
                    &Some(before.as_ref().needed().at(610, 50)?.clone()),
                    &ticket_2,
                )?
            {
                step.store.reject_reason = Some(Refusal::NonceChanged);
                let nonce_contradiction = NonceContradiction {
                    first: before.as_ref().needed().at(612, 64)?.clone(),
                    second: ticket_2.clone(),
                };
                step.gossip(&nonce_contradiction).at(612, 17)?;
            } else {
                step.shared.tickets.insert(pair, ticket_2.clone());
            }
        }
        let consumer_fork = step
            .equivocation(&step.store.consumer.needed().at(617, 42)?);
        let provider_fork = step
            .equivocation(&step.store.provider.needed().at(618, 42)?);
        if consumer_fork.is_some() {
            step.store.reject_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: consumer_fork.as_ref().needed().at(621, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(621, 13)?;
        }
        if provider_fork.is_some() {
            step.store.reject_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: provider_fork.as_ref().needed().at(625, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(625, 13)?;
        }
        step.store.verdict = Some(
            if step.store.reject_reason.is_none() {
                WitnessVerdict::Accept
            } else {
                WitnessVerdict::Reject
            },
        );
        if !step.store.malformed.needed().at(628, 16)?
            && step.store.recruitment_round.needed().at(628, 30)? > 0
        {
            for v in message.payload.existing_votes.clone() {
                step.store.preliminaries.insert(v.sender(), v.clone());
            }
        }
        return step.enter(State::Examining);
    }
    step.refuse()
}

/// In IDLE, on the message `WITNESS_APPOINTMENT`.
fn idle_on_witness_appointment(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessAppointment>,
) -> Result<Outcome, Raised> {
    step.consider(1, "IDLE -> EXAMINING_APPOINTMENT on WITNESS_APPOINTMENT");
    if library::contains(
        &[message.payload.terms.consumer, message.payload.terms.provider],
        &message.sender,
    )
        && i128::from(message.payload.terms.expires_at)
            <= i128::from(step.now()) + i128::from(LOCK_LIFETIME_MAX)
        && step.session()
            == session_id(
                message.payload.terms.consumer,
                message.payload.terms.provider,
                message.payload.open.height(),
                message.payload.open.payload.nonce_commitment,
                library::hash(&[&message.payload.terms]),
            )
    {
        step.store.terms = Some(message.payload.terms.clone());
        step.store.open = Some(message.payload.open.clone());
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.topups = message.payload.topups.clone();
        step.store.consumer = Some(
            step.store.terms.as_ref().needed().at(1010, 20)?.consumer,
        );
        step.store.provider = Some(
            step.store.terms.as_ref().needed().at(1011, 20)?.provider,
        );
        step.store.expires_at = Some(
            step.store.terms.as_ref().needed().at(1012, 22)?.expires_at,
        );
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(1013, 16)?.body.clone(),
        );
        step.store.panel = panel(
            &step.context,
            step.store.open.as_ref().needed().at(1014, 23)?,
            &message.payload.nonce,
            &message.payload.provider_nonce,
            &message.payload.provider_history,
        )?;
        step.store.topup_height = Some(
            library::narrow_u64(i128::from(message.payload.history.height()))
                .at(1015, 24)?,
        );
        step.store.recruitment_round = Some(0);
        step.store.observed_balance = Some(
            free(
                &*step.view::<Ledger>(&message.payload.history).at(1017, 33)?,
                network_genesis(&step.context).at(1017, 64)?,
            )?,
        );
        step.store.reject_reason = appointment_problem(
            &step.context,
            &message.payload,
            step.store.session_id.needed().at(1018, 62)?,
            &step.store.panel,
            step.peer_id(),
            step.now(),
        )?;
        step.store.shown_replacements = message.payload.replacements.clone();
        return step.enter(State::ExaminingAppointment);
    }
    step.refuse()
}

/// In EXAMINING, at once.
fn examining_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "EXAMINING -> REFUSED auto");
    if step.store.malformed.needed().at(632, 36)? && step.store.reject_reason.is_some() {
        step.proceed().at(632, 5)?;
        let to = step.store.consumer.needed().at(633, 14)?;
        let witness_refusal = WitnessRefusal {
            open_hash: step.store.open.as_ref().needed().at(633, 52)?.hash(),
            reason: step.store.reject_reason.needed().at(633, 70)?,
            recruitment_round: step.store.recruitment_round.needed().at(633, 9)?,
        };
        step.send(to, &witness_refusal).at(633, 9)?;
        return step.enter(State::Refused);
    }

    step.consider(1, "EXAMINING -> COLLECTING_PRELIMINARIES auto");
    step.proceed().at(636, 5)?;
    let witness_preliminary = WitnessPreliminary {
        fork: step.equivocation(&step.store.consumer.needed().at(637, 70)?),
        verdict: step.store.verdict.needed().at(637, 9)?,
        observed_balance: step.store.observed_balance.needed().at(637, 9)?,
        open: step.store.open.as_ref().needed().at(637, 9)?.clone(),
        reject_reason: step.store.reject_reason,
    };
    step.broadcast(&step.store.witnesses, &witness_preliminary).at(637, 9)?;
    step.enter(State::CollectingPreliminaries)
}

/// In COLLECTING_PRELIMINARIES, on the message `WITNESS_PRELIMINARY`.
fn collecting_preliminaries_on_witness_preliminary(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessPreliminary>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect WITNESS_PRELIMINARY");
    let repeated = step.store.preliminaries.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.open.hash()
            == step.store.open.as_ref().needed().at(642, 67)?.hash()
    {
        step.store.preliminaries.insert(message.sender, message.signed());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_PRELIMINARIES, at once.
fn collecting_preliminaries_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING_PRELIMINARIES -> VOTING auto");
    if with_verdict(
        &step.store.preliminaries,
        &step.store.witnesses,
        WitnessVerdict::Accept,
    )? >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(645, 5)?;
        return step.enter(State::Voting);
    }

    step.consider(2, "COLLECTING_PRELIMINARIES -> VOTING auto");
    if with_verdict(
        &step.store.preliminaries,
        &step.store.witnesses,
        WitnessVerdict::Reject,
    )? >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(647, 5)?;
        return step.enter(State::Voting);
    }

    step.consider(3, "COLLECTING_PRELIMINARIES -> RECRUITING auto");
    if split(
        with_verdict(
            &step.store.preliminaries,
            &step.store.witnesses,
            WitnessVerdict::Accept,
        )?,
        with_verdict(
            &step.store.preliminaries,
            &step.store.witnesses,
            WitnessVerdict::Reject,
        )?,
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(649, 5)?;
        step.store.existing_votes = library::values(&step.store.preliminaries)
            .iter()
            .filter(|&v| library::contains(&step.store.witnesses, &v.sender()))
            .cloned()
            .collect::<Vec<_>>();
        return step.enter(State::Recruiting);
    }
    step.refuse()
}

/// In COLLECTING_PRELIMINARIES, on `timeout(PRELIMINARY_TIMEOUT)`.
fn collecting_preliminaries_on_timeout_preliminary_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "COLLECTING_PRELIMINARIES -> VOTING on timeout(PRELIMINARY_TIMEOUT)",
    );
    step.enter(State::Voting)
}

/// In COLLECTING_PRELIMINARIES, on the message `WITNESS_RECRUIT_REQUEST`.
fn collecting_preliminaries_on_witness_recruit_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRecruitRequest>,
) -> Result<Outcome, Raised> {
    step.consider(
        5,
        "COLLECTING_PRELIMINARIES -> RECRUITING on WITNESS_RECRUIT_REQUEST",
    );
    if i128::from(message.payload.recruitment_round)
        == i128::from(step.store.recruitment_round.needed().at(664, 43)?) + 1
        && split_proven(
            &message.payload.existing_votes,
            &step.store.witnesses,
            step.store.open.as_ref().needed().at(665, 65)?,
        )?
    {
        step.store.existing_votes = message.payload.existing_votes.clone();
        for v in step.store.existing_votes.clone() {
            if !step.store.preliminaries.contains_key(&v.sender()) {
                step.store.preliminaries.insert(v.sender(), v.clone());
            }
        }
        return step.enter(State::Recruiting);
    }
    step.refuse()
}

/// In COLLECTING_PRELIMINARIES, on the message `CONSUMER_SIGNED_LOCK`.
fn collecting_preliminaries_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(6, "COLLECTING_PRELIMINARIES -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(734, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(735, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(737, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(738, 21)?
            .cabal
            .clone();
        let to = step.store.provider.needed().at(739, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(739, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(739, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(739, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In COLLECTING_PRELIMINARIES, on the message `PROVIDER_FORWARDED_LOCK`.
fn collecting_preliminaries_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(7, "COLLECTING_PRELIMINARIES -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(742, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(743, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(745, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(746, 21)?
            .cabal
            .clone();
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In RECRUITING, at once.
fn recruiting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "RECRUITING -> COLLECTING_PRELIMINARIES auto");
    let larger = cabal(
        &step.store.panel,
        step.store.open.as_ref().needed().at(676, 35)?.payload.amount,
        library::narrow_u64(
                i128::from(step.store.recruitment_round.needed().at(676, 56)?) + 1,
            )
            .at(676, 56)?,
    )?;
    if library::length(&larger) > 0
        && step.now() < step.store.recruit_by.needed().at(677, 45)?
    {
        step.proceed().at(675, 5)?;
        let recruits = larger
            .iter()
            .filter(|&&w| !library::contains(&step.store.witnesses, &w))
            .cloned()
            .collect::<Vec<_>>();
        step.store.recruitment_round = Some(
            library::narrow_u64(
                    i128::from(step.store.recruitment_round.needed().at(679, 29)?) + 1,
                )
                .at(679, 29)?,
        );
        let to = &library::concat(
            &remove_peer_id(&step.store.witnesses, step.peer_id()),
            &[step.store.consumer.needed().at(680, 55)?],
        );
        let witness_recruit_request = WitnessRecruitRequest {
            recruitment_round: step.store.recruitment_round.needed().at(680, 9)?,
            existing_votes: step.store.existing_votes.clone(),
        };
        step.broadcast(to, &witness_recruit_request).at(680, 9)?;
        let witness_preliminary = WitnessPreliminary {
            fork: step.equivocation(&step.store.consumer.needed().at(681, 69)?),
            verdict: step.store.verdict.needed().at(681, 9)?,
            observed_balance: step.store.observed_balance.needed().at(681, 9)?,
            open: step.store.open.as_ref().needed().at(681, 9)?.clone(),
            reject_reason: step.store.reject_reason,
        };
        step.broadcast(&recruits, &witness_preliminary).at(681, 9)?;
        step.store.witnesses = larger.clone();
        step.store.body = Some(
            body(step.store.open.as_ref().needed().at(683, 21)?, &step.store.witnesses),
        );
        step.store.votes = Map::new();
        return step.enter(State::CollectingPreliminaries);
    }
    step.otherwise(0, "RECRUITING -> COLLECTING_PRELIMINARIES auto");
    step.proceed().at(675, 5)?;
    step.enter(State::Voting)
}

/// In VOTING, at once.
fn voting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "VOTING -> COLLECTING_VOTES auto");
    let fork = step.equivocation(&step.store.consumer.needed().at(687, 61)?);
    step.proceed().at(687, 5)?;
    if fork.is_some() && step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::ForkedChain);
        let fork_proof = ForkProof {
            proof: fork.as_ref().needed().at(690, 51)?.clone(),
        };
        step.gossip(&fork_proof).at(690, 13)?;
    }
    step.store.vote = Some(
        vote(
            if step.store.reject_reason.is_none() {
                step.store.verdict.needed().at(693, 43)?
            } else {
                WitnessVerdict::Reject
            },
            with_verdict(
                &step.store.preliminaries,
                &step.store.witnesses,
                WitnessVerdict::Accept,
            )?,
            quorum(library::length(&step.store.witnesses))?,
        ),
    );
    if step.store.vote.needed().at(697, 12)? == WitnessVerdict::Accept {
        step.store.body_signature = Some(
            step.sign(step.store.body.as_ref().needed().at(698, 35)?),
        );
    } else {
        step.store.body_signature = None;
        if step.store.reject_reason.is_none() {
            step.store.reject_reason = Some(Refusal::NoQuorum);
        }
        let to = step.store.consumer.needed().at(702, 18)?;
        let witness_refusal = WitnessRefusal {
            open_hash: step.store.open.as_ref().needed().at(703, 27)?.hash(),
            reason: if Some(step.store.reject_reason.needed().at(704, 27)?).is_none() {
                Refusal::NoQuorum
            } else {
                step.store.reject_reason.needed().at(704, 69)?
            },
            recruitment_round: step.store.recruitment_round.needed().at(702, 13)?,
        };
        step.send(to, &witness_refusal).at(702, 13)?;
    }
    let witness_final_vote = WitnessFinalVote {
        recruitment_round: step.store.recruitment_round.needed().at(707, 9)?,
        vote: step.store.vote.needed().at(707, 9)?,
        observed_balance: step.store.observed_balance.needed().at(707, 9)?,
        body_signature: step.store.body_signature,
    };
    step.broadcast(&step.store.witnesses, &witness_final_vote).at(707, 9)?;
    step.enter(State::CollectingVotes)
}

/// In COLLECTING_VOTES, on the message `WITNESS_RECRUIT_REQUEST`.
fn collecting_votes_on_witness_recruit_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRecruitRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "COLLECTING_VOTES -> RECRUITING on WITNESS_RECRUIT_REQUEST");
    if i128::from(message.payload.recruitment_round)
        == i128::from(step.store.recruitment_round.needed().at(664, 43)?) + 1
        && split_proven(
            &message.payload.existing_votes,
            &step.store.witnesses,
            step.store.open.as_ref().needed().at(665, 65)?,
        )?
    {
        step.store.existing_votes = message.payload.existing_votes.clone();
        for v in step.store.existing_votes.clone() {
            if !step.store.preliminaries.contains_key(&v.sender()) {
                step.store.preliminaries.insert(v.sender(), v.clone());
            }
        }
        return step.enter(State::Recruiting);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on the message `WITNESS_FINAL_VOTE`.
fn collecting_votes_on_witness_final_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessFinalVote>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect WITNESS_FINAL_VOTE");
    let repeated = step.store.votes.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.recruitment_round
            == step.store.recruitment_round.needed().at(713, 46)?
        && (message.payload.vote == WitnessVerdict::Reject
            && message.payload.body_signature.is_none()
            || message.payload.vote == WitnessVerdict::Accept
                && message.payload.body_signature.is_some()
                && step
                    .verify_signature(
                        &message.sender,
                        step.store.body.as_ref().needed().at(719, 60)?,
                        &message.payload.body_signature.needed().at(719, 66)?,
                    ))
    {
        step.store.votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_VOTES, at once.
fn collecting_votes_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(2, "COLLECTING_VOTES -> WAITING_FOR_CONSUMER auto");
    if library::number(
        library::values(&step.store.votes)
            .iter()
            .filter(|&v| v.vote == WitnessVerdict::Accept)
            .count(),
    ) >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(724, 5)?;
        step.store.certificate = Some(LockCertificate {
            body: step.store.body.as_ref().needed().at(726, 46)?.clone(),
            signatures: signatures(&step.store.votes)?,
        });
        let to = step.store.consumer.needed().at(727, 14)?;
        let lock_result_for_signature = LockResultForSignature {
            certificate: step.store.certificate.as_ref().needed().at(727, 9)?.clone(),
        };
        step.send(to, &lock_result_for_signature).at(727, 9)?;
        return step.enter(State::WaitingForConsumer);
    }

    step.consider(3, "COLLECTING_VOTES -> NOT_AGREED auto");
    if hopeless(
        library::number(
            library::values(&step.store.votes)
                .iter()
                .filter(|&v| v.vote == WitnessVerdict::Reject)
                .count(),
        ),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(729, 5)?;
        return step.enter(State::NotAgreed);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on `timeout(CONSENSUS_TIMEOUT)`.
fn collecting_votes_on_timeout_consensus_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COLLECTING_VOTES -> NOT_AGREED on timeout(CONSENSUS_TIMEOUT)");
    step.enter(State::NotAgreed)
}

/// In COLLECTING_VOTES, on the message `CONSUMER_SIGNED_LOCK`.
fn collecting_votes_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(5, "COLLECTING_VOTES -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(734, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(735, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(737, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(738, 21)?
            .cabal
            .clone();
        let to = step.store.provider.needed().at(739, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(739, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(739, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(739, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on the message `PROVIDER_FORWARDED_LOCK`.
fn collecting_votes_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(6, "COLLECTING_VOTES -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(742, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(743, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(745, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(746, 21)?
            .cabal
            .clone();
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In WAITING_FOR_CONSUMER, on the message `WITNESS_RECRUIT_REQUEST`.
fn waiting_for_consumer_on_witness_recruit_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRecruitRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_CONSUMER -> RECRUITING on WITNESS_RECRUIT_REQUEST");
    if i128::from(message.payload.recruitment_round)
        == i128::from(step.store.recruitment_round.needed().at(664, 43)?) + 1
        && split_proven(
            &message.payload.existing_votes,
            &step.store.witnesses,
            step.store.open.as_ref().needed().at(665, 65)?,
        )?
    {
        step.store.existing_votes = message.payload.existing_votes.clone();
        for v in step.store.existing_votes.clone() {
            if !step.store.preliminaries.contains_key(&v.sender()) {
                step.store.preliminaries.insert(v.sender(), v.clone());
            }
        }
        return step.enter(State::Recruiting);
    }
    step.refuse()
}

/// In WAITING_FOR_CONSUMER, on the message `CONSUMER_SIGNED_LOCK`.
fn waiting_for_consumer_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_CONSUMER -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(734, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(735, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(737, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(738, 21)?
            .cabal
            .clone();
        let to = step.store.provider.needed().at(739, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(739, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(739, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(739, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In WAITING_FOR_CONSUMER, on the message `PROVIDER_FORWARDED_LOCK`.
fn waiting_for_consumer_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING_FOR_CONSUMER -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(742, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(743, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(745, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(746, 21)?
            .cabal
            .clone();
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In WAITING_FOR_CONSUMER, on `timeout(give_up_at)`.
fn waiting_for_consumer_on_timeout_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(3, "WAITING_FOR_CONSUMER -> DONE on timeout(give_up_at)");
    if step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::NoLock);
    }
    step.enter(State::Done)
}

/// In NOT_AGREED, on the message `WITNESS_RECRUIT_REQUEST`.
fn not_agreed_on_witness_recruit_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRecruitRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "NOT_AGREED -> RECRUITING on WITNESS_RECRUIT_REQUEST");
    if i128::from(message.payload.recruitment_round)
        == i128::from(step.store.recruitment_round.needed().at(664, 43)?) + 1
        && split_proven(
            &message.payload.existing_votes,
            &step.store.witnesses,
            step.store.open.as_ref().needed().at(665, 65)?,
        )?
    {
        step.store.existing_votes = message.payload.existing_votes.clone();
        for v in step.store.existing_votes.clone() {
            if !step.store.preliminaries.contains_key(&v.sender()) {
                step.store.preliminaries.insert(v.sender(), v.clone());
            }
        }
        return step.enter(State::Recruiting);
    }
    step.refuse()
}

/// In NOT_AGREED, on the message `CONSUMER_SIGNED_LOCK`.
fn not_agreed_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(1, "NOT_AGREED -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(734, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(735, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(737, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(738, 21)?
            .cabal
            .clone();
        let to = step.store.provider.needed().at(739, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(739, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(739, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(739, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In NOT_AGREED, on the message `PROVIDER_FORWARDED_LOCK`.
fn not_agreed_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(2, "NOT_AGREED -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(742, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(743, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(745, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(746, 21)?
            .cabal
            .clone();
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In NOT_AGREED, on `timeout(give_up_at)`.
fn not_agreed_on_timeout_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(3, "NOT_AGREED -> DONE on timeout(give_up_at)");
    if step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::NoLock);
    }
    step.enter(State::Done)
}

/// In ADOPTING, at once.
fn adopting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "ADOPTING -> ESCROW_ACTIVE auto");
    step.proceed().at(748, 5)?;
    step.store.reject_reason = None;
    let witness_commitment = WitnessCommitment {
        amount: step.store.body.as_ref().needed().at(750, 51)?.amount,
        lock_result_hash: library::hash(
            &[step.store.body.as_ref().needed().at(750, 86)?],
        ),
        session_id: step.session(),
        consumer: step.store.consumer.needed().at(750, 9)?,
        provider: step.store.provider.needed().at(750, 9)?,
        observed_balance: step.store.observed_balance.needed().at(750, 9)?,
        witnesses: step.store.witnesses.clone(),
        timestamp: step.now(),
    };
    step.append(witness_commitment).at(750, 9)?;
    let balance_update_broadcast = BalanceUpdateBroadcast {
        consumer: step.store.consumer.needed().at(751, 9)?,
        certificate: step.store.certificate.as_ref().needed().at(751, 9)?.clone(),
        lock: step.store.lock.as_ref().needed().at(751, 9)?.clone(),
    };
    step.gossip(&balance_update_broadcast).at(751, 9)?;
    step.enter(State::EscrowActive)
}

/// In ESCROW_ACTIVE, on the message `TOPUP_INTENT`.
fn escrow_active_on_topup_intent(
    step: &mut Step<'_, Witness>,
    message: &Received<TopupIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ESCROW_ACTIVE -> CHECKING_TOPUP_BALANCE on TOPUP_INTENT");
    let fork = step.equivocation(&step.store.consumer.needed().at(762, 33)?);
    if message.payload.open.height() > step.store.topup_height.needed().at(763, 36)?
        && topup_opened(
            &step.context,
            &message.payload.open,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(763, 97)?,
            step.store.body.as_ref().needed().at(763, 103)?,
        )?
    {
        step.store.topup_open = Some(message.payload.open.clone());
        step.store.topup_height = Some(
            step.store.topup_open.as_ref().needed().at(765, 24)?.height(),
        );
        step.store.topup_give_up_at = Some(
            library::narrow_i64(
                    i128::from(
                        step
                            .store
                            .topup_open
                            .as_ref()
                            .needed()
                            .at(766, 28)?
                            .payload
                            .sign_by,
                    ) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(766, 28)?,
        );
        step.store.topup_body = Some(
            topup_body(
                step.store.topup_open.as_ref().needed().at(767, 33)?,
                step.store.body.as_ref().needed().at(767, 45)?,
            )?,
        );
        step.store.topup_votes = Map::new();
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.topup_balance = Some(
            library::narrow_i64(
                    i128::from(
                        spendable(
                            &step.context,
                            &*step.view::<Ledger>(&message.payload.history).at(771, 35)?,
                            &sources,
                            network_genesis(&step.context).at(771, 75)?,
                        )?,
                    )
                        + i128::from(
                            step
                                .store
                                .topup_open
                                .as_ref()
                                .needed()
                                .at(772, 13)?
                                .payload
                                .additional_amount,
                        ),
                )
                .at(771, 25)?,
        );
        step.store.topup_reason = topup_problem(
            &step.context,
            step.store.topup_open.as_ref().needed().at(773, 38)?,
            &message.payload.history,
            &sources,
            step.store.body.as_ref().needed().at(773, 76)?,
            &step.store.topups,
            network_genesis(&step.context).at(773, 90)?,
            step.now(),
        )?;
        if fork.is_some() {
            step.store.topup_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(776, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(776, 13)?;
        }
        return step.enter(State::CheckingTopupBalance);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on the message `CONSUMER_SIGNED_TOPUP`.
fn escrow_active_on_consumer_signed_topup(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(1, "ESCROW_ACTIVE -> ADOPTING_TOPUP on CONSUMER_SIGNED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(859, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(860, 79)?,
            step.store.body.as_ref().needed().at(860, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        let to = step.store.provider.needed().at(862, 14)?;
        let forwarded_topup = ForwardedTopup {
            topups: step.store.topups.clone(),
            topup: step.store.topup.as_ref().needed().at(862, 9)?.clone(),
            history: step.store.history.as_ref().needed().at(862, 9)?.clone(),
        };
        step.send(to, &forwarded_topup).at(862, 9)?;
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on the message `FORWARDED_TOPUP`.
fn escrow_active_on_forwarded_topup(
    step: &mut Step<'_, Witness>,
    message: &Received<ForwardedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(2, "ESCROW_ACTIVE -> ADOPTING_TOPUP on FORWARDED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(866, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(867, 79)?,
            step.store.body.as_ref().needed().at(867, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on the message `WITNESS_CHAIN_SYNC_RESPONSE`.
fn escrow_active_on_witness_chain_sync_response(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessChainSyncResponse>,
) -> Result<Outcome, Raised> {
    step.consider(3, "ESCROW_ACTIVE -> ADOPTING_TOPUP on WITNESS_CHAIN_SYNC_RESPONSE");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(872, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(873, 79)?,
            step.store.body.as_ref().needed().at(873, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on `every(LIVENESS_CHECK_INTERVAL)`.
fn escrow_active_every_liveness_check_interval(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "ESCROW_ACTIVE -> CHECKING_LIVENESS on every(LIVENESS_CHECK_INTERVAL)",
    );
    step.store.checked_at = Some(step.now());
    step.store.pongs = Map::new();
    step.store.replacement_votes = Map::new();
    let to = &library::concat(
        &remove_peer_id(&step.store.witnesses, step.peer_id()),
        &[step.store.consumer.needed().at(886, 55)?],
    );
    let liveness_ping = LivenessPing {
        topups: library::length(&step.store.topups),
        replacements: library::length(&step.store.replacements),
    };
    step.broadcast(to, &liveness_ping).at(886, 9)?;
    step.enter(State::CheckingLiveness)
}

/// In ESCROW_ACTIVE, on the message `WITNESS_REPLACEMENT_VOTE`.
fn escrow_active_on_witness_replacement_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessReplacementVote>,
) -> Result<Outcome, Raised> {
    step.consider(5, "ESCROW_ACTIVE -> CHECKING_LIVENESS on WITNESS_REPLACEMENT_VOTE");
    if replacement_vote_valid(
        &step.context,
        &message.payload,
        message.sender,
        step.store.body.as_ref().needed().at(892, 70)?,
        &step.store.witnesses,
    ) && message.payload.body.old_witness != step.peer_id()
        && (step.store.checked_at.is_none()
            || i128::from(step.now())
                >= i128::from(step.store.checked_at.needed().at(894, 49)?)
                    + i128::from(REPLACEMENT_TIMEOUT))
    {
        step.store.checked_at = Some(step.now());
        step.store.pongs = Map::new();
        step.store.replacement_votes = Map::new();
        step.store.replacement_votes.insert(message.sender, message.payload.clone());
        let to = &library::concat(
            &remove_peer_id(&step.store.witnesses, step.peer_id()),
            &[step.store.consumer.needed().at(899, 55)?],
        );
        let liveness_ping = LivenessPing {
            topups: library::length(&step.store.topups),
            replacements: library::length(&step.store.replacements),
        };
        step.broadcast(to, &liveness_ping).at(899, 9)?;
        return step.enter(State::CheckingLiveness);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on the message `LIVENESS_PING`.
fn escrow_active_on_liveness_ping(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(6, "collect LIVENESS_PING");
    let repeated = step.store.pings.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || step
                .store
                .replacements
                .iter()
                .any(|r| r.body.old_witness == message.sender))
    {
        step.store.pings.insert(message.sender, message.payload.clone());
        step.store.pings = Map::new();
        if message.payload.replacements < library::length(&step.store.replacements)
            || !library::contains(&step.store.witnesses, &message.sender)
        {
            let witness_replaced = WitnessReplaced {
                replacements: step.store.replacements.clone(),
            };
            step.send(message.sender, &witness_replaced).at(916, 13)?;
        } else {
            let liveness_pong = LivenessPong {
                topups: library::length(&step.store.topups),
                replacements: library::length(&step.store.replacements),
            };
            step.send(message.sender, &liveness_pong).at(918, 13)?;
        }
        if message.payload.topups > library::length(&step.store.topups) {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(921, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In ESCROW_ACTIVE, on the message `WITNESS_CHAIN_SYNC_REQUEST`.
fn escrow_active_on_witness_chain_sync_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessChainSyncRequest>,
) -> Result<Outcome, Raised> {
    step.consider(7, "collect WITNESS_CHAIN_SYNC_REQUEST");
    let repeated = step.store.sync_requests.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.topups < library::length(&step.store.topups)
    {
        step.store.sync_requests.insert(message.sender, message.payload.clone());
        step.store.sync_requests = Map::new();
        if step.store.topup.is_some() && step.store.history.is_some() {
            let witness_chain_sync_response = WitnessChainSyncResponse {
                topups: step.store.topups.clone(),
                topup: step.store.topup.as_ref().needed().at(933, 13)?.clone(),
                history: step.store.history.as_ref().needed().at(933, 13)?.clone(),
            };
            step.send(message.sender, &witness_chain_sync_response).at(933, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In ESCROW_ACTIVE, on the message `WITNESS_REPLACED`.
fn escrow_active_on_witness_replaced(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessReplaced>,
) -> Result<Outcome, Raised> {
    step.consider(8, "ESCROW_ACTIVE -> ADOPTING_REPLACEMENT on WITNESS_REPLACED");
    if replacements_proven(
        &step.context,
        &message.payload.replacements,
        &step.store.replacements,
        step.store.body.as_ref().needed().at(978, 70)?,
        &step.store.panel,
    )? {
        step.store.shown_replacements = message.payload.replacements.clone();
        return step.enter(State::AdoptingReplacement);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on the trigger `release`.
fn escrow_active_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(9, "ESCROW_ACTIVE -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(1038, 34)?,
        &step.store.topups,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on `timeout(expires_at)`.
fn escrow_active_on_timeout_expires_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(10, "ESCROW_ACTIVE -> DONE on timeout(expires_at)");
    step.enter(State::Done)
}

/// In CHECKING_LIVENESS, on the message `TOPUP_INTENT`.
fn checking_liveness_on_topup_intent(
    step: &mut Step<'_, Witness>,
    message: &Received<TopupIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CHECKING_LIVENESS -> CHECKING_TOPUP_BALANCE on TOPUP_INTENT");
    let fork = step.equivocation(&step.store.consumer.needed().at(762, 33)?);
    if message.payload.open.height() > step.store.topup_height.needed().at(763, 36)?
        && topup_opened(
            &step.context,
            &message.payload.open,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(763, 97)?,
            step.store.body.as_ref().needed().at(763, 103)?,
        )?
    {
        step.store.topup_open = Some(message.payload.open.clone());
        step.store.topup_height = Some(
            step.store.topup_open.as_ref().needed().at(765, 24)?.height(),
        );
        step.store.topup_give_up_at = Some(
            library::narrow_i64(
                    i128::from(
                        step
                            .store
                            .topup_open
                            .as_ref()
                            .needed()
                            .at(766, 28)?
                            .payload
                            .sign_by,
                    ) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(766, 28)?,
        );
        step.store.topup_body = Some(
            topup_body(
                step.store.topup_open.as_ref().needed().at(767, 33)?,
                step.store.body.as_ref().needed().at(767, 45)?,
            )?,
        );
        step.store.topup_votes = Map::new();
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.topup_balance = Some(
            library::narrow_i64(
                    i128::from(
                        spendable(
                            &step.context,
                            &*step.view::<Ledger>(&message.payload.history).at(771, 35)?,
                            &sources,
                            network_genesis(&step.context).at(771, 75)?,
                        )?,
                    )
                        + i128::from(
                            step
                                .store
                                .topup_open
                                .as_ref()
                                .needed()
                                .at(772, 13)?
                                .payload
                                .additional_amount,
                        ),
                )
                .at(771, 25)?,
        );
        step.store.topup_reason = topup_problem(
            &step.context,
            step.store.topup_open.as_ref().needed().at(773, 38)?,
            &message.payload.history,
            &sources,
            step.store.body.as_ref().needed().at(773, 76)?,
            &step.store.topups,
            network_genesis(&step.context).at(773, 90)?,
            step.now(),
        )?;
        if fork.is_some() {
            step.store.topup_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(776, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(776, 13)?;
        }
        return step.enter(State::CheckingTopupBalance);
    }
    step.refuse()
}

/// In CHECKING_LIVENESS, on the message `LIVENESS_PING`.
fn checking_liveness_on_liveness_ping(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect LIVENESS_PING");
    let repeated = step.store.pings.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || step
                .store
                .replacements
                .iter()
                .any(|r| r.body.old_witness == message.sender))
    {
        step.store.pings.insert(message.sender, message.payload.clone());
        step.store.pings = Map::new();
        if message.payload.replacements < library::length(&step.store.replacements)
            || !library::contains(&step.store.witnesses, &message.sender)
        {
            let witness_replaced = WitnessReplaced {
                replacements: step.store.replacements.clone(),
            };
            step.send(message.sender, &witness_replaced).at(916, 13)?;
        } else {
            let liveness_pong = LivenessPong {
                topups: library::length(&step.store.topups),
                replacements: library::length(&step.store.replacements),
            };
            step.send(message.sender, &liveness_pong).at(918, 13)?;
        }
        if message.payload.topups > library::length(&step.store.topups) {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(921, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In CHECKING_LIVENESS, on the message `WITNESS_CHAIN_SYNC_REQUEST`.
fn checking_liveness_on_witness_chain_sync_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessChainSyncRequest>,
) -> Result<Outcome, Raised> {
    step.consider(2, "collect WITNESS_CHAIN_SYNC_REQUEST");
    let repeated = step.store.sync_requests.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.topups < library::length(&step.store.topups)
    {
        step.store.sync_requests.insert(message.sender, message.payload.clone());
        step.store.sync_requests = Map::new();
        if step.store.topup.is_some() && step.store.history.is_some() {
            let witness_chain_sync_response = WitnessChainSyncResponse {
                topups: step.store.topups.clone(),
                topup: step.store.topup.as_ref().needed().at(933, 13)?.clone(),
                history: step.store.history.as_ref().needed().at(933, 13)?.clone(),
            };
            step.send(message.sender, &witness_chain_sync_response).at(933, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In CHECKING_LIVENESS, on the message `LIVENESS_PONG`.
fn checking_liveness_on_liveness_pong(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPong>,
) -> Result<Outcome, Raised> {
    step.consider(3, "collect LIVENESS_PONG");
    let repeated = step.store.pongs.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || message.sender == step.store.consumer.needed().at(937, 63)?)
    {
        step.store.pongs.insert(message.sender, message.payload.clone());
        if message.payload.topups > library::length(&step.store.topups)
            && message.sender != step.store.consumer.needed().at(938, 66)?
        {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(939, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In CHECKING_LIVENESS, at once.
fn checking_liveness_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(4, "CHECKING_LIVENESS -> ESCROW_ACTIVE auto");
    if library::length(&silent(&step.store.witnesses, &step.store.pongs, step.peer_id()))
        == 0
    {
        step.proceed().at(949, 5)?;
        return step.enter(State::EscrowActive);
    }
    step.refuse()
}

/// In CHECKING_LIVENESS, on `timeout(LIVENESS_RESPONSE_TIMEOUT)`.
fn checking_liveness_on_timeout_liveness_response_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        5,
        "CHECKING_LIVENESS -> SUSPECTING on timeout(LIVENESS_RESPONSE_TIMEOUT)",
    );
    step.enter(State::Suspecting)
}

/// In CHECKING_LIVENESS, on the message `WITNESS_REPLACEMENT_VOTE`.
fn checking_liveness_on_witness_replacement_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessReplacementVote>,
) -> Result<Outcome, Raised> {
    step.consider(6, "collect WITNESS_REPLACEMENT_VOTE");
    let repeated = step
        .store
        .replacement_votes
        .repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && replacement_vote_valid(
            &step.context,
            &message.payload,
            message.sender,
            step.store.body.as_ref().needed().at(962, 70)?,
            &step.store.witnesses,
        )
    {
        step.store.replacement_votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In CHECKING_LIVENESS, on the message `WITNESS_REPLACED`.
fn checking_liveness_on_witness_replaced(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessReplaced>,
) -> Result<Outcome, Raised> {
    step.consider(7, "CHECKING_LIVENESS -> ADOPTING_REPLACEMENT on WITNESS_REPLACED");
    if replacements_proven(
        &step.context,
        &message.payload.replacements,
        &step.store.replacements,
        step.store.body.as_ref().needed().at(978, 70)?,
        &step.store.panel,
    )? {
        step.store.shown_replacements = message.payload.replacements.clone();
        return step.enter(State::AdoptingReplacement);
    }
    step.refuse()
}

/// In CHECKING_LIVENESS, on the trigger `release`.
fn checking_liveness_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(8, "CHECKING_LIVENESS -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(1038, 34)?,
        &step.store.topups,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In CHECKING_LIVENESS, on `timeout(expires_at)`.
fn checking_liveness_on_timeout_expires_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(9, "CHECKING_LIVENESS -> DONE on timeout(expires_at)");
    step.enter(State::Done)
}

/// In SUSPECTING, at once.
fn suspecting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "SUSPECTING -> REPLACING auto");
    let silent_2 = silent(&step.store.witnesses, &step.store.pongs, step.peer_id());
    let substitute = next_drawn(
        &step.context,
        &step.store.panel,
        step.store.body.as_ref().needed().at(955, 44)?,
        &step.store.replacements,
    )?;
    if library::length(&silent_2) > 0 && substitute.is_some() {
        step.proceed().at(953, 5)?;
        if !step.store.endorsed.contains_key(library::index(&silent_2, 0).at(957, 34)?) {
            step.store
                .endorsed
                .insert(
                    *library::index(&silent_2, 0).at(957, 61)?,
                    substitute.needed().at(957, 74)?,
                );
        }
        step.store.replacement_body = Some(
            replacement(
                step.store.body.as_ref().needed().at(958, 40)?,
                *library::index(&silent_2, 0).at(958, 46)?,
                *library::entry(
                        &step.store.endorsed,
                        library::index(&silent_2, 0).at(958, 66)?,
                    )
                    .at(958, 57)?,
            ),
        );
        let witness_replacement_vote = WitnessReplacementVote {
            body: step.store.replacement_body.as_ref().needed().at(959, 62)?.clone(),
            body_signature: step
                .sign(step.store.replacement_body.as_ref().needed().at(959, 100)?),
        };
        step.broadcast(&step.store.witnesses, &witness_replacement_vote).at(959, 9)?;
        return step.enter(State::Replacing);
    }
    step.otherwise(0, "SUSPECTING -> REPLACING auto");
    step.proceed().at(953, 5)?;
    step.enter(State::EscrowActive)
}

/// In REPLACING, on the message `TOPUP_INTENT`.
fn replacing_on_topup_intent(
    step: &mut Step<'_, Witness>,
    message: &Received<TopupIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "REPLACING -> CHECKING_TOPUP_BALANCE on TOPUP_INTENT");
    let fork = step.equivocation(&step.store.consumer.needed().at(762, 33)?);
    if message.payload.open.height() > step.store.topup_height.needed().at(763, 36)?
        && topup_opened(
            &step.context,
            &message.payload.open,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(763, 97)?,
            step.store.body.as_ref().needed().at(763, 103)?,
        )?
    {
        step.store.topup_open = Some(message.payload.open.clone());
        step.store.topup_height = Some(
            step.store.topup_open.as_ref().needed().at(765, 24)?.height(),
        );
        step.store.topup_give_up_at = Some(
            library::narrow_i64(
                    i128::from(
                        step
                            .store
                            .topup_open
                            .as_ref()
                            .needed()
                            .at(766, 28)?
                            .payload
                            .sign_by,
                    ) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(766, 28)?,
        );
        step.store.topup_body = Some(
            topup_body(
                step.store.topup_open.as_ref().needed().at(767, 33)?,
                step.store.body.as_ref().needed().at(767, 45)?,
            )?,
        );
        step.store.topup_votes = Map::new();
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.topup_balance = Some(
            library::narrow_i64(
                    i128::from(
                        spendable(
                            &step.context,
                            &*step.view::<Ledger>(&message.payload.history).at(771, 35)?,
                            &sources,
                            network_genesis(&step.context).at(771, 75)?,
                        )?,
                    )
                        + i128::from(
                            step
                                .store
                                .topup_open
                                .as_ref()
                                .needed()
                                .at(772, 13)?
                                .payload
                                .additional_amount,
                        ),
                )
                .at(771, 25)?,
        );
        step.store.topup_reason = topup_problem(
            &step.context,
            step.store.topup_open.as_ref().needed().at(773, 38)?,
            &message.payload.history,
            &sources,
            step.store.body.as_ref().needed().at(773, 76)?,
            &step.store.topups,
            network_genesis(&step.context).at(773, 90)?,
            step.now(),
        )?;
        if fork.is_some() {
            step.store.topup_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(776, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(776, 13)?;
        }
        return step.enter(State::CheckingTopupBalance);
    }
    step.refuse()
}

/// In REPLACING, on the message `LIVENESS_PING`.
fn replacing_on_liveness_ping(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect LIVENESS_PING");
    let repeated = step.store.pings.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || step
                .store
                .replacements
                .iter()
                .any(|r| r.body.old_witness == message.sender))
    {
        step.store.pings.insert(message.sender, message.payload.clone());
        step.store.pings = Map::new();
        if message.payload.replacements < library::length(&step.store.replacements)
            || !library::contains(&step.store.witnesses, &message.sender)
        {
            let witness_replaced = WitnessReplaced {
                replacements: step.store.replacements.clone(),
            };
            step.send(message.sender, &witness_replaced).at(916, 13)?;
        } else {
            let liveness_pong = LivenessPong {
                topups: library::length(&step.store.topups),
                replacements: library::length(&step.store.replacements),
            };
            step.send(message.sender, &liveness_pong).at(918, 13)?;
        }
        if message.payload.topups > library::length(&step.store.topups) {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(921, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In REPLACING, on the message `WITNESS_REPLACEMENT_VOTE`.
fn replacing_on_witness_replacement_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessReplacementVote>,
) -> Result<Outcome, Raised> {
    step.consider(2, "collect WITNESS_REPLACEMENT_VOTE");
    let repeated = step
        .store
        .replacement_votes
        .repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && replacement_vote_valid(
            &step.context,
            &message.payload,
            message.sender,
            step.store.body.as_ref().needed().at(962, 70)?,
            &step.store.witnesses,
        )
    {
        step.store.replacement_votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In REPLACING, at once.
fn replacing_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(3, "REPLACING -> ADOPTING_REPLACEMENT auto");
    if library::count(
        &library::values(&step.store.replacement_votes),
        |v| Ok(v.body == *step.store.replacement_body.as_ref().needed().at(964, 62)?),
    )? >= quorum(library::length(&step.store.body.as_ref().needed().at(964, 97)?.cabal))?
    {
        step.proceed().at(963, 5)?;
        step.store.shown_replacements = library::concat(
            &step.store.replacements,
            &[
                ReplacementCertificate {
                    body: step
                        .store
                        .replacement_body
                        .as_ref()
                        .needed()
                        .at(968, 26)?
                        .clone(),
                    signatures: replacement_signatures(
                        &step.store.replacement_votes,
                        step.store.replacement_body.as_ref().needed().at(969, 74)?,
                    )?,
                },
            ],
        );
        let to = &library::concat(
            &remove_peer_id(&step.store.witnesses, step.peer_id()),
            &[
                step.store.consumer.needed().at(972, 55)?,
                step.store.provider.needed().at(972, 65)?,
            ],
        );
        let witness_replaced = WitnessReplaced {
            replacements: step.store.shown_replacements.clone(),
        };
        step.broadcast(to, &witness_replaced).at(972, 9)?;
        return step.enter(State::AdoptingReplacement);
    }
    step.refuse()
}

/// In REPLACING, on `timeout(REPLACEMENT_TIMEOUT)`.
fn replacing_on_timeout_replacement_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(4, "REPLACING -> ESCROW_ACTIVE on timeout(REPLACEMENT_TIMEOUT)");
    step.enter(State::EscrowActive)
}

/// In REPLACING, on the message `WITNESS_REPLACED`.
fn replacing_on_witness_replaced(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessReplaced>,
) -> Result<Outcome, Raised> {
    step.consider(5, "REPLACING -> ADOPTING_REPLACEMENT on WITNESS_REPLACED");
    if replacements_proven(
        &step.context,
        &message.payload.replacements,
        &step.store.replacements,
        step.store.body.as_ref().needed().at(978, 70)?,
        &step.store.panel,
    )? {
        step.store.shown_replacements = message.payload.replacements.clone();
        return step.enter(State::AdoptingReplacement);
    }
    step.refuse()
}

/// In REPLACING, on the trigger `release`.
fn replacing_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(6, "REPLACING -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(1038, 34)?,
        &step.store.topups,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In REPLACING, on `timeout(expires_at)`.
fn replacing_on_timeout_expires_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(7, "REPLACING -> DONE on timeout(expires_at)");
    step.enter(State::Done)
}

/// In ADOPTING_REPLACEMENT, at once.
fn adopting_replacement_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ADOPTING_REPLACEMENT -> DONE auto");
    if step.store.shown_replacements.iter().any(|r| r.body.old_witness == step.peer_id())
    {
        step.proceed().at(981, 5)?;
        step.store.reject_reason = Some(Refusal::Replaced);
        return step.enter(State::Done);
    }

    step.consider(1, "ADOPTING_REPLACEMENT -> ESCROW_ACTIVE auto");
    step.proceed().at(984, 5)?;
    step.store.replacements = step.store.shown_replacements.clone();
    step.store.witnesses = serving(
        &step.context,
        step.store.body.as_ref().needed().at(986, 29)?,
        &step.store.replacements,
    )?;
    let latest = library::index(
            &step.store.replacements,
            i128::from(
                library::narrow_i64(
                        i128::from(library::length(&step.store.replacements)) - 1,
                    )
                    .at(987, 35)?,
            ),
        )
        .at(987, 22)?
        .clone();
    let witness_replacement = WitnessReplacement {
        old_witness: latest.body.old_witness,
        new_witness: latest.body.new_witness,
        reason: ReplacementReason::Unresponsive,
        remaining_witnesses: step.store.witnesses.clone(),
        certificate: latest.clone(),
        session_id: step.session(),
        timestamp: step.now(),
    };
    step.append(witness_replacement).at(988, 9)?;
    step.enter(State::EscrowActive)
}

/// In EXAMINING_APPOINTMENT, at once.
fn examining_appointment_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(0, "EXAMINING_APPOINTMENT -> REFUSED auto");
    if step.store.reject_reason.is_some() {
        step.proceed().at(1029, 5)?;
        return step.enter(State::Refused);
    }

    step.consider(1, "EXAMINING_APPOINTMENT -> ESCROW_ACTIVE auto");
    step.proceed().at(1030, 5)?;
    step.store.replacements = step.store.shown_replacements.clone();
    step.store.witnesses = serving(
        &step.context,
        step.store.body.as_ref().needed().at(1032, 29)?,
        &step.store.replacements,
    )?;
    let witness_commitment = WitnessCommitment {
        amount: step.store.body.as_ref().needed().at(1033, 51)?.amount,
        lock_result_hash: library::hash(
            &[step.store.body.as_ref().needed().at(1033, 86)?],
        ),
        session_id: step.session(),
        consumer: step.store.consumer.needed().at(1033, 9)?,
        provider: step.store.provider.needed().at(1033, 9)?,
        observed_balance: step.store.observed_balance.needed().at(1033, 9)?,
        witnesses: step.store.witnesses.clone(),
        timestamp: step.now(),
    };
    step.append(witness_commitment).at(1033, 9)?;
    step.enter(State::EscrowActive)
}

/// In ADOPTING_TOPUP, at once.
fn adopting_topup_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "ADOPTING_TOPUP -> ESCROW_ACTIVE auto");
    step.proceed().at(876, 5)?;
    step.store.topup_reason = None;
    let topup_update_broadcast = TopupUpdateBroadcast {
        certificate: library::index(
                &step.store.topups,
                i128::from(
                    library::narrow_i64(
                            i128::from(library::length(&step.store.topups)) - 1,
                        )
                        .at(878, 72)?,
                ),
            )
            .at(878, 65)?
            .clone(),
        consumer: step.store.consumer.needed().at(878, 9)?,
        topup: step.store.topup.as_ref().needed().at(878, 9)?.clone(),
    };
    step.gossip(&topup_update_broadcast).at(878, 9)?;
    step.enter(State::EscrowActive)
}

/// In CHECKING_TOPUP_BALANCE, at once.
fn checking_topup_balance_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CHECKING_TOPUP_BALANCE -> WAITING_FOR_CHAIN_SYNC auto");
    if step.store.topup_reason == Some(Refusal::NoChainKnowledge) {
        step.proceed().at(780, 5)?;
        let witness_chain_sync_request = WitnessChainSyncRequest {
            topups: library::length(&step.store.topups),
        };
        step.broadcast(
                &remove_peer_id(&step.store.witnesses, step.peer_id()),
                &witness_chain_sync_request,
            )
            .at(781, 9)?;
        return step.enter(State::WaitingForChainSync);
    }
    step.otherwise(0, "CHECKING_TOPUP_BALANCE -> WAITING_FOR_CHAIN_SYNC auto");
    step.proceed().at(780, 5)?;
    step.enter(State::VotingTopup)
}

/// In WAITING_FOR_CHAIN_SYNC, on the message `WITNESS_CHAIN_SYNC_RESPONSE`.
fn waiting_for_chain_sync_on_witness_chain_sync_response(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessChainSyncResponse>,
) -> Result<Outcome, Raised> {
    step.consider(
        0,
        "WAITING_FOR_CHAIN_SYNC -> CATCHING_UP on WITNESS_CHAIN_SYNC_RESPONSE",
    );
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(785, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(786, 79)?,
            step.store.body.as_ref().needed().at(786, 85)?,
        )?
        && escrowed(
            step.store.body.as_ref().needed().at(787, 26)?,
            &message.payload.topups,
        )? == step.store.topup_body.as_ref().needed().at(787, 51)?.previous_total
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        step.store.topup_reason = if step
            .store
            .topup_open
            .as_ref()
            .needed()
            .at(789, 27)?
            .payload
            .sign_by <= step.now()
        {
            Some(Refusal::TooLate)
        } else {
            None
        };
        return step.enter(State::CatchingUp);
    }
    step.refuse()
}

/// In WAITING_FOR_CHAIN_SYNC, on `timeout(CHAIN_SYNC_TIMEOUT)`.
fn waiting_for_chain_sync_on_timeout_chain_sync_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "WAITING_FOR_CHAIN_SYNC -> VOTING_TOPUP on timeout(CHAIN_SYNC_TIMEOUT)",
    );
    step.enter(State::VotingTopup)
}

/// In WAITING_FOR_CHAIN_SYNC, on the message `LIVENESS_PING`.
fn waiting_for_chain_sync_on_liveness_ping(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(2, "collect LIVENESS_PING");
    let repeated = step.store.pings.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || step
                .store
                .replacements
                .iter()
                .any(|r| r.body.old_witness == message.sender))
    {
        step.store.pings.insert(message.sender, message.payload.clone());
        step.store.pings = Map::new();
        if message.payload.replacements < library::length(&step.store.replacements)
            || !library::contains(&step.store.witnesses, &message.sender)
        {
            let witness_replaced = WitnessReplaced {
                replacements: step.store.replacements.clone(),
            };
            step.send(message.sender, &witness_replaced).at(916, 13)?;
        } else {
            let liveness_pong = LivenessPong {
                topups: library::length(&step.store.topups),
                replacements: library::length(&step.store.replacements),
            };
            step.send(message.sender, &liveness_pong).at(918, 13)?;
        }
        if message.payload.topups > library::length(&step.store.topups) {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(921, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WAITING_FOR_CHAIN_SYNC, on the trigger `release`.
fn waiting_for_chain_sync_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(3, "WAITING_FOR_CHAIN_SYNC -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(1038, 34)?,
        &step.store.topups,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In CATCHING_UP, at once.
fn catching_up_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "CATCHING_UP -> VOTING_TOPUP auto");
    step.proceed().at(791, 5)?;
    step.enter(State::VotingTopup)
}

/// In VOTING_TOPUP, at once.
fn voting_topup_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "VOTING_TOPUP -> COLLECTING_TOPUP_VOTES auto");
    step.proceed().at(793, 5)?;
    step.store.topup_vote = Some(
        if step.store.topup_reason.is_none() {
            WitnessVerdict::Accept
        } else {
            WitnessVerdict::Reject
        },
    );
    if step.store.topup_reason.is_some() {
        let to = step.store.consumer.needed().at(796, 18)?;
        let witness_refusal = WitnessRefusal {
            open_hash: step.store.topup_open.as_ref().needed().at(797, 27)?.hash(),
            recruitment_round: 0,
            reason: step.store.topup_reason.needed().at(799, 24)?,
        };
        step.send(to, &witness_refusal).at(796, 13)?;
    }
    let topup_vote = TopupVote {
        open_hash: step.store.topup_open.as_ref().needed().at(803, 23)?.hash(),
        opened_at: step.store.topup_height.needed().at(804, 23)?,
        vote: step.store.topup_vote.needed().at(805, 18)?,
        additional_amount: step
            .store
            .topup_body
            .as_ref()
            .needed()
            .at(806, 31)?
            .additional_amount,
        observed_balance: step.store.topup_balance.needed().at(808, 30)?,
        body_signature: if step.store.topup_reason.is_none() {
            Some(step.sign(step.store.topup_body.as_ref().needed().at(809, 62)?))
        } else {
            None
        },
    };
    step.broadcast(&step.store.witnesses, &topup_vote).at(802, 9)?;
    step.enter(State::CollectingTopupVotes)
}

/// In COLLECTING_TOPUP_VOTES, on the message `TOPUP_INTENT`.
fn collecting_topup_votes_on_topup_intent(
    step: &mut Step<'_, Witness>,
    message: &Received<TopupIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "COLLECTING_TOPUP_VOTES -> CHECKING_TOPUP_BALANCE on TOPUP_INTENT");
    let fork = step.equivocation(&step.store.consumer.needed().at(762, 33)?);
    if message.payload.open.height() > step.store.topup_height.needed().at(763, 36)?
        && topup_opened(
            &step.context,
            &message.payload.open,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(763, 97)?,
            step.store.body.as_ref().needed().at(763, 103)?,
        )?
    {
        step.store.topup_open = Some(message.payload.open.clone());
        step.store.topup_height = Some(
            step.store.topup_open.as_ref().needed().at(765, 24)?.height(),
        );
        step.store.topup_give_up_at = Some(
            library::narrow_i64(
                    i128::from(
                        step
                            .store
                            .topup_open
                            .as_ref()
                            .needed()
                            .at(766, 28)?
                            .payload
                            .sign_by,
                    ) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(766, 28)?,
        );
        step.store.topup_body = Some(
            topup_body(
                step.store.topup_open.as_ref().needed().at(767, 33)?,
                step.store.body.as_ref().needed().at(767, 45)?,
            )?,
        );
        step.store.topup_votes = Map::new();
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.topup_balance = Some(
            library::narrow_i64(
                    i128::from(
                        spendable(
                            &step.context,
                            &*step.view::<Ledger>(&message.payload.history).at(771, 35)?,
                            &sources,
                            network_genesis(&step.context).at(771, 75)?,
                        )?,
                    )
                        + i128::from(
                            step
                                .store
                                .topup_open
                                .as_ref()
                                .needed()
                                .at(772, 13)?
                                .payload
                                .additional_amount,
                        ),
                )
                .at(771, 25)?,
        );
        step.store.topup_reason = topup_problem(
            &step.context,
            step.store.topup_open.as_ref().needed().at(773, 38)?,
            &message.payload.history,
            &sources,
            step.store.body.as_ref().needed().at(773, 76)?,
            &step.store.topups,
            network_genesis(&step.context).at(773, 90)?,
            step.now(),
        )?;
        if fork.is_some() {
            step.store.topup_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(776, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(776, 13)?;
        }
        return step.enter(State::CheckingTopupBalance);
    }
    step.refuse()
}

/// In COLLECTING_TOPUP_VOTES, on the message `TOPUP_VOTE`.
fn collecting_topup_votes_on_topup_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<TopupVote>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect TOPUP_VOTE");
    let repeated = step.store.topup_votes.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.open_hash
            == step.store.topup_open.as_ref().needed().at(814, 38)?.hash()
        && message.payload.additional_amount
            == step.store.topup_body.as_ref().needed().at(815, 46)?.additional_amount
        && (message.payload.vote == WitnessVerdict::Reject
            && message.payload.body_signature.is_none()
            || message.payload.vote == WitnessVerdict::Accept
                && message.payload.body_signature.is_some()
                && step
                    .verify_signature(
                        &message.sender,
                        step.store.topup_body.as_ref().needed().at(821, 60)?,
                        &message.payload.body_signature.needed().at(821, 72)?,
                    ))
    {
        step.store.topup_votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_TOPUP_VOTES, at once.
fn collecting_topup_votes_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(2, "COLLECTING_TOPUP_VOTES -> PROPAGATING_TOPUP auto");
    if library::number(
        library::values(&step.store.topup_votes)
            .iter()
            .filter(|&v| v.vote == WitnessVerdict::Accept)
            .count(),
    ) >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(830, 5)?;
        let to = step.store.consumer.needed().at(832, 14)?;
        let topup_result_for_signature = TopupResultForSignature {
            certificate: TopupCertificate {
                body: step.store.topup_body.as_ref().needed().at(834, 22)?.clone(),
                replacements: step.store.replacements.clone(),
                signatures: topup_signatures(&step.store.topup_votes)?,
            },
        };
        step.send(to, &topup_result_for_signature).at(832, 9)?;
        return step.enter(State::PropagatingTopup);
    }

    step.consider(3, "COLLECTING_TOPUP_VOTES -> ESCROW_ACTIVE auto");
    if hopeless(
        library::number(
            library::values(&step.store.topup_votes)
                .iter()
                .filter(|&v| v.vote == WitnessVerdict::Reject)
                .count(),
        ),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(840, 5)?;
        if step.store.topup_reason.is_none() {
            step.store.topup_reason = Some(Refusal::NoQuorum);
        }
        let to = step.store.consumer.needed().at(843, 14)?;
        let witness_refusal = WitnessRefusal {
            open_hash: step.store.topup_open.as_ref().needed().at(844, 23)?.hash(),
            recruitment_round: 0,
            reason: if Some(step.store.topup_reason.needed().at(846, 23)?).is_none() {
                Refusal::NoQuorum
            } else {
                step.store.topup_reason.needed().at(846, 64)?
            },
        };
        step.send(to, &witness_refusal).at(843, 9)?;
        return step.enter(State::EscrowActive);
    }
    step.refuse()
}

/// In COLLECTING_TOPUP_VOTES, on `timeout(TOPUP_VOTE_TIMEOUT)`.
fn collecting_topup_votes_on_timeout_topup_vote_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "COLLECTING_TOPUP_VOTES -> ESCROW_ACTIVE on timeout(TOPUP_VOTE_TIMEOUT)",
    );
    if step.store.topup_reason.is_none() {
        step.store.topup_reason = Some(Refusal::NoQuorum);
    }
    step.enter(State::EscrowActive)
}

/// In COLLECTING_TOPUP_VOTES, on the message `CONSUMER_SIGNED_TOPUP`.
fn collecting_topup_votes_on_consumer_signed_topup(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(
        5,
        "COLLECTING_TOPUP_VOTES -> ADOPTING_TOPUP on CONSUMER_SIGNED_TOPUP",
    );
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(859, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(860, 79)?,
            step.store.body.as_ref().needed().at(860, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        let to = step.store.provider.needed().at(862, 14)?;
        let forwarded_topup = ForwardedTopup {
            topups: step.store.topups.clone(),
            topup: step.store.topup.as_ref().needed().at(862, 9)?.clone(),
            history: step.store.history.as_ref().needed().at(862, 9)?.clone(),
        };
        step.send(to, &forwarded_topup).at(862, 9)?;
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In COLLECTING_TOPUP_VOTES, on the message `FORWARDED_TOPUP`.
fn collecting_topup_votes_on_forwarded_topup(
    step: &mut Step<'_, Witness>,
    message: &Received<ForwardedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(6, "COLLECTING_TOPUP_VOTES -> ADOPTING_TOPUP on FORWARDED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(866, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(867, 79)?,
            step.store.body.as_ref().needed().at(867, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In COLLECTING_TOPUP_VOTES, on the message `LIVENESS_PING`.
fn collecting_topup_votes_on_liveness_ping(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(7, "collect LIVENESS_PING");
    let repeated = step.store.pings.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || step
                .store
                .replacements
                .iter()
                .any(|r| r.body.old_witness == message.sender))
    {
        step.store.pings.insert(message.sender, message.payload.clone());
        step.store.pings = Map::new();
        if message.payload.replacements < library::length(&step.store.replacements)
            || !library::contains(&step.store.witnesses, &message.sender)
        {
            let witness_replaced = WitnessReplaced {
                replacements: step.store.replacements.clone(),
            };
            step.send(message.sender, &witness_replaced).at(916, 13)?;
        } else {
            let liveness_pong = LivenessPong {
                topups: library::length(&step.store.topups),
                replacements: library::length(&step.store.replacements),
            };
            step.send(message.sender, &liveness_pong).at(918, 13)?;
        }
        if message.payload.topups > library::length(&step.store.topups) {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(921, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_TOPUP_VOTES, on the message `WITNESS_CHAIN_SYNC_REQUEST`.
fn collecting_topup_votes_on_witness_chain_sync_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessChainSyncRequest>,
) -> Result<Outcome, Raised> {
    step.consider(8, "collect WITNESS_CHAIN_SYNC_REQUEST");
    let repeated = step.store.sync_requests.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.topups < library::length(&step.store.topups)
    {
        step.store.sync_requests.insert(message.sender, message.payload.clone());
        step.store.sync_requests = Map::new();
        if step.store.topup.is_some() && step.store.history.is_some() {
            let witness_chain_sync_response = WitnessChainSyncResponse {
                topups: step.store.topups.clone(),
                topup: step.store.topup.as_ref().needed().at(933, 13)?.clone(),
                history: step.store.history.as_ref().needed().at(933, 13)?.clone(),
            };
            step.send(message.sender, &witness_chain_sync_response).at(933, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_TOPUP_VOTES, on the trigger `release`.
fn collecting_topup_votes_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(9, "COLLECTING_TOPUP_VOTES -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(1038, 34)?,
        &step.store.topups,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In PROPAGATING_TOPUP, on the message `TOPUP_INTENT`.
fn propagating_topup_on_topup_intent(
    step: &mut Step<'_, Witness>,
    message: &Received<TopupIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "PROPAGATING_TOPUP -> CHECKING_TOPUP_BALANCE on TOPUP_INTENT");
    let fork = step.equivocation(&step.store.consumer.needed().at(762, 33)?);
    if message.payload.open.height() > step.store.topup_height.needed().at(763, 36)?
        && topup_opened(
            &step.context,
            &message.payload.open,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(763, 97)?,
            step.store.body.as_ref().needed().at(763, 103)?,
        )?
    {
        step.store.topup_open = Some(message.payload.open.clone());
        step.store.topup_height = Some(
            step.store.topup_open.as_ref().needed().at(765, 24)?.height(),
        );
        step.store.topup_give_up_at = Some(
            library::narrow_i64(
                    i128::from(
                        step
                            .store
                            .topup_open
                            .as_ref()
                            .needed()
                            .at(766, 28)?
                            .payload
                            .sign_by,
                    ) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(766, 28)?,
        );
        step.store.topup_body = Some(
            topup_body(
                step.store.topup_open.as_ref().needed().at(767, 33)?,
                step.store.body.as_ref().needed().at(767, 45)?,
            )?,
        );
        step.store.topup_votes = Map::new();
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.topup_balance = Some(
            library::narrow_i64(
                    i128::from(
                        spendable(
                            &step.context,
                            &*step.view::<Ledger>(&message.payload.history).at(771, 35)?,
                            &sources,
                            network_genesis(&step.context).at(771, 75)?,
                        )?,
                    )
                        + i128::from(
                            step
                                .store
                                .topup_open
                                .as_ref()
                                .needed()
                                .at(772, 13)?
                                .payload
                                .additional_amount,
                        ),
                )
                .at(771, 25)?,
        );
        step.store.topup_reason = topup_problem(
            &step.context,
            step.store.topup_open.as_ref().needed().at(773, 38)?,
            &message.payload.history,
            &sources,
            step.store.body.as_ref().needed().at(773, 76)?,
            &step.store.topups,
            network_genesis(&step.context).at(773, 90)?,
            step.now(),
        )?;
        if fork.is_some() {
            step.store.topup_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(776, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(776, 13)?;
        }
        return step.enter(State::CheckingTopupBalance);
    }
    step.refuse()
}

/// In PROPAGATING_TOPUP, on `timeout(topup_give_up_at)`.
fn propagating_topup_on_timeout_topup_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "PROPAGATING_TOPUP -> ESCROW_ACTIVE on timeout(topup_give_up_at)");
    step.store.topup_reason = Some(Refusal::NoLock);
    step.enter(State::EscrowActive)
}

/// In PROPAGATING_TOPUP, on the message `CONSUMER_SIGNED_TOPUP`.
fn propagating_topup_on_consumer_signed_topup(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(2, "PROPAGATING_TOPUP -> ADOPTING_TOPUP on CONSUMER_SIGNED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(859, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(860, 79)?,
            step.store.body.as_ref().needed().at(860, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        let to = step.store.provider.needed().at(862, 14)?;
        let forwarded_topup = ForwardedTopup {
            topups: step.store.topups.clone(),
            topup: step.store.topup.as_ref().needed().at(862, 9)?.clone(),
            history: step.store.history.as_ref().needed().at(862, 9)?.clone(),
        };
        step.send(to, &forwarded_topup).at(862, 9)?;
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In PROPAGATING_TOPUP, on the message `FORWARDED_TOPUP`.
fn propagating_topup_on_forwarded_topup(
    step: &mut Step<'_, Witness>,
    message: &Received<ForwardedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(3, "PROPAGATING_TOPUP -> ADOPTING_TOPUP on FORWARDED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(866, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(867, 79)?,
            step.store.body.as_ref().needed().at(867, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.topup = Some(message.payload.topup.clone());
        step.store.history = Some(message.payload.history.clone());
        return step.enter(State::AdoptingTopup);
    }
    step.refuse()
}

/// In PROPAGATING_TOPUP, on the message `LIVENESS_PING`.
fn propagating_topup_on_liveness_ping(
    step: &mut Step<'_, Witness>,
    message: &Received<LivenessPing>,
) -> Result<Outcome, Raised> {
    step.consider(4, "collect LIVENESS_PING");
    let repeated = step.store.pings.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (library::contains(&step.store.witnesses, &message.sender)
            || step
                .store
                .replacements
                .iter()
                .any(|r| r.body.old_witness == message.sender))
    {
        step.store.pings.insert(message.sender, message.payload.clone());
        step.store.pings = Map::new();
        if message.payload.replacements < library::length(&step.store.replacements)
            || !library::contains(&step.store.witnesses, &message.sender)
        {
            let witness_replaced = WitnessReplaced {
                replacements: step.store.replacements.clone(),
            };
            step.send(message.sender, &witness_replaced).at(916, 13)?;
        } else {
            let liveness_pong = LivenessPong {
                topups: library::length(&step.store.topups),
                replacements: library::length(&step.store.replacements),
            };
            step.send(message.sender, &liveness_pong).at(918, 13)?;
        }
        if message.payload.topups > library::length(&step.store.topups) {
            let witness_chain_sync_request = WitnessChainSyncRequest {
                topups: library::length(&step.store.topups),
            };
            step.send(message.sender, &witness_chain_sync_request).at(921, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In PROPAGATING_TOPUP, on the message `WITNESS_CHAIN_SYNC_REQUEST`.
fn propagating_topup_on_witness_chain_sync_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessChainSyncRequest>,
) -> Result<Outcome, Raised> {
    step.consider(5, "collect WITNESS_CHAIN_SYNC_REQUEST");
    let repeated = step.store.sync_requests.repeats(&message.sender, &message.payload);
    if repeated.is_none() && library::contains(&step.store.witnesses, &message.sender)
        && message.payload.topups < library::length(&step.store.topups)
    {
        step.store.sync_requests.insert(message.sender, message.payload.clone());
        step.store.sync_requests = Map::new();
        if step.store.topup.is_some() && step.store.history.is_some() {
            let witness_chain_sync_response = WitnessChainSyncResponse {
                topups: step.store.topups.clone(),
                topup: step.store.topup.as_ref().needed().at(933, 13)?.clone(),
                history: step.store.history.as_ref().needed().at(933, 13)?.clone(),
            };
            step.send(message.sender, &witness_chain_sync_response).at(933, 13)?;
        }
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In PROPAGATING_TOPUP, on the trigger `release`.
fn propagating_topup_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(6, "PROPAGATING_TOPUP -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(1038, 34)?,
        &step.store.topups,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}
