//! What a place stands in.

use omtc::source::Span;
use omtc::syntax::ast::{Action, ActionKind, Actions, Actor, Decl, File, Item, Transition};

/// The declaration that a place stands in.
pub fn declaration(tree: &File, at: u32) -> Option<&Decl> {
    tree.decls.iter().find(|decl| decl.span().touches(at))
}

/// The actor.
pub fn actor(tree: &File, at: u32) -> Option<&Actor> {
    tree.decls.iter().find_map(|decl| match decl {
        Decl::Actor(actor) if actor.span.touches(at) => Some(actor),
        _ => None,
    })
}

/// The item of an actor.
pub fn item(tree: &File, at: u32) -> Option<(&Actor, &Item)> {
    let actor = actor(tree, at)?;
    let found = actor.items.iter().find(|item| item.span().touches(at))?;
    Some((actor, found))
}

/// The transition.
pub fn transition(tree: &File, at: u32) -> Option<(&Actor, &Transition)> {
    match item(tree, at)? {
        (actor, Item::Transition(t)) => Some((actor, t)),
        _ => None,
    }
}

/// Calls `see` for every action, those inside of others included.
pub fn actions<'a>(list: &'a Actions, see: &mut dyn FnMut(&'a Action)) {
    for action in &list.list {
        see(action);
        match &action.kind {
            ActionKind::If { then, otherwise, .. } => {
                actions(then, see);
                otherwise.iter().for_each(|list| actions(list, see));
            }
            ActionKind::For { body, .. } => actions(body, see),
            _ => {}
        }
    }
}

/// Calls `see` for every action of a transition.
pub fn actions_of<'a>(t: &'a Transition, see: &mut dyn FnMut(&'a Action)) {
    t.actions.iter().for_each(|list| actions(list, see));
    if let Some(list) = t.otherwise.as_ref().and_then(|otherwise| otherwise.actions.as_ref()) {
        actions(list, see);
    }
}

/// The head of a transition: up to its cause.
pub fn head(t: &Transition) -> Span {
    let first = t.from.first().map_or(t.to.span, |name| name.span);
    first.to(t.cause.span)
}
