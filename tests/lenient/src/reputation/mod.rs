// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 55: Reputation.
//!
//! maps by peer that nobody declared, with defaults.
//!
//! Source: `protocols/reputation.omt`.

pub mod parameters;
pub mod messages;
pub mod judge;
pub mod rater;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "4303511170c35b7576f4b8a12f3a82a53c421de12ae0b358432428b0c9c39040";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<judge::Judge>(),
    ActorEntry::of::<rater::Rater>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/reputation.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
