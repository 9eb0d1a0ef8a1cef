//! What needs the whole graph: that every session can end, `eventually`, `leads`.
//!
//! Successors are computed again rather than stored: they are lookups, and edges would take several times the memory
//! of the states.

use super::explore::{Explorer, Label, known, said};
use super::property::{Properties, Values, bit};
use super::record::Records;
use super::space::{NONE, Space};
use super::table::index;

/// A set of states.
#[derive(Debug, Clone)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    pub fn new(count: usize) -> Marks {
        Marks(vec![0; count.div_ceil(64)])
    }

    pub fn has(&self, number: u32) -> bool {
        let at = index(number);
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Adds it; was it new?
    pub fn add(&mut self, number: u32) -> bool {
        let at = index(number);
        let Some(word) = self.0.get_mut(at / 64) else { return false };
        let bit = 1u64 << (at % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

/// What the graph says about a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Graph {
    /// It holds.
    Holds,
    /// It does not: states from the first one of the path on.
    Path(Vec<u32>),
    /// It is not known, and why.
    Open(String),
}

/// States between two looks at the clock.
const LOOK_EVERY: u32 = 1 << 10;

fn time_is_over() -> Graph {
    Graph::Open("--time was over".to_owned())
}

/// Numbers of the successors of a state.
fn successors(explorer: &mut Explorer<'_>, space: &Space, state: u32) -> Vec<u32> {
    let mut numbers = Vec::new();
    let vector = space.get(state).to_vec();
    explorer.successors(&vector, &mut |_: &Label, next| numbers.extend(known(space, next)));
    numbers
}

/// The same without those for which byzantine members have to say something, where that is counted: they cannot do so
/// for ever, and nobody may depend on it.
fn unaided(explorer: &mut Explorer<'_>, space: &Space, state: u32) -> Vec<u32> {
    let mut numbers = Vec::new();
    let vector = space.get(state).to_vec();
    explorer.successors(&vector, &mut |_: &Label, next| {
        if said(next) == said(&vector) {
            numbers.extend(known(space, next));
        }
    });
    numbers
}

/// From every state one can be reached in which every instance is over or may stay.
pub(super) fn can_end(explorer: &mut Explorer<'_>, space: &Space, over: &mut dyn FnMut() -> bool) -> Graph {
    let count = u32::try_from(space.len()).unwrap_or(NONE);
    let mut good = Marks::new(space.len());
    let mut cut = false;
    for number in 0..count {
        if number % LOOK_EVERY == 0 && over() {
            return time_is_over();
        }
        let standing = explorer.standing(space.get(number));
        // What lies beyond the horizon is not known; it is not held against the protocol, but said.
        if standing.ended || standing.cut {
            good.add(number);
            cut |= standing.cut && !standing.ended;
        }
    }
    loop {
        let mut changed = false;
        for number in (0..count).rev() {
            if number % LOOK_EVERY == 0 && over() {
                return time_is_over();
            }
            if !good.has(number) && unaided(explorer, space, number).iter().any(|next| good.has(*next)) {
                changed |= good.add(number);
            }
        }
        if !changed {
            break;
        }
    }
    match (0..count).find(|number| !good.has(*number)) {
        Some(bad) => Graph::Path(back(space, bad)),
        None if cut => Graph::Open("some sessions are still under way at the horizon".to_owned()),
        None => Graph::Holds,
    }
}

/// The states from the first one to a state.
pub(super) fn back(space: &Space, mut number: u32) -> Vec<u32> {
    let mut path = Vec::new();
    while number != NONE && path.len() <= space.len() {
        path.push(number);
        number = space.parent(number);
    }
    path.reverse();
    path
}

/// Whenever `from` holds (or at the start, without one), `to` holds then or later, on every fair run.
///
/// Fair: every armed timer fires, every task ends, everything that the scope makes happen happens; any message may be
/// lost. So a run that breaks the claim stays in states without `to` until nothing has to happen any more, or for ever.
pub(super) fn leads(
    explorer: &mut Explorer<'_>,
    properties: &mut Properties,
    records: &mut Records,
    space: &Space,
    from: Option<usize>,
    to: usize,
    over: &mut dyn FnMut() -> bool,
) -> Graph {
    let count = u32::try_from(space.len()).unwrap_or(NONE);
    let mut values = |explorer: &mut Explorer<'_>, number: u32| -> Values {
        properties.values(explorer, records, space.get(number))
    };
    let mut parents = vec![NONE; space.len()];
    let mut reached = Marks::new(space.len());
    let mut order: Vec<u32> = Vec::new();
    for number in 0..count {
        let values = values(explorer, number);
        let begins = from.map_or(number == 0, |from| values.holds & bit(from) != 0);
        if begins && values.holds & bit(to) == 0 {
            reached.add(number);
            order.push(number);
        }
        if from.is_none() {
            break;
        }
    }
    let begun = order.len();
    let mut passed = Marks::new(space.len());
    let mut cut = false;
    let mut at = 0;
    while let Some(number) = order.get(at).copied() {
        at += 1;
        if at % 1_024 == 0 && over() {
            return time_is_over();
        }
        let standing = explorer.standing(space.get(number));
        if standing.may_stay {
            let mut path = vec![number];
            let mut first = number;
            while let Some(parent) = parents.get(index(first)).copied().filter(|parent| *parent != NONE) {
                path.push(parent);
                first = parent;
            }
            path.reverse();
            let mut whole = back(space, first);
            whole.extend(path.into_iter().skip(1));
            return Graph::Path(whole);
        }
        cut |= standing.cut;
        if standing.goes_on {
            // Nobody goes round for ever here: what is next in time comes.
            passed.add(number);
        }
        for next in successors(explorer, space, number) {
            if values(explorer, next).holds & bit(to) == 0 && reached.add(next) {
                if let Some(parent) = parents.get_mut(index(next)) {
                    *parent = number;
                }
                order.push(next);
            }
        }
    }
    if cut {
        return Graph::Open("a run goes on beyond the horizon".to_owned());
    }
    order.retain(|number| !passed.has(*number));
    let mut staying = Marks::new(space.len());
    order.iter().for_each(|number| {
        staying.add(*number);
    });
    if begun > 0 && has_cycle(explorer, space, &order, &staying) {
        return Graph::Open("a run can go round without it; whether fairly, is not decided".to_owned());
    }
    Graph::Holds
}

/// Is there a cycle among these states?
fn has_cycle(explorer: &mut Explorer<'_>, space: &Space, among: &[u32], reached: &Marks) -> bool {
    let mut incoming = vec![0u32; space.len()];
    let each = |explorer: &mut Explorer<'_>, number: u32| -> Vec<u32> {
        let mut next = unaided(explorer, space, number);
        next.retain(|next| reached.has(*next));
        next
    };
    for number in among {
        for next in each(explorer, *number) {
            if let Some(count) = incoming.get_mut(index(next)) {
                *count += 1;
            }
        }
    }
    let none = |incoming: &[u32], number: u32| incoming.get(index(number)).is_some_and(|count| *count == 0);
    let mut open: Vec<u32> = among.iter().copied().filter(|number| none(&incoming, *number)).collect();
    let mut removed = 0usize;
    while let Some(number) = open.pop() {
        removed += 1;
        for next in each(explorer, number) {
            if let Some(count) = incoming.get_mut(index(next)) {
                *count = count.saturating_sub(1);
            }
            if none(&incoming, next) {
                open.push(next);
            }
        }
    }
    removed < among.len()
}
