//! Model checking: verdicts, exact counts, reductions against themselves switched off, counterexamples.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "verify/budget.rs"]
mod budget;
#[path = "verify/sets.rs"]
mod sets;

use omt_runtime::package::Package;
use omtc::sema::{self, Options as Reading};
use omtc::source::MemorySources;
use omtc::verify::{Finding, Limit, Options, Outcome, Progress, Reductions, Setup, Verdict, Watch, verify};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const TOKEN: &str = include_str!("verify/token.omt");
const VOTE: &str = include_str!("verify/vote.omt");
const MUTEX: &str = include_str!("verify/lock.omt");
const DEADLOCK: &str = include_str!("verify/deadlock.omt");
const LIVELOCK: &str = include_str!("verify/livelock.omt");
const QUORUM: &str = include_str!("verify/quorum.omt");
const BRANCHES: &str = include_str!("verify/branches.omt");
const PING: &str = include_str!("../../protocols/examples/ping_pong/transaction.omt");

/// Nobody watches, and no time passes.
struct Nobody;

impl Watch for Nobody {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    fn progress(&mut self, _: &Progress) {}
}

fn setup(source: &str, options: Options) -> Setup {
    let sources = MemorySources::new().with("protocols/t.omt", source);
    let reading = Reading { specify: true, ..Reading::default() };
    let analyzed = sema::analyze_with(&sources, &[PathBuf::from("protocols/t.omt")], &reading);
    let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let unit = &analyzed.units[0];
    let package = Package::from_protocol(unit.protocol.clone().unwrap()).unwrap();
    Setup { specification: unit.specification.clone().unwrap(), packages: vec![Arc::new(package)], options }
}

fn explored(source: &str, scope: &str, options: Options) -> Outcome {
    let setup = setup(source, options);
    let scenario = setup.specification.scenarios.iter().find(|s| s.name == scope).unwrap().clone();
    verify(&setup, &scenario, &mut Nobody).unwrap()
}

fn all(source: &str, scope: &str) -> Outcome {
    explored(source, scope, Options::default())
}

/// `holds`, `VIOLATED after 3`, … of a property.
fn said(outcome: &Outcome, property: &str) -> String {
    let verdict = outcome.verdicts.iter().find(|v| v.property == property);
    word(verdict.unwrap_or_else(|| panic!("no verdict about {property}")))
}

fn word(verdict: &Verdict) -> String {
    match &verdict.result {
        Finding::Holds => "holds".to_owned(),
        Finding::NotRefuted => "not refuted".to_owned(),
        Finding::Never => "never".to_owned(),
        Finding::NotDecided(_) => "not decided".to_owned(),
        Finding::Violated(example) => format!("violated after {}", example.steps.len()),
    }
}

fn verdicts(outcome: &Outcome) -> Vec<(String, String)> {
    outcome.verdicts.iter().map(|v| (v.property.clone(), word(v))).collect()
}

#[test]
fn a_small_transaction_is_explored_completely_and_holds_what_it_promises() {
    let outcome = all(PING, "answered_once");
    assert!(outcome.proven(), "{outcome:#?}");
    assert_eq!((outcome.counts.states, outcome.counts.transitions, outcome.counts.depth), (9, 10, 4));
    assert_eq!(outcome.limit, None);
}

#[test]
fn a_lost_message_leaves_whoever_has_no_time_limit_waiting_for_ever() {
    let outcome = all(TOKEN, "scope_two");
    assert_eq!(said(&outcome, "one_holder"), "holds");
    assert_eq!(said(&outcome, "comes_back"), "holds");
    assert_eq!(said(&outcome, "always_back"), "violated after 1", "the token can be lost at once");
    assert_eq!(said(&outcome, "no_stuck_instance"), "violated after 1");
    assert_eq!(
        said(&outcome, "no_deadlock"),
        "holds",
        "as long as the message may still come, something can happen"
    );
    assert_eq!(said(&outcome, "sessions_can_end"), "holds");
}

#[test]
fn with_a_time_limit_nothing_is_stuck_and_what_a_loss_leads_to_is_told() {
    let source = TOKEN
        .replace("state HOLDS terminal", "state LOST terminal \"Given up\"\n    state HOLDS terminal")
        .replace("    AWAY -> HOLDS", "    AWAY -> LOST on timeout(PATIENCE)\n    AWAY -> HOLDS");
    let outcome = all(&source, "scope_two");
    assert_eq!(said(&outcome, "no_stuck_instance"), "holds");
    let Finding::Violated(example) =
        &outcome.verdicts.iter().find(|v| v.property == "always_back").unwrap().result
    else {
        panic!("the token can still be lost")
    };
    let inputs: Vec<&str> = example.steps.iter().map(|line| line.input.as_str()).collect();
    assert_eq!(inputs, ["trigger begin", "time goes on to 10 s", "time limit PATIENCE passes"]);
    assert!(example.steps[2].changes.contains(&"First: AWAY -> LOST".to_owned()), "{example:#?}");
}

#[test]
fn two_that_wait_for_each_other_are_a_deadlock() {
    let outcome = all(DEADLOCK, "scope_both");
    assert_eq!(said(&outcome, "no_deadlock"), "violated after 2");
    assert_eq!(said(&outcome, "sessions_can_end"), "violated after 1");
    assert_eq!(said(&outcome, "ends"), "violated after 2");
    assert_eq!(said(&outcome, "no_fault"), "holds");
}

#[test]
fn one_byzantine_voter_of_three_decides_nothing_two_do() {
    let outcome = all(VOTE, "scope_byzantine");
    assert_eq!(said(&outcome, "yes_needs_two"), "holds");
    assert_eq!(said(&outcome, "never_rejected_by_votes"), "holds");
    assert_eq!(said(&outcome, "a_no_is_possible"), "holds", "it can say what no machine says");
    assert_eq!(said(&outcome, "decides"), "holds");
    assert!(outcome.proven());
    let two = all(VOTE, "scope_two_byzantine");
    assert_eq!(said(&two, "never_rejected_by_votes"), "violated after 3");
    assert_eq!(said(&two, "yes_needs_two"), "holds");
}

#[test]
fn a_vote_without_a_list_of_voters_is_decided_by_one_stranger() {
    let source = VOTE
        .replace("collect VOTE in [COUNTING] into votes", "COUNTING -> COUNTING on VOTE (\n yes = IF yes == null THEN 1 ELSE yes + 1\n )")
        .replace("COUNT(VALUES(votes), v => v.choice == YES) >= 2 (\n        yes = COUNT(VALUES(votes), v => v.choice == YES)\n    )", "yes != null AND yes >= 2")
        .replace("always ( ALL(Chair, c => c.state != ACCEPTED OR (c.yes != null AND c.yes >= 2)) )",
                 "never ( ANY(Chair, c => c.state == ACCEPTED) AND ALL(Voter, v => v.state != VOTED) )");
    let outcome = all(&source, "scope_byzantine");
    assert_eq!(said(&outcome, "yes_needs_two"), "violated after 3", "the byzantine voter votes twice");
}

#[test]
fn a_lease_that_two_clocks_measure_is_not_exclusive_and_one_clock_does_not_help() {
    let outcome = all(MUTEX, "scope_two_users");
    assert!(said(&outcome, "exclusive").starts_with("violated"));
    // Without a lease the lock is exclusive, and a message that is lost keeps it for ever.
    let without = MUTEX.replace("    BUSY -> FREE on timeout(LEASE) ( holder = null )\n", "");
    let outcome = all(&without, "scope_two_users");
    assert_eq!(said(&outcome, "exclusive"), "holds");
    assert_eq!(said(&outcome, "inside"), "holds");
    assert!(said(&outcome, "no_stuck_instance").starts_with("violated"));
}

#[test]
fn what_never_ends_stops_at_the_limit_and_says_what_was_covered() {
    let options = Options { depth_max: Some(30), repeats: 1_000, ..Options::default() };
    let outcome = explored(LIVELOCK, "scope_knock", options);
    assert_eq!(outcome.limit, Some(Limit::Depth));
    assert_eq!(outcome.counts.depth, 30);
    assert!(outcome.counts.open > 0 && outcome.counts.open < outcome.counts.states);
    assert_eq!(said(&outcome, "gets_in"), "not decided");
    assert_eq!(said(&outcome, "no_fault"), "not refuted");
    assert!(!outcome.proven());
    let little = Options { memory_max: 1, ..Options::default() };
    assert_eq!(explored(LIVELOCK, "scope_knock", little).limit, Some(Limit::Memory));
}

#[test]
fn time_that_ends_is_said_and_not_taken_for_an_end() {
    let options = Options { horizon: 60_000_000, ..Options::default() };
    let outcome = explored(LIVELOCK, "scope_knock", options);
    assert_eq!(outcome.limit, None, "the graph up to the horizon is complete");
    assert_eq!(said(&outcome, "gets_in"), "not decided");
    assert_eq!(said(&outcome, "sessions_can_end"), "not decided");
    assert_eq!(said(&outcome, "no_deadlock"), "holds");
}

#[test]
fn every_reduction_switched_off_gives_the_same_verdicts_and_never_fewer_states() {
    let on = Reductions::default();
    let without = [
        Reductions { dead_fields: false, ..on },
        Reductions { quiet_deliveries: false, ..on },
        Reductions { finished_ids: false, ..on },
        Reductions { content_numbers: false, ..on },
        Reductions { late_gathering: false, ..on },
        Reductions { lazy_clocks: false, ..on },
        Reductions { judged_at_once: false, ..on },
        Reductions { any_quorum: false, ..on },
        Reductions { unheard_messages: false, ..on },
        Reductions { byzantine_repeats: false, ..on },
        Reductions { spent_messages: false, ..on },
        Reductions { spent_messages: false, settled_messages: false, ..on },
        Reductions {
            dead_fields: false,
            quiet_deliveries: false,
            finished_ids: false,
            content_numbers: false,
            late_gathering: false,
            lazy_clocks: false,
            judged_at_once: false,
            any_quorum: false,
            unheard_messages: false,
            byzantine_repeats: false,
            spent_messages: false,
            settled_messages: false,
        },
    ];
    let scopes = [
        (PING, "answered_once"),
        (TOKEN, "scope_two"),
        (DEADLOCK, "scope_both"),
        (VOTE, "scope_byzantine"),
        (VOTE, "scope_two_byzantine"),
        (MUTEX, "scope_two_users"),
        (QUORUM, "scope_three"),
        (BRANCHES, "scope_two_branches"),
        (BRANCHES, "scope_two_keepers"),
        (BRANCHES, "scope_two_words"),
    ];
    for (source, scope) in scopes {
        let reduced = all(source, scope);
        for reductions in without {
            let full = explored(source, scope, Options { reductions, ..Options::default() });
            assert_eq!(verdicts(&reduced), verdicts(&full), "{scope} with {reductions:?}");
            assert!(reduced.counts.states <= full.counts.states, "{scope} with {reductions:?}");
        }
    }
}

#[test]
fn any_quorum_is_as_good_as_another_where_nobody_looks_whose_it_is() {
    let reduced = all(QUORUM, "scope_three");
    assert!(reduced.proven(), "{reduced:#?}");
    assert_eq!((reduced.counts.states, reduced.counts.transitions), (77, 189));
    let on = Reductions::default();
    let options = Options { reductions: Reductions { any_quorum: false, ..on }, ..Options::default() };
    let full = explored(QUORUM, "scope_three", options);
    assert_eq!((full.counts.states, full.counts.transitions), (125, 297), "each pair of guards apart");
    // A property that asks whose signatures they are tells them apart again.
    let whose = QUORUM.replace(
        "property can_open ",
        "property apart sometimes ( ANY(Guard, a => a.seen != null AND NOT HAS_KEY(a.seen.signatures, a.peer)) )\nproperty can_open ",
    );
    let whose = all(&whose, "scope_three");
    assert_eq!(said(&whose, "apart"), "holds", "two others have signed");
    assert_eq!(whose.counts.states, 125, "asked for, whose signatures they are is kept apart");
}

#[test]
fn durations_of_any_length_prove_for_all_parameters_and_blame_none() {
    let any = Options { any_durations: true, ..Options::default() };
    let outcome = explored(VOTE, "scope_byzantine", any.clone());
    assert!(outcome.proven(), "{outcome:#?}");
    let given = all(VOTE, "scope_byzantine");
    assert_eq!(verdicts(&outcome), verdicts(&given));
    // What only holds because of how long something lasts still holds, and what breaks is shown with the given lengths.
    let outcome = explored(MUTEX, "scope_two_users", any.clone());
    assert_eq!(verdicts(&outcome), verdicts(&all(MUTEX, "scope_two_users")));
    let outcome = explored(TOKEN, "scope_two", any);
    assert_eq!(verdicts(&outcome), verdicts(&all(TOKEN, "scope_two")));
}

#[test]
fn what_holds_because_one_duration_is_the_shorter_one_is_not_blamed() {
    let source = r#"
        transaction two "Two limits" "The shorter one passes first"
        parameters ( SHORT = 1 seconds "The shorter one"  LONG = 10 seconds "The longer one" )
        actor One "Waits" (
            store ( session_id hash )
            trigger begin() in [IDLE] "Begin"
            state IDLE initial "Nothing yet"
            state WAITING "For either"
            state EARLY terminal "The shorter one passed"
            state LATE terminal "The longer one passed"
            IDLE -> WAITING on begin
            WAITING -> EARLY on timeout(SHORT)
            WAITING -> LATE on timeout(LONG)
        )
        property never_late never ( ANY(One, o => o.state == LATE) )
        property late sometimes ( ANY(One, o => o.state == LATE) )
        property early sometimes ( ANY(One, o => o.state == EARLY) )
        scenario scope_one ( cast ( ann One )  at 0 seconds ann.begin() )
    "#;
    for any_durations in [true, false] {
        let outcome = explored(source, "scope_one", Options { any_durations, ..Options::default() });
        assert_eq!(said(&outcome, "never_late"), "holds");
        assert_eq!(said(&outcome, "late"), "never", "what no given duration allows is no witness");
        assert_eq!(said(&outcome, "early"), "holds");
    }
    let longer = source.replace("SHORT = 1 seconds", "SHORT = 11 seconds");
    let outcome = explored(&longer, "scope_one", Options { any_durations: true, ..Options::default() });
    assert_eq!(said(&outcome, "never_late"), "violated after 3");
}

#[test]
fn what_comes_again_for_ever_ends_after_so_many_instants_and_is_not_decided() {
    // A year of knocks, five seconds apart.
    let outcome = explored(LIVELOCK, "scope_knock", Options::default());
    assert_eq!(outcome.limit, None);
    assert!(outcome.abstractions.iter().any(|line| line.contains("after 4096 instants")), "{outcome:#?}");
    assert_eq!(said(&outcome, "gets_in"), "not decided");
    assert_eq!(said(&outcome, "sessions_can_end"), "not decided");
    assert_eq!(said(&outcome, "no_fault"), "holds");
}

#[test]
fn what_a_member_repeats_for_ever_is_cut_and_said() {
    let options = Options { any_durations: true, horizon: 20_000_000, ..Options::default() };
    let outcome = explored(LIVELOCK, "scope_knock", options);
    assert_eq!(outcome.limit, None, "two knocks are tried");
    assert!(outcome.abstractions.iter().any(|line| line.contains("more than 2 times")), "{outcome:#?}");
    assert_eq!(said(&outcome, "gets_in"), "not decided");
}

#[test]
fn a_run_twice_is_the_same_to_the_last_figure() {
    for (source, scope) in [(VOTE, "scope_byzantine"), (MUTEX, "scope_two_users")] {
        assert_eq!(all(source, scope), all(source, scope));
    }
}

#[test]
fn clocks_that_go_together_show_less() {
    let together = explored(MUTEX, "scope_two_users", Options { skew: 0, ..Options::default() });
    let apart = all(MUTEX, "scope_two_users");
    assert!(together.counts.states < apart.counts.states);
    assert!(together.abstractions.iter().any(|line| line == "all clocks go together"));
}

#[test]
fn only_the_properties_that_are_asked_for_are_looked_at() {
    let options = Options { properties: vec!["one_holder".to_owned()], ..Options::default() };
    assert_eq!(
        verdicts(&explored(TOKEN, "scope_two", options)),
        [("one_holder".to_owned(), "holds".to_owned())]
    );
    let options = Options { properties: vec!["no_such".to_owned()], ..Options::default() };
    let setup = setup(TOKEN, options);
    let error = verify(&setup, &setup.specification.scenarios[0], &mut Nobody).unwrap_err();
    assert_eq!(error.to_string(), "there is no property no_such");
}

#[test]
fn a_fault_that_no_message_caused_is_a_finding_with_its_place() {
    let source = PING.replace(
        "WAITING -> UNANSWERED on timeout(ANSWER_TIMEOUT)",
        "WAITING -> UNANSWERED on timeout(ANSWER_TIMEOUT) ( ABORT(\"not so\") )",
    );
    let outcome = all(&source, "answered_once");
    let verdict = outcome.verdicts.iter().find(|v| v.property == "no_fault").unwrap();
    let Finding::Violated(example) = &verdict.result else { panic!("{verdict:?}") };
    assert!(example.reason.contains("alice: aborted: not so"), "{}", example.reason);
    assert_eq!(example.steps.last().unwrap().changes, ["Requester stops by a fault"]);
}

#[test]
fn a_payer_with_two_processes_is_convicted_by_its_branches_and_by_nothing_when_nobody_remembers() {
    let outcome = all(BRANCHES, "scope_two_branches");
    assert_eq!(said(&outcome, "kept_once"), "holds");
    assert_eq!(said(&outcome, "can_be_kept"), "holds");
    assert_eq!(said(&outcome, "can_be_refused"), "holds");
    let forgetful =
        explored(BRANCHES, "scope_two_branches", Options { evidence: false, ..Options::default() });
    assert!(said(&forgetful, "kept_once").starts_with("violated"), "{}", said(&forgetful, "kept_once"));
    assert!(forgetful.abstractions.iter().any(|line| line.contains("nobody remembers")));
    // One process never forks: what nobody can be convicted of costs nothing.
    let honest = all(BRANCHES, "scope_one_branch");
    assert_eq!(said(&honest, "kept_once"), "holds");
    assert_eq!(said(&honest, "can_be_refused"), "never");
}

#[test]
fn a_proof_travels_and_is_remembered_where_no_machine_takes_it() {
    let outcome = all(BRANCHES, "scope_two_keepers");
    // A keeper that waits discards the warning, and refuses the payment that comes after it.
    for property in ["can_be_told", "can_be_returned", "can_be_refused"] {
        assert_eq!(said(&outcome, property), "holds", "{property}");
    }
}

#[test]
fn two_words_under_one_number_convict_and_two_under_two_do_not() {
    assert_eq!(said(&all(BRANCHES, "scope_two_words"), "can_be_told"), "holds");
    let source = BRANCHES.replace("sequence 3, amount 2", "sequence 4, amount 2");
    assert_ne!(source, BRANCHES);
    assert_eq!(said(&all(&source, "scope_two_words"), "can_be_told"), "never");
}

#[test]
fn processes_of_one_key_are_one_peer_and_none_of_them_is_honest() {
    for scope in ["scope_two_branches", "scope_one_branch"] {
        assert_eq!(said(&all(BRANCHES, scope), "one_chain"), "holds");
    }
    let source = BRANCHES.replace(" OR NOT HONEST(p)", "");
    assert!(said(&all(&source, "scope_two_branches"), "one_chain").starts_with("violated"));
    assert_eq!(said(&all(&source, "scope_one_branch"), "one_chain"), "holds");
}

#[test]
fn the_same_branches_are_played_by_hosts() {
    let setup = setup(BRANCHES, Options::default());
    for scenario in &setup.specification.scenarios {
        let options = omtc::scenario::Options::default();
        let run = omtc::scenario::interpret(&setup.specification, scenario, &setup.packages, &options);
        assert!(run.passed(), "{}: {:?}", scenario.name, run.deviation);
    }
}
