// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Sessions.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `BEGIN`.
    Begin(Box<Received<Begin>>),
    /// `END`.
    End(Box<Received<End>>),
}

messages!(Message { Begin, End });

/// `BEGIN`.
///
/// From One to Other, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Begin {
    /// `deal_id`.
    pub deal_id: Hash,
    /// `amount`.
    pub amount: u64,
}

wire_record!(Begin "BEGIN" { deal_id, amount });

/// `END`.
///
/// From Other to One, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// `deal_id`.
    pub deal_id: Hash,
    /// `half`.
    pub half: f64,
}

wire_record!(End "END" { deal_id, half });
