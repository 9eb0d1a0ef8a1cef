//! `omtc build`: from sources to everything that is made of them.
//!
//! ```text
//! read → analyze (sema) → check → packages → Rust → documentation → diagrams → compare or write
//! ```
//!
//! Pure but for two traits: sources come through [`SourceProvider`], outputs go through [`OutputFiles`]. Nothing is
//! written unless everything could be made, and then under temporary names first. What was read is written down
//! with its hashes, so that the next run knows without compiling whether there is anything to do.

pub mod codes;
mod compile;
mod manifest;
mod names;
mod output;
mod page;
mod record;

pub(crate) use compile::unknown_placeholder;
pub use compile::{Compiled, compile, find_sources};
pub use manifest::{MANIFEST, MEMORY};
pub(crate) use names::place;
pub use output::{MemoryFiles, OutputError, OutputFiles, Rewrite, replace, rewrite};

use crate::diagnostic::{self, Diagnostic};
use crate::report::{Allowance, Reported};
use crate::sema;
use crate::source::{SourceError, SourceMap, SourceProvider};
use manifest::{Manifest, Memory};
use omt_runtime::crypto::sha256;
use record::Recorder;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

/// A kind of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emit {
    /// Rust sources, in `src/`.
    Rust,
    /// Markdown, in `docs/`.
    Docs,
    /// Packages, in `packages/`.
    Package,
    /// Diagrams, in `graphs/`.
    Graphs,
}

impl Emit {
    /// All kinds.
    pub const ALL: [Emit; 4] = [Emit::Rust, Emit::Docs, Emit::Package, Emit::Graphs];

    /// The folder below the output folder that belongs to this kind alone.
    pub fn folder(self) -> &'static str {
        match self {
            Emit::Rust => "src",
            Emit::Docs => "docs",
            Emit::Package => "packages",
            Emit::Graphs => "graphs",
        }
    }
}

/// What is to be built.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Where outputs go.
    pub out: PathBuf,
    /// Which outputs.
    pub emit: BTreeSet<Emit>,
    /// Only compare with what is there.
    pub check: bool,
    /// Folder from which `imports` and `uses` are resolved, instead of the nearest enclosing one.
    pub protocol_folder: Option<PathBuf>,
    /// Give old files a meaning where one can be given.
    pub lenient: bool,
    /// Something that differs between two compilers.
    pub compiler: String,
    /// Ends the names of temporary files; differs between processes.
    pub suffix: String,
}

/// Why nothing could be built, other than by findings in the sources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A path that was given leads nowhere.
    #[error("there is no file or folder {}", .0.display())]
    NoSuchPath(PathBuf),
    /// A folder that was given has no source in it.
    #[error("there is no .omt file in {}", .0.display())]
    NoSources(PathBuf),
    /// No source has a header.
    #[error("none of the {0} .omt files has a `transaction` header, so there is nothing to build")]
    NoTransaction(usize),
    /// A source could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An output could not be read or written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// What was recorded of explorations cannot be read.
    #[error("{} cannot be read: {reason}; `omtc verify --record` writes it again", path.display())]
    Verified {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two transactions would be written to one file.
    #[error("{0} would be written twice: two transactions have the same name; rename one of their folders")]
    Twice(String),
    /// The compiler made something that the runtime refuses: a defect of the compiler.
    #[error("the compiler is wrong about {transaction}: {reason}")]
    Internal {
        /// Path of the transaction.
        transaction: String,
        /// What the runtime said.
        reason: String,
    },
}

/// How an output on disk differs from what would be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// It is not there.
    Missing,
    /// It has other bytes.
    Changed,
    /// It would not be written at all.
    LeftOver,
}

impl Stale {
    /// `missing`, `changed`, `left over`
    pub fn word(self) -> &'static str {
        match self {
            Stale::Missing => "missing",
            Stale::Changed => "changed",
            Stale::LeftOver => "left over",
        }
    }
}

/// What a build came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Every file that was read, for the findings.
    pub sources: SourceMap,
    /// Findings; with an error among them nothing was written.
    pub diagnostics: Vec<Diagnostic>,
    /// The allowances of all files, with what they silence.
    pub allowances: Vec<Allowance>,
    /// Errors that were found and not kept.
    pub dropped: usize,
    /// The steps, and how long each took.
    pub steps: Vec<(&'static str, Duration)>,
    /// Nothing had to be done: how many sources and outputs were looked at, and how many warnings were shown earlier.
    pub up_to_date: Option<(usize, usize, usize)>,
    /// Number, name and protocol id of every transaction.
    pub transactions: Vec<(String, String, String)>,
    /// Files that were written, with their size.
    pub written: Vec<(PathBuf, usize)>,
    /// Files that were the same already.
    pub unchanged: usize,
    /// Files of an earlier build that were removed.
    pub removed: Vec<PathBuf>,
    /// With [`Request::check`]: what differs.
    pub stale: Vec<(PathBuf, Stale)>,
}

impl Report {
    /// Whether anything is wrong with the sources or, when comparing, with the outputs.
    pub fn has_findings(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics) || !self.stale.is_empty()
    }
}

/// Measures the steps.
struct Steps<'a> {
    clock: &'a dyn Fn() -> Duration,
    begun: Duration,
    done: Vec<(&'static str, Duration)>,
}

impl Steps<'_> {
    fn end(&mut self, name: &'static str) {
        let now = (self.clock)();
        self.done.push((name, now.saturating_sub(self.begun)));
        self.begun = now;
    }
}

/// Builds, or compares.
///
/// # Errors
/// When a path leads nowhere, something cannot be read or written, or there is nothing to build.
pub fn build(
    request: &Request,
    sources: &dyn SourceProvider,
    files: &mut dyn OutputFiles,
    clock: &dyn Fn() -> Duration,
) -> Result<Report, BuildError> {
    let mut steps = Steps { clock, begun: clock(), done: Vec::new() };
    if !request.check
        && let Some(memory) = Memory::load(files, &request.out)
        && memory.still_holds(request, sources, files)
    {
        steps.end("compare");
        let up_to_date = Some((memory.source_count(), memory.output_count(), memory.warnings));
        return Ok(Report { up_to_date, steps: steps.done, ..Report::default() });
    }

    let recorder = Recorder::new(sources);
    let found = find_sources(&recorder, &request.paths)?;
    let options = sema::Options {
        protocol_folder: request.protocol_folder.clone(),
        lenient: request.lenient,
        specify: request.emit.contains(&Emit::Docs),
    };
    let compiled = compile(&recorder, &request.paths, &options, &mut |name| steps.end(name))?;
    let Reported { sources: texts, diagnostics, allowances, dropped, .. } = compiled.reported;
    let mut report = Report { sources: texts, diagnostics, allowances, dropped, ..Report::default() };
    if diagnostic::has_errors(&report.diagnostics) {
        report.steps = steps.done;
        return Ok(report);
    }
    if compiled.transactions.is_empty() {
        return Err(BuildError::NoTransaction(found.len()));
    }
    report.transactions = compiled
        .transactions
        .iter()
        .map(|t| {
            let protocol = &t.package.protocol;
            (protocol.number.clone(), protocol.meta.name.clone(), t.package.id.to_string())
        })
        .collect();

    let old = Manifest::load(files, &request.out)?;
    let drawn = |manifest: &Manifest| manifest.files.keys().any(|path| path.starts_with("graphs/"));
    let pages = page::Pages {
        transactions: &compiled.transactions,
        out: &request.out,
        // Of this build, or of an earlier one that this one leaves alone.
        graphs: request.emit.contains(&Emit::Graphs) || old.as_ref().is_some_and(drawn),
    };
    let made = compile::emit(&pages, &request.emit, &recorder, &mut report, &mut |name| {
        steps.end(name);
    })?;
    if diagnostic::has_errors(&report.diagnostics) {
        report.steps = steps.done;
        return Ok(report);
    }
    let listed = compiled.transactions.iter().map(compile::Transaction::listed).collect();
    let outputs = Outputs::new(request, made, listed, old.as_ref());
    if request.check {
        report.stale = outputs.compare(request, files)?;
        steps.end("compare");
    } else {
        outputs.write(request, files, recorder.record(), &mut report)?;
        steps.end("write");
    }
    report.steps = steps.done;
    Ok(report)
}

/// All outputs, by path below the output folder.
struct Outputs {
    /// With the manifest.
    files: BTreeMap<String, Vec<u8>>,
    /// What an earlier build wrote and this one would not.
    obsolete: Vec<String>,
    /// What an earlier build wrote of kinds that this one leaves alone.
    kept: BTreeMap<String, String>,
}

impl Outputs {
    fn new(
        request: &Request,
        mut files: BTreeMap<String, Vec<u8>>,
        transactions: Vec<manifest::Transaction>,
        old: Option<&Manifest>,
    ) -> Outputs {
        let mine = |path: &str| {
            let first = path.split('/').next().unwrap_or_default();
            request.emit.iter().any(|kind| kind.folder() == first)
        };
        let mut obsolete = Vec::new();
        let mut kept = BTreeMap::new();
        for (path, hash) in old.into_iter().flat_map(|m| &m.files) {
            if !mine(path) {
                kept.insert(path.clone(), hash.clone());
            } else if !files.contains_key(path) && is_plain(path) {
                obsolete.push(path.clone());
            }
        }
        let mut manifest = Manifest::new(transactions, &files);
        manifest.files.extend(kept.clone());
        files.insert(MANIFEST.to_owned(), manifest.bytes());
        Outputs { files, obsolete, kept }
    }

    fn compare(
        &self,
        request: &Request,
        files: &dyn OutputFiles,
    ) -> Result<Vec<(PathBuf, Stale)>, OutputError> {
        let mut stale = Vec::new();
        let mut expected = BTreeSet::new();
        for (path, bytes) in &self.files {
            let path = request.out.join(path);
            match files.read(&path)? {
                None => stale.push((path.clone(), Stale::Missing)),
                Some(there) if there != *bytes => stale.push((path.clone(), Stale::Changed)),
                Some(_) => {}
            }
            expected.insert(path);
        }
        for kind in &request.emit {
            for path in files.list(&request.out.join(kind.folder()))? {
                if !expected.contains(&path) {
                    stale.push((path, Stale::LeftOver));
                }
            }
        }
        stale.sort();
        Ok(stale)
    }

    fn write(
        &self,
        request: &Request,
        files: &mut dyn OutputFiles,
        read: record::Record,
        report: &mut Report,
    ) -> Result<(), OutputError> {
        let mut changed: Vec<(PathBuf, &[u8])> = Vec::new();
        let mut hashes = self.kept.clone();
        for (path, bytes) in &self.files {
            hashes.insert(path.clone(), sha256(bytes).to_string());
            let path = request.out.join(path);
            // The manifest is written last: it tells which files are whole.
            if files.read(&path)?.as_deref() == Some(bytes) {
                report.unchanged = report.unchanged.saturating_add(1);
            } else {
                changed.push((path, bytes));
            }
        }
        changed.sort_by_key(|(path, _)| path.ends_with(MANIFEST));
        let memory = request.out.join(MEMORY);
        // From here on an interruption leaves a folder that the next run looks through again.
        files.remove(&memory)?;
        output::replace(files, &changed, &request.suffix)?;
        for path in &self.obsolete {
            let path = request.out.join(path);
            if files.read(&path)?.is_some() {
                files.remove(&path)?;
                report.removed.push(path);
            }
        }
        let remembered = Memory::new(request, read, hashes, report.diagnostics.len()).bytes();
        output::replace(files, &[(memory, &remembered)], &request.suffix)?;
        report.written = changed.into_iter().map(|(path, bytes)| (path, bytes.len())).collect();
        Ok(())
    }
}

/// Whether a path of a manifest stays below the output folder: it comes from a file that anybody may have edited.
fn is_plain(path: &str) -> bool {
    std::path::Path::new(path).components().all(|c| matches!(c, std::path::Component::Normal(_)))
}
