// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Provider of Cabal Attestation.

use super::functions::{
    attestation_valid, claim, positive, quorum, request_fits, unreachable,
};

use super::messages::{
    AbortVote, AttestationResult, CancelRequest, Message, MisuseAccusation, VmAllocated,
    VmCancelled, VmConnectivityVote, VmReady,
};

use super::parameters::{
    CLAIM_ALLOWANCE, CONNECTIVITY_VOTE_TIMEOUT, VM_ALLOCATION_TIMEOUT,
};

use super::types::{
    AttestationBody, AttestationCertificate, LockBody, SessionTerms, TerminationReason,
    VmAddress,
};

use omt_runtime::typed::prelude::*;

/// States of [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No session.
    WaitingForLock,
    /// The machine is being started.
    VmProvisioning,
    /// The witnesses try to reach it.
    WaitingForVerification,
    /// In use, and paid.
    VmRunning,
    /// Passed through: the claim.
    SendingCancellation,
    /// The machine is stopped; the witnesses sign.
    WaitingForAttestation,
    /// Attested.
    SessionComplete,
    /// No attestation by the deadline of the terms.
    SessionAborted,
}
states!(State {
    WAITING_FOR_LOCK => WaitingForLock,
    VM_PROVISIONING => VmProvisioning,
    WAITING_FOR_VERIFICATION => WaitingForVerification,
    VM_RUNNING => VmRunning,
    SENDING_CANCELLATION => SendingCancellation,
    WAITING_FOR_ATTESTATION => WaitingForAttestation,
    SESSION_COMPLETE => SessionComplete,
    SESSION_ABORTED => SessionAborted,
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
    /// of the lock, from 00
    pub body: Option<LockBody>,
    /// the lock's cabal
    pub witnesses: Vec<PeerId>,
    /// `vm`.
    pub vm: Option<VmAddress>,
    /// `votes`.
    pub votes: Map<PeerId, VmConnectivityVote>,
    /// a quorum reached the machine
    pub connected_at: Option<i64>,
    /// `request`.
    pub request: Option<Signed<CancelRequest>>,
    /// `reason`.
    pub reason: Option<TerminationReason>,
    /// `claim`.
    pub claim: Option<AttestationBody>,
    /// `attestation`.
    pub attestation: Option<AttestationCertificate>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    body,
    witnesses,
    vm,
    votes,
    connected_at,
    request,
    reason,
    claim,
    attestation,
});

/// Runs the machine, and claims how long.
pub struct Provider;

impl Actor for Provider {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Provider";
    const INITIAL: State = State::WaitingForLock;
    const TERMINAL: &'static [State] = &[State::SessionComplete, State::SessionAborted];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "CANCEL_REQUEST" | "CONSUMER_ALIVE" => store.consumer.names(sender),
            "VM_CONNECTIVITY_VOTE" | "ABORT_VOTE" | "ABORT_PROPOSAL"
            | "ATTESTATION_SHARE" | "ATTESTATION_RESULT" => store.witnesses.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
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
            (State::VmProvisioning, Message::CancelRequest(message)) => {
                vm_provisioning_on_cancel_request(step, message)
            }
            (State::VmProvisioning, Message::AbortVote(message)) => {
                vm_provisioning_on_abort_vote(step, message)
            }
            (State::VmProvisioning, Message::AttestationResult(message)) => {
                vm_provisioning_on_attestation_result(step, message)
            }
            (State::WaitingForVerification, Message::VmConnectivityVote(message)) => {
                waiting_for_verification_on_vm_connectivity_vote(step, message)
            }
            (State::WaitingForVerification, Message::CancelRequest(message)) => {
                waiting_for_verification_on_cancel_request(step, message)
            }
            (State::WaitingForVerification, Message::AbortVote(message)) => {
                waiting_for_verification_on_abort_vote(step, message)
            }
            (State::WaitingForVerification, Message::AttestationResult(message)) => {
                waiting_for_verification_on_attestation_result(step, message)
            }
            (State::VmRunning, Message::CancelRequest(message)) => {
                vm_running_on_cancel_request(step, message)
            }
            (State::VmRunning, Message::AbortVote(message)) => {
                vm_running_on_abort_vote(step, message)
            }
            (State::VmRunning, Message::AttestationResult(message)) => {
                vm_running_on_attestation_result(step, message)
            }
            (State::WaitingForAttestation, Message::AttestationResult(message)) => {
                waiting_for_attestation_on_attestation_result(step, message)
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
            (State::WaitingForLock, "start_session") => {
                waiting_for_lock_on_start_session(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                )
            }
            (State::VmProvisioning, "cancel_session") => {
                vm_provisioning_on_cancel_session(step, arguments.get(0)?)
            }
            (State::WaitingForVerification, "cancel_session") => {
                waiting_for_verification_on_cancel_session(step, arguments.get(0)?)
            }
            (State::VmRunning, "cancel_session") => {
                vm_running_on_cancel_session(step, arguments.get(0)?)
            }
            (State::VmRunning, "accuse_consumer") => vm_running_on_accuse_consumer(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_task(
        step: &mut Step<'_, Self>,
        name: &str,
        result: TaskResult<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::VmProvisioning, "allocate_vm") => {
                vm_provisioning_on_allocate_vm(step, result.get()?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::VmProvisioning, 0) => {
                vm_provisioning_on_timeout_vm_allocation_timeout(step)
            }
            (State::VmProvisioning, 1) => vm_provisioning_on_timeout_1(step),
            (State::WaitingForVerification, 0) => {
                waiting_for_verification_on_timeout_connectivity_vote_timeout(step)
            }
            (State::WaitingForVerification, 1) => {
                waiting_for_verification_on_timeout_1(step)
            }
            (State::VmRunning, 0) => vm_running_on_timeout_0(step),
            (State::VmRunning, 1) => vm_running_on_timeout_1(step),
            (State::WaitingForAttestation, 0) => {
                waiting_for_attestation_on_timeout_claim_allowance(step)
            }
            (State::WaitingForAttestation, 1) => {
                waiting_for_attestation_on_timeout_1(step)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::WaitingForVerification => waiting_for_verification_at_once(step),
            State::SendingCancellation => sending_cancellation_at_once(step),
            State::WaitingForLock
            | State::VmProvisioning
            | State::VmRunning
            | State::WaitingForAttestation
            | State::SessionComplete
            | State::SessionAborted => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::VmProvisioning => {
                timers.after(0, VM_ALLOCATION_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(144, 39)?.expires_at,
                        ))?,
                    );
            }
            State::WaitingForVerification => {
                timers.after(0, CONNECTIVITY_VOTE_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(144, 39)?.expires_at,
                        ))?,
                    );
            }
            State::VmRunning => {
                timers
                    .after(
                        0,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(120, 51)?.max_duration,
                        ))?,
                    );
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(144, 39)?.expires_at,
                        ))?,
                    );
            }
            State::WaitingForAttestation => {
                timers.after(0, CLAIM_ALLOWANCE);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(144, 39)?.expires_at,
                        ))?,
                    );
            }
            State::WaitingForLock
            | State::SendingCancellation
            | State::SessionComplete
            | State::SessionAborted => {}
        }
        Ok(())
    }
}

/// In WAITING_FOR_LOCK, on the trigger `start_session`.
fn waiting_for_lock_on_start_session(
    step: &mut Step<'_, Provider>,
    session_id: Hash,
    terms: SessionTerms,
    body: LockBody,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_LOCK -> VM_PROVISIONING on start_session");
    if step.now() < terms.expires_at {
        step.store.session_id = Some(session_id);
        step.store.terms = Some(terms.clone());
        step.store.body = Some(body.clone());
        step.store.consumer = Some(terms.consumer);
        step.store.witnesses = body.cabal.clone();
        step.start("allocate_vm", &[&session_id, &terms]);
        return step.enter(State::VmProvisioning);
    }
    step.refuse()
}

/// In VM_PROVISIONING, when the task `allocate_vm` has ended.
fn vm_provisioning_on_allocate_vm(
    step: &mut Step<'_, Provider>,
    task_result: Option<VmAddress>,
) -> Result<Outcome, Raised> {
    step.consider(0, "VM_PROVISIONING -> WAITING_FOR_VERIFICATION on allocate_vm");
    if task_result.is_some() {
        step.store.vm = Some(task_result.as_ref().needed().at(84, 14)?.clone());
        let vm_allocated = VmAllocated {
            lock_result_hash: library::hash(
                &[step.store.body.as_ref().needed().at(85, 67)?],
            ),
            vm: step.store.vm.as_ref().needed().at(85, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &vm_allocated).at(85, 9)?;
        return step.enter(State::WaitingForVerification);
    }
    step.otherwise(0, "VM_PROVISIONING -> WAITING_FOR_VERIFICATION on allocate_vm");
    step.store.reason = Some(TerminationReason::AllocationFailed);
    step.enter(State::SendingCancellation)
}

/// In VM_PROVISIONING, on `timeout(VM_ALLOCATION_TIMEOUT)`.
fn vm_provisioning_on_timeout_vm_allocation_timeout(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "VM_PROVISIONING -> SENDING_CANCELLATION on timeout(VM_ALLOCATION_TIMEOUT)",
    );
    step.store.reason = Some(TerminationReason::AllocationFailed);
    step.enter(State::SendingCancellation)
}

/// In VM_PROVISIONING, on the message `CANCEL_REQUEST`.
fn vm_provisioning_on_cancel_request(
    step: &mut Step<'_, Provider>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(2, "VM_PROVISIONING -> SENDING_CANCELLATION on CANCEL_REQUEST");
    step.store.request = Some(message.signed());
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::SendingCancellation)
}

/// In VM_PROVISIONING, on the message `ABORT_VOTE`.
fn vm_provisioning_on_abort_vote(
    step: &mut Step<'_, Provider>,
    message: &Received<AbortVote>,
) -> Result<Outcome, Raised> {
    step.consider(3, "VM_PROVISIONING -> SENDING_CANCELLATION on ABORT_VOTE");
    if request_fits(
        &message.payload.request,
        step.store.consumer.needed().at(112, 44)?,
        step.store.session_id.needed().at(112, 54)?,
    )? {
        step.store.request = message.payload.request.clone();
        step.store.reason = Some(TerminationReason::ConsumerRequest);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In VM_PROVISIONING, on the trigger `cancel_session`.
fn vm_provisioning_on_cancel_session(
    step: &mut Step<'_, Provider>,
    reason: TerminationReason,
) -> Result<Outcome, Raised> {
    step.consider(4, "VM_PROVISIONING -> SENDING_CANCELLATION on cancel_session");
    if reason == TerminationReason::ProviderVoluntary
        || reason == TerminationReason::VmDied
    {
        step.store.reason = Some(reason);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In VM_PROVISIONING, on the message `ATTESTATION_RESULT`.
fn vm_provisioning_on_attestation_result(
    step: &mut Step<'_, Provider>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(5, "VM_PROVISIONING -> SESSION_COMPLETE on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(140, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        step.start("stop_vm", &[&step.store.session_id.needed().at(142, 23)?]);
        return step.enter(State::SessionComplete);
    }
    step.refuse()
}

/// In VM_PROVISIONING, on `timeout(terms.expires_at)`.
fn vm_provisioning_on_timeout_1(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(6, "VM_PROVISIONING -> SESSION_ABORTED on timeout(terms.expires_at)");
    step.start("stop_vm", &[&step.store.session_id.needed().at(145, 23)?]);
    step.enter(State::SessionAborted)
}

/// In WAITING_FOR_VERIFICATION, on the message `VM_CONNECTIVITY_VOTE`.
fn waiting_for_verification_on_vm_connectivity_vote(
    step: &mut Step<'_, Provider>,
    message: &Received<VmConnectivityVote>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect VM_CONNECTIVITY_VOTE");
    let repeated = step.store.votes.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.vm_hash
            == library::hash(&[step.store.vm.as_ref().needed().at(94, 104)?])
    {
        step.store.votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WAITING_FOR_VERIFICATION, at once.
fn waiting_for_verification_at_once(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_VERIFICATION -> VM_RUNNING auto");
    if positive(&step.store.votes) >= quorum(library::length(&step.store.witnesses))? {
        step.proceed().at(95, 5)?;
        step.store.connected_at = Some(step.now());
        let to = step.store.consumer.needed().at(97, 14)?;
        let vm_ready = VmReady {
            vm: step.store.vm.as_ref().needed().at(97, 9)?.clone(),
        };
        step.send(to, &vm_ready).at(97, 9)?;
        return step.enter(State::VmRunning);
    }

    step.consider(2, "WAITING_FOR_VERIFICATION -> SENDING_CANCELLATION auto");
    if unreachable(&step.store.votes, library::length(&step.store.witnesses))? {
        step.proceed().at(99, 5)?;
        step.store.reason = Some(TerminationReason::ConnectivityFailed);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In WAITING_FOR_VERIFICATION, on `timeout(CONNECTIVITY_VOTE_TIMEOUT)`.
fn waiting_for_verification_on_timeout_connectivity_vote_timeout(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "WAITING_FOR_VERIFICATION -> SENDING_CANCELLATION on timeout(CONNECTIVITY_VOTE_TIMEOUT)",
    );
    step.store.reason = Some(TerminationReason::ConnectivityFailed);
    step.enter(State::SendingCancellation)
}

/// In WAITING_FOR_VERIFICATION, on the message `CANCEL_REQUEST`.
fn waiting_for_verification_on_cancel_request(
    step: &mut Step<'_, Provider>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(
        4,
        "WAITING_FOR_VERIFICATION -> SENDING_CANCELLATION on CANCEL_REQUEST",
    );
    step.store.request = Some(message.signed());
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::SendingCancellation)
}

/// In WAITING_FOR_VERIFICATION, on the message `ABORT_VOTE`.
fn waiting_for_verification_on_abort_vote(
    step: &mut Step<'_, Provider>,
    message: &Received<AbortVote>,
) -> Result<Outcome, Raised> {
    step.consider(5, "WAITING_FOR_VERIFICATION -> SENDING_CANCELLATION on ABORT_VOTE");
    if request_fits(
        &message.payload.request,
        step.store.consumer.needed().at(112, 44)?,
        step.store.session_id.needed().at(112, 54)?,
    )? {
        step.store.request = message.payload.request.clone();
        step.store.reason = Some(TerminationReason::ConsumerRequest);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In WAITING_FOR_VERIFICATION, on the trigger `cancel_session`.
fn waiting_for_verification_on_cancel_session(
    step: &mut Step<'_, Provider>,
    reason: TerminationReason,
) -> Result<Outcome, Raised> {
    step.consider(
        6,
        "WAITING_FOR_VERIFICATION -> SENDING_CANCELLATION on cancel_session",
    );
    if reason == TerminationReason::ProviderVoluntary
        || reason == TerminationReason::VmDied
    {
        step.store.reason = Some(reason);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In WAITING_FOR_VERIFICATION, on the message `ATTESTATION_RESULT`.
fn waiting_for_verification_on_attestation_result(
    step: &mut Step<'_, Provider>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(
        7,
        "WAITING_FOR_VERIFICATION -> SESSION_COMPLETE on ATTESTATION_RESULT",
    );
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(140, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        step.start("stop_vm", &[&step.store.session_id.needed().at(142, 23)?]);
        return step.enter(State::SessionComplete);
    }
    step.refuse()
}

/// In WAITING_FOR_VERIFICATION, on `timeout(terms.expires_at)`.
fn waiting_for_verification_on_timeout_1(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(
        8,
        "WAITING_FOR_VERIFICATION -> SESSION_ABORTED on timeout(terms.expires_at)",
    );
    step.start("stop_vm", &[&step.store.session_id.needed().at(145, 23)?]);
    step.enter(State::SessionAborted)
}

/// In VM_RUNNING, on the message `CANCEL_REQUEST`.
fn vm_running_on_cancel_request(
    step: &mut Step<'_, Provider>,
    message: &Received<CancelRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "VM_RUNNING -> SENDING_CANCELLATION on CANCEL_REQUEST");
    step.store.request = Some(message.signed());
    step.store.reason = Some(TerminationReason::ConsumerRequest);
    step.enter(State::SendingCancellation)
}

/// In VM_RUNNING, on the message `ABORT_VOTE`.
fn vm_running_on_abort_vote(
    step: &mut Step<'_, Provider>,
    message: &Received<AbortVote>,
) -> Result<Outcome, Raised> {
    step.consider(1, "VM_RUNNING -> SENDING_CANCELLATION on ABORT_VOTE");
    if request_fits(
        &message.payload.request,
        step.store.consumer.needed().at(112, 44)?,
        step.store.session_id.needed().at(112, 54)?,
    )? {
        step.store.request = message.payload.request.clone();
        step.store.reason = Some(TerminationReason::ConsumerRequest);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In VM_RUNNING, on the trigger `cancel_session`.
fn vm_running_on_cancel_session(
    step: &mut Step<'_, Provider>,
    reason: TerminationReason,
) -> Result<Outcome, Raised> {
    step.consider(2, "VM_RUNNING -> SENDING_CANCELLATION on cancel_session");
    if reason == TerminationReason::ProviderVoluntary
        || reason == TerminationReason::VmDied
    {
        step.store.reason = Some(reason);
        return step.enter(State::SendingCancellation);
    }
    step.refuse()
}

/// In VM_RUNNING, on `timeout(terms.max_duration)`.
fn vm_running_on_timeout_0(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "VM_RUNNING -> SENDING_CANCELLATION on timeout(terms.max_duration)",
    );
    step.store.reason = Some(TerminationReason::CompletedNormal);
    step.enter(State::SendingCancellation)
}

/// In VM_RUNNING, on the trigger `accuse_consumer`.
fn vm_running_on_accuse_consumer(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(4, "VM_RUNNING -> WAITING_FOR_ATTESTATION on accuse_consumer");
    let proof = step.equivocation(&step.store.consumer.needed().at(123, 87)?);
    if proof.is_some() {
        step.store.reason = Some(TerminationReason::ConsumerMisuse);
        step.store.claim = Some(
            claim(
                step.store.body.as_ref().needed().at(125, 23)?,
                step.store.connected_at,
                step.now(),
                TerminationReason::ConsumerMisuse,
                step.store.terms.as_ref().needed().at(125, 67)?.max_duration,
            )?,
        );
        let misuse_accusation = MisuseAccusation {
            body: step.store.claim.as_ref().needed().at(126, 55)?.clone(),
            proof: proof.as_ref().needed().at(126, 68)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &misuse_accusation).at(126, 9)?;
        return step.enter(State::WaitingForAttestation);
    }
    step.refuse()
}

/// In VM_RUNNING, on the message `ATTESTATION_RESULT`.
fn vm_running_on_attestation_result(
    step: &mut Step<'_, Provider>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(5, "VM_RUNNING -> SESSION_COMPLETE on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(140, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        step.start("stop_vm", &[&step.store.session_id.needed().at(142, 23)?]);
        return step.enter(State::SessionComplete);
    }
    step.refuse()
}

/// In VM_RUNNING, on `timeout(terms.expires_at)`.
fn vm_running_on_timeout_1(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(6, "VM_RUNNING -> SESSION_ABORTED on timeout(terms.expires_at)");
    step.start("stop_vm", &[&step.store.session_id.needed().at(145, 23)?]);
    step.enter(State::SessionAborted)
}

/// In SENDING_CANCELLATION, at once.
fn sending_cancellation_at_once(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SENDING_CANCELLATION -> WAITING_FOR_ATTESTATION auto");
    step.proceed().at(128, 5)?;
    step.store.claim = Some(
        claim(
            step.store.body.as_ref().needed().at(129, 23)?,
            step.store.connected_at,
            step.now(),
            step.store.reason.needed().at(129, 50)?,
            step.store.terms.as_ref().needed().at(129, 58)?.max_duration,
        )?,
    );
    let vm_cancelled = VmCancelled {
        body: step.store.claim.as_ref().needed().at(130, 50)?.clone(),
        request: step.store.request.clone(),
    };
    step.broadcast(&step.store.witnesses, &vm_cancelled).at(130, 9)?;
    step.enter(State::WaitingForAttestation)
}

/// In WAITING_FOR_ATTESTATION, on `timeout(CLAIM_ALLOWANCE)`.
fn waiting_for_attestation_on_timeout_claim_allowance(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(
        0,
        "WAITING_FOR_ATTESTATION -> WAITING_FOR_ATTESTATION on timeout(CLAIM_ALLOWANCE)",
    );
    step.start("stop_vm", &[&step.store.session_id.needed().at(134, 23)?]);
    step.enter(State::WaitingForAttestation)
}

/// In WAITING_FOR_ATTESTATION, on the message `ATTESTATION_RESULT`.
fn waiting_for_attestation_on_attestation_result(
    step: &mut Step<'_, Provider>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "WAITING_FOR_ATTESTATION -> SESSION_COMPLETE on ATTESTATION_RESULT",
    );
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(140, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        step.start("stop_vm", &[&step.store.session_id.needed().at(142, 23)?]);
        return step.enter(State::SessionComplete);
    }
    step.refuse()
}

/// In WAITING_FOR_ATTESTATION, on `timeout(terms.expires_at)`.
fn waiting_for_attestation_on_timeout_1(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(
        2,
        "WAITING_FOR_ATTESTATION -> SESSION_ABORTED on timeout(terms.expires_at)",
    );
    step.start("stop_vm", &[&step.store.session_id.needed().at(145, 23)?]);
    step.enter(State::SessionAborted)
}
