//! Formatting.

use crate::ide::formatting;
use crate::server::convert;
use crate::server::snapshot::Here;
use tower_lsp::lsp_types::{Range, TextEdit};

pub(in crate::server) fn formatting(here: &Here<'_>) -> Option<Vec<TextEdit>> {
    if here.document.is_too_large() {
        return None;
    }
    formatting::document(&here.document.text).map(|edits| here.edits(&edits))
}

pub(in crate::server) fn range_formatting(here: &Here<'_>, range: Range) -> Option<Vec<TextEdit>> {
    if here.document.is_too_large() {
        return None;
    }
    let text = &here.document.text;
    let range = convert::range_in(text, range, here.snapshot.client.encoding);
    formatting::range(text, range).map(|edits| here.edits(&edits))
}

pub(in crate::server) fn on_type_formatting(here: &Here<'_>, typed: &str) -> Vec<TextEdit> {
    here.edits(&formatting::on_type(&here.document.text, here.offset, typed))
}
