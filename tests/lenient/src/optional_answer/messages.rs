// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Optional answer.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `ASK`.
    Ask(Box<Received<Ask>>),
    /// `TELL`.
    Tell(Box<Received<Tell>>),
}

messages!(Message { Ask, Tell });

/// `ASK`.
///
/// From Asker to Knower, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// `about`.
    pub about: String,
    /// `limit`.
    pub limit: Option<u64>,
    /// `hint`.
    pub hint: Option<Hash>,
}

wire_record!(Ask "ASK" { about, limit, hint });

/// `TELL`.
///
/// From Knower to Asker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Tell {
    /// `answer`.
    pub answer: Option<String>,
    /// `source`.
    pub source: Option<PeerId>,
    /// `confidence`.
    pub confidence: Option<u64>,
}

wire_record!(Tell "TELL" { answer, source, confidence });
