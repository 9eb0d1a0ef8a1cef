//! What takes long can be cancelled, and nothing waits for it; what is run is shown with the place of every step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use std::fmt::Write as _;
use support::{Editor, PING, ping_at, position, uri};

/// A scope of so many conversations side by side that nobody lives to see the end of it.
fn endless() -> Editor {
    let (mut cast, mut steps) = (String::new(), String::new());
    for n in 0..12 {
        let _ = write!(cast, " asker_{n} Asker teller_{n} Teller");
        let _ = writeln!(steps, "    at {n} seconds asker_{n}.ask(teller_{n}, {n})");
    }
    let scope = format!("scenario scope_endless \"All at once\" (\n    cast ({cast} )\n{steps})\n");
    Editor::new(&format!(
        "{PING}{scope}property never_late \"x\" never ( ANY(Asker, a => a.state == LATE AND a.question == 99) )\n"
    ))
}

fn verify(token: Option<&str>) -> Value {
    let mut params = json!({ "uri": uri("a.omt"), "scope": "scope_endless", "time": 3_600 });
    if let Some(token) = token {
        params["workDoneToken"] = json!(token);
    }
    params
}

fn begins(message: &Value) -> bool {
    message["method"] == "$/progress" && message["params"]["value"]["kind"] == "begin"
}

#[test]
fn a_verification_ends_when_its_progress_is_cancelled() {
    let mut editor = endless();
    let id = editor.client.begin("omt/verify", verify(Some("mine")));
    let begun = editor.client.wait(&begins).unwrap();
    assert_eq!(begun["params"]["token"], "mine");
    assert_eq!(begun["params"]["value"]["cancellable"], true);
    editor.client.notify("window/workDoneProgress/cancel", json!({ "token": "somebody else's" }));
    editor.client.notify("window/workDoneProgress/cancel", json!({ "token": "mine" }));
    assert_eq!(editor.client.answer(id).unwrap_err()["code"], -32800);
}

#[test]
fn cancelled_verifications_make_room_and_others_are_served_beside_them() {
    let mut editor = endless();
    let ids = [0; 6].map(|_| editor.client.begin("omt/verify", verify(None)));
    // The client gave no token and can show progress: it is asked to.
    let token = editor.client.wait(&begins).unwrap()["params"]["token"].clone();
    let created = |message: &Value| {
        message["method"] == "window/workDoneProgress/create" && message["params"]["token"] == token
    };
    assert!(editor.client.asked.iter().any(created));
    // More of them run or wait than there are threads for them.
    let found = editor.client.request(
        "textDocument/hover",
        json!({
            "textDocument": { "uri": uri("a.omt") },
            "position": position(PING, PING.find("TWICE").unwrap()),
        }),
    );
    assert!(found.unwrap()["contents"].to_string().contains("TWICE"));
    for id in ids {
        editor.client.notify("$/cancelRequest", json!({ "id": id }));
    }
    for id in ids {
        assert_eq!(editor.client.answer(id).unwrap_err()["code"], -32800);
    }
    let run = json!({ "uri": uri("a.omt"), "scenario": "asked" });
    assert_eq!(editor.client.request("omt/runScenario", run).unwrap()["passed"], true);
}

#[test]
fn a_counterexample_is_a_chart_and_a_scenario_that_replays_it() {
    let text = format!("{PING}property never_told \"x\" never ( ANY(Asker, a => a.state == DONE) )\n");
    let mut editor = Editor::new(&text);
    let params = json!({ "uri": uri("a.omt"), "property": "never_told" });
    let result = editor.client.request("omt/verify", params).unwrap();
    let example = &result["verdicts"][0]["counterexample"];
    assert!(example["svg"].as_str().unwrap().starts_with("<svg"), "{example}");
    assert!(example["sequence"].as_str().unwrap().starts_with("sequenceDiagram"), "{example}");
    assert_eq!(example["scenario"]["doubt"], Value::Null, "{example}");
    // It is a scenario of this file, and breaks the property.
    let source = example["scenario"]["source"].as_str().unwrap();
    editor.client.change(&uri("a.omt"), 2, json!([{ "text": format!("{text}\n{source}") }]));
    let run = json!({ "uri": uri("a.omt"), "scenario": example["scenario"]["name"] });
    let run = editor.client.request("omt/runScenario", run).unwrap();
    assert_eq!(run["passed"], false, "{source}\n{run}");
    assert!(run["deviation"].to_string().contains("never_told"), "{run}");
}

#[test]
fn what_the_cursor_stands_on_is_shown_in_the_diagram_and_in_a_run() {
    let mut editor = Editor::new(&ping_at("WAITING -> DO$0NE on PONG"));
    let here = |editor: &Editor, text: &str| json!({ "uri": uri("a.omt"), "position": position(editor.text("a.omt"), PING.find(text).unwrap() + 3) });
    let params = here(&editor, "WAITING -> DONE on PONG");
    let diagram = editor.client.request("omt/diagram", params.clone()).unwrap();
    assert_eq!(diagram["actor"], "Asker");
    assert_eq!(diagram["highlighted"], json!(["WAITING", "DONE"]));
    let under: Vec<&Value> =
        diagram["transitions"].as_array().unwrap().iter().filter(|t| t["highlighted"] == true).collect();
    assert_eq!(under.len(), 1, "{diagram}");
    assert_eq!(under[0]["to"], "DONE");
    let plain = json!({ "uri": uri("a.omt"), "actor": "Asker" });
    let plain = editor.client.request("omt/diagram", plain).unwrap();
    let marked = |diagram: &Value| diagram["svg"].as_str().unwrap().matches(" highlighted").count();
    assert!(marked(&diagram) > marked(&plain));
    let run = editor.client.request("omt/sequence", params).unwrap();
    assert_eq!(run["scenario"], "asked");
    let step = &run["steps"][run["step"].as_u64().unwrap() as usize];
    assert!(editor.places(&step["locations"]).contains("‹WAITING -> DONE on PONG›"), "{step}");
    assert!(run["svg"].as_str().unwrap().starts_with("<svg"));
    // No scenario waits so long; and a scenario is shown itself.
    let never = editor.client.request("omt/sequence", here(&editor, "WAITING -> LATE"));
    assert!(never.unwrap_err()["message"].as_str().unwrap().contains("no scenario"));
    let own = editor.client.request("omt/sequence", here(&editor, "expect alice.answer")).unwrap();
    assert_eq!(own["scenario"], "asked");
    let nothing = editor.client.request("omt/sequence", here(&editor, "parameters"));
    assert!(nothing.unwrap_err()["message"].as_str().unwrap().contains("neither"));
}

#[test]
fn the_states_of_a_scope_are_walked_through_step_by_step() {
    let mut editor = Editor::new(PING);
    let mut go = |path: &[usize]| {
        let params = json!({ "uri": uri("a.omt"), "path": path });
        editor.client.request("omt/explore", params)
    };
    let start = go(&[]).unwrap();
    assert_eq!(start["members"][0]["machines"], json!([]), "{start}");
    assert_eq!(start["way"], json!([]), "{start}");
    // The step that begins leads to the state that it says, and its place is that of the transition.
    let steps = start["steps"].as_array().unwrap();
    let begins = |step: &Value| step["lines"].to_string().contains("trigger");
    let first = steps.iter().position(begins).unwrap();
    let there = go(&[first]).unwrap();
    assert_eq!(there["members"][0]["machines"][0]["state"], "WAITING", "{there}");
    assert_eq!(there["way"], steps[first]["lines"], "{there}");
    assert!(there["svg"].as_str().unwrap().starts_with("<svg"), "{there}");
    // The other one hears it, answers, and the first has its answer.
    let heard = |step: &Value| step["lines"].to_string().contains("gets P");
    let mut path = vec![first];
    let mut here = there;
    for _ in 0..2 {
        path.push(here["steps"].as_array().unwrap().iter().position(heard).unwrap());
        here = go(&path).unwrap();
    }
    assert_eq!(here["members"][0]["machines"][0]["state"], "DONE", "{here}");
    // A step that is not offered is refused with a reason, and so is a scope that is not there.
    let refused = go(&[9_999]).unwrap_err();
    assert_eq!(refused["code"], -32803);
    assert!(refused["message"].as_str().unwrap().contains("no choice 9999"), "{refused}");
    let params = json!({ "uri": uri("a.omt"), "scope": "nowhere" });
    assert_eq!(editor.client.request("omt/explore", params).unwrap_err()["code"], -32803);
}
