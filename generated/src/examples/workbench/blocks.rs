// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Workbench.

use super::types::Grade;
use omt_runtime::typed::prelude::*;

/// `WORKED`.
///
/// Appended by Bench, Buyer.
#[derive(Clone, Debug, PartialEq)]
pub struct Worked {
    /// `weight`.
    pub weight: i64,
    /// `grade`.
    pub grade: Grade,
    /// `at`.
    pub at: i64,
}

wire_record!(Worked "WORKED" { weight, grade, at });

/// `PEER_HASH`.
///
/// Appended by Bench, Buyer.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerHash {
    /// `peer`.
    pub peer: PeerId,
    /// `head`.
    pub head: Hash,
}

wire_record!(PeerHash "PEER_HASH" { peer, head });
