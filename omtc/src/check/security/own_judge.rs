#![doc = include_str!("../pages/S0710.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::decide::{Literal, literals};
use super::flow::step::Sender;
use super::flow::value::{Atom, Constant, Kind, Op, Root, Value, atoms, part, walk};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{BinaryOp, Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0710", "a party that judges itself", include_str!("../pages/S0710.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let (Some(message), Some(name)) = (step.message, step.message_name()) else { continue };
        if step.collect.is_some() || matches!(step.sender(), Sender::Many(_)) || flow.lost(step) {
            continue;
        }
        let literals = literals(&step.conditions);
        for literal in literals.iter().filter(|literal| literal.certain) {
            let Some(claim) = claim(literal) else { continue };
            let Some(last) = claim.path.last().filter(|last| is_merit(last)) else { continue };
            if elsewhere(flow.asked(step), &claim, &literal.value)
                || !reported.insert((step.actor, name, claim.clone()))
            {
                continue;
            }
            found.push(
                Diagnostic::new(CODE, context.span(literal.value.at), format!("{} judges {} by what it says of itself", step.actor, message.from.join(" or ")))
                    .with_label(format!("`{}` is the sender's own word", claim.text()))
                    .with_secondary(context.span(message.meta.at), format!("nothing in {name} proves it"))
                    .with_note(format!("who has no {} writes a better one into the message", last.replace('_', " ")))
                    .with_help("compute it from something that the sender cannot invent: a view of its chain, a signature of somebody else, the store"),
            );
        }
    }
}

/// What must be large, or true, for the condition to hold.
fn claim<'a>(literal: &Literal<'a>) -> Option<Atom<'a>> {
    let measures =
        |v: &Value<'a>| matches!(v.plain(), Some(Type::Uint | Type::Int | Type::Float | Type::Bool));
    let payload = |v: &Value<'a>| part(v).filter(|atom| atom.root == Root::Payload && measures(v));
    match &literal.value.kind {
        Kind::Compare(op, a, b) => {
            let upwards = |op: BinaryOp| match op {
                BinaryOp::GreaterEqual | BinaryOp::Greater => literal.holds,
                BinaryOp::Less | BinaryOp::LessEqual => !literal.holds,
                _ => false,
            };
            let downwards = |op: BinaryOp| match op {
                BinaryOp::Less | BinaryOp::LessEqual => literal.holds,
                BinaryOp::GreaterEqual | BinaryOp::Greater => !literal.holds,
                _ => false,
            };
            let foreign = |v: &Value<'a>| {
                !v.is_fixed_number() && !atoms(v).iter().any(|atom| atom.root == Root::Payload)
            };
            if upwards(*op) && foreign(b) {
                payload(a)
            } else if downwards(*op) && foreign(a) {
                payload(b)
            } else if *op == BinaryOp::Equal
                && literal.holds
                && matches!(b.kind, Kind::Constant(Constant::Bool(true)))
            {
                payload(a)
            } else {
                None
            }
        }
        _ if literal.holds && literal.value.plain() == Some(&Type::Bool) => payload(&literal.value),
        _ => None,
    }
}

/// Words for what speaks in favour of a peer.
const MERITS: &[&str] = &[
    "balance",
    "score",
    "trust",
    "reputation",
    "rating",
    "credit",
    "funds",
    "solvent",
    "verified",
    "valid",
    "eligible",
    "authorized",
    "authorised",
    "trusted",
    "uptime",
    "wealth",
    "karma",
    "admin",
    "certified",
];

/// Is it a name for something that speaks in favour of who says it? What it has seen of others is not.
fn is_merit(name: &str) -> bool {
    let mut words = name.split('_');
    let first = words.clone().next().unwrap_or_default();
    !matches!(first, "observed" | "seen" | "min" | "max" | "required" | "wanted" | "offered" | "requested")
        && words.any(|word| MERITS.contains(&word))
}

/// Is it compared with anything else, or verified?
fn elsewhere(asked: &[Value<'_>], claim: &Atom<'_>, judged: &Value<'_>) -> bool {
    let mut found = false;
    for value in asked {
        walk(value, &mut |v| {
            if std::sync::Arc::ptr_eq(v, judged) {
                return false;
            }
            let compares = match &v.kind {
                Kind::Compare(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, a, b) => {
                    !a.is_fixed() && !b.is_fixed()
                }
                Kind::Op(Op::Builtin(Builtin::VerifySig | Builtin::VerifyMulti) | Op::Native(_), _) => true,
                _ => false,
            };
            found |= compares && atoms(v).iter().any(|atom| atom.covers(Root::Payload, &claim.path));
            true
        });
    }
    found
}
