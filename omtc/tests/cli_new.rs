//! `omtc new` and `omtc init`: what they make is clean, and nothing is overwritten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::Place;

#[test]
fn what_is_begun_is_clean_formatted_and_builds() {
    let place = Place::new();
    place.run(&["init"]).ends(0).says("wrote ./protocols/hello/transaction.omt").says("wrote ./README.md");
    place.run(&["new", "05_lease_of_a_machine"]).ends(0).says("wrote protocols/05_lease_of_a_machine/");
    place.run(&["check", "protocols", "--deny", "warnings"]).ends(0).says("no findings in 2 files");
    place.run(&["fmt", "protocols", "--check"]).ends(0);
    place.run(&["test"]).ends(0).says("4 scenarios: 4 passed, 0 failed").says("transitions 4/4");
    place.run(&["build", "protocols"]).ends(0).says("Lease Of A Machine");
    let text = place.read("protocols/05_lease_of_a_machine/transaction.omt");
    assert!(text.contains("transaction 05 \"Lease Of A Machine\""), "{text}");
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    place.write("README.md", "mine");
    place.write("protocols/a/transaction.omt", "mine");
    place.write("protocols/b.omt", "mine");
    place.run(&["new", "a"]).ends(2).complains("protocols/a exists already");
    place.run(&["new", "b"]).ends(2).complains("protocols/b exists already");
    place.run(&["init"]).ends(0);
    place.run(&["init"]).ends(2).complains("hello exists already");
    for path in ["README.md", "protocols/a/transaction.omt", "protocols/b.omt"] {
        assert_eq!(place.read(path), "mine");
    }
}

#[test]
fn a_name_that_cannot_be_one_is_refused() {
    let place = Place::new();
    let long = "x".repeat(65);
    for name in ["Lease", "a b", "5", "5_", "..", "é", "a/../..", &long, "", "_a"] {
        place.run(&["new", name]).ends(2);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    place.run(&["new", "some/where/deal"]).ends(0).says("wrote some/where/deal/transaction.omt");
}
