//! What is known when a state is entered: what the guard on the way said, and what its actions assigned; and what of
//! that still holds while the machine waits there.

#![allow(clippy::wildcard_enum_match_arm, reason = "of expressions, only what belongs to a step")]

use super::never_fires::transitions;
use crate::check::logic::{Guard, Logic};
use crate::check::walk;
use omt_runtime::ir::{
    Action, Actor, At, BinaryOp, Branch, Builtin, Cause, Expr, ExprKind, Handler, Place, Protocol, State,
    Transition, Type,
};
use std::collections::{BTreeMap, BTreeSet};

/// One way into a state. The step may have begun earlier; `NOW()` and the cause are still the same.
pub(super) struct Entry<'a> {
    /// Where the transition stands.
    pub at: At,
    /// The state that is left.
    pub from: &'a str,
    facts: Vec<Fact>,
}

/// A condition and the `let`s before it. What the step changes afterwards is called by another name in them.
#[derive(Clone)]
struct Fact {
    lets: Vec<(u32, Expr)>,
    condition: Expr,
    when: bool,
    /// What it is about.
    reads: BTreeSet<String>,
}

impl Fact {
    fn new(protocol: &Protocol, lets: Vec<(u32, Expr)>, condition: Expr, when: bool) -> Fact {
        let mut fact = Fact { lets, condition, when, reads: BTreeSet::new() };
        fact.look(protocol);
        fact
    }

    fn look(&mut self, protocol: &Protocol) {
        let mut found = BTreeSet::new();
        for part in self.lets.iter().map(|(_, e)| e).chain([&self.condition]) {
            reads(protocol, part, &mut found);
        }
        self.reads = found;
    }
}

impl Entry<'_> {
    /// What holds and has to do with these fields, directly or through other fields, as claims for
    /// [`Logic::impossible`].
    fn claims(&self, fields: &BTreeSet<String>) -> Vec<(Guard<'_>, bool)> {
        let mut fields = fields.clone();
        let mut taken = vec![false; self.facts.len()];
        loop {
            let mut more = false;
            for (fact, taken) in self.facts.iter().zip(&mut taken) {
                if !*taken && !fact.reads.is_disjoint(&fields) {
                    fields.extend(fact.reads.iter().cloned());
                    *taken = true;
                    more = true;
                }
            }
            if !more {
                break;
            }
        }
        let chosen = self.facts.iter().zip(taken).filter(|(_, taken)| *taken);
        chosen.map(|(fact, _)| (Guard::after(&fact.lets, Some(&fact.condition)), fact.when)).collect()
    }
}

/// Is it impossible on every way into the state that these claims come true there? No way at all proves nothing.
pub(super) fn impossible_on_entry<'e>(
    logic: Logic<'e>,
    entries: &'e [Entry<'e>],
    claims: &[(Guard<'e>, bool)],
) -> bool {
    if entries.is_empty() {
        return false;
    }
    let mut fields = BTreeSet::new();
    for part in claims.iter().flat_map(|(guard, _)| guard.parts()) {
        reads(logic.protocol(), part, &mut fields);
    }
    entries.iter().all(|entry| {
        let mut all = entry.claims(&fields);
        // What has nothing to do with the claims makes none of them impossible.
        if all.is_empty() {
            return false;
        }
        all.extend_from_slice(claims);
        logic.impossible(&all)
    })
}

/// Names of what an expression reads that facts can be about.
fn reads(protocol: &Protocol, expr: &Expr, found: &mut BTreeSet<String>) {
    walk::evaluated(protocol, expr, &mut |_, e| match &e.kind {
        ExprKind::Store(name) | ExprKind::Load(name) => {
            found.insert(name.clone());
        }
        ExprKind::Shared(name) => {
            found.insert(format!("shared {name}"));
        }
        // Of one step, as the message that caused it.
        _ if of_the_step(e) => {
            found.insert("the step".to_owned());
        }
        _ => {}
    });
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

/// What holds as long as the machine waits in a state, by the way on which it was entered: of what was known then, that
/// which reads only fields that no step in the state changes; and that no `auto` of the state could be taken.
pub(super) fn waits<'a>(
    protocol: &'a Protocol,
    actor: &'a Actor,
    name: &str,
    state: &State,
) -> Vec<Entry<'a>> {
    let mut changed: BTreeSet<Changing<'_>> = BTreeSet::new();
    for handler in &state.handlers {
        match handler {
            Handler::Transition(_) => {
                for branch in walk::branches(handler).filter(|branch| branch.to == name) {
                    changed.extend(changes(&branch.actions));
                }
            }
            Handler::Collect(c) => {
                changed.insert(Changing::Store(&c.into));
                changed.extend(changes(&c.actions));
            }
        }
    }
    let passing = |t: &&Transition| t.cause == Cause::Auto && t.lets.is_empty();
    let refused: Vec<Fact> = transitions(state)
        .filter(passing)
        .filter_map(|t| t.guard.as_ref())
        .filter(|guard| keeps(protocol, guard, &BTreeSet::new()) && of_the_store(guard))
        .map(|guard| Fact::new(protocol, Vec::new(), guard.clone(), false))
        .collect();
    let mut found = entries(protocol, actor, name);
    found.retain(|entry| entry.from != name);
    for entry in &mut found {
        entry.facts.retain(|fact| {
            fact.lets.iter().map(|(_, e)| e).chain([&fact.condition]).all(|e| keeps(protocol, e, &changed))
        });
        for fact in &mut entry.facts {
            fact.lets.iter_mut().for_each(|(_, e)| as_of_entry(e));
            as_of_entry(&mut fact.condition);
            fact.look(protocol);
        }
        entry.facts.extend(refused.iter().cloned());
    }
    found
}

/// Does an expression read no field that is changed, and nothing in functions that is another thing in another step?
fn keeps(protocol: &Protocol, expr: &Expr, changed: &BTreeSet<Changing<'_>>) -> bool {
    let mut same = true;
    walk::evaluated(protocol, expr, &mut |function, e| {
        same &= source(e).is_none_or(|source| !changed.contains(&source));
        same &= function.is_none() || !of_the_step(e);
    });
    same
}

fn of_the_store(expr: &Expr) -> bool {
    let mut only = true;
    walk::expression(expr, &mut |e| only &= !of_the_step(e));
    only
}

/// Is it another thing in another step, although no field of the store changes?
fn of_the_step(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Shared(_)
            | ExprKind::Argument(_)
            | ExprKind::TaskResult
            | ExprKind::Payload
            | ExprKind::Sender
            | ExprKind::SignedMessage
            | ExprKind::OwnChain
            | ExprKind::Native(..)
            | ExprKind::Builtin(Builtin::Now | Builtin::Read | Builtin::Equivocation, _)
    )
}

/// Calls what belongs to a step by another name than the same thing in a later step.
fn as_of_entry(expr: &mut Expr) {
    let name = match &expr.kind {
        ExprKind::Shared(name) => format!("shared {name}"),
        ExprKind::Argument(name) => format!("argument {name}"),
        ExprKind::TaskResult => "result".to_owned(),
        ExprKind::Payload => "message".to_owned(),
        ExprKind::Sender => "sender".to_owned(),
        ExprKind::SignedMessage => "signed".to_owned(),
        ExprKind::OwnChain => "chain".to_owned(),
        ExprKind::Builtin(Builtin::Now, _) => "now".to_owned(),
        // What the world answers is another answer each time anyway.
        _ => {
            walk::children_mut(expr, &mut as_of_entry);
            return;
        }
    };
    expr.kind = ExprKind::Store(format!("{name} on entry"));
}

fn way<'a>(
    protocol: &'a Protocol,
    from: &'a str,
    t: &'a Transition,
    branch: &'a Branch,
    state: &'a State,
    when: bool,
) -> Entry<'a> {
    let changed = Changes::of(protocol, &branch.actions);
    let mut facts = Vec::new();
    let mut keep = |t: &Transition, when: bool| {
        let Some(guard) = &t.guard else { return };
        if let (Some(lets), Some(condition)) = (changed.lets_before(t, 0), changed.before(guard, 0)) {
            facts.push(Fact::new(protocol, lets, condition, when));
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
    for (index, action) in branch.actions.iter().enumerate() {
        let Action::Assign { place, path, value, meta: _ } = action else { continue };
        let (kind, changing) = match place {
            Place::Store(name) => (ExprKind::Store(name.clone()), Changing::Store(name)),
            Place::Shared(name) => (ExprKind::Shared(name.clone()), Changing::Shared(name)),
            Place::View(_) | Place::Local(_) => continue,
        };
        let once = changed.places.get(&changing).is_some_and(|places| places.len() == 1);
        if !path.is_empty() || !once || !explained(value, &t.lets) {
            continue;
        }
        if let (Some(lets), Some(value)) = (changed.lets_before(t, 0), changed.before(value, index)) {
            let left = Expr::new(kind, value.ty.clone(), value.meta);
            let at = value.meta;
            let equal = ExprKind::Binary(BinaryOp::Equal, Box::new(left), Box::new(value));
            facts.push(Fact::new(protocol, lets, Expr::new(equal, Type::Bool, at), true));
        }
    }
    Entry { at: t.meta.at, from, facts }
}

/// What a list of actions changes, and in which of them.
struct Changes<'a> {
    protocol: &'a Protocol,
    places: BTreeMap<Changing<'a>, Vec<usize>>,
}

impl<'a> Changes<'a> {
    fn of(protocol: &'a Protocol, list: &'a [Action]) -> Changes<'a> {
        let mut places: BTreeMap<Changing<'a>, Vec<usize>> = BTreeMap::new();
        for (index, action) in list.iter().enumerate() {
            walk::actions(std::slice::from_ref(action), &mut |inner| {
                for target in targets(inner) {
                    places.entry(target).or_default().push(index);
                }
            });
        }
        Changes { protocol, places }
    }

    fn lets_before(&self, t: &Transition, index: usize) -> Option<Vec<(u32, Expr)>> {
        t.lets.iter().map(|(slot, value)| Some((*slot, self.before(value, index)?))).collect()
    }

    /// An expression that is evaluated before the action of that index, in terms of what holds after all of them:
    /// fields that are changed from there on get another name. `None` where one cannot be told from the other.
    fn before(&self, expr: &Expr, index: usize) -> Option<Expr> {
        if self.places.is_empty() {
            return Some(expr.clone());
        }
        let mut clear = true;
        walk::evaluated(self.protocol, expr, &mut |function, e| {
            let Some(places) = source(e).and_then(|source| self.places.get(&source)) else { return };
            // Inside a function, and of a chain, nothing can be renamed.
            let later = places.iter().all(|place| *place >= index);
            let named =
                function.is_none() && e.kind != ExprKind::OwnChain && !matches!(e.kind, ExprKind::Load(_));
            clear &= (later && named) || (places.len() == 1 && places.iter().all(|place| *place < index));
        });
        let mut expr = expr.clone();
        self.rename(&mut expr, index);
        clear.then_some(expr)
    }

    fn rename(&self, expr: &mut Expr, index: usize) {
        let later = |what: Changing<'_>| {
            self.places.get(&what).is_some_and(|places| places.iter().all(|place| *place >= index))
        };
        if let ExprKind::Store(name) = &mut expr.kind {
            if later(Changing::Store(name)) {
                name.push_str(BEFORE);
            }
        } else if let ExprKind::Shared(name) = &mut expr.kind {
            if later(Changing::Shared(name)) {
                name.push_str(BEFORE);
            }
        } else {
            walk::children_mut(expr, &mut |part| self.rename(part, index));
        }
    }
}

/// What no field ends with.
const BEFORE: &str = " before";

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
