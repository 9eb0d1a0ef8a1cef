//! How many pairs of segments cross.

use super::rank::Layers;
use super::table::Table;

/// Pairs of segments that cross, in all layers (W. Barth, P. Mutzel, M. Jünger, *Simple and Efficient Bilayer Cross
/// Counting*, 2004).
pub(super) fn crossings(layers: &Layers, place: &Table<usize>) -> usize {
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

/// How many pairs of two items cross, above and below, when one stands left of the other.
pub(super) fn both(left: &[Vec<usize>; 2], right: &[Vec<usize>; 2]) -> usize {
    left.iter().zip(right).map(|(left, right)| crossed(left, right)).sum()
}

/// The same towards one layer; places are sorted.
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
