// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Ping Pong.

use super::types::PingRefusal;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// A question. The salt makes the session id of two equal questions differ.
    Ping(Box<Received<Ping>>),
    /// The answer to the question that it repeats.
    Pong(Box<Received<Pong>>),
    /// No answer, and why.
    PingRefused(Box<Received<PingRefused>>),
}

messages!(Message { Ping, Pong, PingRefused });

/// A question. The salt makes the session id of two equal questions differ.
///
/// From Requester to Responder, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ping {
    /// `question`.
    pub question: u64,
    /// `salt`.
    pub salt: Bytes,
}

wire_record!(Ping "PING" { question, salt });

/// The answer to the question that it repeats.
///
/// From Responder to Requester, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pong {
    /// `question`.
    pub question: u64,
    /// `answer`.
    pub answer: u64,
}

wire_record!(Pong "PONG" { question, answer });

/// No answer, and why.
///
/// From Responder to Requester, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct PingRefused {
    /// `reason`.
    pub reason: PingRefusal,
}

wire_record!(PingRefused "PING_REFUSED" { reason });
