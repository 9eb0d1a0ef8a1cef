#![doc = include_str!("../pages/S0724.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::value::{Kind, Node, Op, Root, any_of, atoms, uses_payload};
use super::message::parts;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0724", "a chain that may be cut short", include_str!("../pages/S0724.md"));

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
        for part in parts(context.protocol, message) {
            if *part.ty != Type::Segment {
                continue;
            }
            let views = |n: &Node<'_>| match &n.kind {
                Kind::Op(Op::View(_), operands) => operands.iter().any(|v| uses_payload(v, &part.path)),
                _ => false,
            };
            // Only what a decision, or a record, depends on.
            let read = any_of(asked.iter().chain(step.made()), &views);
            let pinned = any_of(asked, &|v| pins(v, &part.path));
            if !read || pinned || !reported.insert((step.actor, name, part.path.clone())) {
                continue;
            }
            let text = part.text();
            found.push(
                Diagnostic::new(CODE, context.span(step.at), format!("{} does not ask up to where `{text}` goes", step.actor))
                    .with_label(format!("a view of `{text}` is relied on, and `{text}.head` is compared with nothing"))
                    .with_secondary(context.span(part.at), "blocks from the first one on, up to where its sender likes")
                    .with_note("the sender can leave out the newest blocks: those in which it has spent, lost or signed something")
                    .with_help(format!("compare `{text}.head` with a hash that must be the newest, or ask `CHAIN_CONTAINS_HASH({text}, …)` for one that must be in it")),
            );
        }
    }
}

/// Is it asked where the segment ends, how long it is, or whether a block is in it?
fn pins(v: &Node<'_>, path: &[&str]) -> bool {
    match &v.kind {
        Kind::Compare(_, a, b) => [a, b].into_iter().any(|side| {
            atoms(side).iter().any(|atom| {
                atom.root == Root::Payload
                    && atom.path.len() == path.len().saturating_add(1)
                    && atom.path.starts_with(path)
                    && matches!(atom.path.last(), Some(&"head" | &"height"))
            })
        }),
        Kind::Op(
            Op::Builtin(
                Builtin::ChainContainsHash
                | Builtin::ChainStateAt
                | Builtin::ChainHeight
                | Builtin::ChainSegment,
            ),
            operands,
        ) => operands.first().is_some_and(|chain| uses_payload(chain, path)),
        Kind::Op(Op::Native(_), operands) => operands.iter().any(|v| uses_payload(v, path)),
        _ => false,
    }
}
