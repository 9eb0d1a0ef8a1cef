//! How large a scope may be that is not explored to its end.
//!
//! Random runs on the same graph, and how many of their states had been reached: the share of marked ones among those
//! that are caught again (Lincoln and Petersen). Knuth's estimate of a tree from random paths would count the ways to a
//! state, of which there are far more than states.

use super::explore::{Explorer, Label};
use super::outcome::Estimate;
use super::space::{NONE, Space};
use super::table::index;
use super::walk::Dice;

/// Random runs.
const RUNS: usize = 64;
/// Steps of a run, at most.
const STEPS_MAX: usize = 256;

/// New states at each depth.
pub(super) fn levels(space: &Space) -> Vec<usize> {
    let mut depths: Vec<u32> = Vec::with_capacity(space.len());
    let mut levels: Vec<usize> = Vec::new();
    for number in 0..u32::try_from(space.len()).unwrap_or(NONE) {
        let parent = space.parent(number);
        let depth = depths.get(index(parent)).map_or(0, |depth| depth + 1);
        depths.push(depth);
        let depth = index(depth);
        if levels.len() <= depth {
            levels.resize(depth + 1, 0);
        }
        if let Some(level) = levels.get_mut(depth) {
            *level += 1;
        }
    }
    levels
}

/// Whether a state was reached.
type Known<'k, 'm> = &'k mut dyn FnMut(&mut Explorer<'m>, &[u32]) -> bool;

/// Goes on random runs until `halt` of the engine, or enough of them.
pub(super) fn estimate<'m>(explorer: &mut Explorer<'m>, first: &[u32], known: Known<'_, 'm>) -> Estimate {
    let mut estimate = Estimate::default();
    let mut dice = Dice::new(0);
    let mut met = Space::new(explorer.width());
    for _ in 0..RUNS {
        let mut state = first.to_vec();
        let mut steps = 0;
        while steps < STEPS_MAX && !explorer.engine.halt.now() {
            let mut next: Vec<u32> = Vec::new();
            let mut seen = 0;
            explorer.successors(&state, &mut |_: &Label, successor| {
                seen += 1;
                // Each with the same chance.
                if dice.below(seen) == 0 {
                    next = successor.to_vec();
                }
            });
            if next.is_empty() || explorer.engine.halt.hit().is_some() {
                break;
            }
            state = next;
            steps += 1;
            if met.add(&state, NONE).1 {
                estimate.met += 1;
                estimate.known += usize::from(known(explorer, &state));
            }
        }
        estimate.runs += 1;
        estimate.steps_max = estimate.steps_max.max(steps);
        if explorer.engine.halt.hit().is_some() {
            break;
        }
    }
    estimate
}
