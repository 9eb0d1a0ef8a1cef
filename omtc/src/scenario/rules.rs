//! What a scenario does to messages on their way.
//!
//! A rule is applied when a message is sent first, and what it says holds for every copy of the message: a dropped one
//! is lost however often its sender repeats it. A partition only stops what is sent while it lasts.

use super::story::Way;
use crate::spec::Disturb;
use crate::syntax::ast::Disturbance;
use omt_runtime::host::{Fate, Packet, Passing};
use omt_runtime::id::{Hash, PeerId};
use std::collections::{BTreeMap, BTreeSet};

/// A `drop`, `delay` or `duplicate` in force.
#[derive(Clone, Debug)]
struct Rule {
    disturb: Disturb,
    protocol: Hash,
    from: BTreeSet<PeerId>,
    to: BTreeSet<PeerId>,
    /// Messages that matched so far.
    matched: u64,
}

impl Rule {
    fn applies(&mut self, protocol: &Hash, message: &str, from: &PeerId, to: &PeerId) -> bool {
        let among = |peers: &BTreeSet<PeerId>, peer: &PeerId| peers.is_empty() || peers.contains(peer);
        let fits = self.protocol == *protocol
            && self.disturb.message.name == message
            && among(&self.from, from)
            && among(&self.to, to);
        if !fits {
            return false;
        }
        self.matched = self.matched.saturating_add(1);
        self.disturb.nth.is_none_or(|nth| self.matched == nth)
            && self.disturb.times.is_none_or(|times| self.matched <= times)
    }
}

#[derive(Clone, Copy, Debug)]
struct Decided {
    way: Way,
    /// No copy arrives before it would have, sent at this instant.
    not_before: i64,
    /// The second copy of a doubled one is out.
    doubled: bool,
}

/// Rules and partitions in force, and what was decided about every message.
#[derive(Debug, Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    cuts: Vec<(BTreeSet<PeerId>, BTreeSet<PeerId>)>,
    decided: BTreeMap<(Hash, PeerId), Decided>,
}

impl Rules {
    pub fn disturb(&mut self, disturb: &Disturb, protocol: Hash, id: impl Fn(&str) -> Option<PeerId>) {
        let ids = |names: &[String]| names.iter().filter_map(|name| id(name)).collect();
        let (from, to) = (ids(&disturb.from), ids(&disturb.to));
        self.rules.push(Rule { disturb: disturb.clone(), protocol, from, to, matched: 0 });
    }

    pub fn part(&mut self, one: BTreeSet<PeerId>, other: BTreeSet<PeerId>) {
        self.cuts.push((one, other));
    }

    pub fn heal(&mut self) {
        self.cuts.clear();
    }

    /// How a message fares, if it was under way.
    pub fn way(&self, id: &Hash, to: &PeerId) -> Way {
        self.decided.get(&(*id, *to)).map(|decided| decided.way).unwrap_or_default()
    }

    fn is_cut(&self, from: &PeerId, to: &PeerId) -> bool {
        self.cuts.iter().any(|(one, other)| {
            (one.contains(from) && other.contains(to)) || (other.contains(from) && one.contains(to))
        })
    }

    /// Decides about a datagram.
    pub fn judge(&mut self, passing: &Passing<'_>) -> Fate {
        let cut = self.is_cut(&passing.from, &passing.to);
        let (Packet::Message(envelope) | Packet::Gossip(envelope)) = &passing.packet else {
            return if cut { Fate::Drop } else { Fate::Pass };
        };
        let key = (envelope.id(), passing.to);
        if !self.decided.contains_key(&key) {
            let mut way = Way { cut, ..Way::default() };
            // What is gossip goes from hand to hand; whom it is from is who said it.
            for rule in &mut self.rules {
                if !rule.applies(&envelope.protocol, &envelope.message, &envelope.from, &passing.to) {
                    continue;
                }
                match rule.disturb.kind {
                    Disturbance::Drop => way.dropped = true,
                    Disturbance::Delay => way.delay = way.delay.max(rule.disturb.by),
                    Disturbance::Duplicate => way.twice = true,
                }
            }
            let not_before = passing.at.saturating_add(way.delay);
            self.decided.insert(key, Decided { way, not_before, doubled: false });
        }
        let Some(decided) = self.decided.get_mut(&key) else { return Fate::Pass };
        if decided.way.dropped || cut {
            return Fate::Drop;
        }
        let delay = decided.not_before.saturating_sub(passing.at).max(0);
        let twice = decided.way.twice && !decided.doubled;
        decided.doubled |= twice;
        match (delay, twice) {
            (0, false) => Fate::Pass,
            (0, true) => Fate::Duplicate,
            (delay, false) => Fate::Delay(delay),
            (delay, true) => Fate::DelayTwice(delay),
        }
    }
}
