// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Vote.

/// `NEEDED`.
///
/// As written: 2 count.
pub const NEEDED: u64 = 2;

/// `VOTE_TIME`.
///
/// As written: 30 seconds, in microseconds.
pub const VOTE_TIME: i64 = 30_000_000;
