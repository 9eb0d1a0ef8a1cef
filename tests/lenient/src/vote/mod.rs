// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 35: Vote.
//!
//! three voices, two are enough.
//!
//! Source: `protocols/vote.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod chair;
pub mod voter;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "1f1728f46e04bbafd50deecb58342fd3aa87143b496cc9d00c16526b2c9d62b0";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<chair::Chair>(),
    ActorEntry::of::<voter::Voter>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/vote.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
