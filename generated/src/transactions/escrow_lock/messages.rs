// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Escrow Lock.

use super::blocks::{BalanceLock, LockOpen};
use super::types::{LockCertificate, Refusal, SessionTerms, SignedTicket, WitnessVerdict};
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// The consumer has reserved the amount on its chain and asks the provider.
    LockIntent(Box<Received<LockIntent>>),
    /// The provider agrees, gives its nonce, and shows the chain that the witnesses are drawn from.
    WitnessSelectionCommitment(Box<Received<WitnessSelectionCommitment>>),
    /// The provider does not agree.
    LockRejected(Box<Received<LockRejected>>),
    /// The consumer's nonce; from here on nobody's consent is needed for the draw.
    NonceReveal(Box<Received<NonceReveal>>),
    /// Everything a witness needs to recompute the draw and the balance.
    WitnessRequest(Box<Received<WitnessRequest>>),
    /// What a witness sees. It shows the opening it was shown, so that two openings of one session come to light at once.
    WitnessPreliminary(Box<Received<WitnessPreliminary>>),
    /// What a witness stands by: its signature over the body, or none.
    WitnessFinalVote(Box<Received<WitnessFinalVote>>),
    /// This witness will not sign.
    WitnessRefusal(Box<Received<WitnessRefusal>>),
    /// A quorum has signed; the consumer may counter-sign.
    LockResultForSignature(Box<Received<LockResultForSignature>>),
    /// The lock, complete: certificate, counter-signature, and the chain from genesis to it.
    ConsumerSignedLock(Box<Received<ConsumerSignedLock>>),
    /// The same, passed on to the provider, in case that the consumer did not.
    WitnessForwardedLock(Box<Received<WitnessForwardedLock>>),
    /// The same, passed on to the cabal: a consumer that shows its lock to the provider alone would be served without witnesses.
    ProviderForwardedLock(Box<Received<ProviderForwardedLock>>),
    /// To everybody: this consumer's money is locked.
    BalanceUpdateBroadcast(Box<Received<BalanceUpdateBroadcast>>),
    /// To everybody: this opening came to nothing after the provider had shown its nonce. Whoever meets the consumer next looks for it.
    LockAbandoned(Box<Received<LockAbandoned>>),
    /// To everybody: two contradicting blocks or messages of one author. It verifies stand-alone.
    ForkProof(Box<Received<ForkProof>>),
    /// To everybody: two tickets of one provider for one consumer and epoch. It verifies stand-alone.
    NonceContradiction(Box<Received<NonceContradiction>>),
}

messages!(Message {
    LockIntent,
    WitnessSelectionCommitment,
    LockRejected,
    NonceReveal,
    WitnessRequest,
    WitnessPreliminary,
    WitnessFinalVote,
    WitnessRefusal,
    LockResultForSignature,
    ConsumerSignedLock,
    WitnessForwardedLock,
    ProviderForwardedLock,
    BalanceUpdateBroadcast,
    LockAbandoned,
    ForkProof,
    NonceContradiction,
});

/// The consumer has reserved the amount on its chain and asks the provider.
///
/// From Consumer to Provider, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LockIntent {
    /// `terms`.
    pub terms: SessionTerms,
    /// `open`.
    pub open: Block<LockOpen>,
    /// the consumer's chain, genesis to the opening
    pub history: Segment,
}

wire_record!(LockIntent "LOCK_INTENT" { terms, open, history });

/// The provider agrees, gives its nonce, and shows the chain that the witnesses are drawn from.
///
/// From Provider to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessSelectionCommitment {
    /// `open_hash`.
    pub open_hash: Hash,
    /// `terms_hash`.
    pub terms_hash: Hash,
    /// `provider_nonce`.
    pub provider_nonce: Bytes,
    /// over the DrawTicket with that nonce
    pub ticket_signature: Signature,
    /// the provider's chain, genesis to the checkpoint
    pub history: Segment,
}

wire_record!(WitnessSelectionCommitment "WITNESS_SELECTION_COMMITMENT" {
    open_hash,
    terms_hash,
    provider_nonce,
    ticket_signature,
    history,
});

/// The provider does not agree.
///
/// From Provider to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LockRejected {
    /// `reason`.
    pub reason: Refusal,
}

wire_record!(LockRejected "LOCK_REJECTED" { reason });

/// The consumer's nonce; from here on nobody's consent is needed for the draw.
///
/// From Consumer to Provider, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct NonceReveal {
    /// `nonce`.
    pub nonce: Bytes,
}

wire_record!(NonceReveal "NONCE_REVEAL" { nonce });

/// Everything a witness needs to recompute the draw and the balance.
///
/// From Consumer to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessRequest {
    /// `terms`.
    pub terms: SessionTerms,
    /// `open`.
    pub open: Block<LockOpen>,
    /// `offer`.
    pub offer: Signed<WitnessSelectionCommitment>,
    /// `nonce`.
    pub nonce: Bytes,
    /// the consumer's chain, genesis to the opening
    pub consumer_history: Segment,
}

wire_record!(WitnessRequest "WITNESS_REQUEST" {
    terms,
    open,
    offer,
    nonce,
    consumer_history,
});

/// What a witness sees. It shows the opening it was shown, so that two openings of one session come to light at once.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessPreliminary {
    /// `verdict`.
    pub verdict: WitnessVerdict,
    /// free before the opening, by the chain up to it
    pub observed_balance: i64,
    /// `open`.
    pub open: Block<LockOpen>,
    /// `reject_reason`.
    pub reject_reason: Option<Refusal>,
}

wire_record!(WitnessPreliminary "WITNESS_PRELIMINARY" {
    verdict,
    observed_balance,
    open,
    reject_reason,
});

/// What a witness stands by: its signature over the body, or none.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessFinalVote {
    /// `vote`.
    pub vote: WitnessVerdict,
    /// `observed_balance`.
    pub observed_balance: i64,
    /// `body_signature`.
    pub body_signature: Option<Signature>,
}

wire_record!(WitnessFinalVote "WITNESS_FINAL_VOTE" {
    vote,
    observed_balance,
    body_signature,
});

/// This witness will not sign.
///
/// From Witness to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessRefusal {
    /// `reason`.
    pub reason: Refusal,
}

wire_record!(WitnessRefusal "WITNESS_REFUSAL" { reason });

/// A quorum has signed; the consumer may counter-sign.
///
/// From Witness to Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct LockResultForSignature {
    /// `certificate`.
    pub certificate: LockCertificate,
}

wire_record!(LockResultForSignature "LOCK_RESULT_FOR_SIGNATURE" { certificate });

/// The lock, complete: certificate, counter-signature, and the chain from genesis to it.
///
/// From Consumer to Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerSignedLock {
    /// `certificate`.
    pub certificate: LockCertificate,
    /// `lock`.
    pub lock: Block<BalanceLock>,
    /// `history`.
    pub history: Segment,
}

wire_record!(ConsumerSignedLock "CONSUMER_SIGNED_LOCK" { certificate, lock, history });

/// The same, passed on to the provider, in case that the consumer did not.
///
/// From Witness to Provider.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessForwardedLock {
    /// `certificate`.
    pub certificate: LockCertificate,
    /// `lock`.
    pub lock: Block<BalanceLock>,
    /// `history`.
    pub history: Segment,
}

wire_record!(WitnessForwardedLock "WITNESS_FORWARDED_LOCK" {
    certificate,
    lock,
    history,
});

/// The same, passed on to the cabal: a consumer that shows its lock to the provider alone would be served without witnesses.
///
/// From Provider to Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderForwardedLock {
    /// `certificate`.
    pub certificate: LockCertificate,
    /// `lock`.
    pub lock: Block<BalanceLock>,
    /// `history`.
    pub history: Segment,
}

wire_record!(ProviderForwardedLock "PROVIDER_FORWARDED_LOCK" {
    certificate,
    lock,
    history,
});

/// To everybody: this consumer's money is locked.
///
/// From Witness to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceUpdateBroadcast {
    /// `consumer`.
    pub consumer: PeerId,
    /// `certificate`.
    pub certificate: LockCertificate,
    /// `lock`.
    pub lock: Block<BalanceLock>,
}

wire_record!(BalanceUpdateBroadcast "BALANCE_UPDATE_BROADCAST" {
    consumer,
    certificate,
    lock,
});

/// To everybody: this opening came to nothing after the provider had shown its nonce. Whoever meets the consumer next looks for it.
///
/// From Provider to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LockAbandoned {
    /// `open`.
    pub open: Block<LockOpen>,
    /// `reason`.
    pub reason: Refusal,
}

wire_record!(LockAbandoned "LOCK_ABANDONED" { open, reason });

/// To everybody: two contradicting blocks or messages of one author. It verifies stand-alone.
///
/// From Consumer, Provider, Witness to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct ForkProof {
    /// `proof`.
    pub proof: Equivocation,
}

wire_record!(ForkProof "FORK_PROOF" { proof });

/// To everybody: two tickets of one provider for one consumer and epoch. It verifies stand-alone.
///
/// From Consumer, Witness to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct NonceContradiction {
    /// `first`.
    pub first: SignedTicket,
    /// `second`.
    pub second: SignedTicket,
}

wire_record!(NonceContradiction "NONCE_CONTRADICTION" { first, second });
