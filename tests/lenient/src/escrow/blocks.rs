// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Escrow Lock.

use omt_runtime::typed::prelude::*;

/// `BALANCE_LOCK`.
///
/// Appended by Consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceLock {
    /// `session_id`.
    pub session_id: Hash,
    /// `amount`.
    pub amount: Option<u64>,
    /// `lock_result`.
    pub lock_result: Value,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(BalanceLock "BALANCE_LOCK" { session_id, amount, lock_result, timestamp });
