// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 42: Profile.
//!
//! structs with fields left out, and records copied into others.
//!
//! Source: `protocols/profile.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod registry;
pub mod user;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "117746f9d53635d791bedff2e58c87836a1ea1554aa3b31e4d01b52f886f32f5";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<registry::Registry>(),
    ActorEntry::of::<user::User>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/profile.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
