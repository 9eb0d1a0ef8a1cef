#![doc = include_str!("../pages/W0459.md")]

use super::deadline::Deadlines;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{ExprKind, LimitKind};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0459", "a time limit that is over at once", include_str!("../pages/W0459.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        if state.limits.is_empty() {
            continue;
        }
        let deadlines = Deadlines::new(context.protocol, actor, name);
        for limit in state.limits.iter().filter(|limit| deadlines.over(limit)) {
            if !reported.insert(limit.meta.at) {
                continue;
            }
            let (what, note) = match limit.kind {
                LimitKind::Timeout => (
                    format!("the time limit of {actor_name}.{name} is over when the state is entered"),
                    "the state waits for nothing: a limit that has passed fires at once",
                ),
                LimitKind::Period => (
                    format!("the period of {actor_name}.{name} has no length"),
                    "a period is at least a microsecond, so this one fires without pause",
                ),
            };
            let mut diagnostic = Diagnostic::new(CODE, context.span(limit.meta.at), what)
                .with_label("not in the future")
                .with_note(note)
                .with_help("give it a length, or leave the state by `auto`");
            if let ExprKind::Parameter(name) = &limit.value.kind
                && let Some(parameter) = context.protocol.parameters.get(name)
            {
                diagnostic =
                    diagnostic.with_secondary(context.span(parameter.meta.base.at), "this is how long it is");
            }
            found.push(diagnostic);
        }
    }
}
