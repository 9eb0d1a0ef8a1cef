// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 58: Tickets.
//!
//! a transition on a condition that is a call, and records compared.
//!
//! Source: `protocols/tickets.omt`.

pub mod parameters;
pub mod messages;
pub mod functions;
pub mod fan;
pub mod office;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "f9a46c79862e2b1b7da07d5acb56de1fd12d83fcdb2b344defa449f7410e38cc";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<fan::Fan>(),
    ActorEntry::of::<office::Office>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/tickets.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
