#![doc = include_str!("../pages/W0458.md")]

use super::entry::{Changing, changes, source};
use super::never_fires::transitions;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Actor, Branch, Cause, Dimension, LimitKind, Protocol, State, Transition};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0458", "a session without an absolute deadline", include_str!("../pages/W0458.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Labels for the ways round.
const LABEL_COUNT_MAX: usize = 4;

/// A step that somebody else can bring about again and again.
struct Step<'a> {
    from: &'a str,
    to: &'a str,
    transition: &'a Transition,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        let all: Vec<Step<'_>> = steps(actor).collect();
        let unlimited: Vec<&Step<'_>> =
            all.iter().filter(|step| !bounded(actor, step.from) && !bounded(actor, step.to)).collect();
        for whole in circles(&unlimited) {
            // What nothing in the circle writes cannot come to an end there.
            let handlers = whole.iter().filter_map(|name| actor.states.get(*name)).flat_map(|s| &s.handlers);
            let written: BTreeSet<Changing<'_>> =
                handlers.flat_map(walk::handler_actions).flat_map(changes).collect();
            let open: Vec<&Step<'_>> = unlimited
                .iter()
                .copied()
                .filter(|step| whole.contains(step.from) && whole.contains(step.to))
                .filter(|step| !progresses(context.protocol, step.transition, &written))
                .collect();
            for circle in circles(&open) {
                report(context, actor_name, actor, &circle, &open, found);
            }
        }
    }
}

fn report(
    context: &Context<'_>,
    actor_name: &str,
    actor: &Actor,
    circle: &BTreeSet<&str>,
    open: &[&Step<'_>],
    found: &mut Vec<Diagnostic>,
) {
    let round: Vec<&&Step<'_>> =
        open.iter().filter(|s| circle.contains(s.from) && circle.contains(s.to)).collect();
    let message = round.iter().find(|s| matches!(s.transition.cause, Cause::Message(_)));
    let armed = circle.iter().copied().find(|name| actor.states.get(*name).is_some_and(relative));
    let (Some(_), Some(name)) = (message, armed) else { return };
    let Some(state) = actor.states.get(name) else { return };
    let names: Vec<&str> = circle.iter().copied().collect();
    let mut diagnostic = Diagnostic::new(
                CODE,
                context.span(state.meta.at),
                format!("a session may go round {} of {actor_name} for ever", names.join(", ")),
            )
            .with_label("its time limit begins again each time")
            .with_note(
                "a limit of type duration counts from the last time that the state was entered, so whoever causes the \
                 round often enough holds the session as long as they like",
            )
            .with_help(format!(
                "add a limit of type timestamp that is set once, as `{name} -> … on timeout(end_at)`; count the rounds; \
                 or declare the state `rest`"
            ));
    for step in round.iter().take(LABEL_COUNT_MAX) {
        diagnostic = diagnostic
            .with_secondary(context.span(step.transition.meta.at), format!("{} -> {}", step.from, step.to));
    }
    found.push(diagnostic);
}

/// Everything but triggers, which are the owner's own doing, and but what stays in its state: timers go on there.
fn steps(actor: &Actor) -> impl Iterator<Item = Step<'_>> {
    actor.states.iter().flat_map(|(from, state)| {
        transitions(state).flat_map(move |transition| {
            let branches: [Option<&Branch>; 2] = [Some(&transition.then), transition.otherwise.as_ref()];
            let own = matches!(transition.cause, Cause::Trigger(_));
            branches
                .into_iter()
                .flatten()
                .filter(move |branch| !own && branch.to != *from)
                .map(move |branch| Step { from, to: &branch.to, transition })
        })
    })
}

/// Is a state where a session may stay, or one that it leaves at an instant that was set?
fn bounded(actor: &Actor, name: &str) -> bool {
    let Some(state) = actor.states.get(name) else { return true };
    let absolute = state.limits.iter().any(|limit| {
        limit.kind == LimitKind::Timeout && limit.value.ty.plain().dimension() == Some(Dimension::Instant)
    });
    state.rest || state.terminal || actor.initial == name || absolute
}

/// Has a state a time limit that counts from its entry?
fn relative(state: &State) -> bool {
    state.limits.iter().any(|limit| {
        limit.kind == LimitKind::Timeout && limit.value.ty.plain().dimension() == Some(Dimension::Span)
    })
}

/// Does a guard ask for something that the machine writes, as a counter of rounds, so that it may end the circle?
fn progresses(protocol: &Protocol, transition: &Transition, written: &BTreeSet<Changing<'_>>) -> bool {
    let mut found = false;
    for expr in transition.lets.iter().map(|(_, e)| e).chain(&transition.guard) {
        walk::evaluated(protocol, expr, &mut |_, e| {
            found |= source(e).is_some_and(|source| written.contains(&source));
        });
    }
    found
}

/// The strongly connected components that have more than one state.
fn circles<'a>(steps: &[&Step<'a>]) -> Vec<BTreeSet<&'a str>> {
    let mut after: BTreeMap<&str, BTreeSet<&'a str>> = BTreeMap::new();
    for start in steps.iter().map(|step| step.from) {
        let reached = after.entry(start).or_default();
        let mut open = vec![start];
        while let Some(state) = open.pop() {
            for step in steps.iter().filter(|step| step.from == state) {
                if reached.insert(step.to) {
                    open.push(step.to);
                }
            }
        }
    }
    let reaches = |a: &str, b: &str| after.get(a).is_some_and(|set| set.contains(b));
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for state in steps.iter().map(|step| step.from) {
        if reaches(state, state) && !found.iter().any(|circle| circle.contains(state)) {
            let members = steps.iter().map(|s| s.from).filter(|o| reaches(state, o) && reaches(o, state));
            found.push(members.collect());
        }
    }
    found
}
