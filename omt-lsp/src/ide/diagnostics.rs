//! Findings, as an editor shows them.

use super::engine::Analysis;
use super::{Edit, Place, Range};
use omtc::diagnostic::codes::of_one_file;
use omtc::diagnostic::{Applicability, Diagnostic, Fix, Severity};
use omtc::source::Span;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A finding in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub range: Range,
    /// How grave.
    pub severity: Severity,
    /// `E0101`
    pub code: &'static str,
    /// What is wrong, why, and what to do.
    pub message: String,
    /// The other places that make it wrong.
    pub related: Vec<(Place, String)>,
    /// It is there for nothing.
    pub unnecessary: bool,
    /// It is read for the sake of old files.
    pub deprecated: bool,
    /// Whether words and grammar alone tell it.
    pub syntax: bool,
    /// Ways to repair it.
    pub repairs: Vec<Repair>,
}

/// A way to repair a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What it does.
    pub title: String,
    /// Whether it is certainly what was meant.
    pub safe: bool,
    /// By file.
    pub edits: BTreeMap<PathBuf, Vec<Edit>>,
}

/// What can be left out without a change of meaning.
const UNNECESSARY: &[&str] = &["W0101", "W0450", "W0452", "W0556", "W0561", "W0563", "W0564", "W0902"];

/// Readings for the sake of old files.
fn is_deprecated(code: &str) -> bool {
    ("W0801".."W0820").contains(&code)
}

/// A finding of a report.
pub fn finding(diagnostic: &Diagnostic, place: &dyn Fn(Span) -> Option<Place>) -> Finding {
    let mut message = diagnostic.message.clone();
    let label = &diagnostic.primary.message;
    let lines = [Some(label).filter(|label| !label.is_empty()), diagnostic.note.as_ref()];
    for line in lines.into_iter().flatten() {
        message.push('\n');
        message.push_str(line);
    }
    if let Some(help) = &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let related = diagnostic.secondary.iter().filter_map(|l| Some((place(l.span)?, l.message.clone())));
    let code = diagnostic.code.id;
    Finding {
        range: diagnostic.span().into(),
        severity: diagnostic.severity,
        code,
        message,
        related: related.collect(),
        unnecessary: UNNECESSARY.contains(&code),
        deprecated: is_deprecated(code),
        syntax: of_one_file(diagnostic.code),
        repairs: diagnostic.fixes.iter().filter_map(|fix| repair(fix, place)).collect(),
    }
}

fn repair(fix: &Fix, place: &dyn Fn(Span) -> Option<Place>) -> Option<Repair> {
    if fix.applicability == Applicability::DisplayOnly || fix.edits.is_empty() {
        return None;
    }
    let mut edits: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        let at = place(edit.span)?;
        edits.entry(at.path).or_default().push(Edit { range: at.range, text: edit.replacement.clone() });
    }
    Some(Repair { title: fix.message.clone(), safe: fix.applicability == Applicability::Safe, edits })
}

/// All findings of a file, in the order of the text.
pub fn of_file(analysis: &Analysis, path: &Path) -> Vec<Finding> {
    let Some(file) = analysis.report.sources.find(&path.display().to_string()) else { return Vec::new() };
    let place = |span: Span| {
        let source = analysis.report.sources.get(span.file)?;
        Some(Place { path: PathBuf::from(source.name()), range: span.into() })
    };
    let mut found: Vec<Finding> = analysis.findings(file).map(|d| finding(d, &place)).collect();
    found.sort_by(|a, b| (a.range, a.severity, a.code).cmp(&(b.range, b.severity, b.code)));
    found
}

/// The files that have findings.
pub fn files(analysis: &Analysis) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = analysis
        .report
        .diagnostics
        .iter()
        .filter_map(|d| analysis.report.sources.get(d.span().file))
        .map(|file| PathBuf::from(file.name()))
        .collect();
    files.sort();
    files.dedup();
    files
}
