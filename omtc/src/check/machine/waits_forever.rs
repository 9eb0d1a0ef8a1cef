#![doc = include_str!("../pages/W0451.md")]

use super::deadline::{Deadlines, leaves, timeouts};
use super::{one_peer, stuck};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Cause, Handler, Limit};

/// Its code.
pub const CODE: Code = warning("W0451", "waiting without a time limit", include_str!("../pages/W0451.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        if state.terminal || state.rest || state.passed_through() || actor.initial == name {
            continue;
        }
        let deadlines = Deadlines::new(context.protocol, actor, name);
        let leads_out =
            |index: u32, limit: &Limit| deadlines.set(limit) && leaves(context.protocol, name, state, index);
        let limited = state.handlers.iter().any(|handler| match handler {
            Handler::Transition(t) => matches!(t.cause, Cause::Period(_) | Cause::Task(_)),
            Handler::Collect(_) => false,
        }) || timeouts(state).any(|(index, limit)| leads_out(index, limit));
        // Graver findings say the same.
        let graver = stuck::reason(context.protocol, name, state).is_some()
            || one_peer::only_peer(context.protocol, actor, state).is_some();
        if limited || graver {
            continue;
        }
        let mut diagnostic = Diagnostic::new(
            CODE,
            context.span(state.meta.at),
            format!("{actor_name} may wait in {name} for ever"),
        )
        .with_label("no time limit that always leads out of it")
        .with_note(
            "an instance that waits keeps its session, its memory and its place among the peer's instances",
        )
        .with_help(format!("add `{name} -> … on timeout(…)`, or declare the state `rest`"));
        for (_, limit) in timeouts(state) {
            let why = if deadlines.set(limit) {
                "comes once a visit, and may stay here or be refused by its guard"
            } else {
                "may be unset, and is not armed then"
            };
            diagnostic = diagnostic.with_secondary(context.span(limit.meta.at), why);
        }
        found.push(diagnostic);
    }
}
