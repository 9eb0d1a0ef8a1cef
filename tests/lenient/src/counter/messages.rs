// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Counter.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `ADD`.
    Add(Box<Received<Add>>),
    /// `TOTAL`.
    Total(Box<Received<Total>>),
    /// `BYE`.
    Bye(Box<Received<Bye>>),
}

messages!(Message { Add, Total, Bye });

/// `ADD`.
///
/// From Client to Server, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Add {
    /// `amount`.
    pub amount: u64,
    /// `at`.
    pub at: i64,
}

wire_record!(Add "ADD" { amount, at });

/// `TOTAL`.
///
/// From Server to Client, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// `total`.
    pub total: u64,
    /// `since`.
    pub since: i64,
}

wire_record!(Total "TOTAL" { total, since });

/// `BYE`.
///
/// From Client to Server, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Bye {}

wire_record!(Bye "BYE" {  });
