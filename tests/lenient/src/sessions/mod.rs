// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 44: Sessions.
//!
//! everybody stores the session again.
//!
//! Source: `protocols/sessions.omt`.

pub mod parameters;
pub mod messages;
pub mod one;
pub mod other;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "4674702ba95be32c9633be562b1ee3ce57405ac02194e2bda571d048575db829";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<one::One>(),
    ActorEntry::of::<other::Other>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/sessions.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
