//! One table of the words of the language, and the places in packages for editors that are made of it.
//!
//! The words come from where the compiler itself takes them: the grammar ([`crate::syntax::words`]), the built-in types
//! and names, the library. Packages hold them in regions, which are made anew:
//!
//! ```
//! let before = "; BEGIN generated strings(claim): [@] @keyword\n; END generated\n";
//! let after = omtc::words::renew(before, "highlights.scm").unwrap();
//! assert_eq!(
//!     after.lines().nth(1),
//!     Some(r#"["always" "eventually" "leads" "never" "sometimes"] @keyword"#)
//! );
//! ```

mod region;

use crate::sema::{RESERVED_VALUES, SPECIAL_FUNCTIONS, TYPE_NAMES};
use crate::syntax::ast::Unit;
use crate::syntax::words as grammar;
use omt_runtime::ir::Builtin;
pub use region::{RegionError, holds_regions, renew};
use serde_json::{Value, json};

/// Words that are used alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Under which name regions ask for it.
    pub name: &'static str,
    /// What the words do.
    pub about: &'static str,
    /// Whether capitals and small letters are alike.
    pub any_case: bool,
    /// The words, sorted, each once; in small letters when capitals make no difference.
    pub words: Vec<&'static str>,
}

/// The kinds that together are `keyword`: spelt exactly so, and of the grammar.
const KEYWORD: [&str; 8] = ["declaration", "item", "flag", "cause", "clause", "action", "claim", "step"];

/// The whole table.
pub fn kinds() -> Vec<Kind> {
    let exact = |name, about, words: Vec<&'static str>| kind(name, about, false, words);
    let any_case = |name, about, words: &[&'static str]| kind(name, about, true, words.to_vec());
    let functions = Builtin::ALL.iter().map(|(name, _)| *name).chain(SPECIAL_FUNCTIONS.iter().copied());
    let constant = |name: &&str| grammar::CONSTANTS.contains(name);
    let values = RESERVED_VALUES.iter().copied().filter(|name| !constant(name));
    let mut kinds = vec![
        exact("declaration", "begin a declaration", grammar::DECLARATIONS.to_vec()),
        exact("item", "begin something of an actor", grammar::ITEMS.to_vec()),
        exact("flag", "say something about what is declared", grammar::FLAGS.to_vec()),
        exact("cause", "cause a transition", grammar::CAUSES.to_vec()),
        exact("clause", "lead to the next part of a declaration", grammar::CLAUSES.to_vec()),
        exact("action", "begin an action", grammar::ACTIONS.to_vec()),
        exact("effect", "actions that are written like calls", grammar::EFFECTS.to_vec()),
        exact("claim", "what a property claims", grammar::CLAIMS.to_vec()),
        exact("step", "words of scenarios", grammar::STEPS.to_vec()),
        any_case("control", "choices and loops", grammar::CONTROL),
        any_case("operator", "operators", grammar::OPERATORS),
        any_case("constant", "values without a name", grammar::CONSTANTS),
        exact("type", "built-in types", TYPE_NAMES.to_vec()),
        exact("function", "built-in functions", functions.collect()),
        exact("value", "reserved names of values", values.collect()),
        exact("unit", "make a number a duration", Unit::ALL.iter().map(|unit| unit.word()).collect()),
        exact("quantity", "units of parameters alone", grammar::QUANTITIES.to_vec()),
    ];
    let of_grammar = kinds.iter().filter(|kind| KEYWORD.contains(&kind.name));
    let words = of_grammar.flat_map(|kind| kind.words.iter().copied()).collect();
    kinds.push(exact("keyword", "all of the grammar that are spelt in small letters only", words));
    kinds
}

fn kind(name: &'static str, about: &'static str, any_case: bool, mut words: Vec<&'static str>) -> Kind {
    words.sort_unstable();
    words.dedup();
    Kind { name, about, any_case, words }
}

/// The table as a file.
pub fn to_json() -> String {
    let row = |kind: Kind| -> Value {
        json!({ "name": kind.name, "about": kind.about, "anyCase": kind.any_case, "words": kind.words })
    };
    let table = json!({ "madeBy": "omtc words", "kinds": kinds().into_iter().map(row).collect::<Vec<_>>() });
    format!("{table:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_none_is_missing() {
        let kinds = kinds();
        let words = |name: &str| kinds.iter().find(|k| k.name == name).map(|k| k.words.clone());
        assert_eq!(words("operator"), Some(vec!["and", "in", "not", "or"]));
        assert_eq!(words("value"), Some(vec!["chain", "message", "network", "peer_id", "result"]));
        let functions = words("function").unwrap_or_default();
        assert!(functions.contains(&"VERIFY_MULTI") && functions.contains(&"LOAD"), "{functions:?}");
        for name in KEYWORD {
            let all = words("keyword").unwrap_or_default();
            assert!(words(name).is_some_and(|some| some.iter().all(|word| all.contains(word))), "{name}");
        }
        assert!(kinds.iter().all(|kind| kind.words.is_sorted() && !kind.words.is_empty()));
    }
}
