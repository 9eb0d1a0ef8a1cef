#![doc = include_str!("pages/E0450.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};

/// Its code.
pub const CODE: Code = error("E0450", "a terminal state with exits", include_str!("pages/E0450.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor, _, name, state) in walk::states(context.protocol) {
        if !state.terminal {
            continue;
        }
        for handler in &state.handlers {
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(walk::place(handler)),
                    format!("{actor}.{name} is terminal, and yet something is to happen in it"),
                )
                .with_label("never taken")
                .with_secondary(context.span(state.meta.at), "declared terminal here")
                .with_note(
                    "an instance is over when it enters a terminal state; what arrives later is discarded",
                )
                .with_help(format!(
                    "write `state {name} rest` if it waits for something, or remove the transition"
                )),
            );
        }
    }
}
