//! How many messages of byzantine members are heard: bounded, one more at a time.

use super::{Nobody, VOTE, all, explored, said, setup};
use omtc::verify::{Level, Options, Outcome, verify};

fn with_at_most(messages: u32, scope: &str) -> Outcome {
    explored(VOTE, scope, Options { byzantine: Some(messages), ..Options::default() })
}

fn states(outcome: &Outcome) -> Vec<usize> {
    let levels = outcome.budget.iter().flat_map(|budget| &budget.levels);
    levels.map(|level| level.states).collect()
}

#[test]
fn what_byzantine_members_need_two_messages_for_is_shown_with_two() {
    for messages in [0, 1] {
        let outcome = with_at_most(messages, "scope_two_byzantine");
        assert_eq!(said(&outcome, "never_rejected_by_votes"), "holds");
        assert_eq!(outcome.budget.as_ref().unwrap().complete(), Some(messages));
        assert_eq!(outcome.limit, None);
    }
    let three = with_at_most(3, "scope_two_byzantine");
    assert_eq!(said(&three, "never_rejected_by_votes"), "violated after 3");
    // Nothing is gained by a third: it ends with the two that it needs.
    assert_eq!(three.budget.unwrap().complete(), Some(2));
}

#[test]
fn without_any_message_nobody_is_byzantine_and_with_all_nothing_is_counted() {
    let none = with_at_most(0, "scope_byzantine");
    // Byzantine members need more: that is no failure, and no proof that it never comes.
    assert_eq!(said(&none, "a_no_is_possible"), "not decided");
    assert!(none.proven(), "{none:#?}");
    assert_eq!(none.counts.universe, 0);
    let one = with_at_most(1, "scope_byzantine");
    assert!(one.proven(), "{one:#?}");
    assert_eq!(said(&one, "a_no_is_possible"), "holds");
    // Each is exact, and each has all runs of the one before.
    assert_eq!(states(&one), [27, 73]);
    assert_eq!(states(&none), states(&one)[..1]);
    // Enough of them are all: the verdicts are those of any number.
    let any = all(VOTE, "scope_byzantine");
    let many = with_at_most(6, "scope_byzantine");
    for verdict in &any.verdicts {
        assert_eq!(said(&many, &verdict.property), said(&any, &verdict.property), "{}", verdict.property);
    }
    assert!(any.budget.is_none());
}

#[test]
fn a_limit_tells_with_how_many_messages_everything_was_explored() {
    let depth = all(VOTE, "scope_byzantine").counts.depth;
    let none = with_at_most(0, "scope_byzantine");
    assert!(none.counts.depth < depth);
    let options = Options { byzantine: Some(2), memory_max: 1, ..Options::default() };
    let outcome = explored(VOTE, "scope_byzantine", options);
    assert!(outcome.limit.is_some());
    assert_eq!(outcome.budget.unwrap().complete(), None);
}

#[test]
fn the_budget_of_a_scope_is_that_of_its_byzantine_members_together() {
    let source = VOTE
        .replace("eve Voter byzantine  mal", "eve Voter byzantine { budget 1 }  mal")
        .replace("mal Voter byzantine", "mal Voter byzantine { budget 0 }");
    let outcome = all(&source, "scope_two_byzantine");
    assert_eq!(said(&outcome, "never_rejected_by_votes"), "holds");
    assert_eq!(outcome.budget.unwrap().asked, 1);
    let asked = Options { byzantine: Some(2), ..Options::default() };
    let outcome = explored(&source, "scope_two_byzantine", asked);
    assert_eq!(said(&outcome, "never_rejected_by_votes"), "violated after 3", "who calls has the last word");
    // Of one member it is not counted: then of nobody.
    let outcome = all(&source.replace("{ budget 0 }", ""), "scope_two_byzantine");
    assert!(outcome.budget.is_none());
}

#[test]
fn a_scope_in_which_nobody_runs_a_machine_is_an_error_and_no_proof() {
    let source = VOTE
        .replace("cast ( cat Chair  ann Voter  ben Voter  eve", "cast ( cat Chair byzantine  eve")
        .replace("    at 0 seconds cat.ask([ann, ben, eve])\n    expect cat IN [ACCEPTED, REJECTED] within 1 minutes\n", "    expect ANY(Chair, c => true) == false\n");
    assert_ne!(source, VOTE);
    let setup = setup(&source, Options::default());
    let error = verify(&setup, &setup.specification.scenarios[0], &mut Nobody).unwrap_err();
    assert!(error.to_string().contains("all its members are byzantine"), "{error}");
}

#[test]
fn levels_are_told_in_order() {
    let outcome = with_at_most(2, "scope_byzantine");
    let messages: Vec<u32> = outcome
        .budget
        .iter()
        .flat_map(|budget| &budget.levels)
        .map(|Level { messages, .. }| *messages)
        .collect();
    assert_eq!(messages, [0, 1, 2]);
}
