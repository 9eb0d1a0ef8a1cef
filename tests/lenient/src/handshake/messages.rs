// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Handshake.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `HELLO`.
    Hello(Box<Received<Hello>>),
    /// `REPLY`.
    Reply(Box<Received<Reply>>),
    /// `CONFIRM`.
    Confirm(Box<Received<Confirm>>),
}

messages!(Message { Hello, Reply, Confirm });

/// `HELLO`.
///
/// From Initiator to Responder, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Hello {
    /// `nonce`.
    pub nonce: Bytes,
    /// `version`.
    pub version: String,
}

wire_record!(Hello "HELLO" { nonce, version });

/// `REPLY`.
///
/// From Responder to Initiator, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// `nonce`.
    pub nonce: Bytes,
    /// `proof`.
    pub proof: Hash,
}

wire_record!(Reply "REPLY" { nonce, proof });

/// `CONFIRM`.
///
/// From Initiator to Responder, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// `proof`.
    pub proof: Hash,
}

wire_record!(Confirm "CONFIRM" { proof });
