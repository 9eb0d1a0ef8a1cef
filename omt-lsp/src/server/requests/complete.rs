//! Completion.

use crate::ide::Range;
use crate::ide::completion::{self as complete, Sort};
use crate::ide::index::Kind;
use crate::ide::world::World;
use crate::server::convert;
use crate::server::snapshot::Here;
use omtc::source::SourceProvider;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use tower_lsp::lsp_types::{
    self as lsp, CompletionItemKind, InsertTextFormat, MarkupContent, TextDocumentIdentifier,
    TextDocumentPositionParams, TextEdit,
};

/// Files that are offered for `imports`: a folder has a few dozen.
const FILES_MAX: usize = 1_000;

/// How deep folders are looked into for them.
const DEPTH_MAX: usize = 8;

/// The answer. What lsp-types has for it knows no defaults (LSP 3.17): with them it is a third as long.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct Completion {
    is_incomplete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_defaults: Option<Defaults>,
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    edit_range: lsp::Range,
    /// Where it was asked, for [`completion_item`].
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<TextDocumentPositionParams>,
}

/// As `CompletionItem`; what is not said is the label, or plain text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    label: String,
    kind: CompletionItemKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documentation: Option<MarkupContent>,
    sort_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    insert_text_format: Option<InsertTextFormat>,
    /// Where the client knows no defaults.
    #[serde(skip_serializing_if = "Option::is_none")]
    text_edit: Option<TextEdit>,
    /// Where it does: what is written, if it is not the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    text_edit_text: Option<String>,
}

pub(in crate::server) fn completion(here: &Here<'_>) -> Completion {
    let found = found(here);
    let range = here.range(found.range);
    let client = &here.snapshot.client;
    let snippets = client.snippets;
    let items = found.items.into_iter().filter(|item| snippets || item.sort != Sort::Snippet).map(|item| {
        let snippet = item.snippet && snippets;
        let written = if item.snippet && !snippets { item.label.clone() } else { item.insert };
        let (text_edit, text_edit_text) = if client.completion_range {
            (None, Some(written).filter(|written| *written != item.label))
        } else {
            (Some(TextEdit::new(range, written)), None)
        };
        Item {
            kind: kind(item.sort),
            detail: Some(item.detail).filter(|detail| !detail.is_empty()),
            documentation: Some(item.doc)
                .filter(|doc| !doc.is_empty() && !client.completion_resolves)
                .map(convert::markdown),
            sort_text: format!("{}{}", item.rank, item.label),
            insert_text_format: snippet.then_some(InsertTextFormat::SNIPPET),
            text_edit,
            text_edit_text,
            label: item.label,
        }
    });
    let items = items.collect();
    let data = || {
        let document = TextDocumentIdentifier::new(here.snapshot.uri(&here.document.path)?);
        let at = here.range(Range::new(here.offset, here.offset)).start;
        Some(TextDocumentPositionParams::new(document, at))
    };
    let item_defaults = client.completion_range.then(|| Defaults {
        edit_range: range,
        data: if client.completion_resolves { data() } else { None },
    });
    Completion { is_incomplete: false, item_defaults, items }
}

/// An item with what it means, for clients that ask for that when they show it.
pub(in crate::server) fn completion_item(here: &Here<'_>, mut item: Value) -> Value {
    let is = |known: &complete::Item| {
        item.get("label").is_some_and(|label| *label == known.label)
            && item.get("kind") == serde_json::to_value(kind(known.sort)).ok().as_ref()
    };
    let doc = found(here).items.into_iter().find(is).map(|known| known.doc);
    if let (Some(doc), Some(members)) = (doc.filter(|doc| !doc.is_empty()), item.as_object_mut()) {
        members.insert("documentation".to_owned(), serde_json::json!(convert::markdown(doc)));
    }
    item
}

fn found(here: &Here<'_>) -> complete::Completion {
    let world = &here.snapshot.world;
    let files = |path: &Path| importable(world, path);
    let analysis = here.snapshot.names(&here.document.path).map(AsRef::as_ref);
    complete::complete(analysis, &here.document.path, &here.document.text, here.offset, &files)
}

fn kind(sort: Sort) -> CompletionItemKind {
    match sort {
        Sort::Symbol(kind) => match kind {
            Kind::Transaction | Kind::Uses => CompletionItemKind::MODULE,
            Kind::Parameter => CompletionItemKind::CONSTANT,
            Kind::Enum => CompletionItemKind::ENUM,
            Kind::EnumValue => CompletionItemKind::ENUM_MEMBER,
            Kind::Struct | Kind::Block | Kind::View => CompletionItemKind::STRUCT,
            Kind::Message => CompletionItemKind::INTERFACE,
            Kind::Actor | Kind::Scenario | Kind::Property => CompletionItemKind::CLASS,
            Kind::Function | Kind::Native | Kind::Task => CompletionItemKind::FUNCTION,
            Kind::Field | Kind::StoreField | Kind::SharedField => CompletionItemKind::FIELD,
            Kind::Trigger | Kind::State => CompletionItemKind::EVENT,
            Kind::Argument | Kind::Local | Kind::Member => CompletionItemKind::VARIABLE,
            Kind::File => CompletionItemKind::FILE,
        },
        Sort::Function => CompletionItemKind::FUNCTION,
        Sort::Word => CompletionItemKind::KEYWORD,
        Sort::Type => CompletionItemKind::TYPE_PARAMETER,
        Sort::Value => CompletionItemKind::VALUE,
        Sort::Snippet => CompletionItemKind::SNIPPET,
        Sort::Unit => CompletionItemKind::UNIT,
        Sort::Path => CompletionItemKind::FILE,
    }
}

/// What a file may import: names below its folder of protocols, without itself.
fn importable(world: &World, path: &Path) -> Vec<String> {
    let project = world.project_of(path);
    let folder = if project == path { path.parent().unwrap_or(path).to_owned() } else { project };
    let mut found = Vec::new();
    let mut open = vec![(folder.clone(), 0)];
    while let Some((at, depth)) = open.pop() {
        for name in world.list(&at).unwrap_or_default() {
            let inner = at.join(&name);
            if name.as_encoded_bytes().starts_with(b".") || found.len() >= FILES_MAX {
                continue;
            }
            if world.is_folder(&inner) {
                if depth < DEPTH_MAX {
                    open.push((inner, depth + 1));
                }
            } else if inner.extension().is_some_and(|e| e == "omt") && inner != path {
                let below = inner.strip_prefix(&folder).unwrap_or(&inner).with_extension("");
                let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
                found.push(parts.join("/"));
            }
        }
    }
    found.sort();
    found
}
