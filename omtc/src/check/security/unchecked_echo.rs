#![doc = include_str!("../pages/S0719.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is no comparison says nothing here")]

use super::flow::Flow;
use super::flow::decide::literals;
use super::flow::step::{EffectKind, Step};
use super::flow::value::{Kind, Root, Value, atoms, part, same, uses_payload};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::analysis::reachable_from;
use omt_runtime::ir::{BinaryOp, Type, in_order};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0719", "an answer that is not compared with the question", include_str!("../pages/S0719.md"));

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
        let asked = flow.asked(step);
        for (field, declared) in in_order(&message.fields) {
            let Some(own) = step.machine.store.get(field) else { continue };
            let root = Root::Store(field);
            let fits = own.ty.plain() == declared.ty.plain()
                && field != context.protocol.session_key
                && step.written(root).next().is_none()
                && set_before(flow, step, root)
                && expected(flow, step, field, declared.ty.plain());
            if !fits || reported.contains(&(step.actor, name, field)) {
                continue;
            }
            let ignored = !asked.iter().any(|v| uses_payload(v, &[field]));
            let reversed = !ignored && takes_the_wrong_one(step, field);
            if !ignored && !reversed {
                continue;
            }
            reported.insert((step.actor, name, field));
            let (what, label) = if ignored {
                ("does not compare", format!("taken whatever `message.{field}` is"))
            } else {
                ("asks for another", format!("taken when `message.{field}` is not `{field}`"))
            };
            found.push(
                Diagnostic::new(CODE, context.span(step.at), if ignored {
                    format!("{} {what} `message.{field}` of {name} with its own `{field}`", step.actor)
                } else {
                    format!("{} {what} `{field}` than its own in {name}", step.actor)
                })
                .with_label(label)
                .with_secondary(context.span(own.meta.at), "what is known here")
                .with_secondary(context.span(declared.meta.at), "what the message says")
                .with_note("an answer to another question, an older one or an invented one, is taken for the answer to this one")
                .with_help(format!("add `when message.{field} == {field}`")),
            );
        }
    }
}

/// Can the field have been set when the state is entered?
fn set_before(flow: &Flow<'_>, step: &Step<'_>, root: Root<'_>) -> bool {
    flow.of_actor(step.actor).any(|other| {
        other.written(root).next().is_some() && reachable_from(step.machine, other.to).contains(step.state)
    })
}

/// Should the message say what the store says?
fn expected(flow: &Flow<'_>, step: &Step<'_>, field: &str, ty: &Type) -> bool {
    let Some(message) = step.message else { return false };
    let root = Root::Store(field);
    if matches!(ty, Type::Signature | Type::Timestamp | Type::Duration | Type::Secret(_)) {
        return false;
    }
    let mine = step.message_name();
    let mut said = false;
    let mut exchanged = false;
    for other in flow.of_actor(step.actor) {
        for effect in &other.effects {
            let EffectKind::Send { message: sent, to: _, payload } = &effect.kind else { continue };
            exchanged |= Some(*sent) == mine;
            let heard = flow
                .protocol
                .messages
                .get(*sent)
                .is_some_and(|m| m.to.iter().any(|role| message.from.contains(role)));
            if let Kind::Record(fields) = &payload.kind {
                said |=
                    heard && fields.iter().any(|(name, v)| *name == field && carries(v, root, other, field));
            }
        }
    }
    let identity = matches!(ty, Type::Hash | Type::PeerId | Type::Block(_) | Type::Struct(_));
    // Members of one role tell each other what each of them thinks: only what all of them were told is the same for all.
    let told = flow.of_actor(step.actor).flat_map(|other| other.written(root)).all(|v| {
        !v.is_null()
            && part(v)
                .is_some_and(|atom| matches!(atom.root, Root::Payload | Root::Argument(_) | Root::Sender))
    });
    if exchanged { told && matches!(ty, Type::Hash | Type::Block(_)) } else { said || (identity && told) }
}

/// Is it what the field holds, or what it has just been given?
fn carries(value: &Value<'_>, root: Root<'_>, step: &Step<'_>, field: &str) -> bool {
    part(value).is_some_and(|atom| atom.root == root && atom.path.is_empty())
        || step.written(root).any(|written| same(written, value))
        || part(value).is_some_and(|atom| atom.root == Root::Argument(field))
}

/// Do the conditions ask for the two to differ, and never to be the same, while something of the message is kept?
fn takes_the_wrong_one(step: &Step<'_>, field: &str) -> bool {
    // What is kept itself is a new value: that it must differ from the own one keeps the other side from repeating it.
    let own = |v: &Value<'_>| atoms(v).iter().any(|atom| atom.covers(Root::Payload, &[field]));
    if !step.kept().any(|v| uses_payload(v, &[])) || step.kept().any(own) {
        return false;
    }
    let is = |v: &Value<'_>, root: Root<'_>, path: &[&str]| {
        part(v).is_some_and(|atom| atom.root == root && atom.path == path)
    };
    let about: Vec<bool> = literals(&step.conditions)
        .iter()
        .filter_map(|literal| match &literal.value.kind {
            Kind::Compare(op @ (BinaryOp::Equal | BinaryOp::NotEqual), a, b) => {
                let pair = (is(a, Root::Payload, &[field]) && is(b, Root::Store(field), &[]))
                    || (is(b, Root::Payload, &[field]) && is(a, Root::Store(field), &[]));
                pair.then_some((*op == BinaryOp::Equal) == literal.holds)
            }
            _ => None,
        })
        .collect();
    !about.is_empty() && about.iter().all(|equal| !equal)
}
