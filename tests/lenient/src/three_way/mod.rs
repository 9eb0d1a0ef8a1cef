// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 52: Three way.
//!
//! who is who is never said.
//!
//! Source: `protocols/three_way.omt`.

pub mod parameters;
pub mod messages;
pub mod first;
pub mod second;
pub mod third;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "ef54e67229cc5517cae1ceaa2148f2fb2ef3dc0e88dc173180f50b3397aba7ed";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<first::First>(),
    ActorEntry::of::<second::Second>(),
    ActorEntry::of::<third::Third>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/three_way.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
