#![doc = include_str!("../pages/S0716.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::step::Sender;
use super::flow::value::{Atom, Root, atoms};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Type;
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0716", "a session that a message hands over", include_str!("../pages/S0716.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let (Some(message), Some(name)) = (step.message, step.message_name()) else { continue };
        if step.creates() || flow.lost(step) {
            continue;
        }
        for (role, field) in &step.machine.peers {
            let single = step.machine.store.get(field).is_some_and(|f| *f.ty.plain() == Type::PeerId);
            // Who plays a role may pass it on.
            if !single || message.from == [role.clone()] {
                continue;
            }
            for (effect, root, _, value) in step.writes() {
                let from: Vec<Atom<'_>> = atoms(value)
                    .into_iter()
                    .filter(|atom| matches!(atom.root, Root::Payload | Root::Sender))
                    .collect();
                let Some(atom) = from.first() else { continue };
                let Some(known) = flow.known(step) else { continue };
                let asked = from.iter().all(|atom| match atom.root {
                    Root::Payload => known.has(atom),
                    _ => !matches!(step.sender(), Sender::Anyone(_)),
                });
                if root != Root::Store(field) || asked || !reported.insert((step.actor, name, field)) {
                    continue;
                }
                found.push(
                    Diagnostic::new(CODE, context.span(effect.at), format!("{} lets {name} say who the {role} is", step.actor))
                        .with_label(format!("`{}` is compared with nothing", atom.text()))
                        .with_secondary(context.span(message.meta.at), format!("from {}", message.from.join(" or ")))
                        .with_note(format!("from here on only the peer in `{field}` counts as {role}: whoever sends this can put itself, or a friend, in its place"))
                        .with_help("take the peer from the trigger, from a record that is signed by somebody known, or ask in the guard whether it may be this one"),
                );
            }
        }
    }
}
