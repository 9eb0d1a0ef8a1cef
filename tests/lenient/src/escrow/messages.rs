// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Escrow Lock.

use super::types::Verdict;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `LOCK_INTENT`.
    LockIntent(Box<Received<LockIntent>>),
    /// `COMMITMENT`.
    Commitment(Box<Received<Commitment>>),
    /// `WITNESS_REQUEST`.
    WitnessRequest(Box<Received<WitnessRequest>>),
    /// `VOTE`.
    Vote(Box<Received<Vote>>),
    /// `REJECTED`.
    Rejected(Box<Received<Rejected>>),
}

messages!(Message { LockIntent, Commitment, WitnessRequest, Vote, Rejected });

/// `LOCK_INTENT`.
///
/// From Consumer to Provider, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LockIntent {
    /// `session_id`.
    pub session_id: Hash,
    /// `consumer`.
    pub consumer: PeerId,
    /// `amount`.
    pub amount: Option<u64>,
    /// `nonce`.
    pub nonce: Hash,
    /// `checkpoint`.
    pub checkpoint: Option<Hash>,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(LockIntent "LOCK_INTENT" {
    session_id,
    consumer,
    amount,
    nonce,
    checkpoint,
    timestamp,
});

/// `COMMITMENT`.
///
/// From Provider to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Commitment {
    /// `session_id`.
    pub session_id: Hash,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `provider_chain`.
    pub provider_chain: Bytes,
    /// `info`.
    pub info: Value,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(Commitment "COMMITMENT" {
    session_id,
    witnesses,
    provider_chain,
    info,
    timestamp,
});

/// `WITNESS_REQUEST`.
///
/// From Consumer to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessRequest {
    /// `amount`.
    pub amount: Option<u64>,
    /// `nonce`.
    pub nonce: Hash,
    /// `deadline`.
    pub deadline: i64,
}

wire_record!(WitnessRequest "WITNESS_REQUEST" { amount, nonce, deadline });

/// `VOTE`.
///
/// From Witness to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// `verdict`.
    pub verdict: Verdict,
    /// `reason`.
    pub reason: Option<String>,
}

wire_record!(Vote "VOTE" { verdict, reason });

/// `REJECTED`.
///
/// From Provider to Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// `reason`.
    pub reason: String,
}

wire_record!(Rejected "REJECTED" { reason });
