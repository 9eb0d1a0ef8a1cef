//! `omtc verify` as a person and a program meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::Place;
use serde_json::Value;

const TOKEN: &str = include_str!("verify/token.omt");
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
    place.run(&["verify", "protocols", "--clock-skew", "2"]).ends(2);
    place.run(&["verify", "elsewhere"]).ends(2).complains("elsewhere");
    place.run(&["verify", "protocols", "--no", "mistakes"]).ends(2);
}

#[test]
fn a_source_with_a_mistake_is_not_explored() {
    let place = Place::new();
    place.write("protocols/token.omt", TOKEN.replace("store second", "store secnd"));
    place.run(&["verify", "protocols"]).ends(1).says("secnd");
}
