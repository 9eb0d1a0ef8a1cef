#![doc = include_str!("../pages/S0720.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is no comparison ties no name to anybody")]

use super::flow::Flow;
use super::flow::step::Step;
use super::flow::value::{ELEMENT, Kind, Op, Root, Value, any, atoms, open_atoms, part};
use super::message::parts;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0720", "a message in another name", include_str!("../pages/S0720.md"));

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
        let [role] = message.from.as_slice() else { continue };
        let asked = flow.asked(step);
        for part in parts(context.protocol, message) {
            let own_name = part.name();
            let lower = role.to_lowercase();
            let names_sender = own_name == lower
                || own_name
                    .strip_prefix(&lower)
                    .is_some_and(|rest| matches!(rest, "_id" | "_peer" | "_peer_id"));
            if *part.ty != Type::PeerId || !names_sender || part.path.contains(&ELEMENT) {
                continue;
            }
            let relied_on =
                step.made().any(|v| atoms(v).iter().any(|atom| atom.covers(Root::Payload, &part.path)))
                    || step.collect.is_some_and(|collect| later(flow, step, &collect.into, own_name));
            if !relied_on
                || asked.iter().any(|v| compares(v, &part.path))
                || !reported.insert((step.actor, name, part.path.clone()))
            {
                continue;
            }
            let text = part.text();
            found.push(
                Diagnostic::new(CODE, context.span(step.at), format!("{} believes {name} who sent it", step.actor))
                    .with_label(format!("`{text}` is relied on, and never compared with `message.sender`"))
                    .with_secondary(context.span(part.at), format!("named by the {role} itself"))
                    .with_note("everybody can write somebody else's name into a message; only the sender of the envelope is certain")
                    .with_help(format!("add `when {text} == message.sender`, or leave the field out and use `message.sender`")),
            );
        }
    }
}

/// Is that field of what was collected used?
fn later(flow: &Flow<'_>, step: &Step<'_>, into: &str, name: &str) -> bool {
    let used = |v: &Value<'_>| {
        atoms(v).iter().any(|atom| atom.root == Root::Store(into) && atom.path.last() == Some(&name))
    };
    flow.of_actor(step.actor)
        .any(|other| other.made().any(used) || other.conditions.iter().any(|c| used(&c.value)))
}

/// Is it, or the record that it is in, compared with something that is not of the message?
fn compares(value: &Value<'_>, path: &[&str]) -> bool {
    any(value, &|v| match &v.kind {
        Kind::Compare(_, a, b) => relates(a, b, path) || relates(b, a, path),
        Kind::Item(of, Some(key)) => {
            part(of).is_some_and(|atom| atom.root != Root::Payload) && names(key, path)
        }
        Kind::Op(
            Op::Native(_) | Op::Builtin(Builtin::HasKey | Builtin::VerifySig | Builtin::VerifyMulti),
            operands,
        ) => operands.iter().any(|v| names(v, path)),
        // What a later step asks about on its own.
        Kind::Field(..) => false,
        _ => false,
    }) || part(value).is_some_and(|atom| atom.root == Root::Payload && atom.path == path)
}

fn relates(one: &Value<'_>, other: &Value<'_>, path: &[&str]) -> bool {
    let foreign =
        atoms(other).iter().any(|atom| !matches!(atom.root, Root::Payload | Root::Envelope | Root::Session));
    foreign && (names(one, path) || part(one).is_some_and(|atom| atom.covers(Root::Payload, path)))
}

fn names(value: &Value<'_>, path: &[&str]) -> bool {
    open_atoms(value).iter().any(|atom| atom.root == Root::Payload && atom.path == path)
}
