//! Every check has a page whose example fires it and whose repair does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::check;
use omtc::diagnostic::{Code, Diagnostic, render_all};
use omtc::report::report;
use omtc::sema::Options;
use omtc::source::MemorySources;
use std::path::PathBuf;

fn codes() -> impl Iterator<Item = Code> {
    check::all().map(|check| check.code)
}

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
    let reported = report(&sources, &[PathBuf::from("protocols/example.omt")], &Options::default());
    let shown = render_all(&reported.sources, &reported.diagnostics, false);
    (reported.diagnostics, shown)
}

#[test]
fn every_example_fires_its_code_and_no_other_error() {
    let mut wrong = String::new();
    for code in codes() {
        let (found, shown) = findings(&block(code, "Example"));
        let fires = found.iter().any(|d| d.code == code);
        let alone = found.iter().all(|d| d.code == code || !d.is_error());
        if !fires || !alone {
            wrong.push_str(&format!("the example of {} does not fire it alone:\n{shown}\n", code.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_repair_is_clean() {
    for code in codes() {
        let (found, shown) = findings(&block(code, "Instead"));
        assert!(found.is_empty(), "the repair of {} has findings:\n{shown}", code.id);
    }
}

#[test]
fn every_finding_has_a_label_a_reason_and_help() {
    for code in codes() {
        let (found, shown) = findings(&block(code, "Example"));
        let d = found.iter().find(|d| d.code == code).unwrap();
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
    for code in codes() {
        insta::assert_snapshot!(code.id, findings(&block(code, "Example")).1);
    }
}
