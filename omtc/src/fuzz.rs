//! Fuzz targets as plain functions: properties that hold for every input. A panic is a finding.
//!
//! A fuzzer calls them with its bytes; the tests call them with random ones.

use crate::diagnostic::{Applicability, Diagnostic, has_errors};
use crate::fix::{Fixed, Wanted, fix};
use crate::format::format_parsed;
use crate::report::{Reported, report};
use crate::sema::Options;
use crate::source::{FileId, MemorySources, SourceMap};
use crate::syntax::{Parsed, ast, decode, parse};
use omt_runtime::package::Package;
use std::path::PathBuf;

/// The file in which an input is analysed.
const INPUT: &str = "protocols/input.omt";

/// Any bytes: reading never panics, every span lies in the text, every finding can be rendered, and what was
/// read without errors survives the formatter.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_parse(data: &[u8]) {
    let (text, _) = decode(FileId(0), data);
    let parsed = parse(FileId(0), &text);
    let mut map = SourceMap::new();
    map.add("fuzz.omt", text.as_str());
    for diagnostic in &parsed.diagnostics {
        let spans = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).map(|l| l.span);
        for span in spans.chain(diagnostic.fixes.iter().flat_map(|f| f.edits.iter().map(|e| e.span))) {
            let found = text.get(span.start as usize..span.end as usize);
            assert!(found.is_some(), "{} has a span outside of the text: {span:?}", diagnostic.code.id);
        }
    }
    // A few are enough: rendering costs more than parsing.
    let rendered = crate::diagnostic::render_all(&map, parsed.diagnostics.iter().take(5), false);
    assert!(parsed.diagnostics.is_empty() != rendered.starts_with('['), "findings are shown with their code");
    check_format(&parsed, &text);
}

/// Any bytes: what has no errors keeps its meaning and its comments when it is formatted, and formatting it
/// again changes nothing.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_format(data: &[u8]) {
    let (text, _) = decode(FileId(0), data);
    check_format(&parse(FileId(0), &text), &text);
}

/// Any bytes: analysis and checks never panic, and what has no errors is the same protocol when it is formatted.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_check(data: &[u8]) {
    let first = analyzed(data);
    let id = |analyzed: &Reported| -> Option<String> {
        let protocol = analyzed.units.first()?.protocol.clone()?;
        Some(
            Package::from_protocol(protocol).map_or_else(|e| e.to_string(), |package| package.id.to_string()),
        )
    };
    let Some(before) = id(&first) else { return };
    let (text, _) = decode(FileId(0), data);
    let formatted = format_parsed(&parse(FileId(0), &text), &text);
    let after = id(&analyzed(formatted.as_bytes()));
    assert_eq!(Some(before), after, "formatting made another protocol:\n{text}\n{formatted}");
}

/// Any bytes: applying fixes never panics and never makes an error, and those that are certain leave nothing for a
/// second time.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_fix(data: &[u8]) {
    let before = errors(&analyzed(data).diagnostics);
    for applicability in [Applicability::Safe, Applicability::Unsafe] {
        let once = fixed(data, applicability);
        assert!(errors(&once.left.diagnostics) <= before, "fixes made errors: {:#?}", once.applied);
        let Some(change) = once.changes.first() else { continue };
        let twice = fixed(change.after.as_bytes(), applicability);
        assert!(
            twice.changes.is_empty()
                || once.rounds == crate::fix::ROUNDS_MAX
                || applicability != Applicability::Safe,
            "there was more to fix: {:#?}\n{}",
            twice.applied,
            change.after
        );
    }
}

fn analyzed(data: &[u8]) -> Reported {
    let sources = MemorySources::new().with(INPUT, data);
    report(&sources, &[PathBuf::from(INPUT)], &Options::default())
}

fn fixed(data: &[u8], applicability: Applicability) -> Fixed {
    let sources = MemorySources::new().with(INPUT, data);
    let files = [PathBuf::from(INPUT)];
    let wanted = Wanted { applicability, codes: &[], files: &files };
    fix(&sources, &files, &Options::default(), wanted)
}

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|d| d.is_error()).count()
}

fn check_format(parsed: &Parsed, text: &str) {
    if has_errors(&parsed.diagnostics) {
        return;
    }
    let once = format_parsed(parsed, text);
    let again = parse(FileId(0), &once);
    assert!(
        !has_errors(&again.diagnostics),
        "the formatted text has errors:\n{once}\n{:#?}",
        again.diagnostics
    );
    assert_eq!(
        meaning(&parsed.file),
        meaning(&again.file),
        "formatting changed the meaning:\n{text}\n{once}"
    );
    let comments = |p: &Parsed| p.comments.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
    assert_eq!(comments(parsed), comments(&again), "formatting lost a comment:\n{once}");
    let twice = format_parsed(&again, &once);
    assert_eq!(once, twice, "formatting is not idempotent");
}

/// The tree without positions and documentation, as text: two sources with the same one mean the same.
pub fn meaning(file: &ast::File) -> String {
    let debug = crate::syntax::stack::on_large_stack(|| format!("{:?}", file.decls));
    let mut out = String::with_capacity(debug.len() / 2);
    let mut rest = debug.as_str();
    // Strings in the tree are escaped by `Debug`, so that ` Span {` in one has a quote or space before it only
    // if both sides have it.
    while let Some((before, after)) = rest.split_once("Span { file: FileId(") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    without_docs(&out)
}

fn without_docs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("doc: Some(Doc { text: \"") {
        out.push_str(before);
        out.push_str("doc: None");
        // The text ends at the first quote that is not escaped.
        let mut escaped = false;
        let end = after.char_indices().find(|(_, c)| {
            let is_end = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            is_end
        });
        let tail = end.and_then(|(i, _)| after.get(i..)).unwrap_or("");
        rest = tail.split_once("})").map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}
