//! Conditions of both versions, judged together.

use super::joint::Joint;
use crate::check::logic::{Guard, Logic};
use crate::check::walk;
use omt_runtime::ir::{Expr, Handler, Local, Transition};

/// How a new condition relates to the old one. All but [`Relation::Unknown`] are certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They let the same through.
    Same,
    /// Whatever passes the new one passed the old one.
    Stronger,
    /// Whatever passed the old one passes the new one.
    Weaker,
    /// Neither can be shown.
    Unknown,
}

impl Relation {
    /// For a sentence about a guard.
    pub fn words(self) -> &'static str {
        match self {
            Relation::Same => "lets the same through",
            Relation::Stronger => "lets less through",
            Relation::Weaker => "lets more through",
            Relation::Unknown => "lets other cases through, as far as can be decided",
        }
    }
}

/// Compares two guards; the old one in the terms of the joint protocol.
pub fn relation(joint: &Joint, old: Guard<'_>, new: Guard<'_>) -> Relation {
    let logic = Logic::new(&joint.protocol);
    // What the world answers is another unknown each time it is asked: parts that are written alike are the same answer.
    let (mut narrower, mut wider) = (logic.implies(new, old), logic.implies(old, new));
    if !narrower && !wider && old.parts().count() == 1 && new.parts().count() == 1 {
        (narrower, wider) = by_parts(old, new);
    }
    match (narrower, wider) {
        (true, true) => Relation::Same,
        (true, false) => Relation::Stronger,
        (false, true) => Relation::Weaker,
        (false, false) => Relation::Unknown,
    }
}

/// Does one of two conjunctions have all parts of the other?
fn by_parts(old: Guard<'_>, new: Guard<'_>) -> (bool, bool) {
    let parts = |guard: Guard<'_>| -> Vec<serde_json::Value> {
        let mut list = Vec::new();
        guard.condition().into_iter().for_each(|e| conjuncts(e, &mut list));
        list
    };
    let (a, b) = (parts(old), parts(new));
    let all = |x: &[serde_json::Value], y: &[serde_json::Value]| x.iter().all(|part| y.contains(part));
    (all(&a, &b), all(&b, &a))
}

fn conjuncts(e: &Expr, list: &mut Vec<serde_json::Value>) {
    use omt_runtime::ir::{BinaryOp, ExprKind};
    if let ExprKind::Binary(BinaryOp::And, a, b) = &e.kind {
        conjuncts(a, list);
        conjuncts(b, list);
    } else {
        list.extend(walk::bare(e));
    }
}

/// Is whatever passed the old guard let through by one of the new ones?
pub fn covered(joint: &Joint, old: Guard<'_>, new: &[Guard<'_>]) -> bool {
    let claims: Vec<(Guard<'_>, bool)> =
        std::iter::once((old, true)).chain(new.iter().map(|guard| (*guard, false))).collect();
    Logic::new(&joint.protocol).impossible(&claims)
}

/// Do two conditions never hold together?
pub fn exclusive(joint: &Joint, a: Guard<'_>, b: Guard<'_>) -> bool {
    Logic::new(&joint.protocol).contradicts(a, b)
}

/// Guard and `let`s of a transition are written alike.
pub fn alike(a: &Transition, b: &Transition) -> bool {
    use crate::diff::alike;
    a.lets.len() == b.lets.len()
        && a.lets.iter().zip(&b.lets).all(|((_, x), (_, y))| alike::expressions((x, &a.frame), (y, &b.frame)))
        && alike::optional((a.guard.as_ref(), &a.frame), (b.guard.as_ref(), &b.frame))
}

/// A guard as it is shown.
pub fn shown(guard: Option<&Expr>, frame: &[Local]) -> String {
    match guard {
        Some(guard) => format!("`{}`", crate::diff::alike::shown(guard, frame)),
        None => "none".to_owned(),
    }
}

/// The guard of a handler.
pub fn of(handler: &Handler) -> Guard<'_> {
    match handler {
        Handler::Transition(t) => Guard::of(t),
        Handler::Collect(c) => Guard::after(&[], c.guard.as_ref()),
    }
}
