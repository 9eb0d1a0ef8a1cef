//! What no other server has: pages of findings, matrices, diagrams, scenarios, verification. `docs/lsp.md` tells the shapes.

use super::machines;
use crate::ide::run::{Locate, Runnable, runnable};
use crate::ide::{Document, Position, Range, enclosing};
use crate::server::owner::path_of;
use crate::server::snapshot::Snapshot;
use crate::server::transport::Outbox;
use omtc::diagnostic::codes;
use omtc::syntax::ast::Decl;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    Sequence,
    Verify,
    Explore,
}

/// The parameters of all of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    pub uri: Option<Url>,
    pub position: Option<tower_lsp::lsp_types::Position>,
    code: Option<String>,
    pub actor: Option<String>,
    scenario: Option<String>,
    property: Option<String>,
    scope: Option<String>,
    /// Steps that were chosen.
    path: Option<Vec<usize>>,
    /// Seconds.
    time: Option<u64>,
    work_done_token: Option<Value>,
}

pub(super) fn refused(reason: impl Into<String>) -> Error {
    Error { code: ErrorCode::ServerError(-32803), message: reason.into().into(), data: None }
}

pub(in crate::server) fn custom(
    snapshot: &Snapshot,
    what: Custom,
    params: &Value,
    outbox: &Outbox,
    given_up: &Arc<AtomicBool>,
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
        Custom::Matrix => machines::matrix(snapshot, &path, params.actor.as_deref()),
        Custom::Diagram => machines::diagram(snapshot, &path, &params),
        Custom::Scenarios => scenarios(snapshot, &path),
        Custom::RunScenario => {
            let name = params.scenario.ok_or_else(|| Error::invalid_params("`scenario` is missing"))?;
            let found = prepared(snapshot, &path)?;
            found.run(&name, &|path, range| location(snapshot, path, range)).map_err(refused)
        }
        Custom::Sequence => sequence(snapshot, &path, &params, given_up),
        Custom::Verify => verify(snapshot, &path, &params, outbox, given_up),
        Custom::Explore => explore(snapshot, &path, &params, given_up),
    }
}

fn prepared(snapshot: &Snapshot, path: &Path) -> Result<Runnable> {
    runnable(&snapshot.world, path, &snapshot.client.config.options()).map_err(refused)
}

fn location(snapshot: &Snapshot, path: &Path, range: Range) -> Value {
    let place = crate::ide::Place { path: path.to_owned(), range };
    snapshot.places().location(&place).map_or(Value::Null, |location| json!(location))
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

/// The scenario that the place stands in, or the first one that takes the transition there.
fn sequence(snapshot: &Snapshot, path: &Path, params: &Params, given_up: &Arc<AtomicBool>) -> Result<Value> {
    let (document, offset) = place(snapshot, params)?;
    let tree = &document.source().tree;
    let found = prepared(snapshot, path)?;
    let locate: Locate<'_> = &|path, range| location(snapshot, path, range);
    if let Some(Decl::Scenario(scenario)) = enclosing::declaration(tree, offset) {
        return found.run(&scenario.name.text, locate).map_err(refused);
    }
    let (actor, transition) = enclosing::transition(tree, offset)
        .ok_or_else(|| refused("neither a transition nor a scenario is here"))?;
    let head = enclosing::head(transition);
    let result =
        found.through(&actor.name.text, (path, head.into()), locate, &|| given_up.load(Ordering::Relaxed));
    if given_up.load(Ordering::Relaxed) {
        return Err(Error::request_cancelled());
    }
    result.map_err(refused)
}

/// Where the cursor is.
pub(super) fn place(snapshot: &Snapshot, params: &Params) -> Result<(Arc<Document>, u32)> {
    let missing = |what: &str| Error::invalid_params(format!("`{what}` is missing"));
    let uri = params.uri.as_ref().ok_or_else(|| missing("uri"))?;
    let position = params.position.ok_or_else(|| missing("position"))?;
    let document = snapshot.any_document(uri).ok_or_else(|| refused("this file cannot be read"))?;
    let at = Position { line: position.line, column: position.character };
    let offset = document.text.offset(at, snapshot.client.encoding);
    Ok((document, offset))
}

/// A walk through the states of a scope that somebody chooses.
fn explore(snapshot: &Snapshot, path: &Path, params: &Params, given_up: &Arc<AtomicBool>) -> Result<Value> {
    let found = prepared(snapshot, path)?;
    let config = &snapshot.client.config.verify;
    let time = Duration::from_secs(params.time.unwrap_or(config.time).min(VERIFY_SECONDS_MAX));
    let limits = (time, config.memory.saturating_mul(1 << 20));
    let choices = params.path.as_deref().unwrap_or_default();
    let locate: Locate<'_> = &|path, range| location(snapshot, path, range);
    let result = found.explore(params.scope.as_deref(), choices, limits, given_up, locate);
    if given_up.load(Ordering::Relaxed) {
        return Err(Error::request_cancelled());
    }
    result.map_err(refused)
}

fn verify(
    snapshot: &Snapshot,
    path: &Path,
    params: &Params,
    outbox: &Outbox,
    given_up: &Arc<AtomicBool>,
) -> Result<Value> {
    let found = prepared(snapshot, path)?;
    let config = &snapshot.client.config.verify;
    let time = Duration::from_secs(params.time.unwrap_or(config.time).min(VERIFY_SECONDS_MAX));
    let tell = |value: Value| {
        if let Some(token) = &params.work_done_token {
            outbox.notify("$/progress", &json!({ "token": token, "value": value }));
        }
    };
    let title = params.property.clone().unwrap_or_else(|| "all properties".to_owned());
    tell(json!({ "kind": "begin", "title": format!("verifying {title}"), "cancellable": true }));
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
        (&mut progress, given_up),
        &|path, range| location(snapshot, path, range),
    );
    tell(json!({ "kind": "end" }));
    if given_up.load(Ordering::Relaxed) {
        return Err(Error::request_cancelled());
    }
    result.map_err(refused)
}
