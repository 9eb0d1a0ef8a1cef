// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Reputation.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `OPINIONS`.
    Opinions(Box<Received<Opinions>>),
    /// `RANKING`.
    Ranking(Box<Received<Ranking>>),
}

messages!(Message { Opinions, Ranking });

/// `OPINIONS`.
///
/// From Rater to Judge, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinions {
    /// `scores`.
    pub scores: Map<PeerId, u64>,
    /// `bonus`.
    pub bonus: Value,
}

wire_record!(Opinions "OPINIONS" { scores, bonus });

/// `RANKING`.
///
/// From Judge to Rater, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// `best`.
    pub best: PeerId,
    /// `ranking`.
    pub ranking: Vec<PeerId>,
}

wire_record!(Ranking "RANKING" { best, ranking });
