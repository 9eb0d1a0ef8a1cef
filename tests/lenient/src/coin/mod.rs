// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 53: Coin.
//!
//! a coin that two peers toss: commit, then reveal.
//!
//! Source: `protocols/coin.omt`.

pub mod parameters;
pub mod messages;
pub mod left;
pub mod right;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "5a919c5cf8bcac6339b553356f2b6ff44e3848ff55d07e9563f14f71c10f1aa9";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<left::Left>(),
    ActorEntry::of::<right::Right>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/coin.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
