// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Handshake.

/// `WAIT`.
///
/// As written: 30 seconds, in microseconds.
pub const WAIT: i64 = 30_000_000;
