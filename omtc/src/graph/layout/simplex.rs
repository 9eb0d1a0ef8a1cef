//! Network simplex: integers with least distances between them, so that the weighted sum of all distances is least.
//!
//! E. R. Gansner, E. Koutsofios, S. C. North, K.-P. Vo, *A Technique for Drawing Directed Graphs*, IEEE Transactions on
//! Software Engineering 19 (1993), section 2. Two things differ from the paper. The first tight tree is grown as in
//! Prim's algorithm, with two heaps. And the cut value of a tree edge is read off the tree: it is the weight that
//! leaves the subtree below the edge less the weight that enters it, a sum over the nodes of the subtree, which the
//! traversal after every exchange computes anyway.

use super::table::Table;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// `value[head] - value[tail] >= minimum`, and what is more than that costs `weight` for each unit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edge {
    /// The smaller one.
    pub tail: usize,
    /// The larger one.
    pub head: usize,
    /// Least distance; may be negative.
    pub minimum: i64,
    /// Cost of a unit of distance; not negative.
    pub weight: i64,
}

/// Tree edges that cost too much and are compared before one is exchanged.
const CANDIDATES: usize = 30;
/// Nodes that are looked at before an exchange ends it all: a second of work at most. What stands then keeps every least
/// distance.
const WORK_MAX: usize = 30_000_000;

/// Values for `count` nodes, the smallest of them 0. `start` must keep the least distances.
pub fn solve(count: usize, edges: &[Edge], start: Vec<i64>) -> Vec<i64> {
    if count == 0 {
        return Vec::new();
    }
    let mut simplex = Simplex::new(count, edges, start);
    simplex.tighten();
    simplex.number(0, 0);
    let mut from = 0;
    while let Some(leaving) = simplex.leaving(&mut from) {
        if !simplex.exchange(leaving) || simplex.work > WORK_MAX {
            break;
        }
    }
    let least = simplex.value.iter().take(count).min().copied().unwrap_or(0);
    simplex.value.iter().take(count).map(|value| value - least).collect()
}

/// The smallest values that keep all least distances; `None` if the edges have a cycle.
pub fn longest_path(count: usize, edges: &[Edge]) -> Option<Vec<i64>> {
    let mut out: Table<Vec<usize>> = Table::new(count);
    let mut entering: Table<usize> = Table::new(count);
    for (number, edge) in edges.iter().enumerate() {
        out[edge.tail].push(number);
        entering[edge.head] += 1;
    }
    let mut value: Table<i64> = Table::new(count);
    let mut open: Vec<usize> = (0..count).filter(|node| entering[*node] == 0).collect();
    let mut done = 0;
    while let Some(node) = open.pop() {
        done += 1;
        for edge in out[node].iter().filter_map(|number| edges.get(*number)) {
            let least = value[node] + edge.minimum;
            value[edge.head] = value[edge.head].max(least);
            entering[edge.head] -= 1;
            if entering[edge.head] == 0 {
                open.push(edge.head);
            }
        }
    }
    (done == count).then(|| value.into_rows())
}

struct Simplex {
    edges: Table<Edge>,
    /// Numbers of the edges at each node.
    at: Table<Vec<usize>>,
    value: Table<i64>,
    /// Numbers of the tree edges at each node.
    tree: Table<Vec<usize>>,
    in_tree: Table<bool>,
    /// The tree edge that leads to the root, and the node there.
    parent: Table<Option<(usize, usize)>>,
    /// Rank in the traversal, children first, and the least rank of the subtree.
    last: Table<usize>,
    first: Table<usize>,
    /// Nodes by rank.
    order: Table<usize>,
    /// Weight that leaves the subtree, less what enters it.
    balance: Table<i64>,
    own: Table<i64>,
    work: usize,
}

impl Simplex {
    fn new(count: usize, edges: &[Edge], start: Vec<i64>) -> Simplex {
        let mut all = edges.to_vec();
        // One more node holds the parts together; it pulls nothing.
        let root = count;
        let mut value = Table::from(start);
        while value.len() < count {
            value.push(0);
        }
        value.push(0);
        for part in parts(count, edges) {
            all.push(Edge { tail: root, head: part, minimum: value[part], weight: 0 });
        }
        let mut at: Table<Vec<usize>> = Table::new(count + 1);
        let mut own: Table<i64> = Table::new(count + 1);
        for (number, edge) in all.iter().enumerate() {
            at[edge.tail].push(number);
            at[edge.head].push(number);
            own[edge.tail] += edge.weight;
            own[edge.head] -= edge.weight;
        }
        Simplex {
            in_tree: Table::new(all.len()),
            edges: all.into(),
            at,
            value,
            tree: Table::new(count + 1),
            parent: Table::new(count + 1),
            last: Table::new(count + 1),
            first: Table::new(count + 1),
            order: Table::new(count + 1),
            balance: Table::new(count + 1),
            own,
            work: 0,
        }
    }

    fn slack(&self, edge: usize) -> i64 {
        let edge = self.edges[edge];
        self.value[edge.head] - self.value[edge.tail] - edge.minimum
    }

    /// Makes a spanning tree of edges without slack, moving what has been joined as one.
    fn tighten(&mut self) {
        let count = self.value.len();
        let mut joined: Table<bool> = Table::new(count);
        let mut moved = 0_i64;
        // By slack, as if nothing had moved: what lies above follows the tree, what lies below comes nearer.
        let mut above: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
        let mut below: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
        let mut next = Some(0);
        while let Some(node) = next {
            joined[node] = true;
            // Values in the tree are kept without the movement of all of it.
            self.value[node] -= moved;
            for number in self.at[node].clone() {
                let edge = self.edges[number];
                if edge.tail == node && !joined[edge.head] {
                    let key = self.value[edge.head] - self.value[node] - edge.minimum;
                    above.push(Reverse((key, number)));
                } else if edge.head == node && !joined[edge.tail] {
                    let key = self.value[node] - self.value[edge.tail] - edge.minimum;
                    below.push(Reverse((key, number)));
                }
            }
            while above.peek().is_some_and(|Reverse((_, edge))| joined[self.edges[*edge].head]) {
                above.pop();
            }
            while below.peek().is_some_and(|Reverse((_, edge))| joined[self.edges[*edge].tail]) {
                below.pop();
            }
            let up = above.peek().map(|Reverse((key, edge))| (key - moved, *edge));
            let down = below.peek().map(|Reverse((key, edge))| (key + moved, *edge));
            let (edge, upwards) = match (up, down) {
                (Some(up), Some(down)) if down.0 < up.0 => (down, false),
                (Some(up), _) => (up, true),
                (None, Some(down)) => (down, false),
                (None, None) => break,
            };
            moved += if upwards { edge.0 } else { -edge.0 };
            let Edge { tail, head, .. } = self.edges[edge.1];
            self.in_tree[edge.1] = true;
            self.tree[tail].push(edge.1);
            self.tree[head].push(edge.1);
            next = Some(if upwards { head } else { tail });
        }
        for value in self.value.iter_mut() {
            *value += moved;
        }
    }

    /// Numbers the subtree of `root` from `from` on.
    fn number(&mut self, root: usize, from: usize) {
        let mut rank = from;
        let mut open = vec![(root, 0)];
        self.first[root] = from;
        self.balance[root] = self.own[root];
        while let Some((node, seen)) = open.pop() {
            self.work += 1;
            let to_parent = self.parent[node].map(|(edge, _)| edge);
            match self.tree[node].get(seen).copied() {
                Some(edge) => {
                    open.push((node, seen + 1));
                    if Some(edge) == to_parent {
                        continue;
                    }
                    let Edge { tail, head, .. } = self.edges[edge];
                    let child = if tail == node { head } else { tail };
                    self.parent[child] = Some((edge, node));
                    self.first[child] = rank;
                    self.balance[child] = self.own[child];
                    open.push((child, 0));
                }
                None => {
                    self.last[node] = rank;
                    self.order[rank] = node;
                    rank += 1;
                    if node != root
                        && let Some((_, above)) = self.parent[node]
                    {
                        let below = self.balance[node];
                        self.balance[above] += below;
                    }
                }
            }
        }
    }

    /// The weight that lengthening the edge above a node costs; negative if it gains.
    fn cut(&self, node: usize) -> i64 {
        match self.parent[node] {
            Some((edge, _)) if self.edges[edge].tail == node => self.balance[node],
            Some(_) => -self.balance[node],
            None => 0,
        }
    }

    /// A node whose edge to its parent is better not in the tree.
    fn leaving(&mut self, from: &mut usize) -> Option<usize> {
        let count = self.value.len();
        let mut best: Option<(i64, usize)> = None;
        let mut found = 0;
        for step in 0..count {
            let node = (*from + step) % count;
            self.work += 1;
            let cut = self.cut(node);
            if cut < 0 {
                if best.is_none_or(|(least, _)| cut < least) {
                    best = Some((cut, node));
                }
                found += 1;
                if found == CANDIDATES {
                    *from = node;
                    break;
                }
            }
        }
        best.map(|(_, node)| node)
    }

    fn inside(&self, node: usize, below: usize) -> bool {
        (self.first[below]..=self.last[below]).contains(&self.last[node])
    }

    /// Ranks of the subtree, or of everything else if that is less; and whether it is the subtree.
    fn smaller(&self, node: usize) -> (Vec<usize>, bool) {
        let (first, last) = (self.first[node], self.last[node]);
        if (last + 1 - first) * 2 <= self.value.len() {
            ((first..=last).collect(), true)
        } else {
            ((0..first).chain(last + 1..self.value.len()).collect(), false)
        }
    }

    /// Takes the edge above a node out of the tree, and the one with the least slack in that closes the gap; whether there
    /// is one.
    fn exchange(&mut self, node: usize) -> bool {
        let Some((old, above)) = self.parent[node] else { return false };
        let is_tail = self.edges[old].tail == node;
        let (ranks, subtree) = self.smaller(node);
        self.work += ranks.len();
        let mut best: Option<(i64, usize)> = None;
        for rank in &ranks {
            for number in &self.at[self.order[*rank]] {
                let edge = self.edges[*number];
                // The other way round than the old one, through the cut.
                let (tail, head) = (self.inside(edge.tail, node), self.inside(edge.head, node));
                if tail != is_tail && head == is_tail {
                    let slack = self.slack(*number);
                    if best.is_none_or(|best| (slack, *number) < best) {
                        best = Some((slack, *number));
                    }
                }
            }
        }
        let Some((slack, new)) = best else {
            // Nothing crosses: the cut is free, and its cost cannot have been negative.
            return false;
        };
        let shift = if is_tail == subtree { -slack } else { slack };
        for rank in ranks {
            let moved = self.order[rank];
            self.value[moved] += shift;
        }
        let Edge { tail, head, .. } = self.edges[new];
        let outside = if self.inside(tail, node) { head } else { tail };
        let mut joint = outside;
        while !(self.inside(node, joint) && self.inside(above, joint)) {
            match self.parent[joint] {
                Some((_, parent)) => joint = parent,
                None => break,
            }
        }
        self.in_tree[old] = false;
        self.in_tree[new] = true;
        for (edge, ends) in [(old, [node, above]), (new, [tail, head])] {
            for end in ends {
                if self.in_tree[edge] {
                    self.tree[end].push(edge);
                } else {
                    self.tree[end].retain(|other| *other != edge);
                }
            }
        }
        let from = self.first[joint];
        self.number(joint, from);
        true
    }
}

/// A node of each part that is connected.
fn parts(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut leader: Table<usize> = (0..count).collect::<Vec<_>>().into();
    fn find(leader: &mut Table<usize>, mut node: usize) -> usize {
        while leader[node] != node {
            let above = leader[leader[node]];
            leader[node] = above;
            node = above;
        }
        node
    }
    for edge in edges {
        let (one, other) = (find(&mut leader, edge.tail), find(&mut leader, edge.head));
        let (small, large) = (one.min(other), one.max(other));
        leader[large] = small;
    }
    (0..count).filter(|node| leader[*node] == *node).collect()
}
