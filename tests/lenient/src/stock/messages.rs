// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Stock.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `LEVELS`.
    Levels(Box<Received<Levels>>),
    /// `SUMMARY`.
    Summary(Box<Received<Summary>>),
}

messages!(Message { Levels, Summary });

/// `LEVELS`.
///
/// From Depot to Auditor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// `levels`.
    pub levels: Vec<u64>,
    /// `extra`.
    pub extra: Vec<u64>,
}

wire_record!(Levels "LEVELS" { levels, extra });

/// `SUMMARY`.
///
/// From Auditor to Depot, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// `total`.
    pub total: i64,
    /// `largest`.
    pub largest: i64,
    /// `smallest`.
    pub smallest: i64,
    /// `sorted`.
    pub sorted: Vec<u64>,
}

wire_record!(Summary "SUMMARY" { total, largest, smallest, sorted });
