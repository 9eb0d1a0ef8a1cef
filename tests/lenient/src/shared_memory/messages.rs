// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Shared memory.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `HI`.
    Hi(Box<Received<Hi>>),
    /// `HO`.
    Ho(Box<Received<Ho>>),
}

messages!(Message { Hi, Ho });

/// `HI`.
///
/// From Caller to Called, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Hi {
    /// `token`.
    pub token: Value,
}

wire_record!(Hi "HI" { token });

/// `HO`.
///
/// From Called to Caller, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ho {
    /// `times`.
    pub times: u64,
    /// `last`.
    pub last: Value,
}

wire_record!(Ho "HO" { times, last });
