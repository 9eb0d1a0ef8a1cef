// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 32: Handshake.
//!
//! two nonces and a shared key.
//!
//! Source: `protocols/handshake.omt`.

pub mod parameters;
pub mod messages;
pub mod initiator;
pub mod responder;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "ca31e8efdb85831c9477fb3bb18b3d1b701fea7f308804abc5356c44a62310ca";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<initiator::Initiator>(),
    ActorEntry::of::<responder::Responder>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/handshake.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
