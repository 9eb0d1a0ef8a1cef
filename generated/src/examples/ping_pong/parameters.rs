// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Ping Pong.

/// How long a question waits for its answer.
///
/// As written: 5 seconds, in microseconds.
pub const ANSWER_TIMEOUT: i64 = 5_000_000;

/// Answers that one asker gets from one responder.
///
/// As written: 3 count.
pub const QUESTIONS_MAX: u64 = 3;
