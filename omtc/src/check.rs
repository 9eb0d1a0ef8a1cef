//! Checks of the machine, the conversation and the functions (LANGUAGE 5.5 to 5.8) on the typed IR.
//!
//! Names, types and flow are [`crate::sema`]'s; what arrives here is well-typed, so a check asks one question
//! about behaviour and nothing else. One file per check. The text of its page (`omtc explain CODE`) is a file in
//! `pages/` that is at once the documentation of the check's module: under *Example* stands a whole
//! transaction that fires the code, under *Instead* one that does not, and a test runs both.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
pub use observed::Observed;
use omt_runtime::ir::analysis::Analysis;
use omt_runtime::ir::{At, Protocol};
use std::cell::OnceCell;
use std::collections::BTreeSet;

mod conversation;
pub mod logic;
mod machine;
pub(crate) mod may;
mod observed;
mod security;
pub mod walk;

/// What the file of a transaction is called that has a folder of its own.
pub(crate) const TRANSACTION_FILE: &str = "transaction.omt";

/// What a check sees: one transaction, and which file is which.
pub struct Context<'a> {
    /// The transaction.
    pub protocol: &'a Protocol,
    /// The files of [`omt_runtime::ir::ProtocolMeta::sources`], by index.
    pub files: &'a [FileId],
    /// Names that are read where the IR does not reach.
    pub observed: &'a Observed,
    flow: OnceCell<security::flow::Flow<'a>>,
    analysis: OnceCell<Analysis>,
}

impl<'a> Context<'a> {
    /// For the checks of one transaction.
    pub fn new(protocol: &'a Protocol, files: &'a [FileId], observed: &'a Observed) -> Context<'a> {
        Context { protocol, files, observed, flow: OnceCell::new(), analysis: OnceCell::new() }
    }

    /// Where its values come from and what is asked about them; found out once, when somebody wants to know.
    pub(in crate::check) fn flow(&self) -> &security::flow::Flow<'a> {
        self.flow.get_or_init(|| security::flow::Flow::of(self.protocol))
    }

    /// Which messages its states handle; found out once, too.
    pub fn analysis(&self) -> &Analysis {
        self.analysis.get_or_init(|| Analysis::of(self.protocol))
    }

    /// Whether a place is in the transaction itself or in a part of it: a file beside its `transaction.omt`. What stands
    /// elsewhere serves others, too.
    pub fn is_own(&self, at: At) -> bool {
        let sources = &self.protocol.meta.sources;
        let part = |of: &str| of.strip_suffix(TRANSACTION_FILE).map(str::to_owned);
        let folder = || sources.first().and_then(|root| part(root));
        let beside = |folder: String| {
            let path = sources.get(at.file as usize).and_then(|path| path.strip_prefix(folder.as_str()));
            path.is_some_and(|rest| !rest.contains('/'))
        };
        at.file == 0 || folder().is_some_and(beside)
    }

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

/// The checks of all families. A check belongs to one.
pub const FAMILIES: &[&[Check]] = &[machine::CHECKS, conversation::CHECKS, security::CHECKS];

/// All checks.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().copied().flatten()
}

/// Branches of a transaction that can certainly never be taken: actor, state, index of the handler, whether it is the
/// `else`. What is not among them may still be out of reach.
pub fn never_taken(protocol: &Protocol) -> BTreeSet<(String, String, u32, bool)> {
    let observed = Observed::default();
    machine::never_taken(&Context::new(protocol, &[], &observed))
}

/// Everything that the checks find in a transaction; `files` are its sources, by index.
pub fn check(protocol: &Protocol, files: &[FileId], observed: &Observed) -> Vec<Diagnostic> {
    check_unless(protocol, files, observed, &|| false).unwrap_or_default()
}

/// The same, unless it is `cancelled` meanwhile.
pub fn check_unless(
    protocol: &Protocol,
    files: &[FileId],
    observed: &Observed,
    cancelled: &dyn Fn() -> bool,
) -> Option<Vec<Diagnostic>> {
    let context = Context::new(protocol, files, observed);
    let mut found = Vec::new();
    for check in all() {
        if cancelled() {
            return None;
        }
        (check.run)(&context, &mut found);
    }
    crate::diagnostic::sort(&mut found);
    Some(found)
}
