#![doc = include_str!("../pages/W0552.md")]

use super::roles::Scope;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0552", "a declared receiver that nobody sends to", include_str!("../pages/W0552.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// To whom a message goes.
#[derive(Default)]
struct Goes {
    roles: BTreeSet<String>,
    somewhere: bool,
    /// To a peer of whom nothing is known, so it may be anybody.
    anywhere: bool,
    first: Option<At>,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let mut goes: BTreeMap<&str, Goes> = BTreeMap::new();
    for (name, actor) in &protocol.actors {
        for handler in actor.states.values().flat_map(|s| &s.handlers) {
            let scope = Scope::new(protocol, name, actor, handler);
            for list in walk::handler_actions(handler) {
                walk::actions(list, &mut |action| {
                    let Some(message) = walk::sends(action) else { return };
                    let entry = goes.entry(message).or_default();
                    entry.somewhere = true;
                    entry.first.get_or_insert(walk::action_place(action));
                    match action {
                        Action::Send { to, .. } | Action::Broadcast { to, .. } => match scope.of(to) {
                            Some(roles) => entry.roles.extend(roles),
                            None => entry.anywhere = true,
                        },
                        Action::Gossip { .. } => {
                            entry.roles.insert("Network".to_owned());
                        }
                        _ => {}
                    }
                });
            }
        }
    }
    for (name, message) in protocol.messages.iter().filter(|(_, m)| context.is_own(m.meta.at)) {
        let Some(goes) = goes.get(name.as_str()) else { continue };
        // Gossip reaches the instances of a session, too.
        if goes.anywhere || !goes.somewhere || goes.roles.contains("Network") && message.to.len() > 1 {
            continue;
        }
        for role in message.to.iter().filter(|r| !goes.roles.contains(*r)) {
            let mut d = Diagnostic::new(
                CODE,
                context.span(message.meta.at),
                format!("nobody sends {name} to {role}"),
            )
            .with_label(format!("declared `to` {role}"));
            if let Some(at) = goes.first {
                let to: Vec<&str> = goes.roles.iter().map(String::as_str).collect();
                d = d.with_secondary(context.span(at), format!("sent to {}", to.join(" and ")));
            }
            found.push(
                d.with_note(format!("a {role} that waits for it waits in vain")).with_help(format!(
                    "send it to {role} as well, or take {role} out of the list after `to`"
                )),
            );
        }
    }
}
