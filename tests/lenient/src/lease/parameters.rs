// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Lease.

/// `TERM`.
///
/// As written: 60 seconds, in microseconds.
pub const TERM: i64 = 60_000_000;

/// `GRACE`.
///
/// As written: 30 seconds, in microseconds.
pub const GRACE: i64 = 30_000_000;
