#![doc = include_str!("../pages/W0453.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0453", "a state from which there is no end", include_str!("../pages/W0453.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        // Backwards from the ends, until nothing is added.
        let mut ending: BTreeSet<&str> = actor
            .states
            .iter()
            .filter(|(_, s)| s.terminal || s.rest)
            .map(|(name, _)| name.as_str())
            .collect();
        loop {
            let before = ending.len();
            for (name, state) in &actor.states {
                if state.handlers.iter().flat_map(walk::branches).any(|b| ending.contains(b.to.as_str())) {
                    ending.insert(name);
                }
            }
            if ending.len() == before {
                break;
            }
        }
        let lost: Vec<_> = actor.states.iter().filter(|(name, _)| !ending.contains(name.as_str())).collect();
        // The first one in the source stands for all.
        let Some((name, state)) = lost.iter().min_by_key(|(_, state)| state.meta.at) else { continue };
        let others: Vec<&str> = lost.iter().map(|(other, _)| other.as_str()).filter(|o| o != name).collect();
        let mut diagnostic = Diagnostic::new(
            CODE,
            context.span(state.meta.at),
            format!("from {actor_name}.{name} no terminal or rest state can be reached"),
        )
        .with_label("a session that is here never ends")
        .with_help(
            "add a transition to a terminal state, or declare the state in which it comes to rest `rest`",
        );
        if !others.is_empty() {
            diagnostic = diagnostic.with_note(format!("the same holds for {}", others.join(", ")));
        }
        found.push(diagnostic);
    }
}
