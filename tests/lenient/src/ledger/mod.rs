// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 47: Ledger.
//!
//! blocks with records in them, and a balance that is read back.
//!
//! Source: `protocols/ledger.omt`.

pub mod parameters;
pub mod messages;
pub mod blocks;
pub mod views;
pub mod payee;
pub mod payer;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "30819dbcd1af0a4de010f2fde51d79b43ba6fcbea00bade048e4e52293eddaa8";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<payee::Payee>(),
    ActorEntry::of::<payer::Payer>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/ledger.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
