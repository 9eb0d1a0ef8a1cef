//! Findings and their count, for people or programs.

use super::{FINDINGS, FINE, Run, github, json, sarif};
use crate::diagnostic::{Code, Diagnostic, Renderer, Severity, codes, did_you_mean};
use crate::report::{Allowance, Reported};
use crate::source::SourceMap;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

/// How many findings are shown unless told otherwise. Nobody repairs more than this between two runs, and a file
/// that is no protocol must not flood a terminal, a log or an editor.
const FINDINGS_MAX: usize = 1_000;

/// How findings are shown, for all verbs that have some.
#[derive(Args)]
pub struct Shown {
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORM")]
    format: Format,
    /// Show at most so many findings; the summary counts all of them
    #[arg(long, default_value_t = FINDINGS_MAX, value_name = "NUMBER")]
    max_findings: usize,
}

impl Shown {
    /// The form.
    pub fn format(&self) -> Format {
        self.format
    }
}

/// A form of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for tools that collect findings
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// What else is to fail, for verbs that judge.
#[derive(Args)]
pub struct Denied {
    /// Fail on these findings too: `warnings`, `notes`, `security` or codes as W0450, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = deny, value_name = "WHAT")]
    deny: Vec<Deny>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deny {
    Warnings,
    Notes,
    Security,
    Code(Code),
}

/// Reads a value of `--deny`.
fn deny(text: &str) -> Result<Deny, String> {
    let word = text.to_ascii_lowercase();
    match word.as_str() {
        "warnings" => return Ok(Deny::Warnings),
        "notes" => return Ok(Deny::Notes),
        "security" => return Ok(Deny::Security),
        _ => {}
    }
    if let Some(code) = codes::find(text) {
        return Ok(Deny::Code(code));
    }
    let known: Vec<&str> = codes::all().map(|c| c.id).chain(["warnings", "notes", "security"]).collect();
    let upper = text.to_ascii_uppercase();
    let near = did_you_mean(&word, known.iter().copied()).or(did_you_mean(&upper, known.iter().copied()));
    Err(match near {
        Some(near) => format!("there is no code {text}; did you mean {near}?"),
        None => format!("there is no code {text}; `omtc explain` lists all codes"),
    })
}

impl Denied {
    /// The exit status for these findings.
    pub fn status(&self, findings: &Findings<'_>) -> u8 {
        let fails = |d: &Diagnostic| d.is_error() || self.deny.iter().any(|deny| deny.covers(d));
        if findings.dropped > 0 || findings.diagnostics.iter().any(fails) { FINDINGS } else { FINE }
    }
}

impl Deny {
    fn covers(self, d: &Diagnostic) -> bool {
        match self {
            Deny::Warnings => d.severity == Severity::Warning,
            Deny::Notes => d.severity == Severity::Note,
            Deny::Security => d.code.is_security(),
            Deny::Code(code) => d.code.id == code.id,
        }
    }
}

/// What a verb found.
#[derive(Clone, Copy)]
pub struct Findings<'a> {
    pub sources: &'a SourceMap,
    /// In the order in which they are shown.
    pub diagnostics: &'a [Diagnostic],
    pub allowances: &'a [Allowance],
    /// Errors that were found and not kept.
    pub dropped: usize,
}

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    pub files: usize,
    pub allowed: usize,
    /// Of those that are counted, how many are not shown.
    pub hidden: usize,
}

impl<'a> Findings<'a> {
    pub fn of(reported: &'a Reported) -> Findings<'a> {
        Findings {
            sources: &reported.sources,
            diagnostics: &reported.diagnostics,
            allowances: &reported.allowances,
            dropped: reported.dropped,
        }
    }

    /// Those that are shown.
    pub fn shown(&self, max: usize) -> impl Iterator<Item = &'a Diagnostic> + use<'a> {
        self.diagnostics.iter().take(max)
    }

    /// Counts all of them.
    pub fn tally(&self, max: usize) -> Tally {
        let count = |severity| self.diagnostics.iter().filter(|d| d.severity == severity).count();
        Tally {
            errors: count(Severity::Error).saturating_add(self.dropped),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            files: self.sources.iter().count(),
            allowed: self.allowances.iter().map(|a| a.silenced.len()).sum(),
            hidden: self.diagnostics.len().saturating_sub(max).saturating_add(self.dropped),
        }
    }
}

impl Tally {
    /// `2 errors, 1 warning`; `no findings`.
    pub fn text(&self) -> String {
        let parts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| plural(n, word))
            .collect();
        if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
    }

    /// `2 errors, 1 warning in 4 files (2 allowed)`, and how many of them are not shown.
    pub fn line(&self) -> String {
        let mut text = format!("{} in {}", self.text(), plural(self.files, "file"));
        if self.allowed > 0 {
            text.push_str(&format!(" ({} allowed)", self.allowed));
        }
        if self.hidden > 0 {
            text.push_str(&format!("; {} of them not shown", self.hidden));
        }
        text
    }

    /// Whether there is nothing to say.
    pub fn is_clean(&self) -> bool {
        self.errors == 0 && self.warnings == 0 && self.notes == 0
    }
}

/// `1 file`, `2 files`
pub fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

impl Shown {
    /// Counts all findings, and how many of them are not shown.
    pub fn tally(&self, findings: &Findings<'_>) -> Tally {
        findings.tally(self.max_findings)
    }

    /// Shows findings; `more` are the members that a verb adds to the JSON object, `summary` its last lines for
    /// people.
    pub fn show(&self, run: &mut Run<'_>, findings: &Findings<'_>, more: Vec<(&str, Value)>, summary: &str) {
        match self.format {
            Format::Human => {
                let mut renderer = Renderer::new(findings.sources, run.color);
                for diagnostic in findings.shown(self.max_findings) {
                    run.out(&format!("{}\n", renderer.render(diagnostic)));
                }
                run.out(summary);
            }
            Format::Json => run.out(&json::text(findings, self.max_findings, more)),
            Format::Sarif => run.out(&sarif::text(findings, self.max_findings)),
            Format::Github => {
                run.out(&github::text(findings, self.max_findings));
                run.out(&format!("{}\n", self.tally(findings).line()));
            }
        }
    }
}
