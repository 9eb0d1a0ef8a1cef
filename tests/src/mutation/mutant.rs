//! A mistake as text edits, so that a mutant is a source like any other.

use super::subject::Subject;
use omtc::source::Span;
use std::ops::Range;

/// One mistake at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The byte at which the place begins: several ways to be wrong at one place share it.
    pub site: usize,
    /// What was done, in words.
    pub what: String,
    edits: Vec<(Range<usize>, String)>,
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

impl Mutant {
    /// Nothing done yet.
    pub fn new(site: Span, what: impl Into<String>) -> Mutant {
        Mutant { site: site.start as usize, what: what.into(), edits: Vec::new() }
    }

    /// Another text in the place of a span.
    #[must_use]
    pub fn replace(mut self, span: Span, text: impl Into<String>) -> Mutant {
        self.edits.push((range(span), text.into()));
        self
    }

    /// The texts of two spans that do not overlap change places.
    #[must_use]
    pub fn exchange(self, subject: &Subject, a: Span, b: Span) -> Mutant {
        let (left, right) = (subject.slice(a).to_owned(), subject.slice(b).to_owned());
        self.replace(a, right).replace(b, left)
    }

    /// Without a span, and without its line when nothing else stands there.
    #[must_use]
    pub fn remove(self, subject: &Subject, span: Span) -> Mutant {
        self.remove_range(subject, range(span))
    }

    /// Without a range of bytes, and without its line when nothing else stands there.
    #[must_use]
    pub fn remove_range(mut self, subject: &Subject, range: Range<usize>) -> Mutant {
        let text = &subject.text;
        let line = text[..range.start].rfind('\n').map_or(0, |i| i + 1);
        let end = text[range.end..].find('\n').map_or(text.len(), |i| range.end + i + 1);
        let before = &text[line..range.start];
        let after = text[range.end..end].trim_start();
        let alone = before.trim().is_empty() && (after.is_empty() || after.starts_with('#'));
        let range = if alone {
            line..end
        } else {
            // The white space before it goes with it.
            text[..range.start].trim_end_matches([' ', '\t']).len()..range.end
        };
        self.edits.push((range, String::new()));
        self
    }

    /// The source with the mistake.
    pub fn text(&self, subject: &Subject) -> String {
        let mut edits = self.edits.clone();
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(subject.text.len() + 64);
        let mut at = 0;
        for (range, with) in edits {
            assert!(at <= range.start, "edits of one mutant overlap: {self:?}");
            text.push_str(&subject.text[at..range.start]);
            text.push_str(&with);
            at = range.end;
        }
        text.push_str(&subject.text[at..]);
        text
    }

    /// The lines that differ, `-` and `+` before them.
    pub fn diff(&self, subject: &Subject) -> String {
        let changed = self.text(subject);
        let old: Vec<&str> = subject.text.lines().collect();
        let new: Vec<&str> = changed.lines().collect();
        let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - head;
        let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let mut out = String::new();
        for (sign, lines) in [('-', &old[head..old.len() - tail]), ('+', &new[head..new.len() - tail])] {
            for line in lines.iter().take(DIFF_LINES_MAX) {
                out.push_str(&format!("{sign} {}\n", line.trim()));
            }
            if lines.len() > DIFF_LINES_MAX {
                out.push_str(&format!("{sign} … {} more lines\n", lines.len() - DIFF_LINES_MAX));
            }
        }
        out
    }
}

/// Lines of a difference that are shown: enough to see the mistake.
const DIFF_LINES_MAX: usize = 4;
