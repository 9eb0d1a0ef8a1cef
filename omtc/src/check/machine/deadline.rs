//! When time limits of a state end, as conditions that the logic can compare.

use super::entry::{Entry, entries, impossible_on_entry};
use super::never_fires::transitions;
use crate::check::logic::{Guard, Logic};
use omt_runtime::ir::{
    Actor, At, BinaryOp, Builtin, Cause, Conversion, Dimension, Expr, ExprKind, Limit, LimitKind, Protocol,
    State, Type,
};

/// The time limits of a state, and what is known when they are armed.
pub(super) struct Deadlines<'a> {
    protocol: &'a Protocol,
    ways: Vec<Entry<'a>>,
}

fn instant() -> Type {
    Type::Exact(Dimension::Instant)
}

fn now(at: At) -> Expr {
    let now = Expr::new(ExprKind::Builtin(Builtin::Now, Vec::new()), Type::Timestamp, at);
    Expr::new(ExprKind::Convert(Conversion::Widen, Box::new(now)), instant(), at)
}

/// The instant at which a limit ends, counted from the step that arms it; `None` when it may be unset.
fn end(limit: &Limit) -> Option<Expr> {
    if may_be_unset(&limit.value) {
        return None;
    }
    let at = limit.meta.at;
    let dimension = limit.value.ty.dimension()?;
    let value = ExprKind::Convert(Conversion::Widen, Box::new(limit.value.clone()));
    let value = Expr::new(value, Type::Exact(dimension), at);
    if dimension == Dimension::Instant {
        return Some(value);
    }
    let sum = ExprKind::Binary(BinaryOp::Add, Box::new(now(at)), Box::new(value));
    Some(Expr::new(sum, instant(), at))
}

/// May a time limit not be armed, because it or something on the way to it is null?
pub(super) fn may_be_unset(value: &Expr) -> bool {
    if let ExprKind::Field(of, _) | ExprKind::Convert(_, of) = &value.kind
        && !value.ty.is_optional()
    {
        return may_be_unset(of);
    }
    value.ty.is_optional()
}

fn compare(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    let at = a.meta;
    Expr::new(ExprKind::Binary(op, Box::new(a), Box::new(b)), Type::Bool, at)
}

impl<'a> Deadlines<'a> {
    pub fn new(protocol: &'a Protocol, actor: &'a Actor, name: &str) -> Self {
        Deadlines { protocol, ways: entries(protocol, actor, name) }
    }

    fn impossible(&self, condition: &Expr) -> bool {
        let claims: [(Guard<'_>, bool); 1] = [(condition.into(), true)];
        Logic::new(self.protocol).impossible(&claims)
            || impossible_on_entry(Logic::new(self.protocol), &self.ways, &claims)
    }

    /// Is a limit over in the moment in which it begins?
    pub fn over(&self, limit: &Limit) -> bool {
        end(limit).is_some_and(|end| {
            let at = end.meta;
            self.impossible(&compare(BinaryOp::Greater, end, now(at)))
        })
    }

    /// Is `later` never over before `first`? If `strictly`, not at the same instant either.
    pub fn never_before(&self, later: &Limit, first: &Limit, strictly: bool) -> bool {
        let (Some(later), Some(first)) = (end(later), end(first)) else { return false };
        let op = if strictly { BinaryOp::LessEqual } else { BinaryOp::Less };
        self.impossible(&compare(op, later, first))
    }

    /// Is a limit certainly set whenever the state is entered?
    pub fn set(&self, limit: &Limit) -> bool {
        if !may_be_unset(&limit.value) {
            return true;
        }
        // Only a field itself: what is on the way of a path is not looked at.
        if !matches!(limit.value.kind, ExprKind::Store(_)) {
            return false;
        }
        let null = Expr::new(ExprKind::Null, limit.value.ty.clone(), limit.meta.at);
        let unset = compare(BinaryOp::Equal, limit.value.clone(), null);
        impossible_on_entry(Logic::new(self.protocol), &self.ways, &[((&unset).into(), true)])
    }
}

/// The limits of one kind with their index.
pub(super) fn timeouts(state: &State) -> impl Iterator<Item = (u32, &Limit)> {
    (0..).zip(&state.limits).filter(|(_, limit)| limit.kind == LimitKind::Timeout)
}

/// Does a time limit lead out of its state whatever the guards say?
pub(super) fn leaves(protocol: &Protocol, name: &str, state: &State, index: u32) -> bool {
    let group: Vec<_> = transitions(state).filter(|t| t.cause == Cause::Timeout(index)).collect();
    let away = group.iter().all(|t| t.then.to != name && t.otherwise.as_ref().is_none_or(|o| o.to != name));
    let certain = group.iter().any(|t| t.guard.is_none() || t.otherwise.is_some());
    let guards: Vec<Guard<'_>> = group.iter().map(|t| Guard::of(t)).collect();
    away && (certain || Logic::new(protocol).covers(&guards))
}
