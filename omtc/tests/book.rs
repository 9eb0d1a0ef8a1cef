//! Sources in the book are sources: they are checked, and have the errors that they say they have.
//!
//! A block marked `omt` is a whole file; those marked `omt NAME` with one name are parts of one. `# error E0451` at the end of a
//! line expects that error on that line. Pages of findings have a test of their own (`codes.rs`), the chapters on the grammar
//! and on scenarios too, since they show parts of files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::report::report;
use omtc::sema::Options;
use omtc::source::MemorySources;
use std::path::{Path, PathBuf};

/// Chapters whose blocks are tested elsewhere.
const ELSEWHERE: [&str; 2] = ["grammar.md", "scenarios.md"];

fn chapters(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("diagnostics") {
            found.extend(chapters(&path));
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Sources of a chapter: blocks of one name are parts of one source.
fn sources(chapter: &str) -> Vec<String> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for block in chapter.split("\n```omt").skip(1) {
        let (info, rest) = block.split_once('\n').unwrap();
        let body = rest.split("\n```").next().unwrap();
        // Blocks of the tutorial are files that its own test puts together.
        if info.contains('=') {
            continue;
        }
        match found.iter_mut().find(|(name, _)| !info.is_empty() && *name == info) {
            Some((_, source)) => source.push_str(&format!("{body}\n")),
            None => found.push((info, format!("{body}\n"))),
        }
    }
    found.into_iter().map(|(_, source)| source).collect()
}

fn expected(source: &str) -> Vec<(usize, String)> {
    let line = |(i, line): (usize, &str)| {
        let (_, code) = line.split_once("# error ")?;
        Some((i + 1, code.trim().to_owned()))
    };
    source.lines().enumerate().filter_map(line).collect()
}

#[test]
fn every_source_in_the_book_has_exactly_the_errors_that_it_says() {
    let mut count = 0;
    let mut wrong = String::new();
    for path in chapters(Path::new("../docs")) {
        if ELSEWHERE.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        for source in sources(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            let files = MemorySources::new().with("protocols/a/transaction.omt", source.as_str());
            let reported = report(
                &files,
                &[PathBuf::from("protocols/a/transaction.omt")],
                &Options { specify: true, ..Options::default() },
            );
            let found: Vec<(usize, String)> = reported
                .diagnostics
                .iter()
                .filter(|d| d.is_error())
                .map(|d| {
                    let file = reported.sources.get(d.primary.span.file).unwrap();
                    (file.position(d.primary.span.start).line as usize, d.code.id.to_owned())
                })
                .collect();
            let expected = expected(&source);
            if found != expected {
                let errors: Vec<String> = reported
                    .diagnostics
                    .iter()
                    .filter(|d| d.is_error())
                    .map(|d| {
                        format!("{}: {} {}", reported.sources.place(d.primary.span), d.code.id, d.message)
                    })
                    .collect();
                wrong.push_str(&format!(
                    "{}: expected {expected:?}, found\n  {}\nin\n{source}\n",
                    path.display(),
                    errors.join("\n  ")
                ));
            }
        }
    }
    assert!(count >= 8, "only {count} blocks were found");
    assert!(wrong.is_empty(), "{wrong}");
}
