//! The middle of the compiler: from syntax trees to the typed IR, with all errors of all files in one run.
//!
//! ```text
//! load (imports, uses) → scope (names) → signatures (types) → flow (what is set where)
//!      → elaborate (expressions, actions, machines) → emit (what is reachable, canonical)
//! ```
//!
//! [`analyze`] opens no file itself and never stops at the first error: every pass returns what it could make
//! and reports the rest. A unit with an error has no protocol: nothing that is undefined, mistyped, unset or
//! without a source reaches the IR.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the types that fit, all others are reported; the validator of the IR matches them all"
)]

mod action;
mod actor;
mod after;
mod builtin;
mod cause;
pub mod codes;
mod context;
mod convert;
mod depth;
mod dynamic;
mod emit;
mod expr;
mod facts;
mod flow;
mod function;
mod handler;
mod interface;
mod lenient;
mod library;
mod load;
mod member;
mod name;
mod notes;
mod observe;
mod operator;
mod record;
mod roles;
mod scope;
pub(crate) mod session;
mod signature;
mod types;
mod unit;
mod unused;
mod view;

use crate::diagnostic::{self, Diagnostic};
use crate::source::{FileId, SourceMap, SourceProvider};
use crate::spec::Specification;
use crate::syntax::{Comment, ast};
pub(crate) use library::SPECIAL as SPECIAL_FUNCTIONS;
pub use notes::Notes;
use omt_runtime::ir;
pub(crate) use scope::{IDENTIFIERS as RESERVED_VALUES, TYPE_NAMES};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Stack of the thread that analyses: deep enough for [`depth::EXPRESSION_DEPTH_MAX`] nested calls of the
/// elaborator in a debug build, with room to spare.
const ANALYSIS_STACK_BYTES: usize = 256 << 20;

/// What an analysis came to.
#[derive(Debug)]
pub struct Analyzed {
    /// One for every root, in the order of the roots; a folder stands for its `.omt` files, sorted.
    pub units: Vec<Unit>,
    /// Every source that was read, in that order, also those that no unit imports.
    pub files: Vec<UnitFile>,
    /// Every file that was read.
    pub sources: SourceMap,
    /// All findings of all files, in the order in which they are shown.
    pub diagnostics: Vec<Diagnostic>,
    /// Errors that were found and not kept, because a file has so many.
    pub dropped: usize,
}

impl Analyzed {
    /// Whether anything keeps any unit from being built.
    pub fn has_errors(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }
}

/// A root file with everything it imports.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The root file.
    pub path: PathBuf,
    /// Whether it has a `transaction` header; a file without one is a library, which is only checked.
    pub is_transaction: bool,
    /// The typed IR; `None` for a library and when the unit has an error.
    pub protocol: Option<ir::Protocol>,
    /// Properties and scenarios, where they were asked for and nothing is wrong with the unit.
    pub specification: Option<Arc<Specification>>,
    /// Its files, the root first, in the order of [`ir::ProtocolMeta::sources`].
    pub files: Vec<UnitFile>,
}

/// A file of a unit, with its tree for whoever needs more than the IR (comments, properties, scenarios).
#[derive(Clone, Debug)]
pub struct UnitFile {
    /// In [`Analyzed::sources`].
    pub id: FileId,
    /// As read.
    pub path: PathBuf,
    /// Below the protocol folder, without extension.
    pub name: String,
    /// Its tree.
    pub tree: Arc<ast::File>,
    /// Its comments.
    pub comments: Arc<[Comment]>,
}

/// How to analyse.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder from which `imports` and `uses` are resolved, instead of the nearest enclosing one.
    pub protocol_folder: Option<PathBuf>,
    /// Give old files a meaning where one can be given, with a warning at each reading (LANGUAGE 5.1).
    pub lenient: bool,
    /// Make the [`Specification`] of every unit.
    pub specify: bool,
}

/// Analyses root files (or all `.omt` files below root folders) with default options.
pub fn analyze(provider: &dyn SourceProvider, roots: &[PathBuf]) -> Analyzed {
    analyze_with(provider, roots, &Options::default())
}

/// Analyses root files (or all `.omt` files below root folders).
pub fn analyze_with(provider: &dyn SourceProvider, roots: &[PathBuf], options: &Options) -> Analyzed {
    let mut loader = load::Loader::new(provider, options);
    for root in roots {
        loader.root(root);
    }
    let loaded = loader.finish();
    on_large_stack(|| finish(&loaded)).into_analyzed(loaded)
}

/// Units and findings, before they are joined with the sources.
struct Finished {
    units: Vec<Unit>,
    diagnostics: Vec<Diagnostic>,
}

impl Finished {
    fn into_analyzed(self, loaded: load::Loaded) -> Analyzed {
        let mut diagnostics = loaded.diagnostics;
        diagnostics.extend(self.diagnostics);
        diagnostics.iter_mut().for_each(codes::complete);
        diagnostic::sort(&mut diagnostics);
        let files = loaded.files.iter().map(|file| file.of_unit(&file.folder)).collect();
        Analyzed { units: self.units, files, dropped: loaded.dropped, sources: loaded.sources, diagnostics }
    }
}

fn finish(loaded: &load::Loaded) -> Finished {
    let mut diagnostics = Vec::new();
    let too_deep = depth::check_all(loaded, &mut depth::Depths::default(), &mut diagnostics);
    let units = loaded
        .roots
        .iter()
        .filter_map(|root| unit::analyze(loaded, *root, &too_deep, None, None, &mut diagnostics))
        .collect();
    Finished { units, diagnostics }
}

/// Runs on a thread with a large stack; on the caller's when there is no such thread to be had.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send + Clone) -> T {
    let again = work.clone();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(ANALYSIS_STACK_BYTES).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => again(),
        }
    })
}

/// The name of a file below the protocol folder, without extension, with `/`.
fn name_below(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}
