//! The records of the lock, written down a second time: what a test forges or reads back does not come from the
//! compiler that is under test. Only the bytes count, so enum values are texts here.

use omt_runtime::chain::{Block, Equivocation, Segment};
use omt_runtime::envelope::Signed;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::value::Map;
use omt_runtime::wire::Bytes;
use omt_runtime::wire_record;
use std::sync::Arc;

macro_rules! records {
    ($($(#[$meta:meta])* $type:ident $name:literal { $($field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "the fields are documented where the protocol declares them")]
        pub struct $type { $(pub $field: $ty),* }
        wire_record!($type $name { $($field),* });
    )*};
}

records! {
    /// What both parties agree on before money moves.
    SessionTerms "SessionTerms" {
        consumer: PeerId, provider: PeerId, rate_per_hour: u64, max_duration: i64, cores: u64, memory_mib: u64,
        disk_mib: u64, description_hash: Hash, policy_hash: Hash, provider_trust: u64, expires_at: i64,
    }
    /// What the witnesses of a lock sign.
    LockBody "LockBody" {
        session_id: Hash, open_hash: Hash, terms_hash: Hash, amount: u64, cabal: Vec<PeerId>, expires_at: i64,
    }
    /// A body and a quorum of its cabal.
    LockCertificate "LockCertificate" { body: LockBody, signatures: Map<PeerId, Signature> }
    /// What the witnesses of a top-up sign.
    TopupBody "TopupBody" {
        session_id: Hash, lock_result_hash: Hash, open_hash: Hash, previous_total: u64, additional_amount: u64,
        new_total: u64,
    }
    /// A top-up and a quorum of the lock's cabal.
    TopupCertificate "TopupCertificate" {
        body: TopupBody, replacements: Vec<ReplacementCertificate>, signatures: Map<PeerId, Signature>,
    }
    /// What members sign when one of them has gone silent.
    ReplacementBody "ReplacementBody" {
        session_id: Hash, lock_result_hash: Hash, old_witness: PeerId, new_witness: PeerId,
    }
    /// A replacement and a quorum of the members.
    ReplacementCertificate "ReplacementCertificate" { body: ReplacementBody, signatures: Map<PeerId, Signature> }
    /// What the witnesses of an attestation sign.
    AttestationBody "AttestationBody" {
        session_id: Hash, lock_result_hash: Hash, terms_hash: Hash, rank: u64, connectivity_verified: bool,
        actual_duration_seconds: u64, termination_reason: Arc<str>,
    }
    /// An attestation and a quorum of the lock's cabal.
    AttestationCertificate "AttestationCertificate" { body: AttestationBody, signatures: Map<PeerId, Signature> }
    /// What the witnesses of a settlement sign.
    SettlementBody "SettlementBody" {
        session_id: Hash, lock_result_hash: Hash, terms_hash: Hash, attestation_hash: Hash, consumer: PeerId,
        provider: PeerId, escrowed_amount: u64, provider_payment: u64, burn_amount: u64, consumer_refund: u64,
    }
    /// A settlement, what it follows from, and a quorum of the lock's cabal.
    SettlementCertificate "SettlementCertificate" {
        lock: LockCertificate, topups: Vec<TopupCertificate>, terms: SessionTerms,
        attestation: AttestationCertificate, body: SettlementBody, signatures: Map<PeerId, Signature>,
    }
    /// What a member of the cabal did not do.
    ReleaseStatement "ReleaseStatement" {
        session_id: Hash, lock_result_hash: Hash, member: PeerId, has_signed: bool, has_recorded: bool,
    }
    /// A statement as a third party can check it.
    SignedReleaseStatement "SignedReleaseStatement" { statement: ReleaseStatement, statement_signature: Signature }
    /// What a release by expiry shows.
    ReleaseEvidence "ReleaseEvidence" { lock: LockBody, statements: Vec<SignedReleaseStatement> }
    /// Message: a member's signature of a settlement.
    SettlementShare "SETTLEMENT_SHARE" { body: SettlementBody, body_signature: Signature }
    /// How to reach a machine.
    VmAddress "VmAddress" { endpoint: Arc<str>, public_key: Arc<str> }
    /// A place on somebody's chain.
    ChainHead "ChainHead" { author: PeerId, head: Hash }
    /// A payment as a member of the cabal recorded it.
    PaymentRecord "PaymentRecord" {
        session_id: Hash, member: PeerId, head: Hash, record_hash: Hash, recorded_at: i64,
    }
    /// A record as a third party can check it.
    SignedPaymentRecord "SignedPaymentRecord" { record: PaymentRecord, record_signature: Signature }
    /// A line of the genesis file.
    GenesisEntry "GenesisEntry" { peer: PeerId, amount: u64 }
    /// A provider's part of the draw.
    DrawTicket "DrawTicket" { provider: PeerId, consumer: PeerId, epoch: u64, nonce: Bytes }
    /// A ticket as a third party can check it.
    SignedTicket "SignedTicket" { ticket: DrawTicket, ticket_signature: Signature }

    /// Block: initial money.
    Grant "GRANT" { amount: u64, position: u64, path: Vec<Hash>, genesis: Hash }
    /// Block: a peer met.
    PeerHash "PEER_HASH" { peer: PeerId, head: Hash, timestamp: i64 }
    /// Block: the opening.
    LockOpen "LOCK_OPEN" {
        session_id: Hash, provider: PeerId, amount: u64, terms_hash: Hash, nonce_commitment: Hash,
        checkpoint: Hash, sign_by: i64, expires_at: i64,
    }
    /// Block: the counter-signature.
    BalanceLock "BALANCE_LOCK" { session_id: Hash, amount: u64, lock_result_hash: Hash, timestamp: i64 }
    /// Block: the opening came to nothing.
    LockClosed "LOCK_CLOSED" { session_id: Hash, timestamp: i64 }
    /// Block: the lock has ended.
    BalanceUnlock "BALANCE_UNLOCK" {
        session_id: Hash, settlement_result_hash: Option<Hash>, refund_amount: u64,
        settlement: Option<SettlementCertificate>, evidence: Option<ReleaseEvidence>, timestamp: i64,
    }
    /// Block: a payment arrived.
    PaymentReceived "PAYMENT_RECEIVED" {
        session_id: Hash, settlement_result_hash: Hash, payment_amount: u64, settlement: SettlementCertificate,
        sources: Vec<ChainHead>, timestamp: i64,
    }
    /// Block: the cabal has recorded the payment.
    PaymentWitnessed "PAYMENT_WITNESSED" {
        session_id: Hash, records: Vec<SignedPaymentRecord>, timestamp: i64,
    }

    /// Message.
    LockIntent "LOCK_INTENT" {
        terms: SessionTerms, open: Block<LockOpen>, history: Segment, sources: Vec<Segment>,
    }
    /// Message.
    Offer "WITNESS_SELECTION_COMMITMENT" {
        open_hash: Hash, terms_hash: Hash, provider_nonce: Bytes, ticket_signature: Signature, history: Segment,
    }
    /// Message.
    LockRejected "LOCK_REJECTED" { reason: Arc<str> }
    /// Message.
    NonceReveal "NONCE_REVEAL" { nonce: Bytes }
    /// Message.
    WitnessRequest "WITNESS_REQUEST" {
        terms: SessionTerms, open: Block<LockOpen>, offer: Signed<Offer>, nonce: Bytes, consumer_history: Segment,
        sources: Vec<Segment>, recruitment_round: u64, existing_votes: Vec<Signed<WitnessPreliminary>>,
    }
    /// Message.
    WitnessPreliminary "WITNESS_PRELIMINARY" {
        verdict: Arc<str>, observed_balance: i64, open: Block<LockOpen>, reject_reason: Option<Arc<str>>,
        fork: Option<Equivocation>,
    }
    /// Message.
    WitnessFinalVote "WITNESS_FINAL_VOTE" {
        recruitment_round: u64, vote: Arc<str>, observed_balance: i64, body_signature: Option<Signature>,
    }
    /// Message.
    WitnessRefusal "WITNESS_REFUSAL" { open_hash: Hash, recruitment_round: u64, reason: Arc<str> }
    /// Message.
    ResultForSignature "LOCK_RESULT_FOR_SIGNATURE" { certificate: LockCertificate }
    /// Message: the lock, complete; three messages have these fields.
    SignedLock "CONSUMER_SIGNED_LOCK" { certificate: LockCertificate, lock: Block<BalanceLock>, history: Segment }
    /// Block: more is reserved.
    TopupOpen "TOPUP_OPEN" { session_id: Hash, previous_total: u64, additional_amount: u64, sign_by: i64 }
    /// Block: the top-up came to nothing.
    TopupClosed "TOPUP_CLOSED" { session_id: Hash, timestamp: i64 }
    /// Message.
    TopupIntent "TOPUP_INTENT" { open: Block<TopupOpen>, history: Segment, sources: Vec<Segment> }
    /// Message, gossiped.
    BalanceUpdate "BALANCE_UPDATE_BROADCAST" {
        consumer: PeerId, certificate: LockCertificate, lock: Block<BalanceLock>,
    }
    /// Message, gossiped.
    LockAbandoned "LOCK_ABANDONED" { open: Block<LockOpen>, reason: Arc<str> }
    /// Message, gossiped.
    ForkProof "FORK_PROOF" { proof: Equivocation }
    /// Message, gossiped.
    NonceContradiction "NONCE_CONTRADICTION" { first: SignedTicket, second: SignedTicket }
}
