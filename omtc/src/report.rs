//! Everything that is to be said about sources: what the analysis found and what the checks found, as it is shown.
//!
//! The command line, the editor and the tests ask here and nowhere else, so that all of them say the same.

mod allow;
mod cause;
pub mod codes;
mod comment;
mod session;

use crate::check;
use crate::diagnostic::{self, Code, Diagnostic, Severity};
use crate::sema::{self, Analyzed, Options, Unit, UnitFile};
use crate::source::{FileId, SourceError, SourceMap, SourceProvider};
use crate::syntax;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

pub use crate::sema::session::Known;
pub use allow::Allowance;
pub(crate) use comment::is_allowance;
pub use session::{Again, Session};

/// What is to be said about sources.
#[derive(Debug, Default)]
pub struct Reported {
    /// One for every root, in the order of the roots.
    pub units: Vec<Unit>,
    /// Every source that was read, in that order.
    pub files: Vec<UnitFile>,
    /// The texts of all files.
    pub sources: SourceMap,
    /// All findings that no allowance silences, in the order in which they are shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The allowances of all files, in the order of their places, with what they silence.
    pub allowances: Vec<Allowance>,
    /// Errors that were found and not kept, because a file has so many.
    pub dropped: usize,
}

impl Reported {
    /// Whether anything keeps any unit from being built.
    pub fn has_errors(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }
}

/// Analyses and checks root files (or all `.omt` files below root folders): the findings are those of both.
pub fn report(provider: &dyn SourceProvider, roots: &[PathBuf], options: &Options) -> Reported {
    let analyzed = sema::analyze_with(provider, roots, options);
    let found = checks(&analyzed);
    let Analyzed { units, files, sources, mut diagnostics, dropped } = analyzed;
    diagnostics.extend(found);
    let borrowed: Vec<&Unit> = units.iter().collect();
    let (diagnostics, allowances) = judged(&sources, &files, &borrowed, diagnostics);
    Reported { units, files, sources, diagnostics, allowances, dropped }
}

/// What words and grammar alone tell about some files, each for itself.
///
/// # Errors
/// A file cannot be read.
pub fn words(provider: &dyn SourceProvider, paths: &[PathBuf]) -> Result<Reported, SourceError> {
    let mut reported = Reported::default();
    let mut found = Vec::new();
    for path in paths {
        let file = FileId(u32::try_from(reported.files.len()).unwrap_or(u32::MAX));
        let (text, wrong) = syntax::decode(file, &provider.read(path)?);
        let parsed = syntax::parse(file, &text);
        let name = path.display().to_string();
        reported.sources.add(name.as_str(), text);
        found.extend(wrong.into_iter().chain(parsed.diagnostics));
        reported.dropped = reported.dropped.saturating_add(parsed.dropped);
        reported.files.push(UnitFile {
            id: file,
            path: path.clone(),
            name,
            tree: Arc::new(parsed.file),
            comments: parsed.comments.into(),
        });
    }
    let (shown, allowances) = judged(&reported.sources, &reported.files, &[], found);
    Ok(Reported { diagnostics: shown, allowances, ..reported })
}

fn checks(analyzed: &Analyzed) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // Other transactions read a store, too.
    let observed = check::Observed::of(analyzed.units.iter().flat_map(|u| &u.files).map(|f| f.tree.as_ref()));
    for unit in &analyzed.units {
        if let Some(protocol) = &unit.protocol {
            let files: Vec<FileId> = unit.files.iter().map(|file| file.id).collect();
            found.extend(check::check(protocol, &files, &observed));
        }
    }
    found
}

/// What is shown of all that was found, and the allowances.
fn judged(
    sources: &SourceMap,
    files: &[UnitFile],
    units: &[&Unit],
    found: Vec<Diagnostic>,
) -> (Vec<Diagnostic>, Vec<Allowance>) {
    let ran = Ran::new(units, &found);
    judge(sources, files, units, found, |file, code| ran.decided(file, code))
}

/// Takes out what is allowed and what follows from something else, says once what is said several times, adds what is
/// to be said about allowances, and puts all of it in the order in which it is shown.
fn judge(
    sources: &SourceMap,
    files: &[UnitFile],
    units: &[&Unit],
    mut diagnostics: Vec<Diagnostic>,
    decided: impl Fn(FileId, Code) -> bool,
) -> (Vec<Diagnostic>, Vec<Allowance>) {
    diagnostic::sort(&mut diagnostics);
    let (mut allowances, wrong) = allow::find_all(sources, files);
    let silenced_by = allow::assign(&allowances, &diagnostics);
    let mut shown = wrong;
    // What is allowed still explains others, and what is explained still needs its allowance.
    let explained = cause::explained(units, files, &diagnostics);
    for ((diagnostic, silencer), explained) in diagnostics.into_iter().zip(silenced_by).zip(explained) {
        match silencer.and_then(|index| allowances.get_mut(index)) {
            Some(allowance) => allowance.silenced.push(diagnostic),
            None if explained => {}
            None => shown.push(diagnostic),
        }
    }
    let used: Vec<usize> = allowances.iter().map(|allowance| allowance.silenced.len()).collect();
    shown.extend(allow::superfluous(sources, &allowances, &used, decided));
    diagnostic::sort(&mut shown);
    let mut shown = cause::merge(files, shown);
    rank(&mut shown);
    (shown, allowances)
}

/// Errors first, then security, warnings and notes; within these by file and place.
fn rank(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(|d| match d.severity {
        Severity::Error => 0,
        Severity::Warning | Severity::Note if d.code.is_security() => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    });
}

/// Which findings are known: a file with an error hides others, and a library is checked with whom it serves.
struct Ran {
    /// Files with an error.
    wrong: BTreeSet<FileId>,
    /// Files for which the checks ran, in every unit that they are part of.
    checked: BTreeSet<FileId>,
}

impl Ran {
    fn new(units: &[&Unit], diagnostics: &[Diagnostic]) -> Ran {
        let wrong: BTreeSet<FileId> =
            diagnostics.iter().filter(|d| d.is_error()).map(|d| d.span().file).collect();
        let mut checked = BTreeSet::new();
        let mut unchecked = BTreeSet::new();
        let roots: BTreeSet<FileId> = units.iter().filter_map(|u| u.files.first()).map(|f| f.id).collect();
        for unit in units {
            let files = unit.files.iter().map(|file| file.id);
            if unit.is_transaction && unit.protocol.is_some() {
                // A file that is no root may serve others, which nobody looks at now.
                checked.extend(files.filter(|file| roots.contains(file)));
            } else if unit.is_transaction || files.clone().any(|file| wrong.contains(&file)) {
                unchecked.extend(files);
            }
        }
        Ran { wrong, checked: checked.difference(&unchecked).copied().collect() }
    }

    fn decided(&self, file: FileId, code: Code) -> bool {
        // Lenient readings are reported only by a lenient run.
        let lenient = ("W0801".."W0820").contains(&code.id);
        let words = diagnostic::codes::of_one_file(code);
        !lenient && !self.wrong.contains(&file) && (words || self.checked.contains(&file))
    }
}
