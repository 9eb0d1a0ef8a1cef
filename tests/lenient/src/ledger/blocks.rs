// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Ledger.

use omt_runtime::typed::prelude::*;

/// `PAYMENT`.
///
/// Appended by Payer.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// `payee`.
    pub payee: PeerId,
    /// `amount`.
    pub amount: u64,
    /// `memo`.
    pub memo: Value,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(Payment "PAYMENT" { payee, amount, memo, timestamp });

/// `RECEIPT`.
///
/// Appended by Payee.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// `payer`.
    pub payer: PeerId,
    /// `amount`.
    pub amount: u64,
    /// `proof`.
    pub proof: Hash,
}

wire_record!(Receipt "RECEIPT" { payer, amount, proof });
