// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Payloads of the blocks of Cabal Attestation.

use super::types::AttestationCertificate;
use omt_runtime::typed::prelude::*;

/// A witness on its own chain: this is how the session ended.
///
/// Appended by Witness.
#[derive(Clone, Debug, PartialEq)]
pub struct Attestation {
    /// `session_id`.
    pub session_id: Hash,
    /// of the body
    pub attestation_hash: Hash,
    /// `attestation`.
    pub attestation: AttestationCertificate,
    /// `timestamp`.
    pub timestamp: i64,
}

wire_record!(Attestation "ATTESTATION" {
    session_id,
    attestation_hash,
    attestation,
    timestamp,
});
