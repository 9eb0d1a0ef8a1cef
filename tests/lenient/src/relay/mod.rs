// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 39: Relay.
//!
//! a parcel of any kind goes from hand to hand.
//!
//! Source: `protocols/relay.omt`.

pub mod parameters;
pub mod messages;
pub mod carrier;
pub mod sender;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "d14d1a31b43cc32349c26c5e63ed8314e54515e11ef66b01343c1a5fd015cb6f";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<carrier::Carrier>(),
    ActorEntry::of::<sender::Sender>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/relay.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
