// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Three way.

/// `WAIT`.
///
/// As written: 40 seconds, in microseconds.
pub const WAIT: i64 = 40_000_000;
