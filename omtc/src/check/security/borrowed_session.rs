#![doc = include_str!("../pages/S0721.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::step::{EffectKind, Step};
use super::flow::value::{Kind, Op, Root, Value, any, atoms, same};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, Builtin, ExprKind, Place, Protocol};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0721", "a session under a foreign id", include_str!("../pages/S0721.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let (Some(message), Some(name)) = (step.message, step.message_name()) else { continue };
        if !step.creates() || step.is_idle() || flow.lost(step) || !reported.insert((step.actor, name)) {
            continue;
        }
        let asks = |step: &Step<'_>| {
            flow.asked(step).iter().any(|v| atoms(v).iter().any(|atom| atom.root == Root::Session))
        };
        if asks(step) {
            continue;
        }
        // The initiator makes the id of things that contain its own name.
        let made = message.from.iter().flat_map(|role| flow.of_actor(role)).find_map(|other| {
            let id = other.writes().find(|(_, root, _, value)| {
                *root == Root::Store(&context.protocol.session_key) && hashes_own_name(value)
            });
            id.map(|(effect, _, _, value)| (other, effect.at, value))
        });
        let Some((initiator, at, id)) = made else { continue };
        let elsewhere = flow.steps.iter().any(|other| {
            other.creates() && other.message.is_some_and(|m| m.from == message.from) && asks(other)
        });
        let expected =
            elsewhere || (shared(context.protocol, initiator.machine) && reproducible(initiator, name, id));
        if !expected {
            continue;
        }
        found.push(
            Diagnostic::new(CODE, context.span(step.at), format!("{} opens a session under whatever id {name} comes with", step.actor))
                .with_label("`message.session` is not asked about")
                .with_secondary(context.span(at), format!("{} makes the id of its own name and what it sends", initiator.actor))
                .with_note("who learns an id, or guesses it, can open the session first and keep its owner out")
                .with_help("compute the id in the guard as the sender does, with `message.sender` for its name, and compare it with `message.session`"),
        );
    }
}

fn hashes_own_name(value: &Value<'_>) -> bool {
    any(value, &|v| match &v.kind {
        Kind::Op(Op::Builtin(Builtin::Hash), operands) => {
            operands.iter().any(|v| matches!(v.kind, Kind::Root(Root::Own)))
        }
        _ => false,
    })
}

/// Is the id made by a function, which exists so that others can call it, too?
fn shared(protocol: &Protocol, actor: &Actor) -> bool {
    let mut found = false;
    walk::actor_actions(actor, &mut |action| {
        if let Action::Assign { place: Place::Store(name), path: _, value, meta: _ } = action {
            found |= *name == protocol.session_key && matches!(value.kind, ExprKind::Call(..));
        }
    });
    found
}

/// Is everything that the id is made of in the message, or known to its receiver?
fn reproducible(initiator: &Step<'_>, message: &str, id: &Value<'_>) -> bool {
    let Kind::Op(Op::Builtin(Builtin::Hash), operands) = &id.kind else { return false };
    initiator.effects.iter().any(|effect| match &effect.kind {
        EffectKind::Send { message: sent, to, payload } if *sent == message => {
            let Kind::Record(fields) = &payload.kind else { return false };
            operands.iter().all(|v| {
                matches!(v.kind, Kind::Root(Root::Own))
                    || v.is_fixed()
                    || matches!(v.kind, Kind::Constant(_))
                    || to.as_ref().is_some_and(|to| same(to, v))
                    || fields.iter().any(|(_, sent)| same(sent, v))
            })
        }
        _ => false,
    })
}
