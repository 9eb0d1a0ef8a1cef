#![doc = include_str!("../pages/W0460.md")]

use super::deadline::{Deadlines, leaves, timeouts};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0460", "a time limit that is never reached", include_str!("../pages/W0460.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        if state.limits.len() < 2 || state.passed_through() {
            continue;
        }
        let deadlines = Deadlines::new(context.protocol, actor, name);
        for (index, late) in (0..).zip(&state.limits) {
            // At one instant the one that stands first in the source fires first.
            let first = timeouts(state).find(|(other, first)| {
                *other != index
                    && leaves(context.protocol, name, state, *other)
                    && deadlines.never_before(late, first, *other > index)
            });
            let Some((_, first)) = first else { continue };
            if !reported.insert((late.meta.at, first.meta.at)) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(late.meta.at),
                    format!("{actor_name} has always left {name} before this limit is reached"),
                )
                .with_label("never fires")
                .with_secondary(context.span(first.meta.at), "this one is over first, and always leaves")
                .with_note(
                    "timers run from the entry of the state; the first one that leaves ends the others",
                )
                .with_help("make it the shorter one, or remove it"),
            );
        }
    }
}
