//! Steps of one phase: all that peers do while the latest instant, what the scope has made happen and what byzantine
//! members have said stay the same. A step changes one mind, adds to what it has said, and asks at most that another has
//! said something.
//!
//! [`Steps::closure`] is saturation (Ciardo, Lüttgen and Siminiceanu, 2001): a node is closed under the steps of its
//! own level and those below before it is put under another, so most of the work is done on small diagrams. Local states
//! are met on the way; what they do is asked of the [`Engine`] the first time.

use super::super::atom::AtomSet;
use super::super::engine::NONE;
use super::super::explore::{Explorer, instants};
use super::super::table::{Interner, QuickMap};
use super::diagram::{EMPTY, FULL, Forest, Node, SAYS};
use super::sent::Sent;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// No bound: every state may be reached.
pub(super) const ANY: Node = u32::MAX;

/// What the steps of byzantine members need: from which level on, to which one, which messages, what is still to be shown.
type Saying = (Node, usize, u32, u32, Node);

/// Which way steps are taken.
#[derive(Debug)]
enum Way {
    /// As they are.
    Forward,
    /// From what comes after to what was before.
    Backward(Box<Before>),
}

/// What a mind comes to by a step, and what is said in it; backwards, what it comes from.
pub(super) type Next = (u32, u32);

/// For what comes after a step, what was before it.
#[derive(Debug, Default)]
pub(super) struct Before {
    inner: QuickMap<u32, Vec<Next>>,
    delivered: QuickMap<(u32, u32), Vec<Next>>,
}

/// See the [module documentation](self).
pub(super) struct Steps<'s, 'm> {
    pub explorer: &'s mut Explorer<'m>,
    pub forest: &'s mut Forest,
    /// Places by level.
    order: &'s [usize],
    /// The latest instant.
    front: i64,
    way: Way,
    /// Are results closed?
    closing: bool,
    inner: QuickMap<u32, Arc<[Next]>>,
    delivered: QuickMap<(u32, u32), Arc<[Next]>>,
    by_set: QuickMap<(u32, u32), Arc<[Next]>>,
    sent: Sent,
    closures: QuickMap<(Node, Node), Node>,
    images: QuickMap<(Node, usize), Node>,
    below: QuickMap<(Node, usize, u32, Node), Node>,
    available: QuickMap<(Node, usize), u32>,
    required: QuickMap<(Node, u32), Node>,
    to: QuickMap<(u32, usize), u32>,
    said: QuickMap<Saying, Node>,
    shown: QuickMap<(Node, u32), Node>,
    needs: Interner<AtomSet>,
    /// Byzantine members' messages to each level, by what must have been shown.
    groups: Vec<Vec<(AtomSet, u32)>>,
    /// Do they cost nothing?
    uncounted: bool,
    bytes_max: usize,
    looked: u32,
    /// Is it too much for the memory?
    pub too_large: bool,
}

impl<'s, 'm> Steps<'s, 'm> {
    /// Steps at an instant.
    pub fn new(
        explorer: &'s mut Explorer<'m>,
        forest: &'s mut Forest,
        order: &'s [usize],
        front: i64,
        bytes_max: usize,
    ) -> Steps<'s, 'm> {
        let groups = order.iter().map(|place| explorer.universe.groups(*place).to_vec()).collect();
        let uncounted = explorer.budget.is_none();
        let mut needs = Interner::default();
        // Nothing is number 0.
        needs.add(AtomSet::default());
        Steps {
            explorer,
            forest,
            order,
            front,
            way: Way::Forward,
            closing: true,
            inner: QuickMap::default(),
            delivered: QuickMap::default(),
            by_set: QuickMap::default(),
            sent: Sent::default(),
            closures: QuickMap::default(),
            images: QuickMap::default(),
            to: QuickMap::default(),
            below: QuickMap::default(),
            available: QuickMap::default(),
            required: QuickMap::default(),
            said: QuickMap::default(),
            shown: QuickMap::default(),
            needs,
            groups,
            uncounted,
            bytes_max,
            looked: 0,
            too_large: false,
        }
    }

    /// Every state that steps lead to from some, themselves included; with a bound, through states of it alone.
    pub fn closure(&mut self, from: Node, bound: Node) -> Node {
        self.closing = true;
        self.closed(from, 0, bound)
    }

    /// Every state that one step leads to.
    pub fn image(&mut self, from: Node) -> Node {
        self.at_once(|steps| steps.image_at(from, 0))
    }

    /// Every state that one message of a byzantine member leads to, where that is counted.
    pub fn heard(&mut self, from: Node) -> Node {
        self.at_once(|steps| {
            let mut all = EMPTY;
            for target in 0..steps.order.len() {
                for (needs, set) in steps.groups.get(target).cloned().unwrap_or_default() {
                    let needs = steps.needs.add(needs).0;
                    let some = steps.saying(from, 0, target, set, needs, ANY);
                    all = steps.forest.union(all, some);
                }
            }
            all
        })
    }

    /// Does something in which results are not closed.
    fn at_once(&mut self, make: impl FnOnce(&mut Self) -> Node) -> Node {
        self.closing = false;
        self.forget_results();
        let made = make(self);
        self.closing = true;
        self.forget_results();
        made
    }

    /// Forgets what depends on the way and on whether results are closed.
    fn forget_results(&mut self) {
        self.below = QuickMap::default();
        self.said = QuickMap::default();
    }

    /// From here on steps are taken backwards: those between local states of a set.
    pub fn turn_back(&mut self, among: Node) {
        let before = self.before(among);
        self.way = Way::Backward(Box::new(before));
        self.by_set = QuickMap::default();
        self.closures = QuickMap::default();
        self.images = QuickMap::default();
        self.forget_results();
    }

    fn before(&mut self, among: Node) -> Before {
        let mut before = Before::default();
        let labels = self.forest.labels(among, self.order.len());
        for (level, labels) in labels.iter().enumerate() {
            let messages = self.messages(among, level);
            for label in labels {
                for (next, says) in self.moves(*label).iter() {
                    before.inner.entry(*next).or_default().push((*label, *says));
                }
                for message in &messages {
                    for (next, says) in self.deliveries(*label, *message).iter() {
                        before.delivered.entry((*next, *message)).or_default().push((*label, *says));
                    }
                }
            }
        }
        before
    }

    /// All messages that may arrive at a level in some state of a set.
    pub fn messages(&mut self, among: Node, level: usize) -> Vec<u32> {
        let mut sets = vec![self.available(among, self.peer(level))];
        sets.extend(self.groups.get(level).into_iter().flatten().map(|(_, set)| *set));
        let all = self.explorer.engine.union(sets);
        self.members(all).to_vec()
    }

    /// Minds of each level that occur in a set.
    pub fn labels(&self, set: Node) -> Vec<Vec<u32>> {
        self.forest.labels(set, self.order.len())
    }

    fn peer(&self, level: usize) -> usize {
        let place = self.order.get(level).copied().unwrap_or(usize::MAX);
        self.explorer.model.running.get(place).copied().unwrap_or(usize::MAX)
    }

    /// Is it time to stop?
    fn halts(&mut self) -> bool {
        const LOOK_EVERY: u32 = 1 << 12;
        self.looked = self.looked.wrapping_add(1);
        if self.looked.is_multiple_of(LOOK_EVERY) {
            let results = self.closures.len() + self.below.len() + self.said.len();
            let tables = results + self.required.len() + self.available.len() + self.sent.len();
            let bytes = self.forest.bytes() + self.explorer.engine.bytes() + tables * 48;
            self.too_large |= bytes >= self.bytes_max;
        }
        self.too_large || self.explorer.engine.settled.may_be_wrong() || self.explorer.engine.halt.now()
    }

    /// May what was made be kept?
    fn is_whole(&self) -> bool {
        let engine = &self.explorer.engine;
        !self.too_large && !engine.settled.may_be_wrong() && engine.halt.hit().is_none()
    }

    /// What a mind comes to by itself.
    pub fn moves(&mut self, label: u32) -> Arc<[Next]> {
        if let Some(known) = self.inner.get(&label) {
            return Arc::clone(known);
        }
        let mut nexts: Vec<Next> = Vec::new();
        let info = self.explorer.engine.info(label);
        for at in instants(&info, self.front) {
            let there = if at == info.clock { label } else { self.explorer.engine.at(label, at) };
            let moves = Arc::clone(&self.explorer.engine.info(there).moves);
            for step in moves.iter() {
                nexts.push(self.explorer.engine.parted(step.next));
            }
        }
        let nexts = each_once(nexts);
        self.inner.insert(label, Arc::clone(&nexts));
        nexts
    }

    /// What a mind makes of a message.
    pub fn deliveries(&mut self, label: u32, message: u32) -> Arc<[Next]> {
        if let Some(known) = self.delivered.get(&(label, message)) {
            return Arc::clone(known);
        }
        let mut nexts: Vec<Next> = Vec::new();
        let info = self.explorer.engine.info(label);
        for at in instants(&info, self.front) {
            let there = if at == info.clock { label } else { self.explorer.engine.at(label, at) };
            let next = self.explorer.engine.deliver(there, message);
            if next != NONE {
                nexts.push(self.explorer.engine.parted(next));
            }
        }
        let nexts = each_once(nexts);
        self.delivered.insert((label, message), Arc::clone(&nexts));
        nexts
    }

    fn inner_steps(&mut self, label: u32) -> Arc<[Next]> {
        match &self.way {
            Way::Forward => self.moves(label),
            Way::Backward(before) => before.inner.get(&label).map_or_else(|| Arc::from([]), |b| b[..].into()),
        }
    }

    fn steps_by(&mut self, label: u32, message: u32) -> Arc<[Next]> {
        match &self.way {
            Way::Forward => self.deliveries(label, message),
            Way::Backward(before) => {
                before.delivered.get(&(label, message)).map_or_else(|| Arc::from([]), |b| b[..].into())
            }
        }
    }

    /// What any of a set of messages leads to.
    fn steps_by_any(&mut self, label: u32, set: u32) -> Arc<[Next]> {
        if let Some(known) = self.by_set.get(&(label, set)) {
            return Arc::clone(known);
        }
        let members = self.explorer.engine.sets.get(set).map(Arc::clone);
        let mut nexts: Vec<Next> = Vec::new();
        for message in members.iter().flat_map(|members| members.iter()) {
            nexts.extend(self.steps_by(label, *message).iter());
        }
        let nexts = each_once(nexts);
        self.by_set.insert((label, set), Arc::clone(&nexts));
        nexts
    }

    /// What was said, after a step that says something; backwards, before it.
    fn grown(&mut self, said: Node, says: u32) -> Node {
        let engine = &mut self.explorer.engine;
        match &self.way {
            Way::Forward => self.sent.with(engine, self.forest, said, says),
            Way::Backward(_) => self.sent.before(engine, self.forest, said, says),
        }
    }

    /// Messages of a set.
    fn members(&self, set: u32) -> Arc<Vec<u32>> {
        self.explorer.engine.sets.get(set).map(Arc::clone).unwrap_or_default()
    }

    /// Of what a label says, what may arrive at a peer.
    fn to(&mut self, label: u32, peer: usize) -> u32 {
        let set = label & !SAYS;
        if let Some(known) = self.to.get(&(set, peer)) {
            return *known;
        }
        let engine = &mut self.explorer.engine;
        let members = engine.sets.get(set).map(Arc::clone).unwrap_or_default();
        let to = members.iter().copied().filter(|message| engine.is_for(*message, peer)).collect();
        let to = engine.sets.add(to).0;
        self.to.insert((set, peer), to);
        to
    }

    /// The bound below a label.
    fn bound(&self, bound: Node, label: u32) -> Node {
        if bound == ANY { ANY } else { self.forest.child(bound, label) }
    }

    /// What of a set may stand below a label, closed.
    fn within(&mut self, set: Node, level: usize, bound: Node) -> Node {
        if bound == ANY {
            return set;
        }
        let cut = self.forest.intersection(set, bound);
        if self.closing { self.closed(cut, level, bound) } else { cut }
    }

    fn closed(&mut self, node: Node, level: usize, bound: Node) -> Node {
        if node == EMPTY || node == FULL || bound == EMPTY {
            return if bound == EMPTY { EMPTY } else { node };
        }
        if let Some(known) = self.closures.get(&(node, bound)) {
            return *known;
        }
        if self.halts() {
            return node;
        }
        if self.forest.is_said(node) {
            let result = self.closed_said(node, level, bound);
            if self.is_whole() {
                self.closures.insert((node, bound), result);
                self.closures.insert((result, bound), result);
            }
            return result;
        }
        let mut now: BTreeMap<u32, Node> = BTreeMap::new();
        let mut open: VecDeque<u32> = VecDeque::new();
        for (label, child) in self.forest.edges(node).iter() {
            let inside = self.bound(bound, *label);
            let child = self.closed(*child, level, inside);
            if child != EMPTY {
                now.insert(*label, child);
                open.push_back(*label);
            }
        }
        while let Some(label) = open.pop_front() {
            if self.halts() {
                break;
            }
            let child = now.get(&label).copied().unwrap_or(EMPTY);
            for (next, set) in self.fired(label, child, level, bound) {
                let inside = self.bound(bound, next);
                let set = self.within(set, level, inside);
                let before = now.get(&next).copied().unwrap_or(EMPTY);
                let after = self.forest.union(before, set);
                if after != before {
                    now.insert(next, after);
                    if !open.contains(&next) {
                        open.push_back(next);
                    }
                }
            }
        }
        let result = self.forest.node(now);
        if self.is_whole() {
            self.closures.insert((node, bound), result);
            self.closures.insert((result, bound), result);
        }
        result
    }

    /// What was said is closed if everything below it is.
    fn closed_said(&mut self, node: Node, level: usize, bound: Node) -> Node {
        let mut edges = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            let inside = self.bound(bound, *label);
            edges.push((*label, self.closed(*child, level + 1, inside)));
        }
        self.forest.node(edges)
    }

    /// What the steps whose highest level this is lead to from a mind and what stands below it.
    fn fired(&mut self, label: u32, child: Node, level: usize, bound: Node) -> Vec<(u32, Node)> {
        let mut found: Vec<(u32, Node)> = Vec::new();
        for (next, says) in self.inner_steps(label).iter() {
            found.push((*next, self.grown(child, *says)));
        }
        // Messages from below.
        let set = self.available(child, self.peer(level));
        for message in self.members(set).iter() {
            let nexts = self.steps_by(label, *message);
            if nexts.is_empty() {
                continue;
            }
            let sent = self.required(child, *message);
            for (next, says) in nexts.iter() {
                found.push((*next, self.grown(sent, *says)));
            }
        }
        // Messages to below.
        let inside = self.bound(bound, label);
        for target in level + 1..self.order.len() {
            let arrived = self.arrived(child, level, target, inside);
            if arrived != EMPTY {
                found.push((label, arrived));
            }
        }
        if self.uncounted {
            self.said_from(label, child, level, bound, &mut found);
        }
        found
    }

    /// What byzantine members may say: what needs nothing at its level, everything else at the first one.
    fn said_from(
        &mut self,
        label: u32,
        child: Node,
        level: usize,
        bound: Node,
        found: &mut Vec<(u32, Node)>,
    ) {
        for (needs, set) in self.groups.get(level).cloned().unwrap_or_default() {
            if needs.is_empty() {
                for (next, says) in self.steps_by_any(label, set).iter() {
                    found.push((*next, self.grown(child, *says)));
                }
            }
        }
        if level != 0 {
            return;
        }
        for target in 0..self.order.len() {
            for (needs, set) in self.groups.get(target).cloned().unwrap_or_default() {
                if !needs.is_empty() {
                    let needs = self.needs.add(needs).0;
                    self.said_at(label, child, level, (target, set, needs), bound, found);
                }
            }
        }
    }

    /// What messages of a peer to a level below lead to.
    fn arrived(&mut self, said: Node, level: usize, target: usize, bound: Node) -> Node {
        let peer = self.peer(target);
        let mut edges = Vec::new();
        for (label, child) in self.forest.edges(said).iter() {
            let set = self.to(*label, peer);
            if set != 0 {
                let inside = self.bound(bound, *label);
                edges.push((*label, self.taken(*child, level + 1, target, set, inside)));
            }
        }
        self.forest.node(edges)
    }

    /// What a set of messages to a level below leads to.
    fn taken(&mut self, node: Node, level: usize, target: usize, set: u32, bound: Node) -> Node {
        if node == EMPTY || bound == EMPTY {
            return EMPTY;
        }
        let key = (node, target, set, bound);
        if let Some(known) = self.below.get(&key) {
            return *known;
        }
        let mut found: Vec<(u32, Node)> = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            if *label < SAYS && level == target {
                for (next, says) in self.steps_by_any(*label, set).iter() {
                    let inside = self.bound(bound, *next);
                    let said = self.grown(*child, *says);
                    found.push((*next, self.within(said, level, inside)));
                }
            } else {
                let inside = self.bound(bound, *label);
                let below = if *label < SAYS { level } else { level + 1 };
                found.push((*label, self.taken(*child, below, target, set, inside)));
            }
        }
        let result = self.gathered(found, level, bound);
        if self.is_whole() {
            self.below.insert(key, result);
        }
        result
    }

    /// A node of these edges, closed.
    fn gathered(&mut self, found: Vec<(u32, Node)>, level: usize, bound: Node) -> Node {
        let mut edges: BTreeMap<u32, Node> = BTreeMap::new();
        for (label, child) in found {
            let before = edges.get(&label).copied().unwrap_or(EMPTY);
            edges.insert(label, self.forest.union(before, child));
        }
        let node = self.forest.node(edges);
        // What was said is closed as soon as all below it is.
        if self.closing && !self.forest.is_said(node) { self.closed(node, level, bound) } else { node }
    }

    /// What messages of byzantine members lead to, as far as what they need was shown.
    fn saying(&mut self, node: Node, level: usize, target: usize, set: u32, needs: u32, bound: Node) -> Node {
        if node == EMPTY || bound == EMPTY {
            return EMPTY;
        }
        let key = (node, target, set, needs, bound);
        if let Some(known) = self.said.get(&key) {
            return *known;
        }
        let mut found = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            self.said_at(*label, *child, level, (target, set, needs), bound, &mut found);
        }
        let result = self.gathered(found, level, bound);
        if self.is_whole() {
            self.said.insert(key, result);
        }
        result
    }

    fn said_at(
        &mut self,
        label: u32,
        child: Node,
        level: usize,
        (target, set, needs): (usize, u32, u32),
        bound: Node,
        found: &mut Vec<(u32, Node)>,
    ) {
        let inside = self.bound(bound, label);
        if label >= SAYS {
            let left = self.still_needed(needs, label);
            found.push((label, self.saying(child, level + 1, target, set, left, inside)));
        } else if level == target {
            let back = matches!(self.way, Way::Backward(_));
            for (next, says) in self.steps_by_any(label, set).iter() {
                // What is shown before the step counts.
                let said = if back {
                    let before = self.grown(child, *says);
                    self.showing(before, needs)
                } else {
                    let shown = self.showing(child, needs);
                    self.grown(shown, *says)
                };
                let inside = self.bound(bound, *next);
                found.push((*next, self.within(said, level, inside)));
            }
        } else {
            found.push((label, self.saying(child, level, target, set, needs, inside)));
        }
    }

    /// What is still needed beside what was said.
    fn still_needed(&mut self, needs: u32, label: u32) -> u32 {
        let Some(all) = self.needs.get(needs).map(Arc::clone).filter(|all| !all.is_empty()) else { return 0 };
        let shown = self.explorer.engine.shown_by(label & !SAYS);
        self.needs.add(all.without(&shown)).0
    }

    /// The states of a set that show what is needed.
    fn showing(&mut self, node: Node, needs: u32) -> Node {
        if needs == 0 || node == EMPTY {
            return node;
        }
        if node == FULL {
            return EMPTY;
        }
        if let Some(known) = self.shown.get(&(node, needs)) {
            return *known;
        }
        let mut edges = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            let left = if *label >= SAYS { self.still_needed(needs, *label) } else { needs };
            edges.push((*label, self.showing(*child, left)));
        }
        let result = self.forest.node(edges);
        self.shown.insert((node, needs), result);
        result
    }

    /// Messages to a peer in a set.
    fn available(&mut self, node: Node, peer: usize) -> u32 {
        if node == EMPTY || node == FULL {
            return 0;
        }
        if let Some(known) = self.available.get(&(node, peer)) {
            return *known;
        }
        let mut sets = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            if *label >= SAYS {
                sets.push(self.to(*label, peer));
            }
            sets.push(self.available(*child, peer));
        }
        sets.sort_unstable();
        sets.dedup();
        let set = self.explorer.engine.union(sets);
        self.available.insert((node, peer), set);
        set
    }

    /// The states of a set in which something has sent a message.
    fn required(&mut self, node: Node, message: u32) -> Node {
        if node == EMPTY || node == FULL {
            return EMPTY;
        }
        if let Some(known) = self.required.get(&(node, message)) {
            return *known;
        }
        let mut edges = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            let there = *label >= SAYS && self.explorer.engine.contains(label & !SAYS, message);
            edges.push((*label, if there { *child } else { self.required(*child, message) }));
        }
        let result = self.forest.node(edges);
        self.required.insert((node, message), result);
        result
    }

    /// The states of a set in which something can be done at once, by somebody alone or with a message that is there.
    pub fn moving(&mut self, among: Node) -> Node {
        let mut moving = EMPTY;
        let labels = self.labels(among);
        for (level, labels) in labels.iter().enumerate() {
            let alone: BTreeMap<u32, Arc<[Next]>> =
                labels.iter().map(|label| (*label, self.moves(*label))).collect();
            let some = self.stepping(among, level, &alone);
            moving = self.forest.union(moving, some);
            let set = self.available(among, self.peer(level));
            for message in self.members(set).iter() {
                let taking: BTreeMap<u32, Arc<[Next]>> =
                    labels.iter().map(|label| (*label, self.deliveries(*label, *message))).collect();
                if taking.values().all(|nexts| nexts.is_empty()) {
                    continue;
                }
                let some = self.stepping(among, level, &taking);
                let some = self.required(some, *message);
                moving = self.forest.union(moving, some);
            }
            let groups = if self.uncounted { self.groups.get(level).cloned() } else { None };
            for (needs, set) in groups.into_iter().flatten() {
                let taking: BTreeMap<u32, Arc<[Next]>> =
                    labels.iter().map(|label| (*label, self.steps_by_any(*label, set))).collect();
                let some = self.stepping(among, level, &taking);
                let needs = self.needs.add(needs).0;
                let some = self.showing(some, needs);
                moving = self.forest.union(moving, some);
            }
        }
        moving
    }

    /// The states of a set that some steps of a level change.
    fn stepping(&mut self, among: Node, level: usize, steps: &BTreeMap<u32, Arc<[Next]>>) -> Node {
        let Steps { forest, sent, explorer, .. } = self;
        forest.kept(among, &mut |forest, at, label, said| {
            if at != level {
                return said;
            }
            let mut still = said;
            for (next, says) in steps.get(&label).into_iter().flat_map(|nexts| nexts.iter()) {
                if *next != label {
                    return said;
                }
                // The mind stays as it is: only what is said may be more.
                still = sent.full(&mut explorer.engine, forest, still, *says);
            }
            forest.difference(said, still)
        })
    }

    /// The states of a set in which nobody has anything to do.
    pub fn resting(&mut self, among: Node) -> Node {
        let Steps { forest, sent, explorer, .. } = self;
        forest.kept(among, &mut |forest, _, label, said| {
            let info = explorer.engine.info(label);
            if info.deadline.is_some() {
                return EMPTY;
            }
            let mut still = said;
            for step in info.moves.iter() {
                let (next, says) = explorer.engine.parted(step.next);
                if next != label {
                    return EMPTY;
                }
                still = sent.full(&mut explorer.engine, forest, still, says);
            }
            still
        })
    }

    fn image_at(&mut self, node: Node, level: usize) -> Node {
        if node == EMPTY || node == FULL {
            return EMPTY;
        }
        if let Some(known) = self.images.get(&(node, level)) {
            return *known;
        }
        let mut found = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            let below = if *label < SAYS { level } else { level + 1 };
            found.push((*label, self.image_at(*child, below)));
            if *label < SAYS {
                found.extend(self.fired(*label, *child, level, ANY));
            }
        }
        let result = self.gathered(found, level, ANY);
        self.images.insert((node, level), result);
        result
    }
}

/// Each of these once, in an order.
fn each_once(mut nexts: Vec<Next>) -> Arc<[Next]> {
    nexts.sort_unstable();
    nexts.dedup();
    nexts.into()
}
