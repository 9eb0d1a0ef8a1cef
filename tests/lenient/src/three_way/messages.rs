// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Three way.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `PROPOSE`.
    Propose(Box<Received<Propose>>),
    /// `FORWARD`.
    Forward(Box<Received<Forward>>),
    /// `FINAL`.
    Final(Box<Received<Final>>),
}

messages!(Message { Propose, Forward, Final });

/// `PROPOSE`.
///
/// From First to Second, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Propose {
    /// `third`.
    pub third: PeerId,
    /// `value`.
    pub value: u64,
}

wire_record!(Propose "PROPOSE" { third, value });

/// `FORWARD`.
///
/// From Second to Third, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Forward {
    /// `first`.
    pub first: PeerId,
    /// `value`.
    pub value: u64,
    /// `mark`.
    pub mark: Value,
}

wire_record!(Forward "FORWARD" { first, value, mark });

/// `FINAL`.
///
/// From Third to First, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Final {
    /// `value`.
    pub value: u64,
    /// `marks`.
    pub marks: Vec<Value>,
}

wire_record!(Final "FINAL" { value, marks });
