#![doc = include_str!("../pages/S0705.md")]

use super::flow::known::{Known, calls};
use super::flow::value::atoms;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Builtin;
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
        let known = Known::of(&asked, step.creates());
        for (builtin, who, several) in [(Builtin::VerifySig, 0, false), (Builtin::VerifyMulti, 2, true)] {
            for call in calls(&asked, builtin) {
                let operands = call.operands();
                let Some(peer) = operands.get(who) else { continue };
                if !known.is_claim(peer) || !reported.insert((step.actor, name, call.at)) {
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
