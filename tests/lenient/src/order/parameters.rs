// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Order.

/// `PATIENCE`.
///
/// As written: 60 seconds, in microseconds.
pub const PATIENCE: i64 = 60_000_000;
