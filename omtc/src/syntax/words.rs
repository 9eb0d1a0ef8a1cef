//! The words that the grammar knows, by what they are for. The parser decides where a word is a keyword; whoever
//! colours a text without a parser takes these.
//!
//! That the parser knows exactly these is a test.

/// A declaration begins with it.
pub const DECLARATIONS: &[&str] = &[
    "transaction",
    "imports",
    "uses",
    "parameters",
    "enum",
    "struct",
    "message",
    "block",
    "view",
    "actor",
    "function",
    "native",
    "task",
    "property",
    "scenario",
];

/// Something of an actor begins with it. `any` is no word of the parser: it means every state where no state is
/// called so.
pub const ITEMS: &[&str] =
    &["store", "shared", "peers", "trigger", "state", "ignore", "defer", "collect", "any"];

/// Says something about what is declared.
pub const FLAGS: &[&str] = &["initial", "terminal", "rest", "signed", "byzantine"];

/// What causes a transition.
pub const CAUSES: &[&str] = &["auto", "on", "timeout", "every"];

/// Leads to the next part of a declaration or of an item.
pub const CLAUSES: &[&str] = &["session", "as", "from", "to", "by", "after", "at", "when", "else", "into"];

/// An action begins with it.
pub const ACTIONS: &[&str] = &["store", "lookup", "let"];

/// An action that is written like a call.
pub const EFFECTS: &[&str] = &["STORE", "SEND", "BROADCAST", "APPEND", "START", "ABORT"];

/// What a property claims.
pub const CLAIMS: &[&str] = &["always", "never", "eventually", "sometimes", "leads"];

/// Words of scenarios.
pub const STEPS: &[&str] = &[
    "cast",
    "at",
    "drop",
    "delay",
    "duplicate",
    "expect",
    "within",
    "sequence",
    "crash",
    "restart",
    "partition",
    "heal",
    "from",
    "to",
    "by",
    "times",
    "nth",
    "parameters",
];

/// Choices and loops, in any case.
pub const CONTROL: &[&str] = &["return", "for", "in", "if", "then", "else"];

/// Operators, in any case.
pub const OPERATORS: &[&str] = &["and", "or", "not", "in"];

/// Values without a name, in any case.
pub const CONSTANTS: &[&str] = &["true", "false", "null"];

/// Units of parameters that are no durations.
pub const QUANTITIES: &[&str] = &["count", "fraction"];

/// Keywords in exactly this spelling.
const EXACT: [&[&str]; 9] = [DECLARATIONS, ITEMS, FLAGS, CAUSES, CLAUSES, ACTIONS, EFFECTS, CLAIMS, STEPS];

/// Keywords in any case.
const ANY_CASE: [&[&str]; 3] = [CONTROL, OPERATORS, CONSTANTS];

/// Whether the grammar knows the word, wherever that may be.
pub fn is_keyword(word: &str) -> bool {
    EXACT.iter().any(|kind| kind.contains(&word))
        || ANY_CASE.iter().any(|kind| kind.iter().any(|keyword| keyword.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use std::collections::BTreeSet;

    /// The sources of the parser, without their tests and comments.
    fn parser() -> String {
        let sources = [
            include_str!("lookahead.rs"),
            include_str!("parser/action.rs"),
            include_str!("parser/actor.rs"),
            include_str!("parser/declaration.rs"),
            include_str!("parser/expression.rs"),
            include_str!("parser/function.rs"),
            include_str!("parser/primitives.rs"),
            include_str!("parser/scenario.rs"),
        ];
        let code = |source: &&str| {
            let end = source.find("#[cfg(test)]").unwrap_or(source.len());
            source[..end].lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
        };
        sources.iter().map(code).collect::<Vec<_>>().join("\n")
    }

    /// The strings among the arguments of calls of a function.
    fn arguments<'s>(source: &'s str, call: &str) -> Vec<&'s str> {
        let calls = source.match_indices(call).map(|(at, _)| &source[at + call.len()..]);
        calls
            .flat_map(|rest| {
                let inside = &rest[..rest.find([')', '\n']).unwrap_or(rest.len())];
                inside.split('"').skip(1).step_by(2).filter(|w| !w.is_empty()).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn every_word_that_the_parser_asks_for_is_here_and_no_other() {
        let source = parser();
        // `omt` ends a path by mistake; `chain` is a value.
        let no_keywords = ["omt", "chain"];
        let calls = [
            "keyword(",
            "is_word(",
            "is_word_any_case(",
            "expect_any_case(",
            "at_infix(",
            "at_word_operator(",
            "override_of(",
            " store(",
        ];
        let asked: BTreeSet<&str> = calls.iter().flat_map(|call| arguments(&source, call)).collect();
        assert!(asked.len() > 60, "{asked:?}");
        for word in asked.iter().filter(|word| !no_keywords.contains(word)) {
            assert!(is_keyword(word), "the parser knows `{word}`");
        }
        for word in EXACT.iter().chain(&ANY_CASE).flat_map(|kind| kind.iter()).filter(|word| **word != "any")
        {
            assert!(source.contains(&format!("\"{word}\"")), "the parser does not know `{word}`");
        }
    }
}
