// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 34: Counter.
//!
//! a counter that is left after it was closed.
//!
//! Source: `protocols/counter.omt`.

pub mod messages;
pub mod client;
pub mod server;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "fde366e2ebfdeb6d4496ec9d6166e1288a19b78f5e41fed44ef40962eac9b68c";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<client::Client>(),
    ActorEntry::of::<server::Server>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/counter.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
