#![doc = include_str!("../pages/W0554.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::analysis::{Disposition, reachable_from};
use omt_runtime::ir::{At, Expr, ExprKind, Handler};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0554", "a message that may be of an earlier round", include_str!("../pages/W0554.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let analysis = context.analysis();
    let mut seen: BTreeSet<At> = BTreeSet::new();
    for (actor_name, actor, state_name, state) in walk::states(context.protocol) {
        let known = analysis.actors.get(actor_name);
        if state.passed_through() || !known.is_some_and(|a| a.reachable.contains(state_name)) {
            continue;
        }
        let from_here = reachable_from(actor, state_name);
        for handler in &state.handlers {
            let Some(message) = walk::message(handler) else { continue };
            if compares(handler) || seen.contains(&walk::place(handler)) {
                continue;
            }
            // Another state of the same round in which the message is kept for this one.
            let waiting = from_here.iter().find(|other| {
                let kept = analysis.disposition(actor_name, other, message) == Disposition::Deferred;
                **other != state_name
                    && kept
                    && reachable_from(actor, other).contains(state_name)
                    && actor.states.get(**other).is_some_and(|s| {
                        !s.passed_through() && s.overrides.iter().all(|o| o.message != message)
                    })
            });
            let Some(other) = waiting.and_then(|name| actor.states.get(*name).map(|s| (name, s))) else {
                continue;
            };
            seen.insert(walk::place(handler));
            let (other_name, other) = other;
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(walk::place(handler)),
                    format!("{message} may be left over from an earlier round when {actor_name} is in {state_name}"),
                )
                .with_label("nothing here tells this round's from an older one")
                .with_secondary(
                    context.span(other.meta.at),
                    format!("what comes in {other_name} is kept until {state_name} is entered again"),
                )
                .with_note(format!(
                    "{state_name} and {other_name} lie on a circle, and {other_name} does not handle {message}, so it is deferred"
                ))
                .with_help(format!(
                    "compare a field of it with the store, as `when message.round == round`, or write `ignore {message} in [{other_name}]`"
                )),
            );
        }
    }
}

/// Does what decides the handler look at the message and at the store?
fn compares(handler: &Handler) -> bool {
    let mut message = false;
    let mut store = false;
    let mut see = |e: &Expr| match &e.kind {
        ExprKind::Payload | ExprKind::SignedMessage => message = true,
        ExprKind::Store(_) | ExprKind::Shared(_) | ExprKind::OwnChain | ExprKind::Load(_) => store = true,
        _ => {}
    };
    for condition in walk::conditions(handler) {
        walk::expression(condition, &mut see);
    }
    message && store
}
