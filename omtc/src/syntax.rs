//! Words and grammar: from text to tree.
//!
//! ```text
//! bytes --decode--> text --lexer (logos)--> tokens + comments --parser (chumsky)--> tree + diagnostics
//! ```
//!
//! [`parse`] never fails: it returns the tree of what could be read, the comments, and all diagnostics.
//!
//! ```
//! use omtc::source::FileId;
//! use omtc::syntax::{ast::Decl, parse};
//!
//! let parsed = parse(FileId(0), "enum Verdict ( ACCEPT REJECT )\nstruct Oops ( 1 )\nimports shared/common");
//! assert_eq!(parsed.file.decls.len(), 3);
//! assert!(matches!(&parsed.file.decls[0], Decl::Enum(e) if e.values.len() == 2));
//! assert_eq!(parsed.diagnostics[0].message, "expected the name of a field, found a number");
//! ```

pub mod ast;
mod foreign;
pub mod highlight;
mod lookahead;
pub mod mentions;
mod parser;
mod report;
pub(crate) mod stack;
mod tokens;
pub mod words;

use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, SOURCE_BYTES_MAX, Span};
pub use parser::NEST_DEPTH_MAX;
use report::Reporter;
use tokens::Tokens;

/// A comment, kept beside the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the text.
    pub span: Span,
    /// Without the line end, `#` included, trailing white space removed.
    pub text: String,
    /// Whether a token stands before it on its line.
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
    /// How many errors were found and not kept, because there are so many.
    pub dropped: usize,
}

/// Reads a source text. Never fails, in time linear in the length of the text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut reporter = Reporter::default();
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if text.len() > SOURCE_BYTES_MAX {
        let span = Span::new(file, 0, 0);
        let diagnostic = Diagnostic::new(codes::TOO_LARGE, span, "this file is too large to be a source")
            .with_note(format!("a source has at most {} MiB", SOURCE_BYTES_MAX >> 20));
        reporter.push(diagnostic);
        let file = ast::File { span, decls: Vec::new() };
        let (diagnostics, dropped) = reporter.finish();
        return Parsed { file, comments: Vec::new(), diagnostics, dropped };
    }
    let mut tokens = Tokens::lex(file, text, &mut reporter);
    let (decls, reporter) = stack::on_large_stack(|| parser::parse_file(&mut tokens, reporter));
    let (diagnostics, dropped) = reporter.finish();
    let file = ast::File { span: Span::new(file, 0, end), decls };
    Parsed { file, comments: tokens.comments, diagnostics, dropped }
}

/// What kind of word or sign it is, for whoever colours or completes a text that cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LexemeKind {
    /// A name or a keyword.
    Word,
    /// Digits.
    Number,
    /// In quotes, also without the second one.
    Text,
    /// From `#` to the end of the line.
    Comment,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// Any other sign.
    Sign,
}

/// A word or a sign of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// Which kind.
    pub kind: LexemeKind,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// All words, signs and comments of a text, whatever it is.
pub fn lexemes(text: &str) -> Vec<Lexeme> {
    tokens::lexemes(text)
}

/// Number of tokens of a source text: the lexer alone, for benchmarks.
pub fn token_count(file: FileId, text: &str) -> usize {
    let mut reporter = Reporter::default();
    Tokens::lex(file, text, &mut reporter).list.len()
}

/// The text of a file that begins with the byte order mark of UTF-16, without it.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (rest, unit): (&[u8], fn([u8; 2]) -> u16) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Turns bytes into text. What is not UTF-8 is replaced by U+FFFD and reported, at the position it has in the
/// text that is returned; the file can be parsed nevertheless.
pub fn decode(file: FileId, bytes: &[u8]) -> (String, Option<Diagnostic>) {
    if let Some(text) = utf16(bytes) {
        let diagnostic = Diagnostic::new(codes::NOT_UTF8, Span::new(file, 0, 0), "this file is UTF-16")
            .with_label("begins with the mark of UTF-16")
            .with_note("sources are UTF-8")
            .with_help("save the file as UTF-8");
        return (text, Some(diagnostic));
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return (text.to_owned(), None),
        Err(error) => error,
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let start = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
    let width = u32::try_from('\u{FFFD}'.len_utf8()).unwrap_or(0);
    let wrong = bytes.get(error.valid_up_to()).copied().unwrap_or(0);
    let diagnostic = Diagnostic::new(
        codes::NOT_UTF8,
        Span::new(file, start, start.saturating_add(width)),
        "this file is not valid UTF-8",
    )
    .with_label(format!("the byte 0x{wrong:02X} cannot stand here"))
    .with_note("sources are UTF-8")
    .with_help("save the file as UTF-8");
    (text, Some(diagnostic))
}
