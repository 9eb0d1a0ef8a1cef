//! What an editor can know about `.omt` sources, in plain data: paths, texts, byte offsets. No type of any protocol.

pub mod actions;
pub mod calls;
pub mod chunks;
pub mod completion;
pub mod describe;
pub mod diagnostics;
pub mod document;
pub mod enclosing;
pub mod engine;
pub mod explore;
pub mod files;
pub mod folding;
pub mod formatting;
pub mod hints;
pub mod hover;
pub mod index;
pub mod lenses;
pub mod lexemes;
pub mod library;
pub mod navigate;
pub mod rename;
pub mod run;
pub mod signature;
pub mod symbols;
pub mod text;
pub mod tokens;
pub mod world;

pub use document::Document;
pub use engine::{Analysis, Engine};
pub use text::{Encoding, Position, Text};
pub use world::World;

use std::path::PathBuf;

/// A range of bytes in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Range {
    /// From one offset to another.
    pub fn new(start: u32, end: u32) -> Range {
        Range { start, end: end.max(start) }
    }

    /// Whether a cursor at the offset touches it.
    pub fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// Whether it holds another one.
    pub fn holds(self, other: Range) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether both have a byte in common, or one is empty and lies in the other.
    pub fn meets(self, other: Range) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

impl From<omtc::source::Span> for Range {
    fn from(span: omtc::source::Span) -> Range {
        Range { start: span.start, end: span.end }
    }
}

/// A place in some file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Where in it.
    pub range: Range,
}

/// Text to be put in the place of a range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced; an empty range inserts.
    pub range: Range,
    /// By what.
    pub text: String,
}

/// The text of a range; empty when it does not fit.
pub fn slice(text: &str, range: Range) -> &str {
    text.get(range.start as usize..range.end as usize).unwrap_or("")
}

/// A number of bytes as an offset.
pub(crate) fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
