// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Gather.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `PING`.
    Ping(Box<Received<Ping>>),
    /// `PONG`.
    Pong(Box<Received<Pong>>),
}

messages!(Message { Ping, Pong });

/// `PING`.
///
/// From Asker to Answerer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ping {
    /// `round`.
    pub round: u64,
}

wire_record!(Ping "PING" { round });

/// `PONG`.
///
/// From Answerer to Asker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pong {
    /// `round`.
    pub round: u64,
    /// `mood`.
    pub mood: String,
}

wire_record!(Pong "PONG" { round, mood });
