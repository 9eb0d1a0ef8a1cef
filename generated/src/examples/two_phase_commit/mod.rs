// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction two_phase_commit: Two-Phase Commit.
//!
//! Several participants change together or not at all.
//!
//! Two-phase commit: several databases change together or not at all. A coordinator asks everybody to prepare, and orders the change when
//! everybody has promised it.
//!
//! Source: `protocols/examples/two_phase_commit/transaction.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod coordinator;
pub mod participant;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "47014e483b26c6663ba29c0bccc5081688c22ade880bf418d9b84efe58ef584b";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<coordinator::Coordinator>(),
    ActorEntry::of::<participant::Participant>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"),
            "/packages/examples/two_phase_commit.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
