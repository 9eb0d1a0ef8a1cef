#![doc = include_str!("../pages/W0461.md")]

use super::never_fires::transitions;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Actor, Cause};

/// Its code.
pub const CODE: Code =
    warning("W0461", "a trigger that is refused where it may be fired", include_str!("../pages/W0461.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        for (name, trigger) in &actor.triggers {
            let idle: Vec<&str> =
                trigger.states.iter().map(String::as_str).filter(|s| !handled(actor, s, name)).collect();
            let Some(first) = idle.first() else { continue };
            if idle.len() == trigger.states.len() {
                // That nothing is caused by it at all is W0101.
                continue;
            }
            let mut diagnostic = Diagnostic::new(
                CODE,
                context.span(trigger.meta.at),
                format!("`{name}` may be fired in {}, and nothing happens there", idle.join(" and ")),
            )
            .with_label(format!("no transition of {actor_name} on it leaves {}", idle.join(" or ")))
            .with_note("a trigger that no transition takes is refused, and its caller gets an error")
            .with_help(format!(
                "add `{first} -> … on {name}`, or take {} out of its `in` list",
                idle.join(" and ")
            ));
            for state in idle.iter().filter_map(|s| actor.states.get(*s)) {
                diagnostic = diagnostic.with_secondary(context.span(state.meta.at), "this state");
            }
            found.push(diagnostic);
        }
    }
}

fn handled(actor: &Actor, state: &str, trigger: &str) -> bool {
    // Of a state that is not there something else is said.
    let Some(state) = actor.states.get(state) else { return true };
    transitions(state).any(|t| matches!(&t.cause, Cause::Trigger(name) if name == trigger))
}
