//! Time limits and periods of a state.

use super::Spot;
use super::joint::Root;
use crate::diff::kind;
use crate::diff::pair::Draft;
use crate::diff::report::{Change, Direction, Outcome};
use omt_runtime::ir::{Expr, ExprKind, Limit, LimitKind, ParameterValue, Protocol, State, describe};

/// Which limit of the old state is which of the new one, by index: of the same kind and path, else in order.
pub fn matched(old: &State, new: &State) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    let mut open: Vec<usize> = (0..new.limits.len()).collect();
    let mut left: Vec<usize> = Vec::new();
    let same: [fn(&Limit, &Limit) -> bool; 2] = [
        |a, b| a.kind == b.kind && describe::path(&a.value) == describe::path(&b.value),
        |a, b| a.kind == b.kind,
    ];
    let mut wanted: Vec<usize> = (0..old.limits.len()).collect();
    for rule in same {
        for index in std::mem::take(&mut wanted) {
            let a = old.limits.get(index);
            let twin = open.iter().position(|j| match (a, new.limits.get(*j)) {
                (Some(a), Some(b)) => rule(a, b),
                _ => false,
            });
            match twin {
                Some(position) => pairs.push((Some(index), Some(open.remove(position)))),
                None => left.push(index),
            }
        }
        std::mem::swap(&mut wanted, &mut left);
    }
    pairs.extend(wanted.into_iter().map(|i| (Some(i), None)));
    pairs.extend(open.into_iter().map(|j| (None, Some(j))));
    pairs.sort_by_key(|(a, b)| (b.is_none(), *b, *a));
    pairs
}

/// `ANSWER_TIMEOUT (5 seconds)`, or the field that holds it.
fn shown(protocol: &Protocol, value: &Expr) -> String {
    let path = describe::path(value);
    let named = if let ExprKind::Parameter(name) = &value.kind { Some(name) } else { None };
    match named.and_then(|name| protocol.parameters.get(name)) {
        Some(p) => format!("{path} ({})", super::constant::written(p)),
        None => format!("`{path}`"),
    }
}

fn microseconds(protocol: &Protocol, value: &Expr) -> Option<i64> {
    #[allow(clippy::wildcard_enum_match_arm, reason = "nothing else has a value that is written down")]
    match &value.kind {
        ExprKind::Parameter(name) => match protocol.parameters.get(name)?.value {
            ParameterValue::Duration(value) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// What somebody else does while this state waits.
fn waited(state: &State) -> String {
    let messages: Vec<&str> = state.handled_messages().into_iter().collect();
    if messages.is_empty() { "what it waits for".to_owned() } else { messages.join(", ") }
}

fn word(limit: &Limit) -> &'static str {
    match limit.kind {
        LimitKind::Timeout => "time limit",
        LimitKind::Period => "period",
    }
}

/// Everything about the limits of a state.
pub fn compare(spot: &Spot<'_>, out: &mut Vec<Change>) {
    let pair = spot.machine.pair;
    for (i, j) in matched(spot.old, spot.new) {
        let a = i.and_then(|i| spot.old.limits.get(i));
        let b = j.and_then(|j| spot.new.limits.get(j));
        let at = |draft: Draft| {
            draft.at(a.and_then(|l| pair.old_at(l.value.meta)), b.and_then(|l| pair.new_at(l.value.meta)))
        };
        match (a, b) {
            (Some(a), Some(b)) => both(spot, a, b, &at, out),
            (Some(a), None) => out.push(
                at(spot.draft(
                    kind::LIMIT_REMOVED,
                    format!("{} {} is gone", word(a), shown(pair.old, &a.value)),
                    "what ended or repeated by time no longer does",
                ))
                .meets(
                    Direction::depends("an old node may wait for what a new one did when its time was up"),
                    Direction::works("an old node keeps its limit"),
                ),
            ),
            (None, Some(b)) if b.kind == LimitKind::Period => out.push(
                at(spot.draft(
                    kind::LIMIT_ADDED,
                    format!("{} {} is new", word(b), shown(pair.new, &b.value)),
                    "something repeats by time that did not",
                ))
                .meets(
                    Direction::depends("an old node does not expect what a new one repeats"),
                    Direction::works("an old node waits as before"),
                ),
            ),
            (None, Some(b)) => out.push(
                at(spot.draft(
                    kind::LIMIT_ADDED,
                    format!("{} {} is new", word(b), shown(pair.new, &b.value)),
                    "what could wait for as long as it took now ends or repeats by time",
                ))
                .meets(
                    Direction::depends(format!(
                        "{} that an old node sends after that may come too late",
                        waited(spot.new)
                    )),
                    Direction::works("an old node waits as before"),
                ),
            ),
            (None, None) => {}
        }
    }
}

fn both(spot: &Spot<'_>, a: &Limit, b: &Limit, at: &dyn Fn(Draft) -> Draft, out: &mut Vec<Change>) {
    let pair = spot.machine.pair;
    let same_path = describe::path(&a.value) == describe::path(&b.value);
    let (x, y) = (microseconds(pair.old, &a.value), microseconds(pair.new, &b.value));
    let shorter = match (x, y) {
        (Some(x), Some(y)) if x == y && same_path => return,
        (Some(x), Some(y)) => Some(x.cmp(&y)),
        _ if same_path => return,
        _ => None,
    };
    if same_path {
        // The parameter has changed: it says so once, for all that it limits.
        let outcomes = match shorter {
            Some(std::cmp::Ordering::Greater) => (Outcome::Depends, Outcome::Works),
            _ => (Outcome::Works, Outcome::Works),
        };
        let text = format!("{} of {} in {}", word(b), spot.machine.name, spot.name);
        spot.machine.roots.add(&Root::Parameter(describe::path(&b.value)), text, outcomes);
        return;
    }
    let what = format!("{} is {}, was {}", word(b), shown(pair.new, &b.value), shown(pair.old, &a.value));
    out.push(match shorter {
        Some(std::cmp::Ordering::Greater) => at(spot.draft(kind::LIMIT_SHORTENED, what, SHORTER)).meets(
            Direction::depends(format!(
                "{} of an old node that counts on the old limit comes too late",
                waited(spot.new)
            )),
            Direction::works("an old node waits longer than needed"),
        ),
        Some(std::cmp::Ordering::Less) => at(spot.draft(kind::LIMIT_LENGTHENED, what, LONGER)).meets(
            Direction::works("whatever was in time still is"),
            Direction::works("a new node is in time if it keeps to the old limit"),
        ),
        Some(std::cmp::Ordering::Equal) => {
            at(spot.draft(kind::LIMIT_CHANGED, what, "another name for the same time")).meets(
                Direction::works("nothing comes earlier or later"),
                Direction::works("nothing comes earlier or later"),
            )
        }
        None => at(spot.draft(kind::LIMIT_CHANGED, what, "when the time is up is decided elsewhere")).either(
            &Direction::depends(format!(
                "{} may come too late for one and in time for the other",
                waited(spot.new)
            )),
        ),
    });
}

/// Why a shorter limit matters.
pub const SHORTER: &str = "an answer that was in time may come too late";
/// Why a longer limit matters.
pub const LONGER: &str = "whoever waits for the end of this wait waits longer, too";
