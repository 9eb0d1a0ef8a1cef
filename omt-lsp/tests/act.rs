//! Rename, code actions, lenses, calls, signatures, hints, folds: the cursor is drawn in the source.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{Editor, PING, ping_at, uri};

fn rename(marked: &str, name: &str) -> Result<String, String> {
    let mut editor = Editor::new(&ping_at(marked));
    let edit = editor
        .try_ask("rename", json!({ "newName": name }))
        .map_err(|error| error["message"].as_str().unwrap().to_owned())?;
    Ok(editor.workspace(&edit))
}

/// The lines that are different.
fn changed(after: &str) -> Vec<String> {
    let after: Vec<&str> = after.lines().skip(1).collect();
    after
        .iter()
        .filter(|line| !PING.lines().any(|old| old == **line))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn a_state_is_renamed_in_its_actor_and_in_scenarios_only() {
    let after = rename("-> DO$0NE on PONG", "TOLD").unwrap();
    assert_eq!(
        changed(&after),
        [
            "state TOLD terminal \"Answered\"",
            "WAITING -> TOLD on PONG when message.question == question ( store answer )",
            "expect alice IN TOLD within 1 seconds",
        ]
    );
    // The other actor has a state of that name, too.
    assert!(after.contains("IDLE -> DONE on PING let"), "{after}");
}

#[test]
fn what_takes_its_value_by_name_is_written_out() {
    // The store of the asker fills PING and keeps an argument.
    let after = rename("question == ques$0tion (", "asked").unwrap();
    assert_eq!(
        changed(&after),
        [
            "store ( session_id hash  teller peer_id  asked uint  answer Answer )",
            "store teller",
            "asked = question",
            "SEND(teller, PING { question asked })",
            "WAITING -> DONE on PONG when message.question == asked ( store answer )",
        ]
    );
    let after = rename("question uint  ans$0wer Answer )\n\n## Twice", "verdict").unwrap();
    assert_eq!(
        changed(&after),
        [
            "message PONG from Teller to [Asker] signed ( question uint  verdict Answer )",
            "WAITING -> DONE on PONG when message.question == question ( answer = message.verdict )",
            "SEND(asker, PONG { verdict YES })",
        ]
    );
}

#[test]
fn unsafe_renames_are_refused_with_a_reason() {
    let reason = |marked: &str, name: &str| rename(marked, name).unwrap_err();
    assert!(
        reason("state WAIT$0ING", "DONE").contains("declared twice"),
        "{}",
        reason("state WAIT$0ING", "DONE")
    );
    assert!(reason("state WAIT$0ING", "message").contains("cannot be called"));
    assert!(reason("state WAIT$0ING", "1st").contains("is no name"));
    assert!(reason("session_$0id hash  teller", "id").contains("session key"));
    assert!(reason("store ans$0wer", "x").contains("rename one of them"));
    assert!(reason("act$0or Teller", "x").contains("words of the language"));
    assert!(reason("let dou$0ble", "question").contains("question"));
}

#[test]
fn a_rename_crosses_files_that_were_never_saved() {
    let mut editor = Editor::new(
        "#- shared/common.omt\nstruct Invite ( amount uint )\n#- transactions/x.omt\nimports shared/common\nstruct Two ( invite Inv$0ite )\n",
    );
    let edit = editor.ask_with("rename", json!({ "newName": "Ticket" }));
    assert_eq!(
        editor.workspace(&edit),
        "#- shared/common.omt\nstruct Ticket ( amount uint )\n#- transactions/x.omt\nimports shared/common\nstruct Two ( invite Ticket )\n"
    );
}

#[test]
fn prepare_tells_what_would_be_renamed() {
    let mut editor = Editor::new(&ping_at("state WAI$0TING"));
    let found = editor.ask("prepareRename");
    assert_eq!(found["placeholder"], "WAITING");
    assert!(editor.place("a.omt", &found["range"]).contains("state ‹WAITING›"));
}

/// Applies the action with that title; the cursors select.
fn act(fixture: &str, title: &str) -> String {
    let mut editor = Editor::new(fixture);
    let (path, start) = editor.cursors[0].clone();
    let end = editor.cursors.get(1).map_or(start, |(_, end)| *end);
    let text = editor.text(&path).to_owned();
    let range = json!({ "start": support::position(&text, start), "end": support::position(&text, end) });
    let found = editor.ask_with("codeAction", json!({ "range": range, "context": { "diagnostics": [] } }));
    let titles: Vec<&str> = found.as_array().unwrap().iter().map(|a| a["title"].as_str().unwrap()).collect();
    let action = found.as_array().unwrap().iter().find(|a| a["title"].as_str().unwrap().starts_with(title));
    let action = action.unwrap_or_else(|| panic!("{titles:?}"));
    let after = editor.workspace(&action["edit"]);
    // What is generated has no errors.
    let others: String = editor.others(&after);
    let mut again = Editor::new(&format!("{after}{others}"));
    let found = again.client.diagnostics(&uri(&path)).unwrap();
    let errors: Vec<&Value> = found.as_array().unwrap().iter().filter(|d| d["severity"] == 1).collect();
    assert!(errors.is_empty() || title == "Repair what", "{after}\n{errors:#?}");
    after
}

#[test]
fn a_state_gets_a_handler() {
    let after = act(&ping_at("state IDLE$0 initial \"Nothing asked\""), "Handle PONG in IDLE");
    assert!(after.contains("    IDLE -> IDLE on PONG ()\n"), "{after}");
}

#[test]
fn missing_things_are_generated() {
    let without = PING.replace("    WAITING -> LATE on timeout(LIMIT)\n", "");
    let after = act(&without.replace("state WAITING ", "state WAI$0TING "), "Add a time limit to WAITING");
    assert!(
        after.contains("WAITING -> DONE on timeout(WAITING_LIMIT)")
            || after.contains("WAITING -> LATE on timeout(WAITING_LIMIT)"),
        "{after}"
    );
    assert!(after.contains("WAITING_LIMIT = 60 seconds"), "{after}");
    let after = act(&ping_at("IDLE -> DONE on PI$0NG"), "Add `else`");
    assert!(after.contains(") else -> IDLE"), "{after}");
    let without = PING.replace("PONG { answer YES }", "PO$0NG");
    let after = act(&without, "Fill the payload of PONG");
    assert!(after.contains("SEND(asker, PONG { answer YES })"), "{after}");
    let after = act(&ping_at("act$0or Asker"), "Generate a scenario");
    assert!(after.contains("scenario happy_path"), "{after}");
    assert!(after.contains("alice.ask(bob, 1)"), "{after}");
}

#[test]
fn an_expression_becomes_a_function() {
    let after = act(&ping_at("when $0message.question == question$0 ("), "Extract a function");
    assert!(after.contains("when EXTRACTED(message.question, question) ("), "{after}");
    assert!(
        after.contains(
            "function EXTRACTED(question uint, question_ uint) -> bool (\n    RETURN question == question_\n)"
        ),
        "{after}"
    );
}

#[test]
fn findings_are_repaired_and_allowed() {
    let text = "transaction 1 \"x\"\nparameters ( UNU$0SED = 1 count )\n";
    let after = act(text, "Allow W0101 here");
    assert!(after.contains("# allow W0101: TODO"), "{after}");
    let after = act("function F(a bool, b bool) -> bool ( RETURN a &$0& b )\n", "Repair what");
    assert!(after.contains("AND") && !after.contains("&&"), "{after}");
}

#[test]
fn imports_are_put_in_order() {
    let fixture = "#- b.omt\nenum B ( X )\n#- c.omt\nenum C ( Y )\n#- a.omt\nimports c$0\nimports b\nimports c\nstruct S ( b B  c C )\n";
    let after = act(fixture, "Organize imports");
    assert_eq!(after, "#- a.omt\nimports b\nimports c\nstruct S ( b B  c C )\n");
}

#[test]
fn lenses_count_senders_and_handlers_and_run_scenarios() {
    let mut editor = Editor::new(PING);
    let found = editor
        .client
        .request("textDocument/codeLens", json!({ "textDocument": { "uri": uri("a.omt") } }))
        .unwrap();
    let titles: Vec<&str> =
        found.as_array().unwrap().iter().map(|l| l["command"]["title"].as_str().unwrap()).collect();
    assert!(titles.starts_with(&["1 sender", "1 handler", "1 sender", "1 handler", "1 use"]), "{titles:?}");
    assert!(titles.contains(&"run") && titles.contains(&"diagram"), "{titles:?}");
    let run =
        found.as_array().unwrap().iter().find(|l| l["command"]["command"] == "omt.runScenario").unwrap();
    let result = editor.client.request("omt/runScenario", run["command"]["arguments"][0].clone()).unwrap();
    assert_eq!(result["passed"], true, "{result}");
    let step = result["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["event"] == "step" && s["peer"] == "bob")
        .unwrap();
    assert!(editor.places(&step["locations"]).contains("‹IDLE -> DONE on PING›"), "{step}");
}

#[test]
fn lenses_of_a_text_that_is_half_written_or_closed_are_no_error() {
    let mut editor = Editor::new(PING);
    let file = json!({ "textDocument": { "uri": uri("a.omt") } });
    let lenses = |editor: &mut Editor| {
        let found = editor.client.request("textDocument/codeLens", file.clone()).unwrap();
        found.as_array().map(Vec::len)
    };
    let whole = lenses(&mut editor);
    let messages = PING.find("## Twice").unwrap();
    let ends = PING.match_indices([' ', '\n', '(']).map(|(at, _)| at).step_by(5);
    for (version, end) in (2..).zip(ends) {
        let text = PING.get(..end).unwrap();
        editor.client.change(&uri("a.omt"), version, json!([{ "text": text }]));
        let found = lenses(&mut editor).unwrap();
        // Both messages have theirs, whatever stands behind them.
        assert!(end < messages || found >= 4, "{found}: {text}");
    }
    editor.client.notify("textDocument/didClose", file.clone());
    assert_eq!(lenses(&mut editor), None);
    editor.client.open(&uri("a.omt"), PING);
    assert_eq!(lenses(&mut editor), whole);
}

#[test]
fn a_failing_scenario_tells_where() {
    let mut editor = Editor::new(&PING.replace("alice.answer == YES\n)", "alice.answer == NO\n)"));
    let result = editor
        .client
        .request("omt/runScenario", json!({ "uri": uri("a.omt"), "scenario": "asked" }))
        .unwrap();
    assert_eq!(result["passed"], false);
    let place = editor.places(&result["deviation"]["location"]);
    assert!(place.contains("expect ‹alice.answer == NO›"), "{place}");
    let wrong = editor.client.request("omt/runScenario", json!({ "uri": uri("a.omt"), "scenario": "nope" }));
    assert!(wrong.unwrap_err()["message"].as_str().unwrap().contains("no scenario nope"));
}

#[test]
fn a_counterexample_is_shown_in_the_source() {
    let text = format!("{PING}property never_told \"x\" never ( ANY(Asker, a => a.state == DONE) )\n");
    let mut editor = Editor::new(&text);
    let params = json!({ "uri": uri("a.omt"), "property": "never_told", "workDoneToken": "t" });
    let result = editor.client.request("omt/verify", params).unwrap();
    assert_eq!(result["verdicts"][0]["result"], "violated", "{result}");
    let steps = result["verdicts"][0]["counterexample"]["steps"].as_array().unwrap();
    let places: Vec<String> = steps.iter().map(|step| editor.places(&step["locations"])).collect();
    assert!(places.iter().any(|p| p.contains("‹WAITING -> DONE on PONG›")), "{places:?} {steps:#?}");
    let told: Vec<&Value> = editor.client.heard.iter().filter(|m| m["method"] == "$/progress").collect();
    assert_eq!(told[0]["params"]["value"]["kind"], "begin");
    assert_eq!(told[told.len() - 1]["params"]["value"]["kind"], "end");
}

#[test]
fn calls_are_messages() {
    let mut editor = Editor::new(&ping_at("WAITING -> DO$0NE on PONG"));
    let item = editor.ask("prepareCallHierarchy")[0].clone();
    assert_eq!(item["name"], "WAITING -> DONE on PONG");
    let found = editor.client.request("callHierarchy/incomingCalls", json!({ "item": item })).unwrap();
    assert_eq!(found[0]["from"]["name"], "IDLE -> DONE on PING");
    let found =
        editor.client.request("callHierarchy/incomingCalls", json!({ "item": found[0]["from"] })).unwrap();
    assert_eq!(found[0]["from"]["name"], "IDLE -> WAITING on ask");
    let found =
        editor.client.request("callHierarchy/outgoingCalls", json!({ "item": found[0]["from"] })).unwrap();
    assert_eq!(found[0]["to"]["name"], "IDLE -> DONE on PING");
}

#[test]
fn a_call_tells_what_it_takes() {
    let mut editor = Editor::new(&ping_at("TWICE($0message.question)"));
    editor.client.diagnostics(&uri("a.omt")).unwrap();
    let found = editor.ask("signatureHelp");
    assert_eq!(found["signatures"][0]["label"], "function TWICE(n uint) -> uint");
    let mut editor = Editor::new("function F(a hash) -> hash ( RETURN HASH(a, $0) )\n");
    let found = editor.ask("signatureHelp");
    assert_eq!(found["activeParameter"], 1);
    assert!(found["signatures"][0]["label"].as_str().unwrap().starts_with("HASH("));
}

#[test]
fn hints_tell_types_durations_and_limits() {
    let mut editor = Editor::new(PING);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri("a.omt") }, "range": range });
    let found = editor.client.request("textDocument/inlayHint", params.clone()).unwrap();
    let labels: Vec<&str> = found.as_array().unwrap().iter().map(|h| h["label"].as_str().unwrap()).collect();
    assert_eq!(labels, [" ≤ 90 seconds", " = 90 seconds", ": uint"]);
    editor.client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "omt": { "inlayHints": { "types": false } } } }),
    );
    let found = editor.client.request("textDocument/inlayHint", params).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
}

#[test]
fn colours_follow_edits() {
    let mut editor = Editor::new(PING);
    let document = json!({ "textDocument": { "uri": uri("a.omt") } });
    editor.client.diagnostics(&uri("a.omt")).unwrap();
    let full = editor.client.request("textDocument/semanticTokens/full", document).unwrap();
    let count = full["data"].as_array().unwrap().len();
    assert!(count > 300 && count.is_multiple_of(5));
    editor.client.change(&uri("a.omt"), 2, json!([{ "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } }, "text": "# x\n" }]));
    let params = json!({ "textDocument": { "uri": uri("a.omt") }, "previousResultId": full["resultId"] });
    let delta = editor.client.request("textDocument/semanticTokens/full/delta", params).unwrap();
    let edits = delta["edits"].as_array().unwrap();
    assert_eq!(edits.len(), 1);
    assert_eq!(
        edits[0]["data"].as_array().unwrap().len(),
        10,
        "a comment, and the token behind it: {edits:?}"
    );
}

#[test]
fn folds_selections_links_and_linked_names() {
    let mut editor = Editor::new(&ping_at("SEND(asker, PO$0NG { answer YES })"));
    let document = json!({ "textDocument": { "uri": uri("a.omt") } });
    let folds = editor.client.request("textDocument/foldingRange", document).unwrap();
    assert!(folds.as_array().unwrap().iter().any(|f| f["startLine"] == 13 && f["endLine"] == 26), "{folds}");
    let text = editor.text("a.omt").to_owned();
    let position = support::position(&text, editor.cursors[0].1);
    let params = json!({ "textDocument": { "uri": uri("a.omt") }, "positions": [position] });
    let mut range = editor.client.request("textDocument/selectionRange", params).unwrap()[0].clone();
    let mut sizes = Vec::new();
    while !range.is_null() {
        let at = |end: &str| support::offset(&text, &range["range"][end]);
        sizes.push(text[at("start")..at("end")].to_owned());
        range = range["parent"].clone();
    }
    assert_eq!(sizes[0], "PONG");
    assert_eq!(sizes[1], "SEND(asker, PONG { answer YES })");
    assert_eq!(sizes.last().unwrap().len(), text.len());
    let mut editor = Editor::new(&ping_at("let dou$0ble"));
    let found = editor.ask("linkedEditingRange");
    assert_eq!(found["ranges"].as_array().unwrap().len(), 2);
    let mut editor = Editor::new("#- b.omt\nenum B ( X )\n#- a.omt\nimports b$0\nstruct S ( b B )\n");
    let links = editor
        .client
        .request("textDocument/documentLink", json!({ "textDocument": { "uri": uri("a.omt") } }))
        .unwrap();
    assert_eq!(links[0]["target"], uri("b.omt"));
    let params = json!({ "files": [{ "oldUri": uri("b.omt"), "newUri": uri("shared/c.omt") }] });
    let edit = editor.client.request("workspace/willRenameFiles", params).unwrap();
    assert_eq!(editor.workspace(&edit), "#- a.omt\nimports shared/c\nstruct S ( b B )\n");
}

#[test]
fn pages_matrices_diagrams_and_scenarios_are_given() {
    let mut editor = Editor::new(PING);
    let page = editor.client.request("omt/explain", json!({ "code": "W0101" })).unwrap();
    assert!(page["markdown"].as_str().unwrap().contains("What it checks"));
    let matrix =
        editor.client.request("omt/matrix", json!({ "uri": uri("a.omt"), "actor": "Asker" })).unwrap();
    assert_eq!(matrix["actors"][0]["messages"], json!(["PONG"]));
    let waiting =
        matrix["actors"][0]["states"].as_array().unwrap().iter().find(|s| s["state"] == "WAITING").unwrap();
    assert_eq!(waiting["is"], json!(["handled"]));
    let scenarios = editor.client.request("omt/scenarios", json!({ "uri": uri("a.omt") })).unwrap();
    assert_eq!(scenarios[0]["name"], "asked");
    // While the text is broken, the machine of before is shown.
    editor.client.diagnostics(&uri("a.omt")).unwrap();
    let end = json!({ "line": 200, "character": 0 });
    editor.client.change(
        &uri("a.omt"),
        2,
        json!([{ "range": { "start": end, "end": end }, "text": "actor (" }]),
    );
    let diagram =
        editor.client.request("omt/diagram", json!({ "uri": uri("a.omt"), "actor": "Teller" })).unwrap();
    assert_eq!(diagram["initial"], "IDLE");
}
