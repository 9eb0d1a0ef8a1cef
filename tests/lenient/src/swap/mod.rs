// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 60: Swap.
//!
//! two sides and a notary, everything kept as it comes.
//!
//! Source: `protocols/swap.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod maker;
pub mod notary;
pub mod taker;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "05ae6af98182a0d1b2fb2b930fdb22f0013cc8a73d017913ff543c0193497fc0";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<maker::Maker>(),
    ActorEntry::of::<notary::Notary>(),
    ActorEntry::of::<taker::Taker>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/swap.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
