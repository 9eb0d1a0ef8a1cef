#![doc = include_str!("../pages/S0713.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::decide::literals;
use super::flow::step::Step;
use super::flow::value::{ELEMENT, Kind, Op, Root, Value, any, atoms};
use super::message::{Part, parts_of};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, BinaryOp, Builtin, Fields, Protocol, Type, in_order};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0713", "a commitment that nobody opens", include_str!("../pages/S0713.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let (Some(message), Some(name)) = (step.message, step.message_name()) else { continue };
        if step.creates() || step.is_idle() || flow.lost(step) {
            continue;
        }
        for (field, declared) in in_order(&message.fields) {
            let Some(commitment) = commitment(context.protocol, step, field, declared.ty.plain()) else {
                continue;
            };
            let asked = flow.asked(step);
            let collected = step.collect.map(|collect| collect.into.as_str());
            let hashes: Vec<bool> = match collected {
                // What was collected may be compared at any time later.
                Some(into) => flow
                    .of_actor(step.actor)
                    .flat_map(|other| {
                        other.made().chain(other.conditions.iter().map(|c| &c.value)).chain(&other.lets)
                    })
                    .map(|v| hashes(v, Root::Store(into), field))
                    .collect(),
                // That the two differ may also be what is remembered.
                None => asked.iter().chain(step.made()).map(|v| hashes(v, Root::Payload, field)).collect(),
            };
            let opened = hashes.contains(&true);
            let refused = opened && collected.is_none() && only_false_ones(step, field);
            if (opened && !refused) || !reported.insert((step.actor, name, field)) {
                continue;
            }
            let (message, label) = if refused {
                (
                    format!("{} goes on when `message.{field}` is not what was committed to", step.actor),
                    "taken when the hashes differ",
                )
            } else {
                (
                    format!("{} never compares `message.{field}` with the commitment to it", step.actor),
                    "taken whatever was committed to",
                )
            };
            found.push(
                Diagnostic::new(CODE, context.span(step.at), message)
                    .with_label(label)
                    .with_secondary(context.span(declared.meta.at), "the opening")
                    .with_secondary(context.span(commitment.at), format!("`{}` commits to it", commitment.text))
                    .with_note("a commitment that is not compared with its opening binds nobody: the other side chooses after it has seen everything")
                    .with_help(format!("add `when HASH(message.{field}) == {}`, with the arguments that were hashed", commitment.text)),
            );
        }
    }
}

/// The hash that commits to a field of the message.
struct Commitment {
    text: String,
    at: At,
}

/// A hash in the store that is named after the field, or one that the sender has made of a secret it now reveals.
fn commitment(protocol: &Protocol, step: &Step<'_>, field: &str, ty: &Type) -> Option<Commitment> {
    if matches!(
        ty,
        Type::Hash
            | Type::Signature
            | Type::PeerId
            | Type::Bool
            | Type::Enum(_)
            | Type::Block(_)
            | Type::Segment
            | Type::Signed(_)
    ) {
        return None;
    }
    for (name, own) in &step.machine.store {
        for part in kept(protocol, name, &own.ty, own.meta.at) {
            let named = part.name();
            let fits = *part.ty == Type::Hash
                && (named
                    .strip_prefix(field)
                    .is_some_and(|rest| matches!(rest, "_commitment" | "_hash" | "_commit" | "_digest"))
                    || named.strip_prefix("commitment_").or_else(|| named.strip_prefix("hash_of_"))
                        == Some(field)
                    || (named == "commitment"
                        && matches!(
                            field,
                            "nonce" | "opening" | "secret" | "reveal" | "preimage" | "value" | "choice"
                        )));
            if fits {
                let path: Vec<&str> = part.path.iter().copied().filter(|p| *p != ELEMENT).collect();
                return Some(Commitment { text: path.join("."), at: part.at });
            }
        }
    }
    None
}

/// Parts of a store field, those of blocks and gathered messages among them.
fn kept<'a>(protocol: &'a Protocol, name: &'a str, ty: &'a Type, at: At) -> Vec<Part<'a>> {
    let mut found = parts_of(protocol, name, ty, at);
    let records: Vec<(Vec<&'a str>, &'a str, &'a Fields)> = found
        .iter()
        .filter_map(|part| match part.ty {
            Type::Block(block) => {
                protocol.blocks.get(block).map(|b| (part.path.clone(), "payload", &b.fields))
            }
            Type::Message(message) => {
                protocol.messages.get(message).map(|m| (part.path.clone(), ELEMENT, &m.fields))
            }
            Type::Signed(message) => {
                protocol.messages.get(message).map(|m| (part.path.clone(), "payload", &m.fields))
            }
            _ => None,
        })
        .collect();
    for (path, through, fields) in records {
        for (field, declared) in fields {
            let path = path.iter().copied().chain([through, field.as_str()]).collect();
            found.push(Part { path, ty: declared.ty.plain(), at: declared.meta.at });
        }
    }
    found
}

/// Is something hashed that the field goes into, and compared?
fn hashes(value: &Value<'_>, root: Root<'_>, field: &str) -> bool {
    // The hash itself is a side of the comparison; what is computed from a hash says nothing.
    let of_field = |side: &Value<'_>| {
        matches!(side.kind, Kind::Op(Op::Builtin(Builtin::Hash) | Op::Native(_), _))
            && side.operands().iter().any(|operand| {
                atoms(operand).iter().any(|atom| {
                    atom.root == root
                        && (atom.path.contains(&field)
                            || atom.path.iter().all(|p| matches!(*p, ELEMENT | "payload")))
                })
            })
    };
    any(value, &|v| match &v.kind {
        Kind::Compare(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, a, b) => {
            of_field(a) || of_field(b)
        }
        Kind::Op(Op::Native(_), operands) => operands
            .iter()
            .any(|operand| atoms(operand).iter().any(|atom| atom.root == root && atom.path.contains(&field))),
        _ => false,
    })
}

/// Do the conditions ask for the hashes to differ, and never to be the same, while the opening is used?
fn only_false_ones(step: &Step<'_>, field: &str) -> bool {
    if !step.made().any(|v| atoms(v).iter().any(|atom| atom.covers(Root::Payload, &[field]))) {
        return false;
    }
    let about: Vec<bool> = literals(&step.conditions)
        .iter()
        .filter(|literal| hashes(&literal.value, Root::Payload, field))
        .filter_map(|literal| match &literal.value.kind {
            Kind::Compare(BinaryOp::Equal, ..) => Some(literal.holds),
            Kind::Compare(BinaryOp::NotEqual, ..) => Some(!literal.holds),
            _ => None,
        })
        .collect();
    !about.is_empty() && about.iter().all(|equal| !equal)
}
