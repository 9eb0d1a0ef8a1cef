//! Places across. First every item comes as near as its layer lets it to where its neighbours are, in turns; that alone
//! leaves long links a little crooked. Then a network simplex makes the sum of all sideways distances least, those of
//! lanes counting most, so that they become straight (Gansner and others, 1993, section 4). Where it is stopped
//! because the graph is large, the better of the two stands.

use super::rank::{Item, Kind, Layers};
use super::route::GAP;
use super::simplex::{self, Edge};
use super::table::Table;

/// Between two nodes, and between two lanes.
const NODE_GAP: i64 = 30;
const LANE_GAP: i64 = 14;
/// Between two links at the side of a node, unless it is too narrow.
const PORT_GAP: i64 = 20;
/// From the corner of a node to the first link.
const PORT_MARGIN: i64 = 12;
/// Turns of the first step, each once down and once up.
const TURNS: usize = 12;
/// Items and segments of the largest graph that the second step looks at.
const EXACT_MAX: usize = 12_000;

/// Sets the ports of all segments and the places of all items.
pub(super) fn place(layers: &mut Layers) {
    ports(layers);
    let offsets = offsets(layers);
    pack(layers, &offsets);
    for turn in 0..TURNS {
        approach(layers, &offsets, turn % 2 == 0);
    }
    if layers.items.len() + layers.segments.len() <= EXACT_MAX {
        straighten(layers);
    }
    let least = layers.items.iter().map(|item| item.at - item.left).min().unwrap_or(0);
    for item in layers.items.iter_mut() {
        item.at -= least;
    }
}

fn ports(layers: &mut Layers) {
    let mut places: Table<usize> = Table::new(layers.items.len());
    for row in layers.rows.iter() {
        for (place, item) in row.iter().enumerate() {
            places[*item] = place;
        }
    }
    for number in 0..layers.items.len() {
        let Kind::Node(_) = layers.items[number].kind else { continue };
        for above in [true, false] {
            let item = &layers.items[number];
            let mut segments = if above { item.above.clone() } else { item.below.clone() };
            segments.sort_by_key(|segment| {
                let segment = &layers.segments[*segment];
                places[if above { segment.upper } else { segment.lower }]
            });
            let count = i64::try_from(segments.len()).unwrap_or(i64::MAX);
            // The box is as wide to the right as to the left; a loop is to the right of it.
            let room = 2 * item.left - 2 * PORT_MARGIN;
            let step = PORT_GAP.min(room / (count - 1).max(1)).max(1);
            let mut port = -step * (count - 1) / 2;
            for segment in segments {
                let segment = &mut layers.segments[segment];
                if above {
                    segment.lower_port = port;
                } else {
                    segment.upper_port = port;
                }
                port += step;
            }
        }
    }
}

/// Least distance of two neighbours.
fn distance(left: &Item, right: &Item) -> i64 {
    let gap = match (left.kind, right.kind) {
        (Kind::Node(_), Kind::Node(_)) => NODE_GAP,
        (Kind::Lane, Kind::Lane) => LANE_GAP,
        (Kind::Node(_) | Kind::Label | Kind::Lane, Kind::Node(_) | Kind::Label | Kind::Lane) => GAP,
    };
    left.right + gap + right.left
}

/// For each item the least distance from the first one of its layer.
fn offsets(layers: &Layers) -> Table<i64> {
    let mut offsets = Table::new(layers.items.len());
    for row in layers.rows.iter() {
        for (left, right) in row.iter().zip(row.iter().skip(1)) {
            offsets[*right] = offsets[*left] + distance(&layers.items[*left], &layers.items[*right]);
        }
    }
    offsets
}

/// As close as possible, around one middle.
fn pack(layers: &mut Layers, offsets: &Table<i64>) {
    for row in layers.rows.clone().iter() {
        let width = row.last().map_or(0, |last| offsets[*last]);
        for item in row {
            layers.items[*item].at = offsets[*item] - width / 2;
        }
    }
}

fn weight(one: Kind, other: Kind) -> i64 {
    match (one, other) {
        (Kind::Node(_), Kind::Node(_)) => 1,
        (Kind::Node(_), _) | (_, Kind::Node(_)) => 2,
        (Kind::Lane | Kind::Label, Kind::Lane | Kind::Label) => 8,
    }
}

/// One turn through the layers. For each the places are best: the least sum of weighted squares of distances to the
/// neighbours' places among all that keep order and distances (isotonic regression by pooling adjacent violators).
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "places are far below 2^52")]
fn approach(layers: &mut Layers, offsets: &Table<i64>, down: bool) {
    let count = layers.rows.len();
    for step in 0..count {
        let row = layers.rows[if down { step } else { count - 1 - step }].clone();
        // Sum of weights, of weighted places, and how many items.
        let mut pools: Vec<(f64, f64, usize)> = Vec::new();
        for number in &row {
            let item = &layers.items[*number];
            // What has no neighbours stays where it is, as far as nobody minds.
            let (mut weights, mut sum) = (0.01, 0.01 * item.at as f64);
            for segment in item.above.iter().chain(&item.below) {
                let segment = &layers.segments[*segment];
                let (own, other, there) = if segment.upper == *number {
                    (segment.upper_port, segment.lower, segment.lower_port)
                } else {
                    (segment.lower_port, segment.upper, segment.upper_port)
                };
                let weight = weight(item.kind, layers.items[other].kind) as f64;
                weights += weight;
                sum += weight * (layers.items[other].at + there - own) as f64;
            }
            let mut pool = (weights, sum - weights * offsets[*number] as f64, 1);
            while let Some(before) = pools.last().copied().filter(|p| p.1 / p.0 >= pool.1 / pool.0) {
                pools.pop();
                pool = (before.0 + pool.0, before.1 + pool.1, before.2 + pool.2);
            }
            pools.push(pool);
        }
        let mut items = row.iter();
        for (weights, sum, count) in pools {
            let place = (sum / weights).round() as i64;
            for item in items.by_ref().take(count) {
                layers.items[*item].at = place + offsets[*item];
            }
        }
    }
}

/// Weighted sum of sideways distances.
fn cost(layers: &Layers) -> i64 {
    let of = |segment: &super::rank::Segment| {
        let (upper, lower) = (&layers.items[segment.upper], &layers.items[segment.lower]);
        let distance = (upper.at + segment.upper_port - lower.at - segment.lower_port).abs();
        distance * weight(upper.kind, lower.kind)
    };
    layers.segments.iter().map(of).sum()
}

fn straighten(layers: &mut Layers) {
    let count = layers.items.len();
    let mut edges = Vec::new();
    let mut start: Vec<i64> = layers.items.iter().map(|item| item.at).collect();
    for row in layers.rows.iter() {
        for (left, right) in row.iter().zip(row.iter().skip(1)) {
            let minimum = distance(&layers.items[*left], &layers.items[*right]);
            edges.push(Edge { tail: *left, head: *right, minimum, weight: 0 });
        }
    }
    for (number, segment) in layers.segments.iter().enumerate() {
        let (upper, lower) = (&layers.items[segment.upper], &layers.items[segment.lower]);
        let weight = weight(upper.kind, lower.kind);
        // A point left of both ends: how far they are to the right of it is how far they are from each other.
        let (upper_end, lower_end) = (upper.at + segment.upper_port, lower.at + segment.lower_port);
        start.push(upper_end.min(lower_end));
        for (head, port) in [(segment.upper, segment.upper_port), (segment.lower, segment.lower_port)] {
            edges.push(Edge { tail: count + number, head, minimum: -port, weight });
        }
    }
    let before = (cost(layers), layers.items.iter().map(|item| item.at).collect::<Vec<_>>());
    let places = simplex::solve(count + layers.segments.len(), &edges, start);
    for (item, place) in layers.items.iter_mut().zip(places) {
        item.at = place;
    }
    if cost(layers) > before.0 {
        for (item, place) in layers.items.iter_mut().zip(before.1) {
            item.at = place;
        }
    }
}
