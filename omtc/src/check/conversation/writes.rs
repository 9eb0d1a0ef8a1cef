//! Who assigns which field of a store, where, and what.

use crate::check::walk;
use omt_runtime::ir::{Action, Actor, At, Cause, Expr, Handler, Place, Protocol, State, Type};

/// One place where a field gets a value.
pub struct Write<'a> {
    /// The field.
    pub field: &'a str,
    /// Where.
    pub at: At,
    /// What the whole field becomes; none where only a part changes, or where a block or a message is put into it.
    pub value: Option<&'a Expr>,
    /// The state that the step goes to, if it is a transition's.
    pub to: Option<&'a str>,
    /// By a `collect`: does it act on what it collects, too?
    pub collect: Option<bool>,
}

/// All assignments of an actor to its store and shared store.
pub fn of(actor: &Actor) -> Vec<Write<'_>> {
    let mut found = Vec::new();
    for state in actor.states.values() {
        for handler in &state.handlers {
            if let Handler::Collect(c) = handler {
                let collect = Some(!c.actions.is_empty());
                found.push(Write { field: &c.into, at: c.meta.at, value: None, to: None, collect });
                list(&c.actions, None, &mut found);
            }
            for branch in walk::branches(handler) {
                list(&branch.actions, Some(&branch.to), &mut found);
            }
        }
    }
    found
}

fn list<'a>(actions: &'a [Action], to: Option<&'a str>, found: &mut Vec<Write<'a>>) {
    walk::actions(actions, &mut |action| {
        let (place, at, value) = match action {
            Action::Assign { place, path, value, meta } => (place, *meta, path.is_empty().then_some(value)),
            Action::Append { into: Some(place), meta, .. } => (place, *meta, None),
            Action::Append { into: None, .. }
            | Action::Send { .. }
            | Action::Broadcast { .. }
            | Action::Gossip { .. }
            | Action::Let { .. }
            | Action::If { .. }
            | Action::For { .. }
            | Action::Abort { .. }
            | Action::Start { .. } => return,
        };
        if let Place::Store(field) | Place::Shared(field) = place {
            found.push(Write { field, at, value, to, collect: None });
        }
    });
}

/// Is it what a session comes to: given on the way into a state where it ends or may stay?
pub fn is_outcome(actor: &Actor, write: &Write<'_>) -> bool {
    let mut state = write.to.and_then(|name| actor.states.get(name));
    // Through states that are only passed: the step does not end in them.
    for _ in 0..actor.states.len() {
        match state {
            Some(s) if s.terminal || s.rest => return true,
            Some(s) if s.passed_through() => state = passed(actor, s),
            Some(_) | None => return false,
        }
    }
    false
}

/// Where the last `auto` of a passed-through state leads.
fn passed<'a>(actor: &'a Actor, state: &State) -> Option<&'a State> {
    let to = state.handlers.iter().rev().find_map(|handler| match handler {
        Handler::Transition(t) if t.cause == Cause::Auto => {
            Some(t.otherwise.as_ref().map_or(&t.then.to, |o| &o.to))
        }
        Handler::Transition(_) | Handler::Collect(_) => None,
    })?;
    actor.states.get(to)
}

/// Is a field of the roster set by whoever's message creates the instance?
pub fn bound_at_creation(protocol: &Protocol, actor: &Actor, field: &str) -> bool {
    let Some(initial) = actor.states.get(&actor.initial) else { return false };
    let single = actor.store.get(field).is_some_and(|f| *f.ty.plain() == Type::PeerId);
    single
        && initial.handlers.iter().filter_map(walk::message).any(|message| {
            let from = protocol.messages.get(message).map(|m| m.from.as_slice()).unwrap_or_default();
            from.iter().any(|role| actor.peers.get(role).is_some_and(|f| f == field))
        })
}
