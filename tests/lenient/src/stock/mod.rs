// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 45: Stock.
//!
//! sums, largest and smallest of what nobody declared.
//!
//! Source: `protocols/stock.omt`.

pub mod parameters;
pub mod messages;
pub mod auditor;
pub mod depot;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "bccb83abe47c8ae6dc6bf0e7b2b2e88e5b53ba3ece52edc1bbf3e1b1921480ac";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<auditor::Auditor>(),
    ActorEntry::of::<depot::Depot>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/stock.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
