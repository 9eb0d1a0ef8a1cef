// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 54: Sensor.
//!
//! floats in signed messages.
//!
//! Source: `protocols/sensor.omt`.

pub mod parameters;
pub mod messages;
pub mod monitor;
pub mod sensor;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "e3e20e6cba810be9a8699d3699ae2273a6dce73f8233b36f882beb081bca4e53";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<monitor::Monitor>(),
    ActorEntry::of::<sensor::Sensor>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/sensor.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
