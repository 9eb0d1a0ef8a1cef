// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Tickets.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `BUY`.
    Buy(Box<Received<Buy>>),
    /// `TICKET`.
    Ticket(Box<Received<Ticket>>),
}

messages!(Message { Buy, Ticket });

/// `BUY`.
///
/// From Fan to Office, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Buy {
    /// `count`.
    pub count: u64,
    /// `seats`.
    pub seats: Value,
}

wire_record!(Buy "BUY" { count, seats });

/// `TICKET`.
///
/// From Office to Fan, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// `seats`.
    pub seats: Value,
    /// `code`.
    pub code: Hash,
}

wire_record!(Ticket "TICKET" { seats, code });
