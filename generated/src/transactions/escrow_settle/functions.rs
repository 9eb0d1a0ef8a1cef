// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Escrow Settle.

use super::blocks::PaymentReceived;
use super::messages::{ReleaseRequest, SettlementProposal, SettlementShare};
use super::parameters::{
    K_PAYMENT_DEN, K_PAYMENT_NUM, MILLI_TRUST_MAX, QUORUM_MIN, RELEASE_DELAY,
};

use super::types::{
    AttestationBody, AttestationCertificate, GenesisEntry, LockBody, LockCertificate,
    ReleaseEvidence, ReplacementCertificate, SessionTerms, SettlementBody,
    SettlementCertificate, SignedPaymentRecord, SignedReleaseStatement,
    TerminationReason, TopupCertificate,
};

use super::views::Ledger;
use omt_runtime::typed::prelude::*;

/// The list without every occurrence of the item.
pub fn remove_peer_id(items: &[PeerId], item: PeerId) -> Vec<PeerId> {
    items.iter().filter(|&&x| x != item).cloned().collect::<Vec<_>>()
}

/// Whether a session is counter-signed in this chain for exactly this result, and still is.
pub fn in_force(
    ledger: &Ledger,
    session_id: Hash,
    lock_result_hash: Hash,
) -> Result<bool, Raised> {
    Ok(
        ledger.locks.contains_key(&session_id)
            && library::entry(&ledger.locks, &session_id)
                .at_in(2, 256, 50)?
                .lock_result_hash == Some(lock_result_hash),
    )
}

/// Signatures that make a certificate of n witnesses: more than two thirds, so that two quorums share an honest member.
pub fn quorum(n: u64) -> Result<u64, Raised> {
    library::narrow_u64(
            i128::from(QUORUM_MIN)
                .max(
                    library::add(
                            library::div_floor(2 * i128::from(n), 3).at_in(3, 159, 28)?,
                            1,
                        )
                        .at_in(3, 159, 28)?,
                ),
        )
        .at_in(3, 159, 12)
}

/// Whether a quorum of the cabal, and nobody else, has signed the body. Says nothing about how the cabal was drawn.
pub fn certificate_valid(
    context: &Context<'_>,
    certificate: &LockCertificate,
) -> Result<bool, Raised> {
    Ok(
        context
            .verify_multi(
                &certificate.body,
                &certificate.signatures,
                &certificate.body.cabal,
                quorum(library::length(&certificate.body.cabal))?,
            ),
    )
}

/// How many witnesses of a cabal may ever be replaced. Whoever was replaced keeps its key, so each one costs an overlap: two quorums of the
/// cabal and its substitutes share at least 2 * quorum - n - replaced members, and one of them must be neither faulty nor replaced.
pub fn replacements_max(n: u64) -> Result<u64, Raised> {
    library::narrow_u64(2 * i128::from(quorum(n)?) - i128::from(n) - 1).at_in(3, 175, 12)
}

/// Whether so many as make a quorum of the lock's cabal, all of them members and none of them the one that is replaced, have signed.
pub fn replacement_valid(
    context: &Context<'_>,
    certificate: &ReplacementCertificate,
    lock: &LockBody,
    members: &[PeerId],
) -> Result<bool, Raised> {
    let body = certificate.body.clone();
    if body.session_id != lock.session_id
        || body.lock_result_hash != library::hash(&[lock])
    {
        return Ok(false);
    }
    if !library::contains(members, &body.old_witness)
        || library::contains(members, &body.new_witness)
    {
        return Ok(false);
    }
    if certificate.signatures.contains_key(&body.old_witness) {
        return Ok(false);
    }
    Ok(
        context
            .verify_multi(
                &body,
                &certificate.signatures,
                members,
                quorum(library::length(&lock.cabal))?,
            ),
    )
}

/// Everybody who is or was a member: the lock's cabal and its substitutes. A replacement that is not valid, or one too many, adds nobody.
pub fn members(
    context: &Context<'_>,
    lock: &LockBody,
    replacements: &[ReplacementCertificate],
) -> Result<Vec<PeerId>, Raised> {
    let mut members = lock.cabal.clone();
    for r in replacements {
        if i128::from(library::length(&members))
            < i128::from(library::length(&lock.cabal))
                + i128::from(replacements_max(library::length(&lock.cabal))?)
            && replacement_valid(context, r, lock, &members)?
        {
            members = library::concat(&members, &[r.body.new_witness]);
        }
    }
    Ok(members)
}

/// The root of the genesis file's hash tree, as seen from one entry. A leaf is the hash of one value, a node the hash of two, so neither
/// can be taken for the other.
pub fn genesis_root(
    entry: &GenesisEntry,
    position: u64,
    path: &[Hash],
) -> Result<Hash, Raised> {
    let mut node = library::hash(&[entry]);
    let mut place = i128::from(position);
    for &sibling in path {
        node = if library::rem_floor(place, 2).at_in(3, 204, 19)? == 0 {
            library::hash(&[&node, &sibling])
        } else {
            library::hash(&[&sibling, &node])
        };
        place = library::div_floor(place, 2).at_in(3, 205, 17)?;
    }
    Ok(node)
}

/// What is paid for that time: never more than the escrow, rounded down.
pub fn payment_due(
    escrow: u64,
    seconds: u64,
    rate_per_hour: u64,
) -> Result<u64, Raised> {
    library::narrow_u64(
            i128::from(escrow)
                .min(
                    library::div_floor(
                            library::mul(i128::from(seconds), i128::from(rate_per_hour))
                                .at_in(4, 113, 24)?,
                            3600,
                        )
                        .at_in(4, 113, 24)?,
                ),
        )
        .at_in(4, 113, 12)
}

/// The provider's part of a payment, rounded down; the rest is burned. Nothing at trust 0, and never all of it.
pub fn provider_part(payment: u64, trust: u64) -> Result<u64, Raised> {
    let weight = library::mul(
            i128::from(K_PAYMENT_NUM),
            i128::from(trust).min(i128::from(MILLI_TRUST_MAX)),
        )
        .at_in(4, 118, 14)?;
    library::narrow_u64(
            library::div_floor(
                    library::mul(i128::from(payment), weight).at_in(4, 119, 12)?,
                    library::add(i128::from(K_PAYMENT_DEN) * 1000, weight)
                        .at_in(4, 119, 33)?,
                )
                .at_in(4, 119, 12)?,
        )
        .at_in(4, 119, 12)
}

/// The seconds that are paid: those attested, up to what the terms allow; none if there never was a machine.
pub fn paid_seconds(
    attested: &AttestationBody,
    terms: &SessionTerms,
) -> Result<u64, Raised> {
    if never_served(attested.termination_reason) {
        return Ok(0);
    }
    library::narrow_u64(
            library::clamp(
                i128::from(attested.actual_duration_seconds),
                0,
                i128::from(library::seconds(terms.max_duration)),
            ),
        )
        .at_in(4, 125, 12)
}

/// Escrow of a lock with its top-ups.
pub fn escrowed(lock: &LockBody, topups: &[TopupCertificate]) -> Result<u64, Raised> {
    library::narrow_u64(
            library::add(
                    i128::from(lock.amount),
                    library::sum(
                            topups
                                .iter()
                                .map(|t| t.body.additional_amount)
                                .collect::<Vec<_>>()
                                .iter()
                                .map(|&x| i128::from(x)),
                        )
                        .at_in(4, 130, 26)?,
                )
                .at_in(4, 130, 12)?,
        )
        .at_in(4, 130, 12)
}

/// The one settlement that follows from what was signed.
pub fn settlement_of(
    lock: &LockBody,
    topups: &[TopupCertificate],
    terms: &SessionTerms,
    attested: &AttestationBody,
) -> Result<SettlementBody, Raised> {
    let escrow = escrowed(lock, topups)?;
    let payment = payment_due(
        escrow,
        paid_seconds(attested, terms)?,
        terms.rate_per_hour,
    )?;
    let to_provider = provider_part(payment, terms.provider_trust)?;
    Ok(SettlementBody {
        session_id: lock.session_id,
        lock_result_hash: library::hash(&[lock]),
        terms_hash: library::hash(&[terms]),
        attestation_hash: library::hash(&[attested]),
        consumer: terms.consumer,
        provider: terms.provider,
        escrowed_amount: escrow,
        provider_payment: to_provider,
        burn_amount: library::narrow_u64(i128::from(payment) - i128::from(to_provider))
            .at_in(4, 152, 21)?,
        consumer_refund: library::narrow_u64(i128::from(escrow) - i128::from(payment))
            .at_in(4, 153, 25)?,
    })
}

/// Whether top-ups are of this lock, each signed by a quorum of its members, and each beginning where the one before it ended.
pub fn topups_valid(
    context: &Context<'_>,
    topups: &[TopupCertificate],
    lock: &LockBody,
) -> Result<bool, Raised> {
    let mut total = lock.amount;
    for topup in topups {
        let body = topup.body.clone();
        if body.session_id != lock.session_id
            || body.lock_result_hash != library::hash(&[lock])
            || body.previous_total != total
            || i128::from(body.new_total)
                != i128::from(total) + i128::from(body.additional_amount)
        {
            return Ok(false);
        }
        if !context
            .verify_multi(
                &body,
                &topup.signatures,
                &members(context, lock, &topup.replacements)?,
                quorum(library::length(&lock.cabal))?,
            )
        {
            return Ok(false);
        }
        total = body.new_total;
    }
    Ok(true)
}

/// Whether a settlement follows from that lock and from the top-ups, the terms and the attestation that it brings, and a quorum of the
/// lock's cabal has signed each of them.
pub fn settlement_fits(
    context: &Context<'_>,
    settlement: &SettlementCertificate,
    lock: &LockBody,
) -> Result<bool, Raised> {
    if library::hash(&[&settlement.terms]) != lock.terms_hash {
        return Ok(false);
    }
    if settlement.body
        != settlement_of(
            lock,
            &settlement.topups,
            &settlement.terms,
            &settlement.attestation.body,
        )?
    {
        return Ok(false);
    }
    Ok(
        settlement.lock.body == *lock && certificate_valid(context, &settlement.lock)?
            && topups_valid(context, &settlement.topups, lock)?
            && attestation_valid(context, &settlement.attestation, lock)?
            && context
                .verify_multi(
                    &settlement.body,
                    &settlement.signatures,
                    &lock.cabal,
                    quorum(library::length(&lock.cabal))?,
                ),
    )
}

/// Whether a settlement stands alone.
pub fn settlement_valid(
    context: &Context<'_>,
    settlement: &SettlementCertificate,
) -> Result<bool, Raised> {
    settlement_fits(context, settlement, &settlement.lock.body)
}

/// From this instant on the payer may release the lock alone, and a payment that was not recorded before it never counts.
pub fn releasable_at(lock: &LockBody) -> Result<i64, Raised> {
    library::narrow_i64(i128::from(lock.expires_at) + i128::from(RELEASE_DELAY))
        .at_in(4, 196, 12)
}

/// How many members of a cabal must have recorded a payment: with as many faulty ones as a quorum bears, most of these are honest. Three for
/// a cabal of five.
pub fn recorders(n: u64) -> Result<u64, Raised> {
    library::narrow_u64(
            i128::from(QUORUM_MIN).max(2 * (i128::from(n) - i128::from(quorum(n)?)) + 1),
        )
        .at_in(4, 202, 12)
}

/// Whether a statement is about this lock, by a member of its cabal, and signed by it.
pub fn statement_valid(
    context: &Context<'_>,
    signed_statement: &SignedReleaseStatement,
    lock: &LockBody,
) -> bool {
    let statement = signed_statement.statement.clone();
    if statement.session_id != lock.session_id
        || statement.lock_result_hash != library::hash(&[lock])
        || !library::contains(&lock.cabal, &statement.member)
    {
        return false;
    }
    context
        .verify_signature(
            &statement.member,
            &statement,
            &signed_statement.statement_signature,
        )
}

/// Whether so many members say that they have not signed that no quorum has, or so many that they have not recorded that too few did. A quorum
/// of n members bears f = n - QUORUM(n) faulty ones. Of 2f + 1 that have not signed f + 1 are honest, so no settlement has its n - f
/// signatures; of n - f that have not recorded n - 2f are honest, so no payment has its 2f + 1 records. Either way none ever counts.
pub fn release_proven(
    context: &Context<'_>,
    evidence: &ReleaseEvidence,
) -> Result<bool, Raised> {
    let members = library::unique(
        &evidence.statements.iter().map(|s| s.statement.member).collect::<Vec<_>>(),
    );
    if library::length(&members) != library::length(&evidence.statements)
        || !evidence
            .statements
            .iter()
            .all(|s| statement_valid(context, s, &evidence.lock))
    {
        return Ok(false);
    }
    let n = library::length(&evidence.lock.cabal);
    Ok(
        library::number(
            evidence.statements.iter().filter(|&s| !s.statement.has_signed).count(),
        ) >= recorders(n)?
            || library::number(
                evidence.statements.iter().filter(|&s| !s.statement.has_recorded).count(),
            ) >= quorum(n)?,
    )
}

/// Whether a record says that this payment lay below a recorded head in time, and its member signed that.
pub fn record_valid(
    context: &Context<'_>,
    signed_record: &SignedPaymentRecord,
    lock: &LockBody,
    payment_hash: Hash,
) -> Result<bool, Raised> {
    let record = signed_record.record.clone();
    if record.session_id != lock.session_id || record.head != payment_hash
        || !library::contains(&lock.cabal, &record.member)
        || record.recorded_at >= releasable_at(lock)?
    {
        return Ok(false);
    }
    Ok(
        context
            .verify_signature(&record.member, &record, &signed_record.record_signature),
    )
}

/// Whether enough different members of the cabal recorded the payment in time.
pub fn recorded(
    context: &Context<'_>,
    records: &[SignedPaymentRecord],
    lock: &LockBody,
    payment_hash: Hash,
) -> Result<bool, Raised> {
    let members = library::unique(
        &records.iter().map(|r| r.record.member).collect::<Vec<_>>(),
    );
    Ok(
        library::length(&members) == library::length(records)
            && library::length(&members) >= recorders(library::length(&lock.cabal))?
            && library::all(records, |r| record_valid(context, r, lock, payment_hash))?,
    )
}

/// Whether a reason says that there never was a machine for the consumer.
pub fn never_served(reason: TerminationReason) -> bool {
    reason == TerminationReason::AllocationFailed
        || reason == TerminationReason::ConnectivityFailed
}

/// Whether the parts of a body go together: who was never served was never connected, and who was never connected is owed no time.
pub fn attestation_coherent(body: &AttestationBody) -> bool {
    if never_served(body.termination_reason) && body.connectivity_verified {
        return false;
    }
    body.connectivity_verified || body.actual_duration_seconds == 0
}

/// Whether an attestation is of this lock, coherent, and signed by a quorum of the lock's cabal and by nobody else.
pub fn attestation_valid(
    context: &Context<'_>,
    certificate: &AttestationCertificate,
    lock: &LockBody,
) -> Result<bool, Raised> {
    let body = certificate.body.clone();
    if body.session_id != lock.session_id || body.terms_hash != lock.terms_hash
        || body.lock_result_hash != library::hash(&[lock])
        || body.rank > library::length(&lock.cabal)
    {
        return Ok(false);
    }
    Ok(
        attestation_coherent(&body)
            && context
                .verify_multi(
                    &body,
                    &certificate.signatures,
                    &lock.cabal,
                    quorum(library::length(&lock.cabal))?,
                ),
    )
}

/// Whether a settlement is of this lock and follows from what it brings.
pub fn settles(
    context: &Context<'_>,
    settlement: &SettlementCertificate,
    lock: &LockBody,
) -> Result<bool, Raised> {
    Ok(settlement.lock.body == *lock && settlement_fits(context, settlement, lock)?)
}

/// Whether what a member proposes to settle on is of this lock.
pub fn proposal_valid(
    context: &Context<'_>,
    proposal: &SettlementProposal,
    lock: &LockBody,
) -> Result<bool, Raised> {
    Ok(
        attestation_valid(context, &proposal.attestation, lock)?
            && topups_valid(context, &proposal.topups, lock)?,
    )
}

/// Of several attestations of one session that of the lowest rank counts; of two of one rank that with the smaller hash.
pub fn lowest_rank(
    first: &AttestationCertificate,
    proposals: &Map<PeerId, SettlementProposal>,
) -> Result<AttestationCertificate, Raised> {
    let mut lowest = first.clone();
    for proposal in library::values(proposals) {
        let other = proposal.attestation.clone();
        if other.body.rank < lowest.body.rank
            || other.body.rank == lowest.body.rank
                && *library::index(
                        &library::sort(
                            &[
                                library::hash(&[&other.body]),
                                library::hash(&[&lowest.body]),
                            ],
                        ),
                        0,
                    )
                    .at_in(7, 67, 25)? == library::hash(&[&other.body])
        {
            lowest = other.clone();
        }
    }
    Ok(lowest)
}

/// The top-ups that count: the longest chain of them that more members know than a quorum bears faulty ones. So at least one honest member has
/// seen the payer's block, and nobody can have a top-up counted that its payer never counter-signed.
pub fn agreed_topups(
    proposals: &Map<PeerId, SettlementProposal>,
    n: u64,
) -> Result<Vec<TopupCertificate>, Raised> {
    let mut agreed: Vec<TopupCertificate> = Vec::new();
    for proposal in library::values(proposals) {
        let bodies = proposal.topups.iter().map(|t| t.body.clone()).collect::<Vec<_>>();
        let knowing = library::number(
            library::values(proposals)
                .iter()
                .filter(|&p| {
                    bodies
                        .iter()
                        .all(|b| library::contains(
                            &p.topups.iter().map(|t| t.body.clone()).collect::<Vec<_>>(),
                            b,
                        ))
                })
                .count(),
        );
        if library::length(&bodies) > library::length(&agreed)
            && i128::from(knowing) > i128::from(n) - i128::from(quorum(n)?)
        {
            agreed = proposal.topups.clone();
        }
    }
    Ok(agreed)
}

/// The signatures of a body that the shares brought, by signer.
pub fn signatures(
    shares: &Map<PeerId, SettlementShare>,
    body: &SettlementBody,
) -> Result<Map<PeerId, Signature>, Raised> {
    let mut collected: Map<PeerId, Signature> = Map::new();
    for w in library::keys(shares) {
        if library::entry(shares, &w).at_in(7, 90, 12)?.body == *body {
            collected
                .insert(w, library::entry(shares, &w).at_in(7, 90, 55)?.body_signature);
        }
    }
    Ok(collected)
}

/// Shares over another body.
pub fn dissent(shares: &Map<PeerId, SettlementShare>, body: &SettlementBody) -> u64 {
    library::number(library::values(shares).iter().filter(|&s| s.body != *body).count())
}

/// Whether a block is the payee's record of the settlement of this lock.
pub fn pays(
    context: &Context<'_>,
    payment: &Block<PaymentReceived>,
    payee: PeerId,
    lock: &LockBody,
) -> Result<bool, Raised> {
    let paid = payment.payload.clone();
    Ok(
        payment.author() == payee && paid.session_id == lock.session_id
            && paid.settlement_result_hash == library::hash(&[&paid.settlement.body])
            && paid.payment_amount == paid.settlement.body.provider_payment
            && settles(context, &paid.settlement, lock)?,
    )
}

/// Whether a request for a release names a lock that a quorum signed, this member among the cabal, and comes from its consumer.
pub fn may_ask(
    context: &Context<'_>,
    request: &ReleaseRequest,
    session_id: Hash,
    asker: PeerId,
    member: PeerId,
) -> Result<bool, Raised> {
    let lock = request.certificate.body.clone();
    Ok(
        lock.session_id == session_id
            && lock.terms_hash == library::hash(&[&request.terms])
            && request.terms.consumer == asker && library::contains(&lock.cabal, &member)
            && certificate_valid(context, &request.certificate)?,
    )
}
