//! Actors: store, roster, triggers, states, transitions, and what becomes of each message in each state.

use super::declarations::{fields, with_heading};
use super::expression::{local, text};
use super::table::{about, cell, code, table};
use crate::check::walk;
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omt_runtime::ir::{
    Action, Actor, At, Branch, Cause, Collect, Handler, Limit, LimitKind, Local, OverrideKind, Place,
    Protocol, State, Transition,
};
use std::collections::BTreeMap;

pub fn machines(protocol: &Protocol, picture: &dyn Fn(&str) -> String) -> String {
    let analysis = Analysis::of(protocol);
    let mut actors: Vec<_> = protocol.actors.iter().collect();
    actors.sort_by_key(|(name, actor)| (actor.meta.at, name.as_str()));
    let mut text = String::new();
    for (name, actor) in actors {
        text.push_str(&machine(name, actor, &analysis, &picture(name)));
    }
    with_heading("Actors", &text)
}

fn machine(name: &str, actor: &Actor, analysis: &Analysis, picture: &str) -> String {
    let mut text = format!("### {name}\n\n");
    let about = about(actor.meta.title.as_deref(), &actor.meta.doc);
    if !about.is_empty() {
        text.push_str(&format!("{about}\n\n"));
    }
    text.push_str(picture);
    let roster: Vec<Vec<String>> =
        actor.peers.iter().map(|(role, field)| vec![role.clone(), code(field)]).collect();
    text.push_str(&titled("Who is who", &table(&["Role", "Named by"], &roster)));
    text.push_str(&titled("Store", &fields(&actor.store)));
    text.push_str(&titled("Shared by all instances on a peer", &fields(&actor.shared)));
    text.push_str(&titled("Triggers", &triggers(actor)));
    text.push_str(&titled("States", &states(actor)));
    text.push_str(&titled("Transitions", &transitions(actor)));
    text.push_str(&titled("Messages in each state", &matrix(name, actor, analysis)));
    text
}

fn titled(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("#### {title}\n\n{body}") }
}

fn in_source_order(actor: &Actor) -> Vec<(&str, &State)> {
    let mut states: Vec<_> = actor.states.iter().map(|(name, state)| (name.as_str(), state)).collect();
    states.sort_by_key(|(name, state)| (state.meta.order, *name));
    states
}

fn triggers(actor: &Actor) -> String {
    let mut list: Vec<_> = actor.triggers.iter().collect();
    list.sort_by_key(|(name, trigger)| (trigger.meta.order, name.as_str()));
    let rows: Vec<Vec<String>> = list
        .into_iter()
        .map(|(name, trigger)| {
            let arguments: Vec<String> =
                trigger.arguments.iter().map(|a| format!("{} {}", a.name, a.ty)).collect();
            let after = trigger
                .after
                .as_ref()
                .map(|a| format!("transaction {}: {} enters {}", a.transaction, a.actor, a.state))
                .unwrap_or_default();
            vec![
                code(&format!("{name}({})", arguments.join(", "))),
                trigger.states.join(", "),
                cell(&after),
                about(trigger.meta.title.as_deref(), &trigger.meta.doc),
            ]
        })
        .collect();
    table(&["Trigger", "In", "Fired when", "Meaning"], &rows)
}

fn limit(limit: &Limit) -> String {
    let value = text(&limit.value, &[]);
    match limit.kind {
        LimitKind::Timeout => format!("timeout({value})"),
        LimitKind::Period => format!("every({value})"),
    }
}

fn states(actor: &Actor) -> String {
    let rows: Vec<Vec<String>> = in_source_order(actor)
        .into_iter()
        .map(|(name, state)| {
            let mut kinds = Vec::new();
            for (holds, kind) in [
                (actor.initial == name, "initial"),
                (state.terminal, "terminal"),
                (state.rest, "rest"),
                (state.passed_through(), "passed through"),
            ] {
                if holds {
                    kinds.push(kind);
                }
            }
            let limits: Vec<String> = state.limits.iter().map(|l| code(&limit(l))).collect();
            vec![
                code(name),
                kinds.join(", "),
                limits.join("<br>"),
                about(state.meta.title.as_deref(), &state.meta.doc),
            ]
        })
        .collect();
    table(&["State", "Kind", "Time limits", "Meaning"], &rows)
}

fn cause(cause: &Cause, state: &State) -> String {
    match cause {
        Cause::Auto => "auto".to_owned(),
        Cause::Message(name) => format!("on {name}"),
        Cause::Trigger(name) => format!("on trigger {name}"),
        Cause::Task(name) => format!("on the end of {name}"),
        Cause::Timeout(index) | Cause::Period(index) => {
            state.limits.get(*index as usize).map(|l| format!("on {}", limit(l))).unwrap_or_default()
        }
    }
}

/// States that a line of source leaves, and the cells that are the same for all of them.
type Row<'a> = (Vec<&'a str>, Vec<String>);

/// One line of source is one row, however many states it leaves.
fn transitions(actor: &Actor) -> String {
    // By place, and by branch: the states that the line leaves, and its other cells.
    let mut rows: BTreeMap<(At, usize), Row<'_>> = BTreeMap::new();
    for (name, state) in in_source_order(actor) {
        for handler in &state.handlers {
            let lines = match handler {
                Handler::Transition(t) => transition_rows(name, state, t),
                Handler::Collect(c) => vec![collect_row(c)],
            };
            for (i, line) in lines.into_iter().enumerate() {
                rows.entry((walk::place(handler), i)).or_insert_with(|| (Vec::new(), line)).0.push(name);
            }
        }
    }
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (mut from, line) in rows.into_values() {
        from.dedup();
        lines.push([vec![from.join(", ")], line].concat());
    }
    for (name, state) in in_source_order(actor) {
        for o in &state.overrides {
            let verb = match o.kind {
                OverrideKind::Ignore => "ignored",
                OverrideKind::Defer => "kept for a later state",
            };
            let guard = o.guard.as_ref().map(|g| text(g, &o.frame)).unwrap_or_default();
            lines.push(vec![
                name.to_owned(),
                format!("on {}", o.message),
                code(&guard),
                name.to_owned(),
                verb.to_owned(),
            ]);
        }
    }
    table(&["From", "Cause", "When", "To", "What happens"], &lines)
}

fn transition_rows(from: &str, state: &State, t: &Transition) -> Vec<Vec<String>> {
    let mut conditions: Vec<String> = t
        .lets
        .iter()
        .map(|(slot, e)| code(&format!("let {} = {}", local(&t.frame, *slot), text(e, &t.frame))))
        .collect();
    conditions.extend(t.guard.as_ref().map(|g| code(&text(g, &t.frame))));
    let row = |when: String, branch: &Branch| {
        let to = if branch.to == from { "stays".to_owned() } else { branch.to.clone() };
        vec![cause(&t.cause, state), when, to, actions(&branch.actions, &t.frame).join("<br>")]
    };
    let mut rows = vec![row(conditions.join("<br>"), &t.then)];
    rows.extend(t.otherwise.as_ref().map(|branch| row("else".to_owned(), branch)));
    rows
}

fn collect_row(c: &Collect) -> Vec<String> {
    let guard = c.guard.as_ref().map(|g| code(&text(g, &c.frame))).unwrap_or_default();
    let mut done = vec![format!("gathers it in {}, once a sender", code(&c.into))];
    done.extend(actions(&c.actions, &c.frame));
    vec![format!("on {}", c.message), guard, "stays".to_owned(), done.join("<br>")]
}

fn place(place: &Place, frame: &[Local]) -> String {
    match place {
        Place::Store(name) | Place::Shared(name) | Place::View(name) => name.clone(),
        Place::Local(slot) => local(frame, *slot),
    }
}

/// What actions do, a sentence each.
pub fn actions(list: &[Action], frame: &[Local]) -> Vec<String> {
    let mut done = Vec::new();
    for action in list {
        match action {
            Action::Assign { place: root, path, value, meta: _ } => {
                let mut target = place(root, frame);
                for selector in path {
                    target.push_str(&format!("[{}]", text(&selector.key, frame)));
                }
                done.push(code(&format!("{target} = {}", text(value, frame))));
            }
            Action::Send { to, message, .. } => {
                done.push(format!("sends {} to {}", code(message), code(&text(to, frame))));
            }
            Action::Broadcast { to, message, .. } => {
                done.push(format!("sends {} to each of {}", code(message), code(&text(to, frame))));
            }
            Action::Gossip { message, .. } => done.push(format!("gossips {}", code(message))),
            Action::Append { into, block, .. } => {
                let kept =
                    into.as_ref().map(|p| format!(" as {}", code(&place(p, frame)))).unwrap_or_default();
                done.push(format!("appends {}{kept}", code(block)));
            }
            Action::Let { slot, value, .. } => {
                done.push(code(&format!("let {} = {}", local(frame, *slot), text(value, frame))));
            }
            Action::If { condition, then, otherwise, .. } => {
                done.push(format!("if {}: {}", code(&text(condition, frame)), inner(then, frame)));
                if !otherwise.is_empty() {
                    done.push(format!("else: {}", inner(otherwise, frame)));
                }
            }
            Action::For { slot, list, body, .. } => done.push(format!(
                "for each {} of {}: {}",
                code(&local(frame, *slot)),
                code(&text(list, frame)),
                inner(body, frame)
            )),
            Action::Abort { reason, .. } => done.push(format!("faults with {}", code(&text(reason, frame)))),
            Action::Start { task, arguments, .. } => {
                let arguments: Vec<String> = arguments.iter().map(|e| text(e, frame)).collect();
                done.push(format!("starts {}", code(&format!("{task}({})", arguments.join(", ")))));
            }
        }
    }
    done
}

fn inner(list: &[Action], frame: &[Local]) -> String {
    let done = actions(list, frame);
    if done.is_empty() { "nothing".to_owned() } else { done.join("; ") }
}

/// Rows: messages; columns: states that wait.
fn matrix(name: &str, actor: &Actor, analysis: &Analysis) -> String {
    let states: Vec<&str> = in_source_order(actor)
        .into_iter()
        .filter(|(_, state)| !state.terminal && !state.passed_through())
        .map(|(name, _)| name)
        .collect();
    let Some(known) = analysis.actors.get(name) else { return String::new() };
    let mut messages: Vec<&str> =
        known.messages.values().flat_map(|row| row.keys()).map(String::as_str).collect();
    messages.sort_unstable();
    messages.dedup();
    let rows: Vec<Vec<String>> = messages
        .iter()
        .map(|message| {
            let mut row = vec![code(message)];
            row.extend(states.iter().map(|state| {
                match analysis.disposition(name, state, message) {
                    Disposition::Handled => "handled",
                    Disposition::Deferred => "deferred",
                    Disposition::Discarded => "discarded",
                }
                .to_owned()
            }));
            row
        })
        .collect();
    let head: Vec<&str> = std::iter::once("Message").chain(states).collect();
    table(&head, &rows)
}
