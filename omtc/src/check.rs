//! Checks of the machine, the conversation and the functions (LANGUAGE 5.5 to 5.8) on the typed IR.
//!
//! Names, types and flow are [`crate::sema`]'s; what arrives here is well-typed, so a check asks one question
//! about behaviour and nothing else. One file per check. The text of its page (`omtc explain CODE`) is a file in
//! `pages/` that is at once the documentation of the check's module: under *Example* stands a whole
//! transaction that fires the code, under *Instead* one that does not, and a test runs both.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use omt_runtime::ir::{At, Protocol};

mod auto_cycle;
mod auto_on_world;
mod guard_effect;
mod never_fires;
mod no_end;
mod one_peer;
mod stuck;
mod unhandled;
mod unreachable;
mod unsent;
mod waits_forever;
pub mod walk;

/// What a check sees: one transaction, and which file is which.
pub struct Context<'a> {
    /// The transaction.
    pub protocol: &'a Protocol,
    /// The files of [`omt_runtime::ir::ProtocolMeta::sources`], by index.
    pub files: &'a [FileId],
}

impl Context<'_> {
    /// The span of a place of the IR.
    pub fn span(&self, at: At) -> Span {
        let file = self.files.get(at.file as usize).copied().unwrap_or_default();
        Span::new(file, at.start, at.end)
    }
}

/// One check: a code, and the function that finds it.
pub struct Check {
    /// What it reports.
    pub code: Code,
    run: fn(&Context<'_>, &mut Vec<Diagnostic>),
}

/// All checks, in the order of their codes.
pub const CHECKS: &[Check] = &[
    stuck::CHECK,
    one_peer::CHECK,
    auto_cycle::CHECK,
    auto_on_world::CHECK,
    guard_effect::CHECK,
    unsent::CHECK,
    unhandled::CHECK,
    unreachable::CHECK,
    waits_forever::CHECK,
    never_fires::CHECK,
    no_end::CHECK,
];

/// The codes of all checks, for the registry: errors first, each range ascending.
pub const CODES: &[Code] = &[
    stuck::CODE,
    one_peer::CODE,
    auto_cycle::CODE,
    auto_on_world::CODE,
    guard_effect::CODE,
    unsent::CODE,
    unhandled::CODE,
    unreachable::CODE,
    waits_forever::CODE,
    never_fires::CODE,
    no_end::CODE,
];

/// Everything that the checks find in a transaction; `files` are its sources, by index.
pub fn check(protocol: &Protocol, files: &[FileId]) -> Vec<Diagnostic> {
    let context = Context { protocol, files };
    let mut found = Vec::new();
    for check in CHECKS {
        (check.run)(&context, &mut found);
    }
    crate::diagnostic::sort(&mut found);
    found
}
