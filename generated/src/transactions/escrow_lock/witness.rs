// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Witness of Escrow Lock.

use super::blocks::{BalanceLock, LockOpen, WitnessCommitment};
use super::functions::{
    body, cabal, credit_problem, epoch, free, hopeless, lock_proven, network_genesis,
    quorum, request_problem, session_id, settles, signatures, ticket, tickets_differ,
    vote,
};

use super::messages::{
    BalanceUpdateBroadcast, ConsumerSignedLock, ForkProof, LockResultForSignature,
    Message, NonceContradiction, ProviderForwardedLock, WitnessFinalVote,
    WitnessForwardedLock, WitnessPreliminary, WitnessRefusal, WitnessRequest,
};

use super::parameters::{
    CONSENSUS_TIMEOUT, FORWARD_ALLOWANCE, LOCK_TIMEOUT, PRELIMINARY_TIMEOUT,
};

use super::types::{
    LockBody, LockCertificate, Refusal, SessionTerms, SettlementCertificate,
    SignedTicket, WitnessVerdict,
};

use super::views::Ledger;
use omt_runtime::typed::prelude::*;

/// States of [`Witness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked.
    Idle,
    /// Passed through: is the request in order?
    Examining,
    /// Who sees what.
    CollectingPreliminaries,
    /// Passed through: the vote.
    Voting,
    /// Who signs.
    CollectingVotes,
    /// A quorum has signed; the consumer may counter-sign.
    WaitingForConsumer,
    /// No quorum here; the consumer may still show one.
    NotAgreed,
    /// Passed through: the lock is proven.
    Adopting,
    /// The lock is proven and on record.
    EscrowActive,
    /// The request was not in order.
    Refused,
    /// Settled, expired, or without a lock.
    Done,
}
states!(State {
    IDLE => Idle,
    EXAMINING => Examining,
    COLLECTING_PRELIMINARIES => CollectingPreliminaries,
    VOTING => Voting,
    COLLECTING_VOTES => CollectingVotes,
    WAITING_FOR_CONSUMER => WaitingForConsumer,
    NOT_AGREED => NotAgreed,
    ADOPTING => Adopting,
    ESCROW_ACTIVE => EscrowActive,
    REFUSED => Refused,
    DONE => Done,
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
    /// `provider`.
    pub provider: Option<PeerId>,
    /// `open`.
    pub open: Option<Block<LockOpen>>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `body`.
    pub body: Option<LockBody>,
    /// `give_up_at`.
    pub give_up_at: Option<i64>,
    /// `expires_at`.
    pub expires_at: Option<i64>,
    /// `observed_balance`.
    pub observed_balance: Option<i64>,
    /// `verdict`.
    pub verdict: Option<WitnessVerdict>,
    /// why this witness refuses, or why the session ended without a lock
    pub reject_reason: Option<Refusal>,
    /// the request is not one to deliberate about
    pub malformed: Option<bool>,
    /// `vote`.
    pub vote: Option<WitnessVerdict>,
    /// `body_signature`.
    pub body_signature: Option<Signature>,
    /// `preliminaries`.
    pub preliminaries: Map<PeerId, WitnessPreliminary>,
    /// `votes`.
    pub votes: Map<PeerId, WitnessFinalVote>,
    /// `certificate`.
    pub certificate: Option<LockCertificate>,
    /// `lock`.
    pub lock: Option<Block<BalanceLock>>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    provider,
    open,
    witnesses,
    body,
    give_up_at,
    expires_at,
    observed_balance,
    verdict,
    reject_reason,
    malformed,
    vote,
    body_signature,
    preliminaries,
    votes,
    certificate,
    lock,
});

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// of the latest epoch, by provider and consumer
    pub tickets: Tracked<Map<Hash, SignedTicket>>,
    /// that epoch
    pub tickets_epoch: Tracked<u64>,
}

shared_fields!(Shared { tickets, tickets_epoch });

/// Recomputes everything, votes once, remembers.
pub struct Witness;

impl Actor for Witness {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Witness";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Refused, State::Done];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST"
            | "CONSUMER_SIGNED_LOCK" => store.consumer.names(sender),
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" => store.provider.names(sender),
            "WITNESS_PRELIMINARY" | "WITNESS_FINAL_VOTE" | "WITNESS_REFUSAL"
            | "LOCK_RESULT_FOR_SIGNATURE" | "WITNESS_FORWARDED_LOCK"
            | "BALANCE_UPDATE_BROADCAST" => store.witnesses.names(sender),
            "FORK_PROOF" => {
                store.consumer.names(sender) || store.provider.names(sender)
                    || store.witnesses.names(sender)
            }
            "NONCE_CONTRADICTION" => {
                store.consumer.names(sender) || store.witnesses.names(sender)
            }
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST" | "CONSUMER_SIGNED_LOCK"
            | "NONCE_CONTRADICTION" => library::bind(&mut store.consumer, sender),
            "WITNESS_SELECTION_COMMITMENT" | "LOCK_REJECTED" | "PROVIDER_FORWARDED_LOCK"
            | "LOCK_ABANDONED" => library::bind(&mut store.provider, sender),
            "FORK_PROOF" => {
                library::bind(&mut store.consumer, sender)
                    || library::bind(&mut store.provider, sender)
            }
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::WitnessRequest(message)) => {
                idle_on_witness_request(step, message)
            }
            (State::CollectingPreliminaries, Message::WitnessPreliminary(message)) => {
                collecting_preliminaries_on_witness_preliminary(step, message)
            }
            (State::CollectingPreliminaries, Message::ConsumerSignedLock(message)) => {
                collecting_preliminaries_on_consumer_signed_lock(step, message)
            }
            (State::CollectingPreliminaries, Message::ProviderForwardedLock(message)) => {
                collecting_preliminaries_on_provider_forwarded_lock(step, message)
            }
            (State::CollectingVotes, Message::WitnessFinalVote(message)) => {
                collecting_votes_on_witness_final_vote(step, message)
            }
            (State::CollectingVotes, Message::ConsumerSignedLock(message)) => {
                collecting_votes_on_consumer_signed_lock(step, message)
            }
            (State::CollectingVotes, Message::ProviderForwardedLock(message)) => {
                collecting_votes_on_provider_forwarded_lock(step, message)
            }
            (State::WaitingForConsumer, Message::ConsumerSignedLock(message)) => {
                waiting_for_consumer_on_consumer_signed_lock(step, message)
            }
            (State::WaitingForConsumer, Message::ProviderForwardedLock(message)) => {
                waiting_for_consumer_on_provider_forwarded_lock(step, message)
            }
            (State::NotAgreed, Message::ConsumerSignedLock(message)) => {
                not_agreed_on_consumer_signed_lock(step, message)
            }
            (State::NotAgreed, Message::ProviderForwardedLock(message)) => {
                not_agreed_on_provider_forwarded_lock(step, message)
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
            (State::EscrowActive, "release") => {
                escrow_active_on_release(step, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::CollectingPreliminaries, 0) => {
                collecting_preliminaries_on_timeout_preliminary_timeout(step)
            }
            (State::CollectingPreliminaries, 1) => {
                collecting_preliminaries_on_timeout_give_up_at(step)
            }
            (State::CollectingVotes, 0) => {
                collecting_votes_on_timeout_consensus_timeout(step)
            }
            (State::CollectingVotes, 1) => collecting_votes_on_timeout_give_up_at(step),
            (State::WaitingForConsumer, 0) => {
                waiting_for_consumer_on_timeout_give_up_at(step)
            }
            (State::NotAgreed, 0) => not_agreed_on_timeout_give_up_at(step),
            (State::EscrowActive, 0) => escrow_active_on_timeout_expires_at(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Examining => examining_at_once(step),
            State::CollectingPreliminaries => collecting_preliminaries_at_once(step),
            State::Voting => voting_at_once(step),
            State::CollectingVotes => collecting_votes_at_once(step),
            State::Adopting => adopting_at_once(step),
            State::Idle
            | State::WaitingForConsumer
            | State::NotAgreed
            | State::EscrowActive
            | State::Refused
            | State::Done => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::CollectingPreliminaries => {
                timers.after(0, PRELIMINARY_TIMEOUT);
                timers.at(1, step.store.give_up_at);
            }
            State::CollectingVotes => {
                timers.after(0, CONSENSUS_TIMEOUT);
                timers.at(1, step.store.give_up_at);
            }
            State::WaitingForConsumer => {
                timers.at(0, step.store.give_up_at);
            }
            State::NotAgreed => {
                timers.at(0, step.store.give_up_at);
            }
            State::EscrowActive => {
                timers.at(0, step.store.expires_at);
            }
            State::Idle
            | State::Examining
            | State::Voting
            | State::Adopting
            | State::Refused
            | State::Done => {}
        }
        Ok(())
    }
}

/// In IDLE, on the message `WITNESS_REQUEST`.
fn idle_on_witness_request(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> EXAMINING on WITNESS_REQUEST");
    if message.sender == message.payload.terms.consumer
        && step.session()
            == session_id(
                message.sender,
                message.payload.terms.provider,
                message.payload.open.height(),
                message.payload.open.payload.nonce_commitment,
                library::hash(&[&message.payload.terms]),
            )
    {
        step.store.terms = Some(message.payload.terms.clone());
        step.store.open = Some(message.payload.open.clone());
        step.store.provider = Some(
            step.store.terms.as_ref().needed().at(343, 20)?.provider,
        );
        step.store.expires_at = Some(
            step.store.terms.as_ref().needed().at(344, 22)?.expires_at,
        );
        step.store.give_up_at = Some(
            library::narrow_i64(
                    i128::from(step.store.open.as_ref().needed().at(345, 22)?.time())
                        + i128::from(LOCK_TIMEOUT) + i128::from(FORWARD_ALLOWANCE),
                )
                .at(345, 22)?,
        );
        step.store.witnesses = cabal(
            &step.context,
            step.store.open.as_ref().needed().at(346, 27)?,
            &message.payload.nonce,
            &message.payload.offer.payload.provider_nonce,
            &message.payload.offer.payload.history,
        )?;
        step.store.body = Some(
            body(step.store.open.as_ref().needed().at(347, 21)?, &step.store.witnesses),
        );
        step.store.observed_balance = Some(
            library::narrow_i64(
                    i128::from(
                        free(
                            &*step
                                .view::<Ledger>(&message.payload.consumer_history)
                                .at(349, 33)?,
                            network_genesis(&step.context).at(349, 73)?,
                        )?,
                    )
                        + i128::from(
                            step.store.open.as_ref().needed().at(349, 94)?.payload.amount,
                        ),
                )
                .at(349, 28)?,
        );
        step.store.reject_reason = request_problem(
            &step.context,
            &message.payload,
            &step.store.witnesses,
            step.store.session_id.needed().at(350, 69)?,
            step.peer_id(),
            step.now(),
        )?;
        step.store.malformed = Some(step.store.reject_reason.is_some());
        if step.store.reject_reason.is_none() {
            step.store.reject_reason = credit_problem(
                &step.context,
                step.store.open.as_ref().needed().at(353, 44)?,
                &message.payload.consumer_history,
                network_genesis(&step.context).at(353, 76)?,
            )?;
            let epoch_2 = epoch(step.store.open.as_ref().needed().at(354, 31)?.time())?;
            let pair = library::hash(
                &[
                    &step.store.provider.needed().at(355, 29)?,
                    &step.store.consumer.needed().at(355, 39)?,
                ],
            );
            let ticket_2 = SignedTicket {
                ticket: ticket(
                    &message.payload.offer.payload,
                    step.store.open.as_ref().needed().at(357, 54)?,
                )?,
                ticket_signature: message.payload.offer.payload.ticket_signature,
            };
            let before = library::get(&*step.shared.tickets, &pair);
            if *step.shared.tickets_epoch < epoch_2 {
                *step.shared.tickets = Map::new();
                *step.shared.tickets_epoch = epoch_2;
            }
            if before.is_some()
                && tickets_differ(
                    &Some(before.as_ref().needed().at(365, 50)?.clone()),
                    &ticket_2,
                )?
            {
                step.store.reject_reason = Some(Refusal::NonceChanged);
                let nonce_contradiction = NonceContradiction {
                    first: before.as_ref().needed().at(367, 64)?.clone(),
                    second: ticket_2.clone(),
                };
                step.gossip(&nonce_contradiction).at(367, 17)?;
            } else {
                step.shared.tickets.insert(pair, ticket_2.clone());
            }
        }
        let consumer_fork = step
            .equivocation(&step.store.consumer.needed().at(372, 42)?);
        let provider_fork = step
            .equivocation(&step.store.provider.needed().at(373, 42)?);
        if consumer_fork.is_some() {
            step.store.reject_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: consumer_fork.as_ref().needed().at(376, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(376, 13)?;
        }
        if provider_fork.is_some() {
            step.store.reject_reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: provider_fork.as_ref().needed().at(380, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(380, 13)?;
        }
        step.store.verdict = Some(
            if step.store.reject_reason.is_none() {
                WitnessVerdict::Accept
            } else {
                WitnessVerdict::Reject
            },
        );
        return step.enter(State::Examining);
    }
    step.refuse()
}

/// In EXAMINING, at once.
fn examining_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "EXAMINING -> REFUSED auto");
    if step.store.malformed.needed().at(384, 36)? && step.store.reject_reason.is_some() {
        step.proceed().at(384, 5)?;
        let to = step.store.consumer.needed().at(385, 14)?;
        let witness_refusal = WitnessRefusal {
            reason: step.store.reject_reason.needed().at(385, 49)?,
        };
        step.send(to, &witness_refusal).at(385, 9)?;
        return step.enter(State::Refused);
    }

    step.consider(1, "EXAMINING -> COLLECTING_PRELIMINARIES auto");
    step.proceed().at(388, 5)?;
    let witness_preliminary = WitnessPreliminary {
        verdict: step.store.verdict.needed().at(389, 9)?,
        observed_balance: step.store.observed_balance.needed().at(389, 9)?,
        open: step.store.open.as_ref().needed().at(389, 9)?.clone(),
        reject_reason: step.store.reject_reason,
    };
    step.broadcast(&step.store.witnesses, &witness_preliminary).at(389, 9)?;
    step.enter(State::CollectingPreliminaries)
}

/// In COLLECTING_PRELIMINARIES, on the message `WITNESS_PRELIMINARY`.
fn collecting_preliminaries_on_witness_preliminary(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessPreliminary>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect WITNESS_PRELIMINARY");
    let repeated = step.store.preliminaries.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.open.hash()
            == step.store.open.as_ref().needed().at(393, 108)?.hash()
    {
        step.store.preliminaries.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_PRELIMINARIES, at once.
fn collecting_preliminaries_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING_PRELIMINARIES -> VOTING auto");
    if library::number(
        library::values(&step.store.preliminaries)
            .iter()
            .filter(|&p| p.verdict == WitnessVerdict::Accept)
            .count(),
    ) >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(394, 5)?;
        return step.enter(State::Voting);
    }

    step.consider(2, "COLLECTING_PRELIMINARIES -> VOTING auto");
    if hopeless(
        library::number(
            library::values(&step.store.preliminaries)
                .iter()
                .filter(|&p| p.verdict == WitnessVerdict::Reject)
                .count(),
        ),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(396, 5)?;
        return step.enter(State::Voting);
    }
    step.refuse()
}

/// In COLLECTING_PRELIMINARIES, on `timeout(PRELIMINARY_TIMEOUT)`.
fn collecting_preliminaries_on_timeout_preliminary_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "COLLECTING_PRELIMINARIES -> VOTING on timeout(PRELIMINARY_TIMEOUT)",
    );
    step.enter(State::Voting)
}

/// In COLLECTING_PRELIMINARIES, on the message `CONSUMER_SIGNED_LOCK`.
fn collecting_preliminaries_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COLLECTING_PRELIMINARIES -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(434, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(435, 81)?,
            step.store.consumer.needed().at(435, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        let to = step.store.provider.needed().at(437, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(437, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(437, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(437, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In COLLECTING_PRELIMINARIES, on the message `PROVIDER_FORWARDED_LOCK`.
fn collecting_preliminaries_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(5, "COLLECTING_PRELIMINARIES -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(440, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(441, 81)?,
            step.store.consumer.needed().at(441, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In COLLECTING_PRELIMINARIES, on `timeout(give_up_at)`.
fn collecting_preliminaries_on_timeout_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(6, "COLLECTING_PRELIMINARIES -> DONE on timeout(give_up_at)");
    if step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::NoLock);
    }
    step.enter(State::Done)
}

/// In VOTING, at once.
fn voting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "VOTING -> COLLECTING_VOTES auto");
    let fork = step.equivocation(&step.store.consumer.needed().at(400, 61)?);
    step.proceed().at(400, 5)?;
    if fork.is_some() && step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::ForkedChain);
        let fork_proof = ForkProof {
            proof: fork.as_ref().needed().at(403, 51)?.clone(),
        };
        step.gossip(&fork_proof).at(403, 13)?;
    }
    step.store.vote = Some(
        vote(
            if step.store.reject_reason.is_none() {
                step.store.verdict.needed().at(405, 51)?
            } else {
                WitnessVerdict::Reject
            },
            &step.store.preliminaries,
            quorum(library::length(&step.store.witnesses))?,
        ),
    );
    if step.store.vote.needed().at(406, 12)? == WitnessVerdict::Accept {
        step.store.body_signature = Some(
            step.sign(step.store.body.as_ref().needed().at(407, 35)?),
        );
    } else {
        step.store.body_signature = None;
        if step.store.reject_reason.is_none() {
            step.store.reject_reason = Some(Refusal::NoQuorum);
        }
        let to = step.store.consumer.needed().at(411, 18)?;
        let witness_refusal = WitnessRefusal {
            reason: if Some(step.store.reject_reason.needed().at(411, 56)?).is_none() {
                Refusal::NoQuorum
            } else {
                step.store.reject_reason.needed().at(411, 98)?
            },
        };
        step.send(to, &witness_refusal).at(411, 13)?;
    }
    let witness_final_vote = WitnessFinalVote {
        vote: step.store.vote.needed().at(413, 9)?,
        observed_balance: step.store.observed_balance.needed().at(413, 9)?,
        body_signature: step.store.body_signature,
    };
    step.broadcast(&step.store.witnesses, &witness_final_vote).at(413, 9)?;
    step.enter(State::CollectingVotes)
}

/// In COLLECTING_VOTES, on the message `WITNESS_FINAL_VOTE`.
fn collecting_votes_on_witness_final_vote(
    step: &mut Step<'_, Witness>,
    message: &Received<WitnessFinalVote>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect WITNESS_FINAL_VOTE");
    let repeated = step.store.votes.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && (message.payload.vote == WitnessVerdict::Reject
            && message.payload.body_signature.is_none()
            || message.payload.vote == WitnessVerdict::Accept
                && message.payload.body_signature.is_some()
                && step
                    .verify_signature(
                        &message.sender,
                        step.store.body.as_ref().needed().at(422, 52)?,
                        &message.payload.body_signature.needed().at(422, 58)?,
                    ))
    {
        step.store.votes.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_VOTES, at once.
fn collecting_votes_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING_VOTES -> WAITING_FOR_CONSUMER auto");
    if library::number(
        library::values(&step.store.votes)
            .iter()
            .filter(|&v| v.vote == WitnessVerdict::Accept)
            .count(),
    ) >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(424, 5)?;
        step.store.certificate = Some(LockCertificate {
            body: step.store.body.as_ref().needed().at(426, 46)?.clone(),
            signatures: signatures(&step.store.votes)?,
        });
        let to = step.store.consumer.needed().at(427, 14)?;
        let lock_result_for_signature = LockResultForSignature {
            certificate: step.store.certificate.as_ref().needed().at(427, 9)?.clone(),
        };
        step.send(to, &lock_result_for_signature).at(427, 9)?;
        return step.enter(State::WaitingForConsumer);
    }

    step.consider(2, "COLLECTING_VOTES -> NOT_AGREED auto");
    if hopeless(
        library::number(
            library::values(&step.store.votes)
                .iter()
                .filter(|&v| v.vote == WitnessVerdict::Reject)
                .count(),
        ),
        library::length(&step.store.witnesses),
    )? {
        step.proceed().at(429, 5)?;
        return step.enter(State::NotAgreed);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on `timeout(CONSENSUS_TIMEOUT)`.
fn collecting_votes_on_timeout_consensus_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(3, "COLLECTING_VOTES -> NOT_AGREED on timeout(CONSENSUS_TIMEOUT)");
    step.enter(State::NotAgreed)
}

/// In COLLECTING_VOTES, on the message `CONSUMER_SIGNED_LOCK`.
fn collecting_votes_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COLLECTING_VOTES -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(434, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(435, 81)?,
            step.store.consumer.needed().at(435, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        let to = step.store.provider.needed().at(437, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(437, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(437, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(437, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on the message `PROVIDER_FORWARDED_LOCK`.
fn collecting_votes_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(5, "COLLECTING_VOTES -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(440, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(441, 81)?,
            step.store.consumer.needed().at(441, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In COLLECTING_VOTES, on `timeout(give_up_at)`.
fn collecting_votes_on_timeout_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(6, "COLLECTING_VOTES -> DONE on timeout(give_up_at)");
    if step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::NoLock);
    }
    step.enter(State::Done)
}

/// In WAITING_FOR_CONSUMER, on the message `CONSUMER_SIGNED_LOCK`.
fn waiting_for_consumer_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_CONSUMER -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(434, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(435, 81)?,
            step.store.consumer.needed().at(435, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        let to = step.store.provider.needed().at(437, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(437, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(437, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(437, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In WAITING_FOR_CONSUMER, on the message `PROVIDER_FORWARDED_LOCK`.
fn waiting_for_consumer_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_CONSUMER -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(440, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(441, 81)?,
            step.store.consumer.needed().at(441, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In WAITING_FOR_CONSUMER, on `timeout(give_up_at)`.
fn waiting_for_consumer_on_timeout_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING_FOR_CONSUMER -> DONE on timeout(give_up_at)");
    if step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::NoLock);
    }
    step.enter(State::Done)
}

/// In NOT_AGREED, on the message `CONSUMER_SIGNED_LOCK`.
fn not_agreed_on_consumer_signed_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(0, "NOT_AGREED -> ADOPTING on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(434, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(435, 81)?,
            step.store.consumer.needed().at(435, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        let to = step.store.provider.needed().at(437, 14)?;
        let witness_forwarded_lock = WitnessForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(437, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(437, 9)?.clone(),
        };
        step.send(to, &witness_forwarded_lock).at(437, 9)?;
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In NOT_AGREED, on the message `PROVIDER_FORWARDED_LOCK`.
fn not_agreed_on_provider_forwarded_lock(
    step: &mut Step<'_, Witness>,
    message: &Received<ProviderForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(1, "NOT_AGREED -> ADOPTING on PROVIDER_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(440, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(441, 81)?,
            step.store.consumer.needed().at(441, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        return step.enter(State::Adopting);
    }
    step.refuse()
}

/// In NOT_AGREED, on `timeout(give_up_at)`.
fn not_agreed_on_timeout_give_up_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(2, "NOT_AGREED -> DONE on timeout(give_up_at)");
    if step.store.reject_reason.is_none() {
        step.store.reject_reason = Some(Refusal::NoLock);
    }
    step.enter(State::Done)
}

/// In ADOPTING, at once.
fn adopting_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "ADOPTING -> ESCROW_ACTIVE auto");
    step.proceed().at(444, 5)?;
    step.store.reject_reason = None;
    let witness_commitment = WitnessCommitment {
        amount: step.store.body.as_ref().needed().at(446, 51)?.amount,
        lock_result_hash: library::hash(
            &[step.store.body.as_ref().needed().at(446, 86)?],
        ),
        session_id: step.session(),
        consumer: step.store.consumer.needed().at(446, 9)?,
        provider: step.store.provider.needed().at(446, 9)?,
        observed_balance: step.store.observed_balance.needed().at(446, 9)?,
        witnesses: step.store.witnesses.clone(),
        timestamp: step.now(),
    };
    step.append(witness_commitment).at(446, 9)?;
    let balance_update_broadcast = BalanceUpdateBroadcast {
        consumer: step.store.consumer.needed().at(447, 9)?,
        certificate: step.store.certificate.as_ref().needed().at(447, 9)?.clone(),
        lock: step.store.lock.as_ref().needed().at(447, 9)?.clone(),
    };
    step.gossip(&balance_update_broadcast).at(447, 9)?;
    step.enter(State::EscrowActive)
}

/// In ESCROW_ACTIVE, on the trigger `release`.
fn escrow_active_on_release(
    step: &mut Step<'_, Witness>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(0, "ESCROW_ACTIVE -> DONE on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(453, 63)?,
    )? {
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In ESCROW_ACTIVE, on `timeout(expires_at)`.
fn escrow_active_on_timeout_expires_at(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "ESCROW_ACTIVE -> DONE on timeout(expires_at)");
    step.enter(State::Done)
}
