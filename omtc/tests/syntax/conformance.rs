//! The corpus in `tests/conformance`: what the grammar accepts, and what it refuses, one point a file.
//!
//! A file says in its first lines, as comments, why it is accepted or refused: `# reason: …`. An accepted one may
//! give the tree that it is read as (`# tree: …`, in the notation of `shape.rs`) and the warnings it has; a refused
//! one gives every error with its place (`# expect: E0010 at 3:14`), which is one unless it makes several mistakes.
//! Where a first line would change what is tested, the same stands in a file `NAME.reason` beside it.

use super::coverage::{KINDS, Seen};
use super::recognizer::{Grammar, tokens};
use super::shape;
use omtc::diagnostic::{Severity, render_all};
use omtc::fuzz::{fuzz_format, fuzz_parse};
use omtc::source::SourceMap;
use omtc::syntax::ast::File;
use omtc::syntax::{decode, parse};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const CORPUS: &str = "../tests/conformance";

struct Case {
    name: String,
    bytes: Vec<u8>,
    reason: String,
    tree: Option<String>,
    /// Codes and places, as written.
    expected: Vec<String>,
}

struct Found {
    file: File,
    errors: Vec<String>,
    warnings: Vec<String>,
    shown: String,
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "omt") {
            found.push(path);
        }
    }
}

fn cases(kind: &str) -> Vec<Case> {
    let mut paths = Vec::new();
    collect(&Path::new(CORPUS).join(kind), &mut paths);
    paths.iter().map(|path| case(path)).collect()
}

fn case(path: &Path) -> Case {
    let bytes = std::fs::read(path).unwrap();
    let beside = path.with_extension("reason");
    let head = if beside.exists() {
        std::fs::read_to_string(beside).unwrap()
    } else {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.split('\n').take_while(|l| l.starts_with("# ")).map(|l| l[2..].to_owned());
        lines.collect::<Vec<_>>().join("\n")
    };
    let all = |key: &str| -> Vec<String> {
        head.lines().filter_map(|l| l.strip_prefix(key)).map(|l| l.trim().to_owned()).collect()
    };
    Case {
        name: path.strip_prefix(CORPUS).unwrap().display().to_string(),
        bytes,
        reason: all("reason:").concat(),
        tree: all("tree:").pop(),
        expected: all("expect:"),
    }
}

fn read(case: &Case) -> Found {
    let mut map = SourceMap::new();
    let (text, undecoded) = decode(omtc::source::FileId(0), &case.bytes);
    let id = map.add(case.name.as_str(), text.as_str());
    let parsed = parse(id, &text);
    let place = |d: &omtc::diagnostic::Diagnostic| {
        let at = map.get(id).unwrap().position(d.span().start);
        format!("{} at {}:{}", d.code.id, at.line, at.column)
    };
    let all: Vec<_> = undecoded.iter().chain(&parsed.diagnostics).collect();
    let of = |error: bool| {
        all.iter().filter(|d| (d.severity == Severity::Error) == error).map(|d| place(d)).collect()
    };
    let shown = render_all(&map, all.iter().copied(), false);
    Found { errors: of(true), warnings: of(false), shown, file: parsed.file }
}

#[test]
fn what_is_accepted() {
    let mut wrong = String::new();
    for case in cases("ok") {
        let found = read(&case);
        if !found.errors.is_empty() {
            wrong.push_str(&format!("{}: {}\n{}\n", case.name, case.reason, found.shown));
            continue;
        }
        let tree = found.file.decls.iter().map(shape::decl).collect::<Vec<_>>().join(" | ");
        if case.tree.as_ref().is_some_and(|wanted| *wanted != tree) {
            wrong.push_str(&format!(
                "{}: {}\nis\n    {tree}\nnot\n    {}\n",
                case.name,
                case.reason,
                case.tree.unwrap()
            ));
        }
        // Idempotent, with every comment and the same tree.
        fuzz_format(&case.bytes);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_refused() {
    let mut wrong = String::new();
    for case in cases("err") {
        let found = read(&case);
        if found.errors != case.expected {
            wrong.push_str(&format!(
                "{}: {}\nis {:?}\nnot {:?}\n{}\n",
                case.name, case.reason, found.errors, case.expected, found.shown
            ));
        }
        fuzz_parse(&case.bytes);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The second reader of the grammar comes to the same verdict.
#[test]
fn the_grammar_says_the_same() {
    let grammar = Grammar::read(include_str!("grammar.ebnf"));
    let mut wrong = String::new();
    for (kind, accepted) in [("ok", true), ("err", false)] {
        for case in cases(kind) {
            let Ok(text) = std::str::from_utf8(&case.bytes) else { continue };
            // How deep is too deep is no matter of the grammar.
            if case.name.contains("nesting") {
                continue;
            }
            let foreign = ["&&", "||", "!"];
            let verdict = tokens(text).is_some_and(|tokens| {
                !tokens.iter().any(|t| foreign.contains(&t.text.as_str())) && grammar.accepts(&tokens)
            });
            if verdict != accepted {
                wrong.push_str(&format!("{}: {}\n", case.name, case.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_corpus_is_large_and_says_why() {
    let (ok, err) = (cases("ok"), cases("err"));
    assert!(ok.len() >= 300 && err.len() >= 250, "{} and {}", ok.len(), err.len());
    let mut sources = BTreeSet::new();
    for case in ok.iter().chain(&err) {
        assert!(case.reason.len() > 5, "{} says no reason", case.name);
        assert!(case.bytes.len() < 8_192, "{} is large", case.name);
        assert!(sources.insert(&case.bytes), "{} is there twice", case.name);
    }
    for case in &err {
        assert!(!case.expected.is_empty(), "{} expects no error", case.name);
    }
    // One mistake is one finding.
    let several = err.iter().filter(|c| c.expected.len() > 1).count();
    assert!(several * 20 < err.len(), "{several} of {} have several errors", err.len());
}

/// Warnings are for what is accepted and doubtful; few files are.
#[test]
fn few_warn() {
    let warned: Vec<String> = cases("ok")
        .iter()
        .filter_map(|case| {
            let found = read(case);
            (!found.warnings.is_empty()).then(|| format!("{} {}", case.name, found.warnings.join(", ")))
        })
        .collect();
    insta::assert_snapshot!(warned.join("\n"));
}

/// Every kind of node, every optional part there and absent, every list with none, one and several.
#[test]
fn every_production_has_a_source() {
    let mut seen = Seen::default();
    for case in cases("ok") {
        // Deep trees need a deep stack, and show nothing new.
        if !case.name.contains("nesting") {
            seen.file(&read(&case).file);
        }
    }
    let wanted: BTreeSet<String> =
        KINDS.split_whitespace().map(str::to_owned).chain(seen.wanted.into_keys()).collect();
    let missing: Vec<&String> = wanted.difference(&seen.nodes).collect();
    let unknown: Vec<&String> = seen.nodes.difference(&wanted).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:#?}, not in the list {unknown:#?}");
    assert!(wanted.len() > 200, "{}", wanted.len());
}
