//! Checks of the machine, the conversation and the functions (LANGUAGE 5.5 to 5.8) on the typed IR.
//!
//! Names, types and flow are [`crate::sema`]'s; what arrives here is well-typed, so a check asks one question
//! about behaviour and nothing else. One file per check. The text of its page (`omtc explain CODE`) is a file in
//! `pages/` that is at once the documentation of the check's module: under *Example* stands a whole
//! transaction that fires the code, under *Instead* one that does not, and a test runs both.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use logic::{Answers, Logic, Remembered};
pub use observed::Observed;
use omt_runtime::ir::analysis::Analysis;
use omt_runtime::ir::{At, Protocol};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

mod conversation;
pub mod logic;
mod machine;
pub(crate) mod may;
mod observed;
mod security;
pub mod walk;

/// What the file of a transaction is called that has a folder of its own.
pub(crate) const TRANSACTION_FILE: &str = "transaction.omt";

/// Stack of a thread that checks: expressions may be deep.
const STACK_BYTES: usize = 256 << 20;

/// What a check sees: one transaction, and which file is which.
pub struct Context<'a> {
    /// The transaction.
    pub protocol: &'a Protocol,
    /// The files of [`omt_runtime::ir::ProtocolMeta::sources`], by index.
    pub files: &'a [FileId],
    /// Names that are read where the IR does not reach.
    pub observed: &'a Observed,
    flow: OnceLock<security::flow::Flow<'a>>,
    analysis: OnceLock<Analysis>,
    /// What is known of its conditions.
    remembered: Option<&'a Remembered<'a>>,
}

impl<'a> Context<'a> {
    /// For the checks of one transaction.
    pub fn new(protocol: &'a Protocol, files: &'a [FileId], observed: &'a Observed) -> Context<'a> {
        Context {
            protocol,
            files,
            observed,
            flow: OnceLock::new(),
            analysis: OnceLock::new(),
            remembered: None,
        }
    }

    /// Answers questions about its conditions.
    pub fn logic(&self) -> Logic<'a> {
        Logic::new(self.protocol).remembering(self.remembered)
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
    check_unless(protocol, files, observed, None, &|| false).unwrap_or_default()
}

/// Threads that check one transaction. What most of them would wait for, a few find out.
const THREADS_MAX: usize = 4;

/// Machines with fewer transitions are checked before another thread has begun.
const TRANSITIONS_ALONE: usize = 16;

/// The same on several threads, with the answers of earlier runs, unless it is `cancelled` meanwhile.
pub fn check_unless(
    protocol: &Protocol,
    files: &[FileId],
    observed: &Observed,
    answers: Option<&Answers>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<Diagnostic>> {
    let remembered = answers.map(|answers| Remembered::new(protocol, answers));
    let mut context = Context::new(protocol, files, observed);
    context.remembered = remembered.as_ref();
    let context = context;
    let checks: Vec<&Check> = all().collect();
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Vec<Diagnostic>)>> = Mutex::default();
    let work = || {
        while !cancelled() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(check) = checks.get(index) else { return };
            let mut found = Vec::new();
            (check.run)(&context, &mut found);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, found));
        }
    };
    let transitions: usize =
        protocol.actors.values().flat_map(|actor| actor.states.values()).map(|s| s.handlers.len()).sum();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let helpers = if transitions < TRANSITIONS_ALONE { 0 } else { threads.saturating_sub(1) };
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            // Where no thread is to be had, this one does it all.
            let _ = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    if results.len() < checks.len() {
        return None;
    }
    if let Some(answers) = answers {
        answers.end_run();
    }
    // As if one had run after the other.
    results.sort_by_key(|(index, _)| *index);
    let mut found: Vec<Diagnostic> = results.into_iter().flat_map(|(_, found)| found).collect();
    crate::diagnostic::sort(&mut found);
    Some(found)
}
