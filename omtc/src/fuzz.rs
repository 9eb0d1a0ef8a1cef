//! Fuzz targets as plain functions: properties that hold for every input. A panic is a finding.
//!
//! A fuzzer calls them with its bytes; the tests call them with random ones.

use crate::diagnostic::has_errors;
use crate::format::format_parsed;
use crate::source::{FileId, SourceMap};
use crate::syntax::{Parsed, ast, decode, parse};

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
