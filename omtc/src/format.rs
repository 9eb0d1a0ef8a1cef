//! One canonical layout for `.omt` sources.
//!
//! The formatter writes the tokens it read, in their order, with other white space: it changes the case of
//! keywords that may have any, drops trailing commas, and nothing else. Comments stay between the tokens
//! between which they stood. Empty lines between elements are kept, one of several. What stood on one line
//! between parentheses (fields, a single action) stays there while it fits; everything else breaks by width.
//!
//! ```
//! let text = "enum  Verdict(ACCEPT   REJECT)   # how it went";
//! assert_eq!(omtc::format::format_source(text).unwrap(), "enum Verdict ( ACCEPT REJECT )  # how it went\n");
//! ```

mod action;
mod actor;
mod declaration;
mod diff;
mod doc;
mod expression;
mod function;
mod scenario;

use crate::diagnostic::{Diagnostic, has_errors};
use crate::source::{FileId, Span};
use crate::syntax::stack::on_large_stack;
use crate::syntax::{Comment, Parsed, parse};
pub use diff::diff;
use doc::{Doc, concat, print, text};

/// Formats a source text.
///
/// # Errors
/// The findings, when the text has a lexical or syntax error: what cannot be read is not rewritten.
pub fn format_source(source: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(FileId(0), source);
    if has_errors(&parsed.diagnostics) {
        return Err(parsed.diagnostics);
    }
    Ok(format_parsed(&parsed, source))
}

/// Formats a source that was parsed without errors. A declaration with an error would be missing from the
/// result.
pub fn format_parsed(parsed: &Parsed, source: &str) -> String {
    on_large_stack(|| {
        let mut formatter = Formatter { source, comments: &parsed.comments, next: 0 };
        let end = parsed.file.span.end;
        let rows =
            formatter.rows(&parsed.file.decls, crate::syntax::ast::Decl::span, end, Formatter::declaration);
        print(&stack(rows))
    })
}

/// Turns trees into documents.
struct Formatter<'a> {
    source: &'a str,
    comments: &'a [Comment],
    /// The first comment that was not written yet.
    next: usize,
}

/// A line, or lines, of a vertical list.
enum Row<T> {
    Blank,
    /// A comment on its own line; or on the line of the opening bracket.
    Comment {
        text: String,
        trailing: bool,
    },
    Item {
        item: T,
        trailing: Option<String>,
    },
}

/// The space between code and a comment on its line.
const COMMENT_GAP: usize = 2;

impl Formatter<'_> {
    /// The comments before an offset that were not written yet.
    fn comments_before(&mut self, offset: u32) -> Doc {
        let mut parts = Vec::new();
        while let Some(comment) = self.comments.get(self.next).filter(|c| c.span.start < offset) {
            self.next = self.next.saturating_add(1);
            let trailing = comment.trailing.then_some(COMMENT_GAP);
            parts.push(Doc::Comment { text: comment.text.clone(), trailing });
        }
        if parts.is_empty() { Doc::Nil } else { concat(parts) }
    }

    /// Whether comments stand in a span that were not written yet.
    fn has_comments(&self, span: Span) -> bool {
        self.comments
            .get(self.next..)
            .unwrap_or(&[])
            .iter()
            .take_while(|c| c.span.start < span.end)
            .any(|c| c.span.start >= span.start)
    }

    /// Whether a line ends in the white space directly before an offset.
    fn breaks_before(&self, offset: u32) -> bool {
        let before = self.source.get(..offset as usize).unwrap_or("");
        before.get(before.trim_end().len()..).unwrap_or("").contains(['\n', '\r'])
    }

    /// Whether an empty line stands in the white space directly before an offset.
    fn blank_before(&self, offset: u32) -> bool {
        let before = self.source.get(..offset as usize).unwrap_or("");
        let gap = before.get(before.trim_end().len()..).unwrap_or("");
        gap.matches('\n').count() > 1 || gap.matches('\r').count() > 1
    }

    /// The elements of a list, one below the other, with the comments and empty lines between them. `end` is
    /// where the list ends: before its closing bracket.
    fn rows<E, T>(
        &mut self,
        elements: &[E],
        span: impl Fn(&E) -> Span,
        end: u32,
        mut print: impl FnMut(&mut Self, &E) -> T,
    ) -> Vec<Row<T>> {
        let mut rows: Vec<Row<T>> = Vec::new();
        for element in elements {
            let start = span(element).start;
            self.comment_rows(start, &mut rows);
            if !rows.is_empty() && self.blank_before(start) {
                rows.push(Row::Blank);
            }
            let item = print(self, element);
            rows.push(Row::Item { item, trailing: None });
        }
        self.comment_rows(end, &mut rows);
        rows
    }

    /// The comments before an offset, as rows or at the end of the row before.
    fn comment_rows<T>(&mut self, offset: u32, rows: &mut Vec<Row<T>>) {
        while let Some(comment) = self.comments.get(self.next).filter(|c| c.span.start < offset) {
            self.next = self.next.saturating_add(1);
            if comment.trailing
                && let Some(Row::Item { trailing: slot @ None, .. }) = rows.last_mut()
            {
                *slot = Some(comment.text.clone());
                continue;
            }
            if !rows.is_empty() && self.blank_before(comment.span.start) {
                rows.push(Row::Blank);
            }
            rows.push(Row::Comment {
                text: comment.text.clone(),
                trailing: comment.trailing && rows.is_empty(),
            });
        }
    }
}

/// Rows below one another.
fn stack(rows: Vec<Row<Doc>>) -> Doc {
    let mut parts = Vec::new();
    for row in rows {
        match row {
            Row::Blank => parts.push(Doc::Blank),
            Row::Comment { text, trailing } => {
                parts.push(Doc::Comment { text, trailing: trailing.then_some(COMMENT_GAP) });
            }
            Row::Item { item, trailing } => {
                parts.push(Doc::Hard);
                parts.push(item);
                if let Some(text) = trailing {
                    parts.push(Doc::Comment { text, trailing: Some(COMMENT_GAP) });
                }
            }
        }
    }
    concat(parts)
}

/// Rows of a table: the cells of neighbouring rows begin in the same columns, comments too.
fn table(rows: Vec<Row<Vec<String>>>, gap: usize) -> Vec<Row<Doc>> {
    let mut out = Vec::new();
    let mut section: Vec<(Vec<String>, Option<String>)> = Vec::new();
    for row in rows {
        match row {
            Row::Item { item, trailing } => section.push((item, trailing)),
            Row::Blank => {
                align(&mut section, gap, &mut out);
                out.push(Row::Blank);
            }
            Row::Comment { text, trailing } => {
                align(&mut section, gap, &mut out);
                out.push(Row::Comment { text, trailing });
            }
        }
    }
    align(&mut section, gap, &mut out);
    out
}

fn align(section: &mut Vec<(Vec<String>, Option<String>)>, gap: usize, out: &mut Vec<Row<Doc>>) {
    let mut widths: Vec<usize> = Vec::new();
    for (cells, _) in section.iter() {
        for (i, cell) in cells.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(i) {
                Some(w) => *w = width.max(*w),
                None => widths.push(width),
            }
        }
    }
    let mut lines = Vec::new();
    for (cells, trailing) in section.drain(..) {
        let mut line = String::new();
        let mut column: usize = 0;
        for (cell, width) in cells.iter().zip(&widths) {
            if !cell.is_empty() {
                let missing = column.saturating_sub(line.chars().count());
                line.extend(std::iter::repeat_n(' ', missing));
                line.push_str(cell);
            }
            // A column that nobody uses takes no room.
            column = column.saturating_add(if *width == 0 { 0 } else { width.saturating_add(gap) });
        }
        lines.push((line, trailing));
    }
    let longest = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    for (line, trailing) in lines {
        let missing = longest.saturating_sub(line.chars().count()).saturating_add(COMMENT_GAP);
        let item = match trailing {
            Some(comment) => concat([text(line), Doc::Comment { text: comment, trailing: Some(missing) }]),
            None => text(line),
        };
        out.push(Row::Item { item, trailing: None });
    }
}
