// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Functions.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `QUERY`.
    Query(Box<Received<Query>>),
    /// `PRICE`.
    Price(Box<Received<Price>>),
}

messages!(Message { Query, Price });

/// `QUERY`.
///
/// From Client to Server, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// `thing`.
    pub thing: Value,
}

wire_record!(Query "QUERY" { thing });

/// `PRICE`.
///
/// From Server to Client, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// `price`.
    pub price: u64,
    /// `detail`.
    pub detail: Value,
}

wire_record!(Price "PRICE" { price, detail });
