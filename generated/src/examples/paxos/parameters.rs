// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Paxos.

/// How long a proposer waits for a majority.
///
/// As written: 5 seconds, in microseconds.
pub const ANSWER_TIMEOUT: i64 = 5_000_000;

/// Ballots that a proposer tries.
///
/// As written: 3 count.
pub const BALLOTS_MAX: u64 = 3;
