// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 56: Queue.
//!
//! a terminal state that still collects, lists that may be unset.
//!
//! Source: `protocols/queue.omt`.

pub mod parameters;
pub mod messages;
pub mod client;
pub mod runner;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "683bd23075927c8031123661e995aec9215e07f015ca490b88187e7a68850447";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<client::Client>(),
    ActorEntry::of::<runner::Runner>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/queue.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
