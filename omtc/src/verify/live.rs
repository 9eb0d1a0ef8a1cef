//! Which fields of a store can still be read, state by state: what cannot is cleared, so that states that differ in it
//! alone are one.
//!
//! Backward analysis over the states of an actor. A field is live in a state if one of its handlers, overrides or
//! time limits reads it before writing it, if the roster names it, or if it is live in a state that a handler leads to.
//! A write counts only where it surely happens: at the top level of a branch, not inside `IF` or `FOR`. Fields that
//! properties read and the session key are live everywhere.

use super::observe::Watch;
use omt_runtime::ir::{
    Action, Actor, Branch, CollectForm, Expr, ExprKind, Handler, Place, Protocol, State, Transition,
};
use std::collections::{BTreeMap, BTreeSet};

/// Live fields by state.
pub(super) type Live = BTreeMap<String, BTreeSet<String>>;

/// For each state, which watches a step from it can change, by their place.
pub(super) type Judged = BTreeMap<String, BTreeSet<usize>>;

/// Which watches can still change, state by state.
pub(super) fn judged(actor: &Actor, watches: &[&Watch]) -> Judged {
    let mut judged: Judged = BTreeMap::new();
    for (name, state) in &actor.states {
        let changes = |watch: &&Watch| changes(name, state, watch);
        let here = watches.iter().enumerate().filter(|(_, watch)| changes(watch)).map(|(at, _)| at);
        judged.insert(name.clone(), here.collect());
    }
    loop {
        let mut changed = false;
        for (name, state) in &actor.states {
            let after: BTreeSet<usize> =
                targets(state).filter_map(|to| judged.get(to)).flatten().copied().collect();
            if let Some(here) = judged.get_mut(name) {
                let count = here.len();
                here.extend(after);
                changed |= here.len() > count;
            }
        }
        if !changed {
            return judged;
        }
    }
}

fn targets(state: &State) -> impl Iterator<Item = &String> {
    state.handlers.iter().flat_map(|handler| match handler {
        Handler::Transition(t) => {
            std::iter::once(&t.then.to).chain(t.otherwise.iter().map(|b| &b.to)).collect()
        }
        Handler::Collect(_) => Vec::new(),
    })
}

/// Can a step from a state change what a watch reads?
fn changes(name: &str, state: &State, watch: &Watch) -> bool {
    let mut changes = watch.reads_state && targets(state).any(|to| to != name);
    for handler in &state.handlers {
        let lists: Vec<&[Action]> = match handler {
            Handler::Transition(t) => {
                let branches = std::iter::once(&t.then).chain(&t.otherwise);
                branches.map(|branch| branch.actions.as_slice()).collect()
            }
            Handler::Collect(c) => {
                changes |= watch.fields.contains(&c.into);
                vec![&c.actions]
            }
        };
        for action in lists.into_iter().flatten() {
            action.walk(&mut |action| {
                let place = match action {
                    Action::Assign { place, .. } => Some(place),
                    Action::Append { into, .. } => into.as_ref(),
                    Action::Send { .. }
                    | Action::Broadcast { .. }
                    | Action::Gossip { .. }
                    | Action::Let { .. }
                    | Action::If { .. }
                    | Action::For { .. }
                    | Action::Abort { .. }
                    | Action::Start { .. } => None,
                };
                changes |= match place {
                    Some(Place::Store(field) | Place::Shared(field)) => watch.fields.contains(field),
                    Some(_) | None => false,
                };
            });
        }
    }
    changes
}

/// Fields of `actor` that are live in each of its states; those of `always` are live everywhere, those of a watch as
/// long as a step can change what it says.
pub(super) fn live(
    protocol: &Protocol,
    actor: &Actor,
    always: &BTreeSet<String>,
    watches: &[&Watch],
) -> Live {
    let loads = Loads::of(protocol);
    let judged = judged(actor, watches);
    let mut live: Live = actor
        .states
        .keys()
        .map(|state| {
            let mut fields = always.clone();
            fields.insert(protocol.session_key.clone());
            let watched = judged.get(state).into_iter().flatten().filter_map(|at| watches.get(*at));
            fields.extend(watched.flat_map(|watch| watch.fields.iter().cloned()));
            (state.clone(), fields)
        })
        .collect();
    loop {
        let mut changed = false;
        for (name, state) in &actor.states {
            let before = of_state(&loads, actor, name, state, &live);
            if let Some(fields) = live.get_mut(name) {
                let count = fields.len();
                fields.extend(before);
                changed |= fields.len() > count;
            }
        }
        if !changed {
            return live;
        }
    }
}

/// Fields that functions load, through whatever they call.
struct Loads(BTreeMap<String, BTreeSet<String>>);

impl Loads {
    fn of(protocol: &Protocol) -> Loads {
        let mut loads = Loads(BTreeMap::new());
        // As often as calls can nest; the language has no recursion.
        loop {
            let mut changed = false;
            for (name, function) in &protocol.functions {
                let mut read = BTreeSet::new();
                for statement in &function.body {
                    statement.walk(&mut |statement| {
                        for expr in statement.expressions() {
                            loads.expr(expr, &mut read);
                        }
                    });
                }
                changed |= loads.0.insert(name.clone(), read.clone()).is_none_or(|before| before != read);
            }
            if !changed {
                return loads;
            }
        }
    }

    /// Adds the fields that an expression reads.
    fn expr(&self, expr: &Expr, read: &mut BTreeSet<String>) {
        expr.walk(&mut |inner| {
            if let ExprKind::Store(name) | ExprKind::Load(name) = &inner.kind {
                read.insert(name.clone());
            } else if let ExprKind::Call(name, _) = &inner.kind {
                read.extend(self.0.get(name).into_iter().flatten().cloned());
            }
        });
    }
}

/// What a handler reads and surely writes, in order.
#[derive(Default)]
struct Use {
    read: BTreeSet<String>,
    written: BTreeSet<String>,
}

impl Use {
    fn expr(&mut self, loads: &Loads, expr: &Expr) {
        let mut read = BTreeSet::new();
        loads.expr(expr, &mut read);
        self.read.extend(read.difference(&self.written).cloned());
    }

    fn actions(&mut self, loads: &Loads, actions: &[Action], surely: bool) {
        for action in actions {
            for expr in action.expressions() {
                self.expr(loads, expr);
            }
            let place = match action {
                Action::Assign { place, path, .. } if path.is_empty() => Some((place, true)),
                Action::Assign { place, .. } => Some((place, false)),
                Action::Append { into, .. } => into.as_ref().map(|place| (place, true)),
                Action::Send { .. }
                | Action::Broadcast { .. }
                | Action::Gossip { .. }
                | Action::Let { .. }
                | Action::If { .. }
                | Action::For { .. }
                | Action::Abort { .. }
                | Action::Start { .. } => None,
            };
            if let Some((Place::Store(name), whole)) = place {
                if whole && surely {
                    self.written.insert(name.clone());
                } else if !whole && !self.written.contains(name) {
                    self.read.insert(name.clone());
                }
            }
            for nested in action.nested() {
                self.actions(loads, nested, false);
            }
        }
    }
}

fn of_state(loads: &Loads, actor: &Actor, name: &str, state: &State, live: &Live) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    if state.terminal {
        return fields;
    }
    let after = |state: &str, used: Use| -> BTreeSet<String> {
        let target = live.get(state).into_iter().flatten();
        let mut before: BTreeSet<String> = target.filter(|f| !used.written.contains(*f)).cloned().collect();
        before.extend(used.read);
        // The time limits of the target are read at the end of the step.
        let limits = actor.states.get(state).into_iter().flat_map(|target| &target.limits);
        let mut read = Use { written: used.written, ..Use::default() };
        limits.for_each(|limit| read.expr(loads, &limit.value));
        before.extend(read.read);
        before
    };
    let messages = state.handled_messages();
    if !messages.is_empty() || !state.overrides.is_empty() {
        fields.extend(actor.peers.values().cloned());
    }
    for handler in &state.handlers {
        match handler {
            Handler::Transition(transition) => {
                for branch in std::iter::once(&transition.then).chain(&transition.otherwise) {
                    fields.extend(after(&branch.to, of_branch(loads, transition, branch)));
                }
            }
            Handler::Collect(collect) => {
                let mut used = Use::default();
                used.read.insert(collect.into.clone());
                if let CollectForm::List { senders } = &collect.form {
                    used.read.insert(senders.clone());
                }
                collect.guard.iter().for_each(|guard| used.expr(loads, guard));
                used.actions(loads, &collect.actions, true);
                fields.extend(after(name, used));
            }
        }
    }
    for entry in &state.overrides {
        let mut used = Use::default();
        entry.guard.iter().for_each(|guard| used.expr(loads, guard));
        fields.extend(used.read);
    }
    fields
}

fn of_branch(loads: &Loads, transition: &Transition, branch: &Branch) -> Use {
    let mut used = Use::default();
    transition.lets.iter().for_each(|(_, value)| used.expr(loads, value));
    transition.guard.iter().for_each(|guard| used.expr(loads, guard));
    used.actions(loads, &branch.actions, true);
    used
}
