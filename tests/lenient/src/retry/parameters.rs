// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Retry.

/// `AGAIN`.
///
/// As written: 5 seconds, in microseconds.
pub const AGAIN: i64 = 5_000_000;

/// `GIVE_UP`.
///
/// As written: 60 seconds, in microseconds.
pub const GIVE_UP: i64 = 60_000_000;
