// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Mixed text.

use omt_runtime::typed::prelude::*;

/// `Level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `LOW`.
    Low,
    /// `MEDIUM`.
    Medium,
    /// `HIGH`.
    High,
}

wire_enum!(Level { LOW => Low, MEDIUM => Medium, HIGH => High });
