#![doc = include_str!("../pages/E0452.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Actor, Cause, Handler, Protocol, State, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    error("E0452", "waiting on one peer without a limit", include_str!("../pages/E0452.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        if state.terminal || state.rest || state.passed_through() || actor.initial == name {
            continue;
        }
        let Some(field) = only_peer(context.protocol, actor, state) else { continue };
        let mut messages: Vec<&str> = state.handlers.iter().filter_map(walk::message).collect();
        messages.sort_unstable();
        messages.dedup();
        let mut diagnostic = Diagnostic::new(
            CODE,
            context.span(state.meta.at),
            format!("{actor_name} waits in {name} for `{field}` alone, and nothing limits the wait"),
        )
        .with_label(format!("left only by {}", messages.join(", ")))
        .with_note("a peer that falls silent, by accident or on purpose, holds the other one for ever")
        .with_help(format!(
            "add `{name} -> … on timeout(…)`, or declare the state `rest` if waiting for ever is meant"
        ));
        for handler in state.handlers.iter().filter(|h| walk::message(h).is_some()).take(3) {
            diagnostic =
                diagnostic.with_secondary(context.span(walk::place(handler)), "this exit waits for the peer");
        }
        found.push(diagnostic);
    }
}

/// The roster field of the one peer whose messages are everything that a state waits for.
pub(super) fn only_peer<'a>(protocol: &Protocol, actor: &'a Actor, state: &State) -> Option<&'a str> {
    let mut fields = BTreeSet::new();
    for handler in &state.handlers {
        match handler {
            Handler::Transition(t) => match &t.cause {
                Cause::Auto => continue,
                Cause::Message(_) => {}
                Cause::Trigger(_) | Cause::Task(_) | Cause::Timeout(_) | Cause::Period(_) => return None,
            },
            Handler::Collect(_) => {}
        }
        let message = protocol.messages.get(walk::message(handler)?)?;
        for role in &message.from {
            // Without a roster field anybody may send it, so no single peer decides.
            let field = actor.peers.get(role)?;
            let declared = actor.store.get(field).or_else(|| actor.shared.get(field))?;
            if *declared.ty.plain() != Type::PeerId {
                return None;
            }
            fields.insert(field.as_str());
        }
    }
    let mut fields = fields.into_iter();
    let only = fields.next()?;
    fields.next().is_none().then_some(only)
}
