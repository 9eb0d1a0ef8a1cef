//! What peers have said, and how it grows: the parts of diagrams whose labels are sets of messages.
//!
//! A message that is said again is another one, as often as is tried; so what a step adds to a set depends on what is in
//! it. The *chain* of a message is the message itself, the same for the second time, and so on.

use super::super::engine::Engine;
use super::super::local::MessageKey;
use super::super::table::{QuickMap, index};
use super::diagram::{EMPTY, Edges, Forest, Node, SAYS};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Messages that a step says, each for the first time, and how often.
type Added = Arc<[(u32, u32)]>;

/// What operations on what was said came to.
#[derive(Debug, Default)]
pub(super) struct Sent {
    added: QuickMap<u32, Added>,
    chains: QuickMap<u32, Chain>,
    joined: QuickMap<(u32, u32), u32>,
    origins: QuickMap<(u32, u32), Arc<[u32]>>,
    with: QuickMap<(Node, u32), Node>,
    before: QuickMap<(Node, u32), Node>,
}

impl Sent {
    /// How much is remembered.
    pub fn len(&self) -> usize {
        self.joined.len() + self.origins.len() + self.with.len() + self.before.len()
    }

    /// What was said, after a step that says something.
    pub fn with(&mut self, engine: &mut Engine<'_>, forest: &mut Forest, node: Node, says: u32) -> Node {
        if says == 0 || node == EMPTY {
            return node;
        }
        if let Some(known) = self.with.get(&(node, says)) {
            return *known;
        }
        let mut edges: BTreeMap<u32, Node> = BTreeMap::new();
        for (label, child) in forest.edges(node).iter() {
            let label = SAYS | self.joined(engine, label & !SAYS, says);
            let before = edges.get(&label).copied().unwrap_or(EMPTY);
            edges.insert(label, forest.union(before, *child));
        }
        let result = forest.node(edges);
        self.with.insert((node, says), result);
        result
    }

    /// What was said before a step that says something.
    pub fn before(&mut self, engine: &mut Engine<'_>, forest: &mut Forest, node: Node, says: u32) -> Node {
        if says == 0 || node == EMPTY {
            return node;
        }
        if let Some(known) = self.before.get(&(node, says)) {
            return *known;
        }
        let mut edges: BTreeMap<u32, Node> = BTreeMap::new();
        for (label, child) in forest.edges(node).iter() {
            for origin in self.origins(engine, label & !SAYS, says).iter() {
                let label = SAYS | origin;
                let before = edges.get(&label).copied().unwrap_or(EMPTY);
                edges.insert(label, forest.union(before, *child));
            }
        }
        let result = forest.node(edges);
        self.before.insert((node, says), result);
        result
    }

    /// What was said, where a step adds nothing to it.
    pub fn full(&mut self, engine: &mut Engine<'_>, forest: &mut Forest, node: Node, says: u32) -> Node {
        if says == 0 || node == EMPTY {
            return node;
        }
        let mut edges = Edges::new();
        for (label, child) in forest.edges(node).iter() {
            if self.joined(engine, label & !SAYS, says) == label & !SAYS {
                edges.push((*label, *child));
            }
        }
        forest.node(edges)
    }

    /// A set with what a step says.
    fn joined(&mut self, engine: &mut Engine<'_>, set: u32, says: u32) -> u32 {
        if let Some(known) = self.joined.get(&(set, says)) {
            return *known;
        }
        let mut joined = set;
        for (first, times) in self.added(engine, says).iter() {
            for _ in 0..*times {
                joined = self.once_more(engine, joined, *first);
            }
        }
        self.joined.insert((set, says), joined);
        joined
    }

    /// A set with a message once more; said often, it is lost.
    fn once_more(&mut self, engine: &mut Engine<'_>, set: u32, first: u32) -> u32 {
        // The same may have been said again elsewhere.
        self.look_up(engine, first);
        let chain = self.chain(engine, first);
        let (said, times) = (chain.said_in(engine, set), chain.times);
        if said >= times {
            if !is_counted(engine, first)
                && let Some(name) = engine.message_of(first).map(|message| message.key.name.to_string())
            {
                engine.often.insert(name);
            }
            return set;
        }
        let known = self.chain(engine, first).numbers.get(index(said)).copied();
        let number = match known {
            Some(number) => number,
            None => {
                let number = key_at(engine, first, said).map_or(first, |key| engine.message(key));
                self.chain(engine, first).numbers.push(number);
                number
            }
        };
        engine.with(set, number)
    }

    /// Sets that become one when a step says something: those that were met.
    fn origins(&mut self, engine: &mut Engine<'_>, set: u32, says: u32) -> Arc<[u32]> {
        if let Some(known) = self.origins.get(&(set, says)) {
            return Arc::clone(known);
        }
        let mut origins: Vec<Vec<u32>> =
            engine.sets.get(set).map(|set| Vec::clone(set)).into_iter().collect();
        for (first, times) in self.added(engine, says).iter() {
            self.look_up(engine, *first);
            let chain = self.chain(engine, *first);
            for _ in 0..*times {
                origins = origins.iter().flat_map(|origin| chain.once_less(origin)).collect();
            }
        }
        let numbers = origins.iter().filter_map(|origin| engine.sets.number(origin));
        let mut numbers: Vec<u32> = numbers.collect();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Arc<[u32]> = numbers.into();
        self.origins.insert((set, says), Arc::clone(&numbers));
        numbers
    }

    /// What a set of messages, as a step says them, adds.
    fn added(&mut self, engine: &Engine<'_>, set: u32) -> Added {
        if let Some(known) = self.added.get(&set) {
            return Arc::clone(known);
        }
        let mut added: Vec<(u32, u32)> = Vec::new();
        for message in engine.sets.get(set).into_iter().flat_map(|set| set.iter()) {
            let first = first_of(engine, *message);
            match added.iter_mut().find(|(known, _)| *known == first) {
                Some((_, times)) => *times += 1,
                None => added.push((first, 1)),
            }
        }
        let added: Added = added.into();
        self.added.insert(set, Arc::clone(&added));
        added
    }

    /// Learns which times of a message were said.
    fn look_up(&mut self, engine: &Engine<'_>, first: u32) {
        let chain = self.chain(engine, first);
        while let Ok(time) = u32::try_from(chain.numbers.len())
            && time < chain.times
            && let Some(again) = key_at(engine, first, time).and_then(|key| engine.message_number(&key))
        {
            chain.numbers.push(again);
        }
    }

    fn chain(&mut self, engine: &Engine<'_>, first: u32) -> &mut Chain {
        self.chains.entry(first).or_insert_with(|| Chain::of(engine, first))
    }
}

/// A message said for the first time, again, and so on.
#[derive(Debug)]
struct Chain {
    /// How often, at most.
    times: u32,
    /// Those that were said.
    numbers: Vec<u32>,
}

impl Chain {
    fn of(engine: &Engine<'_>, first: u32) -> Chain {
        let counted = is_counted(engine, first);
        let times = if counted { 1 } else { u32::try_from(engine.model.repeats).unwrap_or(u32::MAX).max(1) };
        Chain { times, numbers: vec![first] }
    }

    /// How often a set has it.
    fn said_in(&self, engine: &Engine<'_>, set: u32) -> u32 {
        let said = self.numbers.iter().take_while(|number| engine.contains(set, **number)).count();
        u32::try_from(said).unwrap_or(u32::MAX)
    }

    /// Sets that become one when it is said once more.
    fn once_less(&self, set: &[u32]) -> Vec<Vec<u32>> {
        let has = |number: &&u32| set.binary_search(number).is_ok();
        let said: Vec<u32> = self.numbers.iter().take_while(has).copied().collect();
        let Some(last) = said.last() else { return Vec::new() };
        let mut origins = vec![set.iter().copied().filter(|number| number != last).collect()];
        if said.len() >= index(self.times) {
            // One more time was lost, or this was the last one.
            origins.push(set.to_vec());
        }
        origins
    }
}

/// Do messages of its sender have numbers of their own?
fn is_counted(engine: &Engine<'_>, message: u32) -> bool {
    engine.message_of(message).is_none_or(|m| engine.model.counts(m.key.protocol, m.key.from))
}

/// The key of a message said for another time.
fn key_at(engine: &Engine<'_>, message: u32, time: u32) -> Option<MessageKey> {
    let key = &engine.message_of(message)?.key;
    Some(MessageKey { sequence: time.into(), ..MessageKey::clone(key) })
}

/// The first time of what a message says.
fn first_of(engine: &Engine<'_>, message: u32) -> u32 {
    if is_counted(engine, message) {
        return message;
    }
    key_at(engine, message, 0).and_then(|key| engine.message_number(&key)).unwrap_or(message)
}
