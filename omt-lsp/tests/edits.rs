//! Random edits with requests between them: afterwards both sides have the same texts, and what the server says about them
//! is what `omtc check` says. `cargo xtask soak lsp` is the long run.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use omt_lsp::exercise::edits::{Plan, edits};
use support::{PING, capabilities};

/// The transaction in two files, so that what is edited in one is seen in the other.
fn sources() -> Vec<(String, String)> {
    let (messages, machine) = PING.split_at(PING.find("actor Asker").unwrap());
    let (parameters, messages) = messages.split_at(messages.find("enum Answer").unwrap());
    let (header, parameters) = parameters.split_at(parameters.find("parameters").unwrap());
    let transaction = format!("{header}imports ping/messages\n\n{parameters}{machine}");
    vec![
        ("ping/messages.omt".to_owned(), messages.to_owned()),
        ("ping/transaction.omt".to_owned(), transaction),
    ]
}

#[test]
fn after_random_edits_both_sides_agree() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    let outcome = edits(&mut client, &sources(), &Plan { edits: 400, pause: 5, seed: 7 }).unwrap();
    assert!(outcome.compared > 50 && outcome.findings > 200, "{outcome:?}");
}
