//! What no other server has: pages of findings, matrices, diagrams, scenarios, verification. `docs/lsp.md` tells the shapes.

use crate::ide::run::{Runnable, runnable};
use crate::ide::{Position, Range, enclosing};
use crate::server::owner::path_of;
use crate::server::snapshot::Snapshot;
use crate::server::transport::Outbox;
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omtc::diagnostic::codes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types::Url;

/// Commands that the server carries out. Each takes the parameters of the request of its kind.
pub(in crate::server) const COMMANDS: &[&str] =
    &["omt.explain", "omt.matrix", "omt.diagram", "omt.run", "omt.check"];

/// Seconds that a verification may take at most, whatever is asked for.
const VERIFY_SECONDS_MAX: u64 = 3_600;

/// Progress is told no oftener.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Custom {
    Explain,
    Text,
    Matrix,
    Diagram,
    Scenarios,
    RunScenario,
    Verify,
}

/// The parameters of all of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    uri: Option<Url>,
    position: Option<tower_lsp::lsp_types::Position>,
    code: Option<String>,
    actor: Option<String>,
    scenario: Option<String>,
    property: Option<String>,
    scope: Option<String>,
    /// Seconds.
    time: Option<u64>,
    work_done_token: Option<Value>,
}

fn refused(reason: impl Into<String>) -> Error {
    Error { code: ErrorCode::ServerError(-32803), message: reason.into().into(), data: None }
}

pub(in crate::server) fn custom(
    snapshot: &Snapshot,
    what: Custom,
    params: &Value,
    outbox: &Outbox,
) -> Result<Value> {
    let params: Params =
        serde_json::from_value(params.clone()).map_err(|error| Error::invalid_params(error.to_string()))?;
    if what == Custom::Explain {
        let code = params.code.ok_or_else(|| Error::invalid_params("`code` is missing"))?;
        let code = code.trim_end_matches(".md");
        let found = codes::find(code).ok_or_else(|| refused(format!("there is no code {code}")))?;
        return Ok(json!({ "code": found.id, "title": found.title, "markdown": found.explanation }));
    }
    let uri = params.uri.as_ref().ok_or_else(|| Error::invalid_params("`uri` is missing"))?;
    let path = path_of(uri);
    match what {
        Custom::Explain => Ok(Value::Null),
        Custom::Text => Ok(snapshot.document(uri).map_or(Value::Null, |d| json!(d.text.content()))),
        Custom::Matrix => matrix(snapshot, &path, params.actor.as_deref()),
        Custom::Diagram => diagram(snapshot, &path, &params),
        Custom::Scenarios => scenarios(snapshot, &path),
        Custom::RunScenario => {
            let name = params.scenario.ok_or_else(|| Error::invalid_params("`scenario` is missing"))?;
            let found = prepared(snapshot, &path)?;
            found.run(&name, &|path, range| location(snapshot, path, range)).map_err(refused)
        }
        Custom::Verify => verify(snapshot, &path, &params, outbox),
    }
}

fn prepared(snapshot: &Snapshot, path: &Path) -> Result<Runnable> {
    runnable(&snapshot.world, path, &snapshot.client.config.options()).map_err(refused)
}

fn location(snapshot: &Snapshot, path: &Path, range: Range) -> Value {
    let place = crate::ide::Place { path: path.to_owned(), range };
    snapshot.places().location(&place).map_or(Value::Null, |location| json!(location))
}

/// The machine that a file is part of, as it last was without an error.
fn machine(snapshot: &Snapshot, path: &Path) -> Result<std::sync::Arc<omtc::report::Known>> {
    let analysis = snapshot.analysis(path).ok_or_else(|| refused("this file is not analysed"))?;
    let known = analysis.machine(path).cloned();
    known.ok_or_else(|| refused("this file is part of no transaction that is free of errors"))
}

fn matrix(snapshot: &Snapshot, path: &Path, actor: Option<&str>) -> Result<Value> {
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

/// The states and transitions of an actor: the one that is named, or that the place stands in.
fn diagram(snapshot: &Snapshot, path: &Path, params: &Params) -> Result<Value> {
    let known = machine(snapshot, path)?;
    let Some(protocol) = &known.unit.protocol else { return Ok(Value::Null) };
    let under = params.position.and_then(|position| {
        let uri = params.uri.as_ref()?;
        let document = snapshot.any_document(uri)?;
        let at = Position { line: position.line, column: position.character };
        let offset = document.text.offset(at, snapshot.client.encoding);
        let tree = document.source().tree.clone();
        let (actor, state) = enclosing::item(&tree, offset).map_or_else(
            || (enclosing::actor(&tree, offset).map(|actor| actor.name.text.clone()), None),
            |(actor, item)| (Some(actor.name.text.clone()), highlighted(item)),
        );
        actor.map(|actor| (actor, state))
    });
    let first = || protocol.actors.keys().next().cloned();
    let name = params.actor.clone().or(under.as_ref().map(|(actor, _)| actor.clone())).or_else(first);
    let name = name.ok_or_else(|| refused("this transaction has no actors"))?;
    let actor = protocol.actors.get(&name).ok_or_else(|| refused(format!("there is no actor {name}")))?;
    let mut edges = Vec::new();
    for (from, state) in &actor.states {
        for handler in &state.handlers {
            let label = omt_runtime::ir::describe::handler(from, state, handler);
            let to = match handler {
                omt_runtime::ir::Handler::Transition(t) => t.then.to.clone(),
                omt_runtime::ir::Handler::Collect(_) => from.clone(),
            };
            edges.push(json!({ "from": from, "to": to, "label": label }));
        }
    }
    let states = actor.states.iter().map(|(name, state)| {
        json!({ "name": name, "title": state.meta.title, "terminal": state.terminal, "rest": state.rest })
    });
    Ok(json!({
        "actor": name,
        "initial": actor.initial,
        "states": states.collect::<Vec<_>>(),
        "transitions": edges,
        "svg": omtc::graph::svg(&omtc::graph::machine(protocol, &name, actor), &omtc::graph::Options::default()),
        "highlighted": under.and_then(|(_, states)| states),
    }))
}

/// The states of the item under the cursor.
fn highlighted(item: &omtc::syntax::ast::Item) -> Option<Vec<String>> {
    use omtc::syntax::ast::Item;
    match item {
        Item::State(state) => Some(vec![state.name.text.clone()]),
        Item::Transition(t) => Some(t.from.iter().chain([&t.to]).map(|name| name.text.clone()).collect()),
        Item::Collect(c) => Some(c.states.iter().map(|name| name.text.clone()).collect()),
        _ => None,
    }
}

/// What a test explorer lists.
fn scenarios(snapshot: &Snapshot, path: &Path) -> Result<Value> {
    let source = snapshot.world.source(path).map_err(|error| refused(error.to_string()))?;
    let decls = source.tree.decls.iter().filter_map(|decl| match decl {
        omtc::syntax::ast::Decl::Scenario(s) => Some(json!({
            "name": s.name.text,
            "title": s.text.as_ref().map(|text| text.text.clone()),
            "location": location(snapshot, path, s.name.span.into()),
        })),
        _ => None,
    });
    Ok(Value::Array(decls.collect()))
}

fn verify(snapshot: &Snapshot, path: &Path, params: &Params, outbox: &Outbox) -> Result<Value> {
    let found = prepared(snapshot, path)?;
    let config = &snapshot.client.config.verify;
    let time = Duration::from_secs(params.time.unwrap_or(config.time).min(VERIFY_SECONDS_MAX));
    let tell = |value: Value| {
        if let Some(token) = &params.work_done_token {
            outbox.notify("$/progress", &json!({ "token": token, "value": value }));
        }
    };
    let title = params.property.clone().unwrap_or_else(|| "all properties".to_owned());
    tell(json!({ "kind": "begin", "title": format!("verifying {title}") }));
    let mut last = Instant::now();
    let mut progress = |progress: &omtc::verify::Progress| {
        if last.elapsed() >= PROGRESS_EVERY {
            last = Instant::now();
            let message =
                format!("{} states, depth {}, {} open", progress.states, progress.depth, progress.queue);
            tell(json!({ "kind": "report", "message": message }));
        }
    };
    let result = found.verify(
        params.property.as_deref(),
        params.scope.as_deref(),
        (time, config.memory.saturating_mul(1 << 20)),
        &mut progress,
        &|path, range| location(snapshot, path, range),
    );
    tell(json!({ "kind": "end" }));
    result.map_err(refused)
}
