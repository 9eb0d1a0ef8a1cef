#![doc = include_str!("../pages/W0551.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Action;
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0551", "a declared sender or author that never is one", include_str!("../pages/W0551.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Who does something, by what it is done with.
type Doers<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let (mut senders, mut authors) = (Doers::new(), Doers::new());
    for (name, actor) in &protocol.actors {
        walk::actor_actions(actor, &mut |action| {
            if let Some(message) = walk::sends(action) {
                senders.entry(message).or_default().insert(name);
            }
            if let Action::Append { block, .. } = action {
                authors.entry(block).or_default().insert(name);
            }
        });
    }
    for (name, message) in &protocol.messages {
        // That nobody sends it is said elsewhere.
        let Some(senders) = senders.get(name.as_str()) else { continue };
        if !context.is_own(message.meta.at) {
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
        let Some(authors) = authors.get(name.as_str()) else { continue };
        if !context.is_own(block.meta.at) {
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
