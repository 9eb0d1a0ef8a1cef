//! Sets of states as decision diagrams: the vectors of a set share what they have in common, so that a set of many
//! millions of states in which peers go their own ways takes few nodes.
//!
//! A diagram has one level for each peer. A node maps local states of its level to nodes of the next; below the last
//! level there is only [`FULL`]. Equal nodes are one, so two sets are equal if their numbers are.

use super::super::table::{Interner, QuickMap};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of a node.
pub(super) type Node = u32;

/// No state.
pub(super) const EMPTY: Node = 0;
/// Every state, below the last level.
pub(super) const FULL: Node = 1;

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

    /// Labels of each level that occur in a set.
    pub fn labels(&self, node: Node, levels: usize) -> Vec<Vec<u32>> {
        let mut labels = Vec::with_capacity(levels);
        let mut nodes = vec![node];
        for _ in 0..levels {
            let (mut here, mut next) = (Vec::new(), Vec::new());
            for node in nodes {
                for (label, child) in self.edges(node).iter() {
                    here.push(*label);
                    next.push(*child);
                }
            }
            here.sort_unstable();
            here.dedup();
            next.sort_unstable();
            next.dedup();
            labels.push(here);
            nodes = next;
        }
        labels
    }

    /// Some state of a set.
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

    /// The states of a set whose labels are all kept, level by level from the first.
    pub fn filtered(&mut self, node: Node, keep: &mut dyn FnMut(usize, u32) -> bool) -> Node {
        self.filtered_at(node, 0, keep, &mut QuickMap::default())
    }

    fn filtered_at(
        &mut self,
        node: Node,
        level: usize,
        keep: &mut dyn FnMut(usize, u32) -> bool,
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
            if keep(level, *label) {
                edges.push((*label, self.filtered_at(*child, level + 1, keep, known)));
            }
        }
        let result = self.node(edges);
        known.insert(node, result);
        result
    }

    /// The set with every label replaced by others: by each of them, or by none.
    pub fn mapped(&mut self, node: Node, to: &mut dyn FnMut(usize, u32) -> Vec<u32>) -> Node {
        self.mapped_at(node, 0, to, &mut QuickMap::default())
    }

    fn mapped_at(
        &mut self,
        node: Node,
        level: usize,
        to: &mut dyn FnMut(usize, u32) -> Vec<u32>,
        known: &mut QuickMap<Node, Node>,
    ) -> Node {
        if node == EMPTY || node == FULL {
            return node;
        }
        if let Some(known) = known.get(&node) {
            return *known;
        }
        let mut edges: BTreeMap<u32, Node> = BTreeMap::new();
        for (label, child) in self.edges(node).iter() {
            let labels = to(level, *label);
            if labels.is_empty() {
                continue;
            }
            let child = self.mapped_at(*child, level + 1, to, known);
            for label in labels {
                let before = edges.get(&label).copied().unwrap_or(EMPTY);
                edges.insert(label, self.union(before, child));
            }
        }
        let result = self.node(edges);
        known.insert(node, result);
        result
    }

    /// The states of a set that are in another one when every label is replaced by one of others.
    pub fn mapped_into(
        &mut self,
        node: Node,
        target: Node,
        to: &mut dyn FnMut(usize, u32) -> Vec<u32>,
    ) -> Node {
        self.mapped_into_at(node, target, 0, to, &mut QuickMap::default())
    }

    fn mapped_into_at(
        &mut self,
        node: Node,
        target: Node,
        level: usize,
        to: &mut dyn FnMut(usize, u32) -> Vec<u32>,
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
        let mut edges = Edges::new();
        for (label, child) in self.edges(node).iter() {
            let mut into = EMPTY;
            for there in to(level, *label) {
                let target = self.child(target, there);
                let some = self.mapped_into_at(*child, target, level + 1, to, known);
                into = self.union(into, some);
            }
            edges.push((*label, into));
        }
        let result = self.node(edges);
        known.insert((node, target), result);
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
