//! Findings as values: what is wrong, where, why, and what to do.
//!
//! A diagnostic has a stable code, a message that is a sentence about this very source, a label where it is
//! wrong, labels at the other places that make it wrong, one sentence why (`note`), and `help` that can be
//! pasted. Build one with [`Diagnostic::new`] and the `with_…` methods:
//!
//! ```
//! use omtc::diagnostic::{Diagnostic, codes};
//! use omtc::source::{FileId, Span};
//!
//! let here = Span::new(FileId(0), 4, 9);
//! let d = Diagnostic::new(codes::UNEXPECTED, here, "expected a name, found `)`")
//!     .with_label("a name goes here")
//!     .with_help("write the name of the state");
//! assert_eq!(d.code.id, "E0010");
//! assert!(d.is_error());
//! ```

use crate::source::Span;

pub mod book;
pub mod codes;
pub mod page;
mod render;
mod suggest;

pub use render::{Renderer, render, render_all};
pub use suggest::{did_you_mean, edit_distance};

/// How grave it is. Errors keep anything from being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// `error`, `warning`, `note`
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A stable code: once published it keeps its meaning and is never used for another.
///
/// `E00xx` lexical and syntax, `E01xx` names, `E02xx` types, `E03xx` flow and assignment, `E04xx` machine,
/// `E05xx` conversation, `W0xxx` warnings, `S0xxx` security.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// `E0101`
    pub id: &'static str,
    /// In a few words, the same for every occurrence.
    pub title: &'static str,
    /// How grave it is unless the diagnostic says otherwise.
    pub severity: Severity,
    /// The long text of `omtc explain`, Markdown under the headings *What it checks / Why it matters /
    /// Example / Instead*.
    pub explanation: &'static str,
}

impl Code {
    /// Whether it belongs to the security family.
    pub fn is_security(self) -> bool {
        self.id.starts_with('S')
    }
}

/// A place with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be said about it; may be empty.
    pub message: String,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Keeps the meaning, or is certainly what was meant. `--fix` applies these alone.
    Safe,
    /// Probably what was meant.
    Unsafe,
    /// To be read, not applied: it may have holes.
    DisplayOnly,
}

/// Text to be put in the place of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// A way to repair it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether it may be applied.
    pub applicability: Applicability,
    /// What it does, as an imperative: `put the condition in parentheses`.
    pub message: String,
    /// Not overlapping.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix without edits yet.
    pub fn new(applicability: Applicability, message: impl Into<String>) -> Fix {
        Fix { applicability, message: message.into(), edits: Vec::new() }
    }

    /// With another applicability.
    #[must_use]
    pub fn with_applicability(mut self, applicability: Applicability) -> Fix {
        self.applicability = applicability;
        self
    }

    /// Puts a text in the place of a span.
    #[must_use]
    pub fn replace(mut self, span: Span, text: impl Into<String>) -> Fix {
        self.edits.push(Edit { span, replacement: text.into() });
        self
    }

    /// Puts a text before a span.
    #[must_use]
    pub fn insert_before(self, span: Span, text: impl Into<String>) -> Fix {
        self.replace(span.before(), text)
    }

    /// Puts a text after a span.
    #[must_use]
    pub fn insert_after(self, span: Span, text: impl Into<String>) -> Fix {
        self.replace(span.after(), text)
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind.
    pub code: Code,
    /// How grave.
    pub severity: Severity,
    /// What is wrong, about this source: `there is no state LOKED`.
    pub message: String,
    /// Where it is wrong.
    pub primary: Label,
    /// The other places that make it wrong.
    pub secondary: Vec<Label>,
    /// One sentence why that is wrong.
    pub note: Option<String>,
    /// What to do; can be pasted.
    pub help: Option<String>,
    /// Ways to repair it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding with the severity of its code.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            primary: Label { span, message: String::new() },
            secondary: Vec::new(),
            note: None,
            help: None,
            fixes: Vec::new(),
        }
    }

    /// All places that it is about.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        let labels = std::iter::once(&self.primary).chain(&self.secondary).map(|label| label.span);
        labels.chain(self.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span))
    }

    /// The same about other places.
    #[must_use]
    pub fn moved(mut self, to: &dyn Fn(Span) -> Span) -> Diagnostic {
        self.primary.span = to(self.primary.span);
        self.secondary.iter_mut().for_each(|label| label.span = to(label.span));
        self.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| edit.span = to(edit.span));
        self
    }

    /// The text at the place where it is wrong.
    #[must_use]
    pub fn with_label(mut self, message: impl Into<String>) -> Diagnostic {
        self.primary.message = message.into();
        self
    }

    /// Another place that makes it wrong.
    #[must_use]
    pub fn with_secondary(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// One sentence why.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Diagnostic {
        self.note = Some(note.into());
        self
    }

    /// What to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// A way to repair it.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }

    /// Another severity than that of its code.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    /// Help of the form "did you mean `x`?", when one of the candidates is near to what was written.
    #[must_use]
    pub fn with_did_you_mean<'a>(
        mut self,
        written: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Diagnostic {
        if let Some(name) = did_you_mean(written, candidates) {
            self.help = Some(format!("did you mean `{name}`?"));
            self.fixes.push(
                Fix::new(Applicability::Unsafe, format!("write `{name}`")).replace(self.primary.span, name),
            );
        }
        self
    }

    /// Whether it keeps anything from being built.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Where it is wrong.
    pub fn span(&self) -> Span {
        self.primary.span
    }
}

/// Puts findings in the order in which they are shown: by file and place, then gravest first, then code and
/// text; and removes repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.primary.span, d.severity, d.code.id);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    diagnostics.dedup();
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
