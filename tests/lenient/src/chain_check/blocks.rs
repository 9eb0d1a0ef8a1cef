// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Chain check.

use omt_runtime::typed::prelude::*;

/// `GREETING`.
///
/// Appended by Prover.
#[derive(Clone, Debug, PartialEq)]
pub struct Greeting {
    /// `guest`.
    pub guest: PeerId,
    /// `text`.
    pub text: String,
}

wire_record!(Greeting "GREETING" { guest, text });
