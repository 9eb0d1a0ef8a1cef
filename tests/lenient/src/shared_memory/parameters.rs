// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Shared memory.

/// `WAIT`.
///
/// As written: 20 seconds, in microseconds.
pub const WAIT: i64 = 20_000_000;
