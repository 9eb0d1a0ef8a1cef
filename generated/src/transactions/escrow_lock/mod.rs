// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 00: Escrow Lock.
//!
//! Reserve a consumer's funds for a session by a quorum of drawn witnesses.
//!
//! Reserves a consumer's money for a session. Witnesses that nobody chose alone check that the money is there, a quorum of them signs one
//! body, and the consumer counter-signs with a block on its own chain. Whatever a party relies on it recomputes from chains; it believes
//! nobody. Every wait ends, with a reason.
//!
//! Source: `protocols/transactions/00_escrow_lock/transaction.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod blocks;
pub mod views;
pub mod functions;
pub mod consumer;
pub mod provider;
pub mod witness;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "69bf695789ed18fcd94499e8259083c2d84c1145bdc4c98d258415e4213e6bac";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<consumer::Consumer>(),
    ActorEntry::of::<provider::Provider>(),
    ActorEntry::of::<witness::Witness>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"),
            "/packages/transactions/00_escrow_lock.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
