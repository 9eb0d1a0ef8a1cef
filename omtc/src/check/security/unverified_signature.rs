#![doc = include_str!("../pages/S0704.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "no other type is a signature")]

use super::flow::decide::literals;
use super::flow::known::calls;
use super::flow::step::Step;
use super::flow::value::{ELEMENT, Kind, Op, Root, Value, open_atoms, uses_payload, walk};
use super::message::parts;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Message, Protocol, Type};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Its code.
pub const CODE: Code =
    warning("S0704", "a signature that nobody verifies", include_str!("../pages/S0704.md"));

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
        let verified = signatures(asked);
        for part in parts(context.protocol, message) {
            if !is_signature(part.ty) || under_signature(context.protocol, message, &part.path) {
                continue;
            }
            let kept = step.collect.is_some() || step.kept().any(|v| uses_payload(v, &part.path));
            let matters = kept || step.to != step.state;
            if !matters {
                continue;
            }
            let text = part.text();
            if !verified.iter().any(|v| uses_payload(v, &part.path)) {
                if reported.insert((step.actor, name, part.path.clone())) {
                    found.push(
                        Diagnostic::new(CODE, context.span(step.at), format!("{} believes the signature `{text}` without verifying it", step.actor))
                            .with_label(format!("nothing here, and nothing that comes after it, verifies `{text}`"))
                            .with_secondary(context.span(part.at), "the signature")
                            .with_note("a signature proves nothing until somebody has verified it: anybody can send 64 bytes")
                            .with_help(format!("add `when VERIFY_SIG(…, …, {text})`, or VERIFY_MULTI for several, to the guard")),
                    );
                }
            } else if keeps(step, &part.path)
                && only_refused(step, &part.path)
                && reported.insert((step.actor, name, part.path.clone()))
            {
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(step.at),
                        format!("{} keeps `{text}` when it does not verify", step.actor),
                    )
                    .with_label("taken when the verification fails")
                    .with_secondary(context.span(part.at), "the signature")
                    .with_note("the condition holds for false signatures and not for true ones")
                    .with_help("turn the condition round"),
                );
            }
        }
    }
}

fn is_signature(ty: &Type) -> bool {
    match ty {
        Type::Signature => true,
        Type::Map(_, inner) | Type::List(inner) => **inner == Type::Signature,
        _ => false,
    }
}

/// An element of a map of signatures: the map is the one that counts.
fn under_signature(protocol: &Protocol, message: &Message, path: &[&str]) -> bool {
    path.last() == Some(&ELEMENT)
        && parts(protocol, message).iter().any(|other| {
            path.len() == other.path.len().saturating_add(1)
                && path.starts_with(&other.path)
                && is_signature(other.ty)
        })
}

/// The signatures that are verified where something depends on the result.
fn signatures<'a>(asked: &[Value<'a>]) -> Vec<Value<'a>> {
    let single = calls(asked, Builtin::VerifySig);
    let several = calls(asked, Builtin::VerifyMulti);
    let operand = |call: &Value<'a>, index: usize| call.operands().get(index).map(|v| Arc::clone(v));
    let natives = asked.iter().flat_map(natives);
    single
        .iter()
        .filter_map(|call| operand(call, 2))
        .chain(several.iter().filter_map(|call| operand(call, 1)))
        .chain(natives)
        .collect()
}

/// What natives are asked about: they may verify.
fn natives<'a>(value: &Value<'a>) -> Vec<Value<'a>> {
    let mut found = Vec::new();
    walk(value, &mut |v| {
        if let Kind::Op(Op::Native(_), operands) = &v.kind {
            found.extend(operands.iter().cloned());
        }
        true
    });
    found
}

/// Is the signature itself stored, or the record that it is in, and not only what came of verifying it?
fn keeps(step: &Step<'_>, path: &[&str]) -> bool {
    step.collect.is_some()
        || step.kept().any(|v| open_atoms(v).iter().any(|atom| atom.meets(Root::Payload, path)))
}

/// Do the conditions of the step ask for the verification to fail, and never for it to succeed?
fn only_refused(step: &Step<'_>, path: &[&str]) -> bool {
    let about: Vec<bool> = literals(&step.conditions)
        .iter()
        .filter(|literal| {
            matches!(literal.value.kind, Kind::Op(Op::Builtin(Builtin::VerifySig | Builtin::VerifyMulti), _))
                && uses_payload(&literal.value, path)
        })
        .map(|literal| literal.holds)
        .collect();
    !about.is_empty() && about.iter().all(|holds| !holds)
}
