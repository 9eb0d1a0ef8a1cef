#![doc = include_str!("../pages/S0708.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::Flow;
use super::flow::known::Known;
use super::flow::step::{Condition, Effect, EffectKind, Step};
use super::flow::value::{Kind, Op, Root, Value, atoms, part, uses_payload};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::analysis::reachable_from;
use omt_runtime::ir::{BinaryOp, Builtin, Type};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Its code.
pub const CODE: Code =
    warning("S0708", "something that a peer can make grow without end", include_str!("../pages/S0708.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let Some(name) = step.message_name() else { continue };
        if step.collect.is_some() || step.lost {
            continue;
        }
        for (effect, root, keys, value) in step.writes() {
            let (field, again) = match root {
                Root::Store(field) => (field, reachable_from(step.machine, step.to).contains(step.state)),
                // Another session comes back to it.
                Root::Shared(field) => (field, true),
                _ => continue,
            };
            if !again || !grows(root, keys, value) || bounded(step, effect, root) || shrinks(flow, step, root)
            {
                continue;
            }
            if !reported.insert((step.actor, field)) {
                continue;
            }
            found.push(
                Diagnostic::new(CODE, context.span(effect.at), format!("{} lets `{field}` grow with every {name}", step.actor))
                    .with_label("nothing limits how much there may be of it")
                    .with_note("whoever may send the message can send it again and again, until there is no memory left; what a state holds is written down at every step")
                    .with_help(format!("add `when LENGTH({field}) < …`, or take each sender once with `collect`, or drop what is old")),
            );
        }
    }
}

/// Does it become longer by what the message says?
fn grows(root: Root<'_>, keys: &[Value<'_>], value: &Value<'_>) -> bool {
    let own = |v: &Value<'_>| part(v).is_some_and(|atom| atom.root == root && atom.path.is_empty());
    let said = |v: &Value<'_>| uses_payload(v, &[]);
    match (keys.first(), &value.kind) {
        (Some(key), _) => {
            part(key).is_some()
                && said(key)
                && key.plain() != Some(&Type::Bool)
                && !matches!(key.plain(), Some(Type::Enum(_)))
        }
        (None, Kind::Op(Op::Binary(BinaryOp::Concat) | Op::Builtin(Builtin::Concat), operands)) => {
            operands.iter().any(own) && operands.len() > 1
        }
        (None, Kind::Op(Op::Builtin(Builtin::With), operands)) => {
            operands.first().is_some_and(own) && operands.get(1).is_some_and(said)
        }
        _ => false,
    }
}

/// Does a condition ask about the field itself: how long it is, whether that is in it? Or is the key one that is known?
fn bounded(step: &Step<'_>, effect: &Effect<'_>, root: Root<'_>) -> bool {
    let about = |v: &Value<'_>| atoms(v).iter().any(|atom| atom.root == root);
    let conditions: Vec<&Condition<'_>> = step.conditions.iter().chain(&effect.when).collect();
    if conditions.iter().any(|c| about(&c.value)) {
        return true;
    }
    // A number that goes up with it is asked about instead.
    let counter = |counted: Root<'_>, value: &Value<'_>| {
        matches!(&value.kind, Kind::Op(Op::Binary(BinaryOp::Add), operands) if operands.iter().any(|v| v.is_fixed()))
            && conditions.iter().any(|c| atoms(&c.value).iter().any(|atom| atom.root == counted))
    };
    if step.writes().any(|(_, counted, _, value)| counter(counted, value)) {
        return true;
    }
    let EffectKind::Write { keys, .. } = &effect.kind else { return false };
    let asked: Vec<Value<'_>> = conditions.iter().map(|c| Arc::clone(&c.value)).collect();
    let known = Known::of(&asked, step.creates());
    keys.first().is_some_and(|key| atoms(key).iter().all(|atom| known.has(atom))) || effect.over.is_some()
}

/// Is it emptied, cut or thinned out anywhere?
fn shrinks(flow: &Flow<'_>, step: &Step<'_>, root: Root<'_>) -> bool {
    flow.of_actor(step.actor).any(|other| {
        other.writes().any(|(_, written, keys, value)| {
            written == root
                && keys.is_empty()
                && !matches!(
                    &value.kind,
                    Kind::Op(Op::Binary(BinaryOp::Concat) | Op::Builtin(Builtin::Concat | Builtin::With), _)
                )
        })
    })
}
