// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction ping_pong: Ping Pong.
//!
//! One question, one answer or one refusal.
//!
//! The smallest transaction that has everything a transaction needs: a question, an answer, a refusal and a time limit.
//! Read it first; the tutorial is written around it.
//!
//! Source: `protocols/examples/ping_pong/transaction.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod functions;
pub mod requester;
pub mod responder;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "d29c1b904303d0539982dd7c94bec7f7659ab97c69840d99e9c54153a51f71ab";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<requester::Requester>(),
    ActorEntry::of::<responder::Responder>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/packages/examples/ping_pong.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
