//! Findings and their count, for people or programs.

use super::{FINDINGS, FINE, Format, Run, json};
use crate::diagnostic::render_all;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceMap;
use serde_json::Value;

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Count {
    pub fn of(diagnostics: &[Diagnostic]) -> Count {
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        Count {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }

    /// `2 errors, 1 warning`; `no findings`.
    pub fn text(self) -> String {
        let parts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| plural(n, word))
            .collect();
        if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
    }

    /// The exit status.
    pub fn status(self, deny_warnings: bool) -> u8 {
        if self.errors > 0 || (deny_warnings && self.warnings > 0) { FINDINGS } else { FINE }
    }
}

/// `1 file`, `2 files`
pub fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// Shows findings; `more` are the members that a verb adds to the JSON object, `summary` its last lines for people.
pub fn show(
    run: &mut Run<'_>,
    format: Format,
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    more: Vec<(&str, Value)>,
    summary: &str,
) {
    let text = match format {
        Format::Human => format!("{}{summary}", render_all(sources, diagnostics, run.color)),
        Format::Json => json::text(sources, diagnostics, more),
    };
    run.out(&text);
}
