// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Escrow Lock.

use super::blocks::{BalanceLock, BalanceTopup, LockOpen, TopupOpen};
use super::types::{
    LockCertificate, Refusal, ReplacementBody, ReplacementCertificate, SessionTerms,
    SignedTicket, TopupCertificate, WitnessVerdict,
};

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
    /// This witness will not sign for this opening, of a lock or of a top-up.
    WitnessRefusal(Box<Received<WitnessRefusal>>),
    /// The cabal cannot agree: as many accept as reject that neither can have a quorum. Who comes next the draw says, so nobody picks; the consumer,
    /// whose lock it is, calls them with this proof.
    WitnessRecruitRequest(Box<Received<WitnessRecruitRequest>>),
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
    /// The consumer has reserved more money on its chain. The chain tells total, round and reservation; no witness needs a cache of it.
    TopupIntent(Box<Received<TopupIntent>>),
    /// What a witness stands by: its signature over the body of the top-up, or none.
    TopupVote(Box<Received<TopupVote>>),
    /// A quorum has signed; the consumer may counter-sign.
    TopupResultForSignature(Box<Received<TopupResultForSignature>>),
    /// All top-ups so far, the counter-signature of the last one, and the chain from genesis to it: it needs no knowledge of earlier rounds.
    ConsumerSignedTopup(Box<Received<ConsumerSignedTopup>>),
    /// The same, passed on, in case that the consumer did not tell everybody: the provider would work for money that no witness knows, or the
    /// witnesses hold money that the provider does not know.
    ForwardedTopup(Box<Received<ForwardedTopup>>),
    /// To everybody: more of this consumer's money is locked.
    TopupUpdateBroadcast(Box<Received<TopupUpdateBroadcast>>),
    /// A member that lacks the certificates of top-ups asks the others. Chains come with every request; certificates are on no chain.
    WitnessChainSyncRequest(Box<Received<WitnessChainSyncRequest>>),
    /// They prove themselves, so it does not matter who answers, or how many.
    WitnessChainSyncResponse(Box<Received<WitnessChainSyncResponse>>),
    /// Are you there? Both sides say how much they know, so whoever has missed something learns of it.
    LivenessPing(Box<Received<LivenessPing>>),
    /// I am.
    LivenessPong(Box<Received<LivenessPong>>),
    /// A witness that did not hear of another one in time, and whom it would have instead.
    WitnessReplacementVote(Box<Received<WitnessReplacementVote>>),
    /// A quorum has replaced a member. It verifies stand-alone.
    WitnessReplaced(Box<Received<WitnessReplaced>>),
    /// Everything a substitute needs to recompute the draw, the lock, and why it is asked. Either party may bring it.
    WitnessAppointment(Box<Received<WitnessAppointment>>),
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
    WitnessRecruitRequest,
    LockResultForSignature,
    ConsumerSignedLock,
    WitnessForwardedLock,
    ProviderForwardedLock,
    BalanceUpdateBroadcast,
    LockAbandoned,
    ForkProof,
    NonceContradiction,
    TopupIntent,
    TopupVote,
    TopupResultForSignature,
    ConsumerSignedTopup,
    ForwardedTopup,
    TopupUpdateBroadcast,
    WitnessChainSyncRequest,
    WitnessChainSyncResponse,
    LivenessPing,
    LivenessPong,
    WitnessReplacementVote,
    WitnessReplaced,
    WitnessAppointment,
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
    /// the chains that show what it earned, in the order in which they are read
    pub sources: Vec<Segment>,
}

wire_record!(LockIntent "LOCK_INTENT" { terms, open, history, sources });

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
    /// the chains that show what it earned, in the order in which they are read
    pub sources: Vec<Segment>,
    /// 0: the cabal that was drawn; above: a larger one, because that one could not agree
    pub recruitment_round: u64,
    /// the proof that it could not
    pub existing_votes: Vec<Signed<WitnessPreliminary>>,
}

wire_record!(WitnessRequest "WITNESS_REQUEST" {
    terms,
    open,
    offer,
    nonce,
    consumer_history,
    sources,
    recruitment_round,
    existing_votes,
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
    /// the proof, if the reason is a fork: it convinces every honest member at once
    pub fork: Option<Equivocation>,
}

wire_record!(WitnessPreliminary "WITNESS_PRELIMINARY" {
    verdict,
    observed_balance,
    open,
    reject_reason,
    fork,
});

/// What a witness stands by: its signature over the body, or none.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessFinalVote {
    /// `recruitment_round`.
    pub recruitment_round: u64,
    /// `vote`.
    pub vote: WitnessVerdict,
    /// `observed_balance`.
    pub observed_balance: i64,
    /// `body_signature`.
    pub body_signature: Option<Signature>,
}

wire_record!(WitnessFinalVote "WITNESS_FINAL_VOTE" {
    recruitment_round,
    vote,
    observed_balance,
    body_signature,
});

/// This witness will not sign for this opening, of a lock or of a top-up.
///
/// From Witness to Consumer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessRefusal {
    /// `open_hash`.
    pub open_hash: Hash,
    /// `recruitment_round`.
    pub recruitment_round: u64,
    /// `reason`.
    pub reason: Refusal,
}

wire_record!(WitnessRefusal "WITNESS_REFUSAL" { open_hash, recruitment_round, reason });

/// The cabal cannot agree: as many accept as reject that neither can have a quorum. Who comes next the draw says, so nobody picks; the consumer,
/// whose lock it is, calls them with this proof.
///
/// From Witness to Consumer, Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessRecruitRequest {
    /// `recruitment_round`.
    pub recruitment_round: u64,
    /// `existing_votes`.
    pub existing_votes: Vec<Signed<WitnessPreliminary>>,
}

wire_record!(WitnessRecruitRequest "WITNESS_RECRUIT_REQUEST" {
    recruitment_round,
    existing_votes,
});

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

/// The consumer has reserved more money on its chain. The chain tells total, round and reservation; no witness needs a cache of it.
///
/// From Consumer to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupIntent {
    /// `open`.
    pub open: Block<TopupOpen>,
    /// the consumer's chain, genesis to the opening of the top-up
    pub history: Segment,
    /// as with the opening of the lock
    pub sources: Vec<Segment>,
}

wire_record!(TopupIntent "TOPUP_INTENT" { open, history, sources });

/// What a witness stands by: its signature over the body of the top-up, or none.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupVote {
    /// `open_hash`.
    pub open_hash: Hash,
    /// height of the opening, which orders the rounds
    pub opened_at: u64,
    /// `vote`.
    pub vote: WitnessVerdict,
    /// `additional_amount`.
    pub additional_amount: u64,
    /// free before the opening, by the chain up to it
    pub observed_balance: i64,
    /// `body_signature`.
    pub body_signature: Option<Signature>,
}

wire_record!(TopupVote "TOPUP_VOTE" {
    open_hash,
    opened_at,
    vote,
    additional_amount,
    observed_balance,
    body_signature,
});

/// A quorum has signed; the consumer may counter-sign.
///
/// From Witness to Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupResultForSignature {
    /// `certificate`.
    pub certificate: TopupCertificate,
}

wire_record!(TopupResultForSignature "TOPUP_RESULT_FOR_SIGNATURE" { certificate });

/// All top-ups so far, the counter-signature of the last one, and the chain from genesis to it: it needs no knowledge of earlier rounds.
///
/// From Consumer to Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerSignedTopup {
    /// `topups`.
    pub topups: Vec<TopupCertificate>,
    /// `topup`.
    pub topup: Block<BalanceTopup>,
    /// `history`.
    pub history: Segment,
}

wire_record!(ConsumerSignedTopup "CONSUMER_SIGNED_TOPUP" { topups, topup, history });

/// The same, passed on, in case that the consumer did not tell everybody: the provider would work for money that no witness knows, or the
/// witnesses hold money that the provider does not know.
///
/// From Provider, Witness to Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardedTopup {
    /// `topups`.
    pub topups: Vec<TopupCertificate>,
    /// `topup`.
    pub topup: Block<BalanceTopup>,
    /// `history`.
    pub history: Segment,
}

wire_record!(ForwardedTopup "FORWARDED_TOPUP" { topups, topup, history });

/// To everybody: more of this consumer's money is locked.
///
/// From Witness to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct TopupUpdateBroadcast {
    /// `consumer`.
    pub consumer: PeerId,
    /// `certificate`.
    pub certificate: TopupCertificate,
    /// `topup`.
    pub topup: Block<BalanceTopup>,
}

wire_record!(TopupUpdateBroadcast "TOPUP_UPDATE_BROADCAST" {
    consumer,
    certificate,
    topup,
});

/// A member that lacks the certificates of top-ups asks the others. Chains come with every request; certificates are on no chain.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessChainSyncRequest {
    /// `topups`.
    pub topups: u64,
}

wire_record!(WitnessChainSyncRequest "WITNESS_CHAIN_SYNC_REQUEST" { topups });

/// They prove themselves, so it does not matter who answers, or how many.
///
/// From Witness to Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessChainSyncResponse {
    /// `topups`.
    pub topups: Vec<TopupCertificate>,
    /// `topup`.
    pub topup: Block<BalanceTopup>,
    /// `history`.
    pub history: Segment,
}

wire_record!(WitnessChainSyncResponse "WITNESS_CHAIN_SYNC_RESPONSE" {
    topups,
    topup,
    history,
});

/// Are you there? Both sides say how much they know, so whoever has missed something learns of it.
///
/// From Witness to Consumer, Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LivenessPing {
    /// `topups`.
    pub topups: u64,
    /// `replacements`.
    pub replacements: u64,
}

wire_record!(LivenessPing "LIVENESS_PING" { topups, replacements });

/// I am.
///
/// From Consumer, Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LivenessPong {
    /// `topups`.
    pub topups: u64,
    /// `replacements`.
    pub replacements: u64,
}

wire_record!(LivenessPong "LIVENESS_PONG" { topups, replacements });

/// A witness that did not hear of another one in time, and whom it would have instead.
///
/// From Witness to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessReplacementVote {
    /// `body`.
    pub body: ReplacementBody,
    /// `body_signature`.
    pub body_signature: Signature,
}

wire_record!(WitnessReplacementVote "WITNESS_REPLACEMENT_VOTE" { body, body_signature });

/// A quorum has replaced a member. It verifies stand-alone.
///
/// From Witness to Consumer, Provider, Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessReplaced {
    /// `replacements`.
    pub replacements: Vec<ReplacementCertificate>,
}

wire_record!(WitnessReplaced "WITNESS_REPLACED" { replacements });

/// Everything a substitute needs to recompute the draw, the lock, and why it is asked. Either party may bring it.
///
/// From Consumer, Provider to Witness, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessAppointment {
    /// `terms`.
    pub terms: SessionTerms,
    /// `open`.
    pub open: Block<LockOpen>,
    /// `nonce`.
    pub nonce: Bytes,
    /// `provider_nonce`.
    pub provider_nonce: Bytes,
    /// `ticket_signature`.
    pub ticket_signature: Signature,
    /// the provider's chain, genesis to the checkpoint
    pub provider_history: Segment,
    /// `certificate`.
    pub certificate: LockCertificate,
    /// `lock`.
    pub lock: Block<BalanceLock>,
    /// the consumer's chain, genesis to the lock or its latest top-up
    pub history: Segment,
    /// `replacements`.
    pub replacements: Vec<ReplacementCertificate>,
    /// `topups`.
    pub topups: Vec<TopupCertificate>,
}

wire_record!(WitnessAppointment "WITNESS_APPOINTMENT" {
    terms,
    open,
    nonce,
    provider_nonce,
    ticket_signature,
    provider_history,
    certificate,
    lock,
    history,
    replacements,
    topups,
});
