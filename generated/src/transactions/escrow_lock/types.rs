// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Escrow Lock.

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

/// What a witness says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WitnessVerdict {
    /// the money is there
    Accept,
    /// it is not, or this consumer cannot be trusted with it now
    Reject,
}

wire_enum!(WitnessVerdict { ACCEPT => Accept, REJECT => Reject });

/// Why a lock did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// the terms contradict themselves or name other parties
    BadTerms,
    /// the expiry leaves no room for the rent, the attestation and the settlement
    ExpiresTooSoon,
    /// the consumer recorded no head of the provider before this epoch
    NoCheckpoint,
    /// opening, terms and history do not belong together
    BadOpen,
    /// the opening is too old, or lies in the future
    TooLate,
    /// the opening's checkpoint is not the one that the rule demands, or not on the provider's chain
    UnknownCheckpoint,
    /// the provider's trust in the terms is not what its chain up to the checkpoint says at the opening
    BadTrust,
    /// the provider has not met enough peers
    TooFewWitnesses,
    /// the provider does not want to
    TermsRefused,
    /// no answer from the provider in time
    ProviderSilent,
    /// the provider's answer does not fit the opening
    BadOffer,
    /// somebody tried more than one nonce within an epoch
    NonceChanged,
    /// no nonce from the consumer in time
    NotRevealed,
    /// the nonce is not the one committed to
    BadReveal,
    /// the witness that was asked is not in the cabal
    NotDrawn,
    /// the chain up to the opening, with what its payers' chains show, does not hold the amount
    InsufficientBalance,
    /// more chains are shown for what was earned than anybody reads
    TooManySources,
    /// too many openings of this consumer came to nothing today, or too many top-ups of this lock
    TooManyAbandoned,
    /// a party signed two contradicting blocks or messages
    ForkedChain,
    /// nothing shows that the smaller cabal cannot agree
    NotSplit,
    /// too few witnesses accepted
    NoQuorum,
    /// no counter-signature in time, or a lock that is no longer in force
    NoLock,
    /// the lock has had as many top-ups as it may have
    TooManyTopups,
    /// the others no longer heard of this witness, and another one serves in its place
    Replaced,
    /// the appointment lacks the proof that somebody is replaced
    NotReplaced,
    /// the chain shows a top-up whose certificate this witness has not seen
    NoChainKnowledge,
}

wire_enum!(Refusal {
    BAD_TERMS => BadTerms,
    EXPIRES_TOO_SOON => ExpiresTooSoon,
    NO_CHECKPOINT => NoCheckpoint,
    BAD_OPEN => BadOpen,
    TOO_LATE => TooLate,
    UNKNOWN_CHECKPOINT => UnknownCheckpoint,
    BAD_TRUST => BadTrust,
    TOO_FEW_WITNESSES => TooFewWitnesses,
    TERMS_REFUSED => TermsRefused,
    PROVIDER_SILENT => ProviderSilent,
    BAD_OFFER => BadOffer,
    NONCE_CHANGED => NonceChanged,
    NOT_REVEALED => NotRevealed,
    BAD_REVEAL => BadReveal,
    NOT_DRAWN => NotDrawn,
    INSUFFICIENT_BALANCE => InsufficientBalance,
    TOO_MANY_SOURCES => TooManySources,
    TOO_MANY_ABANDONED => TooManyAbandoned,
    FORKED_CHAIN => ForkedChain,
    NOT_SPLIT => NotSplit,
    NO_QUORUM => NoQuorum,
    NO_LOCK => NoLock,
    TOO_MANY_TOPUPS => TooManyTopups,
    REPLACED => Replaced,
    NOT_REPLACED => NotReplaced,
    NO_CHAIN_KNOWLEDGE => NoChainKnowledge,
});

/// Why a witness is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplacementReason {
    /// a quorum of the others did not hear of it in time
    Unresponsive,
}

wire_enum!(ReplacementReason { UNRESPONSIVE => Unresponsive });

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

/// A lock that a quorum has signed.
///
/// A body and a quorum of its cabal; any quorum is as good as another. Whatever refers to the result refers to HASH(body).
#[derive(Clone, Debug, PartialEq)]
pub struct LockCertificate {
    /// `body`.
    pub body: LockBody,
    /// `signatures`.
    pub signatures: Map<PeerId, Signature>,
}

wire_record!(LockCertificate "LockCertificate" { body, signatures });

/// More money for a session that runs.
///
/// The bytes that the witnesses of a top-up sign. Top-ups of one lock are a chain of totals: each begins where the one before it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupBody {
    /// `session_id`.
    pub session_id: Hash,
    /// of the LockBody
    pub lock_result_hash: Hash,
    /// the block on the payer's chain that reserves the additional amount
    pub open_hash: Hash,
    /// `previous_total`.
    pub previous_total: u64,
    /// `additional_amount`.
    pub additional_amount: u64,
    /// `new_total`.
    pub new_total: u64,
}

wire_record!(TopupBody "TopupBody" {
    session_id,
    lock_result_hash,
    open_hash,
    previous_total,
    additional_amount,
    new_total,
});

/// One witness for another.
///
/// The bytes that witnesses sign when one of them has gone silent.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplacementBody {
    /// `session_id`.
    pub session_id: Hash,
    /// of the LockBody
    pub lock_result_hash: Hash,
    /// `old_witness`.
    pub old_witness: PeerId,
    /// the next in the order of the draw
    pub new_witness: PeerId,
}

wire_record!(ReplacementBody "ReplacementBody" {
    session_id,
    lock_result_hash,
    old_witness,
    new_witness,
});

/// A replacement that a quorum has signed.
///
/// A body and a quorum of those who were members until then, without the one that is replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplacementCertificate {
    /// `body`.
    pub body: ReplacementBody,
    /// `signatures`.
    pub signatures: Map<PeerId, Signature>,
}

wire_record!(ReplacementCertificate "ReplacementCertificate" { body, signatures });

/// A top-up that a quorum has signed.
///
/// A body and a quorum of the members; any quorum is as good as another. It brings the replacements that made members of its signers.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupCertificate {
    /// `body`.
    pub body: TopupBody,
    /// `replacements`.
    pub replacements: Vec<ReplacementCertificate>,
    /// `signatures`.
    pub signatures: Map<PeerId, Signature>,
}

wire_record!(TopupCertificate "TopupCertificate" { body, replacements, signatures });

/// Initial money of one peer.
///
/// A line of the network's genesis file: who starts with how much.
#[derive(Clone, Debug, PartialEq)]
pub struct GenesisEntry {
    /// `peer`.
    pub peer: PeerId,
    /// `amount`.
    pub amount: u64,
}

wire_record!(GenesisEntry "GenesisEntry" { peer, amount });

/// An opening, counter-signed or not.
///
/// Money that an opening or a lock holds back.
#[derive(Clone, Debug, PartialEq)]
pub struct Reservation {
    /// with the top-ups that are counter-signed
    pub amount: u64,
    /// of a top-up that is not
    pub pending: u64,
    /// openings of top-ups that are not counter-signed, also those that reserve nothing
    pub unfinished_topups: u64,
    /// `opened_at`.
    pub opened_at: i64,
    /// of the opening, or of the latest top-up
    pub sign_by: i64,
    /// `expires_at`.
    pub expires_at: i64,
    /// null until the counter-signature
    pub lock_result_hash: Option<Hash>,
}

wire_record!(Reservation "Reservation" {
    amount,
    pending,
    unfinished_topups,
    opened_at,
    sign_by,
    expires_at,
    lock_result_hash,
});

/// A payment as its payee's chain tells it.
///
/// What the owner was paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// `payer`.
    pub payer: PeerId,
    /// `settlement_result_hash`.
    pub settlement_result_hash: Hash,
    /// `amount`.
    pub amount: u64,
    /// the PAYMENT_RECEIVED block
    pub received: Hash,
    /// `lock`.
    pub lock: LockBody,
    /// `sources`.
    pub sources: Vec<ChainHead>,
    /// enough members of the cabal recorded it in time
    pub counts: bool,
}

wire_record!(Payment "Payment" {
    payer,
    settlement_result_hash,
    amount,
    received,
    lock,
    sources,
    counts,
});

/// Who gets what of an escrow.
///
/// The bytes that the witnesses of a settlement sign. The three parts add up to the escrowed amount. Nothing in it differs from witness to
/// witness: it follows from lock, top-ups, terms and attestation alone.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementBody {
    /// `session_id`.
    pub session_id: Hash,
    /// `lock_result_hash`.
    pub lock_result_hash: Hash,
    /// `terms_hash`.
    pub terms_hash: Hash,
    /// `attestation_hash`.
    pub attestation_hash: Hash,
    /// `consumer`.
    pub consumer: PeerId,
    /// `provider`.
    pub provider: PeerId,
    /// of the lock and all its top-ups
    pub escrowed_amount: u64,
    /// `provider_payment`.
    pub provider_payment: u64,
    /// `burn_amount`.
    pub burn_amount: u64,
    /// `consumer_refund`.
    pub consumer_refund: u64,
}

wire_record!(SettlementBody "SettlementBody" {
    session_id,
    lock_result_hash,
    terms_hash,
    attestation_hash,
    consumer,
    provider,
    escrowed_amount,
    provider_payment,
    burn_amount,
    consumer_refund,
});

/// A settlement that a quorum of the lock's cabal has signed.
///
/// Stands alone: whoever reads it on one chain recomputes the body from what it brings.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementCertificate {
    /// `lock`.
    pub lock: LockCertificate,
    /// in the order of their totals
    pub topups: Vec<TopupCertificate>,
    /// `terms`.
    pub terms: SessionTerms,
    /// `attestation`.
    pub attestation: AttestationCertificate,
    /// `body`.
    pub body: SettlementBody,
    /// `signatures`.
    pub signatures: Map<PeerId, Signature>,
}

wire_record!(SettlementCertificate "SettlementCertificate" {
    lock,
    topups,
    terms,
    attestation,
    body,
    signatures,
});

/// A payment as a member of the cabal recorded it.
///
/// The bytes with which a member of the cabal tells what it has put on its chain: a PEER_HASH of the payment's block.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentRecord {
    /// `session_id`.
    pub session_id: Hash,
    /// `member`.
    pub member: PeerId,
    /// of the payee's chain: the PAYMENT_RECEIVED block
    pub head: Hash,
    /// the PEER_HASH block on the member's chain
    pub record_hash: Hash,
    /// time of that block
    pub recorded_at: i64,
}

wire_record!(PaymentRecord "PaymentRecord" {
    session_id,
    member,
    head,
    record_hash,
    recorded_at,
});

/// A record as a third party can check it; a member that signs it without the block is convicted by its own chain.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedPaymentRecord {
    /// `record`.
    pub record: PaymentRecord,
    /// `record_signature`.
    pub record_signature: Signature,
}

wire_record!(SignedPaymentRecord "SignedPaymentRecord" { record, record_signature });

/// What a member did not do.
///
/// The bytes with which a member of the cabal tells, after the payment can no longer be recorded, what it has done for this session. An honest
/// member does neither any more once it has signed this.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseStatement {
    /// `session_id`.
    pub session_id: Hash,
    /// `lock_result_hash`.
    pub lock_result_hash: Hash,
    /// `member`.
    pub member: PeerId,
    /// a settlement of this lock
    pub has_signed: bool,
    /// the payment
    pub has_recorded: bool,
}

wire_record!(ReleaseStatement "ReleaseStatement" {
    session_id,
    lock_result_hash,
    member,
    has_signed,
    has_recorded,
});

/// A statement as a third party can check it; one that is false is refuted by the settlement, or by the member's own chain.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedReleaseStatement {
    /// `statement`.
    pub statement: ReleaseStatement,
    /// `statement_signature`.
    pub statement_signature: Signature,
}

wire_record!(SignedReleaseStatement "SignedReleaseStatement" {
    statement,
    statement_signature,
});

/// Why no payment of this lock counts.
///
/// What a release by expiry shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseEvidence {
    /// `lock`.
    pub lock: LockBody,
    /// `statements`.
    pub statements: Vec<SignedReleaseStatement>,
}

wire_record!(ReleaseEvidence "ReleaseEvidence" { lock, statements });

/// A chain up to a block.
///
/// A place on somebody's chain.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainHead {
    /// `author`.
    pub author: PeerId,
    /// `head`.
    pub head: Hash,
}

wire_record!(ChainHead "ChainHead" { author, head });

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

/// What a chain's owner recorded of a peer.
///
/// A head of a peer's chain as recorded in an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// `head`.
    pub head: Hash,
    /// `epoch`.
    pub epoch: u64,
}

wire_record!(Sighting "Sighting" { head, epoch });

/// The nonce that a consumer has committed to.
///
/// The latest opening towards a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Commitment {
    /// `epoch`.
    pub epoch: u64,
    /// `nonce_commitment`.
    pub nonce_commitment: Hash,
    /// it committed to different nonces within this epoch
    pub changed: bool,
}

wire_record!(Commitment "Commitment" { epoch, nonce_commitment, changed });

/// A provider's part of the draw.
///
/// The provider's nonce for one consumer and epoch. Two that differ prove that the provider grinds the draw.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawTicket {
    /// `provider`.
    pub provider: PeerId,
    /// `consumer`.
    pub consumer: PeerId,
    /// `epoch`.
    pub epoch: u64,
    /// `nonce`.
    pub nonce: Bytes,
}

wire_record!(DrawTicket "DrawTicket" { provider, consumer, epoch, nonce });

/// A ticket as a third party can check it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedTicket {
    /// `ticket`.
    pub ticket: DrawTicket,
    /// `ticket_signature`.
    pub ticket_signature: Signature,
}

wire_record!(SignedTicket "SignedTicket" { ticket, ticket_signature });

/// What one session says about its provider.
///
/// One service, as far as it bears on trust.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// the PAYMENT_RECEIVED block
    pub received: Hash,
    /// `lock`.
    pub lock: LockBody,
    /// micro-trust
    pub weight: u64,
    /// the provider broke it off
    pub failed: bool,
}

wire_record!(Service "Service" { received, lock, weight, failed });

/// Days and what they leave.
///
/// A step of the decay: after so many days a credit is worth so many billionths.
#[derive(Clone, Debug, PartialEq)]
pub struct Decay {
    /// `days`.
    pub days: u64,
    /// `left`.
    pub left: u64,
}

wire_record!(Decay "Decay" { days, left });
