//! All states, phase by phase. A phase is the latest instant, what the scope has made happen, and how many messages of
//! byzantine members were heard. None of these ever goes back, so a phase is complete once those before it are.

use super::super::engine::NONE;
use super::super::event::{Asks, Events};
use super::super::explore::{Explorer, bit, said};
use super::super::table::QuickMap;
use super::diagram::{EMPTY, FULL, Forest, Node, SAYS};
use super::sent::Sent;
use super::steps::{ANY, Next, Steps};
use crate::spec::START;
use std::collections::BTreeMap;

/// Classes of states in which an event may come to different things, at most.
const PARTS_MAX: usize = 1 << 16;

/// The latest instant, what has happened, what byzantine members have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Phase {
    pub front: i64,
    pub happened: u32,
    pub said: u32,
}

impl Phase {
    /// The phase of a state.
    pub fn of(explorer: &Explorer<'_>, state: &[u32]) -> Phase {
        Phase { front: explorer.front(state), happened: explorer.happened(state), said: said(state) }
    }
}

/// Is a state in a set?
pub(super) fn contains(
    explorer: &mut Explorer<'_>,
    forest: &Forest,
    order: &[usize],
    mut set: Node,
    state: &[u32],
) -> bool {
    let locals = explorer.locals(state).to_vec();
    for place in order {
        let (mind, sent) = explorer.engine.parted(locals.get(*place).copied().unwrap_or(NONE));
        set = forest.child(forest.child(set, mind), SAYS | sent);
    }
    set == FULL
}

/// Sets of states by phase.
pub(super) type Sets = BTreeMap<Phase, Node>;

/// What leads from one phase to a later one: from which states, to which phase, and what it makes of their local states.
pub(super) struct Crossing {
    pub from: Node,
    pub to: Phase,
    /// By level and label.
    pub becomes: Becomes,
}

/// What a crossing makes of local states.
pub(super) enum Becomes {
    /// At one level each mind becomes others, and may say something; elsewhere they stay.
    At(usize, BTreeMap<u32, Vec<Next>>),
    /// All clocks go to this instant.
    Clock(i64),
}

/// How time goes on from the states of a phase.
pub(super) struct Time {
    /// What has happened once time goes on.
    pub happened: u32,
    /// States in which nothing has to happen first.
    pub free: Node,
    /// Of these, by the next instant; the rest has none.
    pub ahead: Vec<(i64, Node)>,
}

/// Why not everything was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// A limit, which [`Engine::halt`](super::super::engine::Engine) knows.
    Time,
    /// Memory.
    Memory,
    /// Something was forgotten that makes a difference: it is begun anew.
    Anew,
    /// All that was asked for is known.
    Decided,
    /// Something that sets are no help with.
    Unable(String),
}

/// See the [module documentation](self).
pub(super) struct Phases<'p, 'm> {
    pub explorer: &'p mut Explorer<'m>,
    pub forest: Forest,
    /// Places by level.
    pub order: Vec<usize>,
    pub reached: Sets,
    /// How many states that are.
    pub states: u128,
    /// What everything may take.
    pub bytes_max: usize,
}

impl<'p, 'm> Phases<'p, 'm> {
    /// Nothing is reached yet.
    pub fn new(explorer: &'p mut Explorer<'m>, bytes_max: usize) -> Phases<'p, 'm> {
        let order = (0..explorer.model.running.len()).collect();
        Phases { explorer, forest: Forest::new(), order, reached: Sets::new(), states: 0, bytes_max }
    }

    /// The steps of a phase.
    pub fn steps(&mut self, front: i64) -> Steps<'_, 'm> {
        Steps::new(self.explorer, &mut self.forest, &self.order, front, self.bytes_max)
    }

    /// The first state.
    pub fn begins(&mut self) -> (Phase, Node) {
        let initial = self.explorer.initial();
        let front = self.explorer.front(&initial);
        let locals = self.explorer.locals(&initial).to_vec();
        (Phase { front, happened: 0, said: 0 }, self.single(&locals))
    }

    /// The set of one vector of local states.
    pub fn single(&mut self, locals: &[u32]) -> Node {
        let mut labels: Vec<u32> = Vec::new();
        for place in &self.order {
            let (mind, sent) = self.explorer.engine.parted(locals.get(*place).copied().unwrap_or(NONE));
            labels.extend([mind, SAYS | sent]);
        }
        self.forest.single(labels.into_iter())
    }

    /// Minds by place, of those by level.
    pub fn minds(&self, labels: &[u32]) -> Vec<u32> {
        let mut minds = vec![NONE; self.order.len()];
        for (place, label) in self.order.iter().zip(labels) {
            if let Some(slot) = minds.get_mut(*place) {
                *slot = *label;
            }
        }
        minds
    }

    /// Local states by place, of the labels of a state.
    pub fn locals(&mut self, labels: &[u32]) -> Vec<u32> {
        let mut by_level = Vec::new();
        for labels in labels.chunks(2) {
            if let [mind, said] = labels {
                by_level.push(self.explorer.engine.saying(*mind, said & !SAYS));
            }
        }
        self.minds(&by_level)
    }

    /// Reaches everything, telling of each phase that is complete.
    pub fn reach(
        &mut self,
        done: &mut dyn FnMut(&mut Self, Phase, Node) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let (first, initial) = self.begins();
        let mut open = Sets::from([(first, initial)]);
        while let Some((phase, from)) = open.pop_first() {
            let mut steps = self.steps(phase.front);
            let set = steps.closure(from, ANY);
            let too_large = steps.too_large;
            let heard = if steps.explorer.budget.is_some_and(|budget| phase.said < budget) {
                steps.heard(set)
            } else {
                EMPTY
            };
            // Many small phases take as much as a large one.
            self.stopped(too_large || self.bytes() >= self.bytes_max)?;
            self.reached.insert(phase, set);
            self.states = self.states.saturating_add(self.forest.count(set));
            if heard != EMPTY {
                self.join(&mut open, Phase { said: phase.said + 1, ..phase }, heard);
            }
            for crossing in self.crossings(phase, set)? {
                let into = self.crossed(&crossing, crossing.from);
                self.join(&mut open, crossing.to, into);
            }
            self.stopped(false)?;
            done(self, phase, set)?;
            self.forest.forget();
        }
        Ok(())
    }

    /// Whether a limit was hit.
    pub fn stopped(&self, too_large: bool) -> Result<(), Stopped> {
        use super::super::outcome::Limit;
        match self.explorer.engine.halt.hit() {
            Some(Limit::Memory) => Err(Stopped::Memory),
            Some(_) => Err(Stopped::Time),
            None if self.explorer.engine.settled.may_be_wrong() => Err(Stopped::Anew),
            None if too_large => Err(Stopped::Memory),
            None => Ok(()),
        }
    }

    /// Adds states to a phase.
    pub fn join(&mut self, sets: &mut Sets, phase: Phase, more: Node) {
        let before = sets.get(&phase).copied().unwrap_or(EMPTY);
        let after = self.forest.union(before, more);
        if after != EMPTY {
            sets.insert(phase, after);
        }
    }

    /// What a crossing makes of states.
    pub fn crossed(&mut self, crossing: &Crossing, from: Node) -> Node {
        let Phases { explorer, forest, .. } = self;
        Crosser { explorer, forest, becomes: &crossing.becomes, sent: Sent::default() }.over(
            from,
            0,
            &mut QuickMap::default(),
        )
    }

    /// The states of a crossing that come into a set.
    pub fn crossing_into(&mut self, crossing: &Crossing, into: Node) -> Node {
        let Phases { explorer, forest, .. } = self;
        Crosser { explorer, forest, becomes: &crossing.becomes, sent: Sent::default() }.coming_into(
            crossing.from,
            into,
            0,
            &mut QuickMap::default(),
        )
    }

    /// Everything that leads from the states of a phase to a later one, but for what byzantine members say.
    pub fn crossings(&mut self, phase: Phase, set: Node) -> Result<Vec<Crossing>, Stopped> {
        let mut crossings = Vec::new();
        for number in self.explorer.turns(phase.happened) {
            let to = Phase { happened: phase.happened | bit(number), ..phase };
            for (part, level, becomes) in self.outcomes(phase, set, number)? {
                let has = |at: usize, label: u32| at != level || becomes.contains_key(&label);
                let from = self.forest.filtered(part, &mut |at, label| has(at, label));
                crossings.push(Crossing { from, to, becomes: Becomes::At(level, becomes) });
            }
        }
        let time = self.time(phase, set)?;
        let ready = self.ready(phase, time.free);
        let together = self.explorer.model.skew == 0;
        for (to, from) in time.ahead {
            let from = self.forest.intersection(from, ready);
            if from == EMPTY || self.explorer.is_beyond(to) {
                continue;
            }
            self.explorer.engine.instant(to);
            let clock = if together { to } else { phase.front };
            let to = Phase { front: to, happened: time.happened, said: phase.said };
            crossings.push(Crossing { from, to, becomes: Becomes::Clock(clock) });
        }
        Ok(crossings)
    }

    /// States in which nobody is kept behind the front.
    fn ready(&mut self, phase: Phase, set: Node) -> Node {
        let together = self.explorer.model.skew == 0;
        let behind = if together { phase.front } else { phase.front.saturating_sub(1) };
        self.later_than(behind, set)
    }

    /// States in which nothing is due.
    pub fn quiet(&mut self, phase: Phase, set: Node) -> Node {
        self.later_than(phase.front, set)
    }

    /// States in which all deadlines are later than an instant.
    fn later_than(&mut self, instant: i64, set: Node) -> Node {
        let explorer = &mut *self.explorer;
        self.forest.filtered(set, &mut |_, label| {
            explorer.engine.info(label).deadline.is_none_or(|deadline| deadline > instant)
        })
    }

    /// How time goes on.
    pub fn time(&mut self, phase: Phase, set: Node) -> Result<Time, Stopped> {
        let mut happened = phase.happened;
        let mut free = set;
        loop {
            let turns = self.explorer.turns(happened);
            if self.explorer.time_of(&turns).is_none_or(|time| time > phase.front) {
                break;
            }
            for number in turns {
                for (from, level, becomes) in self.outcomes(phase, free, number)? {
                    let blocked = self
                        .forest
                        .filtered(from, &mut |at, label| at != level || becomes.contains_key(&label));
                    free = self.forest.difference(free, blocked);
                }
                happened |= bit(number);
            }
        }
        let turns = self.explorer.turns(happened);
        let scope = self.explorer.time_of(&turns);
        let later = |explorer: &mut Explorer<'_>, label: u32| explorer.engine.info(label).later(phase.front);
        let mut instants: Vec<i64> = scope.into_iter().collect();
        for label in self.forest.labels(free, self.order.len()).into_iter().flatten() {
            instants.extend(later(self.explorer, label));
        }
        instants.sort_unstable();
        instants.dedup();
        let (mut ahead, mut last) = (Vec::new(), free);
        for instant in instants {
            let rest = if scope == Some(instant) {
                EMPTY
            } else {
                let explorer = &mut *self.explorer;
                self.forest.filtered(last, &mut |_, label| later(explorer, label) != Some(instant))
            };
            let then = self.forest.difference(last, rest);
            if then != EMPTY {
                ahead.push((instant, then));
            }
            last = rest;
        }
        Ok(Time { happened, free, ahead })
    }

    /// What something that the scope makes happen comes to: from which states, at which level, and what labels become
    /// there. Labels that stay as they are, are not named.
    fn outcomes(
        &mut self,
        phase: Phase,
        set: Node,
        number: usize,
    ) -> Result<Vec<(Node, usize, BTreeMap<u32, Vec<Next>>)>, Stopped> {
        let due = |explorer: &Explorer<'_>| {
            explorer.model.events.get(number).map(|event| START.saturating_add(event.time))
        };
        // It happens at its instant, and clocks are at the front or at the instant before.
        if set == EMPTY || due(self.explorer).is_none_or(|time| time > phase.front) {
            return Ok(Vec::new());
        }
        let Some(place) = self.explorer.model.events.get(number).and_then(|event| event.place) else {
            return Ok(Vec::new());
        };
        let Some(level) = self.order.iter().position(|other| *other == place) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (representative, part) in self.parts(set, level, number)? {
            let mut becomes: BTreeMap<u32, Vec<Next>> = BTreeMap::new();
            let labels = self.forest.labels(part, self.order.len());
            for label in labels.get(level).into_iter().flatten() {
                let mut labels = representative.clone();
                if let Some(slot) = labels.get_mut(level) {
                    *slot = *label;
                }
                let locals = self.minds(&labels);
                let state = self.explorer.state(phase.happened, phase.front, phase.said, &locals);
                let infos: Vec<_> = locals.iter().map(|local| self.explorer.engine.info(*local)).collect();
                let outcomes = self.explorer.outcomes(number, &state, &infos, phase.front);
                let after = outcomes.into_iter().map(|(_, _, after)| after).filter(|after| *after != NONE);
                let after: Vec<Next> = after.map(|after| self.explorer.engine.parted(after)).collect();
                if !after.is_empty() {
                    becomes.insert(*label, after);
                }
            }
            if !becomes.is_empty() {
                found.push((part, level, becomes));
            }
        }
        Ok(found)
    }

    /// Parts of a set in each of which an event comes to the same for the same local state of its peer; with a state of
    /// each.
    fn parts(&mut self, set: Node, own: usize, number: usize) -> Result<Vec<(Vec<u32>, Node)>, Stopped> {
        let asks = Events::asks(self.explorer.model, number);
        let engine = &self.explorer.engine;
        let class = |level: usize, label: u32| match asks {
            _ if level == own => 0,
            Asks::Nothing => 0,
            Asks::Chains => engine.local_of(label).map_or(0, |local| local.chain),
            Asks::Everything => label,
        };
        let classes = self.forest.projected(set, &mut |level, label| class(level, label));
        if self.forest.count(classes) > PARTS_MAX as u128 {
            return Err(Stopped::Unable(
                "what the scope makes happen depends on too many states of others".to_owned(),
            ));
        }
        let mut vectors = Vec::new();
        self.forest.each(classes, &mut |vector| {
            vectors.push(vector.to_vec());
            false
        });
        let mut parts = Vec::new();
        for vector in vectors {
            let part = self
                .forest
                .filtered(set, &mut |level, label| vector.get(level) == Some(&class(level, label)));
            if let Some(state) = self.forest.any(part) {
                parts.push((state.into_iter().filter(|label| *label < SAYS).collect(), part));
            }
        }
        Ok(parts)
    }

    /// Bytes that everything takes, about.
    pub fn bytes(&self) -> usize {
        self.forest.bytes().saturating_add(self.explorer.engine.bytes())
    }

    /// A set with every mind replaced by its class, without what was said, and a mind of each class.
    pub fn classes(
        &mut self,
        set: Node,
        class: &mut dyn FnMut(&mut Explorer<'m>, u32) -> u32,
    ) -> (Node, Representatives) {
        let mut representatives = Representatives::default();
        let explorer = &mut *self.explorer;
        let node = self.forest.projected(set, &mut |level, label| {
            let class = class(explorer, label);
            representatives.entry((level, class)).or_insert(label);
            class
        });
        (node, representatives)
    }
}

/// A label of each class, by level.
pub(super) type Representatives = QuickMap<(usize, u32), u32>;

/// Takes states over a crossing.
struct Crosser<'c, 'm> {
    explorer: &'c mut Explorer<'m>,
    forest: &'c mut Forest,
    becomes: &'c Becomes,
    sent: Sent,
}

impl Crosser<'_, '_> {
    fn becomes(&mut self, level: usize, label: u32) -> Vec<Next> {
        match self.becomes {
            Becomes::At(at, labels) if *at == level => labels.get(&label).cloned().unwrap_or_default(),
            Becomes::At(..) => vec![(label, 0)],
            Becomes::Clock(instant) => vec![(self.explorer.engine.at(label, *instant), 0)],
        }
    }

    /// What states come to.
    fn over(&mut self, node: Node, level: usize, known: &mut QuickMap<Node, Node>) -> Node {
        if node == EMPTY || node == FULL {
            return node;
        }
        if let Some(known) = known.get(&node) {
            return *known;
        }
        let mut edges: BTreeMap<u32, Node> = BTreeMap::new();
        for (label, child) in self.forest.edges(node).iter() {
            if *label >= SAYS {
                edges.insert(*label, self.over(*child, level + 1, known));
                continue;
            }
            let nexts = self.becomes(level, *label);
            if nexts.is_empty() {
                continue;
            }
            let child = self.over(*child, level, known);
            for (next, says) in nexts {
                let said = self.sent.with(&mut self.explorer.engine, self.forest, child, says);
                let before = edges.get(&next).copied().unwrap_or(EMPTY);
                edges.insert(next, self.forest.union(before, said));
            }
        }
        let result = self.forest.node(edges);
        known.insert(node, result);
        result
    }

    /// States that come into a set.
    fn coming_into(
        &mut self,
        node: Node,
        target: Node,
        level: usize,
        known: &mut QuickMap<(Node, Node), Node>,
    ) -> Node {
        if node == EMPTY || target == EMPTY {
            return EMPTY;
        }
        if node == FULL {
            return FULL;
        }
        if let Some(known) = known.get(&(node, target)) {
            return *known;
        }
        let mut edges = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            if *label >= SAYS {
                let target = self.forest.child(target, *label);
                edges.push((*label, self.coming_into(*child, target, level + 1, known)));
                continue;
            }
            let mut all = EMPTY;
            for (next, says) in self.becomes(level, *label) {
                let there = self.forest.child(target, next);
                let there = self.sent.before(&mut self.explorer.engine, self.forest, there, says);
                let some = self.coming_into(*child, there, level, known);
                all = self.forest.union(all, some);
            }
            edges.push((*label, all));
        }
        let result = self.forest.node(edges);
        known.insert((node, target), result);
        result
    }
}
