//! `omtc build`: what it writes, when it writes nothing, and that it never leaves anything half-written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::{PING, Place};
use omt_runtime::package::Package;
use serde_json::Value;
use std::fs;

const BUILD: &[&str] = &["build", "protocols"];
const CHECK: &[&str] = &["build", "protocols", "--check"];

#[test]
fn a_build_writes_everything_and_says_so() {
    let place = Place::with_ping();
    let run = place.run(BUILD).ends(0).says("Ping Pong").says("check ").says(" ms");
    let outputs = place.outputs();
    for (path, _) in outputs.iter().filter(|(path, _)| !path.starts_with('.')) {
        assert!(
            run.out.contains(&format!("wrote    generated/{path}")),
            "{path} is not mentioned: {}",
            run.out
        );
    }
    let page = place.read("generated/docs/ping.md");
    assert!(page.contains("| `ANSWER_TIMEOUT` | 5 | seconds |"), "{page}");
    assert!(place.read("generated/docs/README.md").contains("[Ping Pong](ping.md)"));
    let package =
        Package::load(&fs::read(place.path().join("generated/packages/ping.omtp")).unwrap()).unwrap();
    assert!(page.contains(&package.id.to_string()));
    assert!(outputs.iter().any(|(path, _)| path.starts_with("src/") && path.ends_with(".rs")));
    assert!(!outputs.iter().any(|(path, _)| path.ends_with(".tmp")), "temporary files are left over");
}

#[test]
fn a_second_build_has_nothing_to_do_until_something_changes() {
    let place = Place::with_ping();
    place.run(BUILD).ends(0);
    let first = place.outputs();
    let written = || fs::metadata(place.path().join("generated/docs/ping.md")).unwrap().modified().unwrap();
    let before = written();
    place.run(BUILD).ends(0).says("nothing to do");
    assert_eq!(place.outputs(), first);
    assert_eq!(written(), before, "a file was written again");

    // A changed output is put right.
    place.write("generated/docs/ping.md", "scribble");
    place.run(BUILD).ends(0).says("wrote    generated/docs/ping.md").says("1 file written");
    assert_eq!(place.outputs(), first);
    // So is one that is gone.
    fs::remove_file(place.path().join("generated/packages/ping.omtp")).unwrap();
    place.run(BUILD).ends(0).says("wrote    generated/packages/ping.omtp");
    assert_eq!(place.outputs(), first);
    // A changed source is built: a comment changes positions in the package, a new commentary the page.
    place.write("protocols/ping/commentary.md", "# Ping\n\n{{MESSAGES}}\n");
    place.run(BUILD).ends(0).says("wrote    generated/docs/ping.md");
    assert!(!place.read("generated/docs/ping.md").contains("## Actors"));
    place.run(BUILD).ends(0).says("nothing to do");
    // Other outputs are wanted.
    place.run(&["build", "protocols", "--emit", "docs"]).ends(0).says("transaction");
}

#[test]
fn documentation_alone_leaves_the_other_outputs_alone() {
    let place = Place::with_ping();
    place.run(BUILD).ends(0);
    let first = place.outputs();
    place.run(&["build", "protocols", "--emit", "docs"]).ends(0);
    let without_memory = |list: Vec<(String, Vec<u8>)>| {
        list.into_iter().filter(|(path, _)| !path.starts_with(".omtc")).collect::<Vec<_>>()
    };
    assert_eq!(without_memory(place.outputs()), without_memory(first));
    place.run(CHECK).ends(0);
}

#[test]
fn check_names_every_file_that_differs_and_changes_none() {
    let place = Place::with_ping();
    place.run(CHECK).ends(1).says("missing").says("generated/docs/ping.md");
    assert_eq!(place.outputs(), []);
    place.run(BUILD).ends(0);
    place.run(CHECK).ends(0).says("everything is up to date");

    let paths: Vec<(String, Vec<u8>)> =
        place.outputs().into_iter().filter(|(path, _)| !path.starts_with('.')).collect();
    assert!(paths.len() >= 5);
    for (path, bytes) in paths {
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        let path = format!("generated/{path}");
        place.write(&path, &changed);
        place.run(CHECK).ends(1).says("changed").says(&path);
        fs::remove_file(place.path().join(&path)).unwrap();
        place.run(CHECK).ends(1).says("missing").says(&path);
        place.write(&path, &bytes);
    }
    place.run(CHECK).ends(0);
    place.write("generated/src/forgotten.rs", "");
    place.run(CHECK).ends(1).says("left over").says("generated/src/forgotten.rs");
}

#[test]
fn what_a_removed_transaction_left_is_removed_and_nothing_else() {
    let place = Place::with_ping();
    place.write("protocols/pong/transaction.omt", PING.replace("transaction ping_pong", "transaction pong"));
    place.run(BUILD).ends(0).says("2 transactions");
    place.write("generated/src/mine.txt", "not of the compiler");
    fs::remove_dir_all(place.path().join("protocols/pong")).unwrap();
    place.run(BUILD).ends(0).says("removed  generated/docs/pong.md").says("1 transaction;");
    let left: Vec<String> = place.outputs().into_iter().map(|(path, _)| path).collect();
    assert!(!left.iter().any(|path| path.contains("pong.")), "{left:?}");
    assert!(left.contains(&"src/mine.txt".to_owned()));
}

#[test]
fn an_error_leaves_everything_as_it_was() {
    let place = Place::with_ping();
    place.run(BUILD).ends(0);
    let first = place.outputs();
    place.write("protocols/ping/transaction.omt", PING.replace("-> ANSWERED on PONG", "-> ANSWRED on PONG"));
    place.run(BUILD).ends(1).says("ANSWRED").says("did you mean").says("nothing was written");
    assert_eq!(place.outputs(), first);
    place.run(CHECK).ends(1).says("ANSWRED");
}

#[test]
fn two_builds_are_the_same_to_the_byte() {
    let (one, two) = (Place::with_ping(), Place::with_ping());
    one.run(BUILD).ends(0);
    two.run(BUILD).ends(0);
    assert_eq!(one.outputs(), two.outputs());
}

#[test]
fn an_output_folder_that_is_a_file_is_named_and_nothing_is_written() {
    let place = Place::with_ping();
    place.write("generated", "a file");
    place.run(BUILD).ends(2).complains("generated is not a folder");
    assert_eq!(place.read("generated"), "a file");

    let place = Place::with_ping();
    place.write("generated/src", "a file");
    place.run(BUILD).ends(2).complains("generated/src is not a folder");
    let left: Vec<String> = place.outputs().into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, ["src"], "the other outputs were written nevertheless");
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_to_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_ping();
    let out = place.path().join("generated");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever may do anything is not stopped by permissions.
    let almighty = fs::write(out.join("probe"), "").is_ok();
    if !almighty {
        place.run(BUILD).ends(2).complains("cannot write generated");
        assert_eq!(place.outputs(), []);
    }
    fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_cycle_of_imports_is_shown() {
    let place = Place::new();
    place.write("protocols/a.omt", "imports b\n");
    place.write("protocols/b.omt", "imports c\n");
    place.write("protocols/c.omt", "imports a\n");
    let run = place.run(BUILD).ends(1).says("E0108");
    for name in ["a", "b", "c"] {
        assert!(run.out.contains(name));
    }
}

#[test]
fn sources_without_a_transaction_are_nothing_to_build() {
    let place = Place::new();
    place.write("protocols/common.omt", "enum Verdict ( YES NO )\n");
    place.run(BUILD).ends(2).complains("none of the 1 .omt files has a `transaction` header");
    place.run(&["check", "protocols"]).ends(0);
}

#[test]
fn an_unknown_placeholder_is_an_error_with_its_place() {
    let place = Place::with_ping();
    place.write("protocols/ping/commentary.md", "# Ping\n\nWords.\n\n{{MESAGES}}\n");
    place.run(BUILD).ends(1).says("E0600").says("commentary.md:5:1").says("{{MESSAGES}}");
    assert_eq!(place.outputs(), []);
}

#[test]
fn a_package_of_another_version_is_refused_with_both_versions() {
    let place = Place::with_ping();
    place.run(BUILD).ends(0);
    let path = place.path().join("generated/packages/ping.omtp");
    place.run(&["check", "generated/packages/ping.omtp"]).ends(0).says("Ping Pong");
    let mut bytes = fs::read(&path).unwrap();
    bytes[11] += 1;
    fs::write(&path, &bytes).unwrap();
    place.run(&["check", "generated/packages/ping.omtp"]).ends(1).says("version 2").says("version 1");
}

#[test]
fn the_protocol_folder_can_be_given() {
    let place = Place::new();
    place.write("elsewhere/verdict.omt", "enum Verdict ( YES NO )\n");
    place.write(
        "work/transaction.omt",
        "transaction 90 \"Example\"\nimports verdict\n
         actor Alice (
             store ( verdict Verdict )
             trigger decide(verdict Verdict) in [IDLE]
             state IDLE initial
             state DONE terminal
             IDLE -> DONE on decide when verdict == NO ( store verdict ) else -> DONE ( verdict = YES )
         )\n",
    );
    place.run(&["check", "work"]).ends(1).says("E0107");
    place.run(&["check", "work", "--protocol-dir", "elsewhere"]).ends(0);
    let output = place.command(&["check", "work"]).env("OMERTA_PROTOCOL_DIR", "elsewhere").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    place.run(&["check", "work", "--protocol-dir", "nowhere"]).ends(2).complains("nowhere is no folder");
}

#[test]
fn a_build_as_json_is_one_object() {
    let place = Place::with_ping();
    let json = |arguments: &[&str], status| -> Value {
        serde_json::from_str(&place.run(arguments).ends(status).out).unwrap()
    };
    let built = json(&["build", "protocols", "--format", "json"], 0);
    assert_eq!(built["build"]["up_to_date"], false);
    assert_eq!(built["build"]["transactions"][0]["name"], "Ping Pong");
    assert!(built["build"]["written"].as_array().unwrap().len() >= 5);
    let again = json(&["build", "protocols", "--format", "json"], 0);
    assert_eq!(again["build"]["up_to_date"], true);
    place.write("generated/docs/ping.md", "scribble");
    let stale = json(&["build", "protocols", "--check", "--format", "json"], 1);
    assert_eq!(stale["build"]["stale"][0]["path"], "generated/docs/ping.md");
}

#[test]
fn warnings_fail_only_when_denied() {
    let place = Place::new();
    let lonely =
        PING.replace("state UNANSWERED terminal", "state LONELY terminal\n    state UNANSWERED terminal");
    place.write("protocols/ping/transaction.omt", lonely);
    place.run(&["check", "protocols"]).ends(0).says("W0450").says("LONELY");
    place.run(&["check", "protocols", "--deny", "warnings"]).ends(1);
}

#[test]
fn the_matrix_says_what_becomes_of_each_message() {
    let place = Place::with_ping();
    let run = place.run(&["check", "protocols", "--matrix"]).ends(0).says("Responder");
    let line = run.out.lines().find(|l| l.contains("WAITING") && l.contains("PONG")).unwrap();
    assert!(line.contains("handled"), "{line}");
}

#[test]
fn a_file_named_twice_is_built_once_and_two_files_of_one_name_are_an_error() {
    let place = Place::with_ping();
    place
        .run(&["build", "protocols", "./protocols/ping", "protocols/ping/transaction.omt"])
        .ends(0)
        .says("1 transaction;");
    place.write("other/protocols/ping/transaction.omt", PING);
    let first = place.outputs();
    place.run(&["build", "protocols", "other/protocols"]).ends(2).complains("would be written twice");
    assert_eq!(place.outputs(), first);
}

/// Pages on a forge: their pictures are there, links between commentaries lead to pages, and verdicts are those of
/// `omtc verify --record`.
#[test]
fn pages_show_diagrams_charts_and_verdicts_and_lead_to_each_other() {
    let place = Place::with_ping();
    place
        .write("protocols/other/transaction.omt", PING.replace("transaction ping_pong", "transaction other"));
    place.write(
        "protocols/ping/commentary.md",
        "# Ping\n\n[a](../other/commentary.md#b) [c](../../README.md) <b>d</b>\n\n{{STATE_MACHINES}}\n{{PROPERTIES}}\n{{SCENARIOS}}\n",
    );
    place.run(BUILD).ends(0);
    let page = || place.read("generated/docs/ping.md");
    for part in [
        "[a](other.md#b) [c](../../README.md) &lt;b>d&lt;/b>",
        "](../graphs/ping/Requester.svg)",
        "```mermaid\nsequenceDiagram\n",
        "* *not verified*\n",
        "[Scenarios](#scenarios)",
    ] {
        assert!(page().contains(part), "{part} is missing:\n{}", page());
    }
    assert!(place.path().join("generated/docs/../graphs/ping/Requester.svg").is_file());
    place.run(&["verify", "protocols/ping", "--record"]).ends(0);
    place.run(CHECK).ends(1).says("generated/docs/ping.md");
    place.run(BUILD).ends(0).says("wrote    generated/docs/ping.md");
    assert!(page().contains("* *holds in its scope*\n* holds in `"), "{}", page());
    assert!(page().contains("states, every run explored\n"), "{}", page());
    place.run(CHECK).ends(0);
    // Only the pages: those of the build before stay what they are, and pages without diagrams show none.
    place.run(&["build", "protocols", "--emit", "docs", "--check"]).ends(0);
    place.run(&["build", "protocols", "--emit", "docs", "--out", "pages"]).ends(0);
    assert!(!place.read("pages/docs/ping.md").contains(".svg"));
    place.write("protocols/ping/verified.json", "{}");
    assert!(place.run(BUILD).ends(2).err.contains("verified.json"));
}
