// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 50: Optional answer.
//!
//! null everywhere.
//!
//! Source: `protocols/optional_answer.omt`.

pub mod parameters;
pub mod messages;
pub mod asker;
pub mod knower;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "58786b8057a2c9959ccc52faf944a5e3fa7a98b39ea746b87a360c2395e8cbaf";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<asker::Asker>(),
    ActorEntry::of::<knower::Knower>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/packages/optional_answer.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
