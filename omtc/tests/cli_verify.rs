//! `omtc verify` as a person and a program meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::{Place, Run};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const TOKEN: &str = include_str!("verify/token.omt");
const VOTE: &str = include_str!("verify/vote.omt");
const LIVELOCK: &str = include_str!("verify/livelock.omt");

#[test]
fn what_holds_ends_well_and_says_what_was_explored() {
    let place = Place::with_ping();
    let run = place.run(&["verify", "protocols/ping"]).ends(0);
    let run = run
        .says("holds          always      answers_fit")
        .says("holds          built-in    no_stuck_instance");
    let run = run.says("6 states, 6 transitions, depth 3").says("the network is the set of messages");
    run.says("may last for any other");
    place.run(&["verify", "protocols/ping", "--durations", "given"]).ends(0).says("9 states, 10 transitions");
}

#[test]
fn what_does_not_hold_is_shown_step_by_step() {
    let place = Place::new();
    place.write("protocols/token.omt", TOKEN);
    let run = place.run(&["verify", "protocols"]).ends(1);
    let run =
        run.says("VIOLATED       leads       always_back").says("trigger begin").says("First begins: AWAY");
    run.says("says TOKEN to ben").says("ann waits in AWAY and has no time limit");
}

#[test]
fn a_program_reads_exact_figures_and_verdicts() {
    let place = Place::new();
    place.write("protocols/token.omt", TOKEN);
    let run = place.run(&["verify", "protocols", "--format", "json", "--property", "one_holder"]).ends(0);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let scope = &document["scopes"][0];
    assert_eq!((&scope["scope"], &scope["complete"]), (&"scope_two".into(), &true.into()));
    assert_eq!(scope["properties"].as_array().unwrap().len(), 1);
    assert_eq!(scope["properties"][0]["result"], "holds");
    assert!(scope["states"].as_u64().unwrap() >= 4, "{scope}");
}

#[test]
fn a_counterexample_is_a_scenario_for_the_file() {
    let place = Place::new();
    place.write("protocols/token.omt", TOKEN);
    let run = place.run(&["verify", "protocols", "--write", "--witness"]).ends(1);
    let run =
        run.says("a scenario that omtc test comes to this with:").says("scenario breaks_no_stuck_instance");
    run.says("drop TOKEN from ann to ben nth 1").says("scenario shows_comes_back");
    let run = place.run(&["test", "protocols", "--filter", "breaks_"]).ends(1);
    run.says("failed: breaks_always_back").says("failed: breaks_no_stuck_instance");
    place.run(&["test", "protocols", "--filter", "shows_"]).ends(0);
    place.run(&["fmt", "--check", "protocols/token.omt"]);
    // A second run finds the names taken.
    let run = place.run(&["verify", "protocols", "--format", "json"]).ends(1);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let properties = document["scopes"][0]["properties"].as_array().unwrap();
    let broken = properties.iter().find(|p| p["property"] == "always_back").unwrap();
    let scenario = &broken["detail"]["scenario"];
    assert_eq!((&scenario["name"], &scenario["reproduces"]), (&"breaks_always_back_2".into(), &true.into()));
    assert!(scenario["source"].as_str().unwrap().starts_with("scenario breaks_always_back_2 "));
}

#[test]
fn a_limit_is_told_apart_from_a_wrong_call() {
    let place = Place::new();
    place.write("protocols/livelock.omt", LIVELOCK);
    let run = place.run(&["verify", "protocols", "--depth", "12", "--durations", "given"]).ends(1);
    run.says("not complete: --depth was reached at depth 12").says("not decided    eventually  gets_in");
    place.run(&["verify", "protocols", "--scope", "nobody"]).ends(2).complains("there is no scenario nobody");
    place
        .run(&["verify", "protocols", "--property", "nothing"])
        .ends(2)
        .complains("there is no property nothing");
    place
        .run(&["verify", "protocols", "--property", "gets_inn"])
        .ends(2)
        .complains("there is no property gets_inn; did you mean gets_in?");
    place
        .run(&["verify", "protocols", "--scope", "scope_knok"])
        .ends(2)
        .complains("there is no scenario scope_knok; did you mean scope_knock?");
    place.run(&["verify", "protocols", "--clock-skew", "2"]).ends(2);
    place.run(&["verify", "elsewhere"]).ends(2).complains("elsewhere");
    place.run(&["verify", "protocols", "--no", "mistakes"]).ends(2);
}

#[test]
fn a_property_of_one_transaction_passes_over_the_others() {
    let place = Place::with_ping();
    place.write("protocols/token.omt", TOKEN);
    let run = place.run(&["verify", "protocols", "--property", "one_holder"]).ends(0);
    let run = run.says("holds          never       one_holder");
    assert!(!run.out.contains("answered_once"), "{}", run.out);
    place.run(&["verify", "protocols", "--property", "one_holder", "--property", "nobody"]).ends(2);
}

#[test]
fn what_a_limit_cut_short_is_told_with_how_it_grew_and_what_fired() {
    let place = Place::new();
    place.write("protocols/vote.omt", VOTE);
    let run = place.run(&["verify", "protocols", "--scope", "scope_byzantine", "--depth", "3"]).ends(1);
    let run =
        run.says("not complete: --depth was reached at depth 3").says("new states by depth, from 0 on: 1, ");
    run.says("estimate: 64 random runs").says("fired: ").says("not Chair: ");
    let run =
        place.run(&["verify", "protocols", "--scope", "scope_byzantine", "--depth", "3", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.ends(1).out).unwrap();
    let scope = &document["scopes"][0];
    let states = scope["states"].as_u64().unwrap();
    let estimate = &scope["estimate"];
    let levels = estimate["new_states_by_depth"].as_array().unwrap();
    assert_eq!(levels.iter().map(|level| level.as_u64().unwrap()).sum::<u64>(), states, "{scope}");
    // The whole scope has 73 states: what random runs come to lies within a factor.
    let guess = estimate["states"].as_u64().unwrap();
    assert!((states..=300).contains(&guess), "{estimate}");
    assert!(scope["fired"]["covered"].as_u64() < scope["fired"]["total"].as_u64(), "{scope}");
    let run = place.run(&["verify", "protocols", "--scope", "scope_byzantine", "--memory", "0"]).ends(1);
    run.says("not complete: --memory was used up");
    let run = place.run(&["verify", "protocols", "--scope", "scope_byzantine", "--time", "0"]).ends(1);
    run.says("not complete: --time was over");
}

#[test]
fn a_random_search_is_called_one_and_is_the_same_for_a_seed() {
    let place = Place::new();
    place.write("protocols/vote.omt", VOTE);
    let search = |seed: &str| {
        let call = ["verify", "protocols", "--search", "20000", "--seed", seed, "--format", "json"];
        let run = place.run(&call).ends(1);
        let mut document: Value = serde_json::from_str(&run.out).unwrap();
        for scope in document["scopes"].as_array_mut().unwrap() {
            scope["seconds"] = Value::Null;
        }
        document
    };
    let found = search("1");
    assert_eq!(found, search("1"), "a seed is a search");
    let (one, two) = (&found["scopes"][0], &found["scopes"][1]);
    assert_eq!((&one["mode"], &one["complete"]), (&"search".into(), &false.into()));
    let result = |scope: &Value, name: &str| {
        let properties = scope["properties"].as_array().unwrap();
        properties.iter().find(|p| p["property"] == name).unwrap().clone()
    };
    assert_eq!(result(one, "yes_needs_two")["result"], "not_refuted", "never `holds`");
    assert_eq!(result(one, "a_no_is_possible")["result"], "holds", "a witness is a witness");
    // Nobody can make it fail alone.
    assert_eq!(one["fired"]["missing"], serde_json::json!(["Chair: COUNTING -> REJECTED auto"]), "{one}");
    // As short as exploring finds it, and a scenario.
    let broken = result(two, "never_rejected_by_votes");
    assert_eq!(broken["result"], "violated");
    assert_eq!(broken["detail"]["steps"].as_array().unwrap().len(), 3, "{broken}");
    assert_eq!(broken["detail"]["scenario"]["reproduces"], true, "{broken}");
    let run = place.run(&["verify", "protocols", "--search", "500"]);
    run.says("random search, no proof").says("500 steps in ");
    place.run(&["verify", "protocols", "--search", "0"]).ends(2);
    place.run(&["verify", "protocols", "--seed", "1"]).ends(2);
}

#[test]
fn a_source_with_a_mistake_is_not_explored() {
    let place = Place::new();
    place.write("protocols/token.omt", TOKEN.replace("store second", "store secnd"));
    place.run(&["verify", "protocols"]).ends(1).says("secnd");
}

#[test]
fn states_are_walked_through_by_choice() {
    let place = Place::new();
    place.write("protocols/token.omt", TOKEN);
    let explore = |lines: &str| {
        let mut command = place.command(&["verify", "protocols", "--explore"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may have ended before it reads.
        let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
        Run::of(child.wait_with_output().unwrap())
    };
    let start = explore("").ends(0);
    let start = start.says("scope_two, after 0 steps").says("has begun nothing");
    let start = start.says("    1  0 s  ann: trigger begin").says("First begins: AWAY");
    assert!(!start.out.contains("after 1 step"));
    // The only way: the trigger, the token, and back.
    let run = explore("1\n1\n1\n").ends(0);
    let run = run.says("after 3 steps").says("First HOLDS").says("shown  comes_back");
    run.says("ben: gets TOKEN from ann").says("says BACK to ann");
    // Back is where one was.
    let run = explore("1\n1\nback\nback\npath\nquit\n1\n").ends(0);
    assert_eq!(run.out.matches("scope_two, after 0 steps").count(), 2, "{}", run.out);
    assert_eq!(run.out.matches("scope_two, after 1 step\n").count(), 2, "{}", run.out);
    run.says("sequenceDiagram");
    // What was said and is not heard yet is on its way; when it is heard, it is not any more.
    let run = explore("1\npath\n").ends(0);
    assert!(run.out.contains("--)p1: TOKEN 0.000 s, on its way") && !run.out.contains("lost"), "{}", run.out);
    let run = explore("1\n1\npath\n").ends(0);
    assert!(!run.out.contains("TOKEN 0.000 s, on its way") && run.out.contains(": TOKEN"), "{}", run.out);
    // What is no step changes nothing.
    let run = explore("99\nnowhere\n").ends(0);
    assert_eq!(run.out.matches("scope_two").count(), 1, "{}", run.out);
    assert!(run.err.contains("99 is no step from here"), "{}", run.err);
    assert!(run.err.contains("\"nowhere\" is nothing that can be said here"), "{}", run.err);
    // One scope at a time.
    place.write("protocols/vote.omt", VOTE);
    place.run(&["verify", "protocols", "--explore"]).ends(2);
}
