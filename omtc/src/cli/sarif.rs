//! Findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"): one run with its rules, results,
//! fixes, and what allowances silenced as suppressed results.

use super::json::applicability;
use super::show::Findings;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::report::Allowance;
use crate::source::{SourceMap, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// One log, indented by nothing.
pub fn text(findings: &Findings<'_>, max: usize) -> String {
    let sources = findings.sources;
    let silenced = findings.allowances.iter().flat_map(|a| a.silenced.iter().map(move |d| (d, Some(a))));
    let results: Vec<(&Diagnostic, Option<&Allowance>)> =
        findings.shown(max).map(|d| (d, None)).chain(silenced.take(max)).collect();
    let mut rules: BTreeMap<&str, (usize, Code)> = BTreeMap::new();
    for (d, _) in &results {
        rules.insert(d.code.id, (0, d.code));
    }
    for (index, (place, _)) in rules.values_mut().enumerate() {
        *place = index;
    }
    let results: Vec<Value> = results
        .into_iter()
        .map(|(d, allowance)| {
            let index = rules.get(d.code.id).map_or(0, |(index, _)| *index);
            result(sources, d, index, allowance)
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "omtc",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|(_, code)| rule(*code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true }],
            "artifacts": sources.iter()
                .map(|(_, file)| json!({
                    "location": { "uri": uri(file.name()) },
                    "length": file.text().len(),
                    "encoding": "UTF-8",
                }))
                .collect::<Vec<_>>(),
            "results": results,
            "properties": { "hidden": findings.tally(max).hidden },
        }],
    });
    format!("{log}\n")
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn rule(code: Code) -> Value {
    let plain = code.explanation.trim();
    let mut tags = Vec::new();
    if code.is_security() {
        tags.push("security");
    }
    json!({
        "id": code.id,
        "name": name(code.title),
        "shortDescription": { "text": code.title },
        "fullDescription": { "text": what(code) },
        "help": { "text": plain, "markdown": plain },
        "defaultConfiguration": { "level": level(code.severity) },
        "properties": { "tags": tags },
    })
}

/// The first paragraph of what a code checks.
fn what(code: Code) -> String {
    let text = code.explanation.trim_start();
    let body = text.split_once("# What it checks").map_or(text, |(_, body)| body).trim_start();
    let paragraph = body.lines().take_while(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let text = paragraph.collect::<Vec<_>>().join(" ");
    if text.is_empty() { code.title.to_owned() } else { text }
}

/// The title in Pascal case, as tools show names of rules.
fn name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            format!("{}{rest}", first.to_ascii_uppercase())
        })
        .collect()
}

fn result(sources: &SourceMap, d: &Diagnostic, rule: usize, allowance: Option<&Allowance>) -> Value {
    let related: Vec<Value> = d
        .secondary
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let mut place = location(sources, label.span);
            if let Some(place) = place.as_object_mut() {
                place.insert("id".to_owned(), json!(index));
                place.insert("message".to_owned(), json!({ "text": label.message }));
            }
            place
        })
        .collect();
    let mut text = d.message.clone();
    for (before, part) in [("\n", d.note.as_deref()), ("\nhelp: ", d.help.as_deref())] {
        text.extend(part.into_iter().flat_map(|part| [before, part]));
    }
    let mut place = location(sources, d.span());
    if let (Some(place), false) = (place.as_object_mut(), d.primary.message.is_empty()) {
        place.insert("message".to_owned(), json!({ "text": d.primary.message }));
    }
    // What has holes cannot be applied.
    let fixes = d.fixes.iter().filter(|fix| fix.applicability != Applicability::DisplayOnly);
    let fixes: Vec<Value> = fixes
        .map(|fix| {
            json!({
                "description": { "text": fix.message },
                "artifactChanges": changes(sources, fix),
                "properties": { "applicability": applicability(fix.applicability) },
            })
        })
        .collect();
    let mut result = json!({
        "ruleId": d.code.id,
        "ruleIndex": rule,
        "level": level(d.severity),
        "message": { "text": text },
        "locations": [place],
    });
    if let Some(members) = result.as_object_mut() {
        if !related.is_empty() {
            members.insert("relatedLocations".to_owned(), Value::Array(related));
        }
        if !fixes.is_empty() {
            members.insert("fixes".to_owned(), Value::Array(fixes));
        }
        if let Some(allowance) = allowance {
            let suppression = json!({
                "kind": "inSource",
                "status": "accepted",
                "justification": allowance.reason,
                "location": location(sources, allowance.span),
            });
            members.insert("suppressions".to_owned(), json!([suppression]));
        }
    }
    result
}

/// The edits of a fix, by file.
fn changes(sources: &SourceMap, fix: &crate::diagnostic::Fix) -> Vec<Value> {
    let mut by_file: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        by_file.entry(edit.span.file).or_default().push(json!({
            "deletedRegion": region(sources, edit.span),
            "insertedContent": { "text": edit.replacement },
        }));
    }
    by_file
        .into_iter()
        .map(|(file, replacements)| {
            let name = sources.get(file).map_or("", |f| f.name());
            json!({ "artifactLocation": { "uri": uri(name), "index": file.0 }, "replacements": replacements })
        })
        .collect()
}

fn location(sources: &SourceMap, span: Span) -> Value {
    let name = sources.get(span.file).map_or("", |f| f.name());
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(name), "index": span.file.0 },
        "region": region(sources, span),
    } })
}

fn region(sources: &SourceMap, span: Span) -> Value {
    let position = |offset| {
        sources.get(span.file).map_or((1, 1), |f| {
            let position = f.position(offset);
            (position.line, position.column)
        })
    };
    let ((line, column), (end_line, end_column)) = (position(span.start), position(span.end));
    json!({
        "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
        "byteOffset": span.start, "byteLength": span.len(),
    })
}

/// The path as a URI reference (RFC 3986): what is not unreserved is percent-encoded.
fn uri(path: &str) -> String {
    let slashed = path.replace(std::path::MAIN_SEPARATOR, "/");
    let absolute = Path::new(path).is_absolute();
    // On Windows an absolute path begins with a drive, which gets its own slash.
    let mut out = String::from(if absolute { "file://" } else { "" });
    if absolute && !slashed.starts_with('/') {
        out.push('/');
    }
    for byte in slashed.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
