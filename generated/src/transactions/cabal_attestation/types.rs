// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Cabal Attestation.

use omt_runtime::typed::prelude::*;

/// Why a session ended.
///
/// Why a session ended. All pay for the time that the body states; that time is 0 unless a quorum of the cabal had reached the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationReason {
    /// the rented time is over
    CompletedNormal,
    /// the consumer asked for the end, signed
    ConsumerRequest,
    /// the provider left; counts against its reliability
    ProviderVoluntary,
    /// the machine could no longer be reached; counts against the provider's reliability
    VmDied,
    /// a party went silent, and the cabal ended the session
    Timeout,
    /// the consumer signed two contradicting statements, and the proof was shown
    ConsumerMisuse,
    /// there never was a machine: nothing is paid
    AllocationFailed,
    /// the cabal never reached the machine: nothing is paid
    ConnectivityFailed,
}

wire_enum!(TerminationReason {
    COMPLETED_NORMAL => CompletedNormal,
    CONSUMER_REQUEST => ConsumerRequest,
    PROVIDER_VOLUNTARY => ProviderVoluntary,
    VM_DIED => VmDied,
    TIMEOUT => Timeout,
    CONSUMER_MISUSE => ConsumerMisuse,
    ALLOCATION_FAILED => AllocationFailed,
    CONNECTIVITY_FAILED => ConnectivityFailed,
});

/// The agreement of consumer and provider.
///
/// What both parties agree on before money moves. Its hash is in the opening, the lock, the attestation and the settlement: nothing is paid
/// on terms that nobody signed. Neither cabal nor quorum is in it, for both are known only after the draw.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionTerms {
    /// `consumer`.
    pub consumer: PeerId,
    /// `provider`.
    pub provider: PeerId,
    /// µOMC
    pub rate_per_hour: u64,
    /// `max_duration`.
    pub max_duration: i64,
    /// `cores`.
    pub cores: u64,
    /// `memory_mib`.
    pub memory_mib: u64,
    /// `disk_mib`.
    pub disk_mib: u64,
    /// of the description of the work
    pub description_hash: Hash,
    /// of the provider's rules
    pub policy_hash: Hash,
    /// milli-trust at the checkpoint and the time of the opening; fixed before the service
    pub provider_trust: u64,
    /// no attestation and no settlement is signed after this
    pub expires_at: i64,
}

wire_record!(SessionTerms "SessionTerms" {
    consumer,
    provider,
    rate_per_hour,
    max_duration,
    cores,
    memory_mib,
    disk_mib,
    description_hash,
    policy_hash,
    provider_trust,
    expires_at,
});

/// What a lock is.
///
/// The bytes that the witnesses of a lock sign. Nothing in it differs from witness to witness.
#[derive(Clone, Debug, PartialEq)]
pub struct LockBody {
    /// `session_id`.
    pub session_id: Hash,
    /// the LOCK_OPEN block
    pub open_hash: Hash,
    /// `terms_hash`.
    pub terms_hash: Hash,
    /// `amount`.
    pub amount: u64,
    /// sorted
    pub cabal: Vec<PeerId>,
    /// `expires_at`.
    pub expires_at: i64,
}

wire_record!(LockBody "LockBody" {
    session_id,
    open_hash,
    terms_hash,
    amount,
    cabal,
    expires_at,
});

/// How a session ended.
///
/// The bytes that the witnesses of an attestation sign. Nothing in it differs from witness to witness: what each of them observed travels in
/// votes. The author is told by the rank: 0 is the provider's claim, r the r-th member of the sorted cabal. If two bodies of one session are
/// ever certified, the lower rank counts.
#[derive(Clone, Debug, PartialEq)]
pub struct AttestationBody {
    /// `session_id`.
    pub session_id: Hash,
    /// of the LockBody
    pub lock_result_hash: Hash,
    /// `terms_hash`.
    pub terms_hash: Hash,
    /// `rank`.
    pub rank: u64,
    /// a quorum of the cabal had reached the machine
    pub connectivity_verified: bool,
    /// 0 unless it had
    pub actual_duration_seconds: u64,
    /// `termination_reason`.
    pub termination_reason: TerminationReason,
}

wire_record!(AttestationBody "AttestationBody" {
    session_id,
    lock_result_hash,
    terms_hash,
    rank,
    connectivity_verified,
    actual_duration_seconds,
    termination_reason,
});

/// An attestation that a quorum has signed.
///
/// A body and a quorum of the lock's cabal; any quorum is as good as another. Whatever refers to the result refers to HASH(body).
#[derive(Clone, Debug, PartialEq)]
pub struct AttestationCertificate {
    /// `body`.
    pub body: AttestationBody,
    /// `signatures`.
    pub signatures: Map<PeerId, Signature>,
}

wire_record!(AttestationCertificate "AttestationCertificate" { body, signatures });

/// How to reach a machine.
///
/// Where a machine is reached, and the key that it answers with.
#[derive(Clone, Debug, PartialEq)]
pub struct VmAddress {
    /// `endpoint`.
    pub endpoint: String,
    /// of its tunnel, in base64
    pub public_key: String,
}

wire_record!(VmAddress "VmAddress" { endpoint, public_key });
