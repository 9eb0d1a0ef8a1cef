//! Answers: plain data, turned into what the protocol says. One file for each family.

mod act;
mod complete;
mod custom;
mod diagnose;
mod edit;
mod look;
mod machines;
mod outline;
mod show;

pub(super) use act::{code_actions, code_lenses, links, prepare_rename, rename, will_rename};
pub(super) use complete::{Completion, completion, completion_item};
pub(super) use custom::{COMMANDS, Custom, custom};
pub(super) use diagnose::{diagnostic, workspace_diagnostic};
pub(super) use edit::{formatting, on_type_formatting, range_formatting};
pub(super) use look::{
    declaration, definition, highlights, hover, implementation, references, type_definition,
};
pub(super) use outline::{document_symbols, symbols};
pub(super) use show::{
    folds, incoming, inlay_hints, legend, linked, outgoing, prepare_calls, selections, semantic_tokens,
    semantic_tokens_edits, semantic_tokens_range, signature_help,
};

use super::convert;
use super::snapshot::Here;
use crate::ide::{Edit, Range};
use tower_lsp::lsp_types as lsp;

impl Here<'_> {
    fn range(&self, range: Range) -> lsp::Range {
        convert::range(&self.document.text, range, self.snapshot.client.encoding)
    }

    fn edits(&self, edits: &[Edit]) -> Vec<lsp::TextEdit> {
        edits.iter().map(|edit| lsp::TextEdit::new(self.range(edit.range), edit.text.clone())).collect()
    }
}
