//! The JSON form of findings, version 1:
//!
//! ```text
//! { "version": 1,
//!   "files": [ "protocols/a.omt", … ],
//!   "diagnostics": [ { "code", "severity", "title", "message", "file", "span", "label",
//!                      "labels": [ { "file", "span", "message" } ], "note", "help",
//!                      "fixes": [ { "applicability", "message", "edits": [ { "file", "span", "replacement" } ] } ] } ],
//!   "summary": { "errors", "warnings", "notes" } }
//! ```
//!
//! A span has `start` and `end` in bytes, and `line`, `column`, `end_line`, `end_column` from 1, columns in
//! characters. Verbs add members of their own name.

use super::show::Count;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::source::{SourceMap, Span};
use serde_json::{Map, Value, json};

/// Version of the schema. Members may be added in a version; none is removed or changes its meaning.
const VERSION: u32 = 1;

/// One object on one line.
pub fn text(sources: &SourceMap, diagnostics: &[Diagnostic], more: Vec<(&str, Value)>) -> String {
    let count = Count::of(diagnostics);
    let mut object = Map::new();
    object.insert("version".to_owned(), json!(VERSION));
    object.insert("files".to_owned(), sources.iter().map(|(_, file)| json!(file.name())).collect());
    object.insert("diagnostics".to_owned(), diagnostics.iter().map(|d| diagnostic(sources, d)).collect());
    object.insert(
        "summary".to_owned(),
        json!({ "errors": count.errors, "warnings": count.warnings, "notes": count.notes }),
    );
    for (name, value) in more {
        object.insert(name.to_owned(), value);
    }
    format!("{}\n", Value::Object(object))
}

fn diagnostic(sources: &SourceMap, d: &Diagnostic) -> Value {
    let labels: Vec<Value> = d.secondary.iter().map(|l| labelled(sources, l.span, &l.message)).collect();
    let fixes: Vec<Value> = d
        .fixes
        .iter()
        .map(|fix| {
            let edits: Vec<Value> = fix
                .edits
                .iter()
                .map(|e| json!({ "file": file(sources, e.span), "span": span(sources, e.span), "replacement": e.replacement }))
                .collect();
            let applicability = match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
                Applicability::DisplayOnly => "display_only",
            };
            json!({ "applicability": applicability, "message": fix.message, "edits": edits })
        })
        .collect();
    json!({
        "code": d.code.id,
        "severity": d.severity.word(),
        "title": d.code.title,
        "message": d.message,
        "file": file(sources, d.span()),
        "span": span(sources, d.span()),
        "label": d.primary.message,
        "labels": labels,
        "note": d.note,
        "help": d.help,
        "fixes": fixes,
    })
}

fn labelled(sources: &SourceMap, at: Span, message: &str) -> Value {
    json!({ "file": file(sources, at), "span": span(sources, at), "message": message })
}

fn file(sources: &SourceMap, at: Span) -> Value {
    sources.get(at.file).map_or(Value::Null, |f| json!(f.name()))
}

fn span(sources: &SourceMap, at: Span) -> Value {
    let Some(file) = sources.get(at.file) else { return Value::Null };
    let (from, to) = (file.position(at.start), file.position(at.end));
    json!({
        "start": at.start, "end": at.end,
        "line": from.line, "column": from.column, "end_line": to.line, "end_column": to.column,
    })
}
