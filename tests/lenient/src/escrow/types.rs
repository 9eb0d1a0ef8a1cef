// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Escrow Lock.

use omt_runtime::typed::prelude::*;

/// verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `ACCEPT`.
    Accept,
    /// `REJECT`.
    Reject,
}

wire_enum!(Verdict { ACCEPT => Accept, REJECT => Reject });
