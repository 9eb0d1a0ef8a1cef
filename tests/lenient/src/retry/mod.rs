// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 46: Retry.
//!
//! asks again every few seconds, and counts in a field that begins as null.
//!
//! Source: `protocols/retry.omt`.

pub mod parameters;
pub mod messages;
pub mod guest;
pub mod host;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "e3ca3dbd0c3e4132afbb39a9b77f00fdafd200a1d2edd72be483d725e1cb989b";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<guest::Guest>(),
    ActorEntry::of::<host::Host>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/retry.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
