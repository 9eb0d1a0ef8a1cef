//! What could be written at a place.
//!
//! The text at the cursor is usually no sentence yet, so what stands around it is told by its words and signs, and names
//! by the latest analysis.

mod context;
mod offer;

use super::engine::Analysis;
use super::index::Kind;
use super::{Range, Text};
use std::path::Path;

pub use context::{Context, Wanted};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A declared symbol.
    Symbol(Kind),
    /// A function of the library.
    Function,
    /// A word of the language.
    Word,
    /// A built-in type.
    Type,
    /// A built-in value.
    Value,
    /// A pattern to be filled in.
    Snippet,
    /// A unit.
    Unit,
    /// A file or a folder.
    Path,
}

/// Something that could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As it is shown.
    pub label: String,
    /// What it is.
    pub sort: Sort,
    /// Its type or signature.
    pub detail: String,
    /// What it means; Markdown.
    pub doc: String,
    /// What is written. With `snippet`, `$1` and `${1:name}` are places to be filled in.
    pub insert: String,
    /// Whether it has places to be filled in.
    pub snippet: bool,
    /// Lower ones come first.
    pub rank: u8,
}

/// What could be written, and what it replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The word that has been begun.
    pub range: Range,
    /// In the order in which they are offered.
    pub items: Vec<Item>,
}

/// What could be written at a place. `stale`: where a place of the text was when it was analysed.
pub fn complete(
    analysis: Option<&Analysis>,
    path: &Path,
    text: &Text,
    at: u32,
    files: &dyn Fn(&Path) -> Vec<String>,
) -> Completion {
    let context = Context::of(text, at);
    let mut offer = offer::Offer::new(analysis, path, &context, files);
    offer.all();
    let mut items = offer.items;
    items.sort_by(|a, b| (a.rank, &a.label, a.sort).cmp(&(b.rank, &b.label, b.sort)));
    items.dedup_by(|a, b| a.label == b.label && a.sort == b.sort);
    Completion { range: context.word, items }
}
