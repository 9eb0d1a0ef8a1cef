//! Every check has a page whose example fires it and whose repair does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::check;
use omtc::diagnostic::{Code, Diagnostic, render_all};
use omtc::sema;
use omtc::source::MemorySources;
use std::path::PathBuf;

/// The block of `omt` under a heading of a page.
fn block(code: Code, heading: &str) -> String {
    let (_, after) = code.explanation.split_once(&format!("# {heading}\n")).expect(code.id);
    let section = after.split("\n# ").next().unwrap();
    let (_, fenced) = section.split_once("```omt\n").expect(code.id);
    fenced.split_once("```").unwrap().0.to_owned()
}

/// Everything found in a source, and how it is shown.
fn findings(source: &str) -> (Vec<Diagnostic>, String) {
    let sources = MemorySources::new().with("protocols/example.omt", source);
    let analyzed = sema::analyze(&sources, &[PathBuf::from("protocols/example.omt")]);
    let mut found = analyzed.diagnostics;
    for unit in &analyzed.units {
        if let Some(protocol) = &unit.protocol {
            let files: Vec<_> = unit.files.iter().map(|f| f.id).collect();
            found.extend(check::check(protocol, &files));
        }
    }
    let shown = render_all(&analyzed.sources, &found, false);
    (found, shown)
}

#[test]
fn every_example_fires_its_code_and_no_other_error() {
    let mut wrong = String::new();
    for code in check::CODES {
        let (found, shown) = findings(&block(*code, "Example"));
        let fires = found.iter().any(|d| d.code == *code);
        let alone = found.iter().all(|d| d.code == *code || !d.is_error());
        if !fires || !alone {
            wrong.push_str(&format!("the example of {} does not fire it alone:\n{shown}\n", code.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_repair_is_clean() {
    for code in check::CODES {
        let (found, shown) = findings(&block(*code, "Instead"));
        assert!(found.is_empty(), "the repair of {} has findings:\n{shown}", code.id);
    }
}

#[test]
fn every_finding_has_a_label_a_reason_and_help() {
    for code in check::CODES {
        let (found, shown) = findings(&block(*code, "Example"));
        let d = found.iter().find(|d| d.code == *code).unwrap();
        assert!(
            !d.primary.message.is_empty() && !d.span().is_empty(),
            "{} points nowhere:\n{shown}",
            code.id
        );
        assert!(d.help.is_some(), "{} gives no help:\n{shown}", code.id);
    }
}

#[test]
fn findings_look_like_this() {
    for code in check::CODES {
        insta::assert_snapshot!(code.id, findings(&block(*code, "Example")).1);
    }
}
