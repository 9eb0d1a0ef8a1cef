// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Ledger.

/// `WAIT`.
///
/// As written: 20 seconds, in microseconds.
pub const WAIT: i64 = 20_000_000;

/// `LIMIT`.
///
/// As written: 100 count.
pub const LIMIT: u64 = 100;
