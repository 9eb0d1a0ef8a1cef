// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Vote.

use super::types::Voice;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `QUESTION`.
    Question(Box<Received<Question>>),
    /// `BALLOT`.
    Ballot(Box<Received<Ballot>>),
    /// `OUTCOME`.
    Outcome2(Box<Received<Outcome2>>),
}

messages!(Message { Question, Ballot, Outcome2 });

/// `QUESTION`.
///
/// From Chair to Voter, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// `text`.
    pub text: String,
    /// `until`.
    pub until: i64,
}

wire_record!(Question "QUESTION" { text, until });

/// `BALLOT`.
///
/// From Voter to Chair, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ballot {
    /// `voice`.
    pub voice: Voice,
    /// `reason`.
    pub reason: Option<String>,
}

wire_record!(Ballot "BALLOT" { voice, reason });

/// `OUTCOME`.
///
/// From Chair to Voter, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome2 {
    /// `passed`.
    pub passed: bool,
    /// `yes`.
    pub yes: u64,
}

wire_record!(Outcome2 "OUTCOME" { passed, yes });
