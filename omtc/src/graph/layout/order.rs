//! The order within layers, with few crossings: sweeps by the median of the neighbours, and exchanges of neighbours where
//! that helps (Gansner and others, 1993, section 3). The best order of all sweeps is kept.

use super::rank::Layers;
use super::table::Table;

/// Sweeps over a small graph.
const SWEEPS: usize = 24;
/// Segments that all sweeps together look at, about; large graphs get fewer sweeps.
const WORK_MAX: usize = 6_000_000;

/// Orders the layers; gives how many pairs of segments cross.
pub(super) fn order(layers: &mut Layers) -> usize {
    begin(layers);
    let mut state = State { place: Table::new(layers.items.len()) };
    state.number(layers);
    let mut best = (crossings(layers, &state.place), layers.rows.clone());
    let sweeps = (WORK_MAX / (layers.segments.len() * 8 + 1)).clamp(3, SWEEPS);
    for sweep in 0..sweeps {
        if best.0 == 0 {
            break;
        }
        state.sweep(layers, sweep);
        for _ in 0..4 {
            if !state.exchange(layers, sweep % 4 >= 2) {
                break;
            }
        }
        let now = crossings(layers, &state.place);
        if now < best.0 {
            best = (now, layers.rows.clone());
        }
    }
    layers.rows = best.1;
    best.0
}

/// Depth first from above: what belongs together comes to stand together.
fn begin(layers: &mut Layers) {
    let mut seen: Table<bool> = Table::new(layers.items.len());
    let mut rows: Table<Vec<usize>> = Table::new(layers.rows.len());
    let starts: Vec<usize> = layers.rows.iter().flatten().copied().collect();
    for start in starts {
        let mut open = vec![start];
        while let Some(item) = open.pop() {
            if seen[item] {
                continue;
            }
            seen[item] = true;
            rows[layers.items[item].layer].push(item);
            let below = layers.items[item].below.iter().map(|segment| layers.segments[*segment].lower);
            let above = layers.items[item].above.iter().map(|segment| layers.segments[*segment].upper);
            let mut next: Vec<usize> = below.chain(above).filter(|item| !seen[*item]).collect();
            next.reverse();
            open.extend(next);
        }
    }
    layers.rows = rows;
}

/// Pairs of segments that cross, in all layers (W. Barth, P. Mutzel, M. Jünger, *Simple and Efficient Bilayer Cross
/// Counting*, 2004).
fn crossings(layers: &Layers, place: &Table<usize>) -> usize {
    let mut count = 0;
    for layer in 1..layers.rows.len() {
        let width = layers.rows[layer].len();
        let mut ends = Vec::new();
        for item in &layers.rows[layer - 1] {
            let mut lower: Vec<usize> =
                layers.items[*item].below.iter().map(|s| place[layers.segments[*s].lower]).collect();
            lower.sort_unstable();
            ends.extend(lower);
        }
        let leaves = width.next_power_of_two();
        let mut tree: Table<usize> = Table::new(2 * leaves);
        for end in ends {
            let mut at = end + leaves;
            tree[at] += 1;
            while at > 1 {
                if at.is_multiple_of(2) {
                    count += tree[at + 1];
                }
                at /= 2;
                tree[at] += 1;
            }
        }
    }
    count
}

struct State {
    /// Of each item within its layer.
    place: Table<usize>,
}

impl State {
    fn number(&mut self, layers: &Layers) {
        for row in layers.rows.iter() {
            for (place, item) in row.iter().enumerate() {
                self.place[*item] = place;
            }
        }
    }

    /// Places of the neighbours of an item in the layer above or below, sorted.
    fn neighbours(&self, layers: &Layers, item: usize, above: bool) -> Vec<usize> {
        let item = &layers.items[item];
        let mut places: Vec<usize> = if above {
            item.above.iter().map(|s| self.place[layers.segments[*s].upper]).collect()
        } else {
            item.below.iter().map(|s| self.place[layers.segments[*s].lower]).collect()
        };
        places.sort_unstable();
        places
    }

    /// Goes down when `round` is even, and up otherwise; each layer is sorted by the medians towards the layer before.
    fn sweep(&mut self, layers: &mut Layers, round: usize) {
        let down = round.is_multiple_of(2);
        let count = layers.rows.len();
        for step in 1..count {
            let layer = if down { step } else { count - 1 - step };
            let mut row = std::mem::take(&mut layers.rows[layer]);
            let keys: Vec<Option<usize>> =
                row.iter().map(|item| median(&self.neighbours(layers, *item, down))).collect();
            // What has no neighbours there keeps its place.
            let mut moving: Vec<(usize, usize, usize)> = Vec::new();
            for (at, (item, key)) in row.iter().zip(&keys).enumerate() {
                if let Some(key) = key {
                    let tie = if round % 4 < 2 { at } else { row.len() - at };
                    moving.push((*key, tie, *item));
                }
            }
            moving.sort_unstable();
            let mut sorted = moving.into_iter();
            for (item, key) in row.iter_mut().zip(&keys) {
                if key.is_some()
                    && let Some((_, _, next)) = sorted.next()
                {
                    *item = next;
                }
            }
            for (place, item) in row.iter().enumerate() {
                self.place[*item] = place;
            }
            layers.rows[layer] = row;
        }
    }

    /// Exchanges neighbours where fewer segments cross then, or as many and `equal` says so; whether any did.
    fn exchange(&mut self, layers: &mut Layers, equal: bool) -> bool {
        let mut changed = false;
        for layer in 0..layers.rows.len() {
            let mut row = std::mem::take(&mut layers.rows[layer]);
            let mut near: Vec<[Vec<usize>; 2]> = row
                .iter()
                .map(|item| [self.neighbours(layers, *item, true), self.neighbours(layers, *item, false)])
                .collect();
            for at in 1..row.len() {
                let (Some([left, right]), Some([one, other])) = (near.get(at - 1..=at), row.get(at - 1..=at))
                else {
                    continue;
                };
                let now: usize = left.iter().zip(right).map(|(left, right)| crossed(left, right)).sum();
                let then: usize = left.iter().zip(right).map(|(left, right)| crossed(right, left)).sum();
                if then < now || (equal && then == now) {
                    self.place[*one] = at;
                    self.place[*other] = at - 1;
                    changed |= then < now;
                    near.swap(at - 1, at);
                    row.swap(at - 1, at);
                }
            }
            layers.rows[layer] = row;
        }
        changed
    }
}

/// How many pairs cross when one item stands left of the other.
fn crossed(left: &[usize], right: &[usize]) -> usize {
    let mut count = 0;
    let mut smaller = 0;
    for place in left {
        while right.get(smaller).is_some_and(|other| other < place) {
            smaller += 1;
        }
        count += smaller;
    }
    count
}

/// Twice the median: between two middle ones, the weighted one of the paper.
fn median(places: &[usize]) -> Option<usize> {
    let middle = places.len() / 2;
    let at = |index: usize| places.get(index).copied().unwrap_or(0);
    match places.len() {
        0 => None,
        n if n % 2 == 1 => Some(2 * at(middle)),
        2 => Some(at(0) + at(1)),
        n => {
            let (left, right) = (at(middle - 1) - at(0), at(n - 1) - at(middle));
            if left + right == 0 {
                return Some(at(middle - 1) + at(middle));
            }
            Some(2 * (at(middle - 1) * right + at(middle) * left) / (left + right))
        }
    }
}
