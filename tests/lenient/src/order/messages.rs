// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Order.

use super::types::Status;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `ORDER`.
    Order(Box<Received<Order>>),
    /// `ANSWER`.
    Answer(Box<Received<Answer>>),
}

messages!(Message { Order, Answer });

/// `ORDER`.
///
/// From Buyer to Shop, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// `lines`.
    pub lines: Value,
    /// `note`.
    pub note: Value,
}

wire_record!(Order "ORDER" { lines, note });

/// `ANSWER`.
///
/// From Shop to Buyer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// `status`.
    pub status: Status,
    /// `total`.
    pub total: u64,
    /// `receipt`.
    pub receipt: Option<Value>,
}

wire_record!(Answer "ANSWER" { status, total, receipt });
