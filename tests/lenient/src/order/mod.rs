// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 33: Order.
//!
//! an order with lines nobody declared.
//!
//! Source: `protocols/order.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod buyer;
pub mod shop;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "1ede32147c3519b336c71d30282f485152a7f116281b211be2a6cb8979b15af2";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<buyer::Buyer>(),
    ActorEntry::of::<shop::Shop>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/order.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
