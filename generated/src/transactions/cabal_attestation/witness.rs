// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Witness of Cabal Attestation.

use super::blocks::Attestation;
use super::functions::{
    abort_body, attestation_valid, is_newer, is_of_lock, positive, proposal_fits, quorum,
    rank, reason_fits, request_fits, seen_seconds, seen_until, standing, time_fits,
    unreachable, vote_fits,
};

use super::messages::{
    AbortProposal, AbortVote, AttestationResult, AttestationShare, CancelRequest,
    Message, MisuseAccusation, VmAllocated, VmCancelled, VmConnectivityVote,
};

use super::parameters::{
    ABORT_VOTE_TIMEOUT, ALLOCATION_NOTICE_TIMEOUT, ATTESTATION_TIMEOUT, CLAIM_ALLOWANCE,
    CONNECTIVITY_CHECK_TIMEOUT, CONNECTIVITY_VOTE_TIMEOUT, CONSUMER_SILENCE_MAX,
    MONITORING_CHECK_INTERVAL, MONITORING_FAILURES_MAX, PROPOSER_TIMEOUT,
};

use super::types::{
    AttestationBody, AttestationCertificate, LockBody, SessionTerms, TerminationReason,
    VmAddress,
};

use omt_runtime::typed::prelude::*;

/// States of [`Witness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No session.
    Idle,
    /// The provider starts a machine.
    AwaitingAllocation,
    /// The first probe is under way.
    VerifyingVm,
    /// Who reaches it?
    CollectingVotes,
    /// The machine is in use.
    Monitoring,
    /// Passed through: the session is over for this witness.
    VotingAbort,
    /// Is it for the others?
    CollectingAbortVotes,
    /// A quorum holds the session for over; members propose in turn.
    Aborting,
    /// Passed through: the provider's claim is signed.
    Attesting,
    /// Who else signs the claim?
    CollectingAttestationSigs,
    /// Passed through: everybody gets it.
    PropagatingAttestation,
    /// A quorum has signed.
    Attested,
    /// No attestation by the deadline of the terms; nothing is signed after it.
    Unresolved,
}
states!(State {
    IDLE => Idle,
    AWAITING_ALLOCATION => AwaitingAllocation,
    VERIFYING_VM => VerifyingVm,
    COLLECTING_VOTES => CollectingVotes,
    MONITORING => Monitoring,
    VOTING_ABORT => VotingAbort,
    COLLECTING_ABORT_VOTES => CollectingAbortVotes,
    ABORTING => Aborting,
    ATTESTING => Attesting,
    COLLECTING_ATTESTATION_SIGS => CollectingAttestationSigs,
    PROPAGATING_ATTESTATION => PropagatingAttestation,
    ATTESTED => Attested,
    UNRESOLVED => Unresolved,
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
    /// of the lock, from 00
    pub body: Option<LockBody>,
    /// the lock's cabal
    pub witnesses: Vec<PeerId>,
    /// `vm`.
    pub vm: Option<VmAddress>,
    /// probes so far
    pub attempt: Option<u64>,
    /// one is under way
    pub probing: Option<bool>,
    /// `can_reach_vm`.
    pub can_reach_vm: Option<bool>,
    /// `votes`.
    pub votes: Map<PeerId, VmConnectivityVote>,
    /// this witness saw a quorum reach the machine
    pub since: Option<i64>,
    /// the last probe that succeeded
    pub last_seen: Option<i64>,
    /// probes that failed since
    pub failures: Option<u64>,
    /// the consumer's last sign of life
    pub heard_at: Option<i64>,
    /// the rented time is over, and the claim is late
    pub end_by: Option<i64>,
    /// when the session ended, as far as this witness saw it; its measurement stops there
    pub ended_at: Option<i64>,
    /// `request`.
    pub request: Option<Signed<CancelRequest>>,
    /// why this witness holds the session for over
    pub reason: Option<TerminationReason>,
    /// of its votes to abort
    pub round: Option<u64>,
    /// what it measured, when it last voted or signed
    pub seen_seconds: Option<u64>,
    /// `abort_votes`.
    pub abort_votes: Map<PeerId, Signed<AbortVote>>,
    /// `propose_at`.
    pub propose_at: Option<i64>,
    /// the lowest rank that it may still sign
    pub next_rank: Option<u64>,
    /// what it signed last
    pub record: Option<AttestationBody>,
    /// `signed_at`.
    pub signed_at: Option<i64>,
    /// `shares`.
    pub shares: Map<PeerId, Signature>,
    /// `attestation`.
    pub attestation: Option<AttestationCertificate>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    provider,
    body,
    witnesses,
    vm,
    attempt,
    probing,
    can_reach_vm,
    votes,
    since,
    last_seen,
    failures,
    heard_at,
    end_by,
    ended_at,
    request,
    reason,
    round,
    seen_seconds,
    abort_votes,
    propose_at,
    next_rank,
    record,
    signed_at,
    shares,
    attestation,
});

/// Probes, watches, and signs only what it saw.
pub struct Witness;

impl Actor for Witness {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Witness";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Attested, State::Unresolved];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "VM_ALLOCATED" | "VM_READY" | "VM_CANCELLED" | "MISUSE_ACCUSATION" => {
                store.provider.names(sender)
            }
            "CANCEL_REQUEST" | "CONSUMER_ALIVE" => store.consumer.names(sender),
            "VM_CONNECTIVITY_VOTE" | "ABORT_VOTE" | "ABORT_PROPOSAL"
            | "ATTESTATION_SHARE" | "ATTESTATION_RESULT" => store.witnesses.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "VM_ALLOCATED" | "VM_READY" | "VM_CANCELLED" | "MISUSE_ACCUSATION" => {
                library::bind(&mut store.provider, sender)
            }
            "CANCEL_REQUEST" | "CONSUMER_ALIVE" => {
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
            (State::AwaitingAllocation, Message::VmAllocated(message)) => {
                awaiting_allocation_on_vm_allocated(step, message)
            }
            (State::AwaitingAllocation, Message::CancelRequest(message)) => {
                awaiting_allocation_on_cancel_request(step, message)
            }
            (State::AwaitingAllocation, Message::VmCancelled(message)) => {
                awaiting_allocation_on_vm_cancelled(step, message)
            }
            (State::AwaitingAllocation, Message::AttestationResult(message)) => {
                awaiting_allocation_on_attestation_result(step, message)
            }
            (State::VerifyingVm, Message::CancelRequest(message)) => {
                verifying_vm_on_cancel_request(step, message)
            }
            (State::VerifyingVm, Message::VmCancelled(message)) => {
                verifying_vm_on_vm_cancelled(step, message)
            }
            (State::VerifyingVm, Message::AttestationResult(message)) => {
                verifying_vm_on_attestation_result(step, message)
            }
            (State::CollectingVotes, Message::VmConnectivityVote(message)) => {
                collecting_votes_on_vm_connectivity_vote(step, message)
            }
            (State::CollectingVotes, Message::CancelRequest(message)) => {
                collecting_votes_on_cancel_request(step, message)
            }
            (State::CollectingVotes, Message::VmCancelled(message)) => {
                collecting_votes_on_vm_cancelled(step, message)
            }
            (State::CollectingVotes, Message::AttestationResult(message)) => {
                collecting_votes_on_attestation_result(step, message)
            }
            (State::Monitoring, Message::ConsumerAlive(_)) => {
                monitoring_on_consumer_alive(step)
            }
            (State::Monitoring, Message::CancelRequest(message)) => {
                monitoring_on_cancel_request(step, message)
            }
            (State::Monitoring, Message::AbortVote(message)) => {
                monitoring_on_abort_vote(step, message)
            }
            (State::Monitoring, Message::VmCancelled(message)) => {
                monitoring_on_vm_cancelled(step, message)
            }
            (State::Monitoring, Message::MisuseAccusation(message)) => {
                monitoring_on_misuse_accusation(step, message)
            }
            (State::Monitoring, Message::AttestationResult(message)) => {
                monitoring_on_attestation_result(step, message)
            }
            (State::CollectingAbortVotes, Message::CancelRequest(message)) => {
                collecting_abort_votes_on_cancel_request(step, message)
            }
            (State::CollectingAbortVotes, Message::AbortVote(message)) => {
                collecting_abort_votes_on_abort_vote(step, message)
            }
            (State::CollectingAbortVotes, Message::AbortProposal(message)) => {
                collecting_abort_votes_on_abort_proposal(step, message)
            }
            (State::CollectingAbortVotes, Message::VmCancelled(message)) => {
                collecting_abort_votes_on_vm_cancelled(step, message)
            }
            (State::CollectingAbortVotes, Message::MisuseAccusation(message)) => {
                collecting_abort_votes_on_misuse_accusation(step, message)
            }
            (State::CollectingAbortVotes, Message::AttestationShare(message)) => {
                collecting_abort_votes_on_attestation_share(step, message)
            }
            (State::CollectingAbortVotes, Message::AttestationResult(message)) => {
                collecting_abort_votes_on_attestation_result(step, message)
            }
            (State::Aborting, Message::AbortVote(message)) => {
                aborting_on_abort_vote(step, message)
            }
            (State::Aborting, Message::AbortProposal(message)) => {
                aborting_on_abort_proposal(step, message)
            }
            (State::Aborting, Message::VmCancelled(message)) => {
                aborting_on_vm_cancelled(step, message)
            }
            (State::Aborting, Message::MisuseAccusation(message)) => {
                aborting_on_misuse_accusation(step, message)
            }
            (State::Aborting, Message::AttestationShare(message)) => {
                aborting_on_attestation_share(step, message)
            }
            (State::Aborting, Message::AttestationResult(message)) => {
                aborting_on_attestation_result(step, message)
            }
            (State::CollectingAttestationSigs, Message::AttestationShare(message)) => {
                collecting_attestation_sigs_on_attestation_share(step, message)
            }
            (State::CollectingAttestationSigs, Message::AttestationResult(message)) => {
                collecting_attestation_sigs_on_attestation_result(step, message)
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
            (State::Idle, "setup_session") => {
                idle_on_setup_session(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                )
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_task(
        step: &mut Step<'_, Self>,
        name: &str,
        result: TaskResult<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::VerifyingVm, "check_vm_connectivity") => {
                verifying_vm_on_check_vm_connectivity(step, result.get()?)
            }
            (State::Monitoring, "check_vm_connectivity") => {
                monitoring_on_check_vm_connectivity(step, result.get()?)
            }
            (State::CollectingAbortVotes, "check_vm_connectivity") => {
                collecting_abort_votes_on_check_vm_connectivity(step, result.get()?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::AwaitingAllocation, 0) => {
                awaiting_allocation_on_timeout_allocation_notice_timeout(step)
            }
            (State::AwaitingAllocation, 1) => awaiting_allocation_on_timeout_1(step),
            (State::VerifyingVm, 0) => {
                verifying_vm_on_timeout_connectivity_check_timeout(step)
            }
            (State::VerifyingVm, 1) => verifying_vm_on_timeout_1(step),
            (State::CollectingVotes, 0) => {
                collecting_votes_on_timeout_connectivity_vote_timeout(step)
            }
            (State::CollectingVotes, 1) => collecting_votes_on_timeout_1(step),
            (State::Monitoring, 1) => monitoring_on_timeout_end_by(step),
            (State::Monitoring, 2) => monitoring_on_timeout_2(step),
            (State::CollectingAbortVotes, 1) => {
                collecting_abort_votes_on_timeout_abort_vote_timeout(step)
            }
            (State::CollectingAbortVotes, 2) => collecting_abort_votes_on_timeout_2(step),
            (State::Aborting, 0) => aborting_on_timeout_propose_at(step),
            (State::Aborting, 1) => aborting_on_timeout_1(step),
            (State::CollectingAttestationSigs, 0) => {
                collecting_attestation_sigs_on_timeout_attestation_timeout(step)
            }
            (State::CollectingAttestationSigs, 1) => {
                collecting_attestation_sigs_on_timeout_1(step)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_period(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Monitoring, 0) => monitoring_every_monitoring_check_interval(step),
            (State::CollectingAbortVotes, 0) => {
                collecting_abort_votes_every_monitoring_check_interval(step)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::CollectingVotes => collecting_votes_at_once(step),
            State::Monitoring => monitoring_at_once(step),
            State::VotingAbort => voting_abort_at_once(step),
            State::CollectingAbortVotes => collecting_abort_votes_at_once(step),
            State::Aborting => aborting_at_once(step),
            State::Attesting => attesting_at_once(step),
            State::CollectingAttestationSigs => collecting_attestation_sigs_at_once(step),
            State::PropagatingAttestation => propagating_attestation_at_once(step),
            State::Idle
            | State::AwaitingAllocation
            | State::VerifyingVm
            | State::Attested
            | State::Unresolved => Ok(Outcome::Unhandled),
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::AwaitingAllocation, Message::VmCancelled(message)) => {
                step.consider_override("defer VM_CANCELLED");
                if message.payload.body.connectivity_verified {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::VerifyingVm, Message::VmCancelled(message)) => {
                step.consider_override("defer VM_CANCELLED");
                if message.payload.body.connectivity_verified {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::CollectingVotes, Message::VmCancelled(message)) => {
                step.consider_override("defer VM_CANCELLED");
                if message.payload.body.connectivity_verified {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::CollectingAbortVotes, Message::ConsumerAlive(_)) => {
                step.consider_override("ignore CONSUMER_ALIVE");
                Ok(Some(Diverted::Ignored))
            }
            (State::CollectingAbortVotes, Message::AttestationShare(message)) => {
                step.consider_override("defer ATTESTATION_SHARE");
                if message.payload.rank >= step.store.next_rank.needed().at(432, 30)? {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::Aborting, Message::ConsumerAlive(_)) => {
                step.consider_override("ignore CONSUMER_ALIVE");
                Ok(Some(Diverted::Ignored))
            }
            (State::Aborting, Message::CancelRequest(_)) => {
                step.consider_override("ignore CANCEL_REQUEST");
                Ok(Some(Diverted::Ignored))
            }
            (State::Aborting, Message::AttestationShare(message)) => {
                step.consider_override("defer ATTESTATION_SHARE");
                if message.payload.rank >= step.store.next_rank.needed().at(432, 30)? {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::CollectingAttestationSigs, Message::ConsumerAlive(_)) => {
                step.consider_override("ignore CONSUMER_ALIVE");
                Ok(Some(Diverted::Ignored))
            }
            (State::CollectingAttestationSigs, Message::CancelRequest(_)) => {
                step.consider_override("ignore CANCEL_REQUEST");
                Ok(Some(Diverted::Ignored))
            }
            (State::CollectingAttestationSigs, Message::AttestationShare(message)) => {
                step.consider_override("defer ATTESTATION_SHARE");
                if message.payload.rank >= step.store.next_rank.needed().at(432, 30)? {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::AwaitingAllocation => {
                timers.after(0, ALLOCATION_NOTICE_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::VerifyingVm => {
                timers.after(0, CONNECTIVITY_CHECK_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::CollectingVotes => {
                timers.after(0, CONNECTIVITY_VOTE_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::Monitoring => {
                timers.every(0, MONITORING_CHECK_INTERVAL);
                timers.at(1, step.store.end_by);
                timers
                    .at(
                        2,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::CollectingAbortVotes => {
                timers.every(0, MONITORING_CHECK_INTERVAL);
                timers.after(1, ABORT_VOTE_TIMEOUT);
                timers
                    .at(
                        2,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::Aborting => {
                timers.at(0, step.store.propose_at);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::CollectingAttestationSigs => {
                timers.after(0, ATTESTATION_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(469, 34)?.expires_at,
                        ))?,
                    );
            }
            State::Idle
            | State::VotingAbort
            | State::Attesting
            | State::PropagatingAttestation
            | State::Attested
            | State::Unresolved => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `setup_session`.
fn idle_on_setup_session(
    step: &mut Step<'_, Witness>,
    session_id: Hash,
    terms: SessionTerms,
    body: LockBody,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> AWAITING_ALLOCATION on setup_session");
    if step.now() < terms.expires_at && library::contains(&body.cabal, &step.peer_id()) {
        step.store.session_id = Some(session_id);
        step.store.terms = Some(terms.clone());
        step.store.body = Some(body.clone());
        step.store.consumer = Some(terms.consumer);
        step.store.provider = Some(terms.provider);
        step.store.witnesses = body.cabal.clone();
        step.store.attempt = Some(0);
        step.store.probing = Some(false);
        step.store.failures = Some(0);
        step.store.round = Some(0);
        step.store.next_rank = Some(0);
        step.store.last_seen = Some(step.now());
        step.store.heard_at = Some(step.now());
        return step.enter(State::AwaitingAllocation);
    }
    step.refuse()
}

/// In AWAITING_ALLOCATION, on the message `VM_ALLOCATED`.
fn awaiting_allocation_on_vm_allocated(
    step: &mut Step<'_, Witness>,
    message: &Received<VmAllocated>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AWAITING_ALLOCATION -> VERIFYING_VM on VM_ALLOCATED");
    if message.payload.lock_result_hash
        == library::hash(&[step.store.body.as_ref().needed().at(216, 95)?])
    {
        step.store.vm = Some(message.payload.vm.clone());
        step.start(
            "check_vm_connectivity",
            &[
                step.store.vm.as_ref().needed().at(218, 37)?,
                &step.store.attempt.needed().at(218, 41)?,
            ],
        );
        return step.enter(State::VerifyingVm);
    }
    step.refuse()
}

/// In AWAITING_ALLOCATION, on `timeout(ALLOCATION_NOTICE_TIMEOUT)`.
fn awaiting_allocation_on_timeout_allocation_notice_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "AWAITING_ALLOCATION -> VOTING_ABORT on timeout(ALLOCATION_NOTICE_TIMEOUT)",
    );
    step.store.reason = Some(TerminationReason::AllocationFailed);
    step.enter(State::VotingAbort)
}

/// In AWAITING_ALLOCATION, on the message `CANCEL_REQUEST`.
fn awaiting_allocation_on_cancel_request(
    step: &mut Step<'_, Witness>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(2, "AWAITING_ALLOCATION -> VOTING_ABORT on CANCEL_REQUEST");
    step.store.request = Some(message.signed());
    step.store.ended_at = Some(
        seen_until(
            step.store.last_seen.needed().at(283, 31)?,
            step.store.failures.needed().at(283, 42)?,
            None,
            step.now(),
        )?,
    );
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::VotingAbort)
}

/// In AWAITING_ALLOCATION, on the message `VM_CANCELLED`.
fn awaiting_allocation_on_vm_cancelled(
    step: &mut Step<'_, Witness>,
    message: &Received<VmCancelled>,
) -> Result<Outcome, Raised> {
    step.consider(3, "AWAITING_ALLOCATION -> ATTESTING on VM_CANCELLED");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(392, 51)?,
            step.store.failures.needed().at(392, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(392, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(393, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(394, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(395, 62)?.max_duration,
        )
        && reason_fits(
            &message.payload.body,
            request_fits(
                &message.payload.request,
                step.store.consumer.needed().at(396, 73)?,
                step.store.session_id.needed().at(396, 83)?,
            )?,
            step.store.terms.as_ref().needed().at(396, 96)?.max_duration,
        )
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.request = message.payload.request.clone();
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(401, 35)?,
                    step.store.failures.needed().at(401, 46)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In AWAITING_ALLOCATION, on the message `ATTESTATION_RESULT`.
fn awaiting_allocation_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "AWAITING_ALLOCATION -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT",
    );
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In AWAITING_ALLOCATION, on `timeout(terms.expires_at)`.
fn awaiting_allocation_on_timeout_1(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(5, "AWAITING_ALLOCATION -> UNRESOLVED on timeout(terms.expires_at)");
    step.enter(State::Unresolved)
}

/// In VERIFYING_VM, when the task `check_vm_connectivity` has ended.
fn verifying_vm_on_check_vm_connectivity(
    step: &mut Step<'_, Witness>,
    task_result: Option<bool>,
) -> Result<Outcome, Raised> {
    step.consider(0, "VERIFYING_VM -> COLLECTING_VOTES on check_vm_connectivity");
    step.store.can_reach_vm = Some(task_result == Some(true));
    let to = &library::concat(
        &step.store.witnesses,
        &[step.store.provider.needed().at(225, 38)?],
    );
    let vm_connectivity_vote = VmConnectivityVote {
        vm_hash: library::hash(&[step.store.vm.as_ref().needed().at(225, 86)?]),
        can_reach_vm: step.store.can_reach_vm.needed().at(225, 9)?,
    };
    step.broadcast(to, &vm_connectivity_vote).at(225, 9)?;
    step.enter(State::CollectingVotes)
}

/// In VERIFYING_VM, on `timeout(CONNECTIVITY_CHECK_TIMEOUT)`.
fn verifying_vm_on_timeout_connectivity_check_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "VERIFYING_VM -> COLLECTING_VOTES on timeout(CONNECTIVITY_CHECK_TIMEOUT)",
    );
    step.store.can_reach_vm = Some(false);
    let to = &library::concat(
        &step.store.witnesses,
        &[step.store.provider.needed().at(229, 38)?],
    );
    let vm_connectivity_vote = VmConnectivityVote {
        vm_hash: library::hash(&[step.store.vm.as_ref().needed().at(229, 86)?]),
        can_reach_vm: step.store.can_reach_vm.needed().at(229, 9)?,
    };
    step.broadcast(to, &vm_connectivity_vote).at(229, 9)?;
    step.enter(State::CollectingVotes)
}

/// In VERIFYING_VM, on the message `CANCEL_REQUEST`.
fn verifying_vm_on_cancel_request(
    step: &mut Step<'_, Witness>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(2, "VERIFYING_VM -> VOTING_ABORT on CANCEL_REQUEST");
    step.store.request = Some(message.signed());
    step.store.ended_at = Some(
        seen_until(
            step.store.last_seen.needed().at(283, 31)?,
            step.store.failures.needed().at(283, 42)?,
            None,
            step.now(),
        )?,
    );
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::VotingAbort)
}

/// In VERIFYING_VM, on the message `VM_CANCELLED`.
fn verifying_vm_on_vm_cancelled(
    step: &mut Step<'_, Witness>,
    message: &Received<VmCancelled>,
) -> Result<Outcome, Raised> {
    step.consider(3, "VERIFYING_VM -> ATTESTING on VM_CANCELLED");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(392, 51)?,
            step.store.failures.needed().at(392, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(392, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(393, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(394, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(395, 62)?.max_duration,
        )
        && reason_fits(
            &message.payload.body,
            request_fits(
                &message.payload.request,
                step.store.consumer.needed().at(396, 73)?,
                step.store.session_id.needed().at(396, 83)?,
            )?,
            step.store.terms.as_ref().needed().at(396, 96)?.max_duration,
        )
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.request = message.payload.request.clone();
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(401, 35)?,
                    step.store.failures.needed().at(401, 46)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In VERIFYING_VM, on the message `ATTESTATION_RESULT`.
fn verifying_vm_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(4, "VERIFYING_VM -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In VERIFYING_VM, on `timeout(terms.expires_at)`.
fn verifying_vm_on_timeout_1(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(5, "VERIFYING_VM -> UNRESOLVED on timeout(terms.expires_at)");
    step.enter(State::Unresolved)
}

/// In COLLECTING_VOTES, on the message `VM_CONNECTIVITY_VOTE`.
fn collecting_votes_on_vm_connectivity_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<VmConnectivityVote>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect VM_CONNECTIVITY_VOTE");
    let repeated = step.store.votes.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.vm_hash
            == library::hash(&[step.store.vm.as_ref().needed().at(231, 96)?])
    {
        step.store.votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_VOTES, at once.
fn collecting_votes_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING_VOTES -> MONITORING auto");
    if positive(&step.store.votes) >= quorum(library::length(&step.store.witnesses))? {
        step.proceed().at(233, 5)?;
        step.store.since = Some(step.now());
        step.store.last_seen = Some(step.now());
        step.store.heard_at = Some(step.now());
        step.store.end_by = Some(
            library::narrow_i64(
                    i128::from(step.now())
                        + i128::from(
                            step.store.terms.as_ref().needed().at(237, 26)?.max_duration,
                        ) + i128::from(CLAIM_ALLOWANCE),
                )
                .at(237, 18)?,
        );
        step.store.failures = Some(
            if step.store.can_reach_vm.needed().at(238, 23)? { 0 } else { 1 },
        );
        return step.enter(State::Monitoring);
    }

    step.consider(2, "COLLECTING_VOTES -> VOTING_ABORT auto");
    if unreachable(&step.store.votes, library::length(&step.store.witnesses))? {
        step.proceed().at(240, 5)?;
        step.store.reason = Some(TerminationReason::ConnectivityFailed);
        return step.enter(State::VotingAbort);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on `timeout(CONNECTIVITY_VOTE_TIMEOUT)`.
fn collecting_votes_on_timeout_connectivity_vote_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "COLLECTING_VOTES -> VOTING_ABORT on timeout(CONNECTIVITY_VOTE_TIMEOUT)",
    );
    step.store.reason = Some(TerminationReason::ConnectivityFailed);
    step.enter(State::VotingAbort)
}

/// In COLLECTING_VOTES, on the message `CANCEL_REQUEST`.
fn collecting_votes_on_cancel_request(
    step: &mut Step<'_, Witness>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COLLECTING_VOTES -> VOTING_ABORT on CANCEL_REQUEST");
    step.store.request = Some(message.signed());
    step.store.ended_at = Some(
        seen_until(
            step.store.last_seen.needed().at(283, 31)?,
            step.store.failures.needed().at(283, 42)?,
            None,
            step.now(),
        )?,
    );
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::VotingAbort)
}

/// In COLLECTING_VOTES, on the message `VM_CANCELLED`.
fn collecting_votes_on_vm_cancelled(
    step: &mut Step<'_, Witness>,
    message: &Received<VmCancelled>,
) -> Result<Outcome, Raised> {
    step.consider(5, "COLLECTING_VOTES -> ATTESTING on VM_CANCELLED");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(392, 51)?,
            step.store.failures.needed().at(392, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(392, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(393, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(394, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(395, 62)?.max_duration,
        )
        && reason_fits(
            &message.payload.body,
            request_fits(
                &message.payload.request,
                step.store.consumer.needed().at(396, 73)?,
                step.store.session_id.needed().at(396, 83)?,
            )?,
            step.store.terms.as_ref().needed().at(396, 96)?.max_duration,
        )
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.request = message.payload.request.clone();
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(401, 35)?,
                    step.store.failures.needed().at(401, 46)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on the message `ATTESTATION_RESULT`.
fn collecting_votes_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(
        6,
        "COLLECTING_VOTES -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT",
    );
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on `timeout(terms.expires_at)`.
fn collecting_votes_on_timeout_1(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(7, "COLLECTING_VOTES -> UNRESOLVED on timeout(terms.expires_at)");
    step.enter(State::Unresolved)
}

/// In MONITORING, on `every(MONITORING_CHECK_INTERVAL)`.
fn monitoring_every_monitoring_check_interval(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(0, "MONITORING -> VOTING_ABORT on every(MONITORING_CHECK_INTERVAL)");
    if i128::from(step.now()) - i128::from(step.store.heard_at.needed().at(249, 81)?)
        > i128::from(CONSUMER_SILENCE_MAX)
    {
        step.store.reason = Some(TerminationReason::Timeout);
        return step.enter(State::VotingAbort);
    }

    step.consider(1, "MONITORING -> MONITORING on every(MONITORING_CHECK_INTERVAL)");
    if step.store.probing.needed().at(254, 12)? {
        step.store.failures = Some(
            library::narrow_u64(
                    i128::from(step.store.failures.needed().at(254, 38)?) + 1,
                )
                .at(254, 38)?,
        );
    }
    step.store.probing = Some(true);
    step.store.attempt = Some(
        library::narrow_u64(i128::from(step.store.attempt.needed().at(256, 19)?) + 1)
            .at(256, 19)?,
    );
    step.start(
        "check_vm_connectivity",
        &[
            step.store.vm.as_ref().needed().at(257, 37)?,
            &step.store.attempt.needed().at(257, 41)?,
        ],
    );
    step.enter(State::Monitoring)
}

/// In MONITORING, when the task `check_vm_connectivity` has ended.
fn monitoring_on_check_vm_connectivity(
    step: &mut Step<'_, Witness>,
    task_result: Option<bool>,
) -> Result<Outcome, Raised> {
    step.consider(2, "MONITORING -> MONITORING on check_vm_connectivity");
    if task_result == Some(true) {
        step.store.probing = Some(false);
        step.store.last_seen = Some(step.now());
        step.store.failures = Some(0);
        return step.enter(State::Monitoring);
    }
    step.otherwise(2, "MONITORING -> MONITORING on check_vm_connectivity");
    step.store.probing = Some(false);
    step.store.failures = Some(
        library::narrow_u64(i128::from(step.store.failures.needed().at(265, 20)?) + 1)
            .at(265, 20)?,
    );
    step.enter(State::Monitoring)
}

/// In MONITORING, at once.
fn monitoring_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(3, "MONITORING -> VOTING_ABORT auto");
    if step.store.failures.needed().at(267, 42)? >= MONITORING_FAILURES_MAX {
        step.proceed().at(267, 5)?;
        step.store.reason = Some(TerminationReason::VmDied);
        return step.enter(State::VotingAbort);
    }
    step.refuse()
}

/// In MONITORING, on the message `CONSUMER_ALIVE`.
fn monitoring_on_consumer_alive(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(4, "MONITORING -> MONITORING on CONSUMER_ALIVE");
    step.store.heard_at = Some(step.now());
    step.enter(State::Monitoring)
}

/// In MONITORING, on `timeout(end_by)`.
fn monitoring_on_timeout_end_by(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(5, "MONITORING -> VOTING_ABORT on timeout(end_by)");
    step.store.reason = Some(TerminationReason::Timeout);
    step.enter(State::VotingAbort)
}

/// In MONITORING, on the message `CANCEL_REQUEST`.
fn monitoring_on_cancel_request(
    step: &mut Step<'_, Witness>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(6, "MONITORING -> VOTING_ABORT on CANCEL_REQUEST");
    step.store.request = Some(message.signed());
    step.store.ended_at = Some(
        seen_until(
            step.store.last_seen.needed().at(283, 31)?,
            step.store.failures.needed().at(283, 42)?,
            None,
            step.now(),
        )?,
    );
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::VotingAbort)
}

/// In MONITORING, on the message `ABORT_VOTE`.
fn monitoring_on_abort_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<AbortVote>,
) -> Result<Outcome, Raised> {
    step.consider(7, "MONITORING -> VOTING_ABORT on ABORT_VOTE");
    if request_fits(
        &message.payload.request,
        step.store.consumer.needed().at(300, 44)?,
        step.store.session_id.needed().at(300, 54)?,
    )?
        && is_newer(
            &message.payload,
            &library::get(&step.store.abort_votes, &message.sender),
        )?
    {
        step.store.abort_votes.insert(message.sender, message.signed());
        step.store.request = message.payload.request.clone();
        step.store.ended_at = Some(
            seen_until(
                step.store.last_seen.needed().at(304, 31)?,
                step.store.failures.needed().at(304, 42)?,
                None,
                step.now(),
            )?,
        );
        step.store.reason = Some(TerminationReason::ConsumerRequest);
        return step.enter(State::VotingAbort);
    }

    step.consider(8, "MONITORING -> MONITORING on ABORT_VOTE");
    if vote_fits(
        &message.payload,
        step.store.consumer.needed().at(317, 41)?,
        step.store.session_id.needed().at(317, 51)?,
    )?
        && is_newer(
            &message.payload,
            &library::get(&step.store.abort_votes, &message.sender),
        )?
    {
        step.store.abort_votes.insert(message.sender, message.signed());
        return step.enter(State::Monitoring);
    }
    step.refuse()
}

/// In MONITORING, on the message `VM_CANCELLED`.
fn monitoring_on_vm_cancelled(
    step: &mut Step<'_, Witness>,
    message: &Received<VmCancelled>,
) -> Result<Outcome, Raised> {
    step.consider(9, "MONITORING -> ATTESTING on VM_CANCELLED");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(392, 51)?,
            step.store.failures.needed().at(392, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(392, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(393, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(394, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(395, 62)?.max_duration,
        )
        && reason_fits(
            &message.payload.body,
            request_fits(
                &message.payload.request,
                step.store.consumer.needed().at(396, 73)?,
                step.store.session_id.needed().at(396, 83)?,
            )?,
            step.store.terms.as_ref().needed().at(396, 96)?.max_duration,
        )
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.request = message.payload.request.clone();
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(401, 35)?,
                    step.store.failures.needed().at(401, 46)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In MONITORING, on the message `MISUSE_ACCUSATION`.
fn monitoring_on_misuse_accusation(
    step: &mut Step<'_, Witness>,
    message: &Received<MisuseAccusation>,
) -> Result<Outcome, Raised> {
    step.consider(10, "MONITORING -> ATTESTING on MISUSE_ACCUSATION");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(405, 51)?,
            step.store.failures.needed().at(405, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(405, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(406, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(407, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(408, 62)?.max_duration,
        ) && message.payload.body.termination_reason == TerminationReason::ConsumerMisuse
        && message.payload.proof.author() == step.store.consumer.needed().at(410, 41)?
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(413, 58)?,
                    step.store.failures.needed().at(413, 69)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In MONITORING, on the message `ATTESTATION_RESULT`.
fn monitoring_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(11, "MONITORING -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In MONITORING, on `timeout(terms.expires_at)`.
fn monitoring_on_timeout_2(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(12, "MONITORING -> UNRESOLVED on timeout(terms.expires_at)");
    step.enter(State::Unresolved)
}

/// In VOTING_ABORT, at once.
fn voting_abort_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "VOTING_ABORT -> COLLECTING_ABORT_VOTES auto");
    step.proceed().at(293, 5)?;
    step.store.round = Some(
        library::narrow_u64(i128::from(step.store.round.needed().at(294, 17)?) + 1)
            .at(294, 17)?,
    );
    step.store.seen_seconds = Some(
        seen_seconds(
            step.store.since,
            seen_until(
                step.store.last_seen.needed().at(295, 55)?,
                step.store.failures.needed().at(295, 66)?,
                step.store.ended_at,
                step.now(),
            )?,
            step.store.terms.as_ref().needed().at(295, 94)?.max_duration,
        )?,
    );
    let to = &library::concat(
        &step.store.witnesses,
        &[step.store.provider.needed().at(296, 38)?],
    );
    let abort_vote = AbortVote {
        reason: Some(step.store.reason.needed().at(296, 70)?),
        connected: step.store.since.is_some(),
        round: step.store.round.needed().at(296, 9)?,
        seen_seconds: step.store.seen_seconds.needed().at(296, 9)?,
        request: step.store.request.clone(),
    };
    step.broadcast(to, &abort_vote).at(296, 9)?;
    step.enter(State::CollectingAbortVotes)
}

/// In COLLECTING_ABORT_VOTES, on the message `CANCEL_REQUEST`.
fn collecting_abort_votes_on_cancel_request(
    step: &mut Step<'_, Witness>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "COLLECTING_ABORT_VOTES -> VOTING_ABORT on CANCEL_REQUEST");
    if step.store.ended_at.is_none() {
        step.store.request = Some(message.signed());
        step.store.ended_at = Some(
            seen_until(
                step.store.last_seen.needed().at(288, 31)?,
                step.store.failures.needed().at(288, 42)?,
                None,
                step.now(),
            )?,
        );
        step.store.reason = Some(TerminationReason::ConsumerRequest);
        return step.enter(State::VotingAbort);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on the message `ABORT_VOTE`.
fn collecting_abort_votes_on_abort_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<AbortVote>,
) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING_ABORT_VOTES -> VOTING_ABORT on ABORT_VOTE");
    if step.store.ended_at.is_none()
        && request_fits(
            &message.payload.request,
            step.store.consumer.needed().at(309, 47)?,
            step.store.session_id.needed().at(309, 57)?,
        )?
        && is_newer(
            &message.payload,
            &library::get(&step.store.abort_votes, &message.sender),
        )?
    {
        step.store.abort_votes.insert(message.sender, message.signed());
        step.store.request = message.payload.request.clone();
        step.store.ended_at = Some(
            seen_until(
                step.store.last_seen.needed().at(313, 31)?,
                step.store.failures.needed().at(313, 42)?,
                None,
                step.now(),
            )?,
        );
        step.store.reason = Some(TerminationReason::ConsumerRequest);
        return step.enter(State::VotingAbort);
    }

    step.consider(2, "COLLECTING_ABORT_VOTES -> COLLECTING_ABORT_VOTES on ABORT_VOTE");
    if vote_fits(
        &message.payload,
        step.store.consumer.needed().at(322, 41)?,
        step.store.session_id.needed().at(322, 51)?,
    )?
        && is_newer(
            &message.payload,
            &library::get(&step.store.abort_votes, &message.sender),
        )?
    {
        step.store.abort_votes.insert(message.sender, message.signed());
        return step.enter(State::CollectingAbortVotes);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on `every(MONITORING_CHECK_INTERVAL)`.
fn collecting_abort_votes_every_monitoring_check_interval(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "COLLECTING_ABORT_VOTES -> COLLECTING_ABORT_VOTES on every(MONITORING_CHECK_INTERVAL)",
    );
    if step.store.reason.needed().at(334, 14)? == TerminationReason::VmDied
        && step.store.vm.is_some()
    {
        step.store.attempt = Some(
            library::narrow_u64(i128::from(step.store.attempt.needed().at(335, 19)?) + 1)
                .at(335, 19)?,
        );
        step.start(
            "check_vm_connectivity",
            &[
                step.store.vm.as_ref().needed().at(336, 37)?,
                &step.store.attempt.needed().at(336, 41)?,
            ],
        );
        return step.enter(State::CollectingAbortVotes);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, when the task `check_vm_connectivity` has ended.
fn collecting_abort_votes_on_check_vm_connectivity(
    step: &mut Step<'_, Witness>,
    task_result: Option<bool>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COLLECTING_ABORT_VOTES -> MONITORING on check_vm_connectivity");
    if task_result == Some(true)
        && step.store.reason.needed().at(339, 33)? == TerminationReason::VmDied
        && step.store.ended_at.is_none() && step.store.vm.is_some()
        && step.store.since.is_some()
    {
        step.store.probing = Some(false);
        step.store.last_seen = Some(step.now());
        step.store.failures = Some(0);
        step.store.round = Some(
            library::narrow_u64(i128::from(step.store.round.needed().at(343, 17)?) + 1)
                .at(343, 17)?,
        );
        let to = &library::concat(
            &step.store.witnesses,
            &[step.store.provider.needed().at(344, 38)?],
        );
        let abort_vote = AbortVote {
            reason: None,
            connected: true,
            round: step.store.round.needed().at(344, 9)?,
            seen_seconds: step.store.seen_seconds.needed().at(344, 9)?,
            request: step.store.request.clone(),
        };
        step.broadcast(to, &abort_vote).at(344, 9)?;
        return step.enter(State::Monitoring);
    }
    step.otherwise(4, "COLLECTING_ABORT_VOTES -> MONITORING on check_vm_connectivity");
    step.store.probing = Some(false);
    step.enter(State::CollectingAbortVotes)
}

/// In COLLECTING_ABORT_VOTES, on `timeout(ABORT_VOTE_TIMEOUT)`.
fn collecting_abort_votes_on_timeout_abort_vote_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        5,
        "COLLECTING_ABORT_VOTES -> MONITORING on timeout(ABORT_VOTE_TIMEOUT)",
    );
    if step.store.reason.needed().at(350, 14)? == TerminationReason::Timeout
        && step.store.vm.is_some() && step.store.since.is_some()
    {
        step.store.heard_at = Some(step.now());
        step.store.round = Some(
            library::narrow_u64(i128::from(step.store.round.needed().at(352, 17)?) + 1)
                .at(352, 17)?,
        );
        let to = &library::concat(
            &step.store.witnesses,
            &[step.store.provider.needed().at(353, 38)?],
        );
        let abort_vote = AbortVote {
            reason: None,
            connected: true,
            round: step.store.round.needed().at(353, 9)?,
            seen_seconds: step.store.seen_seconds.needed().at(353, 9)?,
            request: step.store.request.clone(),
        };
        step.broadcast(to, &abort_vote).at(353, 9)?;
        return step.enter(State::Monitoring);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, at once.
fn collecting_abort_votes_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(6, "COLLECTING_ABORT_VOTES -> ABORTING auto");
    if library::length(&standing(&step.store.abort_votes))
        >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(358, 5)?;
        step.store.propose_at = Some(
            library::narrow_i64(
                    library::add(
                            i128::from(step.now()),
                            library::mul(
                                    i128::from(PROPOSER_TIMEOUT),
                                    i128::from(rank(&step.store.witnesses, step.peer_id())?),
                                )
                                .at(359, 30)?,
                        )
                        .at(359, 22)?,
                )
                .at(359, 22)?,
        );
        return step.enter(State::Aborting);
    }

    step.consider(11, "COLLECTING_ABORT_VOTES -> PROPAGATING_ATTESTATION auto");
    if step.store.record.is_some()
        && library::length_map(&step.store.shares)
            >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(449, 5)?;
        step.store.attestation = Some(AttestationCertificate {
            body: step.store.record.as_ref().needed().at(451, 53)?.clone(),
            signatures: step.store.shares.clone(),
        });
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on the message `ABORT_PROPOSAL`.
fn collecting_abort_votes_on_abort_proposal(
    step: &mut Step<'_, Witness>,
    message: &Received<AbortProposal>,
) -> Result<Outcome, Raised> {
    step.consider(7, "COLLECTING_ABORT_VOTES -> ABORTING on ABORT_PROPOSAL");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(371, 51)?,
            step.store.failures.needed().at(371, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(371, 90)?.max_duration,
    )?;
    if message.payload.body.rank >= step.store.next_rank.needed().at(372, 35)?
        && message.payload.body.actual_duration_seconds <= seen
        && proposal_fits(
            &message.payload.body,
            &message.payload.evidence,
            message.sender,
            step.store.body.as_ref().needed().at(374, 79)?,
            step.store.consumer.needed().at(374, 85)?,
        )?
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        step.store.signed_at = Some(step.now());
        step.store.next_rank = Some(
            library::narrow_u64(i128::from(message.payload.body.rank) + 1).at(378, 21)?,
        );
        if step.store.propose_at.is_none() {
            step.store.propose_at = Some(
                library::narrow_i64(
                        library::add(
                                i128::from(step.now()),
                                library::mul(
                                        i128::from(PROPOSER_TIMEOUT),
                                        i128::from(rank(&step.store.witnesses, step.peer_id())?),
                                    )
                                    .at(379, 59)?,
                            )
                            .at(379, 51)?,
                    )
                    .at(379, 51)?,
            );
        }
        step.store.shares = Map::new();
        let attestation_share = AttestationShare {
            rank: message.payload.body.rank,
            body_hash: library::hash(&[&message.payload.body]),
            body_signature: step.sign(&message.payload.body),
        };
        step.broadcast(&step.store.witnesses, &attestation_share).at(381, 9)?;
        return step.enter(State::Aborting);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on the message `VM_CANCELLED`.
fn collecting_abort_votes_on_vm_cancelled(
    step: &mut Step<'_, Witness>,
    message: &Received<VmCancelled>,
) -> Result<Outcome, Raised> {
    step.consider(8, "COLLECTING_ABORT_VOTES -> ATTESTING on VM_CANCELLED");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(392, 51)?,
            step.store.failures.needed().at(392, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(392, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(393, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(394, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(395, 62)?.max_duration,
        )
        && reason_fits(
            &message.payload.body,
            request_fits(
                &message.payload.request,
                step.store.consumer.needed().at(396, 73)?,
                step.store.session_id.needed().at(396, 83)?,
            )?,
            step.store.terms.as_ref().needed().at(396, 96)?.max_duration,
        )
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.request = message.payload.request.clone();
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(401, 35)?,
                    step.store.failures.needed().at(401, 46)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on the message `MISUSE_ACCUSATION`.
fn collecting_abort_votes_on_misuse_accusation(
    step: &mut Step<'_, Witness>,
    message: &Received<MisuseAccusation>,
) -> Result<Outcome, Raised> {
    step.consider(9, "COLLECTING_ABORT_VOTES -> ATTESTING on MISUSE_ACCUSATION");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(405, 51)?,
            step.store.failures.needed().at(405, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(405, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(406, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(407, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(408, 62)?.max_duration,
        ) && message.payload.body.termination_reason == TerminationReason::ConsumerMisuse
        && message.payload.proof.author() == step.store.consumer.needed().at(410, 41)?
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(413, 58)?,
                    step.store.failures.needed().at(413, 69)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on the message `ATTESTATION_SHARE`.
fn collecting_abort_votes_on_attestation_share(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationShare>,
) -> Result<Outcome, Raised> {
    step.consider(
        10,
        "COLLECTING_ABORT_VOTES -> COLLECTING_ABORT_VOTES on ATTESTATION_SHARE",
    );
    if step.store.record.is_some()
        && message.payload.body_hash
            == library::hash(&[step.store.record.as_ref().needed().at(439, 43)?])
        && step
            .verify_signature(
                &message.sender,
                step.store.record.as_ref().needed().at(440, 44)?,
                &message.payload.body_signature,
            )
    {
        step.store.shares.insert(message.sender, message.payload.body_signature);
        return step.enter(State::CollectingAbortVotes);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on the message `ATTESTATION_RESULT`.
fn collecting_abort_votes_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(
        12,
        "COLLECTING_ABORT_VOTES -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT",
    );
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In COLLECTING_ABORT_VOTES, on `timeout(terms.expires_at)`.
fn collecting_abort_votes_on_timeout_2(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        13,
        "COLLECTING_ABORT_VOTES -> UNRESOLVED on timeout(terms.expires_at)",
    );
    step.enter(State::Unresolved)
}

/// In ABORTING, on the message `ABORT_VOTE`.
fn aborting_on_abort_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<AbortVote>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ABORTING -> ABORTING on ABORT_VOTE");
    if vote_fits(
        &message.payload,
        step.store.consumer.needed().at(327, 41)?,
        step.store.session_id.needed().at(327, 51)?,
    )?
        && is_newer(
            &message.payload,
            &library::get(&step.store.abort_votes, &message.sender),
        )?
    {
        step.store.abort_votes.insert(message.sender, message.signed());
        return step.enter(State::Aborting);
    }
    step.refuse()
}

/// In ABORTING, on `timeout(propose_at)`.
fn aborting_on_timeout_propose_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "ABORTING -> ABORTING on timeout(propose_at)");
    if step.store.next_rank.needed().at(362, 54)?
        <= rank(&step.store.witnesses, step.peer_id())?
    {
        let evidence = standing(&step.store.abort_votes);
        let abort_proposal = AbortProposal {
            body: abort_body(
                step.store.body.as_ref().needed().at(365, 29)?,
                rank(&step.store.witnesses, step.peer_id())?,
                &evidence,
            )?,
            evidence: evidence.clone(),
        };
        step.broadcast(&step.store.witnesses, &abort_proposal).at(364, 9)?;
        return step.enter(State::Aborting);
    }
    step.refuse()
}

/// In ABORTING, on the message `ABORT_PROPOSAL`.
fn aborting_on_abort_proposal(
    step: &mut Step<'_, Witness>,
    message: &Received<AbortProposal>,
) -> Result<Outcome, Raised> {
    step.consider(2, "ABORTING -> ABORTING on ABORT_PROPOSAL");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(371, 51)?,
            step.store.failures.needed().at(371, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(371, 90)?.max_duration,
    )?;
    if message.payload.body.rank >= step.store.next_rank.needed().at(372, 35)?
        && message.payload.body.actual_duration_seconds <= seen
        && proposal_fits(
            &message.payload.body,
            &message.payload.evidence,
            message.sender,
            step.store.body.as_ref().needed().at(374, 79)?,
            step.store.consumer.needed().at(374, 85)?,
        )?
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        step.store.signed_at = Some(step.now());
        step.store.next_rank = Some(
            library::narrow_u64(i128::from(message.payload.body.rank) + 1).at(378, 21)?,
        );
        if step.store.propose_at.is_none() {
            step.store.propose_at = Some(
                library::narrow_i64(
                        library::add(
                                i128::from(step.now()),
                                library::mul(
                                        i128::from(PROPOSER_TIMEOUT),
                                        i128::from(rank(&step.store.witnesses, step.peer_id())?),
                                    )
                                    .at(379, 59)?,
                            )
                            .at(379, 51)?,
                    )
                    .at(379, 51)?,
            );
        }
        step.store.shares = Map::new();
        let attestation_share = AttestationShare {
            rank: message.payload.body.rank,
            body_hash: library::hash(&[&message.payload.body]),
            body_signature: step.sign(&message.payload.body),
        };
        step.broadcast(&step.store.witnesses, &attestation_share).at(381, 9)?;
        return step.enter(State::Aborting);
    }
    step.refuse()
}

/// In ABORTING, on the message `VM_CANCELLED`.
fn aborting_on_vm_cancelled(
    step: &mut Step<'_, Witness>,
    message: &Received<VmCancelled>,
) -> Result<Outcome, Raised> {
    step.consider(3, "ABORTING -> ATTESTING on VM_CANCELLED");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(392, 51)?,
            step.store.failures.needed().at(392, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(392, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(393, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(394, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(395, 62)?.max_duration,
        )
        && reason_fits(
            &message.payload.body,
            request_fits(
                &message.payload.request,
                step.store.consumer.needed().at(396, 73)?,
                step.store.session_id.needed().at(396, 83)?,
            )?,
            step.store.terms.as_ref().needed().at(396, 96)?.max_duration,
        )
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.request = message.payload.request.clone();
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(401, 35)?,
                    step.store.failures.needed().at(401, 46)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In ABORTING, on the message `MISUSE_ACCUSATION`.
fn aborting_on_misuse_accusation(
    step: &mut Step<'_, Witness>,
    message: &Received<MisuseAccusation>,
) -> Result<Outcome, Raised> {
    step.consider(4, "ABORTING -> ATTESTING on MISUSE_ACCUSATION");
    let seen = seen_seconds(
        step.store.since,
        seen_until(
            step.store.last_seen.needed().at(405, 51)?,
            step.store.failures.needed().at(405, 62)?,
            step.store.ended_at,
            step.now(),
        )?,
        step.store.terms.as_ref().needed().at(405, 90)?.max_duration,
    )?;
    if step.store.next_rank.needed().at(406, 14)? == 0
        && is_of_lock(
            &message.payload.body,
            step.store.body.as_ref().needed().at(407, 42)?,
        )
        && time_fits(
            &message.payload.body,
            step.store.since.is_some(),
            seen,
            step.store.terms.as_ref().needed().at(408, 62)?.max_duration,
        ) && message.payload.body.termination_reason == TerminationReason::ConsumerMisuse
        && message.payload.proof.author() == step.store.consumer.needed().at(410, 41)?
    {
        step.store.record = Some(message.payload.body.clone());
        step.store.seen_seconds = Some(seen);
        if step.store.ended_at.is_none() {
            step.store.ended_at = Some(
                seen_until(
                    step.store.last_seen.needed().at(413, 58)?,
                    step.store.failures.needed().at(413, 69)?,
                    None,
                    step.now(),
                )?,
            );
        }
        return step.enter(State::Attesting);
    }
    step.refuse()
}

/// In ABORTING, on the message `ATTESTATION_SHARE`.
fn aborting_on_attestation_share(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationShare>,
) -> Result<Outcome, Raised> {
    step.consider(5, "ABORTING -> ABORTING on ATTESTATION_SHARE");
    if step.store.record.is_some()
        && message.payload.body_hash
            == library::hash(&[step.store.record.as_ref().needed().at(445, 43)?])
        && step
            .verify_signature(
                &message.sender,
                step.store.record.as_ref().needed().at(446, 44)?,
                &message.payload.body_signature,
            )
    {
        step.store.shares.insert(message.sender, message.payload.body_signature);
        return step.enter(State::Aborting);
    }
    step.refuse()
}

/// In ABORTING, at once.
fn aborting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(6, "ABORTING -> PROPAGATING_ATTESTATION auto");
    if step.store.record.is_some()
        && library::length_map(&step.store.shares)
            >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(449, 5)?;
        step.store.attestation = Some(AttestationCertificate {
            body: step.store.record.as_ref().needed().at(451, 53)?.clone(),
            signatures: step.store.shares.clone(),
        });
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In ABORTING, on the message `ATTESTATION_RESULT`.
fn aborting_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(7, "ABORTING -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In ABORTING, on `timeout(terms.expires_at)`.
fn aborting_on_timeout_1(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(8, "ABORTING -> UNRESOLVED on timeout(terms.expires_at)");
    step.enter(State::Unresolved)
}

/// In ATTESTING, at once.
fn attesting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "ATTESTING -> COLLECTING_ATTESTATION_SIGS auto");
    step.proceed().at(417, 5)?;
    step.store.signed_at = Some(step.now());
    step.store.next_rank = Some(1);
    step.store.shares = Map::new();
    let attestation_share = AttestationShare {
        rank: 0,
        body_hash: library::hash(&[step.store.record.as_ref().needed().at(421, 73)?]),
        body_signature: step.sign(step.store.record.as_ref().needed().at(421, 102)?),
    };
    step.broadcast(&step.store.witnesses, &attestation_share).at(421, 9)?;
    step.enter(State::CollectingAttestationSigs)
}

/// In COLLECTING_ATTESTATION_SIGS, on `timeout(ATTESTATION_TIMEOUT)`.
fn collecting_attestation_sigs_on_timeout_attestation_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        0,
        "COLLECTING_ATTESTATION_SIGS -> VOTING_ABORT on timeout(ATTESTATION_TIMEOUT)",
    );
    step.store.reason = Some(
        step.store.record.as_ref().needed().at(425, 18)?.termination_reason,
    );
    step.enter(State::VotingAbort)
}

/// In COLLECTING_ATTESTATION_SIGS, on the message `ATTESTATION_SHARE`.
fn collecting_attestation_sigs_on_attestation_share(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationShare>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "COLLECTING_ATTESTATION_SIGS -> COLLECTING_ATTESTATION_SIGS on ATTESTATION_SHARE",
    );
    if message.payload.body_hash
        == library::hash(&[step.store.record.as_ref().needed().at(434, 40)?])
        && step
            .verify_signature(
                &message.sender,
                step.store.record.as_ref().needed().at(434, 79)?,
                &message.payload.body_signature,
            )
    {
        step.store.shares.insert(message.sender, message.payload.body_signature);
        return step.enter(State::CollectingAttestationSigs);
    }
    step.refuse()
}

/// In COLLECTING_ATTESTATION_SIGS, at once.
fn collecting_attestation_sigs_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(2, "COLLECTING_ATTESTATION_SIGS -> PROPAGATING_ATTESTATION auto");
    if step.store.record.is_some()
        && library::length_map(&step.store.shares)
            >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(449, 5)?;
        step.store.attestation = Some(AttestationCertificate {
            body: step.store.record.as_ref().needed().at(451, 53)?.clone(),
            signatures: step.store.shares.clone(),
        });
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In COLLECTING_ATTESTATION_SIGS, on the message `ATTESTATION_RESULT`.
fn collecting_attestation_sigs_on_attestation_result(
    step: &mut Step<'_, Witness>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "COLLECTING_ATTESTATION_SIGS -> PROPAGATING_ATTESTATION on ATTESTATION_RESULT",
    );
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(462, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::PropagatingAttestation);
    }
    step.refuse()
}

/// In COLLECTING_ATTESTATION_SIGS, on `timeout(terms.expires_at)`.
fn collecting_attestation_sigs_on_timeout_1(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "COLLECTING_ATTESTATION_SIGS -> UNRESOLVED on timeout(terms.expires_at)",
    );
    step.enter(State::Unresolved)
}

/// In PROPAGATING_ATTESTATION, at once.
fn propagating_attestation_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(0, "PROPAGATING_ATTESTATION -> ATTESTED auto");
    step.proceed().at(465, 5)?;
    let to = &library::concat(
        &step.store.witnesses,
        &[
            step.store.consumer.needed().at(466, 38)?,
            step.store.provider.needed().at(466, 48)?,
        ],
    );
    let attestation_result = AttestationResult {
        attestation: step.store.attestation.as_ref().needed().at(466, 9)?.clone(),
    };
    step.broadcast(to, &attestation_result).at(466, 9)?;
    let attestation = Attestation {
        attestation_hash: library::hash(
            &[&step.store.attestation.as_ref().needed().at(467, 59)?.body],
        ),
        session_id: step.session(),
        attestation: step.store.attestation.as_ref().needed().at(467, 9)?.clone(),
        timestamp: step.now(),
    };
    step.append(attestation).at(467, 9)?;
    step.enter(State::Attested)
}
