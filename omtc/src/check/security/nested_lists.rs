#![doc = include_str!("../pages/S0709.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::value::{Atom, Kind, Op, Root, Value, any, part};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{BinaryOp, Builtin};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0709", "lists of a peer gone through within each other", include_str!("../pages/S0709.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let Some(name) = step.message_name() else { continue };
        if step.lost {
            continue;
        }
        let asked = flow.asked(step);
        for nested in &step.nested {
            let (Some(outer), Some(inner)) = (source(&nested.outer), source(&nested.inner)) else { continue };
            // A list in an element of the other one: both together are no longer than the message.
            let within = inner.path.len() > outer.path.len() && inner.path.starts_with(&outer.path);
            let limited = |path: &[&str]| asked.iter().any(|v| has_length(v, path));
            if within
                || limited(&outer.path)
                || limited(&inner.path)
                || !reported.insert((step.actor, name, nested.at))
            {
                continue;
            }
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(nested.at),
                    format!(
                        "{} goes through `{}` for each element of `{}`",
                        step.actor,
                        inner.text(),
                        outer.text()
                    ),
                )
                .with_label("as often as one list is long times the other")
                .with_secondary(
                    context.span(step.at),
                    format!("both come with {name}, and nothing limits them"),
                )
                .with_note("each may have 65,536 elements: four thousand million turns for one message")
                .with_help(format!(
                    "add `when LENGTH({}) <= …` with a parameter, or look things up in a map",
                    outer.text()
                )),
            );
        }
    }
}

/// The list of the message that is gone through.
fn source<'a>(value: &Value<'a>) -> Option<Atom<'a>> {
    if let Some(atom) = part(value) {
        return (atom.root == Root::Payload).then_some(atom);
    }
    match &value.kind {
        Kind::Op(
            Op::Builtin(
                Builtin::Keys
                | Builtin::Values
                | Builtin::Filter
                | Builtin::Map
                | Builtin::Sort
                | Builtin::SortBy
                | Builtin::Unique,
            ),
            operands,
        ) => source(operands.first()?),
        _ => None,
    }
}

/// Is its length asked for?
fn has_length(value: &Value<'_>, path: &[&str]) -> bool {
    any(value, &|v| match &v.kind {
        Kind::Op(Op::Builtin(Builtin::Length), operands) => {
            operands.first().and_then(source).is_some_and(|atom| atom.path == path)
        }
        // The same as something that is known.
        Kind::Compare(BinaryOp::Equal | BinaryOp::NotEqual, a, b) => {
            [a, b].into_iter().any(|side| part(side).is_some_and(|atom| atom.covers(Root::Payload, path)))
        }
        _ => false,
    })
}
