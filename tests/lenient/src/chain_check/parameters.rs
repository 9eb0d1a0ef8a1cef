// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Chain check.

/// `WAIT`.
///
/// As written: 10 seconds, in microseconds.
pub const WAIT: i64 = 10_000_000;
