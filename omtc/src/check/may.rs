//! Which store fields may be set in which state.
//!
//! The counterpart of the flow analysis of [`crate::sema`], which knows what is certainly set: here ways that meet are united, so what is
//! in no set is certainly unset. That is what a check may report without a false alarm.

use super::walk;
use omt_runtime::ir::{Action, Actor, Branch, Expr, ExprKind, Handler, Place, Protocol, Type};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Names of store fields.
pub type Fields<'a> = BTreeSet<&'a str>;

/// What counts as set from the beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// An empty list or map is a value.
    IsSet,
    /// An empty list or map names nobody.
    IsUnset,
}

/// The fields that may be set when a state is entered, for every state that can be entered.
pub fn may_be_set<'a>(
    protocol: &'a Protocol,
    actor: &'a Actor,
    empty: Empty,
) -> BTreeMap<&'a str, Fields<'a>> {
    let begins = |name: &str, ty: &Type| {
        name == protocol.session_key || name.contains('$') || (empty == Empty::IsSet && ty.begins_empty())
    };
    let creation: Fields<'a> = actor
        .store
        .iter()
        .filter(|(name, field)| begins(name, &field.ty))
        .map(|(name, _)| name.as_str())
        .collect();
    let mut entered: BTreeMap<&'a str, Fields<'a>> = BTreeMap::new();
    entered.insert(&actor.initial, creation);
    let mut work: VecDeque<&'a str> = VecDeque::from([actor.initial.as_str()]);
    while let Some(name) = work.pop_front() {
        let (Some(here), Some(state)) = (entered.get(name).cloned(), actor.states.get(name)) else {
            continue;
        };
        for handler in &state.handlers {
            for (to, sets) in ways(protocol, actor, name, handler) {
                let known = entered.contains_key(to);
                let there = entered.entry(to).or_default();
                let before = there.len();
                there.extend(here.iter().copied().chain(sets));
                if !known || there.len() > before {
                    work.push_back(to);
                }
            }
        }
    }
    entered
}

/// Where a handler leads, with what it may set on the way.
fn ways<'a>(
    protocol: &'a Protocol,
    actor: &'a Actor,
    state: &'a str,
    handler: &'a Handler,
) -> Vec<(&'a str, Fields<'a>)> {
    let bound = bound(protocol, actor, state, handler);
    let way = |branch: &'a Branch| {
        let mut sets = bound.clone();
        assigned(&branch.actions, &mut sets);
        (branch.to.as_str(), sets)
    };
    match handler {
        Handler::Transition(_) => walk::branches(handler).map(way).collect(),
        Handler::Collect(c) => {
            let mut sets = bound;
            sets.insert(&c.into);
            assigned(&c.actions, &mut sets);
            vec![(state, sets)]
        }
    }
}

/// Roster fields that a message binds: those of its senders, when it creates the instance.
pub fn bound<'a>(protocol: &'a Protocol, actor: &'a Actor, state: &str, handler: &Handler) -> Fields<'a> {
    let message = walk::message(handler).filter(|_| state == actor.initial);
    let senders =
        message.and_then(|m| protocol.messages.get(m)).map(|m| m.from.as_slice()).unwrap_or_default();
    let fields = senders.iter().filter_map(|role| actor.peers.get(role));
    fields
        .filter(|field| actor.store.get(*field).is_some_and(|f| !f.ty.plain().begins_empty()))
        .map(String::as_str)
        .collect()
}

/// Adds what actions may set, in any of their branches.
pub fn assigned<'a>(list: &'a [Action], sets: &mut Fields<'a>) {
    walk::actions(list, &mut |action| match action {
        Action::Assign { place: Place::Store(field), path, value, .. } => {
            if !path.is_empty() || !is_null(value) {
                sets.insert(field);
            }
        }
        Action::Append { into: Some(Place::Store(field)), .. } => {
            sets.insert(field);
        }
        Action::Assign { .. }
        | Action::Append { .. }
        | Action::Send { .. }
        | Action::Broadcast { .. }
        | Action::Gossip { .. }
        | Action::Let { .. }
        | Action::If { .. }
        | Action::For { .. }
        | Action::Abort { .. }
        | Action::Start { .. } => {}
    });
}

fn is_null(mut value: &Expr) -> bool {
    while let ExprKind::Convert(_, inner) = &value.kind {
        value = inner;
    }
    value.kind == ExprKind::Null
}
