//! Symbols of a document and of all files.

use crate::ide::index::Kind;
use crate::ide::symbols::{self, Outline};
use crate::server::snapshot::{Here, Snapshot};
use tower_lsp::lsp_types::*;

pub(in crate::server) fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Transaction | Kind::Uses | Kind::File => SymbolKind::MODULE,
        Kind::Parameter => SymbolKind::CONSTANT,
        Kind::Enum => SymbolKind::ENUM,
        Kind::EnumValue => SymbolKind::ENUM_MEMBER,
        Kind::Struct | Kind::Block | Kind::View => SymbolKind::STRUCT,
        Kind::Message => SymbolKind::INTERFACE,
        Kind::Actor => SymbolKind::CLASS,
        Kind::Function | Kind::Native | Kind::Task => SymbolKind::FUNCTION,
        Kind::Property => SymbolKind::BOOLEAN,
        Kind::Scenario => SymbolKind::METHOD,
        Kind::Field | Kind::StoreField | Kind::SharedField => SymbolKind::FIELD,
        Kind::Trigger | Kind::State => SymbolKind::EVENT,
        Kind::Argument | Kind::Local | Kind::Member => SymbolKind::VARIABLE,
    }
}

fn entry(here: &Here<'_>, outline: Outline) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> =
        outline.children.into_iter().map(|child| entry(here, child)).collect();
    #[allow(deprecated, reason = "the structure has no other constructor")]
    DocumentSymbol {
        // An empty name is refused by clients.
        name: if outline.name.is_empty() { "?".to_owned() } else { outline.name },
        detail: Some(outline.detail).filter(|detail| !detail.is_empty()),
        kind: kind(outline.kind),
        tags: None,
        deprecated: None,
        range: here.range(outline.full),
        selection_range: here.range(outline.range),
        children: Some(children).filter(|list| !list.is_empty()),
    }
}

pub(in crate::server) fn document_symbols(here: &Here<'_>) -> Option<DocumentSymbolResponse> {
    let source = here.document.source();
    let outline = symbols::outline(&source.tree, here.document.text.content());
    Some(DocumentSymbolResponse::Nested(outline.into_iter().map(|one| entry(here, one)).collect()))
}

pub(in crate::server) fn symbols(snapshot: &Snapshot, query: &str) -> Vec<SymbolInformation> {
    let places = snapshot.places();
    let found = symbols::search(snapshot.analyses.values().map(AsRef::as_ref), query);
    let one = |symbol: symbols::Found| {
        #[allow(deprecated, reason = "the structure has no other constructor")]
        Some(SymbolInformation {
            location: places.location(&symbol.place)?,
            name: symbol.name,
            kind: kind(symbol.kind),
            tags: None,
            deprecated: None,
            container_name: Some(symbol.container).filter(|name| !name.is_empty()),
        })
    };
    found.into_iter().filter_map(one).collect()
}
