// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Head hash.

use omt_runtime::typed::prelude::*;

/// `NOTE`.
///
/// Appended by Seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// `text`.
    pub text: String,
}

wire_record!(Note "NOTE" { text });
