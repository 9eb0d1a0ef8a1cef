//! `omtc diff`: sides on disk, in packages and in real git repositories; exit status, texts, JSON.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;
#[path = "common/schema.rs"]
mod schema;

use common::{Place, Run};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const SCHEMA: &str = include_str!("../../docs/schema/diff.schema.json");

/// What is edited here: of its own, because examples grow.
const PING: &str = include_str!("diff/ping.omt");

fn with_ping() -> Place {
    let place = Place::new();
    place.write(SOURCE, PING);
    place
}

/// Breaks both directions.
fn with_salt() -> String {
    let text = PING.replace("( question uint  answer uint )", "( question uint  answer uint  proof bytes )");
    let text =
        text.replace("SEND(message.sender, PONG)", "SEND(message.sender, PONG { proof message.salt })");
    assert!(text != PING, "the example has changed");
    text
}

/// Breaks nobody for certain.
fn shorter() -> String {
    PING.replace("ANSWER_TIMEOUT = 5 seconds", "ANSWER_TIMEOUT = 4 seconds")
}

/// Without effect.
fn commented() -> String {
    PING.replace("## A question.", "## A question, asked once.")
}

/// Git without the configuration of whoever runs the tests.
fn git(place: &Place, folder: &str, arguments: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=Tester",
            "-c",
            "user.email=tester@example.org",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(place.path().join(folder))
        .env("GIT_CONFIG_GLOBAL", "")
        .env("GIT_CONFIG_SYSTEM", "")
        .output()
        .expect("git is there");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with one commit, `first`.
fn repository() -> Place {
    let place = with_ping();
    git(&place, ".", &["init", "-q"]);
    commit(&place, "first");
    place
}

fn commit(place: &Place, tag: &str) {
    git(place, ".", &["add", "-A"]);
    git(place, ".", &["commit", "-q", "--allow-empty", "-m", tag]);
    git(place, ".", &["tag", tag]);
}

fn diff(place: &Place, arguments: &[&str]) -> Run {
    place.run(&[&["diff"], arguments].concat())
}

const SOURCE: &str = "protocols/ping/transaction.omt";

#[test]
fn a_breaking_change_fails_and_names_both_directions() {
    let place = with_ping();
    place.write("new/protocols/ping/transaction.omt", with_salt());
    diff(&place, &["protocols", "new/protocols"])
        .ends(1)
        .says("message PONG has a field `proof bytes`  [field-added]")
        .says("old node with new node   fails: an old node refuses PONG: `proof` is unknown to it")
        .says("new node with old node   fails: a new node refuses PONG: `proof` is missing")
        .says("protocols/ping/transaction.omt:17:9")
        .says("sessions in flight end under")
        .says("1 breaking, 0 risky, 0 compatible changes in 1 transaction or library\n");
}

#[test]
fn what_fails_can_be_chosen() {
    let place = with_ping();
    place.write("risky.omt", shorter());
    place.write("text.omt", commented());
    diff(&place, &[SOURCE, "risky.omt"]).ends(0).says("ANSWER_TIMEOUT is 4 seconds, was 5 seconds");
    diff(&place, &[SOURCE, "risky.omt", "--deny", "risky"]).ends(1);
    diff(&place, &[SOURCE, "risky.omt", "--deny", "id"]).ends(1);
    diff(&place, &[SOURCE, "risky.omt", "--deny", "risky", "--category", "wire,source"]).ends(0);
    diff(&place, &[SOURCE, "risky.omt", "--deny", "everything"]).ends(2).complains("everything");
    diff(&place, &[SOURCE, "text.omt", "--deny", "compatible,id"])
        .ends(0)
        .says("only comments, titles or layout differ: without effect");
    place.write("same.omt", PING);
    diff(&place, &[SOURCE, "same.omt"]).ends(0).says("do not differ");
}

#[test]
fn the_working_copy_is_compared_with_a_revision() {
    let place = repository();
    place.write(SOURCE, with_salt());
    // Places name the revision; imports and folders are those of the revision.
    for revision in ["HEAD", "first", "first:protocols", "first:./protocols/../protocols"] {
        diff(&place, &[revision, "protocols"]).ends(1).says("PONG has a field `proof bytes`");
    }
    diff(&place, &["HEAD", SOURCE])
        .ends(1)
        .says("old                      HEAD:protocols/ping/transaction.omt:17:9");
    diff(&place, &["protocols", "HEAD"]).ends(1).says("message PONG has no field `proof bytes`");
}

#[test]
fn two_revisions_are_compared_wherever_the_command_runs() {
    let place = repository();
    place.write(SOURCE, shorter());
    commit(&place, "second");
    diff(&place, &["HEAD~1", "HEAD"]).ends(0).says("was 5 seconds");
    diff(&place, &["first", "second:protocols/ping"]).ends(0).says("was 5 seconds");
    diff(&place, &["first", "first:protocols"]).ends(0).says("do not differ");
    let inside = |arguments: &[&str]| {
        let mut command = place.command(&[&["diff"], arguments].concat());
        Run::of(command.current_dir(place.path().join("protocols/ping")).output().unwrap())
    };
    inside(&["first", "second"]).ends(0).says("was 5 seconds");
    inside(&["first:./transaction.omt", "transaction.omt"]).ends(0).says("was 5 seconds");
    inside(&["first:../ping", "."]).ends(0).says("was 5 seconds");
    inside(&["first:../../..", "."]).ends(2).complains("lies outside of the git repository");
}

#[test]
fn names_of_paths_and_revisions_may_hold_anything() {
    let place = Place::new();
    let folder = "mes protocoles é/protocols/日本 ping";
    place.write(&format!("{folder}/transaction.omt"), PING);
    git(&place, ".", &["init", "-q"]);
    commit(&place, "été/1");
    place.write(&format!("{folder}/transaction.omt"), with_salt());
    diff(&place, &["été/1", folder]).ends(1).says(&format!("été/1:{folder}/transaction.omt:17:9"));
    diff(&place, &[&format!("été/1:{folder}"), folder]).ends(1);
}

#[test]
fn a_revision_is_no_option() {
    let place = repository();
    diff(&place, &["--", "--output=stolen", "protocols"]).ends(2).complains("no revision begins with `-`");
    diff(&place, &["--", "-h:protocols", "protocols"]).ends(2).complains("no revision begins with `-`");
    assert!(!place.path().join("stolen").exists());
    // Nor is a path that begins so.
    diff(&place, &["HEAD:--output=stolen", "protocols"])
        .ends(2)
        .complains("there is no source --output=stolen");
    assert!(!place.path().join("stolen").exists());
}

#[test]
fn a_version_compared_with_itself_has_not_changed() {
    let place = repository();
    diff(&place, &["protocols", "protocols"]).ends(0);
    diff(&place, &["HEAD", "HEAD"]).ends(0);
}

#[test]
fn what_is_not_there_is_named() {
    let place = repository();
    diff(&place, &["protocols"]).ends(2).complains("<NEW>");
    diff(&place, &["HEAD~7", "protocols"]).ends(2).complains("there is no revision HEAD~7");
    diff(&place, &["protokols", "protocols"]).ends(2).complains("there is no revision protokols");
    diff(&place, &[":protocols", "protocols"]).ends(2).complains("a revision is missing");
    diff(&place, &["HEAD:protocols/pong", "protocols"])
        .ends(2)
        .complains("there is no source protocols/pong in revision HEAD")
        .complains("did you mean HEAD:protocols/ping?");
    place.write("README.md", "nothing here");
    place.write("empty/README.md", "nothing here");
    diff(&place, &["protocols", "empty"]).ends(2).complains("there is no .omt file in empty");
    // The folder is new: the revision has none.
    place.write("fresh/a.omt", PING);
    diff(&place, &["HEAD", "fresh"]).ends(2).complains("there is no source fresh in revision HEAD");
}

#[test]
fn no_repository_and_no_git_are_told_apart() {
    let place = with_ping();
    let run = |path: Option<&Path>, arguments: &[&str]| {
        let mut command = place.command(&[&["diff"], arguments].concat());
        // A repository around the temporary folder is not meant.
        command.env("GIT_CEILING_DIRECTORIES", place.path().parent().unwrap());
        if let Some(path) = path {
            command.env("PATH", path);
        }
        Run::of(command.output().unwrap())
    };
    run(None, &["HEAD", "protocols"]).ends(2).complains("is in no git repository");
    run(Some(place.path()), &["HEAD", "protocols"])
        .ends(2)
        .complains("the program `git` is needed, and it is not there");
    place.write("new.omt", with_salt());
    run(Some(place.path()), &[SOURCE, "new.omt"]).ends(1).says("field-added");
}

#[test]
fn a_side_with_errors_is_named_with_its_errors() {
    let place = repository();
    place.write(SOURCE, PING.replace("message.question == question", "message.qestion == question"));
    commit(&place, "broken");
    diff(&place, &["first", "broken"])
        .ends(2)
        .complains("error: the new side, broken, has errors")
        .complains("broken:protocols/ping/transaction.omt")
        .complains("qestion");
    diff(&place, &["broken:protocols", "first"])
        .ends(2)
        .complains("error: the old side, broken:protocols, has errors");
    place.write("words.omt", b"transaction \xFF");
    diff(&place, &["first:protocols", "words.omt"]).ends(2).complains("not valid UTF-8");
}

#[test]
fn errors_that_nobody_touched_do_not_hide_what_changed() {
    let place = repository();
    place.write("protocols/draft/transaction.omt", "transaction Draft \"Not yet\"\nactor (");
    commit(&place, "draft");
    place.write(SOURCE, with_salt());
    commit(&place, "salted");
    diff(&place, &["draft", "salted"])
        .ends(1)
        .says("field-added")
        .says("left out, because of the same errors on both sides: 1 source");
    place.write("protocols/draft/transaction.omt", "transaction Draft \"Still not\"\nactor (");
    commit(&place, "redrafted");
    diff(&place, &["salted", "redrafted"]).ends(2).complains("redrafted:protocols/draft/transaction.omt");
}

#[test]
fn an_old_property_that_no_longer_passes_does_not_hide_what_changed() {
    let place = with_ping();
    let wrong = PING.replace("r.answer == r.question + 1", "r.nothing == r.question + 1");
    assert!(wrong != PING);
    place.write("old.omt", &wrong);
    diff(&place, &["old.omt", SOURCE])
        .ends(0)
        .says("property answers_fit claims something else  [property-changed]")
        .says("note: properties or scenarios of the old side, old.omt, have errors");
    place.write("new.omt", with_salt().replace("bob Responder", "bob Nobody"));
    diff(&place, &[SOURCE, "new.omt"])
        .ends(1)
        .says("field-added")
        .says("of the new side, new.omt, have errors");
    // Any other error is one.
    place.write("old.omt", wrong.replace("SEND(responder, PING)", "SEND(responder, PENG)"));
    diff(&place, &["old.omt", SOURCE]).ends(2).complains("PENG");
}

#[test]
fn transactions_that_come_go_and_move_are_found() {
    let place = repository();
    git(&place, ".", &["mv", "protocols/ping", "protocols/asking"]);
    place.write("protocols/asking/transaction.omt", PING);
    diff(&place, &["first", "protocols"])
        .ends(0)
        .says("ping/transaction is now asking/transaction  [transaction-moved]");
    let other = PING.replace("transaction ping_pong \"Ping Pong\"", "transaction pong \"Pong\"");
    place.write("protocols/ping/transaction.omt", &other);
    place.write("protocols/asking/transaction.omt", PING);
    diff(&place, &["first", "protocols"]).ends(0).says("transaction pong is new").says("[transaction-moved]");
    std::fs::remove_dir_all(place.path().join("protocols/asking")).unwrap();
    place.write("protocols/ping/transaction.omt", "struct Nothing ( n uint )");
    diff(&place, &["first", "protocols"])
        .ends(1)
        .says("transaction ping_pong is gone")
        .says("a node keeps the package");
}

#[test]
fn a_package_is_compared_and_says_what_it_does_not_hold() {
    let place = repository();
    place.run(&["build", "protocols"]).ends(0);
    let package = std::fs::read_dir(place.path().join("generated/packages")).unwrap();
    let package =
        package.map(|entry| entry.unwrap().path()).find(|p| p.extension().unwrap() == "omtp").unwrap();
    let package = format!("generated/packages/{}", package.file_name().unwrap().to_str().unwrap());
    diff(&place, &[&package, "protocols"]).ends(0).says("note: a package holds no properties");
    commit(&place, "built");
    place.write(SOURCE, with_salt());
    diff(&place, &[&package, "protocols"]).ends(1).says("ping/transaction.omt:17:9").says("field-added");
    diff(&place, &[&format!("built:{package}"), "protocols"]).ends(1).says("field-added");
    place.write("bad.omtp", "omtp");
    diff(&place, &["bad.omtp", "protocols"])
        .ends(2)
        .complains("bad.omtp: the package ends inside its header");
}

#[test]
fn json_is_what_the_schema_says() {
    let place = with_ping();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    place.write("wire.omt", with_salt());
    place.write("text.omt", commented());
    place.write("new/protocols/other.omt", "struct Other ( n uint )");
    for (arguments, status, failed) in [
        (["wire.omt", SOURCE], 1, true),
        (["text.omt", SOURCE], 0, false),
        (["protocols", "new/protocols"], 1, true),
        (["new/protocols", "protocols"], 0, false),
    ] {
        let run = diff(&place, &[&arguments[..], &["--format", "json"]].concat()).ends(status);
        let value: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(schema::errors(&schema, &value), Vec::<String>::new(), "{}", run.out);
        assert_eq!(value["failed"], failed);
    }
    let run = diff(&place, &[SOURCE, "wire.omt", "--format", "json", "--max-changes", "0"]).ends(1);
    let value: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(value["summary"]["hidden"], 1);
    assert_eq!(value["comparisons"][0]["changes"], serde_json::json!([]));
    assert_eq!(value["comparisons"][0]["id_changed"], true);
}

#[test]
fn colours_are_for_those_who_want_them_and_sources_do_not_steer_a_terminal() {
    let place = with_ping();
    place.write("new.omt", PING.replace("\"Ping Pong\"", "\"Ping \u{1b}[31mPong\""));
    place.write("old.omt", with_salt().replace("\"Ping Pong\"", "\"Ping \u{1b}[31mPong\""));
    let plain = diff(&place, &["old.omt", "new.omt"]).ends(1).says("Ping \u{FFFD}[31mPong");
    assert!(!plain.out.contains('\u{1b}'));
    diff(&place, &["old.omt", "new.omt", "--color", "always"]).ends(1).says("\u{1b}[31mbreaking");
}

#[test]
fn the_guide_lists_every_kind() {
    let guide = include_str!("../../docs/diff.md");
    for kind in omtc::diff::kind::ALL {
        assert!(
            guide.contains(&format!("| `{}` | {} |", kind.name, kind.title)),
            "{} is not in the guide",
            kind.name
        );
    }
    let rows = guide.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, omtc::diff::kind::ALL.len(), "the guide lists a kind that is none");
}
