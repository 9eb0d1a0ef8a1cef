// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Escrow Lock.

/// how many.
///
/// As written: 3 count.
pub const WITNESS_COUNT: u64 = 3;

/// how many must agree.
///
/// As written: 2 count.
pub const WITNESS_THRESHOLD: u64 = 2;

/// how long.
///
/// As written: 300 seconds, in microseconds.
pub const LOCK_TIMEOUT: i64 = 300_000_000;
