//! A text as an editor holds it: lines and columns, edits.

use super::{Range, offset};
use std::sync::Arc;

/// In what columns are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what every editor understands.
    #[default]
    Utf16,
}

/// A place as editors count: both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in units of an [`Encoding`].
    pub column: u32,
}

/// A text with the places where its lines begin. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Text {
    content: Arc<str>,
    starts: Arc<[u32]>,
}

impl Text {
    /// Looks for the lines of a text. A line ends with LF, CR, or both.
    pub fn new(content: impl Into<Arc<str>>) -> Text {
        let content = content.into();
        let starts = [0].into_iter().chain(ends(&content, 0, content.len())).collect();
        Text { content, starts }
    }

    /// The whole text.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The whole text, to be kept.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.content)
    }

    /// Its length in bytes.
    pub fn len(&self) -> u32 {
        offset(self.content.len())
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// How many lines it has; an empty text has one.
    pub fn line_count(&self) -> u32 {
        offset(self.starts.len())
    }

    /// The line of an offset, from 0.
    pub fn line_of(&self, at: u32) -> u32 {
        offset(self.starts.partition_point(|start| *start <= at).saturating_sub(1))
    }

    /// The bytes of a line, without its end. Past the last line it is the empty range at the end.
    pub fn line(&self, line: u32) -> Range {
        let Some(start) = self.starts.get(line as usize).copied() else {
            return Range::new(self.len(), self.len());
        };
        let next = self.starts.get(line.saturating_add(1) as usize).copied().unwrap_or_else(|| self.len());
        let text = super::slice(&self.content, Range::new(start, next));
        Range::new(start, start.saturating_add(offset(text.trim_end_matches(['\n', '\r']).len())))
    }

    /// The text of a line, without its end.
    pub fn line_text(&self, line: u32) -> &str {
        super::slice(&self.content, self.line(line))
    }

    /// The white space at the beginning of the line of an offset.
    pub fn indent_of(&self, at: u32) -> &str {
        let line = self.line_text(self.line_of(at));
        line.get(..line.len().saturating_sub(line.trim_start().len())).unwrap_or("")
    }

    /// The offset of a place. Past the end of a line counts as its end, inside of a character as its beginning.
    pub fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        let line = self.line(position.line);
        let text = super::slice(&self.content, line);
        let mut units = 0;
        for (at, c) in text.char_indices() {
            let width = width(c, encoding);
            if units + width > position.column {
                return line.start.saturating_add(offset(at));
            }
            units += width;
        }
        line.end
    }

    /// Line and column of an offset. Past the end counts as the end, inside of a character as its beginning.
    pub fn position(&self, at: u32, encoding: Encoding) -> Position {
        let at = at.min(self.len());
        let line = self.line_of(at);
        let start = self.starts.get(line as usize).copied().unwrap_or(0);
        let text = self.content.get(start as usize..).unwrap_or("");
        let within = at.saturating_sub(start) as usize;
        let mut column = 0;
        for (begin, c) in text.char_indices() {
            if begin >= within || begin.saturating_add(c.len_utf8()) > within {
                break;
            }
            column += width(c, encoding);
        }
        Position { line, column }
    }

    /// With another text in the place of a range.
    #[must_use]
    pub fn replaced(&self, range: Range, text: &str) -> Text {
        let before = self.content.get(..range.start as usize).unwrap_or("");
        let after = self.content.get(range.end as usize..).unwrap_or("");
        let mut content = String::with_capacity(before.len() + text.len() + after.len());
        content.push_str(before);
        content.push_str(text);
        content.push_str(after);
        let content: Arc<str> = content.into();
        // CR and LF may have come together, or apart, on either side.
        let from = before.len().saturating_sub(1);
        let to = content.len().saturating_sub(after.len()).saturating_add(1).min(content.len());
        let old_to = self.content.len().saturating_sub(after.len()).saturating_add(1);
        let kept = self.starts.partition_point(|start| *start as usize <= from);
        let gone = self.starts.partition_point(|start| *start as usize <= old_to);
        let moved = |start: &u32| {
            let behind = self.len().saturating_sub(*start);
            offset(content.len()).saturating_sub(behind)
        };
        let before = self.starts.iter().take(kept.max(1)).copied();
        let after = self.starts.iter().skip(gone.max(1)).map(moved);
        let starts = before.chain(ends(&content, from, to)).chain(after).collect();
        Text { content, starts }
    }

    /// The word (letters, digits, `_`) that an offset touches.
    pub fn word(&self, at: u32) -> Range {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = self.content.get(..at as usize).unwrap_or("");
        let after = self.content.get(at as usize..).unwrap_or("");
        let start = before.len().saturating_sub(before.chars().rev().take_while(|c| is_word(*c)).count());
        let end = before.len().saturating_add(after.chars().take_while(|c| is_word(*c)).count());
        Range::new(offset(start), offset(end))
    }
}

/// Where lines begin behind their ends in a part of a text.
fn ends(text: &str, from: usize, to: usize) -> impl Iterator<Item = u32> {
    let bytes = text.as_bytes();
    let part = bytes.get(from..to).unwrap_or_default();
    part.iter().enumerate().filter_map(move |(at, byte)| {
        let next = from.saturating_add(at).saturating_add(1);
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(next) != Some(&b'\n'));
        ends.then(|| offset(next))
    })
}

fn width(c: char, encoding: Encoding) -> u32 {
    match encoding {
        Encoding::Utf8 => offset(c.len_utf8()),
        Encoding::Utf16 => offset(c.len_utf16()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_are_counted_as_was_agreed_and_odd_ones_are_rounded() {
        let text = Text::new("é𝕊x\r\nb\rc\n");
        assert_eq!(text.offset(at(0, 1), Encoding::Utf16), 2);
        assert_eq!(text.offset(at(0, 2), Encoding::Utf16), 2, "in the middle of a pair");
        assert_eq!(text.offset(at(0, 3), Encoding::Utf16), 6);
        assert_eq!(text.offset(at(0, 6), Encoding::Utf8), 6);
        assert_eq!(text.offset(at(0, 99), Encoding::Utf16), 7);
        assert_eq!(text.position(6, Encoding::Utf16), at(0, 3));
        assert_eq!(text.position(3, Encoding::Utf8), at(0, 2));
        assert_eq!(text.position(9, Encoding::Utf16), at(1, 0));
        assert_eq!(text.offset(at(2, 0), Encoding::Utf16), 11);
        assert_eq!(text.offset(at(9, 0), Encoding::Utf16), 13);
        assert_eq!(text.line_count(), 4);
    }

    #[test]
    fn lines_after_an_edit_are_those_of_the_new_text() {
        let pieces = ["", "a", "\n", "\r", "\r\n", "\n\r", "b\nc", "\r\r", "é\n", "\n\n"];
        let texts = pieces.iter().flat_map(|a| pieces.iter().map(move |b| format!("{a}x{b}{a}{b}")));
        for content in texts {
            let text = Text::new(content.clone());
            let places: Vec<usize> = (0..=content.len()).filter(|at| content.is_char_boundary(*at)).collect();
            for (first, start) in places.iter().enumerate() {
                for end in places.iter().skip(first) {
                    for with in pieces {
                        let range = Range::new(offset(*start), offset(*end));
                        let edited = text.replaced(range, with);
                        let whole = Text::new(edited.content());
                        assert_eq!(edited.starts, whole.starts, "{content:?} {range:?} {with:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_offset_of_a_character_comes_back() {
        let text = Text::new("a\u{FEFF}\n𝕊é漢\r\n\r# ünï\r\n");
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (offset, c) in text.content().char_indices() {
                // Between CR and LF there is no place.
                if c != '\n' && c != '\r' {
                    let offset = u32::try_from(offset).unwrap();
                    assert_eq!(text.offset(text.position(offset, encoding), encoding), offset);
                }
            }
        }
    }
}
