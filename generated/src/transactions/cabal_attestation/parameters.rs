// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Cabal Attestation.

/// The provider has this long to start a machine.
///
/// As written: 300 seconds, in microseconds.
pub const VM_ALLOCATION_TIMEOUT: i64 = 300_000_000;

/// Witnesses wait longer than the provider, or its own refusal would come too late.
///
/// As written: 360 seconds, in microseconds.
pub const ALLOCATION_NOTICE_TIMEOUT: i64 = 360_000_000;

/// One probe, and the consumer's first connection.
///
/// As written: 60 seconds, in microseconds.
pub const CONNECTIVITY_CHECK_TIMEOUT: i64 = 60_000_000;

/// Longer than the check: a vote can only come after it.
///
/// As written: 90 seconds, in microseconds.
pub const CONNECTIVITY_VOTE_TIMEOUT: i64 = 90_000_000;

/// The consumer waits for allocation and votes, and some more.
///
/// As written: 480 seconds, in microseconds.
pub const VM_READY_TIMEOUT: i64 = 480_000_000;

/// From probe to probe.
///
/// As written: 60 seconds, in microseconds.
pub const MONITORING_CHECK_INTERVAL: i64 = 60_000_000;

/// Failed probes in a row, before a witness takes the machine for dead.
///
/// As written: 3 count.
pub const MONITORING_FAILURES_MAX: u64 = 3;

/// A connected consumer says that it is there.
///
/// As written: 5 minutes, in microseconds.
pub const CONSUMER_HEARTBEAT_INTERVAL: i64 = 300_000_000;

/// Longest silence of a consumer; then its session is not paid for any longer.
///
/// As written: 30 minutes, in microseconds.
pub const CONSUMER_SILENCE_MAX: i64 = 1_800_000_000;

/// After the rented time, for the provider's claim to arrive.
///
/// As written: 60 seconds, in microseconds.
pub const CLAIM_ALLOWANCE: i64 = 60_000_000;

/// Three probes; a vote against silence that finds no quorum by then is withdrawn.
///
/// As written: 180 seconds, in microseconds.
pub const ABORT_VOTE_TIMEOUT: i64 = 180_000_000;

/// To the provider, then to each member in turn, before the next one proposes.
///
/// As written: 60 seconds, in microseconds.
pub const PROPOSER_TIMEOUT: i64 = 60_000_000;

/// To collect the signatures of a claim.
///
/// As written: 120 seconds, in microseconds.
pub const ATTESTATION_TIMEOUT: i64 = 120_000_000;

/// No certificate counts with fewer signatures than this.
///
/// As written: 3 count.
pub const QUORUM_MIN: u64 = 3;

/// What a claim may exceed a witness's own measurement by.
///
/// As written: 30 seconds, in microseconds.
pub const DURATION_TOLERANCE: i64 = 30_000_000;
