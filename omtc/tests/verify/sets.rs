//! Sets of states beside states one by one: the same graph, the same verdicts.

use super::{
    BRANCHES, DEADLOCK, LIVELOCK, MUTEX, Nobody, PING, QUORUM, TOKEN, VOTE, explored, said, setup, word,
};
use omtc::verify::{Counterexample, Engine, Finding, Limit, Options, Outcome, Reductions, verify};

const SCOPES: [(&str, &str); 12] = [
    (PING, "answered_once"),
    (TOKEN, "scope_two"),
    (DEADLOCK, "scope_both"),
    (LIVELOCK, "scope_knock"),
    (VOTE, "scope_byzantine"),
    (VOTE, "scope_two_byzantine"),
    (MUTEX, "scope_two_users"),
    (QUORUM, "scope_three"),
    (BRANCHES, "scope_one_branch"),
    (BRANCHES, "scope_two_branches"),
    (BRANCHES, "scope_two_keepers"),
    (BRANCHES, "scope_two_words"),
];

const PAXOS: &str = include_str!("../../../protocols/examples/paxos/transaction.omt");

/// Without what only states that are gone through one by one have.
fn alike() -> Options {
    let reductions = Reductions {
        late_gathering: false,
        lazy_clocks: false,
        spent_messages: false,
        ..Reductions::default()
    };
    Options { reductions, ..Options::default() }
}

fn with_sets(options: Options) -> Options {
    Options { engine: Engine::Sets, ..options }
}

/// What every property comes to, however long the run is that shows it.
fn verdicts(outcome: &Outcome) -> Vec<(String, String)> {
    let kind = |word: String| word.split(" after ").next().unwrap_or_default().to_owned();
    outcome.verdicts.iter().map(|verdict| (verdict.property.clone(), kind(word(verdict)))).collect()
}

#[test]
fn sets_reach_exactly_the_states_that_single_states_reach_and_say_the_same_of_them() {
    for (source, scope) in SCOPES {
        for (skew, any_durations, byzantine) in
            [(1, false, None), (0, false, None), (1, true, None), (1, false, Some(0)), (1, false, Some(2))]
        {
            // Of the larger one only the small half.
            if scope == "scope_two_proposers" && (skew == 1 || byzantine.is_some()) {
                continue;
            }
            let options =
                Options { skew, any_durations: any_durations || source == PAXOS, byzantine, ..alike() };
            let single = explored(source, scope, options.clone());
            let sets = explored(source, scope, with_sets(options));
            let which =
                format!("{scope}, skew {skew}, any durations {any_durations}, byzantine {byzantine:?}");
            assert!(single.limit.is_none() && sets.limit.is_none(), "{which}");
            assert_eq!(verdicts(&single), verdicts(&sets), "{which}");
            assert!(sets.counts.nodes.is_some(), "{which}");
            // One by one, what was reached with fewer messages stands for more, and what breaks ends the search.
            if byzantine.is_none() {
                assert_eq!(single.counts.states, sets.counts.states, "{which}");
            }
        }
    }
}

#[test]
fn what_breaks_a_property_is_shown_by_a_run_that_ends_as_the_shortest_one_does() {
    for (source, scope, property) in [
        (MUTEX, "scope_two_users", "exclusive"),
        (VOTE, "scope_two_byzantine", "never_rejected_by_votes"),
        (DEADLOCK, "scope_both", "no_deadlock"),
    ] {
        let example = |options: Options| {
            let outcome = explored(source, scope, options);
            let verdict = outcome.verdicts.iter().find(|verdict| verdict.property == property).unwrap();
            let Finding::Violated(example) = &verdict.result else {
                panic!("{property} of {scope}: {:?}", verdict.result)
            };
            Counterexample::clone(example)
        };
        let (shortest, shown) = (example(alike()), example(with_sets(alike())));
        assert_eq!(shortest.reason, shown.reason, "{scope}");
        assert_eq!(shortest.steps.len(), shown.steps.len(), "{scope}");
    }
}

#[test]
fn few_states_are_gone_through_one_by_one_and_many_as_sets() {
    let either = Options { engine: Engine::Either, ..Options::default() };
    let few = explored(TOKEN, "scope_two", either.clone());
    assert!(few.counts.nodes.is_none());
    assert_eq!(few, explored(TOKEN, "scope_two", Options::default()));
    let many = Options { any_durations: true, ..alike() };
    let one_by_one = explored(PAXOS, "scope_two_proposers", many.clone());
    assert!(one_by_one.counts.states > 1 << 15);
    let outcome = explored(PAXOS, "scope_two_proposers", Options { engine: Engine::Either, ..many });
    assert!(outcome.counts.nodes.is_some());
    assert_eq!(outcome.counts.states, one_by_one.counts.states);
    assert!(outcome.proven());
    // Going over to sets, nothing is left of what was set for single states.
    let reductions = Reductions { late_gathering: false, ..Reductions::default() };
    let many = Options { any_durations: true, reductions, ..Options::default() };
    let either = explored(PAXOS, "scope_two_proposers", Options { engine: Engine::Either, ..many.clone() });
    assert_eq!(either.counts.states, explored(PAXOS, "scope_two_proposers", with_sets(many)).counts.states);
}

#[test]
fn sets_that_take_too_much_memory_end_it_and_prove_nothing() {
    let options = with_sets(Options { memory_max: 200_000, ..Options::default() });
    let outcome = explored(PAXOS, "scope_two_proposers", options);
    assert_eq!(outcome.limit, Some(Limit::Memory));
    assert_eq!(said(&outcome, "agreement"), "not refuted");
    assert_eq!(said(&outcome, "sessions_can_end"), "not decided");
    // Random runs come to states that were not reached: there are more.
    let estimate = outcome.estimate.unwrap();
    assert!(estimate.runs > 0 && estimate.known < estimate.met, "{estimate:?}");
}

#[test]
fn what_a_member_says_again_and_again_is_said_as_often_as_is_tried() {
    for repeats in [1, 3] {
        let single = explored(LIVELOCK, "scope_knock", Options { repeats, ..alike() });
        let sets = explored(LIVELOCK, "scope_knock", with_sets(Options { repeats, ..alike() }));
        assert_eq!(single.counts.states, sets.counts.states, "{repeats}");
        assert_eq!(verdicts(&single), verdicts(&sets), "{repeats}");
        assert_eq!(single.abstractions, sets.abstractions, "{repeats}");
    }
}

#[test]
fn what_breaks_is_shown_with_the_fewest_byzantine_messages() {
    let asked = Options { byzantine: Some(3), any_durations: false, ..alike() };
    let levels = |outcome: &Outcome| {
        let levels = outcome.budget.iter().flat_map(|budget| &budget.levels);
        levels.map(|level| level.messages).collect::<Vec<_>>()
    };
    for (source, scope) in [(VOTE, "scope_byzantine"), (VOTE, "scope_two_byzantine")] {
        let single = explored(source, scope, asked.clone());
        let sets = explored(source, scope, with_sets(asked.clone()));
        assert_eq!(levels(&single), levels(&sets), "{scope}");
        assert_eq!(verdicts(&single), verdicts(&sets), "{scope}");
    }
}

#[test]
fn what_was_taken_is_remembered_where_it_would_be_taken_again() {
    // A counter that counts the same message twice would come to two.
    let setup = setup(COUNTER, with_sets(Options::default()));
    let scenario = setup.specification.scenarios.first().unwrap().clone();
    let outcome = verify(&setup, &scenario, &mut Nobody).unwrap();
    assert_eq!(said(&outcome, "once"), "holds");
    assert_eq!(said(&outcome, "counted"), "holds");
    let one_by_one = Options {
        reductions: Reductions { spent_messages: false, settled_messages: false, ..Reductions::default() },
        ..Options::default()
    };
    let single = explored(COUNTER, "scope_knock", one_by_one);
    assert_eq!(verdicts(&single), verdicts(&outcome));
}

const COUNTER: &str = include_str!("counter.omt");

#[test]
fn a_period_beyond_the_horizon_leaves_nothing_open_that_a_limit_ends_before() {
    let source = COUNTER
        .replacen("parameters (", "parameters ( SELDOM = 400 days \"Beyond the horizon\" ", 1)
        .replacen("LISTENING -> TIRED", "LISTENING -> LISTENING on every(SELDOM)\n    LISTENING -> TIRED", 1)
        .replacen(
            "scenario",
            "property tires \"Nobody listens for ever\" leads ( ANY(House, h => h.state == LISTENING) ) eventually ( ALL(House, h => h.state != LISTENING) )\n\nscenario",
            1,
        );
    for options in [alike(), with_sets(alike())] {
        let outcome = explored(&source, "scope_knock", Options { any_durations: false, ..options });
        assert_eq!(said(&outcome, "tires"), "holds");
        assert_eq!(said(&outcome, "sessions_can_end"), "holds");
    }
}

#[test]
fn what_is_asked_for_alone_ends_the_search_when_it_is_decided() {
    let all = Options { any_durations: false, ..with_sets(alike()) };
    let alone = Options { properties: vec!["inside".to_owned()], ..all.clone() };
    let (all, alone) = (explored(MUTEX, "scope_two_users", all), explored(MUTEX, "scope_two_users", alone));
    assert_eq!(said(&alone, "inside"), "holds");
    assert!(alone.limit.is_none() && alone.counts.depth < all.counts.depth, "{:?}", alone.counts);
}

#[test]
fn what_was_broken_before_a_limit_is_shown_all_the_same() {
    let broken =
        "property quiet \"Nobody knocks\" never ( ANY(Caller, c => c.state == KNOCKED) )\n\nscenario";
    let source = LIVELOCK.replacen("scenario", broken, 1);
    let options = with_sets(Options { memory_max: 1_000_000, ..Options::default() });
    let outcome = explored(&source, "scope_knock", options);
    assert_eq!(outcome.limit, Some(Limit::Memory));
    assert_eq!(said(&outcome, "quiet"), "violated after 1");
}
