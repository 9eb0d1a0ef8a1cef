//! The JSON form of findings; `docs/diagnostics-json.md` describes it, `docs/schema/diagnostics.schema.json` defines it.

use super::show::{Findings, Tally};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::report::Allowance;
use crate::source::{SourceMap, Span};
use serde::Serialize;
use serde_json::{Map, Value};

/// Version of the form. Members may be added in a version; none is removed or changes its meaning.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    files: Vec<&'a str>,
    diagnostics: Vec<Finding<'a>>,
    allowances: Vec<Allowed<'a>>,
    summary: Tally,
    /// What a verb adds under names of its own.
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Serialize)]
pub struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    title: &'a str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    label: &'a str,
    labels: Vec<Label<'a>>,
    note: Option<&'a str>,
    help: Option<&'a str>,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
pub struct Place<'a> {
    file: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    applicability: &'a str,
    message: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Allowed<'a> {
    code: &'a str,
    reason: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    silenced: Vec<Label<'a>>,
}

/// One object on one line.
pub fn text(findings: &Findings<'_>, max: usize, more: Vec<(&str, Value)>) -> String {
    let sources = findings.sources;
    let document = Document {
        version: VERSION,
        files: sources.iter().map(|(_, file)| file.name()).collect(),
        diagnostics: findings.shown(max).map(|d| finding(sources, d)).collect(),
        allowances: findings.allowances.iter().map(|a| allowed(sources, a)).collect(),
        summary: findings.tally(max),
        more: more.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    // Strings and numbers under names: nothing that JSON cannot hold.
    let text = serde_json::to_string(&document).unwrap_or_default();
    format!("{text}\n")
}

/// The word for an applicability, in all forms for machines.
pub fn applicability(applicability: Applicability) -> &'static str {
    match applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
        Applicability::DisplayOnly => "display_only",
    }
}

/// A finding.
pub fn finding<'a>(sources: &'a SourceMap, d: &'a Diagnostic) -> Finding<'a> {
    let fix = |fix: &'a crate::diagnostic::Fix| Fix {
        applicability: applicability(fix.applicability),
        message: &fix.message,
        edits: fix
            .edits
            .iter()
            .map(|e| Edit { place: place(sources, e.span), replacement: &e.replacement })
            .collect(),
    };
    Finding {
        code: d.code.id,
        severity: d.severity.word(),
        title: d.code.title,
        message: &d.message,
        place: place(sources, d.span()),
        label: &d.primary.message,
        labels: d.secondary.iter().map(|l| label(sources, l.span, &l.message)).collect(),
        note: d.note.as_deref(),
        help: d.help.as_deref(),
        fixes: d.fixes.iter().map(fix).collect(),
    }
}

fn allowed<'a>(sources: &'a SourceMap, a: &'a Allowance) -> Allowed<'a> {
    Allowed {
        code: a.code.id,
        reason: &a.reason,
        place: place(sources, a.span),
        silenced: a.silenced.iter().map(|d| label(sources, d.span(), &d.message)).collect(),
    }
}

fn label<'a>(sources: &'a SourceMap, span: Span, message: &'a str) -> Label<'a> {
    Label { place: place(sources, span), message }
}

/// A place: file, start and end.
pub fn place(sources: &SourceMap, span: Span) -> Place<'_> {
    let at = |offset: u32| {
        let position = sources.get(span.file).map(|file| file.position(offset));
        let (line, column) = position.map_or((1, 1), |p| (p.line, p.column));
        Position { line, column, offset }
    };
    let file = sources.get(span.file).map_or("", |file| file.name());
    Place { file, start: at(span.start), end: at(span.end) }
}
