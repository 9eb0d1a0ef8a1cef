#![doc = include_str!("pages/E0458.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Expr, Handler, Transition};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = error("E0458", "a transition written twice", include_str!("pages/E0458.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for (actor, _, name, state) in walk::states(context.protocol) {
        let transitions: Vec<&Transition> = state
            .handlers
            .iter()
            .filter_map(|h| match h {
                Handler::Transition(t) => Some(t),
                Handler::Collect(_) => None,
            })
            .collect();
        for (i, second) in transitions.iter().enumerate() {
            let Some(first) = transitions.iter().take(i).find(|first| same(first, second)) else { continue };
            // `any ->` and lists of states repeat one line of source in many states.
            if !reported.insert((first.meta.at, second.meta.at)) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(second.meta.at),
                    format!("{actor}.{name} has this transition already"),
                )
                .with_label("never taken: the first one is")
                .with_secondary(context.span(first.meta.at), "the first one")
                .with_note(
                    "of the transitions for one cause the first in source order whose guard is true fires",
                )
                .with_help("remove one of them, or give them different guards"),
            );
        }
    }
}

/// Same cause and same condition: the second can never fire.
fn same(a: &Transition, b: &Transition) -> bool {
    a.cause == b.cause
        && a.lets.len() == b.lets.len()
        && a.lets.iter().zip(&b.lets).all(|((_, a), (_, b))| alike(a, b))
        && match (&a.guard, &b.guard) {
            (None, None) => true,
            (Some(a), Some(b)) => alike(a, b),
            (None, Some(_)) | (Some(_), None) => false,
        }
}

/// Equal but for positions. Slots are numbered from the start of each frame, so equal text has equal slots.
fn alike(a: &Expr, b: &Expr) -> bool {
    a.ty == b.ty && bare(a).is_some_and(|a| Some(a) == bare(b))
}

fn bare(expr: &Expr) -> Option<serde_json::Value> {
    let mut value = serde_json::to_value(expr).ok()?;
    strip(&mut value);
    Some(value)
}

fn strip(value: &mut serde_json::Value) {
    if let Some(object) = value.as_object_mut() {
        object.remove("meta");
        object.values_mut().for_each(strip);
    } else if let Some(list) = value.as_array_mut() {
        list.iter_mut().for_each(strip);
    }
}
