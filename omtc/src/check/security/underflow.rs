#![doc = include_str!("../pages/S0714.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::Flow;
use super::flow::decide::literals;
use super::flow::step::{Condition, EffectKind, Step};
use super::flow::value::{Constant, Kind, Op, Root, Value, atoms, part, same};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, BinaryOp, Builtin, Fields, Type};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Its code.
pub const CODE: Code =
    warning("S0714", "an amount that may fall below zero", include_str!("../pages/S0714.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    for step in flow.steps.iter().filter(|step| !step.lost) {
        for effect in &step.effects {
            let mut amounts: Vec<(&str, &Value<'_>)> = Vec::new();
            match &effect.kind {
                EffectKind::Write { root: Root::Store(name) | Root::Shared(name), keys, value, field } => {
                    let ty = match (field, keys.as_slice()) {
                        (Some(ty), []) => ty.plain(),
                        (Some(Type::Map(_, inner) | Type::List(inner)), [_]) => inner.plain(),
                        _ => continue,
                    };
                    if *ty == Type::Uint {
                        amounts.push((name, value));
                    }
                }
                EffectKind::Send { message, payload, .. } => {
                    let fields = flow.protocol.messages.get(*message).map(|m| &m.fields);
                    amounts.extend(record(payload, fields));
                }
                EffectKind::Append { block, payload } => {
                    let fields = flow.protocol.blocks.get(*block).map(|b| &b.fields);
                    amounts.extend(record(payload, fields));
                }
                _ => {}
            }
            for (name, value) in amounts {
                let mut conditions: Vec<Condition<'_>> =
                    step.conditions.iter().chain(&effect.when).cloned().collect();
                let Some((at, more, less)) = unguarded(value, &mut conditions) else { continue };
                if covered_elsewhere(flow, step, &more, &less) {
                    continue;
                }
                found.push(
                    Diagnostic::new(CODE, context.span(at), format!("{} may take more from {} than there is", step.actor, words(&more)))
                        .with_label(format!("less than nothing does not fit into `{name}`, a uint"))
                        .with_secondary(context.span(step.at), format!("nothing here makes sure that {} is at least {}", words(&more), words(&less)))
                        .with_note("then the step faults and is undone: the message is lost, or, on a time limit, the instance stops")
                        .with_help(format!("add `when {} >= {}`, or take `MIN` of the two", words(&more), words(&less))),
                );
            }
        }
    }
}

fn record<'v, 'a>(payload: &'v Value<'a>, fields: Option<&Fields>) -> Vec<(&'a str, &'v Value<'a>)> {
    let (Kind::Record(values), Some(fields)) = (&payload.kind, fields) else { return Vec::new() };
    values
        .iter()
        .filter(|(name, _)| fields.get(*name).is_some_and(|field| field.ty == Type::Uint))
        .map(|(name, value)| (*name, value))
        .collect()
}

fn words(value: &Value<'_>) -> String {
    match (&value.kind, part(value)) {
        (Kind::Constant(Constant::Integer(number)), _) => number.to_string(),
        (Kind::Parameter(name), _) => format!("`{name}`"),
        (_, Some(atom)) => format!("`{}`", atom.text()),
        _ => "that".to_owned(),
    }
}

/// The difference that nothing keeps above zero: where, from what, and what is taken.
fn unguarded<'a>(
    value: &Value<'a>,
    conditions: &mut Vec<Condition<'a>>,
) -> Option<(At, Value<'a>, Value<'a>)> {
    match &value.kind {
        Kind::If(condition, a, b) => {
            let branch = |holds: bool, of: &Value<'a>, conditions: &mut Vec<Condition<'a>>| {
                conditions.push(Condition { value: Arc::clone(condition), holds });
                let found = unguarded(of, conditions);
                conditions.pop();
                found
            };
            branch(true, a, conditions).or_else(|| branch(false, b, conditions))
        }
        Kind::Op(Op::Binary(BinaryOp::Subtract), operands) => match operands.as_slice() {
            [more, less] if !safe(more, less, conditions) => {
                Some((value.at, Arc::clone(more), Arc::clone(less)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Is it certain that the first is no less than the second, or has at least somebody asked about the two?
fn safe<'a>(more: &Value<'a>, less: &Value<'a>, conditions: &[Condition<'a>]) -> bool {
    let smaller_part = match &less.kind {
        Kind::Op(Op::Builtin(Builtin::Min), operands) => operands.iter().any(|v| same(v, more)),
        _ => false,
    };
    let larger = match &more.kind {
        Kind::Op(Op::Builtin(Builtin::Max), operands) => operands.iter().any(|v| same(v, less)),
        Kind::Op(Op::Binary(BinaryOp::Add), operands) => operands.iter().any(|v| same(v, less)),
        _ => false,
    };
    let fixed = more.is_fixed() && less.is_fixed();
    // What is computed in other ways has its own reasons not to be negative: a share, a remainder, a sum of parts.
    let simple = |v: &Value<'a>| part(v).is_some() || v.is_fixed();
    if smaller_part || larger || fixed || !simple(more) || !simple(less) {
        return true;
    }
    literals(conditions).iter().any(|literal| asks(&literal.value, more, less))
}

/// Does it ask about both of them, or, if what is taken is fixed, about the one that it is taken from?
fn asks(value: &Value<'_>, more: &Value<'_>, less: &Value<'_>) -> bool {
    let about = atoms(value);
    let mentions = |v: &Value<'_>| {
        let own = atoms(v);
        !own.is_empty()
            && own.iter().all(|atom| about.iter().any(|other| other.covers(atom.root, &atom.path)))
    };
    mentions(more) && (less.is_fixed() || mentions(less))
}

/// Of two things that no message and no trigger brings into this step, another step may have made sure.
fn covered_elsewhere(flow: &Flow<'_>, step: &Step<'_>, more: &Value<'_>, less: &Value<'_>) -> bool {
    let brought = |v: &Value<'_>| {
        atoms(v).iter().any(|atom| matches!(atom.root, Root::Payload | Root::Argument(_) | Root::Result))
    };
    if brought(more) || brought(less) {
        return false;
    }
    flow.of_actor(step.actor).any(|other| {
        let ifs = other.effects.iter().flat_map(|effect| &effect.when);
        let conditions: Vec<&Condition<'_>> = other.conditions.iter().chain(ifs).collect();
        let asked = conditions.iter().any(|c| asks(&c.value, more, less));
        // Both were set from the same thing, or the one from the other.
        let to = |v: &Value<'_>| {
            let roots: Vec<Root<'_>> = atoms(v).iter().map(|atom| atom.root).collect();
            other
                .writes()
                .filter(|(_, root, _, _)| roots.contains(root))
                .flat_map(|(_, _, _, value)| atoms(value))
                .map(|atom| atom.text())
                .collect::<BTreeSet<String>>()
        };
        let (mine, theirs) = (to(more), to(less));
        let names = |v: &Value<'_>| atoms(v).iter().map(|atom| atom.text()).collect::<BTreeSet<String>>();
        let set = !mine.is_disjoint(&theirs)
            || !mine.is_disjoint(&names(less))
            || !theirs.is_disjoint(&names(more));
        (asked && !less.is_fixed()) || set
    })
}
