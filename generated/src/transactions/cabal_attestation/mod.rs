// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 01: Cabal Attestation.
//!
//! Witnesses watch a session and sign how long it ran and why it ended.
//!
//! Witnesses confirm that a rented machine can be reached, watch it, and sign how long it ran and why it ended. The provider's claim is the
//! record if it is not more than they saw; without a claim the cabal ends the session itself. Nobody is believed about itself, and every
//! wait ends: by a certificate, or by the deadline of the terms.
//!
//! Source: `protocols/transactions/01_cabal_attestation/transaction.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod blocks;
pub mod functions;
pub mod consumer;
pub mod provider;
pub mod witness;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "eae40632ea0bef8a1591d01fd82c7e0ddff629981e9efdf741c2c52d98d788bb";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<consumer::Consumer>(),
    ActorEntry::of::<provider::Provider>(),
    ActorEntry::of::<witness::Witness>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"),
            "/packages/transactions/01_cabal_attestation.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
