#![doc = include_str!("../pages/W0456.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "of expressions, only names")]

use super::guards::{Moved, groups};
use crate::check::logic::{Guard, Logic};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::note;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{BinaryOp, Expr, ExprKind, Protocol, Transition, UnaryOp};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = note("W0456", "guards that overlap", include_str!("../pages/W0456.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for (actor, _, state_name, state) in walk::states(context.protocol) {
        for group in groups(state).into_values() {
            for (index, later) in group.iter().enumerate() {
                let other = |first: &&&Transition| overlap(context.protocol, first, later);
                let Some(first) = group.iter().take(index).find(other) else { continue };
                let (Some(one), Some(two)) = (&first.guard, &later.guard) else { continue };
                if !reported.insert((one.meta, two.meta)) {
                    continue;
                }
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(two.meta),
                        format!("in {actor}.{state_name} both guards can be true, and their order decides"),
                    )
                    .with_label("this one loses where both are true")
                    .with_secondary(context.span(one.meta), "this one comes first")
                    .with_note("neither of them is a special case of the other, so a reader may expect either to win")
                    .with_help("exclude the common case in one of them, or put what is special first and what is general last"),
                );
            }
        }
    }
}

/// Do two guards ask the same things, overlap, and neither is a special case of the other?
fn overlap(protocol: &Protocol, first: &Transition, later: &Transition) -> bool {
    let (Some(one), Some(two)) = (&first.guard, &later.guard) else { return false };
    let same_effect = first.then == later.then && first.otherwise == later.otherwise;
    if same_effect || leaves(one) != leaves(two) {
        return false;
    }
    let logic = Logic::new(protocol);
    let (a, b) = (Guard::of(first), Guard::of(later));
    if logic.contradicts(a, b) || logic.implies(a, b) || logic.implies(b, a) {
        return false;
    }
    // Two comparisons of the same things, which have only such an answer; or guards that meet at their boundary alone.
    if single(one) && single(two) {
        return true;
    }
    match (Moved::new(first, false), Moved::new(later, false)) {
        (Some(one), Some(two)) => {
            (one.changed || two.changed) && Logic::new(protocol).contradicts(one.guard(), two.guard())
        }
        _ => false,
    }
}

/// Is it one comparison of numbers, or its contrary?
fn single(guard: &Expr) -> bool {
    if let ExprKind::Unary(UnaryOp::Not, inner) = &guard.kind {
        return single(inner);
    }
    if let ExprKind::Binary(op, a, _) = &guard.kind {
        let order =
            matches!(op, BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual);
        return order && a.ty.dimension().is_some();
    }
    false
}

/// What an expression is made of, but for numbers, parameters and operators.
fn leaves(expr: &Expr) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk::expression(expr, &mut |e| {
        let name = match &e.kind {
            ExprKind::Store(name) | ExprKind::Load(name) => format!("store {name}"),
            ExprKind::Shared(name) => format!("shared {name}"),
            ExprKind::Field(_, name) => format!("field {name}"),
            ExprKind::Argument(name) => format!("argument {name}"),
            ExprKind::Local(slot) => format!("local {slot}"),
            ExprKind::Call(name, _) | ExprKind::Native(name, _) | ExprKind::View(name, _) => name.clone(),
            ExprKind::Builtin(builtin, _) => builtin.name().to_owned(),
            ExprKind::Sender => "sender".to_owned(),
            ExprKind::TaskResult => "result".to_owned(),
            _ => return,
        };
        found.insert(name);
    });
    found
}
