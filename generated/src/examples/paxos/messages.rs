// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Paxos.

use super::types::Accepted;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// Asks for the promise that nothing of a lower ballot is accepted any more (phase 1a).
    Prepare(Box<Received<Prepare>>),
    /// The promise, and what was accepted until then (phase 1b).
    Promise(Box<Received<Promise>>),
    /// Asks to accept a value (phase 2a).
    Accept(Box<Received<Accept>>),
    /// It is accepted (phase 2b).
    Accepted2(Box<Received<Accepted2>>),
    /// A majority has accepted it.
    Chosen(Box<Received<Chosen>>),
}

messages!(Message { Prepare, Promise, Accept, Accepted2, Chosen });

/// Asks for the promise that nothing of a lower ballot is accepted any more (phase 1a).
///
/// From Proposer to Acceptor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepare {
    /// `ballot`.
    pub ballot: u64,
}

wire_record!(Prepare "PREPARE" { ballot });

/// The promise, and what was accepted until then (phase 1b).
///
/// From Acceptor to Proposer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// `ballot`.
    pub ballot: u64,
    /// `accepted`.
    pub accepted: Option<Accepted>,
}

wire_record!(Promise "PROMISE" { ballot, accepted });

/// Asks to accept a value (phase 2a).
///
/// From Proposer to Acceptor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Accept {
    /// `ballot`.
    pub ballot: u64,
    /// `value`.
    pub value: u64,
}

wire_record!(Accept "ACCEPT" { ballot, value });

/// It is accepted (phase 2b).
///
/// From Acceptor to Proposer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted2 {
    /// `ballot`.
    pub ballot: u64,
}

wire_record!(Accepted2 "ACCEPTED" { ballot });

/// A majority has accepted it.
///
/// From Proposer to Acceptor, Proposer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// `chosen`.
    pub chosen: u64,
}

wire_record!(Chosen "CHOSEN" { chosen });
