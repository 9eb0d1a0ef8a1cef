// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Two-Phase Commit.

/// How long a participant works before it says no.
///
/// As written: 10 seconds, in microseconds.
pub const WORK_TIMEOUT: i64 = 10_000_000;

/// How long the coordinator waits for votes.
///
/// As written: 30 seconds, in microseconds.
pub const VOTE_TIMEOUT: i64 = 30_000_000;
