#![doc = include_str!("pages/E0553.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};

/// Its code.
pub const CODE: Code =
    error("E0553", "a message sent by somebody it is not from", include_str!("pages/E0553.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        walk::actor_actions(actor, &mut |action| {
            let Some(name) = walk::sends(action) else { return };
            let Some(message) = context.protocol.messages.get(name) else { return };
            if message.from.contains(actor_name) {
                return;
            }
            let from = message.from.join(", ");
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(walk::action_place(action)),
                    format!("{actor_name} sends {name}, which is not from {actor_name}"),
                )
                .with_label("sent here")
                .with_secondary(context.span(message.meta.at), format!("from {from}"))
                .with_note("receivers accept a message only from those who play one of its declared senders")
                .with_help(format!("write `from [{from}, {actor_name}]`")),
            );
        });
    }
}
