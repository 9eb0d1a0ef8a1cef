//! Every request, at places spread over all protocols. `cargo xtask soak walk` asks at every single one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use omt_lsp::exercise::{sources, walk::walk};
use support::{PING, capabilities};

#[test]
fn every_request_at_a_sample_of_all_positions_is_answered_without_an_error() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let all = sources(&root).unwrap();
    assert!(all.len() > 10);
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    let walked =
        walk(&mut client, "file:///virtual/protocols", &all, (0, 19_997), (0, 997), &|_, _| {}).unwrap();
    assert!(walked.places > 30, "{walked:?}");
    // Wherever the places fall.
    for kind in ["hover", "definition", "references", "selectionRange", "completion", "codeAction"] {
        let told = walked.kinds.get(&format!("textDocument/{kind}")).map_or(0, |(_, told)| *told);
        assert!(told > 0, "{kind}: {walked:?}");
    }
}

#[test]
fn every_request_and_renames_all_over_a_small_transaction_is_answered_without_an_error() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    let ping = vec![("ping/transaction.omt".to_owned(), PING.to_owned())];
    let walked = walk(&mut client, "file:///virtual/protocols", &ping, (0, 7), (0, 5), &|_, _| {}).unwrap();
    assert!(walked.places > 140 && walked.refused > 5, "{walked:?}");
    let silent: Vec<&str> =
        walked.kinds.iter().filter(|(_, (_, told))| *told == 0).map(|(kind, _)| kind.as_str()).collect();
    // It imports nothing, and no place is one where a typed line break changes a line.
    assert_eq!(silent, ["textDocument/documentLink", "textDocument/onTypeFormatting"]);
}
