#![doc = include_str!("../pages/W0569.md")]

use super::slots;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At, ExprKind, Stmt};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0569", "a decision with the same on both sides", include_str!("../pages/W0569.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<At> = BTreeSet::new();
    let mut add = |at: At, label: At| {
        if seen.insert(at) {
            found.push(
                Diagnostic::new(CODE, context.span(at), "both branches are the same")
                    .with_label("whatever is decided, this happens")
                    .with_secondary(context.span(label), "on this condition")
                    .with_note("a decision that changes nothing was meant to change something")
                    .with_help("give one of the branches what belongs there, or leave the decision out"),
            );
        }
    };
    slots::everywhere(context.protocol, &mut |_, e| {
        if let ExprKind::If(condition, a, b) = &e.kind
            && walk::alike(a, b)
        {
            add(e.meta, condition.meta);
        }
    });
    for actor in context.protocol.actors.values() {
        walk::actor_actions(actor, &mut |action| {
            if let Action::If { condition, then, otherwise, meta } = action
                && !then.is_empty()
                && walk::alike_all(then, otherwise)
            {
                add(*meta, condition.meta);
            }
        });
    }
    for function in context.protocol.functions.values() {
        for statement in &function.body {
            statement.walk(&mut |s| {
                if let Stmt::If { condition, then, otherwise, meta } = s
                    && !then.is_empty()
                    && walk::alike_all(then, otherwise)
                {
                    add(*meta, condition.meta);
                }
            });
        }
    }
}
