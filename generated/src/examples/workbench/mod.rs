// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction workbench: Workbench.
//!
//! Every construct of the language once.
//!
//! Not a transaction that anybody would run: every construct of the language once, on values that go wrong easily. The executors are held
//! against each other on it, and the back ends are read on it.
//!
//! Source: `protocols/examples/workbench/transaction.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod blocks;
pub mod views;
pub mod functions;
pub mod bench;
pub mod buyer;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "492fcfc0cf74a7cd1c389dc6f3c745199456decb7fda85ead5c4c93defc70b14";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<bench::Bench>(),
    ActorEntry::of::<buyer::Buyer>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/packages/examples/workbench.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
