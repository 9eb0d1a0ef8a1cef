#![doc = include_str!("../pages/S0711.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::Flow;
use super::flow::step::{EffectKind, Step};
use super::flow::value::{Kind, Op, Root, Value, any, atoms, uses_payload};
use super::message::parts;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0711", "a secret that is shown too early", include_str!("../pages/S0711.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    for (actor, machine) in &context.protocol.actors {
        // Only who has committed to a secret loses something by showing it.
        let committed = flow.of_actor(actor).any(|step| step.made().any(hashes_secret));
        if !committed {
            continue;
        }
        let free = before_commitment(flow, actor, &machine.initial);
        let mut reported = BTreeSet::new();
        for step in flow.of_actor(actor) {
            if step.lost || !free.contains(step.state) || commits(flow, step) {
                continue;
            }
            for effect in &step.effects {
                let EffectKind::Send { message, to: _, payload } = &effect.kind else { continue };
                let receivers =
                    flow.protocol.messages.get(*message).map(|m| m.to.as_slice()).unwrap_or_default();
                let gambles = receivers.iter().any(|role| draws(flow, role));
                if reveals(payload) && gambles && reported.insert(effect.at) {
                    found.push(
                        Diagnostic::new(
                            CODE,
                            context.span(effect.at),
                            format!(
                                "{actor} shows its secret before the other side has committed to anything"
                            ),
                        )
                        .with_label(format!("{message} reveals it"))
                        .with_secondary(
                            context.span(step.at),
                            "on the way here no commitment of the other side is needed",
                        )
                        .with_note(
                            "who sees the secret first can choose its own part so that the result suits it",
                        )
                        .with_help(
                            "reveal it in a state that is entered with the other side's commitment only",
                        ),
                    );
                }
            }
        }
    }
}

fn hashes_secret(value: &Value<'_>) -> bool {
    any(value, &|v| match &v.kind {
        Kind::Op(Op::Builtin(Builtin::Hash), operands) => {
            operands.iter().any(|v| matches!(v.plain(), Some(Type::Secret(_))))
        }
        _ => false,
    })
}

fn reveals(value: &Value<'_>) -> bool {
    any(value, &|v| matches!(v.kind, Kind::Op(Op::Builtin(Builtin::Reveal), _)))
}

/// Does that role put something of its own into the result: a secret, or chance?
fn draws(flow: &Flow<'_>, role: &str) -> bool {
    flow.of_actor(role).any(|step| {
        step.effects.iter().any(|effect| match &effect.kind {
            EffectKind::Send { payload, .. } => any(payload, &|v| {
                matches!(v.kind, Kind::Op(Op::Builtin(Builtin::Reveal | Builtin::RandomBytes), _))
            }),
            _ => false,
        })
    })
}

/// States that can be entered without any commitment of anybody else.
fn before_commitment<'f, 'a>(flow: &'f Flow<'a>, actor: &'f str, initial: &'a str) -> BTreeSet<&'f str> {
    let mut states = BTreeSet::from([initial]);
    loop {
        let before = states.len();
        for step in flow.of_actor(actor) {
            if states.contains(step.state) && !commits(flow, step) {
                states.insert(step.to);
            }
        }
        if states.len() == before {
            return states;
        }
    }
}

/// Does the step need something of the other side that it cannot take back: a hash, a value, a signature; in the message, or in what
/// was gathered and is asked for?
fn commits(flow: &Flow<'_>, step: &Step<'_>) -> bool {
    let brings = |name: &str| {
        flow.protocol.messages.get(name).is_some_and(|message| {
            parts(flow.protocol, message).iter().any(|part| {
                part.name() != flow.protocol.session_key
                    && matches!(
                        part.ty,
                        Type::Hash
                            | Type::Bytes
                            | Type::Signature
                            | Type::Block(_)
                            | Type::Segment
                            | Type::Signed(_)
                    )
            })
        })
    };
    let gathered = |root: Root<'_>| {
        flow.of_actor(step.actor).any(|other| {
            other.message_name().is_some_and(brings)
                && (other.collect.is_some_and(|c| root == Root::Store(&c.into))
                    || other.writes().any(|(_, written, _, v)| written == root && uses_payload(v, &[])))
        })
    };
    step.message_name().is_some_and(brings)
        || step.conditions.iter().any(|c| atoms(&c.value).iter().any(|atom| gathered(atom.root)))
}
