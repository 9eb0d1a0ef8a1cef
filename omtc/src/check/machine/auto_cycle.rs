#![doc = include_str!("../pages/E0453.md")]

use super::entry::{source, targets};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Actor, Branch, Cause, Handler, Protocol, Transition};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code = error("E0453", "automatic transitions in a circle", include_str!("../pages/E0453.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        let mut reported = BTreeSet::new();
        for name in actor.states.keys() {
            if reported.contains(name.as_str()) {
                continue;
            }
            let circle = circle(actor, name);
            if circle.is_empty() || progresses(context.protocol, actor, &circle) {
                continue;
            }
            reported.extend(circle.iter().copied());
            let path: Vec<&str> = circle.iter().copied().collect();
            let mut diagnostic = Diagnostic::new(
                CODE,
                context.span(actor.states.get(name).map(|s| s.meta.at).unwrap_or_default()),
                format!("the `auto` transitions of {actor_name} can go round {} without end", path.join(", ")),
            )
            .with_label("the circle comes back here")
            .with_note("nothing that they do changes what their guards ask, so the 1,000 automatic transitions of a step are soon used up and the step faults")
            .with_help("let an action on the circle change a field that a guard on it reads, or wait for a message or a time limit");
            for (from, t, branch) in autos(actor) {
                if circle.contains(from) && circle.contains(branch.to.as_str()) {
                    diagnostic = diagnostic
                        .with_secondary(context.span(t.meta.at), format!("{from} -> {}", branch.to));
                }
            }
            found.push(diagnostic);
        }
    }
}

/// All branches of all automatic transitions.
fn autos(actor: &Actor) -> impl Iterator<Item = (&str, &Transition, &Branch)> {
    actor.states.iter().flat_map(|(name, state)| {
        state.handlers.iter().filter_map(|h| auto(h).map(|t| (h, t))).flat_map(move |(handler, t)| {
            walk::branches(handler).map(move |branch| (name.as_str(), t, branch))
        })
    })
}

fn auto(handler: &Handler) -> Option<&Transition> {
    match handler {
        Handler::Transition(t) if t.cause == Cause::Auto => Some(t),
        Handler::Transition(_) | Handler::Collect(_) => None,
    }
}

/// The states from which automatic transitions lead to `start` and to which they lead from it; empty when there is no way
/// back. (The strongly connected component; actors are small, so two searches do.)
fn circle<'a>(actor: &'a Actor, start: &'a str) -> BTreeSet<&'a str> {
    let mut forth: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut back: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, _, branch) in autos(actor) {
        forth.entry(from).or_default().push(&branch.to);
        back.entry(&branch.to).or_default().push(from);
    }
    let reach = |edges: &BTreeMap<&'a str, Vec<&'a str>>| {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(state) = open.pop() {
            for next in edges.get(state).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let (after, before) = (reach(&forth), reach(&back));
    if after.contains(start) { after.intersection(&before).copied().collect() } else { BTreeSet::new() }
}

/// Does an action on the circle change something that a guard on it (or out of it) reads?
fn progresses(protocol: &Protocol, actor: &Actor, circle: &BTreeSet<&str>) -> bool {
    let mut read = BTreeSet::new();
    let mut written = BTreeSet::new();
    for (from, t, branch) in autos(actor) {
        if !circle.contains(from) {
            continue;
        }
        for expr in t.lets.iter().map(|(_, e)| e).chain(&t.guard) {
            walk::evaluated(protocol, expr, &mut |_, e| read.extend(source(e)));
        }
        if circle.contains(branch.to.as_str()) {
            walk::actions(&branch.actions, &mut |action| written.extend(targets(action)));
        }
    }
    read.intersection(&written).next().is_some()
}
