// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Escrow Lock.

use super::types::{
    ChainHead, ReleaseEvidence, ReplacementCertificate, ReplacementReason,
    SettlementCertificate, SignedPaymentRecord,
};

use omt_runtime::typed::prelude::*;

/// Money from the genesis file: the author's own entry, and the path from it to the root of the file's hash tree, which is part of the
/// network's identity.
///
/// Appended by Consumer, Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// `amount`.
    pub amount: u64,
    /// of the entry in the file
    pub position: u64,
    /// the sibling at each level, from the leaf up
    pub path: Vec<Hash>,
    /// the root
    pub genesis: Hash,
}

wire_record!(Grant "GRANT" { amount, position, path, genesis });

/// A meeting: what the author saw as the head of a peer's chain.
///
/// Appended by Consumer, Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerHash {
    /// `peer`.
    pub peer: PeerId,
    /// `head`.
    pub head: Hash,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(PeerHash "PEER_HASH" { peer, head, timestamp });

/// Reserves the amount. Whatever else the author spends comes before or after it on one chain: that is what orders its spending.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct LockOpen {
    /// `session_id`.
    pub session_id: Hash,
    /// `provider`.
    pub provider: PeerId,
    /// `amount`.
    pub amount: u64,
    /// `terms_hash`.
    pub terms_hash: Hash,
    /// hash of the consumer's nonce for the draw
    pub nonce_commitment: Hash,
    /// block of the provider's chain up to which the candidates are read
    pub checkpoint: Hash,
    /// the last moment of the counter-signature
    pub sign_by: i64,
    /// as in the terms
    pub expires_at: i64,
}

wire_record!(LockOpen "LOCK_OPEN" {
    session_id,
    provider,
    amount,
    terms_hash,
    nonce_commitment,
    checkpoint,
    sign_by,
    expires_at,
});

/// The counter-signature. Without this block there is no lock; after LOCK_CLOSED it is void.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceLock {
    /// `session_id`.
    pub session_id: Hash,
    /// `amount`.
    pub amount: u64,
    /// `lock_result_hash`.
    pub lock_result_hash: Hash,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(BalanceLock "BALANCE_LOCK" {
    session_id,
    amount,
    lock_result_hash,
    timestamp,
});

/// The opening came to nothing; what it reserved is free again. Without effect on a lock that is counter-signed.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct LockClosed {
    /// `session_id`.
    pub session_id: Hash,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(LockClosed "LOCK_CLOSED" { session_id, timestamp });

/// Reserves more money for a lock that is in force; one top-up at a time. Without effect where nothing is locked, or not in that amount.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupOpen {
    /// `session_id`.
    pub session_id: Hash,
    /// `previous_total`.
    pub previous_total: u64,
    /// `additional_amount`.
    pub additional_amount: u64,
    /// the last moment of the counter-signature
    pub sign_by: i64,
}

wire_record!(TopupOpen "TOPUP_OPEN" {
    session_id,
    previous_total,
    additional_amount,
    sign_by,
});

/// The counter-signature of a top-up. Without this block the top-up does not count; after TOPUP_CLOSED it is void.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceTopup {
    /// `session_id`.
    pub session_id: Hash,
    /// `previous_total`.
    pub previous_total: u64,
    /// `topup_amount`.
    pub topup_amount: u64,
    /// `new_total`.
    pub new_total: u64,
    /// of the TopupBody
    pub topup_result_hash: Hash,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(BalanceTopup "BALANCE_TOPUP" {
    session_id,
    previous_total,
    topup_amount,
    new_total,
    topup_result_hash,
    timestamp,
});

/// The top-up came to nothing; what it reserved is free again.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupClosed {
    /// `session_id`.
    pub session_id: Hash,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(TopupClosed "TOPUP_CLOSED" { session_id, timestamp });

/// A witness on its own chain: this lock is proven to me, and I serve in its cabal.
///
/// Appended by Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessCommitment {
    /// `session_id`.
    pub session_id: Hash,
    /// `consumer`.
    pub consumer: PeerId,
    /// `provider`.
    pub provider: PeerId,
    /// `amount`.
    pub amount: u64,
    /// what was free before the opening, by the consumer's chain up to it
    pub observed_balance: i64,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `lock_result_hash`.
    pub lock_result_hash: Hash,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(WitnessCommitment "WITNESS_COMMITMENT" {
    session_id,
    consumer,
    provider,
    amount,
    observed_balance,
    witnesses,
    lock_result_hash,
    timestamp,
});

/// Ends a lock: by settlement, with the certificate, or by expiry, with the whole amount and the word of enough members of the cabal that no
/// payment counts.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceUnlock {
    /// `session_id`.
    pub session_id: Hash,
    /// hash of the settlement's body; null: by expiry
    pub settlement_result_hash: Option<Hash>,
    /// `refund_amount`.
    pub refund_amount: u64,
    /// `settlement`.
    pub settlement: Option<SettlementCertificate>,
    /// by expiry
    pub evidence: Option<ReleaseEvidence>,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(BalanceUnlock "BALANCE_UNLOCK" {
    session_id,
    settlement_result_hash,
    refund_amount,
    settlement,
    evidence,
    timestamp,
});

/// A payment arrived. It counts from PAYMENT_WITNESSED on, and as money for those who are shown the payers' chains.
///
/// Appended by Provider.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentReceived {
    /// `session_id`.
    pub session_id: Hash,
    /// `settlement_result_hash`.
    pub settlement_result_hash: Hash,
    /// `payment_amount`.
    pub payment_amount: u64,
    /// `settlement`.
    pub settlement: SettlementCertificate,
    /// the chains that show the money: first what the payer lived on, the payer's own last
    pub sources: Vec<ChainHead>,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(PaymentReceived "PAYMENT_RECEIVED" {
    session_id,
    settlement_result_hash,
    payment_amount,
    settlement,
    sources,
    timestamp,
});

/// Enough members of the cabal recorded the payment in time: from here on the payer cannot release the lock by expiry.
///
/// Appended by Provider.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentWitnessed {
    /// `session_id`.
    pub session_id: Hash,
    /// `records`.
    pub records: Vec<SignedPaymentRecord>,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(PaymentWitnessed "PAYMENT_WITNESSED" { session_id, records, timestamp });

/// A witness on its own chain: from here on the new one serves in the place of the old one.
///
/// Appended by Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessReplacement {
    /// `session_id`.
    pub session_id: Hash,
    /// `old_witness`.
    pub old_witness: PeerId,
    /// `new_witness`.
    pub new_witness: PeerId,
    /// `reason`.
    pub reason: ReplacementReason,
    /// with the new one
    pub remaining_witnesses: Vec<PeerId>,
    /// `certificate`.
    pub certificate: ReplacementCertificate,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(WitnessReplacement "WITNESS_REPLACEMENT" {
    session_id,
    old_witness,
    new_witness,
    reason,
    remaining_witnesses,
    certificate,
    timestamp,
});
