#![doc = include_str!("../pages/W0455.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "of expressions, only comparisons with values of enums")]

use super::guards::{Moved, groups, name};
use crate::check::logic::{Guard, Logic};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{BinaryOp, Cause, Expr, ExprKind, Protocol, Transition, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("W0455", "guards that leave a gap", include_str!("../pages/W0455.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for (actor, _, state_name, state) in walk::states(context.protocol) {
        for (cause, group) in groups(state) {
            // One guard alone is a refusal on purpose; an `else` leaves no gap.
            let open = group.len() > 1 && group.iter().all(|t| t.guard.is_some() && t.otherwise.is_none());
            let Some(last) = group.last().filter(|_| open) else { continue };
            let guards: Vec<Guard<'_>> = group.iter().map(|t| Guard::of(t)).collect();
            if context.logic().covers(&guards) {
                continue;
            }
            let Some(gap) =
                boundary(context.logic(), &group).or_else(|| value(context.protocol, cause, &group))
            else {
                continue;
            };
            if !reported.insert(last.meta.at) {
                continue;
            }
            let what = match cause {
                Cause::Auto => "no `auto` is taken".to_owned(),
                Cause::Message(_) | Cause::Trigger(_) => format!("{} is refused", name(cause)),
                Cause::Task(_) | Cause::Timeout(_) | Cause::Period(_) => {
                    format!("{} passes without effect", name(cause))
                }
            };
            let mut diagnostic = Diagnostic::new(
                CODE,
                context.span(last.guard.as_ref().map_or(last.meta.at, |g| g.meta)),
                format!("in {actor}.{state_name} {} {gap}", what),
            )
            .with_label("none of these guards is true then")
            .with_note(
                "the guards cover every case but this one, so it was probably meant to be in one of them",
            )
            .with_help(format!("include it in one of the guards, or end with `else -> {}`", last.then.to));
            for other in group.iter().rev().skip(1).filter_map(|t| t.guard.as_ref()).take(3) {
                diagnostic = diagnostic.with_secondary(context.span(other.meta), "nor this one");
            }
            found.push(diagnostic);
        }
    }
}

/// Would the guards cover every case if `<` were `<=` and `>` were `>=`?
fn boundary(logic: Logic<'_>, group: &[&Transition]) -> Option<String> {
    let wider: Vec<Moved<'_>> = group.iter().filter_map(|t| Moved::new(t, true)).collect();
    let guards: Vec<Guard<'_>> = wider.iter().map(Moved::guard).collect();
    let touched = wider.iter().filter(|moved| moved.changed).count();
    // One strict guard beside one that is no order, like `n > 0` and `f`, says nothing about boundaries.
    (touched > 1 && logic.covers(&guards)).then(|| "when both sides are equal".to_owned())
}

/// The only value of an enum that the guards leave out.
fn value(protocol: &Protocol, cause: &Cause, group: &[&Transition]) -> Option<String> {
    // A state may wait until a field has one of several values.
    if *cause == Cause::Auto || group.iter().any(|t| !t.lets.is_empty()) {
        return None;
    }
    let mut asked: Option<&Expr> = None;
    let mut named = BTreeSet::new();
    for guard in group.iter().filter_map(|t| t.guard.as_ref()) {
        for (expr, value) in values(guard)? {
            if asked.is_some_and(|asked| !walk::alike(asked, expr)) {
                return None;
            }
            asked = Some(expr);
            named.insert(value);
        }
    }
    let asked = asked?;
    let Type::Enum(of) = &asked.ty else { return None };
    let once = matches!(cause, Cause::Timeout(_) | Cause::Task(_));
    if !once && !comes_with_cause(asked) {
        return None;
    }
    let all = &protocol.enums.get(of)?.values;
    let mut missing = all.keys().filter(|value| !named.contains(value.as_str()));
    match (missing.next(), missing.next()) {
        (Some(only), None) if named.len() > 1 => Some(format!("when the value is {only}")),
        _ => None,
    }
}

/// What is compared, and with which values, if a guard is nothing but that.
fn values(guard: &Expr) -> Option<Vec<(&Expr, &str)>> {
    match &guard.kind {
        ExprKind::Binary(BinaryOp::Equal, a, b) => match (&a.kind, &b.kind) {
            (_, ExprKind::EnumValue(_, value)) => Some(vec![(a, value)]),
            (ExprKind::EnumValue(_, value), _) => Some(vec![(b, value)]),
            _ => None,
        },
        ExprKind::Binary(BinaryOp::Or, a, b) => {
            let mut all = values(a)?;
            all.extend(values(b)?);
            Some(all)
        }
        ExprKind::Binary(BinaryOp::In, item, list) => match &list.kind {
            ExprKind::List(items) => items
                .iter()
                .map(|other| match &other.kind {
                    ExprKind::EnumValue(_, value) => Some((&**item, value.as_str())),
                    _ => None,
                })
                .collect(),
            _ => None,
        },
        _ => None,
    }
}

/// Does a value come with the message, the trigger or the task?
fn comes_with_cause(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field(of, _) | ExprKind::Convert(_, of) => comes_with_cause(of),
        ExprKind::Payload | ExprKind::Argument(_) | ExprKind::TaskResult => true,
        _ => false,
    }
}
