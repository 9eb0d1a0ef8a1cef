//! Hover, definitions, references, symbols, completion: the cursor is drawn in the source.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use serde_json::json;
use support::{Editor, PING, labels, ping_at};

fn hover(marked: &str) -> String {
    let mut editor = Editor::new(&ping_at(marked));
    editor.ask("hover")["contents"]["value"].as_str().unwrap_or("nothing").to_owned()
}

#[test]
fn the_state_tells_what_it_waits_for_and_how_long() {
    let text = hover("state WAI$0TING");
    assert!(text.contains("- `on PONG`, if its guard holds, → `DONE`"), "{text}");
    assert!(text.contains("- `on timeout(LIMIT)` (90 seconds) → `LATE`"), "{text}");
}

#[test]
fn the_message_tells_who_sends_and_who_handles_it() {
    let text = hover("on PO$0NG");
    assert!(text.contains("Sent by\n\n- **Teller**: `IDLE -> DONE on PING`"), "{text}");
    assert!(text.contains("Handled by\n\n- **Asker**: `WAITING -> DONE on PONG`"), "{text}");
}

#[test]
fn names_tell_their_declaration_and_values() {
    assert!(hover("timeout(LI$0MIT)").contains("parameter, 90 seconds"));
    assert!(hover("when dou$0ble > 0").contains("double: uint"));
    assert!(hover("TW$0ICE(message").contains("function TWICE(n uint) -> uint"));
    assert!(hover("TW$0ICE(message").contains("Twice as much."));
    assert!(hover("question == ques$0tion").contains("store field of the actor `Asker`"));
    assert!(hover("teller peer$0_id,").contains("public key"));
}

fn go(what: &str, marked: &str) -> String {
    let mut editor = Editor::new(&ping_at(marked));
    let found = editor.ask(what);
    editor.places(&found)
}

#[test]
fn definitions_are_found() {
    assert_eq!(go("definition", "-> DO$0NE on PONG"), r#"a.omt:20: state ‹DONE› terminal "Answered""#);
    assert_eq!(go("definition", "SEND(teller, PI$0NG)").split(": ").next(), Some("a.omt:8"));
    assert_eq!(go("definition", "message.ques$0tion ==").split(": ").next(), Some("a.omt:9"));
    assert_eq!(go("definition", "alice IN DO$0NE"), r#"a.omt:20: state ‹DONE› terminal "Answered""#);
    assert_eq!(go("definition", "alice.ans$0wer == YES").split(": ").next(), Some("a.omt:15"));
    assert_eq!(go("definition", "ali$0ce.ask(bob"), "a.omt:43: ‹alice› Asker");
}

#[test]
fn a_stored_name_is_declared_by_the_message_and_by_the_store() {
    let found = go("definition", "store ans$0wer");
    let lines: Vec<&str> = found.lines().map(|l| l.split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["a.omt:15", "a.omt:9"]);
    assert_eq!(go("declaration", "store ans$0wer").split(": ").next(), Some("a.omt:9"));
}

#[test]
fn a_message_leads_to_the_transitions_that_handle_it() {
    assert_eq!(
        go("implementation", "SEND(teller, PI$0NG)"),
        "a.omt:35: IDLE -> DONE on ‹PING› let double = TWICE(message.question) when double > 0 ("
    );
    assert_eq!(go("typeDefinition", "answer Y$0ES"), r#"a.omt:5: enum ‹Answer› "What came back" ( YES NO )"#);
    assert_eq!(
        go("typeDefinition", "store ans$0wer").lines().next().unwrap().split(": ").next(),
        Some("a.omt:5")
    );
}

#[test]
fn references_cross_actors_and_scenarios() {
    let mut editor = Editor::new(&ping_at("state DO$0NE terminal \"Answered\"\n    state LATE"));
    let found = editor.ask_with("references", json!({ "context": { "includeDeclaration": false } }));
    let found = editor.places(&found);
    assert_eq!(found.lines().count(), 2, "{found}");
    assert!(found.contains("expect alice IN ‹DONE› within"), "{found}");
}

#[test]
fn a_definition_in_a_file_that_was_never_saved_is_found() {
    let mut editor = Editor::new(
        "#- shared/common.omt\nstruct Invite ( amount uint )\n#- transactions/x.omt\nimports shared/common\nstruct Two ( invite Inv$0ite )\n",
    );
    let found = editor.ask("definition");
    assert_eq!(editor.places(&found), "shared/common.omt:1: struct ‹Invite› ( amount uint )");
    let found = editor.ask_with("references", json!({ "context": { "includeDeclaration": true } }));
    assert_eq!(editor.places(&found).lines().count(), 2);
}

fn complete(marked: &str) -> Vec<String> {
    let mut editor = Editor::new(&ping_at(marked));
    // The names come from an analysis: let there be one.
    editor.client.diagnostics(&support::uri("a.omt")).unwrap();
    labels(&editor.ask("completion"))
}

/// The transaction with something else written somewhere.
fn complete_in(from: &str, to: &str) -> Vec<String> {
    let mut editor = Editor::new(PING);
    let uri = support::uri("a.omt");
    editor.client.diagnostics(&uri).unwrap();
    assert!(PING.contains(from), "{from}");
    let text = PING.replacen(from, to, 1);
    let at = text.find("$0").unwrap();
    let text = text.replacen("$0", "", 1);
    editor.client.change(&uri, 2, json!([{ "text": text }]));
    let params = json!({ "textDocument": { "uri": uri }, "position": support::position(&text, at) });
    labels(&editor.client.request("textDocument/completion", params).unwrap())
}

#[test]
fn states_are_offered_behind_the_arrow() {
    assert_eq!(complete("WAITING -> $0DONE"), ["DONE", "IDLE", "LATE", "WAITING"]);
    assert_eq!(
        complete_in("WAITING -> LATE on", "WAITING -> $0\n    WAITING -> LATE on"),
        ["DONE", "IDLE", "LATE", "WAITING"]
    );
}

#[test]
fn messages_are_offered_to_those_who_may_send_or_handle_them() {
    let causes = complete("WAITING -> DONE on $0PONG");
    assert!(causes.contains(&"PONG".to_owned()) && causes.contains(&"ask".to_owned()), "{causes:?}");
    assert!(!causes.contains(&"PING".to_owned()), "{causes:?}");
    assert_eq!(complete("SEND(teller, $0PING)"), ["PING"]);
    assert_eq!(complete("SEND(asker, $0PONG {"), ["PONG"]);
    assert_eq!(complete_in("SEND(teller, PING)", "SEND(teller, P$0"), ["PING"]);
}

#[test]
fn missing_fields_and_values_of_enums_are_offered() {
    let fields = complete_in("PONG { answer YES }", "PONG { $0 }");
    assert_eq!(fields[..2], ["answer", "question"], "{fields:?}");
    let fields = complete_in("PONG { answer YES }", "PONG { answer YES, $0 }");
    assert_eq!(fields[..1], ["question"], "{fields:?}");
    assert_eq!(complete("alice.answer == $0YES")[..2], ["NO", "YES"]);
    assert_eq!(complete("alice IN $0DONE")[..4], ["DONE", "IDLE", "LATE", "WAITING"]);
    assert_eq!(complete("store $0answer"), ["answer", "question"]);
}

#[test]
fn fields_are_offered_behind_a_dot_also_when_the_rest_is_missing() {
    let fields = complete_in("message.question == question", "message.$0");
    assert_eq!(fields[..2], ["answer", "question"], "{fields:?}");
    let fields = complete_in("expect alice.answer == YES", "expect alice.$0");
    assert!(fields.contains(&"teller".to_owned()) && fields.contains(&"state".to_owned()), "{fields:?}");
}

#[test]
fn words_types_units_and_paths_are_offered_where_they_belong() {
    assert!(complete_in("enum Answer", "$0\nenum Answer").contains(&"message".to_owned()));
    let types = complete("question $0uint  timestamp");
    assert!(types.contains(&"uint".to_owned()) && types.contains(&"Answer".to_owned()), "{types:?}");
    assert!(complete("LIMIT = 90 $0seconds").contains(&"minutes".to_owned()));
    assert_eq!(complete("timeout($0LIMIT)"), ["LIMIT"]);
    let mut editor = Editor::new("#- shared/common.omt\nenum A ( X )\n#- t.omt\nimports sh$0\n");
    assert_eq!(labels(&editor.ask("completion")), ["shared/common"]);
}
