// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Cabal Attestation.

use super::types::{
    AttestationBody, AttestationCertificate, TerminationReason, VmAddress,
};

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// The machine runs; the lock that it runs for is named by the hash of its body.
    VmAllocated(Box<Received<VmAllocated>>),
    /// A quorum reaches the machine: the rented time begins.
    VmReady(Box<Received<VmReady>>),
    /// The consumer wants no more. Signed, so that whoever says so can show it.
    CancelRequest(Box<Received<CancelRequest>>),
    /// The consumer is there.
    ConsumerAlive(Box<Received<ConsumerAlive>>),
    /// Whether a witness reaches the machine, and which machine it was shown.
    VmConnectivityVote(Box<Received<VmConnectivityVote>>),
    /// The provider's claim: this is how the session ended.
    VmCancelled(Box<Received<VmCancelled>>),
    /// The provider's claim that the consumer's misuse ended the session. Misuse is what the consumer signed: two statements that contradict
    /// each other. What cannot be shown like that is no misuse; the provider may leave (PROVIDER_VOLUNTARY) and is paid for the time all the same.
    MisuseAccusation(Box<Received<MisuseAccusation>>),
    /// A witness holds the session for over, and why; a later round replaces the earlier one, and no reason withdraws it. The provider hears it,
    /// too: a request that a consumer showed to few would otherwise cost it the time until it learns of it.
    AbortVote(Box<Received<AbortVote>>),
    /// The record of an abort has one author a rank, or no two witnesses would sign the same bytes.
    AbortProposal(Box<Received<AbortProposal>>),
    /// A signature over a body.
    AttestationShare(Box<Received<AttestationShare>>),
    /// The attestation, complete. Whoever of the cabal gets it first passes it on to everybody.
    AttestationResult(Box<Received<AttestationResult>>),
}

messages!(Message {
    VmAllocated,
    VmReady,
    CancelRequest,
    ConsumerAlive,
    VmConnectivityVote,
    VmCancelled,
    MisuseAccusation,
    AbortVote,
    AbortProposal,
    AttestationShare,
    AttestationResult,
});

/// The machine runs; the lock that it runs for is named by the hash of its body.
///
/// From Provider to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct VmAllocated {
    /// `lock_result_hash`.
    pub lock_result_hash: Hash,
    /// `vm`.
    pub vm: VmAddress,
}

wire_record!(VmAllocated "VM_ALLOCATED" { lock_result_hash, vm });

/// A quorum reaches the machine: the rented time begins.
///
/// From Provider to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct VmReady {
    /// `vm`.
    pub vm: VmAddress,
}

wire_record!(VmReady "VM_READY" { vm });

/// The consumer wants no more. Signed, so that whoever says so can show it.
///
/// From Consumer to Provider, Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct CancelRequest {
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(CancelRequest "CANCEL_REQUEST" { timestamp });

/// The consumer is there.
///
/// From Consumer to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerAlive {
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(ConsumerAlive "CONSUMER_ALIVE" { timestamp });

/// Whether a witness reaches the machine, and which machine it was shown.
///
/// From Witness to Provider, Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct VmConnectivityVote {
    /// `can_reach_vm`.
    pub can_reach_vm: bool,
    /// `vm_hash`.
    pub vm_hash: Hash,
}

wire_record!(VmConnectivityVote "VM_CONNECTIVITY_VOTE" { can_reach_vm, vm_hash });

/// The provider's claim: this is how the session ended.
///
/// From Provider to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct VmCancelled {
    /// `body`.
    pub body: AttestationBody,
    /// the evidence for CONSUMER_REQUEST
    pub request: Option<Signed<CancelRequest>>,
}

wire_record!(VmCancelled "VM_CANCELLED" { body, request });

/// The provider's claim that the consumer's misuse ended the session. Misuse is what the consumer signed: two statements that contradict
/// each other. What cannot be shown like that is no misuse; the provider may leave (PROVIDER_VOLUNTARY) and is paid for the time all the same.
///
/// From Provider to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct MisuseAccusation {
    /// `body`.
    pub body: AttestationBody,
    /// by the consumer; it verifies stand-alone
    pub proof: Equivocation,
}

wire_record!(MisuseAccusation "MISUSE_ACCUSATION" { body, proof });

/// A witness holds the session for over, and why; a later round replaces the earlier one, and no reason withdraws it. The provider hears it,
/// too: a request that a consumer showed to few would otherwise cost it the time until it learns of it.
///
/// From Witness to Provider, Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct AbortVote {
    /// `round`.
    pub round: u64,
    /// `reason`.
    pub reason: Option<TerminationReason>,
    /// this witness saw a quorum reach the machine
    pub connected: bool,
    /// from then on, for as long as this witness saw it
    pub seen_seconds: u64,
    /// the evidence for CONSUMER_REQUEST
    pub request: Option<Signed<CancelRequest>>,
}

wire_record!(AbortVote "ABORT_VOTE" { round, reason, connected, seen_seconds, request });

/// The record of an abort has one author a rank, or no two witnesses would sign the same bytes.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct AbortProposal {
    /// `body`.
    pub body: AttestationBody,
    /// `evidence`.
    pub evidence: Vec<Signed<AbortVote>>,
}

wire_record!(AbortProposal "ABORT_PROPOSAL" { body, evidence });

/// A signature over a body.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct AttestationShare {
    /// `rank`.
    pub rank: u64,
    /// `body_hash`.
    pub body_hash: Hash,
    /// `body_signature`.
    pub body_signature: Signature,
}

wire_record!(AttestationShare "ATTESTATION_SHARE" { rank, body_hash, body_signature });

/// The attestation, complete. Whoever of the cabal gets it first passes it on to everybody.
///
/// From Witness to Consumer, Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct AttestationResult {
    /// `attestation`.
    pub attestation: AttestationCertificate,
}

wire_record!(AttestationResult "ATTESTATION_RESULT" { attestation });
