//! Stable ids: made of names, so that a link to a transition outlives what is written before it.

use std::collections::BTreeMap;

/// Makes the ids of one actor.
pub struct Ids {
    actor: String,
    taken: BTreeMap<String, usize>,
}

impl Ids {
    /// For an actor.
    pub fn new(actor: &str) -> Ids {
        Ids { actor: part(actor), taken: BTreeMap::new() }
    }

    /// `Consumer-WAITING`
    pub fn state(&mut self, state: &str) -> String {
        self.unique(format!("{}-{}", self.actor, part(state)))
    }

    /// `Consumer-WAITING-on-PONG`, `Consumer-WAITING-on-PONG-else`; the second of a kind ends in `-2`.
    pub fn transition(&mut self, state: &str, key: &str, otherwise: bool) -> String {
        let branch = if otherwise { "-else" } else { "" };
        self.unique(format!("{}-{}-{}{branch}", self.actor, part(state), part(key)))
    }

    fn unique(&mut self, id: String) -> String {
        let count = self.taken.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { id } else { format!("{id}-{count}") }
    }
}

/// What may stand in an id without being quoted anywhere.
pub fn part(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '.' }).collect()
}
