// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 31: Auction.
//!
//! The highest of two bids wins.
//!
//! An auction as it was written for the prototype: no roster, bids in a map that nobody declared.
//!
//! Source: `protocols/auction.omt`.

pub mod parameters;
pub mod messages;
pub mod bidder;
pub mod seller;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "f81e1c9bf66419f2f21f6e21f3fffe2a561807c8a5360ff98fceeea6732579e5";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<bidder::Bidder>(),
    ActorEntry::of::<seller::Seller>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/auction.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
