//! The order within layers, with few crossings.
//!
//! From several first orders (depth first, breadth first, from both ends, shuffled): sweeps that sort each layer by the
//! medians or the mean places of the neighbours, and exchanges of neighbours where that helps (Gansner and others, 1993,
//! section 3). What comes of the best of them is sifted: every item is tried at every place of its layer (C. Matuszewski,
//! R. Schönfeld, P. Molitor, *Using Sifting for k-Layer Straightline Crossing Minimization*, 1999). Shuffles begin with a
//! fixed number, so the same graph gets the same order.

use super::cross;
use super::rank::Layers;
use super::table::Table;

/// Sweeps from one first order.
const SWEEPS: usize = 16;
/// First orders of a small graph, shuffled ones among them.
const STARTS: usize = 40;
/// Sweeps that may help nothing, one after the other.
const IDLE: usize = 6;
/// Rounds of exchanges after a sweep.
const EXCHANGES: usize = 8;
/// Best orders that are sifted.
const SIFTED: usize = 6;
/// First orders and sweeps of an estimate.
const ESTIMATE_STARTS: usize = 2;
const ESTIMATE_SWEEPS: usize = 8;
/// Rounds of sifting.
const SIFTS: usize = 12;
/// How often a sweep and what follows it look at a segment, about.
const SEGMENT_LOOKS: usize = 12;
/// Segments that all starts together look at, about: some tenths of a second. Large graphs get fewer starts, and fewer sweeps.
const WORK_MAX: usize = 30_000_000;
/// Pairs of items that sifting looks at.
const SIFT_WORK_MAX: usize = 10_000_000;

/// Orders the layers; gives how many pairs of segments cross.
pub(super) fn order(layers: &mut Layers) -> usize {
    let sweeps = sweeps(layers, SWEEPS);
    let starts = (WORK_MAX / (layers.segments.len() * sweeps * SEGMENT_LOOKS + 1)).clamp(1, STARTS);
    let mut chance = Chance(1);
    let mut state = State::of(layers);
    let mut found: Vec<(usize, Table<Vec<usize>>)> = Vec::new();
    for start in 0..starts {
        begin(layers, start, &mut chance);
        let best = improve(layers, &mut state, start, sweeps);
        let at = found.partition_point(|(crossings, _)| *crossings <= best.0);
        if at < SIFTED && found.get(at.wrapping_sub(1)) != Some(&best) {
            found.insert(at, best);
            found.truncate(SIFTED);
        }
        if found.first().is_some_and(|(crossings, _)| *crossings == 0) {
            break;
        }
    }
    let mut best: Option<(usize, Table<Vec<usize>>)> = None;
    let mut work = SIFT_WORK_MAX;
    for (crossings, rows) in found {
        layers.rows = rows;
        let crossings = if crossings == 0 { 0 } else { sift(layers, &mut state, crossings, &mut work) };
        if best.as_ref().is_none_or(|(least, _)| crossings < *least) {
            best = Some((crossings, layers.rows.clone()));
        }
    }
    let (crossings, rows) = best.unwrap_or_default();
    layers.rows = rows;
    crossings
}

/// How many cross, about, in an order that is found quickly.
pub(super) fn estimate(layers: &mut Layers) -> usize {
    let mut chance = Chance(1);
    let mut state = State::of(layers);
    let mut least = usize::MAX;
    let sweeps = sweeps(layers, ESTIMATE_SWEEPS);
    for start in 0..ESTIMATE_STARTS {
        begin(layers, start, &mut chance);
        least = least.min(improve(layers, &mut state, start, sweeps).0);
    }
    least
}

/// As many as there is time for.
fn sweeps(layers: &Layers, most: usize) -> usize {
    (WORK_MAX / (layers.segments.len() * SEGMENT_LOOKS + 1)).clamp(3, most)
}

/// Numbers that look drawn and are always the same (D. Knuth, *Seminumerical Algorithms*, 3.3.4).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    fn shuffle(&mut self, list: &mut [usize]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A first order. What belongs together comes to stand together, in one way or another.
fn begin(layers: &mut Layers, start: usize, chance: &mut Chance) {
    let (deep, upwards, shuffled) = (start.is_multiple_of(2), start / 2 % 2 == 1, start >= 4);
    let mut seen: Table<bool> = Table::new(layers.items.len());
    let mut rows: Table<Vec<usize>> = Table::new(layers.rows.len());
    let mut starts: Vec<usize> = (0..layers.rows.len()).collect();
    if upwards {
        starts.reverse();
    }
    let mut items: Vec<usize> = Vec::new();
    for row in starts {
        let mut row = layers.rows[row].clone();
        row.sort_unstable();
        if shuffled {
            chance.shuffle(&mut row);
        }
        items.extend(row);
    }
    for first in items {
        let mut open = std::collections::VecDeque::from([first]);
        while let Some(item) = if deep { open.pop_back() } else { open.pop_front() } {
            if seen[item] {
                continue;
            }
            seen[item] = true;
            rows[layers.items[item].layer].push(item);
            let below = layers.items[item].below.iter().map(|segment| layers.segments[*segment].lower);
            let above = layers.items[item].above.iter().map(|segment| layers.segments[*segment].upper);
            let mut next: Vec<usize> =
                if upwards { above.chain(below).collect() } else { below.chain(above).collect() };
            next.retain(|item| !seen[*item]);
            if shuffled {
                chance.shuffle(&mut next);
            }
            if deep {
                next.reverse();
            }
            open.extend(next);
        }
    }
    layers.rows = rows;
}

/// Sweeps and exchanges; the best order on the way.
fn improve(
    layers: &mut Layers,
    state: &mut State,
    start: usize,
    sweeps: usize,
) -> (usize, Table<Vec<usize>>) {
    state.number(layers);
    let mut best = (cross::crossings(layers, &state.place), layers.rows.clone());
    let mut idle = 0;
    for sweep in 0..sweeps {
        if best.0 == 0 || idle == IDLE {
            break;
        }
        state.sweep(layers, sweep, (start + sweep / 4) % 2 == 1);
        for round in 0..EXCHANGES {
            if !state.exchange(layers, sweep % 4 >= 2 && round == 0) {
                break;
            }
        }
        let now = cross::crossings(layers, &state.place);
        idle += 1;
        if now < best.0 {
            best = (now, layers.rows.clone());
            idle = 0;
        }
    }
    best
}

/// Tries every item at every place of its layer, as long as that helps.
fn sift(layers: &mut Layers, state: &mut State, mut crossings: usize, work: &mut usize) -> usize {
    let once: usize = layers.rows.iter().map(|row| row.len() * row.len()).sum();
    state.number(layers);
    let mut idle = 0;
    for round in 0..SIFTS {
        if once > *work || idle == 3 {
            break;
        }
        *work -= once;
        for step in 0..layers.rows.len() {
            let layer = if round.is_multiple_of(2) { step } else { layers.rows.len() - 1 - step };
            state.sift(layers, layer, round % 2 == 1);
        }
        for _ in 0..EXCHANGES {
            if !state.exchange(layers, false) {
                break;
            }
        }
        let now = cross::crossings(layers, &state.place);
        idle = if now < crossings { 0 } else { idle + 1 };
        crossings = now;
    }
    crossings
}

struct State {
    /// Of each item within its layer.
    place: Table<usize>,
    /// Neighbours of each item in the layers above and below.
    ends: Table<[Vec<usize>; 2]>,
    /// Their places, sorted, as of when they were looked at last.
    near: Table<[Vec<usize>; 2]>,
}

/// Indices of what lies above and below.
const ABOVE: usize = 0;
const BELOW: usize = 1;

impl State {
    fn of(layers: &Layers) -> State {
        let ends = layers.items.iter().map(|item| {
            let upper = item.above.iter().map(|s| layers.segments[*s].upper).collect();
            let lower = item.below.iter().map(|s| layers.segments[*s].lower).collect();
            [upper, lower]
        });
        let ends: Vec<[Vec<usize>; 2]> = ends.collect();
        State {
            place: Table::new(layers.items.len()),
            near: Table::new(layers.items.len()),
            ends: ends.into(),
        }
    }

    fn number(&mut self, layers: &Layers) {
        for row in layers.rows.iter() {
            for (place, item) in row.iter().enumerate() {
                self.place[*item] = place;
            }
        }
    }

    /// Looks at the places of the neighbours of an item on one side.
    fn look(&mut self, item: usize, side: usize) {
        let mut places = std::mem::take(self.near[item].get_mut(side).unwrap_or(&mut Vec::new()));
        places.clear();
        let ends = self.ends[item].get(side).map(Vec::as_slice).unwrap_or_default();
        places.extend(ends.iter().map(|end| self.place[*end]));
        places.sort_unstable();
        if let Some(kept) = self.near[item].get_mut(side) {
            *kept = places;
        }
    }

    /// The same on both sides, for a whole layer.
    fn look_at(&mut self, row: &[usize]) {
        for item in row {
            self.look(*item, ABOVE);
            self.look(*item, BELOW);
        }
    }

    /// Pairs that cross when one item stands left of another one.
    fn crossed(&self, left: usize, right: usize) -> usize {
        cross::both(&self.near[left], &self.near[right])
    }

    /// Goes down when `round` is even, and up otherwise; each layer is sorted by where the neighbours in the layer before
    /// are: by their medians or by their mean.
    fn sweep(&mut self, layers: &mut Layers, round: usize, mean: bool) {
        let down = round.is_multiple_of(2);
        let count = layers.rows.len();
        let side = if down { ABOVE } else { BELOW };
        let mut moving: Vec<(usize, usize, usize)> = Vec::new();
        let mut moves: Vec<bool> = Vec::new();
        for step in 1..count {
            let layer = if down { step } else { count - 1 - step };
            let mut row = std::mem::take(&mut layers.rows[layer]);
            moving.clear();
            moves.clear();
            for (at, item) in row.iter().enumerate() {
                self.look(*item, side);
                let places = self.near[*item].get(side).map(Vec::as_slice).unwrap_or_default();
                let key = if mean { barycentre(places) } else { median(places) };
                // What has no neighbours there keeps its place.
                moves.push(key.is_some());
                if let Some(key) = key {
                    let tie = if round % 4 < 2 { at } else { row.len() - at };
                    moving.push((key, tie, *item));
                }
            }
            moving.sort_unstable();
            let mut sorted = moving.iter();
            for (item, moves) in row.iter_mut().zip(&moves) {
                if *moves && let Some((_, _, next)) = sorted.next() {
                    *item = *next;
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
            self.look_at(&row);
            for at in 1..row.len() {
                let Some([one, other]) = row.get_mut(at - 1..=at) else { continue };
                let (now, then) = (self.crossed(*one, *other), self.crossed(*other, *one));
                if then < now || (equal && then == now) {
                    self.place[*one] = at;
                    self.place[*other] = at - 1;
                    changed |= then < now;
                    std::mem::swap(one, other);
                }
            }
            layers.rows[layer] = row;
        }
        changed
    }

    /// Moves each item of a layer to where the fewest segments cross. Of places that are equally good the furthest to the left
    /// is taken if `equal` says so: items move past each other without loss, and the next one may gain by it.
    fn sift(&mut self, layers: &mut Layers, layer: usize, equal: bool) {
        let mut row = std::mem::take(&mut layers.rows[layer]);
        self.look_at(&row);
        for item in row.clone() {
            let from = self.place[item];
            // Crossings beside those at the place where it is.
            let (mut best, mut to) = (0_i64, from);
            let mut change = 0;
            for at in (0..from).rev() {
                let other = row.get(at).copied().unwrap_or_default();
                change += difference(self.crossed(item, other), self.crossed(other, item));
                if change < best || (equal && change == best) {
                    (best, to) = (change, at);
                }
            }
            change = 0;
            for at in from + 1..row.len() {
                let other = row.get(at).copied().unwrap_or_default();
                change += difference(self.crossed(other, item), self.crossed(item, other));
                if change < best {
                    (best, to) = (change, at);
                }
            }
            if to != from {
                row.remove(from);
                row.insert(to, item);
                for (place, item) in row.iter().enumerate() {
                    self.place[*item] = place;
                }
            }
        }
        layers.rows[layer] = row;
    }
}

fn difference(one: usize, other: usize) -> i64 {
    i64::try_from(one).unwrap_or(0) - i64::try_from(other).unwrap_or(0)
}

/// The mean, in hundredths.
fn barycentre(places: &[usize]) -> Option<usize> {
    (!places.is_empty()).then(|| 100 * places.iter().sum::<usize>() / places.len())
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
