#![doc = include_str!("../pages/W0450.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("W0450", "a state that cannot be reached", include_str!("../pages/W0450.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        let mut seen = BTreeSet::new();
        let mut open = vec![actor.initial.as_str()];
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let handlers = actor.states.get(name).into_iter().flat_map(|s| &s.handlers);
            open.extend(handlers.flat_map(walk::branches).map(|branch| branch.to.as_str()));
        }
        for (name, state) in &actor.states {
            if !seen.contains(name.as_str()) {
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(state.meta.at),
                        format!("no transition of {actor_name} leads to {name}"),
                    )
                    .with_label("never entered")
                    .with_note(
                        "nothing that happens brings an instance there, so what is written for it never runs",
                    )
                    .with_help("add the transition that is missing, or remove the state"),
                );
            }
        }
    }
}
