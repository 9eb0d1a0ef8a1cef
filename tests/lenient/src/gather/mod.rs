// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 40: Gather.
//!
//! a collect without a roster, into a field that nobody declared.
//!
//! Source: `protocols/gather.omt`.

pub mod parameters;
pub mod messages;
pub mod answerer;
pub mod asker;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "b54247c2c24a591d2899572491ea3148dfdb2092f40f31ac831ad9bf0dfa2cba";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<answerer::Answerer>(),
    ActorEntry::of::<asker::Asker>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/gather.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
