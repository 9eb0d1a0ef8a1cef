#![doc = include_str!("../pages/W0551.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0551", "a declared sender or author that never is one", include_str!("../pages/W0551.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let does = |ask: &dyn Fn(&Action) -> bool| -> BTreeSet<&str> {
        protocol.actors.iter().filter(|(_, actor)| any(actor, ask)).map(|(name, _)| name.as_str()).collect()
    };
    for (name, message) in &protocol.messages {
        // That nobody sends it is said elsewhere.
        let senders = does(&|action| walk::sends(action) == Some(name));
        if senders.is_empty() || message.meta.at.file != 0 {
            continue;
        }
        for role in message.from.iter().filter(|r| !senders.contains(r.as_str())) {
            let others: Vec<&str> = senders.iter().copied().collect();
            found.push(
                Diagnostic::new(CODE, context.span(message.meta.at), format!("{role} never sends {name}"))
                    .with_label(format!("declared `from` {role}; sent by {} alone", others.join(" and ")))
                    .with_note("every receiver accepts it from a peer that has no reason to say it")
                    .with_help(format!("send it in {role}, or take {role} out of `from`")),
            );
        }
    }
    for (name, block) in &protocol.blocks {
        let authors = does(&|action| matches!(action, Action::Append { block, .. } if block == name));
        if authors.is_empty() || block.meta.at.file != 0 {
            continue;
        }
        for role in block.by.iter().filter(|r| !authors.contains(r.as_str())) {
            let others: Vec<&str> = authors.iter().copied().collect();
            found.push(
                Diagnostic::new(CODE, context.span(block.meta.at), format!("{role} never appends {name}"))
                    .with_label(format!("declared `by` {role}; appended by {} alone", others.join(" and ")))
                    .with_note(
                        "every reader of a chain accepts it from an author that has no reason to append it",
                    )
                    .with_help(format!("append it in {role}, or take {role} out of `by`")),
            );
        }
    }
}

fn any(actor: &Actor, ask: &dyn Fn(&Action) -> bool) -> bool {
    let mut found = false;
    walk::actor_actions(actor, &mut |action| found = found || ask(action));
    found
}
