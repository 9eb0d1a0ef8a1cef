// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 51: Head hash.
//!
//! asks the cache with bare words.
//!
//! Source: `protocols/head_hash.omt`.

pub mod parameters;
pub mod messages;
pub mod blocks;
pub mod looker;
pub mod seen;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "f960a45d779400af83ca29537dee6a949e6d444019369c51aa9eb433da35d1cb";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<looker::Looker>(),
    ActorEntry::of::<seen::Seen>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/head_hash.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
