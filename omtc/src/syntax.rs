//! Words and grammar: from text to tree.
//!
//! `parse(FileId, &str) -> Parsed` never fails: it returns the tree of what could be read, the comments, and all diagnostics.

pub mod ast;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A comment, kept beside the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Without the line end, `#` included, trailing white space removed.
    pub text: String,
    /// Whether something other than a comment stands before it on its line.
    pub trailing: bool,
}

/// What came out of parsing one file.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree of everything that could be read.
    pub file: ast::File,
    /// All comments in source order, documentation included.
    pub comments: Vec<Comment>,
    /// Errors and warnings, in source order.
    pub diagnostics: Vec<Diagnostic>,
}
