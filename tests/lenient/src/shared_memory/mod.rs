// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 49: Shared memory.
//!
//! what all instances share, with types that nobody declared.
//!
//! Source: `protocols/shared_memory.omt`.

pub mod parameters;
pub mod messages;
pub mod called;
pub mod caller;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "047eb9719a863d99684a4765fb5ad764a6ad0ceb58896692249ca25c2331710d";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<called::Called>(),
    ActorEntry::of::<caller::Caller>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/packages/shared_memory.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
