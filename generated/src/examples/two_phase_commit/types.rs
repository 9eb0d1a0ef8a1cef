// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Two-Phase Commit.

use omt_runtime::typed::prelude::*;

/// What a participant says of the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// it is done but for the order, and survives a crash
    Yes,
    /// it cannot be done
    No,
}

wire_enum!(Answer { YES => Yes, NO => No });
