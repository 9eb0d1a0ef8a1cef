#![doc = include_str!("../pages/S0715.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::decide::within;
use super::flow::value::{Atom, Kind, Op, Root, any, atoms};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::analysis::reachable_from;
use omt_runtime::ir::{Builtin, Expr, ExprKind};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0715", "a deadline that the other side chooses", include_str!("../pages/S0715.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for (actor, machine) in &context.protocol.actors {
        for (state, declared) in &machine.states {
            for limit in &declared.limits {
                let Some((field, path)) = place(&limit.value) else { continue };
                for step in flow.of_actor(actor) {
                    let Some(message) = step.message_name() else { continue };
                    if flow.lost(step) || !reachable_from(machine, step.to).contains(state.as_str()) {
                        continue;
                    }
                    for value in step.written(Root::Store(field)) {
                        let value = within(value, &path);
                        let from: Vec<Atom<'_>> =
                            atoms(&value).into_iter().filter(|atom| atom.root == Root::Payload).collect();
                        let own_limit = any(&value, &|v| {
                            matches!(v.kind, Kind::Op(Op::Builtin(Builtin::Min | Builtin::Clamp), _))
                        });
                        let Some(atom) = from.first() else { continue };
                        if own_limit
                            || from.iter().any(|atom| flow.read(step, &atom.path))
                            || !reported.insert((actor, field, message))
                        {
                            continue;
                        }
                        found.push(
                            Diagnostic::new(CODE, context.span(step.at), format!("{actor} waits as long as {message} says"))
                                .with_label(format!("nothing limits `{}`", atom.text()))
                                .with_secondary(context.span(limit.meta.at), format!("how long {actor} waits in {state}"))
                                .with_note("its sender can make it wait for years, or not at all; what waits holds a session, and what is locked stays locked")
                                .with_help(format!("compare `{}` in the guard, as `<= NOW() + …`, or take `MIN` of it and a limit of your own", atom.text())),
                        );
                    }
                }
            }
        }
    }
}

/// The field of the store that a limit is read from, and the path in it.
fn place(expr: &Expr) -> Option<(&str, Vec<&str>)> {
    match &expr.kind {
        ExprKind::Store(name) => Some((name, Vec::new())),
        ExprKind::Field(of, name) => {
            let (field, mut path) = place(of)?;
            path.push(name);
            Some((field, path))
        }
        ExprKind::Convert(_, of) => place(of),
        _ => None,
    }
}
