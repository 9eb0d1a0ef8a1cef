#![doc = include_str!("../pages/W0470.md")]

use super::guards::groups;
use crate::check::logic::{Guard, Logic};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, BinaryOp, Cause, Expr, ExprKind, Protocol, Transition, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0470", "a result of a task that is dropped", include_str!("../pages/W0470.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for (actor, _, state_name, state) in walk::states(context.protocol) {
        for (cause, group) in groups(state) {
            let Cause::Task(task) = cause else { continue };
            let open = group.iter().all(|t| t.guard.is_some() && t.otherwise.is_none());
            let Some(last) = group.last().filter(|_| open) else { continue };
            if covers(context.protocol, task, &group) || !reported.insert(last.meta.at) {
                continue;
            }
            let mut diagnostic = Diagnostic::new(
                CODE,
                context.span(last.guard.as_ref().map_or(last.meta.at, |g| g.meta)),
                format!("{actor} drops a result of `{task}` in {state_name} and waits on"),
            )
            .with_label("not true for every result")
            .with_note("the result of a task comes once; one that no guard takes is lost")
            .with_help(format!("say where every other result leads: `else -> {}`", last.then.to));
            for other in group.iter().rev().skip(1).filter_map(|t| t.guard.as_ref()).take(3) {
                diagnostic = diagnostic.with_secondary(context.span(other.meta), "nor is this one");
            }
            found.push(diagnostic);
        }
    }
}

/// Is every result taken but null, which stands for a host that failed?
fn covers(protocol: &Protocol, task: &str, group: &[&Transition]) -> bool {
    let Some(task) = protocol.tasks.get(task) else { return true };
    let at = At::default();
    let ty = task.returns.clone().optional();
    let side = |kind| Box::new(Expr::new(kind, ty.clone(), at));
    let is_null = ExprKind::Binary(BinaryOp::Equal, side(ExprKind::TaskResult), side(ExprKind::Null));
    let is_null = Expr::new(is_null, Type::Bool, at);
    let mut claims: Vec<(Guard<'_>, bool)> = group.iter().map(|t| (Guard::of(t), false)).collect();
    claims.push((Guard::from(&is_null), false));
    Logic::new(protocol).impossible(&claims)
}
