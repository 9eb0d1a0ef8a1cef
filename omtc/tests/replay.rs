//! A counterexample is a scenario: it is written as `omtc fmt` writes it, breaks the very property under the executor of
//! `omtc test`, and passes when the defence is there again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use omt_runtime::package::Package;
use omtc::format::format_source;
use omtc::scenario::{self, Kind, Run};
use omtc::sema::{self, Options as Reading};
use omtc::source::MemorySources;
use omtc::verify::{
    Counterexample, Engine, Finding, Options, Progress, Reproduced, Setup, Sources, Verdict, Watch,
    reproduce, verify,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const TOKEN: &str = include_str!("verify/token.omt");
const VOTE: &str = include_str!("verify/vote.omt");
const MUTEX: &str = include_str!("verify/lock.omt");
const DEADLOCK: &str = include_str!("verify/deadlock.omt");
const ROUNDS: &str = include_str!("replay/rounds.omt");
const CLAIM: &str = include_str!("replay/claim.omt");
const JUDGE: &str = include_str!("replay/judge.omt");
const PURSE: &str = include_str!("replay/purse.omt");
const PING: &str = include_str!("../../protocols/examples/ping_pong/transaction.omt");
const FILE: &str = "protocols/t.omt";

struct Nobody;

impl Watch for Nobody {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    fn progress(&mut self, _: &Progress) {}
}

fn setup(source: &str) -> Setup {
    let sources = MemorySources::new().with(FILE, source);
    let reading = Reading { specify: true, ..Reading::default() };
    let analyzed = sema::analyze_with(&sources, &[PathBuf::from(FILE)], &reading);
    let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).collect();
    let told: Vec<_> = errors.iter().map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{told:?}\n{source}");
    let unit = &analyzed.units[0];
    let package = Package::from_protocol(unit.protocol.clone().unwrap()).unwrap();
    let options = Options { witness: true, ..Options::default() };
    Setup { specification: unit.specification.clone().unwrap(), packages: vec![Arc::new(package)], options }
}

/// What `omtc test` says of a scenario.
fn tested(source: &str, name: &str) -> Run {
    let setup = setup(source);
    let scenario = setup.specification.scenarios.iter().find(|s| s.name == name).unwrap();
    scenario::interpret(&setup.specification, scenario, &setup.packages, &scenario::Options::default())
}

fn replayed(source: &str, scope: &str, property: &str, engine: Engine) -> (Verdict, Reproduced) {
    let mut setup = setup(source);
    setup.options.engine = engine;
    let scenario = setup.specification.scenarios.iter().find(|s| s.name == scope).unwrap().clone();
    let outcome = verify(&setup, &scenario, &mut Nobody).unwrap();
    let verdict = outcome.verdicts.iter().find(|v| v.property == property).unwrap().clone();
    let example: Option<&Counterexample> = match &verdict.result {
        Finding::Violated(example) => Some(example),
        Finding::Holds | Finding::NotRefuted | Finding::Never | Finding::NotDecided(_) => {
            verdict.witness.as_deref()
        }
    };
    let example = example.unwrap_or_else(|| panic!("{property}: {:?}\n{source}", verdict.result));
    let provider = MemorySources::new().with(FILE, source);
    let analysis = Reading::default();
    let sources = Sources { provider: &provider, path: Path::new(FILE), analysis: &analysis };
    let made = reproduce(&sources, scope, &verdict, example)
        .unwrap_or_else(|| panic!("no instants: {:#?}", example.steps));
    assert_eq!(made.doubt, None, "{}\n{:#?}", made.source, example.steps);
    (verdict, made)
}

/// The scenario of the broken protocol breaks the property, and passes when the protocol is whole.
fn check(broken: &str, whole: &str, scope: &str, property: &str, kind: Kind) -> Reproduced {
    assert_ne!(broken, whole, "nothing was broken");
    let (_, made) = replayed(broken, scope, property, Engine::States);
    breaks(broken, whole, property, &kind, &made);
    // Sets may find another run: it does the same.
    let (_, found) = replayed(broken, scope, property, Engine::Sets);
    breaks(broken, whole, property, &kind, &found);
    made
}

fn breaks(broken: &str, whole: &str, property: &str, kind: &Kind, made: &Reproduced) {
    assert_eq!(format_source(&made.source).unwrap(), made.source, "as omtc fmt writes it");
    let run = tested(&format!("{broken}\n{}", made.source), &made.name);
    let deviation = run.deviation.unwrap_or_else(|| panic!("{} passes", made.source));
    assert_eq!(deviation.kind, *kind, "{deviation:#?}\n{}", made.source);
    if *kind == Kind::Property {
        assert!(deviation.message.contains(&format!("property {property} ")), "{}", deviation.message);
    }
    let run = tested(&format!("{whole}\n{}", made.source), &made.name);
    assert_eq!(run.deviation, None, "with the defence:\n{}", made.source);
}

#[test]
fn a_vote_counted_twice() {
    let stranger = |guard: &str| {
        VOTE.replace("collect VOTE in [COUNTING] into votes", &format!("COUNTING -> COUNTING on VOTE{guard} (\n yes = IF yes == null THEN 1 ELSE yes + 1\n last = message.sender )"))
            .replace("yes uint )", "yes uint  last peer_id )")
            .replace("COUNT(VALUES(votes), v => v.choice == YES) >= 2 (\n        yes = COUNT(VALUES(votes), v => v.choice == YES)\n    )", "yes != null AND yes >= 2")
            .replace("always ( ALL(Chair, c => c.state != ACCEPTED OR (c.yes != null AND c.yes >= 2)) )",
                     "never ( ANY(Chair, c => c.state == ACCEPTED) AND ALL(Voter, v => v.state != VOTED) )")
    };
    let whole = stranger(" when last == null OR message.sender != last");
    let made = check(&stranger(""), &whole, "scope_byzantine", "yes_needs_two", Kind::Property);
    assert_eq!(made.source.matches("eve -> cat VOTE").count(), 2, "{}", made.source);
}

#[test]
fn a_missing_time_limit() {
    let whole = TOKEN
        .replace("state HOLDS terminal", "state LOST terminal \"Given up\"\n    state HOLDS terminal")
        .replace("    AWAY -> HOLDS", "    AWAY -> LOST on timeout(PATIENCE)\n    AWAY -> HOLDS");
    let made = check(TOKEN, &whole, "scope_two", "no_stuck_instance", Kind::Expectation);
    assert!(made.source.contains("drop TOKEN from ann to ben nth 1"), "{}", made.source);
}

#[test]
fn a_claim_that_is_never_kept_and_one_that_leads_nowhere() {
    let limits = DEADLOCK
        .replace(
            "message YOU_FIRST",
            "parameters ( PATIENCE = 5 seconds \"How long each waits\" )\nmessage YOU_FIRST",
        )
        .replace("WAITS -> ENDS on NO_YOU", "WAITS -> ENDS on timeout(PATIENCE)\n    WAITS -> ENDS on NO_YOU")
        .replace(
            "WAITS -> ENDS on YOU_FIRST",
            "WAITS -> ENDS on timeout(PATIENCE)\n    WAITS -> ENDS on YOU_FIRST",
        );
    for property in ["ends", "no_deadlock", "no_stuck_instance", "sessions_can_end"] {
        check(DEADLOCK, &limits, "scope_both", property, Kind::Expectation);
    }
    let broken = PING.replace("    WAITING -> UNANSWERED on timeout(ANSWER_TIMEOUT)\n", "");
    check(&broken, PING, "answered_once", "ends", Kind::Expectation);
}

#[test]
fn a_lease_that_ends_for_its_holder_later_than_for_its_keeper() {
    let whole = MUTEX
        .replace("parameters ( ", "parameters ( LONG = 40 seconds \"How long the keeper waits\"  ")
        .replace("BUSY -> FREE on timeout(LEASE)", "BUSY -> FREE on timeout(LONG)");
    let made = check(MUTEX, &whole, "scope_two_users", "exclusive", Kind::Property);
    assert!(made.source.contains("delay WANT from ben to kim by"), "{}", made.source);
}

#[test]
fn a_double_lock() {
    let whole = MUTEX.replace("    BUSY -> FREE on timeout(LEASE) ( holder = null )\n", "");
    let broken = whole
        .replace("IDLE -> BUSY on WANT when holder == null", "IDLE -> BUSY on WANT")
        .replace("    IDLE -> FREE on WANT when holder != null\n", "");
    check(&broken, &whole, "scope_two_users", "exclusive", Kind::Property);
}

#[test]
fn an_answer_to_an_earlier_question() {
    let broken =
        ROUNDS.replace("SECOND -> TOLD on ANSWER when message.round == round", "SECOND -> TOLD on ANSWER");
    let made = check(&broken, ROUNDS, "scope_rounds", "fits", Kind::Property);
    assert!(made.source.contains("delay ANSWER from tom to amy by"), "{}", made.source);
    let broken = ROUNDS.replace("    SECOND -> ALONE on timeout(PATIENCE)\n", "");
    check(&broken, ROUNDS, "scope_rounds", "ends", Kind::Expectation);
}

#[test]
fn an_answer_to_another_question_from_somebody_who_says_anything() {
    let broken = PING.replace(" on PONG when message.question == question", " on PONG");
    check(&broken, PING, "other_answer", "answers_fit", Kind::Property);
}

#[test]
fn a_signature_that_nobody_checks() {
    let broken = CLAIM.replace(" AND VERIFY_SIG(witness, message.receipt, message.proof)", "");
    check(&broken, CLAIM, "scope_claim", "earned", Kind::Property);
    // A signature of the claimant itself is none of the witness.
    let broken = CLAIM.replace("VERIFY_SIG(witness,", "VERIFY_SIG(message.sender,");
    let made = check(&broken, CLAIM, "scope_claim", "earned", Kind::Property);
    assert!(made.source.contains("proof SIGN(Receipt {"), "{}", made.source);
}

#[test]
fn a_result_of_a_task_told_wrong() {
    let broken = JUDGE.replace("RULING { verdict FREE }", "RULING { verdict GUILTY }");
    check(&broken, JUDGE, "scope_case", "just", Kind::Property);
}

#[test]
fn a_fault_of_a_time_limit() {
    let broken = JUDGE.replace("IF WEIGHT(7) == 0 THEN 0 ELSE 100 // WEIGHT(7)", "100 // WEIGHT(7)");
    check(&broken, JUDGE, "scope_case", "no_fault", Kind::Fault);
}

#[test]
fn more_promised_than_there_is() {
    let broken = PURSE.replace(" AND promised + message.count <= stock", "");
    let made = check(&broken, PURSE, "scope_two_orders", "enough", Kind::Property);
    assert!(made.source.contains("shared { stock 3 }"), "the cast is whole: {}", made.source);
}

#[test]
fn parameters_of_a_scope_are_those_of_its_scenario() {
    let scope = ROUNDS.replace(
        "    cast (\n        amy",
        "    parameters ( PATIENCE = 90 seconds )\n    cast (\n        amy",
    );
    let broken =
        scope.replace("SECOND -> TOLD on ANSWER when message.round == round", "SECOND -> TOLD on ANSWER");
    let made = check(&broken, &scope, "scope_rounds", "fits", Kind::Property);
    assert!(made.source.contains("PATIENCE = 90 seconds"), "{}", made.source);
}

#[test]
fn a_witness_is_a_scenario_that_passes() {
    for engine in [Engine::States, Engine::Sets] {
        let (verdict, made) = replayed(VOTE, "scope_byzantine", "a_no_is_possible", engine);
        assert_eq!((verdict.result, made.name.as_str()), (Finding::Holds, "shows_a_no_is_possible"));
        assert_eq!(tested(&format!("{VOTE}\n{}", made.source), &made.name).deviation, None);
    }
}
