//! A text in parts, one for each declaration, so that a key stroke needs one of them to be parsed again.
//!
//! What words and grammar alone tell is shown at once from here. It is the same as that of the whole text where nothing
//! is wrong; where something is, recovery sees the declarations around it and no more, so it may guess otherwise than
//! with the whole text, which is parsed soon after and has the last word.

use super::{Range, offset, slice};
use omtc::diagnostic::{Diagnostic, has_errors};
use omtc::source::{FileId, Source, Span};
use omtc::syntax::parse;
use std::sync::Arc;

/// A text in parts.
#[derive(Clone, Debug, Default)]
pub struct Chunks {
    list: Vec<Chunk>,
}

/// A declaration with the white space and the comments before it.
#[derive(Clone, Debug)]
struct Chunk {
    length: u32,
    /// At places counted from the beginning of the part.
    diagnostics: Arc<[Diagnostic]>,
}

impl Chunks {
    /// The parts of a text that was parsed as a whole.
    pub fn of(source: &Source) -> Chunks {
        let ends = source.tree.decls.iter().map(|decl| decl.span().end).collect();
        Chunks::split(ends, offset(source.file.text().len()), &source.diagnostics)
    }

    fn split(mut ends: Vec<u32>, length: u32, diagnostics: &[Diagnostic]) -> Chunks {
        // What stands behind the last declaration is part of it.
        ends.pop();
        ends.push(length);
        let mut list = Vec::new();
        let mut start = 0;
        let mut open: Vec<&Diagnostic> = diagnostics.iter().collect();
        for end in ends {
            let (here, later): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|d| d.span().start < end || end == length);
            open = later;
            let here = here.into_iter().map(|d| moved(d.clone(), start, false)).collect();
            list.push(Chunk { length: end.saturating_sub(start), diagnostics: here });
            start = end;
        }
        Chunks { list }
    }

    /// Whether there is anything to parse parts of.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// After an edit: `range` was replaced by `length` bytes, which made `text`.
    #[must_use]
    pub fn edited(&self, file: FileId, text: &str, range: Range, length: u32) -> Chunks {
        let mut first = 0;
        let mut from = 0;
        // The part before the edit belongs to it when the edit touches it.
        for (at, chunk) in self.list.iter().enumerate() {
            let end = from + chunk.length;
            first = at;
            if end >= range.start {
                break;
            }
            from = end;
        }
        let mut last = first;
        let mut to = from + self.length(first);
        while to <= range.end && last + 1 < self.list.len() {
            last += 1;
            to += self.length(last);
        }
        let grown = i64::from(length) - i64::from(range.end - range.start);
        let part = |to: u32| Range::new(from, u32::try_from(i64::from(to) + grown).unwrap_or(from));
        let mut parsed = parse(file, slice(text, part(to)));
        if has_errors(&parsed.diagnostics) && last + 1 < self.list.len() {
            // Recovery looks for the next declaration.
            last += 1;
            to += self.length(last);
            parsed = parse(file, slice(text, part(to)));
        }
        let ends = parsed.file.decls.iter().map(|decl| decl.span().end).collect();
        let within = part(to);
        let new = Chunks::split(ends, within.end - within.start, &parsed.diagnostics);
        let before = self.list.iter().take(first).cloned();
        let after = self.list.iter().skip(last + 1).cloned();
        Chunks { list: before.chain(new.list).chain(after).collect() }
    }

    fn length(&self, index: usize) -> u32 {
        self.list.get(index).map_or(0, |chunk| chunk.length)
    }

    /// What words and grammar tell, in the order of the text.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut start = 0;
        let mut found = Vec::new();
        for chunk in &self.list {
            found.extend(chunk.diagnostics.iter().map(|d| moved(d.clone(), start, true)));
            start += chunk.length;
        }
        found
    }
}

/// A finding at another place.
fn moved(mut diagnostic: Diagnostic, by: u32, forward: bool) -> Diagnostic {
    let shift = |span: &mut Span| {
        let go = |at: u32| if forward { at.saturating_add(by) } else { at.saturating_sub(by) };
        *span = Span::new(span.file, go(span.start), go(span.end));
    };
    shift(&mut diagnostic.primary.span);
    diagnostic.secondary.iter_mut().for_each(|label| shift(&mut label.span));
    diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| shift(&mut edit.span));
    diagnostic
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str =
        "enum A ( X Y )\n# about B\nenum B ( Z )\n\nstruct S ( a uint )\nstruct T ( b uint )\n";

    fn whole(text: &str) -> Vec<Diagnostic> {
        Source::of_text(FileId(0), "a.omt".to_owned(), text.into(), None).diagnostics
    }

    #[test]
    fn an_edit_of_one_declaration_tells_what_the_whole_text_tells() {
        let source = Source::of_text(FileId(0), "a.omt".to_owned(), TEXT.into(), None);
        let edits =
            [("X", "X;"), ("( Z )", "( Z"), ("uint )\nstruct T", "uint"), ("enum A", ""), ("\n\n", "\n(\n")];
        for (from, to) in edits {
            let at = offset(TEXT.find(from).unwrap());
            let range = Range::new(at, at + offset(from.len()));
            let text = TEXT.replacen(from, to, 1);
            let chunks = Chunks::of(&source).edited(FileId(0), &text, range, offset(to.len()));
            assert_eq!(chunks.diagnostics(), whole(&text), "{text}");
            // And back again.
            let range = Range::new(at, at + offset(to.len()));
            let chunks = chunks.edited(FileId(0), TEXT, range, offset(from.len()));
            assert_eq!(chunks.diagnostics(), [], "{text}");
        }
    }
}
