//! Code actions, lenses, renames, links.

use crate::ide::actions::{At, Sort, actions};
use crate::ide::lenses::{self, Act};
use crate::ide::rename::Edits;
use crate::ide::{files, rename};
use crate::server::convert;
use crate::server::snapshot::{Here, Snapshot};
use serde_json::json;
use std::collections::HashMap;
use std::path::PathBuf;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types::*;

/// Edits of several files.
fn workspace(snapshot: &Snapshot, edits: &Edits) -> WorkspaceEdit {
    let places = snapshot.places();
    let mut changes = HashMap::new();
    for (path, list) in edits {
        let Some(uri) = snapshot.uri(path) else { continue };
        let one =
            |edit: &crate::ide::Edit| Some(TextEdit::new(places.range(path, edit.range)?, edit.text.clone()));
        changes.insert(uri, list.iter().filter_map(one).collect());
    }
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

fn refused(reason: String) -> Error {
    Error { code: ErrorCode::ServerError(-32803), message: reason.into(), data: None }
}

pub(in crate::server) fn prepare_rename(here: &Here<'_>) -> Option<Result<PrepareRenameResponse>> {
    let found = rename::prepare(here.analysis?, here.document.id, here.offset);
    Some(found.map_err(refused).map(|(range, placeholder)| PrepareRenameResponse::RangeWithPlaceholder {
        range: here.range(range),
        placeholder,
    }))
}

pub(in crate::server) fn rename(here: &Here<'_>, name: &str) -> Option<Result<WorkspaceEdit>> {
    let options = here.snapshot.client.config.options();
    let at = (here.document.id, here.offset);
    let edits = rename::rename(here.analysis?, &here.snapshot.world, &options, at, name);
    Some(edits.map_err(refused).map(|edits| workspace(here.snapshot, &edits)))
}

fn kind(sort: Sort) -> CodeActionKind {
    match sort {
        Sort::Fix => CodeActionKind::QUICKFIX,
        Sort::FixAll => CodeActionKind::SOURCE_FIX_ALL,
        Sort::OrganizeImports => CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
        Sort::Generate => CodeActionKind::REFACTOR_REWRITE,
        Sort::Extract => CodeActionKind::REFACTOR_EXTRACT,
    }
}

pub(in crate::server) fn code_actions(
    here: &Here<'_>,
    params: &CodeActionParams,
) -> Option<CodeActionResponse> {
    let analysis = here.analysis?;
    let range = convert::range_in(&here.document.text, params.range, here.snapshot.client.encoding);
    let source = here.document.source();
    let at = At {
        analysis,
        path: &here.document.path,
        file: here.document.id,
        tree: &source.tree,
        text: &here.document.text,
        range,
    };
    let wanted = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| {
            only.iter().any(|wanted| {
                kind.as_str() == wanted.as_str()
                    || kind.as_str().starts_with(&format!("{}.", wanted.as_str()))
            })
        })
    };
    let mut found = Vec::new();
    for action in actions(&at) {
        let kind = kind(action.sort);
        if !wanted(&kind) {
            continue;
        }
        let about = action.about.map(|(code, range)| {
            let range = here.range(range);
            let of =
                |d: &&Diagnostic| d.range == range && d.code == Some(NumberOrString::String(code.to_owned()));
            params.context.diagnostics.iter().filter(of).cloned().collect::<Vec<_>>()
        });
        found.push(CodeActionOrCommand::CodeAction(CodeAction {
            title: action.title,
            kind: Some(kind),
            diagnostics: about.filter(|list| !list.is_empty()),
            edit: Some(workspace(here.snapshot, &action.edits)),
            is_preferred: Some(action.preferred).filter(|preferred| *preferred),
            ..CodeAction::default()
        }));
    }
    Some(found)
}

pub(in crate::server) fn code_lenses(here: &Here<'_>) -> Option<Vec<CodeLens>> {
    if !here.snapshot.client.config.code_lens.enable {
        return Some(Vec::new());
    }
    let analysis = here.analysis?;
    let uri = here.snapshot.uri(&here.document.path)?;
    let places = here.snapshot.places();
    let lens = |lens: lenses::Lens| {
        let range = here.range(lens.range);
        let (command, arguments) = match lens.act {
            Act::Show(list) => {
                let found: Vec<Location> = list.iter().filter_map(|place| places.location(place)).collect();
                ("omt.showLocations", vec![json!(uri), json!(range.start), json!(found)])
            }
            Act::Run(name) => ("omt.runScenario", vec![json!({ "uri": uri, "scenario": name })]),
            Act::Step(name) => ("omt.stepScenario", vec![json!({ "uri": uri, "scenario": name })]),
            Act::Verify { property, scope } => {
                ("omt.verify", vec![json!({ "uri": uri, "property": property, "scope": scope })])
            }
            Act::Diagram(actor) => ("omt.showDiagram", vec![json!({ "uri": uri, "actor": actor })]),
        };
        let command = Command::new(lens.title, command.to_owned(), Some(arguments));
        CodeLens { range, command: Some(command), data: None }
    };
    Some(lenses::lenses(analysis, &here.document.source().tree).into_iter().map(lens).collect())
}

pub(in crate::server) fn links(here: &Here<'_>) -> Option<Vec<DocumentLink>> {
    let found = files::links(here.analysis?, &here.document.source().tree);
    let link = |link: files::Link| DocumentLink {
        range: here.range(link.range),
        target: here.snapshot.uri(&link.path),
        tooltip: Some(link.path.display().to_string()),
        data: None,
    };
    Some(found.into_iter().map(link).collect())
}

pub(in crate::server) fn will_rename(
    snapshot: &Snapshot,
    moves: &[(PathBuf, PathBuf)],
) -> Option<WorkspaceEdit> {
    let mut edits = Edits::new();
    for analysis in snapshot.analyses.values() {
        edits.extend(files::moved(analysis, moves));
    }
    (!edits.is_empty()).then(|| workspace(snapshot, &edits))
}
