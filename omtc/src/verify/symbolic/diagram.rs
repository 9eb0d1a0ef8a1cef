//! Sets of states as decision diagrams: the vectors of a set share what they have in common, so that a set of many
//! millions of states in which peers go their own ways takes few nodes.
//!
//! A diagram has a level for each peer, in two parts. A node maps the *minds* of a peer (its local states without what
//! it has said so far) to nodes that map the sets of messages that it has said to the next peer; below the last one there
//! is only [`FULL`]. Equal nodes are one, so two sets are equal if their numbers are.
//!
//! What a peer has said has a part of its own because it grows in all combinations, and decides next to nothing of what
//! the peer does.

use super::super::table::{Interner, QuickMap};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of a node.
pub(super) type Node = u32;

/// No state.
pub(super) const EMPTY: Node = 0;
/// Every state, below the last level.
pub(super) const FULL: Node = 1;

/// Labels from here on are of what was said: this and the number of a set of messages.
pub(super) const SAYS: u32 = 1 << 31;

/// What is kept of what was said, by level and mind.
pub(super) type Keep<'k> = &'k mut dyn FnMut(&mut Forest, usize, u32, Node) -> Node;

/// Edges of a node, by label.
pub(super) type Edges = Vec<(u32, Node)>;

/// What two sets are made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// All nodes.
#[derive(Debug)]
pub(super) struct Forest {
    nodes: Interner<Edges>,
    edges: usize,
    known: QuickMap<(Operation, Node, Node), Node>,
    counts: QuickMap<Node, u128>,
}

impl Forest {
    /// With the two sets that every forest has.
    pub fn new() -> Forest {
        let mut nodes: Interner<Edges> = Interner::default();
        nodes.add(Vec::new());
        // A label that no node has, so that it is equal to none.
        nodes.add(vec![(u32::MAX, u32::MAX)]);
        Forest { nodes, edges: 0, known: QuickMap::default(), counts: QuickMap::default() }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes that they take, about.
    pub fn bytes(&self) -> usize {
        const NODE: usize = 96;
        const ENTRY: usize = 24;
        let entries = self.known.capacity().saturating_add(self.counts.capacity());
        self.nodes
            .len()
            .saturating_mul(NODE)
            .saturating_add(self.edges.saturating_mul(size_of::<(u32, Node)>()))
            .saturating_add(entries.saturating_mul(ENTRY))
    }

    /// Forgets what operations came to; sets stay.
    pub fn forget(&mut self) {
        self.known = QuickMap::default();
        self.counts = QuickMap::default();
    }

    /// The edges of a node, sorted.
    pub fn edges(&self, node: Node) -> Arc<Edges> {
        self.nodes.get(node).filter(|_| node != FULL).map_or_else(Arc::default, Arc::clone)
    }

    /// Does a node say what a peer has said?
    pub fn is_said(&self, node: Node) -> bool {
        self.edges(node).first().is_some_and(|(label, _)| *label >= SAYS)
    }

    /// The node that a label leads to.
    pub fn child(&self, node: Node, label: u32) -> Node {
        let edges = self.nodes.get(node).filter(|_| node != FULL);
        edges.map_or(EMPTY, |edges| match edges.binary_search_by_key(&label, |(label, _)| *label) {
            Ok(at) => edges.get(at).map_or(EMPTY, |(_, child)| *child),
            Err(_) => EMPTY,
        })
    }

    /// The node with these edges; those to nowhere are left out.
    pub fn node(&mut self, edges: impl IntoIterator<Item = (u32, Node)>) -> Node {
        let edges: Edges = edges.into_iter().filter(|(_, child)| *child != EMPTY).collect();
        debug_assert!(edges.is_sorted_by_key(|(label, _)| *label), "edges are sorted");
        let count = edges.len();
        let (node, new) = self.nodes.add(edges);
        if new {
            self.edges = self.edges.saturating_add(count);
        }
        node
    }

    /// The set of one state.
    pub fn single(&mut self, labels: impl DoubleEndedIterator<Item = u32>) -> Node {
        labels.rev().fold(FULL, |child, label| self.node([(label, child)]))
    }

    /// What is in one of two sets.
    pub fn union(&mut self, a: Node, b: Node) -> Node {
        if a == b || b == EMPTY {
            return a;
        }
        if a == EMPTY {
            return b;
        }
        self.combined(Operation::Union, a.min(b), a.max(b))
    }

    /// What is in two sets.
    pub fn intersection(&mut self, a: Node, b: Node) -> Node {
        if a == b {
            return a;
        }
        if a == EMPTY || b == EMPTY {
            return EMPTY;
        }
        self.combined(Operation::Intersection, a.min(b), a.max(b))
    }

    /// What is in the first set and not in the second.
    pub fn difference(&mut self, a: Node, b: Node) -> Node {
        if a == b || a == EMPTY {
            return EMPTY;
        }
        if b == EMPTY {
            return a;
        }
        self.combined(Operation::Difference, a, b)
    }

    fn combined(&mut self, operation: Operation, a: Node, b: Node) -> Node {
        if let Some(known) = self.known.get(&(operation, a, b)) {
            return *known;
        }
        let (first, second) = (self.edges(a), self.edges(b));
        let mut edges = Edges::new();
        let (mut left, mut right) = (first.iter().peekable(), second.iter().peekable());
        loop {
            let (label, x, y) = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some((label, x)), other) if other.is_none_or(|(other, _)| label < other) => {
                    left.next();
                    (*label, *x, EMPTY)
                }
                (Some((label, x)), Some((other, y))) if label == other => {
                    left.next();
                    right.next();
                    (*label, *x, *y)
                }
                (_, Some((label, y))) => {
                    right.next();
                    (*label, EMPTY, *y)
                }
                (Some(_), None) => break,
            };
            let child = match operation {
                Operation::Union => self.union(x, y),
                Operation::Intersection => self.intersection(x, y),
                Operation::Difference => self.difference(x, y),
            };
            edges.push((label, child));
        }
        let result = self.node(edges);
        self.known.insert((operation, a, b), result);
        result
    }

    /// How many states a set has.
    pub fn count(&mut self, node: Node) -> u128 {
        match node {
            EMPTY => return 0,
            FULL => return 1,
            _ => {}
        }
        if let Some(known) = self.counts.get(&node) {
            return *known;
        }
        let edges = self.edges(node);
        let count = edges.iter().fold(0u128, |sum, (_, child)| sum.saturating_add(self.count(*child)));
        self.counts.insert(node, count);
        count
    }

    /// Minds of each level that occur in a set.
    pub fn labels(&self, node: Node, levels: usize) -> Vec<Vec<u32>> {
        let mut labels = Vec::with_capacity(levels);
        let mut nodes = vec![node];
        for _ in 0..levels {
            let (mut here, mut said) = (Vec::new(), Vec::new());
            for (label, child) in nodes.iter().flat_map(|node| self.edges(*node).to_vec()) {
                here.push(label);
                said.push(child);
            }
            here.sort_unstable();
            here.dedup();
            labels.push(here);
            said.sort_unstable();
            said.dedup();
            nodes = said.iter().flat_map(|node| self.edges(*node).to_vec()).map(|(_, child)| child).collect();
            nodes.sort_unstable();
            nodes.dedup();
        }
        labels
    }

    /// Some state of a set: its labels from the first level to the last.
    pub fn any(&self, mut node: Node) -> Option<Vec<u32>> {
        if node == EMPTY {
            return None;
        }
        let mut state = Vec::new();
        while node != FULL {
            let (label, child) = self.edges(node).first().copied()?;
            state.push(label);
            node = child;
        }
        Some(state)
    }

    /// The states of a set whose minds are all kept, level by level from the first.
    pub fn filtered(&mut self, node: Node, keep: &mut dyn FnMut(usize, u32) -> bool) -> Node {
        self.kept(node, &mut |_, level, label, said| if keep(level, label) { said } else { EMPTY })
    }

    /// The states of a set of which, for each level and mind, some of what was said is kept.
    pub fn kept(&mut self, node: Node, keep: Keep<'_>) -> Node {
        self.kept_at(node, 0, keep, &mut QuickMap::default())
    }

    fn kept_at(
        &mut self,
        node: Node,
        level: usize,
        keep: Keep<'_>,
        known: &mut QuickMap<Node, Node>,
    ) -> Node {
        if node == EMPTY || node == FULL {
            return node;
        }
        if let Some(known) = known.get(&node) {
            return *known;
        }
        let mut edges = Edges::new();
        for (label, child) in self.edges(node).iter() {
            let (child, level) = match *label {
                SAYS.. => (*child, level + 1),
                mind => (keep(self, level, mind, *child), level),
            };
            edges.push((*label, self.kept_at(child, level, keep, known)));
        }
        let result = self.node(edges);
        known.insert(node, result);
        result
    }

    /// The set without what was said, every mind replaced by its class.
    pub fn projected(&mut self, node: Node, class: &mut dyn FnMut(usize, u32) -> u32) -> Node {
        self.projected_at(node, 0, class, &mut QuickMap::default())
    }

    fn projected_at(
        &mut self,
        node: Node,
        level: usize,
        class: &mut dyn FnMut(usize, u32) -> u32,
        known: &mut QuickMap<Node, Node>,
    ) -> Node {
        if node == EMPTY || node == FULL {
            return node;
        }
        if let Some(known) = known.get(&node) {
            return *known;
        }
        let mut edges: BTreeMap<u32, Node> = BTreeMap::new();
        let mut below = EMPTY;
        for (label, child) in self.edges(node).iter() {
            if *label >= SAYS {
                let child = self.projected_at(*child, level + 1, class, known);
                below = self.union(below, child);
            } else {
                let child = self.projected_at(*child, level, class, known);
                let class = class(level, *label);
                let before = edges.get(&class).copied().unwrap_or(EMPTY);
                edges.insert(class, self.union(before, child));
            }
        }
        let result = if edges.is_empty() { below } else { self.node(edges) };
        known.insert(node, result);
        result
    }

    /// The states of a set whose classes are in a set of classes.
    pub fn projected_into(
        &mut self,
        node: Node,
        classes: Node,
        class: &mut dyn FnMut(usize, u32) -> u32,
    ) -> Node {
        self.projected_into_at(node, classes, 0, class, &mut QuickMap::default())
    }

    fn projected_into_at(
        &mut self,
        node: Node,
        classes: Node,
        level: usize,
        class: &mut dyn FnMut(usize, u32) -> u32,
        known: &mut QuickMap<(Node, Node), Node>,
    ) -> Node {
        if node == EMPTY || classes == EMPTY {
            return EMPTY;
        }
        if node == FULL {
            return FULL;
        }
        if let Some(known) = known.get(&(node, classes)) {
            return *known;
        }
        let mut edges = Edges::new();
        for (label, child) in self.edges(node).iter() {
            let (classes, level) = match *label {
                SAYS.. => (classes, level + 1),
                mind => (self.child(classes, class(level, mind)), level),
            };
            edges.push((*label, self.projected_into_at(*child, classes, level, class, known)));
        }
        let result = self.node(edges);
        known.insert((node, classes), result);
        result
    }

    /// Calls `found` with each state of a set, until it says that it is enough; was it?
    pub fn each(&self, node: Node, found: &mut dyn FnMut(&[u32]) -> bool) -> bool {
        self.each_from(node, &mut Vec::new(), found)
    }

    fn each_from(&self, node: Node, state: &mut Vec<u32>, found: &mut dyn FnMut(&[u32]) -> bool) -> bool {
        if node == FULL {
            return found(state);
        }
        for (label, child) in self.edges(node).iter() {
            state.push(*label);
            if self.each_from(*child, state, found) {
                return true;
            }
            state.pop();
        }
        false
    }
}
