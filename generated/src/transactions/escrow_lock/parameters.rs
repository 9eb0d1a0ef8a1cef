// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Escrow Lock.

/// Within one epoch, consumer and provider have one nonce for each other and so draw one cabal.
///
/// As written: 10 minutes, in microseconds.
pub const DRAW_EPOCH: i64 = 600_000_000;

/// No certificate counts with fewer signatures than this.
///
/// As written: 3 count.
pub const QUORUM_MIN: u64 = 3;

/// All deadlines of transaction 01 together, on top of the rented time.
///
/// As written: 30 minutes, in microseconds.
pub const ATTESTATION_ALLOWANCE: i64 = 1_800_000_000;

/// All deadlines of transaction 02 together.
///
/// As written: 30 minutes, in microseconds.
pub const SETTLEMENT_ALLOWANCE: i64 = 1_800_000_000;

/// After the expiry of a lock, before the consumer may release it alone.
///
/// As written: 24 hours, in microseconds.
pub const RELEASE_DELAY: i64 = 86_400_000_000;

/// The network's constant K = K_PAYMENT_NUM / K_PAYMENT_DEN: how fast trust turns payment into income.
///
/// As written: 1 count.
pub const K_PAYMENT_NUM: u64 = 1;

/// 1/100: half of a payment reaches a provider of trust 100, nine tenths one of trust 1,000.
///
/// As written: 100 count.
pub const K_PAYMENT_DEN: u64 = 100;

/// Trust counts up to here; up to here settlement arithmetic is exact in 128 bits.
///
/// As written: 1000000000000 count.
pub const MILLI_TRUST_MAX: u64 = 1_000_000_000_000;

/// Witnesses of a lock.
///
/// As written: 5 count.
pub const WITNESS_COUNT: u64 = 5;

/// Witnesses of a large lock.
///
/// As written: 9 count.
pub const LARGE_WITNESS_COUNT: u64 = 9;

/// µOMC; a lock above this is large.
///
/// As written: 100000000 count.
pub const LARGE_LOCK: u64 = 100_000_000;

/// Witnesses drawn first, from the candidates of high trust alone.
///
/// As written: 2 count.
pub const MIN_HIGH_TRUST_WITNESSES: u64 = 2;

/// How often a cabal that cannot agree is enlarged.
///
/// As written: 3 count.
pub const MAX_RECRUITMENT_ROUNDS: u64 = 3;

/// By how many members each time.
///
/// As written: 2 count.
pub const RECRUITS_PER_ROUND: u64 = 2;

/// How many more are drawn, in order: whom a split vote recruits, who replaces the silent.
///
/// As written: 10 count.
pub const PANEL_RESERVES: u64 = 10;

/// Meetings recorded by the provider that make a candidate one of high trust.
///
/// As written: 3 count.
pub const HIGH_TRUST_MEETINGS: u64 = 3;

/// The consumer waits for the provider's nonce.
///
/// As written: 30 seconds, in microseconds.
pub const WITNESS_COMMITMENT_TIMEOUT: i64 = 30_000_000;

/// The provider decides; shorter than the consumer waits.
///
/// As written: 20 seconds, in microseconds.
pub const REVIEW_TIMEOUT: i64 = 20_000_000;

/// The provider waits for the consumer's nonce.
///
/// As written: 30 seconds, in microseconds.
pub const REVEAL_TIMEOUT: i64 = 30_000_000;

/// Witnesses compare what they see.
///
/// As written: 30 seconds, in microseconds.
pub const PRELIMINARY_TIMEOUT: i64 = 30_000_000;

/// Witnesses vote.
///
/// As written: 60 seconds, in microseconds.
pub const CONSENSUS_TIMEOUT: i64 = 60_000_000;

/// From the opening to the last moment when a cabal is enlarged; leaves a round its time.
///
/// As written: 120 seconds, in microseconds.
pub const RECRUITMENT_TIMEOUT: i64 = 120_000_000;

/// From the opening to the last moment of the counter-signature.
///
/// As written: 240 seconds, in microseconds.
pub const SIGN_WINDOW: i64 = 240_000_000;

/// From the opening to the moment when the provider gives up.
///
/// As written: 300 seconds, in microseconds.
pub const LOCK_TIMEOUT: i64 = 300_000_000;

/// Witnesses give up this much later, so that a provider can still show them the lock.
///
/// As written: 30 seconds, in microseconds.
pub const FORWARD_ALLOWANCE: i64 = 30_000_000;

/// From the opening of a top-up to the last moment of its counter-signature.
///
/// As written: 60 seconds, in microseconds.
pub const TOPUP_TIMEOUT: i64 = 60_000_000;

/// Witnesses vote on a top-up; half of what the consumer waits.
///
/// As written: 30 seconds, in microseconds.
pub const TOPUP_VOTE_TIMEOUT: i64 = 30_000_000;

/// A witness that lacks a certificate asks the others, then refuses; leaves time to vote.
///
/// As written: 10 seconds, in microseconds.
pub const CHAIN_SYNC_TIMEOUT: i64 = 10_000_000;

/// Top-ups of one lock that came about.
///
/// As written: 16 count.
pub const MAX_TOPUPS: u64 = 16;

/// Top-ups of one lock that came to nothing, before nobody looks at another one.
///
/// As written: 10 count.
pub const MAX_FAILED_TOPUPS: u64 = 10;

/// Chains that an opening may show for what its author has earned.
///
/// As written: 16 count.
pub const MAX_SOURCES: u64 = 16;

/// Witnesses of a lock ask each other for a sign of life.
///
/// As written: 300 seconds, in microseconds.
pub const LIVENESS_CHECK_INTERVAL: i64 = 300_000_000;

/// Whoever has not answered by then is silent.
///
/// As written: 30 seconds, in microseconds.
pub const LIVENESS_RESPONSE_TIMEOUT: i64 = 30_000_000;

/// The others find the same, or nobody is replaced this time.
///
/// As written: 120 seconds, in microseconds.
pub const REPLACEMENT_TIMEOUT: i64 = 120_000_000;

/// How far ahead of the reader's clock an opening may lie.
///
/// As written: 30 seconds, in microseconds.
pub const CLOCK_TOLERANCE: i64 = 30_000_000;

/// Openings of one day that came to nothing, before everybody refuses.
///
/// As written: 10 count.
pub const MAX_FAILED_OPENS: u64 = 10;

/// Longest rent of one lock.
///
/// As written: 30 days, in microseconds.
pub const SESSION_DURATION_MAX: i64 = 2_592_000_000_000;

/// Latest expiry of a lock; bounds how long a witness remembers it.
///
/// As written: 60 days, in microseconds.
pub const LOCK_LIFETIME_MAX: i64 = 5_184_000_000_000;

/// Milli-trust; settlement arithmetic is exact up to here.
///
/// As written: 1000000000000 count.
pub const TRUST_MAX: u64 = 1_000_000_000_000;

/// Micro-trust for an hour of one core, attested by everybody.
///
/// As written: 100000 count.
pub const BASE_CREDIT: u64 = 100_000;

/// Micro-trust lost for an hour of one core that the provider broke off: half of what lies between score 0 and 0.7.
///
/// As written: 350000 count.
pub const FAILURE_PENALTY: u64 = 350_000;

/// Cores count up to here.
///
/// As written: 256 count.
pub const RESOURCE_WEIGHT_MAX: u64 = 256;

/// A younger chain's trust is derated in proportion to its age; age adds nothing.
///
/// As written: 90 days, in microseconds.
pub const AGE_MATURITY: i64 = 7_776_000_000_000;
