// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Tickets.

/// `WAIT`.
///
/// As written: 20 seconds, in microseconds.
pub const WAIT: i64 = 20_000_000;

/// `SEATS`.
///
/// As written: 2 count.
pub const SEATS: u64 = 2;
