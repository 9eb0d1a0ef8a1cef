//! Parameters, functions and views that stand for something else under the same name, with all that follows from it.

use super::joint::{Joint, Root};
use super::limit::{LONGER, SHORTER};
use super::{Follows, Roots};
use crate::diff::kind;
use crate::diff::pair::{Draft, Pair};
use crate::diff::report::{Change, Direction, Outcome};
use omt_runtime::ir::{Parameter, ParameterValue};
use std::cmp::Ordering;

/// Consequences that are listed; what feeds more is felt everywhere.
const AFFECTS_MAX: usize = 20;

/// A parameter's value as written, with its unit.
pub fn written(p: &Parameter) -> String {
    match &p.meta.unit {
        Some(unit) => format!("{} {unit}", p.meta.written),
        None => p.meta.written.clone(),
    }
}

/// One change for each of them.
pub fn compare(pair: &Pair<'_>, joint: &Joint, roots: &Roots, out: &mut Vec<Change>) {
    for root in &joint.roots {
        let follows = roots.of(root);
        match root {
            Root::Parameter(name) => {
                if let (Some(a), Some(b)) = (pair.old.parameters.get(name), pair.new.parameters.get(name)) {
                    out.push(parameter(pair, name, (a, b), &follows));
                }
            }
            Root::Function(name) => {
                let at = |p: &omt_runtime::ir::Protocol| p.functions.get(name).map(|f| f.meta.at);
                let draft = Draft::new(
                    kind::FUNCTION_CHANGED,
                    format!("function {} computes something else", plain(name)),
                    "everything that calls it decides or says something else",
                )
                .at(at(pair.old).and_then(|at| pair.old_at(at)), at(pair.new).and_then(|at| pair.new_at(at)));
                out.push(finished(draft, &follows, "the two may compute different values"));
            }
            Root::View(name) => {
                let at = |p: &omt_runtime::ir::Protocol| p.views.get(name).map(|v| v.meta.at);
                let draft = Draft::new(
                    kind::VIEW_CHANGED,
                    format!("view {name} computes something else"),
                    "parties agree because each computes the same from the same chain",
                )
                .at(at(pair.old).and_then(|at| pair.old_at(at)), at(pair.new).and_then(|at| pair.new_at(at)));
                out.push(finished(draft, &follows, "the two may make something else of the same chain"));
            }
        }
    }
}

/// A generic function without the types of its instance.
fn plain(name: &str) -> &str {
    name.split_once('<').map_or(name, |(plain, _)| plain)
}

fn finished(draft: Draft, follows: &[Follows], text: &str) -> Change {
    let worst = |which: fn(&Follows) -> Outcome| follows.iter().map(which).max();
    let direction = |outcome: Option<Outcome>| match outcome {
        Some(Outcome::Works) => Direction::works("nothing that passed or was in time is affected"),
        Some(Outcome::Fails) => Direction::fails("what one version lets through is refused by the other"),
        Some(Outcome::Depends) | None => Direction::depends(text),
    };
    draft.affects(affects(follows)).meets(direction(worst(|f| f.1)), direction(worst(|f| f.2)))
}

fn affects(follows: &[Follows]) -> Vec<String> {
    let mut list: Vec<String> = follows.iter().map(|(text, _, _)| text.clone()).collect();
    let more = list.len().saturating_sub(AFFECTS_MAX);
    list.truncate(AFFECTS_MAX);
    if more > 0 {
        list.push(format!("… {more} more"));
    }
    list
}

fn parameter(pair: &Pair<'_>, name: &str, (a, b): (&Parameter, &Parameter), follows: &[Follows]) -> Change {
    let what = format!("{name} is {}, was {}", written(b), written(a));
    let places = (pair.old_at(a.meta.base.at), pair.new_at(b.meta.base.at));
    let limits_only = !follows.is_empty()
        && follows.iter().all(|(text, _, _)| text.starts_with("time limit") || text.starts_with("period"));
    let order = compared(&a.value, &b.value);
    let draft = |kind, why: &str| Draft::new(kind, what.clone(), why).at(places.0.clone(), places.1.clone());
    match order {
        Some(Ordering::Greater) if limits_only => {
            draft(kind::LIMIT_SHORTENED, SHORTER).affects(affects(follows)).meets(
                Direction::depends("what an old node sends in time by the old limit may come too late"),
                Direction::works("an old node waits longer than needed"),
            )
        }
        Some(Ordering::Less) if limits_only => {
            draft(kind::LIMIT_LENGTHENED, LONGER).affects(affects(follows)).meets(
                Direction::works("whatever was in time still is"),
                Direction::works("a new node is in time if it keeps to the old limit"),
            )
        }
        _ => finished(
            draft(
                kind::PARAMETER_CHANGED,
                "it is part of the protocol: every node of a session has the same value",
            ),
            follows,
            "the two may decide differently",
        ),
    }
}

/// Values of one type by size.
fn compared(a: &ParameterValue, b: &ParameterValue) -> Option<Ordering> {
    match (a, b) {
        (ParameterValue::Uint(a), ParameterValue::Uint(b)) => Some(a.cmp(b)),
        (ParameterValue::Int(a), ParameterValue::Int(b))
        | (ParameterValue::Duration(a), ParameterValue::Duration(b)) => Some(a.cmp(b)),
        (
            ParameterValue::Uint(_)
            | ParameterValue::Int(_)
            | ParameterValue::Duration(_)
            | ParameterValue::Decimal { .. }
            | ParameterValue::Text(_),
            _,
        ) => None,
    }
}
