// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Contract.

use omt_runtime::typed::prelude::*;

/// `SignedValue`.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedValue {
    /// `value`.
    pub value: Value,
}

wire_record!(SignedValue "SignedValue" { value });
