// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Relay.

/// `PATIENCE`.
///
/// As written: 20 seconds, in microseconds.
pub const PATIENCE: i64 = 20_000_000;
