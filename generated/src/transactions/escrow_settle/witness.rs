// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Witness of Escrow Settle.

use super::blocks::PeerHash;
use super::functions::{
    agreed_topups, attestation_valid, dissent, lowest_rank, may_ask, pays,
    proposal_valid, quorum, releasable_at, remove_peer_id, settlement_of, settles,
    signatures,
};

use super::messages::{
    Message, PaymentSeen, PaymentShown, ReleaseAnswer, ReleaseRequest,
    SettlementAnnounced, SettlementProposal, SettlementResult, SettlementShare,
};

use super::parameters::{COMPARE_TIMEOUT, RELEASE_WINDOW, SIGNATURE_TIMEOUT};
use super::types::{
    AttestationCertificate, LockCertificate, PaymentRecord, ReleaseStatement,
    SessionTerms, SettlementBody, SettlementCertificate, SignedPaymentRecord,
    SignedReleaseStatement, TopupCertificate,
};

use omt_runtime::typed::prelude::*;

/// States of [`Witness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is locked.
    Idle,
    /// The session runs.
    AwaitingAttestation,
    /// Passed through: what would be settled on here.
    Proposing,
    /// Who knows which attestation and which top-ups.
    Comparing,
    /// Passed through: the one signature.
    Signing,
    /// Who signs the same body.
    CollectingSignatures,
    /// No quorum here; the others may still show one.
    AwaitingResult,
    /// A quorum has signed; the payee may show its block.
    Settled,
    /// The payment is recorded.
    Recorded,
    /// No payment can be recorded any more; the consumer may ask for its release.
    Closed,
    /// Passed through: what this member did and did not do.
    Answering,
    /// Over.
    Done,
}
states!(State {
    IDLE => Idle,
    AWAITING_ATTESTATION => AwaitingAttestation,
    PROPOSING => Proposing,
    COMPARING => Comparing,
    SIGNING => Signing,
    COLLECTING_SIGNATURES => CollectingSignatures,
    AWAITING_RESULT => AwaitingResult,
    SETTLED => Settled,
    RECORDED => Recorded,
    CLOSED => Closed,
    ANSWERING => Answering,
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
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// of the lock
    pub certificate: Option<LockCertificate>,
    /// nothing is signed from here on
    pub expires_at: Option<i64>,
    /// no payment is recorded from here on
    pub counts_until: Option<i64>,
    /// nobody is answered from here on
    pub forget_at: Option<i64>,
    /// of those known here, that of the lowest rank
    pub chosen: Option<AttestationCertificate>,
    /// `extra`.
    pub extra: Vec<TopupCertificate>,
    /// `proposals`.
    pub proposals: Map<PeerId, SettlementProposal>,
    /// what this member has signed, if anything
    pub body: Option<SettlementBody>,
    /// `shares`.
    pub shares: Map<PeerId, SettlementShare>,
    /// `settlement`.
    pub settlement: Option<SettlementCertificate>,
    /// `record`.
    pub record: Option<Block<PeerHash>>,
}

store_fields!(Store {
    session_id,
    terms,
    consumer,
    provider,
    witnesses,
    certificate,
    expires_at,
    counts_until,
    forget_at,
    chosen,
    extra,
    proposals,
    body,
    shares,
    settlement,
    record,
});

/// Computes, compares, signs once, records the payment.
pub struct Witness;

impl Actor for Witness {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Witness";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "SETTLEMENT_PROPOSAL" | "SETTLEMENT_SHARE" | "SETTLEMENT_RESULT"
            | "SETTLEMENT_ANNOUNCED" | "PAYMENT_SEEN" | "RELEASE_ANSWER" => {
                store.witnesses.names(sender)
            }
            "SETTLEMENT_RECORDED" | "RELEASE_REQUEST" => store.consumer.names(sender),
            "PAYMENT_SHOWN" | "PAYMENT_PROVEN" => store.provider.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "SETTLEMENT_RECORDED" | "RELEASE_REQUEST" => {
                library::bind(&mut store.consumer, sender)
            }
            "PAYMENT_SHOWN" | "PAYMENT_PROVEN" => {
                library::bind(&mut store.provider, sender)
            }
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::ReleaseRequest(message)) => {
                idle_on_release_request(step, message)
            }
            (State::AwaitingAttestation, Message::SettlementProposal(message)) => {
                awaiting_attestation_on_settlement_proposal(step, message)
            }
            (State::AwaitingAttestation, Message::SettlementResult(message)) => {
                awaiting_attestation_on_settlement_result(step, message)
            }
            (State::Comparing, Message::SettlementProposal(message)) => {
                comparing_on_settlement_proposal(step, message)
            }
            (State::Comparing, Message::SettlementResult(message)) => {
                comparing_on_settlement_result(step, message)
            }
            (State::CollectingSignatures, Message::SettlementShare(message)) => {
                collecting_signatures_on_settlement_share(step, message)
            }
            (State::CollectingSignatures, Message::SettlementResult(message)) => {
                collecting_signatures_on_settlement_result(step, message)
            }
            (State::AwaitingResult, Message::SettlementResult(message)) => {
                awaiting_result_on_settlement_result(step, message)
            }
            (State::Settled, Message::PaymentShown(message)) => {
                settled_on_payment_shown(step, message)
            }
            (State::Closed, Message::ReleaseRequest(message)) => {
                closed_on_release_request(step, message)
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
            (State::Idle, "escrow") => {
                idle_on_escrow(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                    arguments.get(3)?,
                )
            }
            (State::AwaitingAttestation, "topped_up") => {
                awaiting_attestation_on_topped_up(step, arguments.get(1)?)
            }
            (State::AwaitingAttestation, "caught_up") => {
                awaiting_attestation_on_caught_up(step, arguments.get(1)?)
            }
            (State::AwaitingAttestation, "attested") => {
                awaiting_attestation_on_attested(step, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::AwaitingAttestation, 0) => {
                awaiting_attestation_on_timeout_counts_until(step)
            }
            (State::Comparing, 0) => comparing_on_timeout_compare_timeout(step),
            (State::Comparing, 1) => comparing_on_timeout_counts_until(step),
            (State::CollectingSignatures, 0) => {
                collecting_signatures_on_timeout_signature_timeout(step)
            }
            (State::AwaitingResult, 0) => awaiting_result_on_timeout_counts_until(step),
            (State::Settled, 0) => settled_on_timeout_counts_until(step),
            (State::Recorded, 0) => recorded_on_timeout_counts_until(step),
            (State::Closed, 0) => closed_on_timeout_forget_at(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Proposing => proposing_at_once(step),
            State::Comparing => comparing_at_once(step),
            State::Signing => signing_at_once(step),
            State::CollectingSignatures => collecting_signatures_at_once(step),
            State::Answering => answering_at_once(step),
            State::Idle
            | State::AwaitingAttestation
            | State::AwaitingResult
            | State::Settled
            | State::Recorded
            | State::Closed
            | State::Done => Ok(Outcome::Unhandled),
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::Closed, Message::PaymentShown(_)) => {
                step.consider_override("ignore PAYMENT_SHOWN");
                Ok(Some(Diverted::Ignored))
            }
            _ => Ok(None),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::AwaitingAttestation => {
                timers.at(0, step.store.counts_until);
            }
            State::Comparing => {
                timers.after(0, COMPARE_TIMEOUT);
                timers.at(1, step.store.counts_until);
            }
            State::CollectingSignatures => {
                timers.after(0, SIGNATURE_TIMEOUT);
            }
            State::AwaitingResult => {
                timers.at(0, step.store.counts_until);
            }
            State::Settled => {
                timers.at(0, step.store.counts_until);
            }
            State::Recorded => {
                timers.at(0, step.store.counts_until);
            }
            State::Closed => {
                timers.at(0, step.store.forget_at);
            }
            State::Idle
            | State::Proposing
            | State::Signing
            | State::Answering
            | State::Done => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `escrow`.
fn idle_on_escrow(
    step: &mut Step<'_, Witness>,
    session_id: Hash,
    terms: SessionTerms,
    certificate: LockCertificate,
    topups: Vec<TopupCertificate>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> AWAITING_ATTESTATION on escrow");
    step.store.session_id = Some(session_id);
    step.store.terms = Some(terms.clone());
    step.store.certificate = Some(certificate.clone());
    step.store.consumer = Some(terms.consumer);
    step.store.provider = Some(terms.provider);
    step.store.witnesses = certificate.body.cabal.clone();
    step.store.expires_at = Some(certificate.body.expires_at);
    step.store.extra = topups.clone();
    step.store.counts_until = Some(releasable_at(&certificate.body)?);
    step.store.forget_at = Some(
        library::narrow_i64(
                i128::from(step.store.counts_until.needed().at(207, 21)?)
                    + i128::from(RELEASE_WINDOW),
            )
            .at(207, 21)?,
    );
    step.enter(State::AwaitingAttestation)
}

/// In IDLE, on the message `RELEASE_REQUEST`.
fn idle_on_release_request(
    step: &mut Step<'_, Witness>,
    message: &Received<ReleaseRequest>,
) -> Result<Outcome, Raised> {
    step.consider(1, "IDLE -> ANSWERING on RELEASE_REQUEST");
    if may_ask(
        &step.context,
        &message.payload,
        step.session(),
        message.sender,
        step.peer_id(),
    )? && step.now() >= releasable_at(&message.payload.certificate.body)?
        && i128::from(step.now())
            < i128::from(releasable_at(&message.payload.certificate.body)?)
                + i128::from(RELEASE_WINDOW)
    {
        step.store.certificate = Some(message.payload.certificate.clone());
        step.store.forget_at = Some(
            library::narrow_i64(
                    i128::from(
                        releasable_at(
                            &step.store.certificate.as_ref().needed().at(291, 35)?.body,
                        )?,
                    ) + i128::from(RELEASE_WINDOW),
                )
                .at(291, 21)?,
        );
        return step.enter(State::Answering);
    }
    step.refuse()
}

/// In AWAITING_ATTESTATION, on the trigger `topped_up`.
fn awaiting_attestation_on_topped_up(
    step: &mut Step<'_, Witness>,
    topups: Vec<TopupCertificate>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AWAITING_ATTESTATION -> AWAITING_ATTESTATION on topped_up");
    step.store.extra = topups.clone();
    step.enter(State::AwaitingAttestation)
}

/// In AWAITING_ATTESTATION, on the trigger `caught_up`.
fn awaiting_attestation_on_caught_up(
    step: &mut Step<'_, Witness>,
    topups: Vec<TopupCertificate>,
) -> Result<Outcome, Raised> {
    step.consider(1, "AWAITING_ATTESTATION -> AWAITING_ATTESTATION on caught_up");
    step.store.extra = topups.clone();
    step.enter(State::AwaitingAttestation)
}

/// In AWAITING_ATTESTATION, on the trigger `attested`.
fn awaiting_attestation_on_attested(
    step: &mut Step<'_, Witness>,
    attestation: AttestationCertificate,
) -> Result<Outcome, Raised> {
    step.consider(2, "AWAITING_ATTESTATION -> PROPOSING on attested");
    if attestation_valid(
        &step.context,
        &attestation,
        &step.store.certificate.as_ref().needed().at(215, 87)?.body,
    )? {
        step.store.chosen = Some(attestation.clone());
        return step.enter(State::Proposing);
    }
    step.refuse()
}

/// In AWAITING_ATTESTATION, on the message `SETTLEMENT_PROPOSAL`.
fn awaiting_attestation_on_settlement_proposal(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementProposal>,
) -> Result<Outcome, Raised> {
    step.consider(3, "AWAITING_ATTESTATION -> PROPOSING on SETTLEMENT_PROPOSAL");
    if proposal_valid(
        &step.context,
        &message.payload,
        &step.store.certificate.as_ref().needed().at(220, 99)?.body,
    )? {
        step.store.chosen = Some(message.payload.attestation.clone());
        step.store.proposals.insert(message.sender, message.payload.clone());
        return step.enter(State::Proposing);
    }
    step.refuse()
}

/// In AWAITING_ATTESTATION, on the message `SETTLEMENT_RESULT`.
fn awaiting_attestation_on_settlement_result(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(4, "AWAITING_ATTESTATION -> SETTLED on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(261, 42)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        return step.enter(State::Settled);
    }
    step.refuse()
}

/// In AWAITING_ATTESTATION, on `timeout(counts_until)`.
fn awaiting_attestation_on_timeout_counts_until(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(5, "AWAITING_ATTESTATION -> CLOSED on timeout(counts_until)");
    step.enter(State::Closed)
}

/// In PROPOSING, at once.
fn proposing_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "PROPOSING -> COMPARING auto");
    step.proceed().at(225, 5)?;
    let settlement_proposal = SettlementProposal {
        attestation: step.store.chosen.as_ref().needed().at(226, 64)?.clone(),
        topups: step.store.extra.clone(),
    };
    step.broadcast(&step.store.witnesses, &settlement_proposal).at(226, 9)?;
    step.enter(State::Comparing)
}

/// In COMPARING, on the message `SETTLEMENT_PROPOSAL`.
fn comparing_on_settlement_proposal(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementProposal>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect SETTLEMENT_PROPOSAL");
    let repeated = step.store.proposals.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && proposal_valid(
            &step.context,
            &message.payload,
            &step.store.certificate.as_ref().needed().at(229, 100)?.body,
        )?
    {
        step.store.proposals.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COMPARING, at once.
fn comparing_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(1, "COMPARING -> SIGNING auto");
    if library::length_map(&step.store.proposals)
        >= library::length(&step.store.witnesses)
    {
        step.proceed().at(230, 5)?;
        return step.enter(State::Signing);
    }
    step.refuse()
}

/// In COMPARING, on `timeout(COMPARE_TIMEOUT)`.
fn comparing_on_timeout_compare_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(2, "COMPARING -> SIGNING on timeout(COMPARE_TIMEOUT)");
    step.enter(State::Signing)
}

/// In COMPARING, on the message `SETTLEMENT_RESULT`.
fn comparing_on_settlement_result(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(3, "COMPARING -> SETTLED on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(261, 42)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        return step.enter(State::Settled);
    }
    step.refuse()
}

/// In COMPARING, on `timeout(counts_until)`.
fn comparing_on_timeout_counts_until(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COMPARING -> CLOSED on timeout(counts_until)");
    step.enter(State::Closed)
}

/// In SIGNING, at once.
fn signing_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "SIGNING -> COLLECTING_SIGNATURES auto");
    if step.now() < step.store.expires_at.needed().at(234, 56)? {
        step.proceed().at(234, 5)?;
        step.store.chosen = Some(
            lowest_rank(
                step.store.chosen.as_ref().needed().at(235, 30)?,
                &step.store.proposals,
            )?,
        );
        step.store.extra = agreed_topups(
            &step.store.proposals,
            library::length(&step.store.witnesses),
        )?;
        step.store.body = Some(
            settlement_of(
                &step.store.certificate.as_ref().needed().at(237, 30)?.body,
                &step.store.extra,
                step.store.terms.as_ref().needed().at(237, 55)?,
                &step.store.chosen.as_ref().needed().at(237, 62)?.body,
            )?,
        );
        let settlement_share = SettlementShare {
            body_signature: step.sign(step.store.body.as_ref().needed().at(238, 69)?),
            body: step.store.body.as_ref().needed().at(238, 9)?.clone(),
        };
        step.broadcast(&step.store.witnesses, &settlement_share).at(238, 9)?;
        return step.enter(State::CollectingSignatures);
    }
    step.otherwise(0, "SIGNING -> COLLECTING_SIGNATURES auto");
    step.proceed().at(234, 5)?;
    step.enter(State::AwaitingResult)
}

/// In COLLECTING_SIGNATURES, on the message `SETTLEMENT_SHARE`.
fn collecting_signatures_on_settlement_share(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementShare>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect SETTLEMENT_SHARE");
    let repeated = step.store.shares.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && step
            .verify_signature(
                &message.sender,
                &message.payload.body,
                &message.payload.body_signature,
            )
    {
        step.store.shares.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In COLLECTING_SIGNATURES, at once.
fn collecting_signatures_at_once(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING_SIGNATURES -> SETTLED auto");
    if library::length_map(
        &signatures(&step.store.shares, step.store.body.as_ref().needed().at(244, 74)?)?,
    ) >= quorum(library::length(&step.store.witnesses))?
    {
        step.proceed().at(244, 5)?;
        step.store.settlement = Some(SettlementCertificate {
            lock: step.store.certificate.as_ref().needed().at(246, 18)?.clone(),
            topups: step.store.extra.clone(),
            terms: step.store.terms.as_ref().needed().at(248, 19)?.clone(),
            attestation: step.store.chosen.as_ref().needed().at(249, 25)?.clone(),
            body: step.store.body.as_ref().needed().at(250, 18)?.clone(),
            signatures: signatures(
                &step.store.shares,
                step.store.body.as_ref().needed().at(251, 43)?,
            )?,
        });
        let to = &library::concat(
            &[
                step.store.consumer.needed().at(253, 27)?,
                step.store.provider.needed().at(253, 37)?,
            ],
            &remove_peer_id(&step.store.witnesses, step.peer_id()),
        );
        let settlement_result = SettlementResult {
            settlement: step.store.settlement.as_ref().needed().at(253, 9)?.clone(),
        };
        step.broadcast(to, &settlement_result).at(253, 9)?;
        let settlement_announced = SettlementAnnounced {
            settlement: step.store.settlement.as_ref().needed().at(254, 9)?.clone(),
        };
        step.gossip(&settlement_announced).at(254, 9)?;
        return step.enter(State::Settled);
    }

    step.consider(2, "COLLECTING_SIGNATURES -> AWAITING_RESULT auto");
    if i128::from(
        dissent(&step.store.shares, step.store.body.as_ref().needed().at(257, 30)?),
    )
        > i128::from(library::length(&step.store.witnesses))
            - i128::from(quorum(library::length(&step.store.witnesses))?)
    {
        step.proceed().at(256, 5)?;
        return step.enter(State::AwaitingResult);
    }
    step.refuse()
}

/// In COLLECTING_SIGNATURES, on `timeout(SIGNATURE_TIMEOUT)`.
fn collecting_signatures_on_timeout_signature_timeout(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(
        3,
        "COLLECTING_SIGNATURES -> AWAITING_RESULT on timeout(SIGNATURE_TIMEOUT)",
    );
    step.enter(State::AwaitingResult)
}

/// In COLLECTING_SIGNATURES, on the message `SETTLEMENT_RESULT`.
fn collecting_signatures_on_settlement_result(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(4, "COLLECTING_SIGNATURES -> SETTLED on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(261, 42)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        return step.enter(State::Settled);
    }
    step.refuse()
}

/// In AWAITING_RESULT, on the message `SETTLEMENT_RESULT`.
fn awaiting_result_on_settlement_result(
    step: &mut Step<'_, Witness>,
    message: &Received<SettlementResult>,
) -> Result<Outcome, Raised> {
    step.consider(0, "AWAITING_RESULT -> SETTLED on SETTLEMENT_RESULT");
    if settles(
        &step.context,
        &message.payload.settlement,
        &step.store.certificate.as_ref().needed().at(261, 42)?.body,
    )? {
        step.store.settlement = Some(message.payload.settlement.clone());
        return step.enter(State::Settled);
    }
    step.refuse()
}

/// In AWAITING_RESULT, on `timeout(counts_until)`.
fn awaiting_result_on_timeout_counts_until(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "AWAITING_RESULT -> CLOSED on timeout(counts_until)");
    step.enter(State::Closed)
}

/// In SETTLED, on the message `PAYMENT_SHOWN`.
fn settled_on_payment_shown(
    step: &mut Step<'_, Witness>,
    message: &Received<PaymentShown>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SETTLED -> RECORDED on PAYMENT_SHOWN");
    if step.now() < step.store.counts_until.needed().at(267, 22)?
        && pays(
            &step.context,
            &message.payload.payment,
            step.store.provider.needed().at(267, 61)?,
            &step.store.certificate.as_ref().needed().at(267, 71)?.body,
        )?
    {
        let peer_hash = PeerHash {
            peer: step.store.provider.needed().at(268, 49)?,
            head: message.payload.payment.hash(),
            timestamp: step.now(),
        };
        step.store.record = Some(step.append(peer_hash).at(268, 9)?);
        let seen = PaymentRecord {
            session_id: step.store.session_id.needed().at(270, 24)?,
            member: step.peer_id(),
            head: message.payload.payment.hash(),
            record_hash: step.store.record.as_ref().needed().at(273, 25)?.hash(),
            recorded_at: step.store.record.as_ref().needed().at(274, 25)?.time(),
        };
        let to = step.store.provider.needed().at(276, 14)?;
        let payment_seen = PaymentSeen {
            seen: SignedPaymentRecord {
                record: seen.clone(),
                record_signature: step.sign(&seen),
            },
        };
        step.send(to, &payment_seen).at(276, 9)?;
        return step.enter(State::Recorded);
    }
    step.refuse()
}

/// In SETTLED, on `timeout(counts_until)`.
fn settled_on_timeout_counts_until(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(1, "SETTLED -> CLOSED on timeout(counts_until)");
    step.enter(State::Closed)
}

/// In RECORDED, on `timeout(counts_until)`.
fn recorded_on_timeout_counts_until(
    step: &mut Step<'_, Witness>,
) -> Result<Outcome, Raised> {
    step.consider(0, "RECORDED -> CLOSED on timeout(counts_until)");
    step.enter(State::Closed)
}

/// In CLOSED, on the message `RELEASE_REQUEST`.
fn closed_on_release_request(
    step: &mut Step<'_, Witness>,
    message: &Received<ReleaseRequest>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CLOSED -> ANSWERING on RELEASE_REQUEST");
    if message.payload.certificate.body
        == step.store.certificate.as_ref().needed().at(282, 42)?.body
        && (step.store.terms.is_none()
            || message.payload.terms == *step.store.terms.as_ref().needed().at(283, 52)?)
        && may_ask(
            &step.context,
            &message.payload,
            step.store.session_id.needed().at(284, 42)?,
            message.sender,
            step.peer_id(),
        )?
    {
        return step.enter(State::Answering);
    }
    step.refuse()
}

/// In CLOSED, on `timeout(forget_at)`.
fn closed_on_timeout_forget_at(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(1, "CLOSED -> DONE on timeout(forget_at)");
    step.enter(State::Done)
}

/// In ANSWERING, at once.
fn answering_at_once(step: &mut Step<'_, Witness>) -> Result<Outcome, Raised> {
    step.consider(0, "ANSWERING -> CLOSED auto");
    step.proceed().at(293, 5)?;
    if step.store.settlement.is_some() {
        let to = step.store.consumer.needed().at(295, 18)?;
        let settlement_result = SettlementResult {
            settlement: step.store.settlement.as_ref().needed().at(295, 59)?.clone(),
        };
        step.send(to, &settlement_result).at(295, 13)?;
    } else {
        let statement = ReleaseStatement {
            session_id: step.store.session_id.needed().at(298, 28)?,
            lock_result_hash: library::hash(
                &[&step.store.certificate.as_ref().needed().at(299, 39)?.body],
            ),
            member: step.peer_id(),
            has_signed: step.store.body.is_some(),
            has_recorded: step.store.record.is_some(),
        };
        let to = step.store.consumer.needed().at(304, 18)?;
        let release_answer = ReleaseAnswer {
            answer: SignedReleaseStatement {
                statement: statement.clone(),
                statement_signature: step.sign(&statement),
            },
        };
        step.send(to, &release_answer).at(304, 13)?;
    }
    step.enter(State::Closed)
}
