//! Hover, definitions, references.

use crate::ide::hover;
use crate::ide::index::Access;
use crate::ide::navigate::{self, Targets};
use crate::server::convert;
use crate::server::snapshot::Here;
use omtc::source::FileId;
use tower_lsp::lsp_types::*;

pub(in crate::server) fn hover(here: &Here<'_>) -> Option<Hover> {
    let found = hover::hover(here.analysis?, here.document.id, here.offset)?;
    Some(Hover {
        contents: HoverContents::Markup(convert::markdown(found.text)),
        range: Some(here.range(found.range)),
    })
}

type Find = fn(&crate::ide::Analysis, FileId, u32) -> Option<Targets>;

fn go(here: &Here<'_>, find: Find) -> Option<GotoDefinitionResponse> {
    let targets = find(here.analysis?, here.document.id, here.offset)?;
    let places = here.snapshot.places();
    let found: Vec<Location> = targets.places.iter().filter_map(|place| places.location(place)).collect();
    (!found.is_empty()).then_some(GotoDefinitionResponse::Array(found))
}

pub(in crate::server) fn definition(here: &Here<'_>) -> Option<GotoDefinitionResponse> {
    go(here, navigate::definition)
}

pub(in crate::server) fn declaration(here: &Here<'_>) -> Option<GotoDefinitionResponse> {
    go(here, navigate::declaration)
}

pub(in crate::server) fn type_definition(here: &Here<'_>) -> Option<GotoDefinitionResponse> {
    go(here, navigate::type_definition)
}

pub(in crate::server) fn implementation(here: &Here<'_>) -> Option<GotoDefinitionResponse> {
    go(here, navigate::implementation)
}

pub(in crate::server) fn references(here: &Here<'_>, declaration: bool) -> Option<Vec<Location>> {
    let found = navigate::references(here.analysis?, here.document.id, here.offset, declaration);
    let places = here.snapshot.places();
    Some(found.iter().filter_map(|place| places.location(place)).collect())
}

pub(in crate::server) fn highlights(here: &Here<'_>) -> Option<Vec<DocumentHighlight>> {
    let found = navigate::highlights(here.analysis?, here.document.id, here.offset);
    let kind = |access| match access {
        Access::Declare | Access::Write | Access::Emit | Access::Enter => DocumentHighlightKind::WRITE,
        Access::Read | Access::Handle | Access::Leave => DocumentHighlightKind::READ,
    };
    let one = |(range, access)| DocumentHighlight { range: here.range(range), kind: Some(kind(access)) };
    Some(found.into_iter().map(one).collect())
}
