#![doc = include_str!("pages/E0457.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Cause, Handler};

/// Its code.
pub const CODE: Code = error("E0457", "a trigger outside its states", include_str!("pages/E0457.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        for handler in &state.handlers {
            let Handler::Transition(t) = handler else { continue };
            let Cause::Trigger(trigger) = &t.cause else { continue };
            let Some(declared) = actor.triggers.get(trigger) else { continue };
            if declared.states.iter().any(|s| s == name) {
                continue;
            }
            let states = declared.states.join(", ");
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(t.meta.at),
                    format!("{actor_name}.{name} reacts to {trigger}, which cannot be fired there"),
                )
                .with_label("never taken")
                .with_secondary(context.span(declared.meta.at), format!("may be fired in {states}"))
                .with_note(
                    "the list after `in` is what callers rely on: elsewhere the trigger is refused before any guard",
                )
                .with_help(format!("write `in [{states}, {name}]`, or remove the transition")),
            );
        }
    }
}
