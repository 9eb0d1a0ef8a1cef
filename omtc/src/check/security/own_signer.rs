#![doc = include_str!("../pages/S0705.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "no other type names a peer")]

use super::flow::known::calls;
use super::flow::step::Step;
use super::flow::value::{Root, atoms, part};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Handler, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0705", "a verification that anybody passes", include_str!("../pages/S0705.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let Some(name) = step.message_name() else { continue };
        if flow.lost(step) || step.is_idle() {
            continue;
        }
        let asked = flow.asked(step);
        let Some(known) = flow.known(step) else { continue };
        for (builtin, who, several) in [(Builtin::VerifySig, 0, false), (Builtin::VerifyMulti, 2, true)] {
            for call in calls(asked, builtin) {
                let operands = call.operands();
                let Some(peer) = operands.get(who) else { continue };
                if !known.is_claim(peer) || !reported.insert((step.actor, name, call.at)) {
                    continue;
                }
                // A record that names its own author is as good as its author: somebody must be known who it could be.
                let vouches_for_itself = !several
                    && part(peer).is_some_and(|signer| {
                        operands
                            .get(1)
                            .is_some_and(|v| atoms(v).iter().any(|a| a.covers(Root::Payload, &signer.path)))
                    });
                if vouches_for_itself && !knows_somebody(step) {
                    continue;
                }
                let text: Vec<String> = atoms(peer).iter().map(|atom| atom.text()).collect();
                let text = text.join(", ");
                let (message, label) = if several {
                    (
                        "the members whose signatures are counted are named by the message itself",
                        "these members",
                    )
                } else {
                    ("the signature is verified against whoever the message names", "this signer")
                };
                found.push(
                    Diagnostic::new(CODE, context.span(step.at), format!("{}: {message}", step.actor))
                        .with_label(format!("nothing compares `{text}` with what {} knows", step.actor))
                        .with_secondary(context.span(call.at), label)
                        .with_note("anybody can invent keys and sign with them; that all of them verify says nothing then")
                        .with_help(format!("compare `{text}`, or what it stands in, with the store, or verify against `message.sender`")),
                );
            }
        }
    }
}

/// Does the receiver know a peer besides those who may send the message?
fn knows_somebody(step: &Step<'_>) -> bool {
    let senders: Vec<&String> = step
        .message
        .into_iter()
        .flat_map(|message| &message.from)
        .filter_map(|role| step.machine.peers.get(role))
        .collect();
    let peer = |ty: &Type| match ty.plain() {
        Type::PeerId => true,
        Type::List(inner) | Type::Map(inner, _) => **inner == Type::PeerId,
        _ => false,
    };
    let own = step.machine.store.iter().filter(|(name, _)| !senders.contains(name));
    own.chain(&step.machine.shared)
        .any(|(name, field)| !name.contains('$') && peer(&field.ty) && !collected(step, name))
}

/// What is gathered is nobody who was known before.
fn collected(step: &Step<'_>, field: &str) -> bool {
    let handlers = step.machine.states.values().flat_map(|state| &state.handlers);
    handlers.into_iter().any(|handler| matches!(handler, Handler::Collect(collect) if collect.into == field))
}
