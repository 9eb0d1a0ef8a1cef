//! The real binary: exit status, texts, and what is on disk afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::{Place, Run};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

#[test]
fn a_wrong_call_is_told_apart_from_a_wrong_source() {
    let place = Place::with_ping();
    place.run(&[]).ends(2).complains("Usage: omtc");
    place.run(&["biuld"]).ends(2).complains("biuld");
    place.run(&["build", "--emit", "rust,svg"]).ends(2).complains("svg");
    place.run(&["check", "--syntax-only", "--matrix"]).ends(2).complains("--matrix");
    place.run(&["--help"]).ends(0).says("build");
    place.run(&["--version"]).ends(0).says(env!("CARGO_PKG_VERSION"));
}

#[test]
fn explain_gives_the_long_text_and_lists_all_codes() {
    let place = Place::new();
    place.run(&["explain", "e0451"]).ends(0).says("E0451 (error)").says("# Why it matters").says("# Instead");
    place.run(&["explain"]).ends(0).says("E0010").says("W0451");
    place.run(&["explain", "E0O10"]).ends(2).complains("there is no code E0O10").complains("E0010");
}

#[test]
fn a_path_that_leads_nowhere_is_named() {
    let place = Place::with_ping();
    for verb in ["check", "build"] {
        place.run(&[verb, "protocols/pong"]).ends(2).complains("there is no file or folder protocols/pong");
        place.run(&[verb, "protocols/ping", "nowhere.omt"]).ends(2).complains("nowhere.omt");
    }
    assert_eq!(place.outputs(), []);
}

#[test]
fn a_folder_without_sources_is_named() {
    let place = Place::new();
    place.write("protocols/README.md", "nothing here");
    for verb in ["check", "build"] {
        place.run(&[verb, "protocols"]).ends(2).complains("there is no .omt file in protocols");
    }
}

#[test]
fn a_source_that_is_not_utf8_is_a_finding_with_a_position() {
    let place = Place::with_ping();
    place.write("protocols/bad.omt", b"enum E ( A )\nenum F ( \xFF )\n");
    for arguments in
        [&["check", "protocols"][..], &["check", "--syntax-only", "protocols"], &["build", "protocols"]]
    {
        place.run(arguments).ends(1).says("not valid UTF-8").says("bad.omt:2:10");
    }
    assert_eq!(place.outputs(), []);
}

#[test]
fn syntax_only_reports_every_mistake_of_every_file() {
    let place = Place::new();
    place.write("a.omt", "enum E ( A 1 )\nenum ( B )\n");
    place.write("b.omt", "struct S (");
    let run =
        place.run(&["check", "--syntax-only", "."]).ends(1).says("a.omt:1").says("a.omt:2").says("b.omt:1");
    assert!(!run.out.contains('\u{1b}'), "colours although this is no terminal");
    place.run(&["check", "--syntax-only", "--color", "always", "."]).ends(1).says("\u{1b}[");
}

#[test]
fn findings_as_json_have_places_and_a_summary() {
    let place = Place::new();
    place.write("a.omt", "enum E ( A )\n\nenum É ( B )\n");
    let run = place.run(&["check", "--syntax-only", "--format", "json", "a.omt"]).ends(1);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["files"], serde_json::json!(["a.omt"]));
    let first = &json["diagnostics"][0];
    assert_eq!((&first["file"], &first["severity"]), (&"a.omt".into(), &"error".into()));
    assert_eq!((&first["start"]["line"], &first["start"]["column"]), (&3.into(), &6.into()));
    assert_eq!(json["summary"]["errors"], json["diagnostics"].as_array().unwrap().len());
}

#[test]
fn a_package_that_is_none_is_refused_with_a_reason() {
    let place = Place::new();
    place.write("a.omtp", "no package");
    place.run(&["check", "a.omtp"]).ends(1).says("a.omtp: refused");
    place.run(&["check", "b.omtp"]).ends(2).complains("b.omtp");
}

const UGLY: &str = "enum   E (A B)   # kept\n";

#[test]
fn fmt_formats_and_says_what() {
    let place = Place::new();
    place.write("p/a.omt", UGLY);
    let check = place.run(&["fmt", "p", "--check"]).ends(1).says("not formatted: p/a.omt");
    check.says("@@ 1\n-enum   E (A B)   # kept\n+enum E ( A B )  # kept\n");
    assert_eq!(place.read("p/a.omt"), UGLY);
    place.run(&["fmt", "p"]).ends(0).says("formatted: p/a.omt").says("1 file, 1 formatted");
    let once = place.read("p/a.omt");
    assert!(once != UGLY && once.contains("# kept"), "{once}");
    place.run(&["fmt", "p", "--check"]).ends(0);
    place.run(&["fmt", "p"]).ends(0).says("1 file, 0 formatted");
}

#[test]
fn fmt_leaves_a_file_with_errors_as_it_is_and_formats_the_others() {
    let place = Place::new();
    place.write("p/a.omt", "enum E ( A 1 )");
    place.write("p/b.omt", UGLY);
    place.run(&["fmt", "p"]).ends(1).complains("a.omt:1").says("formatted: p/b.omt").says("1 not read");
    assert_eq!(place.read("p/a.omt"), "enum E ( A 1 )");
    place.run(&["fmt", "q"]).ends(2).complains("there is no file or folder q");
}

#[test]
fn fmt_is_a_filter() {
    let place = Place::new();
    let filter = |arguments: &[&str], text: &str| {
        let mut child = place
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Run::of(child.wait_with_output().unwrap())
    };
    let once = filter(&["fmt", "--stdin"], UGLY).ends(0).out;
    assert_eq!(filter(&["fmt", "--stdin"], &once).ends(0).out, once);
    assert_eq!(filter(&["fmt", "-"], UGLY).ends(0).out, once);
    filter(&["fmt", "-", "p"], UGLY).ends(2).complains("stands alone");
    filter(&["fmt", "--stdin", "--check"], UGLY).ends(1).says("+enum E ( A B )  # kept");
    filter(&["fmt", "--stdin", "--check"], &once).ends(0);
    let broken = filter(&["fmt", "--stdin"], "enum (").ends(1).complains("<stdin>:1");
    assert_eq!(broken.out, "");
}
