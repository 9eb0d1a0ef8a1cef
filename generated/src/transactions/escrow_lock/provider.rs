// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Provider of Escrow Lock.

use super::blocks::{BalanceLock, LockOpen};
use super::functions::{
    body, cabal, credit_problem, draw_nonce, drawable, epoch, lock_proven,
    network_genesis, open_problem, session_id, witnesses_for,
};

use super::messages::{
    ConsumerSignedLock, ForkProof, LockAbandoned, LockIntent, LockRejected, Message,
    NonceReveal, ProviderForwardedLock, WitnessForwardedLock, WitnessSelectionCommitment,
};

use super::parameters::{LOCK_TIMEOUT, REVEAL_TIMEOUT, REVIEW_TIMEOUT};
use super::types::{DrawTicket, LockBody, LockCertificate, Refusal, SessionTerms};
use super::views::Acquaintances;
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
    /// The lock is proven: transaction 01 goes on from here.
    ServicePhase,
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
    SERVICE_PHASE => ServicePhase,
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
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    open,
    give_up_at,
    provider_nonce,
    ticket_signature,
    witnesses,
    body,
    certificate,
    lock,
    reason,
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
        State::ServicePhase,
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
            "LOCK_INTENT" | "NONCE_REVEAL" | "WITNESS_REQUEST"
            | "CONSUMER_SIGNED_LOCK" => store.consumer.names(sender),
            "WITNESS_PRELIMINARY" | "WITNESS_FINAL_VOTE" | "WITNESS_REFUSAL"
            | "LOCK_RESULT_FOR_SIGNATURE" | "WITNESS_FORWARDED_LOCK"
            | "BALANCE_UPDATE_BROADCAST" => store.witnesses.names(sender),
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
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Examining => examining_at_once(step),
            State::Idle
            | State::Reviewing
            | State::WaitingForReveal
            | State::WaitingForLock
            | State::ServicePhase
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
            State::Idle
            | State::Examining
            | State::ServicePhase
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
                    i128::from(step.store.open.as_ref().needed().at(215, 22)?.time())
                        + i128::from(LOCK_TIMEOUT),
                )
                .at(215, 22)?,
        );
        let fork = step.equivocation(&step.store.consumer.needed().at(216, 33)?);
        step.store.reason = open_problem(
            &step.context,
            step.store.terms.as_ref().needed().at(217, 31)?,
            step.store.open.as_ref().needed().at(217, 38)?,
            &message.payload.history,
            step.store.session_id.needed().at(217, 61)?,
            step.now(),
        )?;
        if step.store.reason.is_none() {
            step.store.reason = credit_problem(
                &step.context,
                step.store.open.as_ref().needed().at(218, 58)?,
                &message.payload.history,
                network_genesis(&step.context).at(218, 81)?,
            )?;
        }
        if step.store.reason.is_none()
            && !step
                .chain()
                .contains(
                    &step.store.open.as_ref().needed().at(219, 62)?.payload.checkpoint,
                )
        {
            step.store.reason = Some(Refusal::UnknownCheckpoint);
        }
        if step.store.reason.is_none() {
            let known = step
                .view::<
                    Acquaintances,
                >(
                    &library::chain_segment(
                            &step.chain(),
                            &step
                                .store
                                .open
                                .as_ref()
                                .needed()
                                .at(223, 66)?
                                .payload
                                .checkpoint,
                        )
                        .at(223, 45)?,
                )
                .at(223, 25)?;
            if !drawable(
                &known,
                &[step.store.consumer.needed().at(224, 37)?, step.peer_id()],
                witnesses_for(
                    step.store.open.as_ref().needed().at(224, 71)?.payload.amount,
                ),
            )? {
                step.store.reason = Some(Refusal::TooFewWitnesses);
            }
        }
        if fork.is_some() {
            step.store.reason = Some(Refusal::ForkedChain);
            let fork_proof = ForkProof {
                proof: fork.as_ref().needed().at(230, 51)?.clone(),
            };
            step.gossip(&fork_proof).at(230, 13)?;
        }
        return step.enter(State::Examining);
    }
    step.refuse()
}

/// In EXAMINING, at once.
fn examining_at_once(step: &mut Step<'_, Provider>) -> Result<Outcome, Raised> {
    step.consider(0, "EXAMINING -> REFUSED auto");
    if step.store.reason.is_some() {
        step.proceed().at(233, 5)?;
        let to = step.store.consumer.needed().at(234, 14)?;
        let lock_rejected = LockRejected {
            reason: step.store.reason.needed().at(234, 47)?,
        };
        step.send(to, &lock_rejected).at(234, 9)?;
        return step.enter(State::Refused);
    }

    step.consider(1, "EXAMINING -> REVIEWING auto");
    step.proceed().at(236, 5)?;
    step.start(
        "review_terms",
        &[
            step.store.terms.as_ref().needed().at(237, 28)?,
            &step.store.open.as_ref().needed().at(237, 35)?.payload.amount,
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
                    step.store.consumer.needed().at(240, 44)?,
                    epoch(step.store.open.as_ref().needed().at(240, 60)?.time())?,
                )
                .at(240, 33)?
                .reveal()
                .clone(),
        );
        step.store.ticket_signature = Some(
            step
                .sign(
                    &DrawTicket {
                        provider: step.peer_id(),
                        consumer: step.store.consumer.needed().at(243, 22)?,
                        epoch: epoch(
                            step.store.open.as_ref().needed().at(244, 25)?.time(),
                        )?,
                        nonce: step
                            .store
                            .provider_nonce
                            .as_ref()
                            .needed()
                            .at(245, 19)?
                            .clone(),
                    },
                ),
        );
        let to = step.store.consumer.needed().at(247, 14)?;
        let witness_selection_commitment = WitnessSelectionCommitment {
            open_hash: step.store.open.as_ref().needed().at(248, 23)?.hash(),
            terms_hash: step
                .store
                .open
                .as_ref()
                .needed()
                .at(249, 24)?
                .payload
                .terms_hash,
            history: library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(250, 42)?.payload.checkpoint,
                )
                .at(250, 21)?,
            provider_nonce: step
                .store
                .provider_nonce
                .as_ref()
                .needed()
                .at(247, 9)?
                .clone(),
            ticket_signature: step.store.ticket_signature.needed().at(247, 9)?,
        };
        step.send(to, &witness_selection_commitment).at(247, 9)?;
        return step.enter(State::WaitingForReveal);
    }
    step.otherwise(0, "REVIEWING -> WAITING_FOR_REVEAL on review_terms");
    step.store.reason = Some(Refusal::TermsRefused);
    let to = step.store.consumer.needed().at(254, 14)?;
    let lock_rejected = LockRejected {
        reason: Refusal::TermsRefused,
    };
    step.send(to, &lock_rejected).at(254, 9)?;
    step.enter(State::Refused)
}

/// In REVIEWING, on `timeout(REVIEW_TIMEOUT)`.
fn reviewing_on_timeout_review_timeout(
    step: &mut Step<'_, Provider>,
) -> Result<Outcome, Raised> {
    step.consider(1, "REVIEWING -> REFUSED on timeout(REVIEW_TIMEOUT)");
    step.store.reason = Some(Refusal::TermsRefused);
    let to = step.store.consumer.needed().at(258, 14)?;
    let lock_rejected = LockRejected {
        reason: Refusal::TermsRefused,
    };
    step.send(to, &lock_rejected).at(258, 9)?;
    step.enter(State::Refused)
}

/// In WAITING_FOR_REVEAL, on the message `NONCE_REVEAL`.
fn waiting_for_reveal_on_nonce_reveal(
    step: &mut Step<'_, Provider>,
    message: &Received<NonceReveal>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_REVEAL -> WAITING_FOR_LOCK on NONCE_REVEAL");
    if library::hash(&[&message.payload.nonce])
        == step.store.open.as_ref().needed().at(261, 88)?.payload.nonce_commitment
    {
        step.store.witnesses = cabal(
            &step.context,
            step.store.open.as_ref().needed().at(262, 27)?,
            &message.payload.nonce,
            step.store.provider_nonce.as_ref().needed().at(262, 48)?,
            &library::chain_segment(
                    &step.chain(),
                    &step.store.open.as_ref().needed().at(262, 85)?.payload.checkpoint,
                )
                .at(262, 64)?,
        )?;
        step.store.body = Some(
            body(step.store.open.as_ref().needed().at(263, 21)?, &step.store.witnesses),
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
        open: step.store.open.as_ref().needed().at(268, 9)?.clone(),
    };
    step.gossip(&lock_abandoned).at(268, 9)?;
    step.enter(State::Abandoned)
}

/// In WAITING_FOR_LOCK, on the message `CONSUMER_SIGNED_LOCK`.
fn waiting_for_lock_on_consumer_signed_lock(
    step: &mut Step<'_, Provider>,
    message: &Received<ConsumerSignedLock>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_LOCK -> SERVICE_PHASE on CONSUMER_SIGNED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(272, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(273, 81)?,
            step.store.consumer.needed().at(273, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        let provider_forwarded_lock = ProviderForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(275, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(275, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &provider_forwarded_lock).at(275, 9)?;
        return step.enter(State::ServicePhase);
    }
    step.refuse()
}

/// In WAITING_FOR_LOCK, on the message `WITNESS_FORWARDED_LOCK`.
fn waiting_for_lock_on_witness_forwarded_lock(
    step: &mut Step<'_, Provider>,
    message: &Received<WitnessForwardedLock>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_LOCK -> SERVICE_PHASE on WITNESS_FORWARDED_LOCK");
    if step.equivocation(&step.store.consumer.needed().at(278, 27)?).is_none()
        && lock_proven(
            &step.context,
            &message.payload.certificate,
            &message.payload.lock,
            &message.payload.history,
            step.store.body.as_ref().needed().at(279, 81)?,
            step.store.consumer.needed().at(279, 87)?,
        )?
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.lock = Some(message.payload.lock.clone());
        let provider_forwarded_lock = ProviderForwardedLock {
            history: message.payload.history.clone(),
            certificate: step.store.certificate.as_ref().needed().at(281, 9)?.clone(),
            lock: step.store.lock.as_ref().needed().at(281, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &provider_forwarded_lock).at(281, 9)?;
        return step.enter(State::ServicePhase);
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
        open: step.store.open.as_ref().needed().at(285, 9)?.clone(),
    };
    step.gossip(&lock_abandoned).at(285, 9)?;
    step.enter(State::Abandoned)
}
