//! Collects diagnostics while a file is read.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

/// How many diagnostics of one file are kept. More help nobody, and ten megabytes of noise would otherwise
/// become a gigabyte of messages.
pub(crate) const DIAGNOSTIC_COUNT_MAX: usize = 500;

/// Diagnostics of one file.
#[derive(Default)]
pub(crate) struct Reporter {
    list: Vec<Diagnostic>,
    /// The first place whose diagnostic was not kept.
    overflow: Option<Span>,
    /// How many errors were not kept.
    dropped: usize,
}

/// How far a [`Reporter`] had come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    count: usize,
    overflow: Option<Span>,
    dropped: usize,
}

impl Reporter {
    /// To come back to with [`Reporter::reset`].
    pub(crate) fn mark(&self) -> Mark {
        Mark { count: self.list.len(), overflow: self.overflow, dropped: self.dropped }
    }

    /// Forgets what was pushed since.
    pub(crate) fn reset(&mut self, mark: Mark) {
        self.list.truncate(mark.count);
        self.overflow = mark.overflow;
        self.dropped = mark.dropped;
    }

    /// Forgets what was found in a part of the text.
    pub(crate) fn forget_within(&mut self, span: Span) {
        self.list.retain(|d| d.span().start < span.start || d.span().end > span.end);
    }

    /// Whether there is an error among them.
    pub(crate) fn has_errors(&self) -> bool {
        self.overflow.is_some() || self.list.iter().any(Diagnostic::is_error)
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < DIAGNOSTIC_COUNT_MAX {
            self.list.push(diagnostic);
        } else if diagnostic.is_error() {
            self.dropped = self.dropped.saturating_add(1);
            self.overflow = Some(self.overflow.map_or(diagnostic.span(), |s| s.min(diagnostic.span())));
        }
    }

    /// All of them, in the order of the source, and how many more errors there are.
    pub(crate) fn finish(self) -> (Vec<Diagnostic>, usize) {
        let mut list = self.list;
        crate::diagnostic::sort(&mut list);
        if let Some(span) = self.overflow {
            list.push(
                Diagnostic::new(codes::TOO_MANY, span, "there are more errors than are kept")
                    .with_label(format!("here, and {} more further on", self.dropped.saturating_sub(1)))
                    .with_note(format!("at most {DIAGNOSTIC_COUNT_MAX} findings are kept for one file"))
                    .with_help("repair the first ones; is this a protocol at all?"),
            );
        }
        (list, self.dropped)
    }
}
