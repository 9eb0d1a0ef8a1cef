// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Ledger.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `PAY`.
    Pay(Box<Received<Pay>>),
    /// `THANKS`.
    Thanks(Box<Received<Thanks>>),
}

messages!(Message { Pay, Thanks });

/// `PAY`.
///
/// From Payer to Payee, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pay {
    /// `amount`.
    pub amount: u64,
    /// `block_hash`.
    pub block_hash: Hash,
    /// `memo`.
    pub memo: Value,
}

wire_record!(Pay "PAY" { amount, block_hash, memo });

/// `THANKS`.
///
/// From Payee to Payer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Thanks {
    /// `proof`.
    pub proof: Hash,
}

wire_record!(Thanks "THANKS" { proof });
