// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Escrow Lock.

use super::blocks::{BalanceLock, BalanceTopup, LockOpen, TopupOpen};
use super::messages::{
    LivenessPong, TopupVote, WitnessAppointment, WitnessFinalVote, WitnessPreliminary,
    WitnessReplacementVote, WitnessRequest, WitnessSelectionCommitment,
};

use super::parameters::{
    AGE_MATURITY, ATTESTATION_ALLOWANCE, BASE_CREDIT, CLOCK_TOLERANCE, DRAW_EPOCH,
    FAILURE_PENALTY, HIGH_TRUST_MEETINGS, K_PAYMENT_DEN, K_PAYMENT_NUM, LARGE_LOCK,
    LARGE_WITNESS_COUNT, LOCK_LIFETIME_MAX, LOCK_TIMEOUT, MAX_FAILED_OPENS,
    MAX_FAILED_TOPUPS, MAX_RECRUITMENT_ROUNDS, MAX_SOURCES, MAX_TOPUPS, MILLI_TRUST_MAX,
    MIN_HIGH_TRUST_WITNESSES, PANEL_RESERVES, QUORUM_MIN, RECRUITS_PER_ROUND,
    RELEASE_DELAY, RESOURCE_WEIGHT_MAX, SESSION_DURATION_MAX, SETTLEMENT_ALLOWANCE,
    SIGN_WINDOW, TOPUP_TIMEOUT, TRUST_MAX, WITNESS_COUNT,
};

use super::types::{
    AttestationBody, AttestationCertificate, Decay, DrawTicket, GenesisEntry, LockBody,
    LockCertificate, Refusal, ReleaseEvidence, ReplacementBody, ReplacementCertificate,
    Service, SessionTerms, SettlementBody, SettlementCertificate, SignedPaymentRecord,
    SignedReleaseStatement, SignedTicket, TerminationReason, TopupBody, TopupCertificate,
    WitnessVerdict,
};

use super::views::{Acquaintances, Ledger, TrustInputs};
use omt_runtime::typed::prelude::*;

/// The list without every occurrence of the item.
pub fn remove_peer_id(items: &[PeerId], item: PeerId) -> Vec<PeerId> {
    items.iter().filter(|&&x| x != item).cloned().collect::<Vec<_>>()
}

/// The first so many items; all of them if there are fewer.
pub fn take_peer_id(items: &[PeerId], wanted: u64) -> Vec<PeerId> {
    let mut taken: Vec<PeerId> = Vec::new();
    for &x in items {
        if library::length(&taken) < wanted {
            taken = library::concat(&taken, &[x]);
        }
    }
    taken
}

/// The number of the epoch that an instant lies in.
pub fn epoch(instant: i64) -> Result<u64, Raised> {
    library::narrow_u64(
            library::div_floor(i128::from(instant), i128::from(DRAW_EPOCH))
                .at_in(2, 154, 12)?,
        )
        .at_in(2, 154, 12)
}

/// Signatures that make a certificate of n witnesses: more than two thirds, so that two quorums share an honest member.
pub fn quorum(n: u64) -> Result<u64, Raised> {
    library::narrow_u64(
            i128::from(QUORUM_MIN)
                .max(
                    library::add(
                            library::div_floor(2 * i128::from(n), 3).at_in(2, 159, 28)?,
                            1,
                        )
                        .at_in(2, 159, 28)?,
                ),
        )
        .at_in(2, 159, 12)
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
    library::narrow_u64(2 * i128::from(quorum(n)?) - i128::from(n) - 1).at_in(2, 175, 12)
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
        node = if library::rem_floor(place, 2).at_in(2, 204, 19)? == 0 {
            library::hash(&[&node, &sibling])
        } else {
            library::hash(&[&sibling, &node])
        };
        place = library::div_floor(place, 2).at_in(2, 205, 17)?;
    }
    Ok(node)
}

/// What openings and locks hold back.
pub fn reserved(ledger: &Ledger) -> Result<u64, Raised> {
    library::narrow_u64(
            library::sum(
                    library::map(
                            &library::values(&ledger.locks),
                            |held| {
                                library::narrow_u64(
                                        i128::from(held.amount) + i128::from(held.pending),
                                    )
                                    .at_in(3, 204, 50)
                            },
                        )?
                        .iter()
                        .map(|&x| i128::from(x)),
                )
                .at_in(3, 204, 12)?,
        )
        .at_in(3, 204, 12)
}

/// What is neither open nor locked, of the money that was granted; negative when a chain has opened, or spent, more than it has. Money that
/// quotes the genesis file of another network is no money here: what was paid with it is owed. Neither is what was earned: that needs the
/// chains of those who paid.
pub fn free(ledger: &Ledger, genesis: Hash) -> Result<i64, Raised> {
    let foreign = if ledger.genesis.is_none()
        || ledger.genesis.needed().at_in(3, 211, 44)? == genesis
    {
        0
    } else {
        ledger.granted
    };
    library::narrow_i64(
            i128::from(ledger.balance) - i128::from(foreign)
                - i128::from(reserved(ledger)?),
        )
        .at_in(3, 212, 12)
}

/// What a chain may spend beside its grant, given the settlements that its reader has been shown on their payers' chains. A lock that still
/// stands is not enough: whoever invents its cabal has it pay now, and release later.
pub fn earned(ledger: &Ledger, settled: &Map<Hash, Hash>) -> Result<u64, Raised> {
    library::narrow_u64(
            library::sum(
                    library::map(
                            &library::filter(
                                &library::keys(&ledger.payments),
                                |&s| Ok(
                                    library::entry(&ledger.payments, &s)
                                        .at_in(3, 221, 18)?
                                        .counts
                                        && library::get(settled, &s)
                                            == Some(
                                                library::entry(&ledger.payments, &s)
                                                    .at_in(3, 221, 67)?
                                                    .settlement_result_hash,
                                            ),
                                ),
                            )?,
                            |&s| Ok(
                                library::entry(&ledger.payments, &s)
                                    .at_in(3, 223, 14)?
                                    .amount,
                            ),
                        )?
                        .iter()
                        .map(|&x| i128::from(x)),
                )
                .at_in(3, 218, 12)?,
        )
        .at_in(3, 218, 12)
}

/// The settlements that these chains show. Each chain counts only if what it has spent and holds back is covered by its grant and by what the
/// chains before it in the list have paid it; so the list begins with those that live on grants alone, and nothing is created in a circle.
pub fn shown_settled(
    context: &Context<'_>,
    sources: &[Segment],
    genesis: Hash,
) -> Result<Map<Hash, Hash>, Raised> {
    let mut settled: Map<Hash, Hash> = Map::new();
    for source in sources {
        let ledger = context.view::<Ledger>(source).at_in(3, 232, 18)?;
        if i128::from(free(&ledger, genesis)?) + i128::from(earned(&ledger, &settled)?)
            >= 0
        {
            for session in library::keys(&ledger.settled) {
                settled
                    .insert(
                        session,
                        *library::entry(&ledger.settled, &session).at_in(3, 235, 36)?,
                    );
            }
        }
    }
    Ok(settled)
}

/// What a chain may still open: its free grant and what it earned from payers whose chains are shown.
pub fn spendable(
    context: &Context<'_>,
    ledger: &Ledger,
    sources: &[Segment],
    genesis: Hash,
) -> Result<i64, Raised> {
    library::narrow_i64(
            i128::from(free(ledger, genesis)?)
                + i128::from(earned(ledger, &shown_settled(context, sources, genesis)?)?),
        )
        .at_in(3, 242, 12)
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
                .at_in(3, 256, 50)?
                .lock_result_hash == Some(lock_result_hash),
    )
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

/// The newest head of the peer that was recorded before the epoch began; null when there is none. Later ones do not count: otherwise a
/// consumer could pick a checkpoint after it has learned the provider's nonce.
pub fn checkpoint(
    known: &Acquaintances,
    peer: PeerId,
    epoch: u64,
) -> Result<Option<Hash>, Raised> {
    if known.newest.contains_key(&peer)
        && library::entry(&known.newest, &peer).at_in(6, 56, 40)?.epoch < epoch
    {
        return Ok(Some(library::entry(&known.newest, &peer).at_in(6, 56, 85)?.head));
    }
    if known.earlier.contains_key(&peer)
        && library::entry(&known.earlier, &peer).at_in(6, 57, 41)?.epoch < epoch
    {
        return Ok(Some(library::entry(&known.earlier, &peer).at_in(6, 57, 87)?.head));
    }
    Ok(None)
}

/// Whether a consumer has tried more than one nonce on a provider within the epoch of its latest opening.
pub fn nonce_was_changed(
    known: &Acquaintances,
    provider: PeerId,
) -> Result<bool, Raised> {
    Ok(
        known.commitments.contains_key(&provider)
            && library::entry(&known.commitments, &provider).at_in(6, 63, 53)?.changed,
    )
}

/// How many witnesses an amount needs.
pub fn witnesses_for(amount: u64) -> u64 {
    if amount > LARGE_LOCK { LARGE_WITNESS_COUNT } else { WITNESS_COUNT }
}

/// Whom the witnesses can be drawn from.
pub fn candidates(known: &Acquaintances, excluded: &[PeerId]) -> Vec<PeerId> {
    library::keys(&known.met)
        .iter()
        .filter(|&&p| !library::contains(excluded, &p))
        .cloned()
        .collect::<Vec<_>>()
}

/// Those of them that the provider has met often.
pub fn high_trust(
    known: &Acquaintances,
    candidates: &[PeerId],
) -> Result<Vec<PeerId>, Raised> {
    library::filter(
        candidates,
        |&p| Ok(*library::entry(&known.met, &p).at_in(7, 44, 36)? >= HIGH_TRUST_MEETINGS),
    )
}

/// Whether a cabal of that size can be drawn at all.
pub fn drawable(
    known: &Acquaintances,
    excluded: &[PeerId],
    wanted: u64,
) -> Result<bool, Raised> {
    let candidates_2 = candidates(known, excluded);
    Ok(
        library::length(&candidates_2) >= wanted
            && library::length(&high_trust(known, &candidates_2)?)
                >= MIN_HIGH_TRUST_WITNESSES,
    )
}

/// The draw, in order: some of high trust first, the rest from everybody left, then the reserves, as far as there are any. Empty when
/// there are too few to draw from. How many reserves are drawn changes nothing for those before them.
pub fn draw(
    seed: Hash,
    known: &Acquaintances,
    excluded: &[PeerId],
    wanted: u64,
) -> Result<Vec<PeerId>, Raised> {
    if !drawable(known, excluded, wanted)? {
        return Ok(Vec::new());
    }
    let candidates_2 = candidates(known, excluded);
    let mut rng = SeededRng::new(&seed);
    let trusted = rng
        .sample(&high_trust(known, &candidates_2)?, MIN_HIGH_TRUST_WITNESSES)
        .at_in(7, 59, 15)?;
    let others = candidates_2
        .iter()
        .filter(|&&p| !library::contains(&trusted, &p))
        .cloned()
        .collect::<Vec<_>>();
    let drawn = rng
        .sample(
            &others,
            library::narrow_u64(
                    i128::from(wanted) + i128::from(PANEL_RESERVES)
                        - i128::from(library::length(&trusted)),
                )
                .at_in(7, 61, 40)?,
        )
        .at_in(7, 61, 13)?;
    Ok(library::concat(&trusted, &drawn))
}

/// Everybody who may ever serve in the cabal of an opening, in the order of the draw. The session is not in the seed: a second try within
/// the epoch draws the same ones.
pub fn panel(
    context: &Context<'_>,
    open: &Block<LockOpen>,
    nonce: &Bytes,
    provider_nonce: &Bytes,
    provider_history: &Segment,
) -> Result<Vec<PeerId>, Raised> {
    let opening = open.payload.clone();
    let seed = library::hash(
        &[
            &open.author(),
            &opening.provider,
            &epoch(open.time())?,
            nonce,
            provider_nonce,
            &opening.checkpoint,
        ],
    );
    draw(
        seed,
        &*context.view::<Acquaintances>(provider_history).at_in(7, 72, 9)?,
        &[open.author(), opening.provider],
        witnesses_for(opening.amount),
    )
}

/// The witnesses of an opening in a round of recruitment, sorted: the first of the panel. Round 0 is the cabal that is asked at once; empty
/// when the panel is too small for the round.
pub fn cabal(
    panel: &[PeerId],
    amount: u64,
    recruitment_round: u64,
) -> Result<Vec<PeerId>, Raised> {
    let size = library::add(
            i128::from(witnesses_for(amount)),
            library::mul(i128::from(RECRUITS_PER_ROUND), i128::from(recruitment_round))
                .at_in(7, 81, 36)?,
        )
        .at_in(7, 81, 12)?;
    if recruitment_round > MAX_RECRUITMENT_ROUNDS
        || size > i128::from(library::length(panel))
    {
        return Ok(Vec::new());
    }
    Ok(
        library::sort(
            &take_peer_id(
                panel,
                library::narrow_u64(
                        i128::from(library::narrow_i64(size).at_in(7, 83, 29)?),
                    )
                    .at_in(7, 83, 29)?,
            ),
        ),
    )
}

/// Whether two tickets of one provider for one consumer and epoch differ.
pub fn tickets_differ(
    before: &Option<SignedTicket>,
    now: &SignedTicket,
) -> Result<bool, Raised> {
    if before.is_none() {
        return Ok(false);
    }
    Ok(
        before.as_ref().needed().at_in(7, 89, 12)?.ticket.provider == now.ticket.provider
            && before.as_ref().needed().at_in(7, 90, 13)?.ticket.consumer
                == now.ticket.consumer
            && before.as_ref().needed().at_in(7, 91, 13)?.ticket.epoch
                == now.ticket.epoch
            && before.as_ref().needed().at_in(7, 92, 13)?.ticket.nonce
                != now.ticket.nonce,
    )
}

/// The id of a session contains its initiator, and the place on the initiator's chain where it opens.
pub fn session_id(
    consumer: PeerId,
    provider: PeerId,
    height: u64,
    nonce_commitment: Hash,
    terms_hash: Hash,
) -> Hash {
    library::hash(&[&consumer, &provider, &height, &nonce_commitment, &terms_hash])
}

/// What is wrong with terms for an opening at that instant; null when nothing is.
pub fn terms_problem(
    terms: &SessionTerms,
    amount: u64,
    opened_at: i64,
) -> Option<Refusal> {
    if terms.consumer == terms.provider || amount == 0
        || terms.provider_trust > TRUST_MAX
    {
        return Some(Refusal::BadTerms);
    }
    if terms.max_duration <= 0 || terms.max_duration > SESSION_DURATION_MAX {
        return Some(Refusal::BadTerms);
    }
    if i128::from(terms.expires_at)
        > i128::from(opened_at) + i128::from(LOCK_LIFETIME_MAX)
    {
        return Some(Refusal::BadTerms);
    }
    if i128::from(terms.expires_at)
        < i128::from(opened_at) + i128::from(LOCK_TIMEOUT)
            + i128::from(terms.max_duration) + i128::from(ATTESTATION_ALLOWANCE)
            + i128::from(SETTLEMENT_ALLOWANCE)
    {
        return Some(Refusal::ExpiresTooSoon);
    }
    None
}

/// What is wrong with the form of an opening, whoever looks at it; null when nothing is.
pub fn open_problem(
    context: &Context<'_>,
    terms: &SessionTerms,
    open: &Block<LockOpen>,
    history: &Segment,
    session_id_2: Hash,
    instant: i64,
) -> Result<Option<Refusal>, Raised> {
    let opening = open.payload.clone();
    if open.author() != terms.consumer || opening.provider != terms.provider
        || opening.terms_hash != library::hash(&[terms])
    {
        return Ok(Some(Refusal::BadOpen));
    }
    if opening.expires_at != terms.expires_at || history.author() != open.author()
        || history.head_hash() != open.hash()
    {
        return Ok(Some(Refusal::BadOpen));
    }
    if opening.session_id != session_id_2 {
        return Ok(Some(Refusal::BadOpen));
    }
    if session_id_2
        != session_id(
            open.author(),
            opening.provider,
            open.height(),
            opening.nonce_commitment,
            opening.terms_hash,
        )
    {
        return Ok(Some(Refusal::BadOpen));
    }
    if i128::from(open.time()) > i128::from(instant) + i128::from(CLOCK_TOLERANCE)
        || opening.sign_by <= instant
        || i128::from(opening.sign_by)
            > i128::from(open.time()) + i128::from(SIGN_WINDOW)
    {
        return Ok(Some(Refusal::TooLate));
    }
    let problem = terms_problem(terms, opening.amount, open.time());
    if problem.is_some() {
        return Ok(Some(problem.needed().at_in(9, 75, 36)?));
    }
    if checkpoint(
        &*context.view::<Acquaintances>(history).at_in(9, 76, 19)?,
        opening.provider,
        epoch(open.time())?,
    )? != Some(opening.checkpoint)
    {
        return Ok(Some(Refusal::UnknownCheckpoint));
    }
    Ok(None)
}

/// Why a consumer gets no credit for a well-formed opening, by its chain up to it and those of its payers; null when it does. The opening has
/// reserved its own amount and counts as unfinished, so nothing may be owed, and one more than the failed ones is in order.
pub fn credit_problem(
    context: &Context<'_>,
    open: &Block<LockOpen>,
    history: &Segment,
    sources: &[Segment],
    genesis: Hash,
) -> Result<Option<Refusal>, Raised> {
    if library::length(sources) > MAX_SOURCES {
        return Ok(Some(Refusal::TooManySources));
    }
    let ledger = context.view::<Ledger>(history).at_in(9, 85, 14)?;
    if nonce_was_changed(
        &*context.view::<Acquaintances>(history).at_in(9, 86, 26)?,
        open.payload.provider,
    )? {
        return Ok(Some(Refusal::NonceChanged));
    }
    if i128::from(
        library::get_or(
            &ledger.unfinished,
            &library::day(open.time()).at_in(9, 87, 31)?,
            0,
        ),
    ) > i128::from(MAX_FAILED_OPENS) + 1
    {
        return Ok(Some(Refusal::TooManyAbandoned));
    }
    if spendable(context, &ledger, sources, genesis)? < 0 {
        return Ok(Some(Refusal::InsufficientBalance));
    }
    Ok(None)
}

/// The provider's ticket that an offer contains.
pub fn ticket(
    offer: &WitnessSelectionCommitment,
    open: &Block<LockOpen>,
) -> Result<DrawTicket, Raised> {
    Ok(DrawTicket {
        provider: open.payload.provider,
        consumer: open.author(),
        epoch: epoch(open.time())?,
        nonce: offer.provider_nonce.clone(),
    })
}

/// What is wrong with an offer for an opening; null when nothing is.
pub fn offer_problem(
    context: &Context<'_>,
    offer: &WitnessSelectionCommitment,
    terms: &SessionTerms,
    open: &Block<LockOpen>,
) -> Result<Option<Refusal>, Raised> {
    let opening = open.payload.clone();
    if offer.open_hash != open.hash() || offer.terms_hash != opening.terms_hash {
        return Ok(Some(Refusal::BadOffer));
    }
    if offer.history.author() != opening.provider
        || offer.history.head_hash() != opening.checkpoint
    {
        return Ok(Some(Refusal::BadOffer));
    }
    if !context
        .verify_signature(
            &opening.provider,
            &ticket(offer, open)?,
            &offer.ticket_signature,
        )
    {
        return Ok(Some(Refusal::BadOffer));
    }
    if !drawable(
        &*context.view::<Acquaintances>(&offer.history).at_in(9, 109, 9)?,
        &[open.author(), opening.provider],
        witnesses_for(opening.amount),
    )? {
        return Ok(Some(Refusal::TooFewWitnesses));
    }
    if trust(
        &*context.view::<TrustInputs>(&offer.history).at_in(9, 114, 14)?,
        open.time(),
    )? != terms.provider_trust
    {
        return Ok(Some(Refusal::BadTrust));
    }
    Ok(None)
}

/// What is wrong with the form of a request to a witness; null when nothing is.
pub fn request_problem(
    context: &Context<'_>,
    request: &WitnessRequest,
    cabal: &[PeerId],
    smaller_cabal: &[PeerId],
    session_id: Hash,
    me: PeerId,
    instant: i64,
) -> Result<Option<Refusal>, Raised> {
    let problem = open_problem(
        context,
        &request.terms,
        &request.open,
        &request.consumer_history,
        session_id,
        instant,
    )?;
    if problem.is_some() {
        return Ok(Some(problem.needed().at_in(9, 128, 36)?));
    }
    if request.offer.sender() != request.terms.provider
        || request.offer.session() != session_id
    {
        return Ok(Some(Refusal::BadOffer));
    }
    let offered = offer_problem(
        context,
        &request.offer.payload,
        &request.terms,
        &request.open,
    )?;
    if offered.is_some() {
        return Ok(Some(offered.needed().at_in(9, 131, 36)?));
    }
    if library::hash(&[&request.nonce]) != request.open.payload.nonce_commitment {
        return Ok(Some(Refusal::BadReveal));
    }
    if !library::contains(cabal, &me) {
        return Ok(Some(Refusal::NotDrawn));
    }
    if request.recruitment_round > 0
        && !split_proven(&request.existing_votes, smaller_cabal, &request.open)?
    {
        return Ok(Some(Refusal::NotSplit));
    }
    Ok(None)
}

/// What the witnesses of an opening sign.
pub fn body(open: &Block<LockOpen>, cabal: &[PeerId]) -> LockBody {
    let opening = open.payload.clone();
    LockBody {
        session_id: opening.session_id,
        open_hash: open.hash(),
        terms_hash: opening.terms_hash,
        amount: opening.amount,
        cabal: cabal.to_vec(),
        expires_at: opening.expires_at,
    }
}

/// Whether so many of the cabal have refused that no quorum is left.
pub fn hopeless(refusals: u64, cabal_size: u64) -> Result<bool, Raised> {
    Ok(i128::from(refusals) > i128::from(cabal_size) - i128::from(quorum(cabal_size)?))
}

/// Those of the cabal who have given that verdict. Whoever is on the panel may have spoken already; only members count.
pub fn with_verdict(
    preliminaries: &Map<PeerId, Signed<WitnessPreliminary>>,
    cabal: &[PeerId],
    verdict: WitnessVerdict,
) -> Result<u64, Raised> {
    library::count(
        cabal,
        |&w| Ok(
            preliminaries.contains_key(&w)
                && library::entry(preliminaries, &w).at_in(9, 163, 60)?.payload.verdict
                    == verdict,
        ),
    )
}

/// Whether neither side of a cabal can have a quorum any more.
pub fn split(accepts: u64, rejects: u64, cabal_size: u64) -> Result<bool, Raised> {
    Ok(hopeless(accepts, cabal_size)? && hopeless(rejects, cabal_size)?)
}

/// Whether these statements show that a cabal is split about an opening: one a member, each signed by it and in this session.
pub fn split_proven(
    votes: &[Signed<WitnessPreliminary>],
    cabal: &[PeerId],
    open: &Block<LockOpen>,
) -> Result<bool, Raised> {
    if library::length(votes) > library::length(cabal)
        || library::length(
            &library::unique(&votes.iter().map(|v| v.sender()).collect::<Vec<_>>()),
        ) != library::length(votes)
    {
        return Ok(false);
    }
    if !votes
        .iter()
        .all(|v| {
            library::contains(cabal, &v.sender())
                && v.session() == open.payload.session_id
                && v.payload.open.hash() == open.hash()
        })
    {
        return Ok(false);
    }
    split(
        library::number(
            votes.iter().filter(|&v| v.payload.verdict == WitnessVerdict::Accept).count(),
        ),
        library::number(
            votes.iter().filter(|&v| v.payload.verdict == WitnessVerdict::Reject).count(),
        ),
        library::length(cabal),
    )
}

/// The body over which a cabal of the draw, in whichever round, can sign for an opening; null when that is no cabal of this draw.
pub fn body_of(
    open: &Block<LockOpen>,
    panel: &[PeerId],
    cabal_2: &[PeerId],
) -> Result<Option<LockBody>, Raised> {
    if library::length(cabal_2) == 0 {
        return Ok(None);
    }
    let rounds: Vec<u64> = vec![0, 1, 2, 3];
    for &recruitment_round in &rounds {
        if cabal(panel, open.payload.amount, recruitment_round)? == *cabal_2 {
            return Ok(Some(body(open, cabal_2)));
        }
    }
    Ok(None)
}

/// A witness accepts only what a quorum sees as it does itself.
pub fn vote(mine: WitnessVerdict, accepts: u64, quorum: u64) -> WitnessVerdict {
    if mine == WitnessVerdict::Accept && accepts >= quorum {
        WitnessVerdict::Accept
    } else {
        WitnessVerdict::Reject
    }
}

/// The signatures that the votes brought, by signer.
pub fn signatures(
    votes: &Map<PeerId, WitnessFinalVote>,
) -> Result<Map<PeerId, Signature>, Raised> {
    let mut collected: Map<PeerId, Signature> = Map::new();
    for w in library::keys(votes) {
        let given = library::entry(votes, &w).at_in(9, 205, 17)?.body_signature;
        if given.is_some() {
            collected.insert(w, given.needed().at_in(9, 206, 46)?);
        }
    }
    Ok(collected)
}

/// The body of a cabal of this draw, a quorum of it, and the payer's block, on a history in which the opening stands and the lock is in force.
pub fn lock_proven(
    context: &Context<'_>,
    certificate: &LockCertificate,
    lock: &Block<BalanceLock>,
    history: &Segment,
    open: &Block<LockOpen>,
    panel: &[PeerId],
) -> Result<bool, Raised> {
    let payer = open.author();
    let expected = body_of(open, panel, &certificate.body.cabal)?;
    if expected.is_none() {
        return Ok(false);
    }
    if certificate.body != *expected.as_ref().needed().at_in(9, 222, 28)?
        || lock.author() != payer || history.author() != payer
        || history.head_hash() != lock.hash()
    {
        return Ok(false);
    }
    if lock.payload.session_id
        != expected.as_ref().needed().at_in(9, 224, 35)?.session_id
        || lock.payload.lock_result_hash
            != library::hash(&[expected.as_ref().needed().at_in(9, 224, 96)?])
    {
        return Ok(false);
    }
    if !history.contains(&expected.as_ref().needed().at_in(9, 226, 41)?.open_hash) {
        return Ok(false);
    }
    if !in_force(
        &*context.view::<Ledger>(history).at_in(9, 227, 21)?,
        expected.as_ref().needed().at_in(9, 227, 44)?.session_id,
        library::hash(&[expected.as_ref().needed().at_in(9, 227, 70)?]),
    )? {
        return Ok(false);
    }
    certificate_valid(context, certificate)
}

/// Whether a settlement is of this lock and all its known top-ups, and valid. Whoever has missed a top-up accepts one that brings more.
pub fn settles(
    context: &Context<'_>,
    settlement: &SettlementCertificate,
    body: &LockBody,
    topups: &[TopupCertificate],
) -> Result<bool, Raised> {
    Ok(
        settlement.lock.body == *body
            && library::length(&settlement.topups) >= library::length(topups)
            && settlement_valid(context, settlement)?,
    )
}

/// What the witnesses of a top-up sign. Everything in it follows from its opening.
pub fn topup_body(
    open: &Block<TopupOpen>,
    body: &LockBody,
) -> Result<TopupBody, Raised> {
    let opening = open.payload.clone();
    Ok(TopupBody {
        session_id: body.session_id,
        lock_result_hash: library::hash(&[body]),
        open_hash: open.hash(),
        previous_total: opening.previous_total,
        additional_amount: opening.additional_amount,
        new_total: library::narrow_u64(
                i128::from(opening.previous_total)
                    + i128::from(opening.additional_amount),
            )
            .at_in(9, 247, 19)?,
    })
}

/// Why a consumer cannot begin a top-up now; null when it can.
#[allow(clippy::too_many_arguments)]
pub fn topup_start_problem(
    context: &Context<'_>,
    ledger: &Ledger,
    sources: &[Segment],
    genesis: Hash,
    body: &LockBody,
    topups: &[TopupCertificate],
    additional_amount: u64,
    sign_by: i64,
) -> Result<Option<Refusal>, Raised> {
    if additional_amount == 0 {
        return Ok(Some(Refusal::BadTerms));
    }
    if !escrow_is(ledger, body, topups)? {
        return Ok(Some(Refusal::NoLock));
    }
    if library::length(topups) >= MAX_TOPUPS {
        return Ok(Some(Refusal::TooManyTopups));
    }
    if library::entry(&ledger.locks, &body.session_id)
        .at_in(9, 264, 8)?
        .unfinished_topups >= MAX_FAILED_TOPUPS
    {
        return Ok(Some(Refusal::TooManyAbandoned));
    }
    if sign_by > body.expires_at {
        return Ok(Some(Refusal::ExpiresTooSoon));
    }
    if i128::from(spendable(context, ledger, sources, genesis)?)
        < i128::from(additional_amount)
    {
        return Ok(Some(Refusal::InsufficientBalance));
    }
    Ok(None)
}

/// Whether this is an opening of a top-up of that lock, on the chain that goes on from it, and reserves what it says; not after too many that
/// came to nothing, for each of them costs the members a round of votes and the consumer next to nothing.
pub fn topup_opened(
    context: &Context<'_>,
    open: &Block<TopupOpen>,
    history: &Segment,
    lock: &Block<BalanceLock>,
    body: &LockBody,
) -> Result<bool, Raised> {
    let opening = open.payload.clone();
    if open.author() != lock.author() || history.author() != lock.author()
        || history.head_hash() != open.hash()
    {
        return Ok(false);
    }
    if opening.session_id != body.session_id || !history.contains(&lock.hash()) {
        return Ok(false);
    }
    let ledger = context.view::<Ledger>(history).at_in(9, 276, 14)?;
    if !topup_pending(
        &ledger,
        body,
        opening.previous_total,
        opening.additional_amount,
    )? {
        return Ok(false);
    }
    Ok(
        library::entry(&ledger.locks, &body.session_id)
            .at_in(9, 278, 12)?
            .unfinished_topups <= MAX_FAILED_TOPUPS,
    )
}

/// Why a witness does not sign for a well-formed opening of a top-up; null when it does. The opening has reserved its own amount, so
/// nothing may be owed.
#[allow(clippy::too_many_arguments)]
pub fn topup_problem(
    context: &Context<'_>,
    open: &Block<TopupOpen>,
    history: &Segment,
    sources: &[Segment],
    body: &LockBody,
    topups: &[TopupCertificate],
    genesis: Hash,
    instant: i64,
) -> Result<Option<Refusal>, Raised> {
    let opening = open.payload.clone();
    if i128::from(open.time()) > i128::from(instant) + i128::from(CLOCK_TOLERANCE)
        || opening.sign_by <= instant
        || i128::from(opening.sign_by)
            > i128::from(open.time()) + i128::from(TOPUP_TIMEOUT)
        || opening.sign_by > body.expires_at
    {
        return Ok(Some(Refusal::TooLate));
    }
    if library::length(topups) >= MAX_TOPUPS {
        return Ok(Some(Refusal::TooManyTopups));
    }
    if opening.additional_amount == 0 {
        return Ok(Some(Refusal::BadTerms));
    }
    if library::length(sources) > MAX_SOURCES {
        return Ok(Some(Refusal::TooManySources));
    }
    if spendable(
        context,
        &*context.view::<Ledger>(history).at_in(9, 301, 18)?,
        sources,
        genesis,
    )? < 0
    {
        return Ok(Some(Refusal::InsufficientBalance));
    }
    if opening.previous_total != escrowed(body, topups)? {
        return Ok(Some(Refusal::NoChainKnowledge));
    }
    Ok(None)
}

/// The signatures that the votes brought, by signer.
pub fn topup_signatures(
    votes: &Map<PeerId, TopupVote>,
) -> Result<Map<PeerId, Signature>, Raised> {
    let mut collected: Map<PeerId, Signature> = Map::new();
    for w in library::keys(votes) {
        let given = library::entry(votes, &w).at_in(9, 310, 17)?.body_signature;
        if given.is_some() {
            collected.insert(w, given.needed().at_in(9, 311, 46)?);
        }
    }
    Ok(collected)
}

/// Whether a quorum of the lock's members, and nobody else, has signed exactly this top-up.
pub fn topup_certified(
    context: &Context<'_>,
    certificate: &TopupCertificate,
    expected: &TopupBody,
    lock: &LockBody,
) -> Result<bool, Raised> {
    Ok(
        certificate.body == *expected
            && context
                .verify_multi(
                    expected,
                    &certificate.signatures,
                    &members(context, lock, &certificate.replacements)?,
                    quorum(library::length(&lock.cabal))?,
                ),
    )
}

/// Certificates of every top-up of the lock, and the payer's block for the last, on a history that goes on from the lock and in which exactly
/// that total is in force.
pub fn topups_proven(
    context: &Context<'_>,
    topups: &[TopupCertificate],
    topup: &Block<BalanceTopup>,
    history: &Segment,
    lock: &Block<BalanceLock>,
    body: &LockBody,
) -> Result<bool, Raised> {
    if topup.author() != lock.author() || history.author() != lock.author()
        || history.head_hash() != topup.hash()
    {
        return Ok(false);
    }
    if topup.payload.session_id != body.session_id || !history.contains(&lock.hash()) {
        return Ok(false);
    }
    if library::length(topups) == 0 || library::length(topups) > MAX_TOPUPS {
        return Ok(false);
    }
    if topup.payload.topup_result_hash
        != library::hash(
            &[
                &library::index(
                        topups,
                        i128::from(
                            library::narrow_i64(i128::from(library::length(topups)) - 1)
                                .at_in(9, 339, 55)?,
                        ),
                    )
                    .at_in(9, 339, 48)?
                    .body,
            ],
        )
    {
        return Ok(false);
    }
    Ok(
        topups_valid(context, topups, body)?
            && escrow_is(
                &*context.view::<Ledger>(history).at_in(9, 340, 53)?,
                body,
                topups,
            )?,
    )
}

/// Whether a chain holds exactly this lock with these top-ups.
pub fn escrow_is(
    ledger: &Ledger,
    body: &LockBody,
    topups: &[TopupCertificate],
) -> Result<bool, Raised> {
    Ok(
        in_force(ledger, body.session_id, library::hash(&[body]))?
            && library::entry(&ledger.locks, &body.session_id).at_in(9, 346, 13)?.amount
                == escrowed(body, topups)?,
    )
}

/// Whether a chain reserves that much for a top-up of this lock, on top of that total.
pub fn topup_pending(
    ledger: &Ledger,
    body: &LockBody,
    total: u64,
    additional: u64,
) -> Result<bool, Raised> {
    if !in_force(ledger, body.session_id, library::hash(&[body]))? {
        return Ok(false);
    }
    let held = library::entry(&ledger.locks, &body.session_id)
        .at_in(9, 352, 12)?
        .clone();
    Ok(held.amount == total && held.pending == additional)
}

/// Who did not answer, in the order of the cabal.
pub fn silent(
    witnesses: &[PeerId],
    pongs: &Map<PeerId, LivenessPong>,
    me: PeerId,
) -> Vec<PeerId> {
    witnesses
        .iter()
        .filter(|&&w| w != me && !pongs.contains_key(&w))
        .cloned()
        .collect::<Vec<_>>()
}

/// The first of the panel that never was a member; null when there is none, or when as many were replaced as may be.
pub fn next_drawn(
    context: &Context<'_>,
    panel: &[PeerId],
    lock: &LockBody,
    replacements: &[ReplacementCertificate],
) -> Result<Option<PeerId>, Raised> {
    if library::length(replacements) >= replacements_max(library::length(&lock.cabal))? {
        return Ok(None);
    }
    let members_2 = members(context, lock, replacements)?;
    Ok(panel.iter().find(|&&p| !library::contains(&members_2, &p)).cloned())
}

/// What members sign when they would have another one for the silent one.
pub fn replacement(
    lock: &LockBody,
    old_witness: PeerId,
    new_witness: PeerId,
) -> ReplacementBody {
    ReplacementBody {
        session_id: lock.session_id,
        lock_result_hash: library::hash(&[lock]),
        old_witness,
        new_witness,
    }
}

/// Whether a vote is a member's signature about this lock.
pub fn replacement_vote_valid(
    context: &Context<'_>,
    vote: &WitnessReplacementVote,
    voter: PeerId,
    lock: &LockBody,
    witnesses: &[PeerId],
) -> bool {
    if vote.body.session_id != lock.session_id
        || vote.body.lock_result_hash != library::hash(&[lock])
    {
        return false;
    }
    library::contains(witnesses, &voter) && voter != vote.body.old_witness
        && context.verify_signature(&voter, &vote.body, &vote.body_signature)
}

/// The signatures of those who voted for exactly this body.
pub fn replacement_signatures(
    votes: &Map<PeerId, WitnessReplacementVote>,
    body: &ReplacementBody,
) -> Result<Map<PeerId, Signature>, Raised> {
    let mut collected: Map<PeerId, Signature> = Map::new();
    for w in library::keys(votes) {
        if library::entry(votes, &w).at_in(9, 398, 12)?.body == *body {
            collected
                .insert(w, library::entry(votes, &w).at_in(9, 398, 54)?.body_signature);
        }
    }
    Ok(collected)
}

/// Who serves: the lock's cabal with its substitutes in the place of those whom they replaced, sorted.
pub fn serving(
    context: &Context<'_>,
    lock: &LockBody,
    replacements: &[ReplacementCertificate],
) -> Result<Vec<PeerId>, Raised> {
    let replaced = replacements.iter().map(|r| r.body.old_witness).collect::<Vec<_>>();
    Ok(
        library::sort(
            &members(context, lock, replacements)?
                .iter()
                .filter(|&&w| !library::contains(&replaced, &w))
                .cloned()
                .collect::<Vec<_>>(),
        ),
    )
}

/// Whether these replacements go on from those that are known, and each is valid and takes somebody from the panel.
pub fn replacements_proven(
    context: &Context<'_>,
    shown: &[ReplacementCertificate],
    known: &[ReplacementCertificate],
    lock: &LockBody,
    panel: &[PeerId],
) -> Result<bool, Raised> {
    if library::length(shown) <= library::length(known)
        || library::length(shown) > replacements_max(library::length(&lock.cabal))?
    {
        return Ok(false);
    }
    if !known.iter().all(|k| shown.iter().any(|s| s.body == k.body)) {
        return Ok(false);
    }
    if !shown.iter().all(|s| library::contains(panel, &s.body.new_witness)) {
        return Ok(false);
    }
    Ok(
        i128::from(library::length(&members(context, lock, shown)?))
            == i128::from(library::length(&lock.cabal))
                + i128::from(library::length(shown)),
    )
}

/// What is wrong with an appointment; null when nothing is.
pub fn appointment_problem(
    context: &Context<'_>,
    call: &WitnessAppointment,
    session_id: Hash,
    panel: &[PeerId],
    me: PeerId,
    instant: i64,
) -> Result<Option<Refusal>, Raised> {
    let opening = call.open.payload.clone();
    let body = call.certificate.body.clone();
    let ticket = DrawTicket {
        provider: call.terms.provider,
        consumer: call.open.author(),
        epoch: epoch(call.open.time())?,
        nonce: call.provider_nonce.clone(),
    };
    if call.open.author() != call.terms.consumer
        || opening.provider != call.terms.provider
        || opening.terms_hash != library::hash(&[&call.terms])
        || opening.session_id != session_id
    {
        return Ok(Some(Refusal::BadOpen));
    }
    if instant >= opening.expires_at {
        return Ok(Some(Refusal::TooLate));
    }
    if library::hash(&[&call.nonce]) != opening.nonce_commitment {
        return Ok(Some(Refusal::BadReveal));
    }
    if call.provider_history.author() != opening.provider
        || call.provider_history.head_hash() != opening.checkpoint
        || !context.verify_signature(&opening.provider, &ticket, &call.ticket_signature)
    {
        return Ok(Some(Refusal::BadOffer));
    }
    if body_of(&call.open, panel, &body.cabal)?.as_ref() != Some(&body)
        || !certificate_valid(context, &call.certificate)?
    {
        return Ok(Some(Refusal::NoQuorum));
    }
    if call.lock.author() != call.open.author()
        || call.history.author() != call.open.author()
        || !call.history.contains(&call.open.hash())
        || !call.history.contains(&call.lock.hash())
        || !topups_valid(context, &call.topups, &body)?
        || !escrow_is(
            &*context.view::<Ledger>(&call.history).at_in(9, 455, 26)?,
            &body,
            &call.topups,
        )?
    {
        return Ok(Some(Refusal::NoLock));
    }
    if !replacements_proven(context, &call.replacements, &Vec::new(), &body, panel)?
        || !call.replacements.iter().any(|r| r.body.new_witness == me)
    {
        return Ok(Some(Refusal::NotReplaced));
    }
    Ok(None)
}

/// Whether a reason speaks against the provider's reliability.
pub fn counts_against(reason: TerminationReason) -> bool {
    reason == TerminationReason::ProviderVoluntary || reason == TerminationReason::VmDied
}

/// Credit: hours by cores, weighted by how unanimous the cabal was: those who signed less those who did not, out of all.
pub fn service(
    settlement: &SettlementCertificate,
    received: Hash,
) -> Result<Service, Raised> {
    let attested = settlement.attestation.clone();
    let members = library::length(&settlement.lock.body.cabal);
    let margin = 2 * i128::from(library::length_map(&attested.signatures))
        - i128::from(members);
    let work = library::mul(
            i128::from(paid_seconds(&attested.body, &settlement.terms)?),
            i128::from(settlement.terms.cores).min(i128::from(RESOURCE_WEIGHT_MAX)),
        )
        .at_in(10, 73, 12)?;
    let failed = counts_against(attested.body.termination_reason);
    let rate = if failed { FAILURE_PENALTY } else { BASE_CREDIT };
    Ok(Service {
        received,
        lock: settlement.lock.body.clone(),
        weight: library::narrow_u64(
                library::div_floor(
                        library::mul(
                                library::mul(i128::from(rate), work).at_in(10, 79, 16)?,
                                margin,
                            )
                            .at_in(10, 79, 16)?,
                        3600 * i128::from(members),
                    )
                    .at_in(10, 79, 16)?,
            )
            .at_in(10, 79, 16)?,
        failed,
    })
}

/// Billionths that are left of a credit after so many days: e to the power of -days/365, multiplied from powers of two, rounded down at each
/// step. Nothing is left after 4,095 days.
pub fn recency(days: i64) -> Result<u64, Raised> {
    let mut left: i128 = 1_000_000_000;
    let mut rest = i128::from(days).max(0);
    for step_2 in vec![
        Decay { days : 2048, left : 3_657_560 }, Decay { days : 1024, left : 60_477_768
        }, Decay { days : 512, left : 245_922_280 }, Decay { days : 256, left :
        495_905_516 }, Decay { days : 128, left : 704_205_592 }, Decay { days : 64, left
        : 839_169_585 }, Decay { days : 32, left : 916_061_998 }, Decay { days : 16, left
        : 957_111_278 }, Decay { days : 8, left : 978_320_642 }, Decay { days : 4, left :
        989_100_926 }, Decay { days : 2, left : 994_535_533 }, Decay { days : 1, left :
        997_264_024 }
    ] {
        if rest >= i128::from(step_2.days) {
            left = library::div_floor(
                    library::mul(left, i128::from(step_2.left)).at_in(10, 104, 20)?,
                    1_000_000_000,
                )
                .at_in(10, 104, 20)?;
            rest = library::sub(rest, i128::from(step_2.days)).at_in(10, 105, 20)?;
        }
    }
    Ok(if rest > 0 { 0 } else { library::narrow_u64(left).at_in(10, 108, 36)? })
}

/// Trust at an instant: credits less penalties, each by its recency, derated while the chain is young. There are no blocks for assertions
/// yet, so that part is nothing.
pub fn trust(inputs: &TrustInputs, instant: i64) -> Result<u64, Raised> {
    if inputs.since.is_none() {
        return Ok(0);
    }
    let today = library::day(instant).at_in(10, 115, 13)?;
    let mut micro: i128 = 0;
    for day in library::keys(&inputs.credits) {
        micro = library::add(
                micro,
                library::div_floor(
                        library::mul(
                                i128::from(
                                    *library::entry(&inputs.credits, &day).at_in(10, 118, 25)?,
                                ),
                                i128::from(
                                    recency(
                                        library::narrow_i64(i128::from(today) - i128::from(day))
                                            .at_in(10, 118, 55)?,
                                    )?,
                                ),
                            )
                            .at_in(10, 118, 25)?,
                        1_000_000_000,
                    )
                    .at_in(10, 118, 25)?,
            )
            .at_in(10, 118, 17)?;
    }
    for day in library::keys(&inputs.penalties) {
        micro = library::sub(
                micro,
                library::div_floor(
                        library::mul(
                                i128::from(
                                    *library::entry(&inputs.penalties, &day).at_in(10, 120, 25)?,
                                ),
                                i128::from(
                                    recency(
                                        library::narrow_i64(i128::from(today) - i128::from(day))
                                            .at_in(10, 120, 57)?,
                                    )?,
                                ),
                            )
                            .at_in(10, 120, 25)?,
                        1_000_000_000,
                    )
                    .at_in(10, 120, 25)?,
            )
            .at_in(10, 120, 17)?;
    }
    let lived = i128::from(instant)
        - i128::from(inputs.since.needed().at_in(10, 121, 23)?);
    let age = library::clamp(lived, 0, i128::from(AGE_MATURITY));
    library::narrow_u64(
            library::clamp(
                library::div_floor(
                        library::mul(
                                library::div_floor(micro, 1000).at_in(10, 123, 19)?,
                                library::div_floor(age, 1_000_000).at_in(10, 123, 37)?,
                            )
                            .at_in(10, 123, 18)?,
                        library::div_floor(i128::from(AGE_MATURITY), 1_000_000)
                            .at_in(10, 123, 59)?,
                    )
                    .at_in(10, 123, 18)?,
                0,
                i128::from(MILLI_TRUST_MAX),
            ),
        )
        .at_in(10, 123, 12)
}

/// The root of the genesis file of the network that this node belongs to.
///
/// Native: the host answers from `omerta.network.genesis`.
pub fn network_genesis(context: &Context<'_>) -> Result<Hash, FaultKind> {
    context.native("NETWORK_GENESIS", &[])
}

/// This node's nonce for a partner and an epoch: always the same one, derived from a secret of the node, so that neither a second session nor
/// a restart can make it differ.
///
/// Native: the host answers from `omerta.draw.nonce`.
pub fn draw_nonce(
    context: &Context<'_>,
    partner: PeerId,
    epoch: u64,
) -> Result<Secret<Bytes>, FaultKind> {
    context.native("DRAW_NONCE", &[&partner, &epoch])
}
