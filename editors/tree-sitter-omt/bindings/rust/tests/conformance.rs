//! Every protocol, and the corpus that says what the compiler reads and refuses.

use super::{mistake, parse, sources};

/// What the compiler reads and this grammar does not, all of it nothing that a person writes: a reserved word (the checker
/// refuses it as a name) or a word of the clause before, used as a name exactly where the grammar expects it as a word; and a
/// callee in parentheses.
const NOT_READ: &[&str] = &[
    "actions/else_assigned",
    "actions/for_all",
    "actions/if_assigned",
    "actions/if_index_assigned",
    "blocks_or_calls/parentheses_call",
    "blocks_or_calls/parentheses_call_apart",
    "expressions/callee_in_parentheses",
    "expressions/callee_in_two_parentheses",
    "expressions/if_called_if",
    "overrides/next_begins_with_an_operator",
    "overrides/next_begins_with_an_operator_in_a_list",
    "overrides/when_is_a_listed_state",
    "overrides/when_is_a_state",
    "records/named_literal",
    "scenario/called_byzantine",
    "scenario/called_byzantine_before_others",
    "scenario/peer_called_crash",
    "scenario/peer_called_heal",
    "scenario/sequence_is_a_call",
    "scenario/sequence_is_a_name",
    "statements/else_assigned",
    "statements/if_item_assigned",
    "statements/if_not_callable",
    "statements/keywords_assigned",
    "statements/operators_after_values",
    "statements/return_assigned",
    "statements/return_item_assigned",
    "statements/return_item_assigned_apart",
    "transition/in_comma_ends_the_guard",
    "transition/let_is_a_listed_state",
    "transition/let_is_a_state",
    "transition/operator_ends_the_guard",
    "transition/when_is_a_state",
    "trigger/after_is_a_listed_state",
    "trigger/after_is_a_state",
    "units/before_an_arrow",
    "view/field_called_when",
    "words/all_keywords_as_lambda_parameters",
    "words/all_keywords_as_listed_source_states",
    "words/all_keywords_as_source_states",
    "words/all_keywords_assigned_in_actions",
    "words/all_keywords_assigned_in_functions",
    "words/all_keywords_indexed_in_actions",
];

/// What the compiler refuses and this grammar reads: what an editor can show all the same (bytes in a comment, nesting beyond
/// the limit, a number glued to its unit, the wrong case of a word).
const NOT_REFUSED: &[&str] = &[
    "bytes/cut_character",
    "bytes/latin1",
    "callees/empty_member_in_a_guard",
    "cause/timeout_without_parentheses_or_name",
    "expressions/in_alone",
    "nesting/calls_257",
    "nesting/lists_257",
    "nesting/parentheses_257",
    "nesting/types_257",
    "numbers/glued_unit",
    "numbers/glued_unit_of_a_parameter",
    "units/unit_then_index_is_a_name",
    "words/else_of_a_transition_in_capitals",
];

#[test]
fn every_protocol_is_read() {
    let sources = sources("protocols");
    assert!(sources.len() >= 15, "only {} protocols were found", sources.len());
    let mistakes: Vec<String> = sources
        .iter()
        .filter_map(|(name, source)| Some(format!("protocols/{name}.omt:{}", mistake(&parse(source))?)))
        .collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn old_protocols_are_read() {
    let sources = sources("tests/lenient/protocols");
    assert!(!sources.is_empty());
    for (name, source) in sources {
        assert_eq!(mistake(&parse(&source)), None, "{name}");
    }
}

/// The files of a folder of the corpus for which it does not hold that they are read, or that they are not.
fn others(folder: &str, read: bool) -> (usize, Vec<String>) {
    let sources = sources(folder);
    let count = sources.len();
    let others =
        sources.into_iter().filter(|(_, source)| parse(source).root_node().has_error() == read).map(|s| s.0);
    (count, others.collect())
}

#[test]
fn what_the_compiler_reads_is_read() {
    let (count, others) = others("tests/conformance/ok", true);
    assert!(count > 600, "{count}");
    assert_eq!(others, NOT_READ);
}

#[test]
fn what_the_compiler_refuses_has_a_mistake() {
    let (count, others) = others("tests/conformance/err", false);
    assert!(count > 500, "{count}");
    assert_eq!(others, NOT_REFUSED);
}
