//! `omtc test`: scenarios that are fulfilled and scenarios that are not, faults, statements that no machine makes, several
//! transactions at once, and what programs read of it. All with the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;
#[path = "common/schema.rs"]
mod schema;

use common::{PING, Place, Run};
use serde_json::Value;

const FIRST: &str = include_str!("fixtures/scenarios/first.omt");
const SECOND: &str = include_str!("fixtures/scenarios/second.omt");
const WORK: &str = include_str!("fixtures/scenarios/work.omt");
const SCHEMA: &str = include_str!("../../docs/schema/test.schema.json");

/// The cast of most scenarios here.
const CAST: &str = "cast ( alice Requester  bob Responder  mallory Responder byzantine )\n";

/// The machines of ping pong, with these scenarios instead of its own: name and steps after the cast.
fn ping(scenarios: &[(&str, &str)]) -> Place {
    let machines = PING.split("scenario ").next().unwrap();
    let place = Place::new();
    let scenarios: String =
        scenarios.iter().map(|(name, steps)| format!("scenario {name} (\n{CAST}{steps}\n)\n")).collect();
    place.write("protocols/ping/transaction.omt", format!("{machines}{scenarios}"));
    place
}

fn json(run: &Run) -> Value {
    let value: Value = serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}", run.out));
    let found = schema::errors(&serde_json::from_str(SCHEMA).unwrap(), &value);
    assert!(found.is_empty(), "{found:#?}");
    // A deviation may be null, which the schema cannot say of what is in it.
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let finding = serde_json::json!({ "$defs": schema["$defs"].take(), "$ref": "#/$defs/finding" });
    for scenario in value["scenarios"].as_array().unwrap().iter().filter(|s| !s["deviation"].is_null()) {
        let found = schema::errors(&finding, &scenario["deviation"]["finding"]);
        assert!(found.is_empty(), "{found:#?}");
    }
    value
}

/// What went wrong in the only scenario: kind and message.
#[track_caller]
fn wrong(steps: &str) -> (String, String) {
    let place = ping(&[("only", steps)]);
    let value = json(&place.run(&["test", "--format", "json"]).ends(1));
    let deviation = &value["scenarios"][0]["deviation"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&deviation["kind"]), text(&deviation["finding"]["message"]))
}

/// Everything of one kind that a scenario that is fulfilled tells in its trace.
#[track_caller]
fn told(steps: &str, event: &str) -> Vec<Value> {
    let place = ping(&[("only", steps)]);
    place.run(&["test", "--trace", "out/trace.jsonl"]).ends(0);
    let text = place.read("out/trace.jsonl");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["event"] == event).collect()
}

#[test]
fn what_is_fulfilled_is_one_line_each_in_the_order_of_the_source() {
    let run = Place::with_ping().run(&["test"]).ends(0);
    assert_eq!(run.err, "");
    insta::assert_snapshot!(run.out);
}

#[test]
fn a_file_and_a_folder_can_be_named_and_a_part_of_the_scenarios() {
    let place = Place::with_ping();
    place.run(&["test", "protocols/ping/transaction.omt"]).ends(0).says("5 scenarios: 5 passed, 0 failed");
    let run = place.run(&["test", "protocols", "--filter", "no_answer"]).ends(0);
    assert!(!run.out.contains("answered_once"), "{}", run.out);
    // A part covers a part: nothing is told of it.
    assert!(!run.out.contains("covered"), "{}", run.out);
    place
        .run(&["test", "--filter", "fourth question"])
        .ends(0)
        .says("refused_after_three")
        .says("1 scenario: 1");
    place.run(&["test", "--no-coverage"]).ends(0).says("5 passed");
}

#[test]
fn a_filter_that_fits_nothing_and_a_path_that_is_none_are_trouble() {
    let place = Place::with_ping();
    place.run(&["test", "--filter", "no_anser"]).ends(2).complains("did you mean `no_answer`?");
    place.run(&["test", "--filter", "quite something else"]).ends(2).complains("no scenario of 5 fits");
    place.run(&["test", "nowhere"]).ends(2).complains("nowhere");
    place.run(&["test", "--jobs", "0"]).ends(2);
    let run = Place::new().run(&["test"]);
    assert_ne!(run.status, 1, "{}", run.out);
}

#[test]
fn a_failure_shows_what_happened_what_was_expected_and_what_was_there() {
    let place = ping(&[
        (
            "wrong_answer",
            "at 0 seconds alice.ask(bob, 41)\n\
             expect alice IN ANSWERED within 1 seconds\n\
             expect alice.answer == 43",
        ),
        (
            "too_soon",
            "delay PONG by 1 seconds\nat 0 seconds alice.ask(bob, 41)\n\
             expect alice IN ANSWERED within 1 seconds",
        ),
    ]);
    insta::assert_snapshot!(place.run(&["test", "--no-coverage"]).ends(1).out);
}

#[test]
fn a_property_is_watched_after_every_step() {
    // The second of two steps at one instant breaks it, and the third would hide that.
    let place = Place::new();
    place.write(
        "protocols/t/transaction.omt",
        "transaction t \"T\"\n\
         message GO from A to [A] ( n uint )\n\
         actor A (\n\
         store ( n uint )\n\
         trigger begin() in [IDLE]\n\
         state IDLE initial state UP rest state DOWN rest\n\
         IDLE -> UP on begin ( n = 1 SEND(peer_id, GO) )\n\
         UP -> UP on GO when n == 1 ( n = 2 SEND(peer_id, GO) )\n\
         UP -> DOWN on GO ( n = 1 )\n\
         )\n\
         property one \"Never two\" always ( ALL(A, a => a.n == 1) )\n\
         property none never ( ANY(A, a => a.n == 7) )\n\
         scenario s ( cast ( ann A ) at 0 seconds ann.begin() expect ann IN DOWN )\n",
    );
    let run = place.run(&["test", "--no-coverage"]).ends(1);
    insta::assert_snapshot!(run.out);
}

#[test]
fn what_is_not_as_expected_has_a_kind_and_a_sentence() {
    let ask = "at 0 seconds alice.ask(bob, 41)\n";
    let cases = [
        (
            "expect alice IN REFUSED within 90 milliseconds",
            "expectation",
            "`alice IN REFUSED` is not true at any time until 0.090 s",
        ),
        ("expect alice.answer == 42", "expectation", "`alice.answer == 42` is not true at 0.000 s"),
        (
            "expect sequence ( bob -> alice PONG alice -> bob PING )\nexpect alice IN ANSWERED within 1 seconds",
            "sequence",
            "alice -> bob PING was not said after bob -> alice PONG of 0.050 s",
        ),
        (
            "expect alice IN ANSWERED within 1 seconds\nat 50 milliseconds heal",
            "step",
            "it is 0.100 s already, and this is to happen at 0.050 s",
        ),
        ("at 9999 days heal", "limit", "the scenario is not over after 3660 days of its time"),
    ];
    for (steps, kind, message) in cases {
        assert_eq!(wrong(&format!("{ask}{steps}")), (kind.to_owned(), message.to_owned()), "{steps}");
    }
    let (kind, message) = wrong("at 0 seconds bob -> alice PONG { question 1, answer 2 }");
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("step", "there is no session in which bob could say PONG")
    );
}

#[test]
fn a_scenario_that_can_never_finish_ends_and_says_what_goes_on_and_on() {
    let place = Place::new();
    place.write("protocols/work/transaction.omt", WORK.replace("TICK = 1 seconds", "TICK = 1 microseconds"));
    let run = place.run(&["test", "--filter", "given_up", "--max-events", "3000"]).ends(1);
    let run = run.says("[limit] Error: 3001 things have happened, and the scenario is not over");
    run.says("are ann: WORKING → WORKING");
}

#[test]
fn a_dropped_message_is_lost_for_good() {
    let lost = "drop PONG\nat 0 seconds alice.ask(bob, 1)\nexpect alice IN UNANSWERED within 5 seconds";
    let messages = told(lost, "message");
    let dropped: Vec<_> =
        messages.iter().map(|m| (m["message"].as_str().unwrap(), m["dropped"].clone())).collect();
    assert_eq!(dropped, [("PING", false.into()), ("PONG", true.into())]);
    // Only what is said from there on.
    let later = "at 0 seconds alice.ask(bob, 1)\nat 80 milliseconds heal\ndrop PONG\nexpect alice IN ANSWERED within 1 seconds";
    assert_eq!(told(later, "message").len(), 2);
}

#[test]
fn rules_are_for_the_first_so_many_or_for_one_or_for_some() {
    let twice = "at 0 seconds alice.ask(bob, 1)\nat 1 seconds alice.ask(bob, 2)\n";
    let answered = "expect COUNT(Requester, r => r.state == ANSWERED";
    for (rule, which) in [
        ("drop PONG times 1", 2),
        ("drop PONG nth 1", 2),
        ("drop PONG nth 2", 1),
        ("drop PONG from bob to alice times 1", 2),
        ("drop PING to bob nth 2", 1),
    ] {
        let steps = format!(
            "{rule}\n{twice}{answered} AND r.question == {which}) == 1 within 4 seconds\n\
             expect COUNT(Requester, r => r.state == UNANSWERED) == 1 within 10 seconds"
        );
        told(&steps, "message");
    }
    let none = format!("drop PONG from alice\ndrop PONG nth 3\n{twice}{answered}) == 2 within 4 seconds");
    told(&none, "message");
}

#[test]
fn a_delayed_message_is_late_and_a_doubled_one_is_taken_once() {
    let late = "delay PONG by 2 seconds\nat 0 seconds alice.ask(bob, 1)\nexpect alice IN ANSWERED within 3 seconds\n\
                at 2100 milliseconds heal";
    assert_eq!(told(late, "heal")[0]["at"], 2_100_000);
    let usual = "delay PING\nat 0 seconds alice.ask(bob, 1)\nexpect bob IN ANSWERED within 2 minutes";
    let steps = told(usual, "step");
    assert_eq!(steps.last().unwrap()["at"], 60_050_000);
    let double = "duplicate PING\nat 0 seconds alice.ask(bob, 1)\nexpect alice IN ANSWERED within 1 seconds";
    let refused = told(double, "refused");
    assert_eq!((refused.len(), refused[0]["reason"].as_str()), (1, Some("replay")));
    assert_eq!(told(double, "step").len(), 3);
}

#[test]
fn a_partition_is_waited_out_and_a_process_that_ends_goes_on_where_it_was() {
    let healed = "at 0 seconds partition [alice] [bob, mallory]\nat 0 seconds alice.ask(bob, 1)\n\
                  at 1 seconds heal\nexpect alice IN ANSWERED within 3 seconds";
    let messages = told(healed, "message");
    assert_eq!((messages[0]["cut"].clone(), messages[1]["cut"].clone()), (true.into(), false.into()));
    let crashed = "at 0 seconds alice.ask(bob, 1)\nat 10 milliseconds crash alice\nat 10 milliseconds crash bob\n\
                   at 1 seconds restart bob\nat 1 seconds restart alice\nexpect alice IN ANSWERED within 3 seconds";
    told(crashed, "crash");
    let never = "at 0 seconds alice.ask(bob, 1)\nat 10 milliseconds crash bob\nexpect alice IN UNANSWERED within 6 seconds";
    told(never, "crash");
}

#[test]
fn somebody_byzantine_says_what_the_scenario_says() {
    let forged = "at 0 seconds alice.ask(bob, 1)\nat 10 milliseconds mallory -> alice PONG { question 1, answer 66 }\n\
                  expect alice IN ANSWERED within 1 seconds\nexpect alice.answer == 2";
    let refused = told(forged, "refused");
    assert_eq!(
        (refused[0]["from"].as_str(), refused[0]["reason"].as_str()),
        (Some("mallory"), Some("stranger"))
    );
    let own = "at 0 seconds mallory -> bob PING { session SESSION_OF(alice, bob, 1, \"x\"), question 1, salt \"x\" }\n\
               at 1 seconds mallory -> bob PING { session SESSION_OF(mallory, bob, 1, \"x\"), question 1, salt \"x\" }\n\
               expect COUNT(Responder, r => r.requester == mallory) == 1 within 1 seconds";
    assert_eq!(told(own, "step").len(), 1);
    // In the name of somebody who runs a machine it is another statement, not a contradiction.
    let in_name = "at 0 seconds alice.ask(bob, 1)\nat 20 milliseconds bob -> alice PONG { question 1, answer 2 }\n\
                   expect alice IN ANSWERED within 1 seconds\nat 1 seconds heal";
    assert_eq!(told(in_name, "proof").len(), 0);
}

#[test]
fn natives_tasks_chains_shared_stores_and_clocks_are_those_of_the_cast() {
    let place = Place::new();
    place.write("protocols/work/transaction.omt", WORK);
    let run = place.run(&["test"]).ends(0).says("4 scenarios: 4 passed");
    run.says("states 4/4, transitions 6/6, guards 2/2, messages 0/0");
    place.write(
        "protocols/work/transaction.omt",
        WORK.replace("natives { PRICE 1, build null }", "natives { build null }"),
    );
    let run = place.run(&["test", "--filter", "host_fails"]).ends(1);
    let run = run.says("[native] Error: ann needs the native function PRICE, and the cast does not give it");
    run.says("give ann an answer: `natives { PRICE … }`");
}

#[test]
fn transactions_that_are_used_run_beside_and_begin_where_another_one_ends() {
    let place = Place::new();
    place.write("protocols/first/transaction.omt", FIRST);
    place.write("protocols/second/transaction.omt", SECOND);
    place.run(&["test"]).ends(0).says("goes_on  0.150 s, 3 messages, 5 steps");
    // The other file is found when only one is named.
    place.run(&["test", "protocols/second"]).ends(0).says("1 scenario: 1 passed");
    let broken = FIRST.replace("about message.about", "about message.about + 1");
    place.write("protocols/first/transaction.omt", &broken);
    place.run(&["test"]).ends(0);
    let place_of = SECOND.replace(
        "store closer, about\n        SEND(closer, THANKS)",
        "store closer\n        SEND(closer, THANKS { about about + 1 })",
    );
    place.write("protocols/second/transaction.omt", place_of);
    place.run(&["test"]).ends(1).says("the property same does not hold");
}

#[test]
fn sources_with_errors_are_told_of_and_the_others_run() {
    let place = Place::with_ping();
    place.write("protocols/bad/transaction.omt", "transaction bad \"Bad\"\nactor A ( state X )\n");
    let run = place.run(&["test"]).ends(1).says("what has errors is not run").says("5 passed, 0 failed");
    assert!(run.out.contains("Error: "), "{}", run.out);
    json(&place.run(&["test", "--format", "json"]).ends(1));
    // Nor runs what uses it, whether it is named or not.
    let place = Place::new();
    place.write("protocols/first/transaction.omt", FIRST.replace("state OPEN", "state SHUT"));
    place.write("protocols/second/transaction.omt", SECOND);
    place.write("protocols/ping/transaction.omt", PING);
    place.run(&["test"]).ends(1).says("5 passed, 0 failed");
    place.run(&["test", "protocols/second", "protocols/ping"]).ends(1).says("5 passed, 0 failed");
}

#[test]
fn the_same_sources_give_the_same_bytes_however_many_run_at_once() {
    let place = Place::with_ping();
    place.write("protocols/work/transaction.omt", WORK);
    place.write("protocols/first/transaction.omt", FIRST);
    place.write("protocols/second/transaction.omt", SECOND);
    let run = |jobs: &str, name: &str| {
        let (trace, charts) = (format!("{name}.jsonl"), format!("{name}.charts"));
        let human = place.run(&["test", "--jobs", jobs, "--trace", &trace, "--chart", &charts]).ends(0);
        let machine = place.run(&["test", "--jobs", jobs, "--format", "json"]).ends(0);
        let chart = place.read(&format!("{charts}/ping.transaction.answered_once.mmd"));
        (human.out, machine.out, place.read(&trace), chart)
    };
    assert_eq!(run("1", "one"), run("8", "eight"));
    let (_, _, trace, chart) = run("2", "two");
    assert_eq!(trace.lines().filter(|line| line.contains("\"event\":\"scenario\"")).count(), 10);
    insta::assert_snapshot!(chart);
}

#[test]
fn json_tells_results_deviations_and_what_is_not_covered() {
    let place = ping(&[
        ("fine", "at 0 seconds alice.ask(bob, 1)\nexpect alice IN ANSWERED within 1 seconds"),
        ("bad", "at 0 seconds alice.ask(bob, 1)\nexpect alice IN REFUSED"),
    ]);
    let value = json(&place.run(&["test", "--format", "json"]).ends(1));
    assert_eq!(value["tests"], serde_json::json!({ "scenarios": 2, "passed": 1, "failed": 1 }));
    assert_eq!(value["scenarios"][0]["deviation"], Value::Null);
    let bad = &value["scenarios"][1];
    assert_eq!(bad["passed"], false);
    assert_eq!(bad["deviation"]["facts"][0], "alice is in WAITING");
    assert_eq!(bad["story"].as_array().unwrap().len(), 2);
    let coverage = &value["coverage"][0];
    assert_eq!(coverage["transaction"], "ping/transaction");
    assert_eq!(
        (coverage["states"]["covered"].clone(), coverage["states"]["total"].clone()),
        (5.into(), 8.into())
    );
    let missing = coverage["transitions"]["missing"].as_array().unwrap();
    let named: Vec<&str> = missing.iter().map(|missing| missing["what"].as_str().unwrap()).collect();
    assert_eq!(
        named,
        [
            "Requester: WAITING -> REFUSED on PING_REFUSED",
            "Requester: WAITING -> UNANSWERED on timeout(ANSWER_TIMEOUT)",
            "Responder: IDLE -> REFUSED on PING"
        ]
    );
}

#[test]
fn what_can_never_happen_is_not_asked_for() {
    let place = Place::new();
    place.write(
        "protocols/t/transaction.omt",
        "transaction t \"T\"\n\
         message GO from A to [A] ( n uint )\n\
         actor A (\n\
         store ( n uint )\n\
         trigger begin(n uint) in [IDLE]\n\
         state IDLE initial state BIG rest state SMALL rest state LOST rest state NOWHERE rest\n\
         IDLE -> BIG on begin when n > 5 ( store n )\n\
         IDLE -> LOST on begin when n > 7 ( store n )\n\
         IDLE -> SMALL on begin ( store n )\n\
         LOST -> SMALL on GO\n\
         NOWHERE -> LOST on GO\n\
         )\n\
         scenario big ( cast ( ann A ) at 0 seconds ann.begin(9) expect ann IN BIG )\n\
         scenario small ( cast ( ann A ) at 0 seconds ann.begin(2) expect ann IN SMALL )\n",
    );
    let run = place.run(&["test"]).ends(0);
    run.says("states 3/3, transitions 2/2, guards 2/2, messages 0/1");
}
