// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Two-Phase Commit.

use super::types::Answer;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// The change, to everybody who takes part.
    Prepare(Box<Received<Prepare>>),
    /// Whether this participant can do it. A yes is a promise: it stands until the coordinator has decided.
    Vote(Box<Received<Vote>>),
    /// Everybody has said yes.
    Commit(Box<Received<Commit>>),
    /// Somebody has said no, or was not heard in time.
    Abort(Box<Received<Abort>>),
}

messages!(Message { Prepare, Vote, Commit, Abort });

/// The change, to everybody who takes part.
///
/// From Coordinator to Participant, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepare {
    /// `change`.
    pub change: u64,
}

wire_record!(Prepare "PREPARE" { change });

/// Whether this participant can do it. A yes is a promise: it stands until the coordinator has decided.
///
/// From Participant to Coordinator, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// `answer`.
    pub answer: Answer,
}

wire_record!(Vote "VOTE" { answer });

/// Everybody has said yes.
///
/// From Coordinator to Participant, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {}

wire_record!(Commit "COMMIT" {  });

/// Somebody has said no, or was not heard in time.
///
/// From Coordinator to Participant, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Abort {}

wire_record!(Abort "ABORT" {  });
