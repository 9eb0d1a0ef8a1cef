// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Retry.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `KNOCK`.
    Knock(Box<Received<Knock>>),
    /// `OPEN`.
    Open(Box<Received<Open>>),
}

messages!(Message { Knock, Open });

/// `KNOCK`.
///
/// From Guest to Host, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Knock {
    /// `count`.
    pub count: u64,
    /// `wait`.
    pub wait: i64,
}

wire_record!(Knock "KNOCK" { count, wait });

/// `OPEN`.
///
/// From Host to Guest, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// `after`.
    pub after: u64,
}

wire_record!(Open "OPEN" { after });
