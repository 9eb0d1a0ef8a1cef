// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Chain check.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `CHAIN`.
    Chain(Box<Received<Chain>>),
    /// `VERDICT`.
    Verdict(Box<Received<Verdict>>),
}

messages!(Message { Chain, Verdict });

/// `CHAIN`.
///
/// From Prover to Verifier, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// `segment_bytes`.
    pub segment_bytes: Segment,
    /// `head`.
    pub head: Hash,
}

wire_record!(Chain "CHAIN" { segment_bytes, head });

/// `VERDICT`.
///
/// From Verifier to Prover, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// `valid`.
    pub valid: bool,
    /// `height`.
    pub height: i64,
}

wire_record!(Verdict "VERDICT" { valid, height });
