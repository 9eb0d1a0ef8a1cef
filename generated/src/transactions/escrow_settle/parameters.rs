// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Escrow Settle.

/// No certificate counts with fewer signatures than this.
///
/// As written: 3 count.
pub const QUORUM_MIN: u64 = 3;

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

/// Members tell each other which attestation and which top-ups they know.
///
/// As written: 60 seconds, in microseconds.
pub const COMPARE_TIMEOUT: i64 = 60_000_000;

/// The consumer asks for its release so often.
///
/// As written: 6 hours, in microseconds.
pub const RELEASE_RETRY: i64 = 21_600_000_000;

/// So long do members answer after a payment can no longer be recorded.
///
/// As written: 30 days, in microseconds.
pub const RELEASE_WINDOW: i64 = 2_592_000_000_000;

/// Members sign; after it a member counts on the others to show it a settlement.
///
/// As written: 5 minutes, in microseconds.
pub const SIGNATURE_TIMEOUT: i64 = 300_000_000;
