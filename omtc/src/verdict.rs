//! What is known of a property, in words: the same on a page of the site and on a page of a forge.

use crate::backend::human::grouped;
use crate::verified::{Known, Verified};
use std::collections::BTreeSet;

/// The kind of properties that need no declaration.
const BUILT_IN: &str = "built-in";

/// Names of the properties that every transaction has, as far as something is known of them.
pub fn built_in(verified: &Verified) -> BTreeSet<&str> {
    let all = verified.scopes.values().flat_map(|scope| &scope.properties);
    all.filter(|(_, property)| property.kind == BUILT_IN).map(|(name, _)| name.as_str()).collect()
}

/// What came of it in a scope, in words that follow the name of a property.
pub fn result(known: &Known<'_>) -> &'static str {
    match known.result {
        "holds" => "holds",
        "not_refuted" => "is not refuted",
        "violated" => "is violated",
        "never" => "never becomes true",
        _ => "is not decided",
    }
}

/// How far the scope was explored, and what was taken for granted.
pub fn how_far(known: &Known<'_>) -> String {
    let mut text = format!("{} states, ", grouped(u64::try_from(known.scope.states).unwrap_or(u64::MAX)));
    if known.scope.complete {
        text.push_str("every run explored");
    } else {
        let limit = known.scope.limit.as_deref().unwrap_or("a limit");
        text.push_str(&format!("stopped by {limit} at depth {}", known.scope.depth));
    }
    for assumption in &known.scope.assumptions {
        text.push_str(&format!("; {assumption}"));
    }
    if !known.current {
        text.push_str(" (the sources have changed since)");
    }
    text
}

/// Everything that is known: how good that is (`good`, `fair`, `bad`, `unknown`), and a word or two.
pub fn overall(known: &[Known<'_>]) -> (&'static str, &'static str) {
    let now = |results: &[&str]| known.iter().any(|k| k.current && results.contains(&k.result));
    if known.is_empty() {
        ("unknown", "not verified")
    } else if now(&["violated", "never"]) {
        ("bad", "violated")
    } else if now(&["holds"]) {
        ("good", "holds in its scope")
    } else if now(&["not_refuted"]) {
        ("fair", "not refuted")
    } else if known.iter().any(|k| k.current) {
        ("unknown", "not decided")
    } else {
        ("unknown", "verified before a change")
    }
}
