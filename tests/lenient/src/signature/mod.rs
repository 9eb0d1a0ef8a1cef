// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 37: Contract.
//!
//! both sign a hash, as before structs.
//!
//! Source: `protocols/signature.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod owner;
pub mod tenant;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "39174b288cd771cc0454490245492d84ea9b6bd371abf65a294fe9e0fc4a238b";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<owner::Owner>(),
    ActorEntry::of::<tenant::Tenant>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/signature.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
