// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transaction 57: Router.
//!
//! answers that may be missing, names for reasons.
//!
//! Source: `protocols/router.omt`.

pub mod parameters;
pub mod types;
pub mod messages;
pub mod router;
pub mod seeker;

use omt_runtime::machine::Program;
use omt_runtime::typed::{ActorEntry, TypedProgram, embedded};
use std::sync::{Arc, LazyLock};

/// The protocol id: two peers run this transaction together only if theirs are the same.
pub const PROTOCOL: &str = "20da9ba2caa5c45f4821fc5b95eed2876caf548696e2f10f8bc6441ad9e2fada";

static ACTORS: &[ActorEntry] = &[
    ActorEntry::of::<router::Router>(),
    ActorEntry::of::<seeker::Seeker>(),
];

static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {
    let package = embedded(
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/router.omtp")),
        PROTOCOL,
    );
    Arc::new(TypedProgram::new(package, ACTORS))
});

/// This transaction, ready to be hosted.
pub fn program() -> Arc<dyn Program> {
    PROGRAM.clone()
}
