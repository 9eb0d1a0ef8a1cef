// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Gather.

/// `ENOUGH`.
///
/// As written: 3 count.
pub const ENOUGH: u64 = 3;

/// `WAIT`.
///
/// As written: 20 seconds, in microseconds.
pub const WAIT: i64 = 20_000_000;
