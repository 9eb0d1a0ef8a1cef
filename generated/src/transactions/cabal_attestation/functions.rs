// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Cabal Attestation.

use super::messages::{AbortVote, CancelRequest, VmConnectivityVote};
use super::parameters::{DURATION_TOLERANCE, QUORUM_MIN};
use super::types::{AttestationBody, AttestationCertificate, LockBody, TerminationReason};
use omt_runtime::typed::prelude::*;

/// Signatures that make a certificate of n witnesses: more than two thirds, so that two quorums share an honest member.
pub fn quorum(n: u64) -> Result<u64, Raised> {
    library::narrow_u64(
            i128::from(QUORUM_MIN)
                .max(
                    library::add(
                            library::div_floor(2 * i128::from(n), 3).at_in(1, 159, 28)?,
                            1,
                        )
                        .at_in(1, 159, 28)?,
                ),
        )
        .at_in(1, 159, 12)
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

/// Votes of witnesses that reach the machine.
pub fn positive(votes: &Map<PeerId, VmConnectivityVote>) -> u64 {
    library::number(library::values(votes).iter().filter(|&v| v.can_reach_vm).count())
}

/// Whether so many of the cabal do not reach the machine that no quorum is left.
pub fn unreachable(
    votes: &Map<PeerId, VmConnectivityVote>,
    cabal_size: u64,
) -> Result<bool, Raised> {
    Ok(
        i128::from(library::length_map(votes)) - i128::from(positive(votes))
            > i128::from(cabal_size) - i128::from(quorum(cabal_size)?),
    )
}

/// A member's rank as the author of an abort: its place in the sorted cabal, from 1. The provider's claim has rank 0.
pub fn rank(cabal: &[PeerId], member: PeerId) -> Result<u64, Raised> {
    let mut place: i128 = 0;
    let mut rank: i128 = 0;
    for &w in cabal {
        place = library::add(place, 1).at_in(4, 26, 17)?;
        if w == member {
            rank = place;
        }
    }
    library::narrow_u64(rank).at_in(4, 29, 12)
}

/// Until when a witness has seen the machine: up to now, unless the last probe failed, or the session ended before.
pub fn seen_until(
    last_seen: i64,
    failures: u64,
    ended_at: Option<i64>,
    instant: i64,
) -> Result<i64, Raised> {
    if ended_at.is_some() {
        return ended_at.needed().at_in(4, 34, 37);
    }
    Ok(if failures == 0 { instant } else { last_seen })
}

/// What a witness measured: nothing before a quorum had reached the machine, and never more than was rented.
pub fn seen_seconds(
    since: Option<i64>,
    until: i64,
    max_duration: i64,
) -> Result<u64, Raised> {
    if since.is_none() {
        return Ok(0);
    }
    library::narrow_u64(
            library::clamp(
                i128::from(
                    library::seconds(
                        library::narrow_i64(
                                i128::from(until)
                                    - i128::from(since.needed().at_in(4, 41, 34)?),
                            )
                            .at_in(4, 41, 26)?,
                    ),
                ),
                0,
                i128::from(library::seconds(max_duration)),
            ),
        )
        .at_in(4, 41, 12)
}

/// Whether this is the consumer's request to end this session, whoever shows it.
pub fn request_fits(
    request: &Option<Signed<CancelRequest>>,
    consumer: PeerId,
    session_id: Hash,
) -> Result<bool, Raised> {
    Ok(
        request.is_some()
            && request.as_ref().needed().at_in(4, 46, 32)?.sender() == consumer
            && request.as_ref().needed().at_in(4, 46, 63)?.session() == session_id,
    )
}

/// Whether a body is of this lock and hangs together.
pub fn is_of_lock(record: &AttestationBody, lock: &LockBody) -> bool {
    record.session_id == lock.session_id && record.terms_hash == lock.terms_hash
        && record.lock_result_hash == library::hash(&[lock])
        && attestation_coherent(record)
}

/// Whether a claim says no more than a witness saw. Time is claimed for a machine that a quorum reached, and no more of it than was measured
/// and rented; who was connected was not "never served".
pub fn time_fits(
    claim: &AttestationBody,
    connected: bool,
    seen_seconds: u64,
    max_duration: i64,
) -> bool {
    claim.rank == 0 && claim.connectivity_verified == connected
        && i128::from(claim.actual_duration_seconds)
            <= i128::from(seen_seconds)
                + i128::from(library::seconds(DURATION_TOLERANCE))
        && i128::from(claim.actual_duration_seconds)
            <= i128::from(library::seconds(max_duration))
}

/// Whether the reason of a claim fits: what speaks for the provider needs evidence, what speaks against it does not.
pub fn reason_fits(
    claim: &AttestationBody,
    request_shown: bool,
    max_duration: i64,
) -> bool {
    let reason = claim.termination_reason;
    if reason == TerminationReason::ConsumerRequest {
        return request_shown;
    }
    if reason == TerminationReason::CompletedNormal {
        return claim.connectivity_verified
            && i128::from(claim.actual_duration_seconds)
                + i128::from(library::seconds(DURATION_TOLERANCE))
                >= i128::from(library::seconds(max_duration));
    }
    reason == TerminationReason::ProviderVoluntary || reason == TerminationReason::VmDied
        || never_served(reason)
}

/// The provider's claim for this lock.
pub fn claim(
    lock: &LockBody,
    connected_at: Option<i64>,
    ended_at: i64,
    reason: TerminationReason,
    max_duration: i64,
) -> Result<AttestationBody, Raised> {
    Ok(AttestationBody {
        session_id: lock.session_id,
        lock_result_hash: library::hash(&[lock]),
        terms_hash: lock.terms_hash,
        rank: 0,
        connectivity_verified: connected_at.is_some(),
        actual_duration_seconds: seen_seconds(connected_at, ended_at, max_duration)?,
        termination_reason: reason,
    })
}

/// Whether a vote to abort brings what it needs.
pub fn vote_fits(
    vote: &AbortVote,
    consumer: PeerId,
    session_id: Hash,
) -> Result<bool, Raised> {
    Ok(
        vote.reason != Some(TerminationReason::ConsumerRequest)
            || request_fits(&vote.request, consumer, session_id)?,
    )
}

/// Whether a vote is later than what is known of its sender.
pub fn is_newer(
    vote: &AbortVote,
    before: &Option<Signed<AbortVote>>,
) -> Result<bool, Raised> {
    Ok(
        before.is_none()
            || vote.round > before.as_ref().needed().at_in(4, 102, 43)?.payload.round,
    )
}

/// The votes that are not withdrawn.
pub fn standing(votes: &Map<PeerId, Signed<AbortVote>>) -> Vec<Signed<AbortVote>> {
    library::values(votes)
        .iter()
        .filter(|&v| v.payload.reason.is_some())
        .cloned()
        .collect::<Vec<_>>()
}

/// What most votes say; of equally many the reason that comes first here, so that everybody finds the same.
pub fn common_reason(votes: &[Signed<AbortVote>]) -> TerminationReason {
    let mut common = TerminationReason::Timeout;
    let mut most: i128 = 0;
    for reason in vec![
        TerminationReason::ConsumerRequest, TerminationReason::CompletedNormal,
        TerminationReason::Timeout, TerminationReason::ProviderVoluntary,
        TerminationReason::VmDied, TerminationReason::ConnectivityFailed,
        TerminationReason::AllocationFailed, TerminationReason::ConsumerMisuse
    ] {
        let count = library::number(
            votes.iter().filter(|&v| v.payload.reason == Some(reason)).count(),
        );
        if i128::from(count) > most {
            most = i128::from(count);
            common = reason;
        }
    }
    common
}

/// The smallest duration in the votes; 0 if somebody never saw the machine.
pub fn common_seconds(votes: &[Signed<AbortVote>]) -> Result<u64, Raised> {
    let smallest = library::reduce(
        &votes.iter().map(|v| v.payload.seen_seconds).collect::<Vec<_>>(),
        None,
        |a, &x| Ok(
            if a.is_none() {
                Some(x)
            } else {
                Some(
                    library::narrow_u64(
                            i128::from(a.needed().at_in(4, 135, 16)?).min(i128::from(x)),
                        )
                        .at_in(4, 135, 16)?,
                )
            },
        ),
    )?;
    Ok(if smallest.is_none() { 0 } else { smallest.needed().at_in(4, 136, 44)? })
}

/// The one body that follows from votes to abort.
pub fn abort_body(
    lock: &LockBody,
    rank: u64,
    votes: &[Signed<AbortVote>],
) -> Result<AttestationBody, Raised> {
    let reason = common_reason(votes);
    let connected = !never_served(reason) && votes.iter().all(|v| v.payload.connected);
    Ok(AttestationBody {
        session_id: lock.session_id,
        lock_result_hash: library::hash(&[lock]),
        terms_hash: lock.terms_hash,
        rank,
        connectivity_verified: connected,
        actual_duration_seconds: if connected { common_seconds(votes)? } else { 0 },
        termination_reason: reason,
    })
}

/// Whether these are standing votes of a quorum of the cabal about this session, one each.
pub fn evidence_fits(
    evidence: &[Signed<AbortVote>],
    lock: &LockBody,
    consumer: PeerId,
) -> Result<bool, Raised> {
    let voters = library::unique(
        &evidence.iter().map(|v| v.sender()).collect::<Vec<_>>(),
    );
    if library::length(&voters) != library::length(evidence)
        || library::length(&voters) < quorum(library::length(&lock.cabal))?
    {
        return Ok(false);
    }
    library::all(
        evidence,
        |v| Ok(
            library::contains(&lock.cabal, &v.sender()) && v.session() == lock.session_id
                && v.payload.reason.is_some()
                && vote_fits(&v.payload, consumer, lock.session_id)?,
        ),
    )
}

/// Whether a proposal comes from the author of its rank and says what its evidence says.
pub fn proposal_fits(
    record: &AttestationBody,
    evidence: &[Signed<AbortVote>],
    author: PeerId,
    lock: &LockBody,
    consumer: PeerId,
) -> Result<bool, Raised> {
    Ok(
        record.rank > 0 && record.rank == rank(&lock.cabal, author)?
            && evidence_fits(evidence, lock, consumer)?
            && *record == abort_body(lock, record.rank, evidence)?,
    )
}
