//! An open document.

use super::{Edit, Range, Text, offset};
use omtc::diagnostic::{Diagnostic, codes};
use omtc::source::{FileId, Source, SourceFile, Span};
use omtc::syntax::ast;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The largest document that is read, in bytes. Above it the editor itself is slow; the compiler takes larger ones.
pub const DOCUMENT_BYTES_MAX: u32 = 16 << 20;

/// A text that an editor holds. Never changes: an edit makes another one.
#[derive(Debug)]
pub struct Document {
    /// Where it is, or would be, on disk.
    pub path: PathBuf,
    /// Stands in all spans.
    pub id: FileId,
    /// What the client calls this text.
    pub version: i32,
    /// The text.
    pub text: Text,
    source: OnceLock<Arc<Source>>,
}

impl Document {
    /// A document that was opened.
    pub fn new(path: PathBuf, id: FileId, version: i32, text: Text) -> Document {
        Document { path, id, version, text, source: OnceLock::new() }
    }

    /// A document that was opened with the text that is on disk.
    pub fn of_source(path: PathBuf, version: i32, text: Text, source: Arc<Source>) -> Document {
        let document = Document::new(path, source.id, version, text);
        // It is empty: nobody has asked.
        let _ = document.source.set(source);
        document
    }

    /// Another version of it.
    #[must_use]
    pub fn changed(&self, version: i32, text: Text) -> Document {
        Document::new(self.path.clone(), self.id, version, text)
    }

    /// Whether it is larger than what is read.
    pub fn is_too_large(&self) -> bool {
        self.text.len() > DOCUMENT_BYTES_MAX
    }

    /// Parsed, once.
    pub fn source(&self) -> &Arc<Source> {
        self.source.get_or_init(|| {
            let name = self.path.display().to_string();
            if self.is_too_large() {
                return Arc::new(too_large(self.id, name));
            }
            Arc::new(Source::of_text(self.id, name, self.text.shared(), None))
        })
    }

    /// Parsed, if somebody has wanted to know.
    pub fn parsed(&self) -> Option<&Arc<Source>> {
        self.source.get()
    }
}

fn too_large(id: FileId, name: String) -> Source {
    let span = Span::new(id, 0, 0);
    let diagnostic = Diagnostic::new(codes::TOO_LARGE, span, "this file is too large for the editor")
        .with_note(format!("documents of at most {} MiB are read here", DOCUMENT_BYTES_MAX >> 20));
    Source {
        id,
        file: SourceFile::new(name, "".into()),
        tree: Arc::new(ast::File { span, decls: Vec::new() }),
        comments: Arc::new([]),
        diagnostics: vec![diagnostic],
        dropped: 0,
    }
}

/// What changed in a text since some moment: all of it lies in one range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// In the text of that moment.
    pub before: Range,
    /// In the text of now.
    pub after: Range,
}

impl Changed {
    /// By one edit.
    pub fn of(edit: &Edit) -> Changed {
        let start = edit.range.start;
        Changed { before: edit.range, after: Range::new(start, start + offset(edit.text.len())) }
    }

    /// By another edit after this one.
    #[must_use]
    pub fn then(self, edit: &Edit) -> Changed {
        let next = Changed::of(edit);
        let start = self.after.start.min(next.before.start);
        let old_end = self.before_of(next.before.end).max(self.before.end);
        let new_end = next.after_of(self.after.end).max(next.after.end);
        Changed { before: Range::new(start, old_end), after: Range::new(start, new_end) }
    }

    /// Where an offset of now was, at the earliest and outside of what changed.
    fn before_of(self, at: u32) -> u32 {
        if at <= self.after.start { at } else { self.before.end + at.saturating_sub(self.after.end) }
    }

    /// Where an offset of that moment is now, outside of what changed.
    fn after_of(self, at: u32) -> u32 {
        if at <= self.before.start { at } else { self.after.end + at.saturating_sub(self.before.end) }
    }

    /// Where a range of that moment is now; nothing when it was changed.
    pub fn now(self, range: Range) -> Option<Range> {
        if range.end < self.before.start
            || (range.end <= self.before.start && self.before.start < self.before.end)
        {
            return Some(range);
        }
        if range.start >= self.before.end && range.start > self.before.start {
            let moved = |at: u32| self.after.end + at.saturating_sub(self.before.end);
            return Some(Range::new(moved(range.start), moved(range.end)));
        }
        None
    }

    /// Where a range of now was; nothing when it is new.
    pub fn then_was(self, range: Range) -> Option<Range> {
        Changed { before: self.after, after: self.before }.now(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { range: Range::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn what_is_outside_of_the_changes_is_found_again() {
        // 0123456789 → 01XYZ56789 → 01XYZ5Q9
        let changed = Changed::of(&edit(2, 5, "XYZ")).then(&edit(6, 9, "Q"));
        assert_eq!(changed, Changed { before: Range::new(2, 9), after: Range::new(2, 7) });
        assert_eq!(changed.now(Range::new(9, 10)), Some(Range::new(7, 8)));
        assert_eq!(changed.now(Range::new(0, 2)), Some(Range::new(0, 2)));
        assert_eq!(changed.now(Range::new(4, 6)), None);
        assert_eq!(changed.then_was(Range::new(7, 8)), Some(Range::new(9, 10)));
        // Before the first change.
        let changed = Changed::of(&edit(5, 5, "ab")).then(&edit(1, 2, ""));
        assert_eq!(changed, Changed { before: Range::new(1, 5), after: Range::new(1, 6) });
    }
}
