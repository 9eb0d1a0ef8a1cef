//! The machine of an actor as a diagram.

use super::ids::Ids;
use super::model::{Diagram, Edge, Kind, Node, StateKind};
use crate::backend::markdown::{actions, text};
use crate::check::walk;
use omt_runtime::ir::{Action, Actor, Cause, Handler, Local, Protocol, State, describe};
use std::collections::BTreeMap;

/// The machine of an actor.
pub fn machine(protocol: &Protocol, name: &str, actor: &Actor) -> Diagram {
    let mut states: Vec<(&String, &State)> = actor.states.iter().collect();
    states.sort_by_key(|(name, state)| (state.meta.order, *name));
    let mut ids = Ids::new(name);
    let nodes: Vec<Node> = states
        .iter()
        .map(|(state_name, state)| Node {
            id: ids.state(state_name),
            name: (*state_name).clone(),
            kind: Kind::State(StateKind {
                initial: actor.initial == **state_name,
                terminal: state.terminal,
                rest: state.rest,
                passed_through: state.passed_through(),
            }),
            about: state.meta.title.clone().filter(|title| !title.is_empty()),
        })
        .collect();
    let places: BTreeMap<&str, usize> =
        states.iter().enumerate().map(|(place, (name, _))| (name.as_str(), place)).collect();
    let mut lines = BTreeMap::new();
    let mut edges = Vec::new();
    for (from, (state_name, state)) in states.iter().enumerate() {
        for (number, handler) in state.handlers.iter().enumerate() {
            for branch in branches(state, handler) {
                let to = branch.to.map_or(Some(from), |to| places.get(to).copied());
                let Some(to) = to else { continue };
                let count = lines.len();
                let line = *lines.entry((walk::place(handler), branch.otherwise, to)).or_insert(count);
                let id = ids.transition(state_name, &branch.key, branch.otherwise);
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                edges.push(Edge {
                    id,
                    from,
                    to,
                    line,
                    cause: branch.cause,
                    guard: branch.guard,
                    effects: branch.effects,
                    whole: branch.whole,
                    handler: Some((number, branch.otherwise)),
                });
            }
        }
    }
    let about = actor.meta.title.clone().unwrap_or_default();
    let about = if about.is_empty() { String::new() } else { format!(": {about}") };
    Diagram {
        name: name.to_owned(),
        about: format!("States and transitions of {name} in {}{about}", protocol.meta.name),
        nodes,
        edges,
    }
}

/// A way out of a state, or back into it.
struct Way<'a> {
    /// `None`: it stays.
    to: Option<&'a str>,
    otherwise: bool,
    cause: String,
    /// Its part of the id.
    key: String,
    guard: Option<String>,
    effects: Vec<String>,
    whole: Vec<String>,
}

fn branches<'a>(state: &State, handler: &'a Handler) -> Vec<Way<'a>> {
    match handler {
        Handler::Transition(t) => {
            let (cause, key) = cause(state, &t.cause);
            let lets = t.lets.iter().map(|(slot, value)| (slot, text(value, &t.frame)));
            let lets: Vec<String> =
                lets.map(|(slot, value)| format!("let {} = {value}", local(&t.frame, *slot))).collect();
            let way = |branch: &'a omt_runtime::ir::Branch, otherwise: bool| {
                let guard = t.guard.as_ref().map(|guard| text(guard, &t.frame));
                let mut whole = lets.clone();
                whole.extend(
                    guard
                        .as_ref()
                        .map(|g| if otherwise { format!("unless {g}") } else { format!("when {g}") }),
                );
                whole.extend(plain(&branch.actions, &t.frame));
                Way {
                    to: Some(&branch.to),
                    otherwise,
                    cause: cause.clone(),
                    key: key.clone(),
                    guard: if otherwise {
                        Some("else".to_owned())
                    } else {
                        guard.map(|g| format!("when {g}"))
                    },
                    effects: effects(&branch.actions, &t.frame),
                    whole,
                }
            };
            let mut ways = vec![way(&t.then, false)];
            ways.extend(t.otherwise.as_ref().map(|branch| way(branch, true)));
            ways
        }
        Handler::Collect(c) => {
            let guard = c.guard.as_ref().map(|guard| format!("when {}", text(guard, &c.frame)));
            let gathers = format!("gathers it in {}, once a sender", c.into);
            let whole = guard.iter().cloned().chain([gathers]).chain(plain(&c.actions, &c.frame)).collect();
            vec![Way {
                to: None,
                otherwise: false,
                cause: format!("collects {} in {}", c.message, c.into),
                key: format!("collect-{}", c.message),
                guard,
                effects: effects(&c.actions, &c.frame),
                whole,
            }]
        }
    }
}

/// A cause as text, and its part of an id.
fn cause(state: &State, cause: &Cause) -> (String, String) {
    let limit = |index: u32| {
        let limit = usize::try_from(index).ok().and_then(|index| state.limits.get(index));
        limit.map_or_else(String::new, |limit| describe::path(&limit.value))
    };
    match cause {
        Cause::Auto => ("auto".to_owned(), "auto".to_owned()),
        Cause::Message(name) => (format!("on {name}"), format!("on-{name}")),
        Cause::Trigger(name) => (format!("trigger {name}"), format!("on-{name}")),
        Cause::Task(name) => (format!("task {name} ends"), format!("on-{name}")),
        Cause::Timeout(index) => {
            (format!("timeout({})", limit(*index)), format!("timeout-{}", limit(*index)))
        }
        Cause::Period(index) => (format!("every({})", limit(*index)), format!("every-{}", limit(*index))),
    }
}

fn local(frame: &[Local], slot: u32) -> String {
    let local = usize::try_from(slot).ok().and_then(|slot| frame.get(slot));
    local.map_or_else(|| format!("local{slot}"), |local| local.meta.name.clone())
}

/// All actions, a line each.
fn plain(list: &[Action], frame: &[Local]) -> Vec<String> {
    actions(list, frame).into_iter().map(|line| line.replace('`', "")).collect()
}

/// What others notice of actions, each once.
fn effects(list: &[Action], frame: &[Local]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    walk::actions(list, &mut |action| {
        let effect = match action {
            Action::Send { to, message, .. } => format!("sends {message} to {}", text(to, frame)),
            Action::Broadcast { to, message, .. } => {
                format!("sends {message} to each of {}", text(to, frame))
            }
            Action::Gossip { message, .. } => format!("gossips {message}"),
            Action::Append { block, .. } => format!("appends {block}"),
            Action::Start { task, .. } => format!("starts {task}"),
            Action::Abort { .. } => "faults".to_owned(),
            Action::Assign { .. } | Action::Let { .. } | Action::If { .. } | Action::For { .. } => return,
        };
        if !found.contains(&effect) {
            found.push(effect);
        }
    });
    found
}
