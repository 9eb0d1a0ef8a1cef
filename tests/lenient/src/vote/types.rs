// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Vote.

use omt_runtime::typed::prelude::*;

/// what a voter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// `YES`.
    Yes,
    /// `NO`.
    No,
    /// `ABSTAIN`.
    Abstain,
}

wire_enum!(Voice { YES => Yes, NO => No, ABSTAIN => Abstain });
