//! What checks of several guards share: groups of transitions for one cause, guards with other boundaries.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of expressions and operators, only orders and what connects them"
)]

use crate::check::logic::Guard;
use omt_runtime::ir::{BinaryOp, Cause, Expr, ExprKind, Handler, State, Transition, UnaryOp};
use std::collections::BTreeMap;

/// The transitions of a state by cause, each group in source order. A message that is also collected is left out: the
/// collect may take it first.
pub(super) fn groups(state: &State) -> BTreeMap<&Cause, Vec<&Transition>> {
    let mut groups: BTreeMap<&Cause, Vec<&Transition>> = BTreeMap::new();
    let mut collected = Vec::new();
    for handler in &state.handlers {
        match handler {
            Handler::Transition(t) => groups.entry(&t.cause).or_default().push(t),
            Handler::Collect(c) => collected.push(Cause::Message(c.message.clone())),
        }
    }
    groups.retain(|cause, _| !collected.contains(cause));
    groups
}

/// A guard in which every order has another boundary.
pub(super) struct Moved<'a> {
    lets: &'a [(u32, Expr)],
    guard: Expr,
    /// Was there an order to move?
    pub changed: bool,
}

impl<'a> Moved<'a> {
    /// With `<` for `<=` and the like (`wider` false), so that it holds less often; or the other way round.
    pub fn new(transition: &'a Transition, wider: bool) -> Option<Moved<'a>> {
        let mut moved = Moved { lets: &transition.lets, guard: transition.guard.clone()?, changed: false };
        moved.changed = shift(&mut moved.guard, wider);
        Some(moved)
    }

    /// As a condition.
    pub fn guard(&self) -> Guard<'_> {
        Guard::after(self.lets, Some(&self.guard))
    }
}

/// Moves the boundaries of orders in what is asserted.
fn shift(expr: &mut Expr, wider: bool) -> bool {
    match &mut expr.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => shift(inner, !wider),
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or, a, b) => {
            let a = shift(a, wider);
            shift(b, wider) || a
        }
        ExprKind::Binary(op, ..) | ExprKind::CompareFraction { op, .. } => {
            let moved = if wider { widened(*op) } else { narrowed(*op) };
            let changed = moved.is_some();
            *op = moved.unwrap_or(*op);
            changed
        }
        ExprKind::Let(_, _, body) => shift(body, wider),
        _ => false,
    }
}

fn widened(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::Less => Some(BinaryOp::LessEqual),
        BinaryOp::Greater => Some(BinaryOp::GreaterEqual),
        _ => None,
    }
}

fn narrowed(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::LessEqual => Some(BinaryOp::Less),
        BinaryOp::GreaterEqual => Some(BinaryOp::Greater),
        _ => None,
    }
}

/// What a cause is called in a sentence.
pub(super) fn name(cause: &Cause) -> String {
    match cause {
        Cause::Auto => "auto".to_owned(),
        Cause::Message(name) | Cause::Trigger(name) | Cause::Task(name) => format!("`{name}`"),
        Cause::Timeout(_) => "the time limit".to_owned(),
        Cause::Period(_) => "the period".to_owned(),
    }
}
