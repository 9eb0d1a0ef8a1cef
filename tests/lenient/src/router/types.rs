// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Router.

use omt_runtime::typed::prelude::*;

/// `Route`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `DIRECT`.
    Direct,
    /// `RELAYED`.
    Relayed,
    /// `NONE`.
    None,
}

wire_enum!(Route { DIRECT => Direct, RELAYED => Relayed, NONE => None });
