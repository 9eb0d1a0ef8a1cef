// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Escrow Settle.

use super::blocks::{BalanceUnlock, PaymentReceived};
use super::types::{
    AttestationCertificate, LockCertificate, SessionTerms, SettlementBody,
    SettlementCertificate, SignedPaymentRecord, SignedReleaseStatement, TopupCertificate,
};

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// What a member would settle on. Both prove themselves, so whoever lacks one of them takes it from here.
    SettlementProposal(Box<Received<SettlementProposal>>),
    /// A member's signature, of one body for ever.
    SettlementShare(Box<Received<SettlementShare>>),
    /// A quorum has signed.
    SettlementResult(Box<Received<SettlementResult>>),
    /// To everybody: this is how the escrow is divided.
    SettlementAnnounced(Box<Received<SettlementAnnounced>>),
    /// The payer has recorded the settlement. Its chain up to there makes the payment money for whoever is shown it.
    SettlementRecorded(Box<Received<SettlementRecorded>>),
    /// The payee shows its block to those who must record it.
    PaymentShown(Box<Received<PaymentShown>>),
    /// A member has put the head of the payee's chain on its own.
    PaymentSeen(Box<Received<PaymentSeen>>),
    /// To everybody: this payment counts. It verifies stand-alone.
    PaymentProven(Box<Received<PaymentProven>>),
    /// The consumer knows of no settlement, and none can come to count any more.
    ReleaseRequest(Box<Received<ReleaseRequest>>),
    /// What a member has done and not done; whoever holds a settlement shows that instead.
    ReleaseAnswer(Box<Received<ReleaseAnswer>>),
}

messages!(Message {
    SettlementProposal,
    SettlementShare,
    SettlementResult,
    SettlementAnnounced,
    SettlementRecorded,
    PaymentShown,
    PaymentSeen,
    PaymentProven,
    ReleaseRequest,
    ReleaseAnswer,
});

/// What a member would settle on. Both prove themselves, so whoever lacks one of them takes it from here.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementProposal {
    /// `attestation`.
    pub attestation: AttestationCertificate,
    /// `topups`.
    pub topups: Vec<TopupCertificate>,
}

wire_record!(SettlementProposal "SETTLEMENT_PROPOSAL" { attestation, topups });

/// A member's signature, of one body for ever.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementShare {
    /// `body`.
    pub body: SettlementBody,
    /// `body_signature`.
    pub body_signature: Signature,
}

wire_record!(SettlementShare "SETTLEMENT_SHARE" { body, body_signature });

/// A quorum has signed.
///
/// From Witness to Consumer, Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementResult {
    /// `settlement`.
    pub settlement: SettlementCertificate,
}

wire_record!(SettlementResult "SETTLEMENT_RESULT" { settlement });

/// To everybody: this is how the escrow is divided.
///
/// From Witness to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementAnnounced {
    /// `settlement`.
    pub settlement: SettlementCertificate,
}

wire_record!(SettlementAnnounced "SETTLEMENT_ANNOUNCED" { settlement });

/// The payer has recorded the settlement. Its chain up to there makes the payment money for whoever is shown it.
///
/// From Consumer to Provider.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementRecorded {
    /// `unlock`.
    pub unlock: Block<BalanceUnlock>,
    /// `history`.
    pub history: Segment,
}

wire_record!(SettlementRecorded "SETTLEMENT_RECORDED" { unlock, history });

/// The payee shows its block to those who must record it.
///
/// From Provider to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentShown {
    /// `payment`.
    pub payment: Block<PaymentReceived>,
}

wire_record!(PaymentShown "PAYMENT_SHOWN" { payment });

/// A member has put the head of the payee's chain on its own.
///
/// From Witness to Provider.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentSeen {
    /// `seen`.
    pub seen: SignedPaymentRecord,
}

wire_record!(PaymentSeen "PAYMENT_SEEN" { seen });

/// To everybody: this payment counts. It verifies stand-alone.
///
/// From Provider to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentProven {
    /// `payment`.
    pub payment: Block<PaymentReceived>,
    /// `records`.
    pub records: Vec<SignedPaymentRecord>,
}

wire_record!(PaymentProven "PAYMENT_PROVEN" { payment, records });

/// The consumer knows of no settlement, and none can come to count any more.
///
/// From Consumer to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseRequest {
    /// `terms`.
    pub terms: SessionTerms,
    /// `certificate`.
    pub certificate: LockCertificate,
}

wire_record!(ReleaseRequest "RELEASE_REQUEST" { terms, certificate });

/// What a member has done and not done; whoever holds a settlement shows that instead.
///
/// From Witness to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseAnswer {
    /// `answer`.
    pub answer: SignedReleaseStatement,
}

wire_record!(ReleaseAnswer "RELEASE_ANSWER" { answer });
