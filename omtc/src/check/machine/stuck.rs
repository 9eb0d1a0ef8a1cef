#![doc = include_str!("../pages/E0451.md")]

use crate::check::logic::{Guard, Logic};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Cause, Handler, Protocol, State};
use std::collections::BTreeMap;

/// Its code.
pub const CODE: Code = error("E0451", "a state that can never be left", include_str!("../pages/E0451.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor, _, name, state) in walk::states(context.protocol) {
        if state.terminal || state.rest {
            continue;
        }
        let Some(why) = reason(context.protocol, name, state) else { continue };
        found.push(
            Diagnostic::new(CODE, context.span(state.meta.at), format!("{actor} can get stuck in {name}"))
                .with_label(why)
                .with_note("an instance that nothing can move any more holds its session, its store and its money for ever")
                .with_help(format!(
                    "add an exit that always comes, as `{name} -> … on timeout(…)`; or declare it `terminal`, or `rest` if waiting for ever is meant"
                )),
        );
    }
}

/// Why nothing may ever lead out of a state, if that can happen.
pub(super) fn reason(protocol: &Protocol, name: &str, state: &State) -> Option<&'static str> {
    let leaves = |handler: &Handler| walk::branches(handler).any(|branch| branch.to != name);
    if !state.handlers.iter().any(leaves) {
        return Some("no transition leads out of it");
    }
    if state.passed_through() || state.handlers.iter().any(lasting) {
        return None;
    }
    // What is left are guarded autos, and causes that come once a visit: one of them must leave whatever the guards say.
    let mut once: BTreeMap<&Cause, Outcomes<'_>> = BTreeMap::new();
    for handler in &state.handlers {
        let Handler::Transition(t) = handler else { continue };
        let outcomes = once.entry(&t.cause).or_default();
        let away = walk::branches(handler).all(|branch| branch.to != name);
        outcomes.certain |= away && (t.guard.is_none() || t.otherwise.is_some());
        outcomes.guards.extend((away && t.guard.is_some()).then(|| Guard::of(t)));
    }
    if once.values().any(|outcomes| outcomes.cover(protocol)) {
        None
    } else if once.keys().all(|cause| **cause == Cause::Auto) {
        Some("when no guard of its `auto`s is true, nothing is left to wait for")
    } else {
        Some("when the guards of its time limits and tasks are false, nothing is left to wait for")
    }
}

/// What the transitions for one cause do.
#[derive(Default)]
struct Outcomes<'a> {
    /// One of them leaves whatever its guard says.
    certain: bool,
    /// Guards of those that leave.
    guards: Vec<Guard<'a>>,
}

impl<'a> Outcomes<'a> {
    /// Does one of them leave in every case?
    fn cover(&self, protocol: &'a Protocol) -> bool {
        self.certain || Logic::new(protocol).covers(&self.guards)
    }
}

/// Can it happen again and again: a message, a trigger, a period?
fn lasting(handler: &Handler) -> bool {
    match handler {
        Handler::Collect(_) => true,
        Handler::Transition(t) => match t.cause {
            Cause::Message(_) | Cause::Trigger(_) | Cause::Period(_) => true,
            Cause::Auto | Cause::Task(_) | Cause::Timeout(_) => false,
        },
    }
}
