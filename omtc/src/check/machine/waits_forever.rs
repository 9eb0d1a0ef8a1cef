#![doc = include_str!("../pages/W0451.md")]

use super::{one_peer, stuck};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Cause, Handler};

/// Its code.
pub const CODE: Code = warning("W0451", "waiting without a time limit", include_str!("../pages/W0451.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        if state.terminal || state.rest || state.passed_through() || actor.initial == name {
            continue;
        }
        let limited = state.handlers.iter().any(|handler| match handler {
            Handler::Transition(t) => match t.cause {
                Cause::Timeout(_) | Cause::Period(_) | Cause::Task(_) => true,
                Cause::Auto | Cause::Message(_) | Cause::Trigger(_) => false,
            },
            Handler::Collect(_) => false,
        });
        // Graver findings say the same.
        let graver = stuck::reason(name, state).is_some()
            || one_peer::only_peer(context.protocol, actor, state).is_some();
        if limited || graver {
            continue;
        }
        found.push(
            Diagnostic::new(CODE, context.span(state.meta.at), format!("{actor_name} may wait in {name} for ever"))
                .with_label("no time limit here")
                .with_note(
                    "an instance that waits keeps its session, its memory and its place among the peer's instances",
                )
                .with_help(format!("add `{name} -> … on timeout(…)`, or declare the state `rest`")),
        );
    }
}
