//! Completion.

use crate::ide::completion::{Sort, complete};
use crate::ide::index::Kind;
use crate::ide::world::World;
use crate::server::convert;
use crate::server::snapshot::Here;
use omtc::source::SourceProvider;
use std::path::Path;
use tower_lsp::lsp_types::*;

/// Files that are offered for `imports`: a folder has a few dozen.
const FILES_MAX: usize = 1_000;

/// How deep folders are looked into for them.
const DEPTH_MAX: usize = 8;

pub(in crate::server) fn completion(here: &Here<'_>) -> Option<CompletionResponse> {
    let world = &here.snapshot.world;
    let files = |path: &Path| importable(world, path);
    let analysis = here.snapshot.names(&here.document.path).map(AsRef::as_ref);
    let found = complete(analysis, &here.document.path, &here.document.text, here.offset, &files);
    let range = here.range(found.range);
    let snippets = here.snapshot.client.snippets;
    let items = found.items.into_iter().filter(|item| snippets || item.sort != Sort::Snippet).map(|item| {
        let snippet = item.snippet && snippets;
        let insert = if item.snippet && !snippets { item.label.clone() } else { item.insert };
        CompletionItem {
            sort_text: Some(format!("{}{}", item.rank, item.label)),
            filter_text: Some(item.label.clone()),
            kind: Some(kind(item.sort)),
            detail: Some(item.detail).filter(|detail| !detail.is_empty()),
            documentation: Some(item.doc)
                .filter(|doc| !doc.is_empty())
                .map(|doc| Documentation::MarkupContent(convert::markdown(doc))),
            insert_text_format: Some(if snippet {
                InsertTextFormat::SNIPPET
            } else {
                InsertTextFormat::PLAIN_TEXT
            }),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, insert))),
            label: item.label,
            ..CompletionItem::default()
        }
    });
    Some(CompletionResponse::List(CompletionList { is_incomplete: false, items: items.collect() }))
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
