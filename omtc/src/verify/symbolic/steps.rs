//! Steps of one phase: all that peers do while the latest instant, what the scope has made happen and what byzantine
//! members have said stay the same. A step changes one level and asks at most that others have sent something.
//!
//! [`Steps::closure`] is saturation (Ciardo, Lüttgen and Siminiceanu, 2001): a node is closed under the steps of its
//! own level and those below before it is put under another, so most of the work is done on small diagrams. Local states
//! are met on the way; what they do is asked of the [`Engine`] the first time.

use super::super::atom::AtomSet;
use super::super::engine::NONE;
use super::super::explore::{Explorer, instants};
use super::super::table::{Interner, QuickMap};
use super::diagram::{EMPTY, FULL, Forest, Node};
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

/// For what comes after a step, what was before it.
#[derive(Debug, Default)]
pub(super) struct Before {
    inner: QuickMap<u32, Vec<u32>>,
    delivered: QuickMap<(u32, u32), Vec<u32>>,
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
    inner: QuickMap<u32, Arc<[u32]>>,
    delivered: QuickMap<(u32, u32), Arc<[u32]>>,
    by_set: QuickMap<(u32, u32), Arc<[u32]>>,
    closures: QuickMap<(Node, Node), Node>,
    images: QuickMap<(Node, usize), Node>,
    below: QuickMap<(Node, usize, u32, Node), Node>,
    available: QuickMap<(Node, usize), u32>,
    required: QuickMap<(Node, usize, u32), Node>,
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
            closures: QuickMap::default(),
            images: QuickMap::default(),
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
        self.below = QuickMap::default();
        self.said = QuickMap::default();
        let made = make(self);
        self.closing = true;
        self.below = QuickMap::default();
        self.said = QuickMap::default();
        made
    }

    /// From here on steps are taken backwards: those between local states of a set.
    pub fn turn_back(&mut self, among: Node) {
        let before = self.before(among);
        self.way = Way::Backward(Box::new(before));
        self.by_set = QuickMap::default();
        self.closures = QuickMap::default();
        self.images = QuickMap::default();
        self.below = QuickMap::default();
        self.said = QuickMap::default();
    }

    fn before(&mut self, among: Node) -> Before {
        let mut before = Before::default();
        let labels = self.forest.labels(among, self.order.len());
        for (level, labels) in labels.iter().enumerate() {
            let messages = self.messages(among, level);
            for label in labels {
                for next in self.moves(*label).iter() {
                    before.inner.entry(*next).or_default().push(*label);
                }
                for message in &messages {
                    for next in self.deliveries(*label, *message).iter() {
                        before.delivered.entry((*next, *message)).or_default().push(*label);
                    }
                }
            }
        }
        before
    }

    /// All messages that may arrive at a level in some state of a set.
    pub fn messages(&mut self, among: Node, level: usize) -> Vec<u32> {
        let set = self.available(among, 0, self.peer(level));
        let mut sets = vec![set];
        sets.extend(self.groups.get(level).into_iter().flatten().map(|(_, set)| *set));
        let all = self.explorer.engine.union(sets);
        self.explorer.engine.sets.get(all).map(|set| Vec::clone(set)).unwrap_or_default()
    }

    /// Local states of each level that occur in a set.
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
            let tables = self.closures.len() + self.below.len() + self.required.len() + self.said.len();
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

    /// What a local state comes to by itself.
    pub fn moves(&mut self, label: u32) -> Arc<[u32]> {
        if let Some(known) = self.inner.get(&label) {
            return Arc::clone(known);
        }
        let mut nexts: Vec<u32> = Vec::new();
        let info = self.explorer.engine.info(label);
        for at in instants(&info, self.front) {
            let there = if at == info.clock { label } else { self.explorer.engine.at(label, at) };
            let moves = Arc::clone(&self.explorer.engine.info(there).moves);
            let before = nexts.len();
            for step in moves.iter() {
                self.keep(&mut nexts, before, step.next);
            }
        }
        let nexts: Arc<[u32]> = nexts.into();
        self.inner.insert(label, Arc::clone(&nexts));
        nexts
    }

    /// What a local state makes of a message.
    pub fn deliveries(&mut self, label: u32, message: u32) -> Arc<[u32]> {
        if let Some(known) = self.delivered.get(&(label, message)) {
            return Arc::clone(known);
        }
        let mut nexts: Vec<u32> = Vec::new();
        let info = self.explorer.engine.info(label);
        for at in instants(&info, self.front) {
            let there = if at == info.clock { label } else { self.explorer.engine.at(label, at) };
            let next = self.explorer.engine.deliver(there, message);
            let before = nexts.len();
            if next != NONE {
                self.keep(&mut nexts, before, next);
            }
        }
        let nexts: Arc<[u32]> = nexts.into();
        self.delivered.insert((label, message), Arc::clone(&nexts));
        nexts
    }

    /// Keeps what a step comes to, unless it came to the same at an earlier instant, which leaves more open.
    fn keep(&self, nexts: &mut Vec<u32>, earlier: usize, next: u32) {
        let core = self.explorer.engine.core(next);
        let known = nexts.iter().take(earlier).any(|known| self.explorer.engine.core(*known) == core);
        if !(nexts.contains(&next) || known && self.explorer.model.reductions.lazy_clocks) {
            nexts.push(next);
        }
    }

    fn inner_steps(&mut self, label: u32) -> Arc<[u32]> {
        match &self.way {
            Way::Forward => self.moves(label),
            Way::Backward(before) => before.inner.get(&label).map_or_else(|| Arc::from([]), |b| b[..].into()),
        }
    }

    fn steps_by(&mut self, label: u32, message: u32) -> Arc<[u32]> {
        match &self.way {
            Way::Forward => self.deliveries(label, message),
            Way::Backward(before) => {
                before.delivered.get(&(label, message)).map_or_else(|| Arc::from([]), |b| b[..].into())
            }
        }
    }

    /// What any of a set of messages leads to.
    fn steps_by_any(&mut self, label: u32, set: u32) -> Arc<[u32]> {
        if let Some(known) = self.by_set.get(&(label, set)) {
            return Arc::clone(known);
        }
        let members = self.explorer.engine.sets.get(set).map(Arc::clone);
        let mut nexts: Vec<u32> = Vec::new();
        for message in members.iter().flat_map(|members| members.iter()) {
            nexts.extend(self.steps_by(label, *message).iter());
        }
        nexts.sort_unstable();
        nexts.dedup();
        let nexts: Arc<[u32]> = nexts.into();
        self.by_set.insert((label, set), Arc::clone(&nexts));
        nexts
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
        let mut now: BTreeMap<u32, Node> = BTreeMap::new();
        let mut open: VecDeque<u32> = VecDeque::new();
        for (label, child) in self.forest.edges(node).iter() {
            let inside = self.bound(bound, *label);
            let child = self.closed(*child, level + 1, inside);
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
                let set = self.within(set, level + 1, inside);
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

    /// What the steps whose highest level this is lead to from a label and what stands below it.
    fn fired(&mut self, label: u32, child: Node, level: usize, bound: Node) -> Vec<(u32, Node)> {
        let mut found: Vec<(u32, Node)> = Vec::new();
        for next in self.inner_steps(label).iter() {
            found.push((*next, child));
        }
        // Messages from below.
        let peer = self.peer(level);
        let set = self.available(child, level + 1, peer);
        let members = self.explorer.engine.sets.get(set).map(Arc::clone);
        for message in members.iter().flat_map(|members| members.iter()) {
            let nexts = self.steps_by(label, *message);
            if nexts.is_empty() {
                continue;
            }
            let sent = self.required(child, level + 1, peer, *message);
            found.extend(nexts.iter().map(|next| (*next, sent)));
        }
        // Messages to below.
        let info = self.explorer.engine.info(label);
        let inside = self.bound(bound, label);
        for target in level + 1..self.order.len() {
            let set = info.sent_to.get(self.peer(target)).copied().unwrap_or(0);
            if set != 0 {
                found.push((label, self.arrived(child, level + 1, target, set, inside)));
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
                found.extend(self.steps_by_any(label, set).iter().map(|next| (*next, child)));
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

    /// What a set of messages to a level below leads to.
    fn arrived(&mut self, node: Node, level: usize, target: usize, set: u32, bound: Node) -> Node {
        if node == EMPTY || bound == EMPTY {
            return EMPTY;
        }
        if let Some(known) = self.below.get(&(node, target, set, bound)) {
            return *known;
        }
        let mut found: Vec<(u32, Node)> = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            if level == target {
                for next in self.steps_by_any(*label, set).iter() {
                    let inside = self.bound(bound, *next);
                    found.push((*next, self.within(*child, level + 1, inside)));
                }
            } else {
                let inside = self.bound(bound, *label);
                found.push((*label, self.arrived(*child, level + 1, target, set, inside)));
            }
        }
        let result = self.gathered(found, level, bound);
        if self.is_whole() {
            self.below.insert((node, target, set, bound), result);
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
        if self.closing { self.closed(node, level, bound) } else { node }
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
        if level == target {
            let back = matches!(self.way, Way::Backward(_));
            for next in self.steps_by_any(label, set).iter() {
                // What is shown before the step counts.
                let left = self.still_needed(needs, if back { *next } else { label });
                let shown = self.showing(child, left);
                let inside = self.bound(bound, *next);
                found.push((*next, self.within(shown, level + 1, inside)));
            }
            return;
        }
        let left = self.still_needed(needs, label);
        let inside = self.bound(bound, label);
        found.push((label, self.saying(child, level + 1, target, set, left, inside)));
    }

    /// What is still needed beside what a local state has shown.
    fn still_needed(&mut self, needs: u32, label: u32) -> u32 {
        let Some(all) = self.needs.get(needs).map(Arc::clone).filter(|all| !all.is_empty()) else { return 0 };
        let sent = self.explorer.engine.local_of(label).map_or(0, |local| local.sent);
        let shown = self.explorer.engine.shown_by(sent);
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
            let left = self.still_needed(needs, *label);
            edges.push((*label, self.showing(*child, left)));
        }
        let result = self.forest.node(edges);
        self.shown.insert((node, needs), result);
        result
    }

    /// Messages to a peer that something below has sent.
    fn available(&mut self, node: Node, level: usize, peer: usize) -> u32 {
        if node == EMPTY || node == FULL {
            return 0;
        }
        if let Some(known) = self.available.get(&(node, peer)) {
            return *known;
        }
        let mut sets = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            if self.peer(level) != peer {
                sets.extend(self.explorer.engine.info(*label).sent_to.get(peer));
            }
            sets.push(self.available(*child, level + 1, peer));
        }
        sets.sort_unstable();
        sets.dedup();
        let set = self.explorer.engine.union(sets);
        self.available.insert((node, peer), set);
        set
    }

    /// The states of a set in which something has sent a message to a peer.
    fn required(&mut self, node: Node, level: usize, peer: usize, message: u32) -> Node {
        if node == EMPTY || node == FULL {
            return EMPTY;
        }
        if let Some(known) = self.required.get(&(node, peer, message)) {
            return *known;
        }
        let mut edges = Vec::new();
        for (label, child) in self.forest.edges(node).iter() {
            let set = self.explorer.engine.info(*label).sent_to.get(peer).copied().unwrap_or(0);
            if self.peer(level) != peer && self.explorer.engine.contains(set, message) {
                edges.push((*label, *child));
            } else {
                edges.push((*label, self.required(*child, level + 1, peer, message)));
            }
        }
        let result = self.forest.node(edges);
        self.required.insert((node, peer, message), result);
        result
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
            found.push((*label, self.image_at(*child, level + 1)));
            found.extend(self.fired(*label, *child, level, ANY));
        }
        let result = self.gathered(found, level, ANY);
        self.images.insert((node, level), result);
        result
    }
}
