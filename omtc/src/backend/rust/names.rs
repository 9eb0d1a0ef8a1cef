//! Names: from the language's to Rust's, without ever meeting twice.

use std::collections::{BTreeMap, BTreeSet};

/// Words that Rust keeps for itself and that may be written raw (`r#type`).
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that cannot even be written raw.
const NEVER: &[&str] = &["self", "super", "crate", "_", ""];

/// `LOCK_INTENT`, `Lock_Intent`, `lock_intent` and `LockIntent` to `LockIntent`.
pub fn pascal(name: &str) -> String {
    let mut text = String::new();
    for word in words(name) {
        let shouted = !word.chars().any(|c| c.is_ascii_lowercase());
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            text.push(first.to_ascii_uppercase());
        }
        text.extend(chars.map(|c| if shouted { c.to_ascii_lowercase() } else { c }));
    }
    if text.chars().next().is_none_or(|c| c.is_ascii_digit()) || text == "Self" {
        text.insert(0, 'T');
    }
    text
}

/// `LOCK_INTENT` and `LockIntent` to `lock_intent`, keywords raw.
pub fn snake(name: &str) -> String {
    let text = plain_snake(name);
    if KEYWORDS.contains(&text.as_str()) { format!("r#{text}") } else { text }
}

/// As [`snake`], but a keyword as it is: for parts of longer names.
pub fn plain_snake(name: &str) -> String {
    let mut text = String::new();
    for word in words(name) {
        if !text.is_empty() {
            text.push('_');
        }
        let mut previous_lower = false;
        for c in word.chars() {
            if c.is_ascii_uppercase() && previous_lower {
                text.push('_');
            }
            previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            text.push(c.to_ascii_lowercase());
        }
    }
    if NEVER.contains(&text.as_str()) || text.starts_with(|c: char| c.is_ascii_digit()) {
        text.insert_str(0, "n_");
    }
    text
}

/// `LockIntent` and `lock_intent` to `LOCK_INTENT`.
pub fn screaming(name: &str) -> String {
    plain_snake(name).to_ascii_uppercase()
}

/// The parts of a name; characters that Rust does not have in names separate them too.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// The names of one scope: who asks first gets the plain one, who comes later a number behind it.
#[derive(Clone, Debug, Default)]
pub struct Names {
    taken: BTreeSet<String>,
    given: BTreeMap<String, String>,
}

impl Names {
    /// A scope in which some names are taken.
    pub fn reserving<'n>(taken: impl IntoIterator<Item = &'n str>) -> Self {
        Names { taken: taken.into_iter().map(str::to_owned).collect(), given: BTreeMap::new() }
    }

    /// The Rust name for what `key` stands for: `wanted`, or `wanted` with the first number that is free.
    pub fn give(&mut self, key: &str, wanted: &str) -> String {
        if let Some(name) = self.given.get(key) {
            return name.clone();
        }
        let name = self.fresh(wanted);
        self.given.insert(key.to_owned(), name.clone());
        name
    }

    /// A name that nobody gets any more.
    pub fn take(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// A name that nobody has.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let plain = wanted.strip_prefix("r#").unwrap_or(wanted);
        let separator =
            if plain.contains('_') || plain.starts_with(|c: char| c.is_ascii_lowercase()) { "_" } else { "" };
        let mut name = wanted.to_owned();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{plain}{separator}{number}");
            number += 1;
        }
        name
    }

    /// The name given for a key. What was never asked for is named like itself, so that a defect shows in the text.
    pub fn get(&self, key: &str) -> &str {
        self.given.get(key).map_or("unknown_name", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_language_become_names_that_rust_expects() {
        for (name, type_name, value_name) in [
            ("LOCK_INTENT", "LockIntent", "lock_intent"),
            ("WitnessVerdict", "WitnessVerdict", "witness_verdict"),
            ("session_id", "SessionId", "session_id"),
            ("A", "A", "a"),
            ("type", "Type", "r#type"),
            ("self", "TSelf", "n_self"),
            ("DRAW<hash, list<T>>", "DrawHashListT", "draw_hash_list_t"),
            ("$senders_votes", "SendersVotes", "senders_votes"),
            ("2nd", "T2nd", "n_2nd"),
        ] {
            assert_eq!((pascal(name).as_str(), snake(name).as_str()), (type_name, value_name));
        }
    }

    #[test]
    fn names_that_would_meet_are_numbered_in_the_order_they_come() {
        let mut names = Names::reserving(["Hash"]);
        assert_eq!(names.give("LOCK_BODY", "LockBody"), "LockBody");
        assert_eq!(names.give("LockBody", "LockBody"), "LockBody2");
        assert_eq!(names.give("LOCK_BODY", "LockBody"), "LockBody");
        assert_eq!(names.give("HASH", "Hash"), "Hash2");
        assert_eq!(names.fresh("r#type"), "r#type");
        assert_eq!(names.fresh("r#type"), "type_2");
    }
}
