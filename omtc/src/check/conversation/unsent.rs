#![doc = include_str!("../pages/E0550.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = error("E0550", "a message that nobody sends", include_str!("../pages/E0550.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut sent = BTreeSet::new();
    for actor in context.protocol.actors.values() {
        walk::actor_actions(actor, &mut |action| sent.extend(walk::sends(action)));
    }
    for (name, message) in &context.protocol.messages {
        if sent.contains(name.as_str()) {
            continue;
        }
        let from = message.from.join(" or ");
        found.push(
            Diagnostic::new(CODE, context.span(message.meta.at), format!("nobody sends {name}"))
                .with_label(format!("{from} should"))
                .with_note("who waits for it waits in vain")
                .with_help(format!("add `SEND(…, {name})` to a transition of {from}, or remove the message")),
        );
    }
}
