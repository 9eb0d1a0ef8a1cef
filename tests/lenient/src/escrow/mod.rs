// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 00: Escrow Lock.
//!
//! Lock funds with witnesses.
//!
//! The lock of the prototype, shortened: the witnesses are the provider's own choice, and one of them is the consumer.
//!
//! Source: `protocols/escrow.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod blocks;
pub mod consumer;
pub mod provider;
pub mod witness;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "81d9905e8283f7494af1805c61afecc1b9772f36192ef44b05caf0c4282128d0";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<consumer::Consumer>(),
    ActorEntry::of::<provider::Provider>(),
    ActorEntry::of::<witness::Witness>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/escrow.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
