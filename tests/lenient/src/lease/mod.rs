// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 38: Lease.
//!
//! terminal states that are left, a time limit that nobody declared.
//!
//! Source: `protocols/lease.omt`.

pub mod parameters;
pub mod messages;
pub mod lessee;
pub mod lessor;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "469433e2685d48c3c73023cf925e045a80442b60025691f2f24dc66ca6b25406";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<lessee::Lessee>(),
    ActorEntry::of::<lessor::Lessor>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/lease.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
