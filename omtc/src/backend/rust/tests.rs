#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::source::MemorySources;
use std::path::PathBuf;

const PING_PONG: &str = include_str!("../../../../protocols/examples/ping_pong/transaction.omt");

fn package(path: &str, text: &str) -> Package {
    let sources = MemorySources::new().with(path, text);
    let analyzed = crate::sema::analyze(&sources, &[PathBuf::from(path)]);
    let protocol = analyzed.units.into_iter().find_map(|unit| unit.protocol);
    Package::from_protocol(protocol.unwrap_or_else(|| panic!("{:?}", analyzed.diagnostics))).unwrap()
}

fn file<'f>(files: &'f [GeneratedFile], path: &str) -> &'f str {
    &files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text
}

#[test]
fn ping_pong_reads_as_if_a_person_had_written_it() {
    let package = package("protocols/examples/ping_pong/transaction.omt", PING_PONG);
    let files = generate(&[&package]);
    for name in ["mod", "messages", "functions", "requester", "responder"] {
        let text = file(&files, &format!("src/examples/ping_pong/{name}.rs"));
        // The id is that of the source, which is not what this test is about.
        let text = text.replace(&package.id.to_string(), "(protocol id)");
        insta::assert_snapshot!(format!("ping_pong_{name}"), text);
    }
}

#[test]
fn the_same_packages_give_the_same_bytes_in_whatever_order_they_come() {
    let ping_pong = package("protocols/examples/ping_pong/transaction.omt", PING_PONG);
    let other = package("protocols/transactions/07_other/transaction.omt", PING_PONG);
    assert_eq!(generate(&[&ping_pong, &other]), generate(&[&other, &ping_pong]));
}

#[test]
fn no_two_transactions_share_a_module() {
    let one = package("protocols/transactions/01_echo/transaction.omt", PING_PONG);
    let two = package("protocols/transactions/02_echo/transaction.omt", PING_PONG);
    let files = generate(&[&one, &two]);
    assert!(files.iter().any(|file| file.path == "src/transactions/echo/mod.rs"));
    assert!(files.iter().any(|file| file.path == "src/transactions/echo_02/mod.rs"));
    assert!(file(&files, "src/lib.rs").contains("transactions::echo_02::program()"));
}

#[test]
fn generated_text_keeps_the_lint_walls() {
    let package = package("protocols/examples/ping_pong/transaction.omt", PING_PONG);
    for file in generate(&[&package]) {
        for word in ["unwrap()", "expect(", "unsafe", "todo!", "panic!", "HashMap", "unknown_name"] {
            assert!(!file.text.contains(word), "{word} in {}", file.path);
        }
    }
}

/// Words of Rust, names that meet, names of the runtime: all of it compiles, since none is left as it was.
#[test]
fn names_that_rust_keeps_for_itself_are_escaped() {
    let text = r#"
        transaction 01 "Words"
        enum Hash_ ( OK SELF OPTION )
        struct Vec_ "A record" ( type uint  match string  loop bool )
        message GO from A to [B] signed ( type uint  move Hash_  value Vec_ )
        actor A "Sends" (
            store ( session_id hash  b peer_id  type uint  move Hash_  value Vec_ )
            peers ( B b )
            trigger go(b peer_id, fn uint) in [IDLE] "Go"
            state IDLE initial "Idle"
            state DONE terminal "Done"
            IDLE -> DONE on go (
                store b
                type = fn
                move = SELF
                value = Vec_ { type fn, match "self", loop true }
                SEND(b, GO)
            )
        )
        actor B "Hears" (
            store ( session_id hash  a peer_id )
            peers ( A a )
            state IDLE initial "Idle"
            state DONE terminal "Done"
            IDLE -> DONE on GO
        )
    "#;
    let package = package("protocols/examples/words/transaction.omt", text);
    let files = generate(&[&package]);
    let types = file(&files, "src/examples/words/types.rs");
    for expected in ["pub enum Hash2", "TSelf", "pub struct Vec2", "pub r#type: u64", "pub r#match: String"] {
        assert!(types.contains(expected), "{expected} in\n{types}");
    }
    assert!(types.contains("r#type as \"type\""), "{types}");
    assert!(file(&files, "src/examples/words/a.rs").contains("r#fn: u64"));
    for file in &files {
        if file.path.ends_with(".rs") {
            syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
        }
    }
}
