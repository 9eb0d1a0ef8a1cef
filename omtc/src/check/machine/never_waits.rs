#![doc = include_str!("../pages/W0457.md")]

use super::never_fires::transitions;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Cause, Handler};

/// Its code.
pub const CODE: Code =
    warning("W0457", "a state that never waits reacts to something", include_str!("../pages/W0457.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Labels for what never happens; one would do.
const LABEL_COUNT_MAX: usize = 3;

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor, _, name, state) in walk::states(context.protocol) {
        let leaves = transitions(state)
            .find(|t| t.cause == Cause::Auto && (t.guard.is_none() || t.otherwise.is_some()));
        let Some(leaves) = leaves else { continue };
        let waiting: Vec<_> = state
            .handlers
            .iter()
            .filter(|handler| match handler {
                Handler::Transition(t) => t.cause != Cause::Auto,
                Handler::Collect(_) => true,
            })
            .collect();
        if waiting.is_empty() {
            continue;
        }
        let (label, help) = if leaves.otherwise.is_some() {
            (
                "when its guard is false, the `else` leaves the state",
                "leave the `else` out if the state is to wait; else put the other transitions where it leads",
            )
        } else {
            (
                "this one has no guard, so it always leaves the state",
                "give it a guard if the state is to wait; else put the other transitions where it leads",
            )
        };
        let mut diagnostic = Diagnostic::new(
            CODE,
            context.span(leaves.meta.at),
            format!("{actor} never waits in {name}, so what it reacts to there never happens"),
        )
        .with_label(label)
        .with_note("a state with an `auto` that always leaves is passed through in the step that enters it")
        .with_help(help);
        for handler in waiting.into_iter().take(LABEL_COUNT_MAX) {
            diagnostic = diagnostic.with_secondary(context.span(walk::place(handler)), "never happens");
        }
        found.push(diagnostic);
    }
}
