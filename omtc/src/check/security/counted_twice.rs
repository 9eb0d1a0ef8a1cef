#![doc = include_str!("../pages/S0702.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::Flow;
use super::flow::decide::literals;
use super::flow::step::{Sender, Step};
use super::flow::value::{Kind, Op, Root, SIZE, Value, any, atoms, part, walk};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, BinaryOp, Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0702", "a vote that may be counted twice", include_str!("../pages/S0702.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let Some(name) = step.message_name() else { continue };
        if step.collect.is_some() || flow.lost(step) || matches!(step.sender(), Sender::One(_)) {
            continue;
        }
        for (effect, root, keys, value) in step.writes() {
            let Root::Store(field) = root else { continue };
            let Some(way) = way(root, keys, value) else { continue };
            let Some(threshold) = threshold(flow, step, root) else { continue };
            let fits = match way {
                Way::Listed | Way::Counted => !asks_for_repetition(step),
                Way::Keyed => names_itself(step, keys),
            };
            if !fits || !reported.insert((step.actor, name, field)) {
                continue;
            }
            let (label, note) = match way {
                Way::Listed => (
                    "added whoever has sent it, and however often",
                    "one peer that sends two different messages is in the list twice, and makes up a quorum alone if it sends enough",
                ),
                Way::Counted => (
                    "counted whoever has sent it, and however often",
                    "one peer that sends two different messages is counted twice, and makes up a quorum alone if it sends enough",
                ),
                Way::Keyed => (
                    "kept under a name that the message brings",
                    "one peer that writes other names into its messages votes for all of them",
                ),
            };
            found.push(
                Diagnostic::new(CODE, context.span(effect.at), format!("{} counts {name} without asking whether its sender was counted before", step.actor))
                    .with_label(label)
                    .with_secondary(context.span(threshold), format!("here `{field}` decides"))
                    .with_note(note)
                    .with_help(format!("write `collect {name} in [{}] into {field}` with a map from peers to messages: it takes one from each member", step.state)),
            );
        }
    }
}

/// How a message comes to count.
#[derive(Clone, Copy)]
enum Way {
    /// It is added to a list.
    Listed,
    /// A number goes up by a fixed amount.
    Counted,
    /// It is put into a map.
    Keyed,
}

fn way(root: Root<'_>, keys: &[Value<'_>], value: &Value<'_>) -> Option<Way> {
    let own = |v: &Value<'_>| part(v).is_some_and(|atom| atom.root == root && atom.path.is_empty());
    if !keys.is_empty() {
        return Some(Way::Keyed);
    }
    match &value.kind {
        Kind::Op(Op::Binary(BinaryOp::Concat) | Op::Builtin(Builtin::Concat), operands) => {
            operands.iter().any(own).then_some(Way::Listed)
        }
        Kind::Op(Op::Binary(BinaryOp::Add), operands) => {
            (operands.iter().any(own) && operands.iter().any(|v| v.is_fixed())).then_some(Way::Counted)
        }
        Kind::Op(Op::Builtin(Builtin::With), operands) => {
            operands.first().is_some_and(own).then_some(Way::Keyed)
        }
        _ => None,
    }
}

/// Where the number of something decides.
fn threshold(flow: &Flow<'_>, step: &Step<'_>, root: Root<'_>) -> Option<At> {
    let counts = |v: &Value<'_>| {
        atoms(v).iter().any(|atom| atom.root == root && matches!(atom.path.as_slice(), [] | [SIZE]))
    };
    for other in flow.of_actor(step.actor) {
        for condition in &other.conditions {
            let mut at = None;
            walk(&condition.value, &mut |v| {
                if let Kind::Compare(op, a, b) = &v.kind
                    && *op != BinaryOp::In
                    && at.is_none()
                {
                    let enough = |v: &Value<'_>| {
                        any(v, &|n| {
                            matches!(n.kind, Kind::Parameter(_))
                                || matches!(n.kind, Kind::Op(Op::Builtin(Builtin::Length), _))
                        }) && !counts(v)
                    };
                    if (counts(a) && enough(b)) || (counts(b) && enough(a)) {
                        at = Some(v.at);
                    }
                }
                at.is_none()
            });
            if at.is_some() {
                return at;
            }
        }
    }
    None
}

/// Do the conditions ask whether the sender is among those that this step remembers?
fn asks_for_repetition(step: &Step<'_>) -> bool {
    let remembered: BTreeSet<Root<'_>> = step
        .writes()
        .filter(|(_, _, keys, value)| keys.iter().chain([*value]).any(mentions_sender))
        .map(|(_, root, _, _)| root)
        .collect();
    let ifs = step.effects.iter().flat_map(|effect| &effect.when);
    literals(step.conditions.iter().chain(ifs)).iter().any(|literal| {
        mentions_sender(&literal.value)
            && atoms(&literal.value).iter().any(|atom| remembered.contains(&atom.root))
    })
}

fn mentions_sender(value: &Value<'_>) -> bool {
    atoms(value).iter().any(|atom| matches!(atom.root, Root::Sender | Root::Envelope))
}

/// Does the message itself say under which name it counts, and nobody compares that with its sender?
fn names_itself(step: &Step<'_>, keys: &[Value<'_>]) -> bool {
    let Some(key) = keys.first() else { return false };
    let Some(atom) = part(key).filter(|atom| atom.root == Root::Payload) else { return false };
    let is_peer = key.plain() == Some(&Type::PeerId);
    let compared = literals(&step.conditions).iter().any(|literal| {
        mentions_sender(&literal.value)
            && atoms(&literal.value).iter().any(|other| other.covers(Root::Payload, &atom.path))
    });
    is_peer && !compared
}
