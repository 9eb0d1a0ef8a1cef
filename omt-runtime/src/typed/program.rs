//! A program made of actors.

use super::actor::{Actor, Instance};
use crate::id::{Hash, SessionId};
use crate::machine::{Machine, Program, ProgramError};
use crate::package::Package;
use std::sync::Arc;

/// Name of this executor.
pub(super) const EXECUTOR: &str = "rust";

type Start = fn(&Arc<Package>, SessionId) -> Box<dyn Machine>;
type Restore = fn(&Arc<Package>, &[u8]) -> Result<Box<dyn Machine>, ProgramError>;

/// An actor, without its type.
#[derive(Clone, Copy)]
pub struct ActorEntry {
    name: &'static str,
    start: Start,
    restore: Restore,
}

impl ActorEntry {
    /// The entry of an actor.
    pub const fn of<A: Actor>() -> Self {
        ActorEntry {
            name: A::NAME,
            start: |package, session| Box::new(Instance::<A>::start(package, session)),
            restore: |package, snapshot| {
                Instance::<A>::restore(package, snapshot)
                    .map(|instance| Box::new(instance) as Box<dyn Machine>)
            },
        }
    }
}

/// A transaction as generated Rust.
pub struct TypedProgram {
    package: Arc<Package>,
    actors: &'static [ActorEntry],
}

impl TypedProgram {
    /// From its package and its actors.
    pub fn new(package: Arc<Package>, actors: &'static [ActorEntry]) -> Self {
        TypedProgram { package, actors }
    }

    fn actor(&self, name: &str) -> Result<&ActorEntry, ProgramError> {
        self.actors.iter().find(|actor| actor.name == name).ok_or_else(|| ProgramError::UnknownActor {
            protocol: self.package.protocol.number.clone(),
            actor: name.to_owned(),
        })
    }
}

impl Program for TypedProgram {
    fn package(&self) -> &Arc<Package> {
        &self.package
    }

    fn executor(&self) -> &'static str {
        EXECUTOR
    }

    fn start(&self, actor: &str, session: SessionId) -> Result<Box<dyn Machine>, ProgramError> {
        self.actor(actor).map(|actor| (actor.start)(&self.package, session))
    }

    fn restore(&self, actor: &str, snapshot: &[u8]) -> Result<Box<dyn Machine>, ProgramError> {
        self.actor(actor).and_then(|actor| (actor.restore)(&self.package, snapshot))
    }
}

/// The package that generated code was written from, compiled into it.
///
/// # Panics
/// When the bytes are no package, or another than the code was written from. Both are set when the program is built,
/// and a test of the generated crate loads every one; a program that runs on another package than it says would be
/// worse than one that stops.
#[allow(clippy::panic)]
pub fn embedded(bytes: &[u8], protocol: &str) -> Arc<Package> {
    match Package::load(bytes) {
        Ok(package) if package.id.to_string() == protocol => Arc::new(package),
        Ok(package) => panic!(
            "generated code is of protocol {protocol}, its package of {}: run `omtc build protocols/`",
            Hash::short(&package.id)
        ),
        Err(error) => panic!("the package compiled into this program cannot be read: {error}"),
    }
}
