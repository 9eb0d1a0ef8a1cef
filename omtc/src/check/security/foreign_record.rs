#![doc = include_str!("../pages/S0723.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "no other type has an author of its own")]

use super::flow::step::Step;
use super::flow::value::uses_payload;
use super::message::parts;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Message, Protocol, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0723", "a record of somebody else", include_str!("../pages/S0723.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let (Some(message), Some(name)) = (step.message, step.message_name()) else { continue };
        if step.is_idle() || flow.lost(step) {
            continue;
        }
        let asked = flow.asked(step);
        let Some(known) = flow.known(step) else { continue };
        for part in parts(context.protocol, message) {
            let (what, whose) = match part.ty {
                Type::Block(_) => ("block", "author"),
                Type::Segment => ("chain", "author"),
                Type::Signed(_) => ("signed message", "sender"),
                _ => continue,
            };
            if !has_a_name(context.protocol, step, message, part.ty) {
                continue;
            }
            let path = part.path.as_slice();
            let with = |name| path.iter().copied().chain([name]).collect::<Vec<&str>>();
            let tied = known.payload(path)
                || known.payload(&with(whose))
                || (what != "signed message"
                    && (known.payload(&with("hash")) || known.payload(&with("head"))));
            // What is only passed on is for its receivers to judge.
            let used = step.collect.is_some()
                || step.kept().chain(asked).chain(&step.lets).any(|v| uses_payload(v, path));
            if tied || !used || !reported.insert((step.actor, name, path.to_vec())) {
                continue;
            }
            let text = part.text();
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(step.at),
                    format!("{} does not ask whose {what} `{text}` is", step.actor),
                )
                .with_label(format!("`{text}.{whose}` is compared with nobody that {} knows", step.actor))
                .with_secondary(
                    context.span(part.at),
                    format!("that it is a valid {what} is certain, whose it is not"),
                )
                .with_note(format!(
                    "the sender can show the {what} of a peer that suits it, also one that it has invented"
                ))
                .with_help(format!(
                    "compare `{text}.{whose}` with a peer of the store or with `message.sender`"
                )),
            );
        }
    }
}

/// Is there anybody whom its author could be compared with: a peer that the receiver knows in that role, or the sender itself?
fn has_a_name(protocol: &Protocol, step: &Step<'_>, message: &Message, ty: &Type) -> bool {
    let roles = match ty {
        Type::Block(block) => protocol.blocks.get(block).map(|b| &b.by),
        Type::Signed(signed) => protocol.messages.get(signed).map(|m| &m.from),
        _ => return true,
    };
    roles
        .into_iter()
        .flatten()
        .any(|role| step.machine.peers.contains_key(role) || message.from.contains(role))
}
