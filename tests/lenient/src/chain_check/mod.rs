// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 36: Chain check.
//!
//! shows its chain as octets.
//!
//! Source: `protocols/chain_check.omt`.

pub mod parameters;
pub mod messages;
pub mod blocks;
pub mod prover;
pub mod verifier;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "13394f8084fafe9b47bde8173cb1f3250c30e8d63f93f157a9fee93d8724adb6";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<prover::Prover>(),
    ActorEntry::of::<verifier::Verifier>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/packages/chain_check.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
