// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Provider of Escrow Lock.

use super::blocks::{BalanceLock, LockOpen};
use super::functions::{
    body, cabal, credit_problem, draw_nonce, drawable, epoch, lock_proven,
    network_genesis, open_problem, panel, replacements_proven, serving, session_id,
    settles, topups_proven, trust, witnesses_for,
};

use super::messages::{
    ConsumerSignedLock, ConsumerSignedTopup, ForkProof, ForwardedTopup, LockAbandoned,
    LockIntent, LockRejected, Message, NonceReveal, ProviderForwardedLock,
    WitnessAppointment, WitnessForwardedLock, WitnessReplaced, WitnessSelectionCommitment,
};

use super::parameters::{LOCK_TIMEOUT, REVEAL_TIMEOUT, REVIEW_TIMEOUT};
use super::types::{
    ChainHead, DrawTicket, LockBody, LockCertificate, Refusal, ReplacementCertificate,
    SessionTerms, SettlementCertificate, TopupCertificate,
};

use super::views::{Acquaintances, TrustInputs};
use omt_runtime::typed::prelude::*;

/// States of [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked.
    Idle,
    /// Passed through: does the opening hold?
    Examining,
    /// The rule book, or the owner, decides.
    Reviewing,
    /// Agreed; the nonce is out.
    WaitingForReveal,
    /// The cabal is known; witnesses deliberate.
    WaitingForLock,
    /// Passed through, once a session: transactions 01 and 02 go on from here.
    Proven,
    /// The lock is proven.
    ServicePhase,
    /// Settled, or expired.
    ServiceEnded,
    /// Refused, with a reason.
    Refused,
    /// The consumer went away after it had seen the nonce; everybody was told.
    Abandoned,
}
states!(State {
    IDLE => Idle,
    EXAMINING => Examining,
    REVIEWING => Reviewing,
    WAITING_FOR_REVEAL => WaitingForReveal,
    WAITING_FOR_LOCK => WaitingForLock,
    PROVEN => Proven,
    SERVICE_PHASE => ServicePhase,
    SERVICE_ENDED => ServiceEnded,
    REFUSED => Refused,
    ABANDONED => Abandoned,
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
    /// `open`.
    pub open: Option<Block<LockOpen>>,
    /// `give_up_at`.
    pub give_up_at: Option<i64>,
    /// `provider_nonce`.
    pub provider_nonce: Option<Bytes>,
    /// `ticket_signature`.
    pub ticket_signature: Option<Signature>,
    /// the draw, in its order: cabal first, then the reserves
    pub panel: Vec<PeerId>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `body`.
    pub body: Option<LockBody>,
    /// `certificate`.
    pub certificate: Option<LockCertificate>,
    /// `lock`.
    pub lock: Option<Block<BalanceLock>>,
    /// `reason`.
    pub reason: Option<Refusal>,
    /// `expires_at`.
    pub expires_at: Option<i64>,
    /// those that came about, in order
    pub topups: Vec<TopupCertificate>,
    /// the consumer's
    pub nonce: Option<Bytes>,
    /// the consumer's chain, genesis to the lock or its latest top-up
    pub history: Option<Segment>,
    /// of silent witnesses
    pub replacements: Vec<ReplacementCertificate>,
    /// the chains that showed what the consumer has earned
    pub shown: Vec<ChainHead>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    open,
    give_up_at,
    provider_nonce,
    ticket_signature,
    panel,
    witnesses,
    body,
    certificate,
    lock,
    reason,
    expires_at,
    topups,
    nonce,
    history,
    replacements,
    shown,
});

/// Is paid for the service.
pub struct Provider;

impl Actor for Provider {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Provider";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[
        State::ServiceEnded,
        State::Refused,
        State::Abandoned,
    ];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST" | "CONSUMER_SIGNED_LOCK"
            | "TOPUP_INTENT" | "CONSUMER_SIGNED_TOPUP" => store.consumer.names(sender),
            "WITNESS_PRELIMINARY" | "WITNESS_FINAL_VOTE" | "WITNESS_REFUSAL"
            | "WITNESS_RECRUIT_REQUEST" | "LOCK_RESULT_FOR_SIGNATURE"
            | "WITNESS_FORWARDED_LOCK" | "BALANCE_UPDATE_BROADCAST" | "TOPUP_VOTE"
            | "TOPUP_RESULT_FOR_SIGNATURE" | "TOPUP_UPDATE_BROADCAST"
            | "WITNESS_CHAIN_SYNC_REQUEST" | "WITNESS_CHAIN_SYNC_RESPONSE"
            | "LIVENESS_PING" | "WITNESS_REPLACEMENT_VOTE" | "WITNESS_REPLACED" => {
                store.witnesses.names(sender)
            }
            "NONCE_CONTRADICTION" | "LIVENESS_PONG" => {
                store.consumer.names(sender) || store.witnesses.names(sender)
            }
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST" | "CONSUMER_SIGNED_LOCK"
            | "NONCE_CONTRADICTION" | "TOPUP_INTENT" | "CONSUMER_SIGNED_TOPUP"
            | "LIVENESS_PONG" => library::bind(&mut store.consumer, sender),
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::LockIntent(message)) => {
                idle_on_lock_intent(step, message)
            }
            (State::WaitingForReveal, Message::NonceReveal(message)) => {
                waiting_for_reveal_on_nonce_reveal(step, message)
            }
            (State::WaitingForLock, Message::ConsumerSignedLock(message)) => {
                waiting_for_lock_on_consumer_signed_lock(step, message)
            }
            (State::WaitingForLock, Message::WitnessForwardedLock(message)) => {
                waiting_for_lock_on_witness_forwarded_lock(step, message)
            }
            (State::ServicePhase, Message::ConsumerSignedTopup(message)) => {
                service_phase_on_consumer_signed_topup(step, message)
            }
            (State::ServicePhase, Message::ForwardedTopup(message)) => {
                service_phase_on_forwarded_topup(step, message)
            }
            (State::ServicePhase, Message::WitnessReplaced(message)) => {
                service_phase_on_witness_replaced(step, message)
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
            (State::ServicePhase, "release") => {
                service_phase_on_release(step, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_task(
        step: &mut Step<'_, Self>,
        name: &str,
        result: TaskResult<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Reviewing, "review_terms") => {
                reviewing_on_review_terms(step, result.get()?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Reviewing, 0) => reviewing_on_timeout_review_timeout(step),
            (State::WaitingForReveal, 0) => {
                waiting_for_reveal_on_timeout_reveal_timeout(step)
            }
            (State::WaitingForLock, 0) => waiting_for_lock_on_timeout_give_up_at(step),
            (State::ServicePhase, 0) => service_phase_on_timeout_expires_at(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Examining => examining_at_once(step),
            State::Proven => proven_at_once(step),
            State::Idle
            | State::Reviewing
            | State::WaitingForReveal
            | State::WaitingForLock
            | State::ServicePhase
            | State::ServiceEnded
            | State::Refused
            | State::Abandoned => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::Reviewing => {
                timers.after(0, REVIEW_TIMEOUT);
            }
            State::WaitingForReveal => {
                timers.after(0, REVEAL_TIMEOUT);
            }
            State::WaitingForLock => {
                timers.at(0, step.store.give_up_at);
            }
            State::ServicePhase => {
                timers.at(0, step.store.expires_at);
            }
            State::Idle
            | State::Examining
            | State::Proven
            | State::ServiceEnded
            | State::Refused
            | State::Abandoned => {}
        }
        Ok(())
    }
}

/// In IDLE, on the message `LOCK_INTENT`.
fn idle_on_lock_intent(
    step: &mut Step<'_, Provider>,
    message: &Received<LockIntent>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> EXAMINING on LOCK_INTENT");
    if message.sender == message.payload.terms.consumer
        && step.session()
            == session_id(
                message.sender,
                step.peer_id(),
                message.payload.open.height(),
                message.payload.open.payload.nonce_commitment,
                library::hash(&[&message.payload.terms]),
            )
    {
        step.store.terms = Some(message.payload.terms.clone());
        step.store.open = Some(message.payload.open.clone());
        step.store.give_up_at = Some(
            library::narrow_i64(
                    i128::from(step.store.open.as_ref().needed().at(360, 22)?.time())
                        + i128::from(LOCK_TIMEOUT),
                )
                .at(360, 22)?,
        );
        step.store.expires_at = Some(
            step.store.terms.as_ref().needed().at(361, 22)?.expires_at,
        );
        let fork = step.equivocation(&step.store.consumer.needed().at(362, 33)?);
        let sources = message
            .payload
            .sources
            .iter()
            .filter(|&s| step.equivocation(&s.author()).is_none())
            .cloned()
            .collect::<Vec<_>>();
        step.store.shown = sources
            .iter()
            .map(|s| ChainHead {
                author: s.author(),
                head: s.head_hash(),
            })
            .collect::<Vec<_>>();
        step.store.reason = open_problem(
            &step.context,
            step.store.terms.as_ref().needed().at(366, 31)?,
            step.store.open.as_ref().needed().at(366, 38)?,
            &message.payload.history,
            step.store.session_id.needed().at(366, 61)?,
            step.now(),
        )?;
        if step.store.reason.is_none() {
            step.store.reason = credit_problem(
                &step.context,
                step.store.open.as_ref().needed().at(367, 58)?,
                &message.payload.history,
                &sources,
                network_genesis(&step.context).at(367, 90)?,
            )?;
        }
        if step.store.reason.is_none()
            && !step
                .chain()
                .contains(
                    &step.store.open.as_ref().needed().at(368, 62)?.payload.checkpoint,
                )
        {
            step.store.reason = Some(Refusal::UnknownCheckpoint);
        }
        if step.store.reason.is_none() {
            let known = library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(372, 46)?.payload.checkpoint,
                )
                .at(372, 25)?;
            if !drawable(
                &*step.view::<Acquaintances>(&known).at(373, 29)?,
                &[step.store.consumer.needed().at(373, 58)?, step.peer_id()],
                witnesses_for(
                    step.store.open.as_ref().needed().at(373, 92)?.payload.amount,
                ),
            )? {
                step.store.reason = Some(Refusal::TooFewWitnesses);
            }
            if step.store.reason.is_none()
                && trust(
                    &*step.view::<TrustInputs>(&known).at(377, 41)?,
                    step.store.open.as_ref().needed().at(377, 67)?.time(),
                )? != step.store.terms.as_ref().needed().at(377, 81)?.provider_trust
            {
                step.store.reason = Some(Refusal::BadTrust);
            }
        }
        if fork.is_some() {
            step.store.reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(383, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(383, 13)?;
        }
        return step.enter(State::Examining);
    }
    step.refuse()
}

/// In EXAMINING, at once.
fn examining_at_once(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(0, "EXAMINING -> REFUSED auto");
    if step.store.reason.is_some() {
        step.proceed().at(386, 5)?;
        let to = step.store.consumer.needed().at(387, 14)?;
        let lock_rejected = LockRejected {
            reason: step.store.reason.needed().at(387, 47)?,
        };
        step.send(to, &lock_rejected).at(387, 9)?;
        return step.enter(State::Refused);
    }

    step.consider(1, "EXAMINING -> REVIEWING auto");
    step.proceed().at(389, 5)?;
    step.start(
        "review_terms",
        &[
            step.store.terms.as_ref().needed().at(390, 28)?,
            &step.store.open.as_ref().needed().at(390, 35)?.payload.amount,
        ],
    );
    step.enter(State::Reviewing)
}

/// In REVIEWING, when the task `review_terms` has ended.
fn reviewing_on_review_terms(
    step: &mut Step<'_, Provider>,
    task_result: Option<bool>,
) -> Result<Outcome, Raised> {
    step.consider(0, "REVIEWING -> WAITING_FOR_REVEAL on review_terms");
    if task_result == Some(true) {
        step.store.provider_nonce = Some(
            draw_nonce(
                    &step.context,
                    step.store.consumer.needed().at(393, 44)?,
                    epoch(step.store.open.as_ref().needed().at(393, 60)?.time())?,
                )
                .at(393, 33)?
                .reveal()
                .clone(),
        );
        step.store.ticket_signature = Some(
            step
                .sign(
                    &DrawTicket {
                        provider: step.peer_id(),
                        consumer: step.store.consumer.needed().at(396, 22)?,
                        epoch: epoch(
                            step.store.open.as_ref().needed().at(397, 25)?.time(),
                        )?,
                        nonce: step
                            .store
                            .provider_nonce
                            .as_ref()
                            .needed()
                            .at(398, 19)?
                            .clone(),
                    },
                ),
        );
        let to = step.store.consumer.needed().at(400, 14)?;
        let witness_selection_commitment = WitnessSelectionCommitment {
            open_hash: step.store.open.as_ref().needed().at(401, 23)?.hash(),
            terms_hash: step
                .store
                .open
                .as_ref()
                .needed()
                .at(402, 24)?
                .payload
                .terms_hash,
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(403, 42)?.payload.checkpoint,
                )
                .at(403, 21)?,
            provider_nonce: step
                .store
                .provider_nonce
                .as_ref()
                .needed()
                .at(400, 9)?
                .clone(),
            ticket_signature: step.store.ticket_signature.needed().at(400, 9)?,
        };
        step.send(to, &witness_selection_commitment).at(400, 9)?;
        return step.enter(State::WaitingForReveal);
    }
    step.otherwise(0, "REVIEWING -> WAITING_FOR_REVEAL on review_terms");
    step.store.reason = Some(Refusal::TermsRefused);
    let to = step.store.consumer.needed().at(407, 14)?;
    let lock_rejected = LockRejected {
        reason: Refusal::TermsRefused,
    };
    step.send(to, &lock_rejected).at(407, 9)?;
    step.enter(State::Refused)
}

/// In REVIEWING, on `timeout(REVIEW_TIMEOUT)`.
fn reviewing_on_timeout_review_timeout(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(1, "REVIEWING -> REFUSED on timeout(REVIEW_TIMEOUT)");
    step.store.reason = Some(Refusal::TermsRefused);
    let to = step.store.consumer.needed().at(411, 14)?;
    let lock_rejected = LockRejected {
        reason: Refusal::TermsRefused,
    };
    step.send(to, &lock_rejected).at(411, 9)?;
    step.enter(State::Refused)
}

/// In WAITING_FOR_REVEAL, on the message `NONCE_REVEAL`.
fn waiting_for_reveal_on_nonce_reveal(
    step: &mut Step<'_, Provider>,
    message: &Received<NonceReveal>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_REVEAL -> WAITING_FOR_LOCK on NONCE_REVEAL");
    if library::hash(&[&message.payload.nonce])
        == step.store.open.as_ref().needed().at(414, 88)?.payload.nonce_commitment
    {
        step.store.nonce = Some(message.payload.nonce.clone());
        step.store.panel = panel(
            &step.context,
            step.store.open.as_ref().needed().at(416, 23)?,
            step.store.nonce.as_ref().needed().at(416, 29)?,
            step.store.provider_nonce.as_ref().needed().at(416, 36)?,
            &library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(416, 73)?.payload.checkpoint,
                )
                .at(416, 52)?,
        )?;
        step.store.witnesses = cabal(
            &step.store.panel,
            step.store.open.as_ref().needed().at(417, 34)?.payload.amount,
            0,
        )?;
        step.store.body = Some(
            body(step.store.open.as_ref().needed().at(418, 21)?, &step.store.witnesses),
        );
        return step.enter(State::WaitingForLock);
    }
    step.refuse()
}

/// In WAITING_FOR_REVEAL, on `timeout(REVEAL_TIMEOUT)`.
fn waiting_for_reveal_on_timeout_reveal_timeout(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_REVEAL -> ABANDONED on timeout(REVEAL_TIMEOUT)");
    step.store.reason = Some(Refusal::NotRevealed);
    let lock_abandoned = LockAbandoned {
        reason: Refusal::NotRevealed,
        open: step.store.open.as_ref().needed().at(423, 9)?.clone(),
    };
    step.gossip(&lock_abandoned).at(423, 9)?;
    step.enter(State::Abandoned)
}

/// In WAITING_FOR_LOCK, on the message `CONSUMER_SIGNED_LOCK`.
fn waiting_for_lock_on_consumer_signed_lock(
    step: &mut Step<'_, Provider>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_LOCK -> PROVEN on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(427, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(428, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.history = Some(message.payload.history.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(430, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(431, 21)?
            .cabal
            .clone();
        let provider_forwarded_lock = ProviderForwardedLock {
            certificate: step.store.certificate.as_ref().needed().at(432, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(432, 9)?.clone(),
            history: step.store.history.as_ref().needed().at(432, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &provider_forwarded_lock).at(432, 9)?;
        return step.enter(State::Proven);
    }
    step.refuse()
}

/// In WAITING_FOR_LOCK, on the message `WITNESS_FORWARDED_LOCK`.
fn waiting_for_lock_on_witness_forwarded_lock(
    step: &mut Step<'_, Provider>,
    message: &Received<WitnessForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_LOCK -> PROVEN on WITNESS_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(435, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.open.as_ref().needed().at(436, 81)?,
            &step.store.panel,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        step.store.history = Some(message.payload.history.clone());
        step.store.body = Some(
            step.store.certificate.as_ref().needed().at(438, 16)?.body.clone(),
        );
        step.store.witnesses = step
            .store
            .body
            .as_ref()
            .needed()
            .at(439, 21)?
            .cabal
            .clone();
        let provider_forwarded_lock = ProviderForwardedLock {
            certificate: step.store.certificate.as_ref().needed().at(440, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(440, 9)?.clone(),
            history: step.store.history.as_ref().needed().at(440, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &provider_forwarded_lock).at(440, 9)?;
        return step.enter(State::Proven);
    }
    step.refuse()
}

/// In WAITING_FOR_LOCK, on `timeout(give_up_at)`.
fn waiting_for_lock_on_timeout_give_up_at(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING_FOR_LOCK -> ABANDONED on timeout(give_up_at)");
    step.store.reason = Some(Refusal::NoLock);
    let lock_abandoned = LockAbandoned {
        reason: Refusal::NoLock,
        open: step.store.open.as_ref().needed().at(445, 9)?.clone(),
    };
    step.gossip(&lock_abandoned).at(445, 9)?;
    step.enter(State::Abandoned)
}

/// In PROVEN, at once.
fn proven_at_once(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(0, "PROVEN -> SERVICE_PHASE auto");
    step.proceed().at(442, 5)?;
    step.enter(State::ServicePhase)
}

/// In SERVICE_PHASE, on the message `CONSUMER_SIGNED_TOPUP`.
fn service_phase_on_consumer_signed_topup(
    step: &mut Step<'_, Provider>,
    message: &Received<ConsumerSignedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SERVICE_PHASE -> SERVICE_PHASE on CONSUMER_SIGNED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(451, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(452, 79)?,
            step.store.body.as_ref().needed().at(452, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.history = Some(message.payload.history.clone());
        let forwarded_topup = ForwardedTopup {
            topup: message.payload.topup.clone(),
            topups: step.store.topups.clone(),
            history: step.store.history.as_ref().needed().at(454, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &forwarded_topup).at(454, 9)?;
        return step.enter(State::ServicePhase);
    }
    step.refuse()
}

/// In SERVICE_PHASE, on the message `FORWARDED_TOPUP`.
fn service_phase_on_forwarded_topup(
    step: &mut Step<'_, Provider>,
    message: &Received<ForwardedTopup>,
) -> Result<Outcome, Raised> {
    step.consider(1, "SERVICE_PHASE -> SERVICE_PHASE on FORWARDED_TOPUP");
    if library::length(&message.payload.topups) > library::length(&step.store.topups)
        && step.equivocation(&step.store.consumer.needed().at(458, 30)?).is_none()
        && topups_proven(
            &step.context,
            &message.payload.topups,
            &message.payload.topup,
            &message.payload.history,
            step.store.lock.as_ref().needed().at(459, 79)?,
            step.store.body.as_ref().needed().at(459, 85)?,
        )?
    {
        step.store.topups = message.payload.topups.clone();
        step.store.history = Some(message.payload.history.clone());
        let forwarded_topup = ForwardedTopup {
            topup: message.payload.topup.clone(),
            topups: step.store.topups.clone(),
            history: step.store.history.as_ref().needed().at(461, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &forwarded_topup).at(461, 9)?;
        return step.enter(State::ServicePhase);
    }
    step.refuse()
}

/// In SERVICE_PHASE, on the message `WITNESS_REPLACED`.
fn service_phase_on_witness_replaced(
    step: &mut Step<'_, Provider>,
    message: &Received<WitnessReplaced>,
) -> Result<Outcome, Raised> {
    step.consider(2, "SERVICE_PHASE -> SERVICE_PHASE on WITNESS_REPLACED");
    if replacements_proven(
        &step.context,
        &message.payload.replacements,
        &step.store.replacements,
        step.store.body.as_ref().needed().at(464, 70)?,
        &step.store.panel,
    )? {
        step.store.replacements = message.payload.replacements.clone();
        step.store.witnesses = serving(
            &step.context,
            step.store.body.as_ref().needed().at(466, 29)?,
            &step.store.replacements,
        )?;
        let witness_appointment = WitnessAppointment {
            provider_history: library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(468, 51)?.payload.checkpoint,
                )
                .at(468, 30)?,
            terms: step.store.terms.as_ref().needed().at(467, 9)?.clone(),
            open: step.store.open.as_ref().needed().at(467, 9)?.clone(),
            nonce: step.store.nonce.as_ref().needed().at(467, 9)?.clone(),
            provider_nonce: step
                .store
                .provider_nonce
                .as_ref()
                .needed()
                .at(467, 9)?
                .clone(),
            ticket_signature: step.store.ticket_signature.needed().at(467, 9)?,
            certificate: step.store.certificate.as_ref().needed().at(467, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(467, 9)?.clone(),
            history: step.store.history.as_ref().needed().at(467, 9)?.clone(),
            replacements: step.store.replacements.clone(),
            topups: step.store.topups.clone(),
        };
        step.broadcast(
                &step
                    .store
                    .replacements
                    .iter()
                    .map(|r| r.body.new_witness)
                    .collect::<Vec<_>>(),
                &witness_appointment,
            )
            .at(467, 9)?;
        return step.enter(State::ServicePhase);
    }
    step.refuse()
}

/// In SERVICE_PHASE, on the trigger `release`.
fn service_phase_on_release(
    step: &mut Step<'_, Provider>,
    settlement: SettlementCertificate,
) -> Result<Outcome, Raised> {
    step.consider(3, "SERVICE_PHASE -> SERVICE_ENDED on release");
    if settles(
        &step.context,
        &settlement,
        step.store.body.as_ref().needed().at(471, 72)?,
        &step.store.topups,
    )? {
        return step.enter(State::ServiceEnded);
    }
    step.refuse()
}

/// In SERVICE_PHASE, on `timeout(expires_at)`.
fn service_phase_on_timeout_expires_at(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(4, "SERVICE_PHASE -> SERVICE_ENDED on timeout(expires_at)");
    step.enter(State::ServiceEnded)
}
