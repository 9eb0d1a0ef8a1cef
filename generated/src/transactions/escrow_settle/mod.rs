// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 02: Escrow Settle.
//!
//! Divide the escrow: payment, burn, refund.
//!
//! Divides the escrow of a session that has ended. Every number follows from what was signed before: lock, top-ups, terms, attestation. The
//! members of the lock's cabal compute it, sign it once, and record the payment; consumer and provider recompute it and put it on their
//! chains. Whoever reads one of these chains can check it.
//!
//! Source: `protocols/transactions/02_escrow_settle/transaction.omt`.

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
pub const PROTOCOL: &str = "3389f08dd8bf8ad02aff67b7381d7680f2b8733511cf0a5eb9c9ab916b7c4d90";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<consumer::Consumer>(),
    ActorEntry::of::<provider::Provider>(),
    ActorEntry::of::<witness::Witness>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"),
            "/packages/transactions/02_escrow_settle.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
