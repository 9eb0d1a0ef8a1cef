// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 41: Functions.
//!
//! functions that take and return what nobody declared.
//!
//! Source: `protocols/functions.omt`.

pub mod parameters;
pub mod messages;
pub mod functions;
pub mod client;
pub mod server;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "0590ea8dfd4d1e25a2a3ad45e010012a233fc896442349c14644cf499d1e8182";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<client::Client>(),
    ActorEntry::of::<server::Server>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/functions.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
