#![doc = include_str!("../pages/E0551.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};

/// Its code.
pub const CODE: Code =
    error("E0551", "a message that a recipient never handles", include_str!("../pages/E0551.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (name, message) in &context.protocol.messages {
        for role in &message.to {
            // Gossip goes to hosts, not to a machine.
            let Some(actor) = context.protocol.actors.get(role) else { continue };
            let mut handlers = actor.states.values().flat_map(|s| &s.handlers);
            if handlers.any(|h| walk::message(h) == Some(name.as_str())) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(message.meta.at),
                    format!("{role} is to receive {name}, but handles it in no state"),
                )
                .with_label(format!("declared for {role}"))
                .with_secondary(context.span(actor.meta.at), format!("nothing in {role} is `on {name}`"))
                .with_note(
                    "a message that no state handles is discarded on arrival, and its sender does not learn that",
                )
                .with_help(format!(
                    "add a transition `… on {name}` to {role}, or take {role} out of the list after `to`"
                )),
            );
        }
    }
}
