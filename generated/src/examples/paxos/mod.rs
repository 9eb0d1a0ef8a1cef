// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction paxos: Paxos.
//!
//! Several peers agree on one value.
//!
//! Single-decree Paxos: several proposers want a value, and a majority of acceptors settles on one, for ever. After Lamport, "Paxos Made
//! Simple" (2001), section 2.
//!
//! Source: `protocols/examples/paxos/transaction.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod functions;
pub mod acceptor;
pub mod proposer;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "793b7d3230fe01fadbd57aa97e70bb2641aacd7f1cc46ff10aa501306225a29a";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<acceptor::Acceptor>(),
    ActorEntry::of::<proposer::Proposer>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/packages/examples/paxos.omtp")
        ),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
