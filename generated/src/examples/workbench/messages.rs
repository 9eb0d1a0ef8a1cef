// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Workbench.

use super::types::{Grade, Offer, Piece};
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `ORDER`.
    Order(Box<Received<Order>>),
    /// `BID`.
    Bid(Box<Received<Bid>>),
    /// `HINT`.
    Hint(Box<Received<Hint>>),
    /// `STOP`.
    Stop(Box<Received<Stop>>),
    /// `REPORT`.
    Report(Box<Received<Report>>),
    /// `NEWS`.
    News(Box<Received<News>>),
}

messages!(Message { Order, Bid, Hint, Stop, Report, News });

/// `ORDER`.
///
/// From Buyer to Bench.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// `pieces`.
    pub pieces: Vec<Piece>,
    /// `limits`.
    pub limits: Map<i64, u64>,
    /// `secret_hash`.
    pub secret_hash: Hash,
    /// `note`.
    pub note: Option<String>,
}

wire_record!(Order "ORDER" { pieces, limits, secret_hash, note });

/// `BID`.
///
/// From Buyer to Bench, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Bid {
    /// `amount`.
    pub amount: u64,
    /// `share`.
    pub share: u64,
}

wire_record!(Bid "BID" { amount, share });

/// `HINT`.
///
/// From Buyer to Bench.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// `text`.
    pub text: String,
    /// `level`.
    pub level: i64,
}

wire_record!(Hint "HINT" { text, level });

/// `STOP`.
///
/// From Buyer to Bench, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// `why`.
    pub why: String,
}

wire_record!(Stop "STOP" { why });

/// `REPORT`.
///
/// From Bench to Buyer.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `total`.
    pub total: i64,
    /// `mean`.
    pub mean: f64,
    /// `names`.
    pub names: Vec<String>,
    /// `best`.
    pub best: Option<Piece>,
    /// `offer`.
    pub offer: Offer,
    /// `proof`.
    pub proof: Signature,
}

wire_record!(Report "REPORT" { total, mean, names, best, offer, proof });

/// `NEWS`.
///
/// From Bench to Network, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// `grade`.
    pub grade: Grade,
    /// `count`.
    pub count: u64,
}

wire_record!(News "NEWS" { grade, count });
