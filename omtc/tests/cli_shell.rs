//! Completions and man pages: they know every verb and every option, because they are made from the same definition.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::Place;

const VERBS: &[&str] = &[
    "build",
    "check",
    "lint",
    "diff",
    "doc",
    "fmt",
    "test",
    "verify",
    "graph",
    "new",
    "init",
    "explain",
    "completions",
    "man",
    "words",
];

#[test]
fn the_help_names_every_verb_and_what_the_exit_status_means() {
    let place = Place::new();
    let help = place.run(&["--help"]).ends(0).says("Exit status: 0 fine, 1 findings, 2");
    for verb in VERBS {
        assert!(help.out.contains(&format!("  {verb} ")), "{verb}");
        place.run(&[verb, "--help"]).ends(0).says(&format!("Usage: omtc {verb}")).says("--color");
    }
}

#[test]
fn completions_know_verbs_and_options() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).ends(0).out;
        for word in VERBS.iter().chain(&["syntax-only", "max-findings", "protocol-dir"]) {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    place.run(&["completions", "csh"]).ends(2).complains("csh");
    place.run(&["completions"]).ends(2);
}

#[test]
fn man_pages_are_written_for_the_program_and_each_verb() {
    let place = Place::new();
    place.run(&["man", "--out", "share/man 1"]).ends(0).says("omtc-check.1");
    let names: Vec<String> = VERBS.iter().map(|verb| format!("omtc-{verb}.1")).collect();
    for name in names.iter().chain(&["omtc.1".to_owned()]) {
        let page = place.read(&format!("share/man 1/{name}"));
        assert!(page.contains(".TH") && page.contains("SH OPTIONS"), "{name}: {page}");
        assert!(page.contains("\\-\\-color"), "{name} lacks the options of all verbs");
        // A file that is left over from writing would be installed with the pages.
        assert!(!name.contains("tmp"));
    }
    let count = std::fs::read_dir(place.path().join("share/man 1")).unwrap().count();
    assert_eq!(count, VERBS.len() + 1);
    assert!(place.read("share/man 1/omtc-check.1").contains("syntax\\-only"));
    place.run(&["man", "--out", "share/man 1/omtc.1/x"]).ends(2).complains("omtc.1");
    place.run(&["man"]).ends(2).complains("--out");
}
