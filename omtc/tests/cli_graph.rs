//! `omtc graph`, and the charts of `omtc test` and `omtc verify`: what a person gets from the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;
#[path = "common/drawing.rs"]
mod drawing;

use common::Place;
use drawing::check_svg;
use std::fs;

/// Names of the files in a folder.
fn files(place: &Place, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(place.path().join(folder)).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_machine_and_the_conversation_are_drawn_in_three_forms() {
    let place = Place::with_ping();
    for (form, ending, begins) in [
        ("svg", "svg", "<svg"),
        ("mermaid", "mmd", "stateDiagram-v2"),
        ("dot", "dot", "digraph \"Requester\""),
    ] {
        place.run(&["graph", "--as", form, "--out", form]).ends(0);
        let expected = ["Requester", "Responder", "conversation"].map(|name| format!("ping.{name}.{ending}"));
        assert_eq!(files(&place, form), expected);
        assert!(place.read(&format!("{form}/ping.Requester.{ending}")).starts_with(begins));
    }
    check_svg(&place.read("svg/ping.Requester.svg"));
    let mermaid = place.read("mermaid/ping.Requester.mmd");
    assert!(mermaid.contains("state \"WAITING\" as s") && mermaid.contains("[*] --> s0"), "{mermaid}");
    let conversation = place.read("mermaid/ping.conversation.mmd");
    assert!(conversation.contains("flowchart") && conversation.contains("|\"PING\"|"), "{conversation}");
}

#[test]
fn one_drawing_goes_to_standard_output_and_several_want_a_folder() {
    let place = Place::with_ping();
    let svg = place.run(&["graph", "--actor", "Requester"]).ends(0).out;
    check_svg(&svg);
    assert!(svg.contains("Requester-WAITING-on-PONG"));
    assert!(place.run(&["graph"]).ends(2).err.contains("--out FOLDER"));
    let wrong = place.run(&["graph", "--actor", "Requestor"]).ends(2);
    assert!(wrong.err.contains("did you mean `Requester`?"), "{}", wrong.err);
}

#[test]
fn actions_are_left_out_and_directions_and_themes_are_kept() {
    let place = Place::with_ping();
    let draw = |more: &[&str]| place.run(&[&["graph", "--actor", "Requester"], more].concat()).ends(0).out;
    assert!(draw(&[]).contains("sends PING"));
    let bare = draw(&["--no-actions"]);
    assert!(!bare.contains("class=\"effect\""));
    let size = |svg: &str| {
        let number =
            |name: &str| svg.split(name).nth(1).unwrap().split('"').next().unwrap().parse::<i64>().unwrap();
        (number(" width=\""), number(" height=\""))
    };
    let (down, right) = (size(&draw(&["--direction", "down"])), size(&draw(&["--direction", "right"])));
    assert!(down.0 < right.0 && down.1 > right.1, "{down:?} {right:?}");
    assert!(draw(&["--theme", "dark"]).contains("class=\"omt-graph dark\""));
}

#[test]
fn a_path_is_highlighted_and_a_wrong_one_is_named() {
    let place = Place::with_ping();
    let svg = place.run(&["graph", "--actor", "Requester", "--highlight", "IDLE -> WAITING"]).ends(0).out;
    let marked = |id: &str| {
        svg.contains(&format!("id=\"{id}\" class=\"")) && {
            let class =
                svg.split(&format!("id=\"{id}\" class=\"")).nth(1).unwrap().split('"').next().unwrap();
            class.contains("highlighted")
        }
    };
    assert!(marked("Requester-IDLE") && marked("Requester-WAITING") && marked("Requester-IDLE-on-ask"));
    assert!(!marked("Requester-ANSWERED"));
    let by_id = ["graph", "--actor", "Requester", "--highlight", "Requester-WAITING-on-PONG"];
    assert!(place.run(&by_id).ends(0).out.contains("edge highlighted"));
    let wrong = place.run(&["graph", "--actor", "Requester", "--highlight", "IDLE,WAITNG"]).ends(2);
    assert!(wrong.err.contains("there is no state or transition `WAITNG`"), "{}", wrong.err);
}

#[test]
fn coverage_and_traces_colour_what_happened() {
    let place = Place::with_ping();
    let covered = place.run(&["graph", "--actor", "Requester", "--coverage"]).ends(0).out;
    check_svg(&covered);
    assert!(covered.contains("class=\"node initial covered\""));
    place.run(&["test", "--filter", "answered_once", "--trace", "trace.jsonl"]).ends(0);
    let traced = place.run(&["graph", "--actor", "Requester", "--trace", "trace.jsonl"]).ends(0).out;
    let class = |id: &str| {
        let rest = traced.split(&format!("id=\"{id}\" class=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert!(class("Requester-ANSWERED").contains("covered"));
    assert!(!class("Requester-REFUSED").contains("covered"), "a run that was answered was not refused");
    place.write("trace.jsonl", "{\"event\":\"scenario\",\"version\":1}\nnonsense\n");
    let wrong = place.run(&["graph", "--actor", "Requester", "--trace", "trace.jsonl"]).ends(2);
    assert!(wrong.err.contains("line 2 is no JSON object"), "{}", wrong.err);
    place.write("trace.jsonl", "{\"event\":\"step\"}\n");
    assert!(
        place.run(&["graph", "--from-trace", "trace.jsonl"]).ends(2).err.contains("no trace of `omtc test`")
    );
    place.write("trace.jsonl", "{\"event\":\"scenario\",\"version\":9}\n");
    assert!(place.run(&["graph", "--from-trace", "trace.jsonl"]).ends(2).err.contains("version 9"));
}

/// Says everything that can become of a message.
const LOSSES: &str = "
scenario losses \"What the network does\" (
  cast ( alice Requester  bob Responder )
  delay PING to bob by 2 seconds
  duplicate PONG
  at 0 seconds alice.ask(bob, 41)
  at 10 seconds crash bob
  at 11 seconds restart bob
)
";

#[test]
fn sequence_charts_show_time_states_losses_and_fields() {
    let place = Place::with_ping();
    let ping = place.read("protocols/ping/transaction.omt");
    place.write("protocols/ping/transaction.omt", format!("{ping}{LOSSES}"));
    let from_scenario = place.run(&["graph", "--scenario", "losses"]).ends(0).out;
    check_svg(&from_scenario);
    for part in [
        "2.000 s late",
        "arrives twice",
        "IDLE → WAITING",
        "crashes",
        "starts again",
        "question 41",
        ">10.000<",
    ] {
        assert!(from_scenario.contains(part), "{part} is not in the chart");
    }
    // The same run, written down and read again, is the same chart.
    place
        .run(&["test", "--filter", "losses", "--trace", "t.jsonl", "--chart", "charts", "--chart-as", "svg"])
        .ends(0);
    assert_eq!(from_scenario, place.run(&["graph", "--from-trace", "t.jsonl"]).ends(0).out);
    assert_eq!(from_scenario, place.read("charts/ping.transaction.losses.svg"));
    let mermaid = place.run(&["graph", "--scenario", "losses", "--as", "mermaid"]).ends(0).out;
    assert!(mermaid.starts_with("sequenceDiagram") && mermaid.contains("2.000 s late"), "{mermaid}");
    assert!(
        place.run(&["graph", "--scenario", "losses", "--as", "dot"]).ends(2).err.contains("no form `dot`")
    );
    let wrong = place.run(&["graph", "--scenario", "loses"]).ends(2);
    assert!(wrong.err.contains("did you mean `losses`?"), "{}", wrong.err);
}

#[test]
fn a_run_that_breaks_a_property_is_drawn_with_what_got_lost() {
    let place = Place::new();
    place.write("protocols/token.omt", include_str!("verify/token.omt"));
    place.run(&["verify", "protocols", "--chart", "charts", "--chart-as", "svg"]).ends(1);
    assert_eq!(files(&place, "charts").len(), 2);
    let svg = place.read("charts/token.scope_two.no_stuck_instance.svg");
    check_svg(&svg);
    for part in [">TOKEN<", ">lost<", "First begins: AWAY", "has no time limit"] {
        assert!(svg.contains(part), "{part} is not in the chart: {svg}");
    }
}

#[test]
fn a_machine_with_errors_is_drawn_as_far_as_it_can_be_read() {
    let place = Place::new();
    let text = common::PING.replace("WAITING -> ANSWERED", "WAITING -> NOWHERE_AT_ALL");
    assert_ne!(text, common::PING);
    place.write("protocols/ping/transaction.omt", text);
    let run = place.run(&["graph", "--out", "o"]).ends(1);
    assert!(
        run.err.contains("NOWHERE_AT_ALL") && run.err.contains("drawn as far as it can be read"),
        "{}",
        run.err
    );
    let svg = place.read("o/ping.Requester.svg");
    check_svg(&svg);
    assert!(svg.contains(">NOWHERE_AT_ALL</text>") && svg.contains(">WAITING</text>"));
}

#[test]
fn two_drawings_of_one_name_are_not_written_over_each_other() {
    let place = Place::new();
    place.write("mine/a/transaction.omt", common::PING);
    place.write("mine/b/transaction.omt", common::PING);
    let run = place.run(&["graph", "mine", "--out", "drawn"]).ends(2);
    assert!(run.err.contains("would be written twice") && run.err.contains("--protocol-dir"), "{}", run.err);
    place.run(&["graph", "mine", "--protocol-dir", "mine", "--out", "drawn"]).ends(0);
    assert_eq!(files(&place, "drawn").len(), 6);
}

#[test]
fn without_an_actor_there_is_nothing_to_draw() {
    let place = Place::new();
    place.write("protocols/shared/x.omt", "function F(a uint) -> uint ( RETURN a )\n");
    let run = place.run(&["graph"]).ends(2);
    assert!(run.err.contains("there is nothing to draw"), "{}", run.err);
    assert!(place.run(&["graph", "nowhere"]).ends(2).err.contains("there is no file or folder"));
}

#[test]
fn builds_draw_and_notice_drawings_that_are_stale() {
    let place = Place::with_ping();
    place.run(&["build", "protocols"]).ends(0);
    assert_eq!(
        files(&place, "generated/graphs/ping"),
        ["Requester", "Responder", "conversation"]
            .map(|name| ["dot", "mmd", "svg"].map(|ending| format!("{name}.{ending}")))
            .concat()
    );
    place.run(&["build", "protocols", "--check"]).ends(0);
    place.write("generated/graphs/ping/Requester.svg", "<svg/>");
    assert!(place.run(&["build", "protocols", "--check"]).ends(1).out.contains("Requester.svg"));
}
