//! What is known when a state is entered: what the guard on the way said, and what its actions assigned.

use crate::check::logic::{Guard, Logic};
use crate::check::walk;
use omt_runtime::ir::{
    Action, Actor, At, BinaryOp, Branch, Expr, ExprKind, Handler, Place, Protocol, State, Transition, Type,
};
use std::collections::BTreeSet;

/// One way into a state. The step may have begun earlier; `NOW()` and the cause are still the same.
pub(super) struct Entry<'a> {
    /// Where the transition stands.
    pub at: At,
    /// The state that is left.
    pub from: &'a str,
    facts: Vec<Fact<'a>>,
}

struct Fact<'a> {
    lets: &'a [(u32, Expr)],
    condition: Condition<'a>,
    when: bool,
}

enum Condition<'a> {
    Written(&'a Expr),
    Made(Box<Expr>),
}

impl Entry<'_> {
    /// What holds, as claims for [`Logic::impossible`].
    pub fn claims(&self) -> Vec<(Guard<'_>, bool)> {
        self.facts
            .iter()
            .map(|fact| {
                let condition = match &fact.condition {
                    Condition::Written(expr) => *expr,
                    Condition::Made(expr) => expr,
                };
                (Guard::after(fact.lets, Some(condition)), fact.when)
            })
            .collect()
    }
}

/// Is it impossible on every way into the state that these claims come true there? No way at all proves nothing.
pub(super) fn impossible_on_entry<'e>(
    protocol: &'e Protocol,
    entries: &'e [Entry<'e>],
    claims: &[(Guard<'e>, bool)],
) -> bool {
    !entries.is_empty()
        && entries.iter().all(|entry| {
            let mut all = entry.claims();
            all.extend_from_slice(claims);
            Logic::new(protocol).impossible(&all)
        })
}

/// All ways into a state, also from itself; none for the initial state, where an instance may begin with nothing.
pub(super) fn entries<'a>(protocol: &'a Protocol, actor: &'a Actor, name: &str) -> Vec<Entry<'a>> {
    if actor.initial == name {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (from, state) in &actor.states {
        for handler in &state.handlers {
            match handler {
                Handler::Transition(t) => {
                    if t.then.to == name {
                        found.push(way(protocol, from, t, &t.then, state, true));
                    }
                    if let Some(otherwise) = t.otherwise.as_ref().filter(|o| o.to == name) {
                        found.push(way(protocol, from, t, otherwise, state, false));
                    }
                }
                Handler::Collect(c) if from == name => {
                    found.push(Entry { at: c.meta.at, from, facts: Vec::new() });
                }
                Handler::Collect(_) => {}
            }
        }
    }
    found
}

fn way<'a>(
    protocol: &'a Protocol,
    from: &'a str,
    t: &'a Transition,
    branch: &'a Branch,
    state: &'a State,
    when: bool,
) -> Entry<'a> {
    let changed = changes(&branch.actions);
    let mut facts = Vec::new();
    let mut keep = |t: &'a Transition, when: bool| {
        if let Some(guard) = &t.guard
            && lasts(protocol, guard, &t.lets, &changed)
        {
            facts.push(Fact { lets: &t.lets, condition: Condition::Written(guard), when });
        }
    };
    if when {
        keep(t, true);
    } else {
        // An `else` is taken when no guard for the cause is true.
        for handler in &state.handlers {
            if let Handler::Transition(other) = handler
                && other.cause == t.cause
            {
                keep(other, false);
            }
        }
    }
    for action in &branch.actions {
        let Action::Assign { place, path, value, meta: _ } = action else { continue };
        let (kind, changing) = match place {
            Place::Store(name) => (ExprKind::Store(name.clone()), Changing::Store(name)),
            Place::Shared(name) => (ExprKind::Shared(name.clone()), Changing::Shared(name)),
            Place::View(_) | Place::Local(_) => continue,
        };
        let once = times(&branch.actions, &changing) == 1;
        if path.is_empty() && once && explained(value, &t.lets) && lasts(protocol, value, &t.lets, &changed) {
            let left = Expr::new(kind, value.ty.clone(), value.meta);
            let equal = ExprKind::Binary(BinaryOp::Equal, Box::new(left), Box::new(value.clone()));
            let condition = Condition::Made(Box::new(Expr::new(equal, Type::Bool, value.meta)));
            facts.push(Fact { lets: &t.lets, condition, when: true });
        }
    }
    Entry { at: t.meta.at, from, facts }
}

/// Are all locals of an expression those of these `let`s (or bound inside it)?
fn explained(expr: &Expr, lets: &[(u32, Expr)]) -> bool {
    let mut bound: BTreeSet<u32> = lets.iter().map(|(slot, _)| *slot).collect();
    walk::expression(expr, &mut |e| {
        if let ExprKind::Let(slot, _, _) = &e.kind {
            bound.insert(*slot);
        }
        if let ExprKind::Lambda(slots, _) = &e.kind {
            bound.extend(slots);
        }
    });
    let mut all = true;
    walk::expression(expr, &mut |e| {
        if let ExprKind::Local(slot) | ExprKind::CallLocal(slot, _) = &e.kind {
            all &= bound.contains(slot);
        }
    });
    all
}

/// Does an expression, and the `let`s before it, have the same value after these changes?
fn lasts(protocol: &Protocol, expr: &Expr, lets: &[(u32, Expr)], changed: &BTreeSet<Changing<'_>>) -> bool {
    lets.iter().map(|(_, e)| e).chain([expr]).all(|e| unchanged(protocol, e, changed))
}

/// What of an instance can be changed by a step.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Changing<'a> {
    Store(&'a str),
    Shared(&'a str),
    Chain,
}

/// Reads an expression nothing of what is changed?
pub(super) fn unchanged(protocol: &Protocol, expr: &Expr, changed: &BTreeSet<Changing<'_>>) -> bool {
    let mut same = true;
    walk::evaluated(protocol, expr, &mut |_, e| {
        same &= source(e).is_none_or(|source| !changed.contains(&source));
    });
    same
}

/// What an expression itself reads.
pub(super) fn source(expr: &Expr) -> Option<Changing<'_>> {
    if let ExprKind::Store(name) | ExprKind::Load(name) = &expr.kind {
        Some(Changing::Store(name))
    } else if let ExprKind::Shared(name) = &expr.kind {
        Some(Changing::Shared(name))
    } else {
        (expr.kind == ExprKind::OwnChain).then_some(Changing::Chain)
    }
}

/// What actions change, on any of their ways.
pub(super) fn changes(list: &[Action]) -> BTreeSet<Changing<'_>> {
    let mut changed = BTreeSet::new();
    walk::actions(list, &mut |action| changed.extend(targets(action)));
    changed
}

fn times(list: &[Action], what: &Changing<'_>) -> usize {
    let mut count: usize = 0;
    walk::actions(list, &mut |action| {
        count = count.saturating_add(targets(action).iter().filter(|t| *t == what).count());
    });
    count
}

/// What an action itself changes.
pub(super) fn targets(action: &Action) -> Vec<Changing<'_>> {
    fn changing(place: &Place) -> Option<Changing<'_>> {
        match place {
            Place::Store(name) => Some(Changing::Store(name)),
            Place::Shared(name) => Some(Changing::Shared(name)),
            Place::View(_) | Place::Local(_) => None,
        }
    }
    match action {
        Action::Assign { place, .. } => changing(place).into_iter().collect(),
        Action::Append { into, .. } => {
            into.as_ref().and_then(changing).into_iter().chain([Changing::Chain]).collect()
        }
        Action::Send { .. }
        | Action::Broadcast { .. }
        | Action::Gossip { .. }
        | Action::Let { .. }
        | Action::If { .. }
        | Action::For { .. }
        | Action::Abort { .. }
        | Action::Start { .. } => Vec::new(),
    }
}
