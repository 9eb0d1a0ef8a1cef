//! Random search over the transactions of the life cycle: nothing is broken as they are, and what is broken on purpose
//! is found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::Place;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The protocols of the repository.
fn protocols() -> Place {
    let place = Place::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    copy(&place, &root, Path::new("protocols"));
    place
}

fn copy(place: &Place, root: &Path, folder: &Path) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(place, root, &path);
        } else if path.extension().is_some_and(|extension| extension == "omt") {
            place.write(path.to_str().unwrap(), fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn transaction(name: &str) -> String {
    format!("protocols/transactions/{name}")
}

#[test]
fn a_thousand_steps_of_each_scope_break_nothing() {
    let place = protocols();
    for name in ["00_escrow_lock", "01_cabal_attestation", "02_escrow_settle"] {
        let run =
            place.run(&["verify", &transaction(name), "--search", "1000", "--seed", "1", "--format", "json"]);
        let document: Value = serde_json::from_str(&run.ends(0).out).unwrap();
        for scope in document["scopes"].as_array().unwrap() {
            assert_eq!((&scope["mode"], &scope["steps"]), (&"search".into(), &1000.into()));
            let fired = scope["fired"]["covered"].as_u64().unwrap();
            assert!(fired >= 10, "the walk gets somewhere: {}", scope["fired"]);
        }
    }
}

#[test]
fn a_settlement_that_nobody_checks_is_found() {
    let place = protocols();
    let file = format!("{}/transaction.omt", transaction("02_escrow_settle"));
    let source = include_str!("../../protocols/transactions/02_escrow_settle/transaction.omt");
    let guard = "SETTLEMENT_RESULT when SETTLES(message.settlement, certificate.body) (";
    assert_eq!(source.matches(guard).count(), 2);
    place.write(&file, source.replace(guard, "SETTLEMENT_RESULT ("));
    let call = [
        "verify",
        &transaction("02_escrow_settle"),
        "--search",
        "20000",
        "--seed",
        "1",
        "--property",
        "settlements_follow",
    ];
    let run = place.run(&call).ends(1).says("VIOLATED       always      settlements_follow");
    run.says("random search, no proof");
}
