// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 48: Nested.
//!
//! maps and lists inside records inside messages.
//!
//! Source: `protocols/nested.omt`.

pub mod parameters;
pub mod messages;
pub mod planner;
pub mod worker;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "36a159443e1b49537424565dc11ce5c0e9f3ea2966b9c9a467b31d415853c6ba";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<planner::Planner>(),
    ActorEntry::of::<worker::Worker>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/nested.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
