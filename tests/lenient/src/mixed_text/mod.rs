// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 43: Mixed text.
//!
//! texts made of numbers and names of values, values made of texts.
//!
//! Source: `protocols/mixed_text.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod listener;
pub mod speaker;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "00950c3db08ebef3f66e84dc8a5622b8b49f7fb01656a24cfa75ec752ff8bded";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<listener::Listener>(),
    ActorEntry::of::<speaker::Speaker>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/mixed_text.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
