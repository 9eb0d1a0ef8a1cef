#![doc = include_str!("../pages/W0452.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Handler, Transition};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0452", "a transition that can never fire", include_str!("../pages/W0452.md"));

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
        for (i, later) in transitions.iter().enumerate() {
            let always = |t: &&&Transition| t.cause == later.cause && t.guard.is_none();
            let Some(first) = transitions.iter().take(i).find(always) else { continue };
            // One line of source may leave several states.
            if !reported.insert((first.meta.at, later.meta.at)) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(later.meta.at),
                    format!("{actor}.{name} never gets here: an earlier transition always fires"),
                )
                .with_label("never taken")
                .with_secondary(context.span(first.meta.at), "this one has no guard")
                .with_note(
                    "of the transitions for one cause the first in source order whose guard is true fires",
                )
                .with_help("put it before the one without a guard, or remove it"),
            );
        }
    }
}
