// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Paxos.

use omt_runtime::typed::prelude::*;

/// A value and its ballot.
///
/// What an acceptor has accepted last.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// `ballot`.
    pub ballot: u64,
    /// `value`.
    pub value: u64,
}

wire_record!(Accepted "Accepted" { ballot, value });
