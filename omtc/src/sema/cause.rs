//! What causes a transition, and which states it leaves.

use super::scope::Scope;
use super::signature::ActorInfo;
use crate::syntax::ast;
use std::collections::BTreeSet;

/// What causes a transition, by name. A name is a trigger of the actor, a task, a message, in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CauseKey {
    Auto,
    Trigger(String),
    Task(String),
    Message(String),
    /// The path as written.
    Timeout(String),
    Every(String),
    /// Nothing of that name.
    Unknown(String),
}

/// Resolves a cause.
pub(super) fn key(scope: &Scope<'_>, actor: &ActorInfo<'_>, cause: &ast::Cause) -> CauseKey {
    match &cause.kind {
        ast::CauseKind::Auto => CauseKey::Auto,
        ast::CauseKind::Timeout(path) => CauseKey::Timeout(dotted(path)),
        ast::CauseKind::Every(name) => CauseKey::Every(name.text.clone()),
        ast::CauseKind::On(name) => {
            let text = name.text.clone();
            if actor.triggers.contains_key(text.as_str()) {
                CauseKey::Trigger(text)
            } else if scope.task(&text).is_some() {
                CauseKey::Task(text)
            } else if scope.message(&text).is_some() {
                CauseKey::Message(text)
            } else {
                CauseKey::Unknown(text)
            }
        }
    }
}

/// `a.b.c`
pub(super) fn dotted(path: &[ast::Ident]) -> String {
    let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
    parts.join(".")
}

/// Is the transition written with the wildcard?
pub(super) fn is_wildcard(actor: &ActorInfo<'_>, transition: &ast::Transition) -> bool {
    matches!(transition.from.as_slice(), [only] if only.text == "any" && !actor.states.contains_key("any"))
}

/// The states that a transition leaves, without unknown ones, each once, in source order.
pub(super) fn sources<'a>(
    scope: &Scope<'_>,
    actor: &ActorInfo<'a>,
    transition: &ast::Transition,
) -> Vec<&'a str> {
    if !is_wildcard(actor, transition) {
        let mut found = Vec::new();
        for name in &transition.from {
            if let Some(state) = actor.states.get(name.text.as_str()) {
                let name = state.decl.name.text.as_str();
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        return found;
    }
    let wanted = key(scope, actor, &transition.cause);
    let mut excluded: BTreeSet<&str> = BTreeSet::new();
    for item in &actor.decl.items {
        match item {
            ast::Item::Transition(other) if !is_wildcard(actor, other) => {
                let passed = matches!(other.cause.kind, ast::CauseKind::Auto)
                    && (other.guard.is_none() || other.otherwise.is_some());
                if passed || key(scope, actor, &other.cause) == wanted {
                    excluded.extend(other.from.iter().map(|n| n.text.as_str()));
                }
            }
            ast::Item::Collect(collect) if wanted == CauseKey::Message(collect.message.text.clone()) => {
                excluded.extend(collect.states.iter().map(|n| n.text.as_str()));
            }
            ast::Item::Transition(_)
            | ast::Item::Collect(_)
            | ast::Item::Store(_)
            | ast::Item::Shared(_)
            | ast::Item::Peers(_)
            | ast::Item::Trigger(_)
            | ast::Item::State(_)
            | ast::Item::Override(_) => {}
        }
    }
    // A trigger is refused outside its states, so it needs no transition there.
    let allowed = |state: &str| match &wanted {
        CauseKey::Trigger(name) => {
            actor.triggers.get(name.as_str()).is_some_and(|t| t.decl.states.iter().any(|s| s.text == state))
        }
        _ => true,
    };
    let idle = never_waits_in_initial(actor, &wanted);
    let mut states: Vec<_> = actor.states.values().collect();
    states.sort_by_key(|s| s.order);
    states
        .into_iter()
        .filter(|s| !s.terminal)
        .map(|s| s.decl.name.text.as_str())
        .filter(|s| !excluded.contains(s) && allowed(s))
        .filter(|s| !(idle && actor.initial == Some(s)))
        .collect()
}

/// Timers are armed and tasks started by steps: in an initial state that no transition enters there are none.
pub(super) fn never_waits_in_initial(actor: &ActorInfo<'_>, cause: &CauseKey) -> bool {
    let of_a_step = matches!(cause, CauseKey::Timeout(_) | CauseKey::Every(_) | CauseKey::Task(_));
    if !of_a_step {
        return false;
    }
    let entered = actor.decl.items.iter().any(|item| match item {
        ast::Item::Transition(t) => {
            actor.initial == Some(t.to.text.as_str())
                || t.otherwise.as_ref().is_some_and(|e| actor.initial == Some(e.to.text.as_str()))
        }
        // A collect creates the instance, and its step arms the timers of the state it stays in.
        ast::Item::Collect(c) => c.states.iter().any(|s| actor.initial == Some(s.text.as_str())),
        ast::Item::Store(_)
        | ast::Item::Shared(_)
        | ast::Item::Peers(_)
        | ast::Item::Trigger(_)
        | ast::Item::State(_)
        | ast::Item::Override(_) => false,
    });
    !entered
}

/// The store field that is bound when a message is accepted: its sender plays one role, and that role's roster
/// field is a single peer. Whoever is not in it is refused before any guard, so the field is set from then on.
pub(super) fn bound_by<'a>(actor: &ActorInfo<'a>, message: &ast::Message) -> Option<&'a str> {
    let [role] = message.from.as_slice() else { return None };
    let field = actor.peers.get(role.text.as_str())?.field.text.as_str();
    let ty = actor.store.get(field)?.ty.as_ref()?;
    (*ty.plain() == omt_runtime::ir::Type::PeerId).then_some(field)
}
