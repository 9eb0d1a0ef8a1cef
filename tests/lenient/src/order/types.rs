// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Order.

use omt_runtime::typed::prelude::*;

/// `Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `ACCEPTED`.
    Accepted,
    /// `REFUSED`.
    Refused,
}

wire_enum!(Status { ACCEPTED => Accepted, REFUSED => Refused });
