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
fn scopes_of_the_transactions_have_the_states_that_are_pinned() {
    let place = protocols();
    let table: Value = serde_json::from_str(include_str!("verify/pinned.json")).unwrap();
    let rows: Vec<&Value> =
        table["rows"].as_array().unwrap().iter().filter(|row| row["ci"] == Value::Bool(true)).collect();
    assert!(rows.len() >= 3, "each transaction has one that is small enough");
    for row in rows {
        let word = |name: &str| row[name].as_str().unwrap();
        let mut call = vec!["verify", word("path"), "--scope", word("scope"), "--format", "json"];
        call.extend(row["arguments"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()));
        let document: Value = serde_json::from_str(&place.run(&call).out).unwrap();
        let scope = &document["scopes"][0];
        for figure in ["states", "transitions", "depth", "limit"] {
            assert_eq!(scope[figure], row[figure], "{figure} of {call:?}");
        }
        for property in scope["properties"].as_array().unwrap() {
            let other = &row["otherwise"][property["property"].as_str().unwrap()];
            let result = property["result"].as_str().unwrap();
            let fits = match (other.as_str(), row["limit"].is_null()) {
                (Some(other), _) => result == other,
                (None, true) => result == "holds",
                (None, false) => ["holds", "not_refuted", "not_decided"].contains(&result),
            };
            assert!(fits, "{} is {result} in {call:?}", property["property"]);
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
