// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 59: Mirror.
//!
//! sends back whatever came, of any type.
//!
//! Source: `protocols/mirror.omt`.

pub mod parameters;
pub mod messages;
pub mod mirror;
pub mod viewer;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "d70cdb770eef09d62132bfa79b8aac089c2a798477712cdfa232eab42d872f90";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<mirror::Mirror>(),
    ActorEntry::of::<viewer::Viewer>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/mirror.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
