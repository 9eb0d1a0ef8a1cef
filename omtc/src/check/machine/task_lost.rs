#![doc = include_str!("../pages/W0462.md")]

use super::never_fires::transitions;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, At, Cause, Handler};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code = warning("W0462", "a task whose end is missed", include_str!("../pages/W0462.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Where a task is begun, and to which state the step leads.
struct Start<'a> {
    task: &'a str,
    at: At,
    to: &'a str,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut begun_at_all: BTreeSet<&str> = BTreeSet::new();
    for actor in context.protocol.actors.values() {
        begun_at_all.extend(starts(actor).iter().map(|start| start.task));
    }
    for (actor_name, actor) in &context.protocol.actors {
        let starts = starts(actor);
        let mut reported = BTreeSet::new();
        for start in &starts {
            let awaited = reachable(actor, start.to).iter().any(|name| handles(actor, name, start.task));
            if !awaited && reported.insert(start.at) {
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(start.at),
                        format!("{actor_name} starts `{}` and never hears how it ends", start.task),
                    )
                    .with_label("begun here")
                    .with_note("the result of a task that the state does not handle is dropped")
                    .with_help(format!("add `{} -> … on {}`, or do not start it", start.to, start.task)),
                );
            }
        }
        let mut running: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for start in &starts {
            running.entry(start.task).or_default().extend(reachable(actor, start.to));
        }
        for (name, state) in &actor.states {
            for t in transitions(state) {
                let Cause::Task(task) = &t.cause else { continue };
                let runs = running.get(task.as_str()).is_some_and(|states| states.contains(name.as_str()));
                // That nobody starts it at all is W0101.
                if runs || !begun_at_all.contains(task.as_str()) || !reported.insert(t.meta.at) {
                    continue;
                }
                let anywhere = starts.iter().find(|start| start.task == task);
                let mut diagnostic = Diagnostic::new(
                    CODE,
                    context.span(t.meta.at),
                    format!("{actor_name} waits in {name} for the end of `{task}`, which has not begun"),
                )
                .with_label("never fires")
                .with_note("a task ends only where it was started before")
                .with_help(format!("start it on the way here: `START({task}(…))`"));
                if let Some(start) = anywhere {
                    diagnostic = diagnostic.with_secondary(
                        context.span(start.at),
                        format!("started here, but no way leads from {} to {name}", start.to),
                    );
                }
                found.push(diagnostic);
            }
        }
    }
}

/// Everything that starts a task.
fn starts(actor: &Actor) -> Vec<Start<'_>> {
    let mut found = Vec::new();
    for (name, state) in &actor.states {
        for handler in &state.handlers {
            match handler {
                Handler::Transition(_) => {
                    for branch in walk::branches(handler) {
                        begun(&branch.actions, &branch.to, &mut found);
                    }
                }
                Handler::Collect(c) => begun(&c.actions, name, &mut found),
            }
        }
    }
    found
}

fn begun<'a>(list: &'a [Action], to: &'a str, found: &mut Vec<Start<'a>>) {
    walk::actions(list, &mut |action| {
        if let Action::Start { task, meta, .. } = action {
            found.push(Start { task, at: *meta, to });
        }
    });
}

fn handles(actor: &Actor, state: &str, task: &str) -> bool {
    actor.states.get(state).is_some_and(|state| {
        transitions(state).any(|t| matches!(&t.cause, Cause::Task(name) if name == task))
    })
}

/// The states that can be entered from one, which is one of them.
fn reachable<'a>(actor: &'a Actor, from: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            let handlers = actor.states.get(name).into_iter().flat_map(|s| &s.handlers);
            open.extend(handlers.flat_map(walk::branches).map(|branch| branch.to.as_str()));
        }
    }
    seen
}
