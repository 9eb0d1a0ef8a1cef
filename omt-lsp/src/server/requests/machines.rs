//! The machines of a transaction: matrices and diagrams.

use super::custom::{Params, place, refused};
use crate::ide::enclosing;
use crate::server::snapshot::Snapshot;
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omt_runtime::ir::{Actor, Handler, describe};
use omtc::graph::{self, Diagram};
use omtc::syntax::ast::Item;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tower_lsp::jsonrpc::Result;

/// The machine that a file is part of, as it last was without an error.
fn machine(snapshot: &Snapshot, path: &Path) -> Result<Arc<omtc::report::Known>> {
    let analysis = snapshot.analysis(path).ok_or_else(|| refused("this file is not analysed"))?;
    let known = analysis.machine(path).cloned();
    known.ok_or_else(|| refused("this file is part of no transaction that is free of errors"))
}

pub(super) fn matrix(snapshot: &Snapshot, path: &Path, actor: Option<&str>) -> Result<Value> {
    let known = machine(snapshot, path)?;
    let Some(protocol) = &known.unit.protocol else { return Ok(Value::Null) };
    let word = |disposition: &Disposition| match disposition {
        Disposition::Handled => "handled",
        Disposition::Deferred => "deferred",
        Disposition::Discarded => "discarded",
    };
    let analysis = Analysis::of(protocol);
    let actors = analysis.actors.iter().filter(|(name, _)| actor.is_none_or(|wanted| wanted == *name));
    let actors = actors.map(|(name, found)| {
        let messages: Vec<&String> =
            found.messages.values().next().map(|row| row.keys().collect()).unwrap_or_default();
        let states = found
            .messages
            .iter()
            .map(|(state, row)| json!({ "state": state, "is": row.values().map(word).collect::<Vec<_>>() }));
        json!({ "actor": name, "messages": messages, "states": states.collect::<Vec<_>>() })
    });
    Ok(json!({ "transaction": protocol.meta.path, "actors": actors.collect::<Vec<_>>() }))
}

/// What the cursor stands on: an actor, states, and where a transition begins in the text of now.
struct Under {
    actor: String,
    states: Option<Vec<String>>,
    transition: Option<u32>,
}

impl Under {
    fn of(snapshot: &Snapshot, params: &Params) -> Option<Under> {
        let (document, offset) = place(snapshot, params).ok()?;
        let tree = &document.source().tree;
        let Some((actor, item)) = enclosing::item(tree, offset) else {
            let actor = enclosing::actor(tree, offset)?.name.text.clone();
            return Some(Under { actor, states: None, transition: None });
        };
        let names =
            |list: Vec<&omtc::syntax::ast::Ident>| list.iter().map(|name| name.text.clone()).collect();
        let (states, transition) = match item {
            Item::State(state) => (Some(names(vec![&state.name])), None),
            Item::Transition(t) => {
                (Some(names(t.from.iter().chain([&t.to]).collect())), Some(item.span().start))
            }
            Item::Collect(c) => (Some(names(c.states.iter().collect())), Some(item.span().start)),
            _ => (None, None),
        };
        Some(Under { actor: actor.name.text.clone(), states, transition })
    }
}

/// The states and transitions of an actor: the one that is named, or that the place stands in.
pub(super) fn diagram(snapshot: &Snapshot, path: &Path, params: &Params) -> Result<Value> {
    let known = machine(snapshot, path)?;
    let Some(protocol) = &known.unit.protocol else { return Ok(Value::Null) };
    let under = Under::of(snapshot, params);
    let first = || protocol.actors.keys().next().cloned();
    let name = params.actor.clone().or(under.as_ref().map(|under| under.actor.clone())).or_else(first);
    let name = name.ok_or_else(|| refused("this transaction has no actors"))?;
    let actor = protocol.actors.get(&name).ok_or_else(|| refused(format!("there is no actor {name}")))?;
    let under = under.filter(|under| under.actor == name);
    // The diagram is of the latest text without an error, and the cursor in the text of now.
    let file = known.unit.files.iter().position(|file| file.path == path);
    let begins =
        under.as_ref().and_then(|under| under.transition).and_then(|start| was(snapshot, path, start));
    let is_under = |handler: &Handler| {
        let at = match handler {
            Handler::Transition(t) => t.meta.at,
            Handler::Collect(c) => c.meta.at,
        };
        Some(at.file as usize) == file && Some(at.start) == begins
    };
    let mut edges = Vec::new();
    for (from, state) in &actor.states {
        for handler in &state.handlers {
            let label = describe::handler(from, state, handler);
            let to = match handler {
                Handler::Transition(t) => t.then.to.clone(),
                Handler::Collect(_) => from.clone(),
            };
            edges.push(json!({ "from": from, "to": to, "label": label, "highlighted": is_under(handler) }));
        }
    }
    let states = actor.states.iter().map(|(name, state)| {
        json!({ "name": name, "title": state.meta.title, "terminal": state.terminal, "rest": state.rest })
    });
    let drawn = graph::machine(protocol, &name, actor);
    let states_under = under.and_then(|under| under.states);
    let marks = marks(&drawn, actor, states_under.as_deref(), &is_under);
    Ok(json!({
        "actor": name,
        "initial": actor.initial,
        "states": states.collect::<Vec<_>>(),
        "transitions": edges,
        "svg": graph::svg(&drawn, &graph::Options { marks, ..graph::Options::default() }),
        "highlighted": states_under,
    }))
}

/// What is set apart: the states, and the transition with both of its ends.
fn marks(
    drawn: &Diagram,
    actor: &Actor,
    states: Option<&[String]>,
    is_under: &dyn Fn(&Handler) -> bool,
) -> graph::Marks {
    let is_state = |name: &String| states.is_some_and(|states| states.contains(name));
    let nodes = drawn.nodes.iter().filter(|node| is_state(&node.name)).map(|node| &node.id);
    let edges = drawn.edges.iter().filter(|edge| {
        let state = drawn.nodes.get(edge.from).and_then(|node| actor.states.get(&node.name));
        let handler = edge.handler.and_then(|(number, _)| state?.handlers.get(number as usize));
        handler.is_some_and(is_under)
    });
    nodes.chain(edges.map(|edge| &edge.id)).map(|id| (id.clone(), graph::Mark::Highlighted)).collect()
}

/// Where a place of the text of now was when it was analysed.
fn was(snapshot: &Snapshot, path: &Path, at: u32) -> Option<u32> {
    match snapshot.changed.get(path) {
        Some(changed) => changed.then_was(crate::ide::Range::new(at, at + 1)).map(|range| range.start),
        None => Some(at),
    }
}
