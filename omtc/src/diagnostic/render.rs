//! Diagnostics as text for people, by way of ariadne.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};

use super::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap, Span};

/// Lines longer than this are not shown: nobody reads them, and a file without line ends would be printed
/// once per finding.
const SHOWN_LINE_BYTES_MAX: usize = 500;

/// Renders one finding: title, the source with its labels, why, and help. Without colours the text depends on
/// nothing but the arguments.
pub fn render(sources: &SourceMap, diagnostic: &Diagnostic, color: bool) -> String {
    Renderer::new(sources, color).render(diagnostic)
}

/// Renders several findings, with an empty line after each.
pub fn render_all<'a>(
    sources: &SourceMap,
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    color: bool,
) -> String {
    let mut renderer = Renderer::new(sources, color);
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(diagnostic));
        out.push('\n');
    }
    out
}

/// Renders findings of the same sources; each source is prepared once, so a thousand findings cost no more
/// than their lines.
pub struct Renderer<'a> {
    sources: &'a SourceMap,
    color: bool,
    prepared: BTreeMap<FileId, Prepared>,
}

/// A source as it is shown.
struct Prepared {
    /// Without control characters, character for character.
    source: Source<String>,
    /// How many characters stand before each line.
    line_starts: Vec<usize>,
}

impl Prepared {
    fn new(text: &str) -> Prepared {
        let shown = without_controls(text);
        let mut line_starts = vec![0];
        let mut count: usize = 0;
        for c in shown.chars() {
            count = count.saturating_add(1);
            if c == '\n' {
                line_starts.push(count);
            }
        }
        Prepared { source: Source::from(shown), line_starts }
    }
}

/// The text with a replacement for every character that would steer a terminal or that ariadne, but nobody
/// else, takes for a line end. A byte order mark is left out;
/// otherwise the number of characters stays the same.
fn without_controls(text: &str) -> String {
    let mut characters = text.strip_prefix('\u{FEFF}').unwrap_or(text).chars().peekable();
    std::iter::from_fn(|| characters.next().map(|c| (c, characters.peek().copied())))
        .map(|(c, next)| match c {
            '\n' | '\t' => c,
            '\r' if next != Some('\n') => '\n',
            '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            // Bidirectional overrides would show the source in another order than it is read.
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect()
}

/// A span as ariadne wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    file: FileId,
    start: usize,
    end: usize,
}

impl ariadne::Span for Range {
    type SourceId = FileId;

    fn source(&self) -> &FileId {
        &self.file
    }

    fn start(&self) -> usize {
        self.start
    }

    fn end(&self) -> usize {
        self.end
    }
}

impl Cache<FileId> for &mut Renderer<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        match self.prepared.get(id) {
            Some(prepared) => Ok(&prepared.source),
            None => Err("no such source"),
        }
    }

    fn display<'b>(&self, id: &'b FileId) -> Option<impl std::fmt::Display + 'b> {
        self.sources.get(*id).map(|f| f.name().to_owned())
    }
}

impl<'a> Renderer<'a> {
    /// For the findings of these sources.
    pub fn new(sources: &'a SourceMap, color: bool) -> Renderer<'a> {
        Renderer { sources, color, prepared: BTreeMap::new() }
    }

    /// Renders one finding.
    pub fn render(&mut self, diagnostic: &Diagnostic) -> String {
        let spans = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).map(|l| l.span);
        if !spans.into_iter().all(|s| self.can_be_shown(s)) {
            return self.plain(diagnostic);
        }
        let (word, color) = match diagnostic.severity {
            Severity::Error => ("Error", Color::Red),
            Severity::Warning => ("Warning", Color::Yellow),
            Severity::Note => ("Note", Color::Cyan),
        };
        let config = Config::default().with_color(self.color).with_index_type(IndexType::Char);
        let primary = self.range(diagnostic.primary.span);
        let mut report = Report::build(ReportKind::Custom(word, color), primary)
            .with_config(config)
            .with_code(diagnostic.code.id)
            .with_message(without_controls(&diagnostic.message));
        // In the order of the source, so that one file stays one excerpt.
        let mut labels = vec![(primary, &diagnostic.primary.message, color)];
        for secondary in &diagnostic.secondary {
            labels.push((self.range(secondary.span), &secondary.message, Color::Blue));
        }
        labels.sort_by_key(|(range, _, _)| (range.file != primary.file, range.file, range.start, range.end));
        for (range, message, color) in labels {
            let label = Label::new(range).with_color(color);
            report = report.with_label(if message.is_empty() {
                label
            } else {
                label.with_message(without_controls(message))
            });
        }
        if let Some(note) = &diagnostic.note {
            report = report.with_note(without_controls(note));
        }
        for help in helps(diagnostic) {
            report = report.with_help(without_controls(help));
        }
        let mut bytes = Vec::new();
        if report.finish().write(&mut *self, &mut bytes).is_err() {
            return self.plain(diagnostic);
        }
        let text = String::from_utf8_lossy(&bytes);
        // Ariadne colours the title even when asked not to.
        if self.color { trim_lines(&text) } else { trim_lines(&without_escapes(&text)) }
    }

    /// A span in characters, within its text.
    fn range(&mut self, span: Span) -> Range {
        let Some(file) = self.sources.get(span.file) else {
            return Range { file: span.file, start: 0, end: 0 };
        };
        let prepared = self.prepared.entry(span.file).or_insert_with(|| Prepared::new(file.text()));
        let characters = |offset: u32| {
            let position = file.position(offset);
            let line =
                prepared.line_starts.get(position.line.saturating_sub(1) as usize).copied().unwrap_or(0);
            line.saturating_add(position.column.saturating_sub(1) as usize)
        };
        let start = characters(span.start);
        Range { file: span.file, start, end: characters(span.end).max(start) }
    }

    /// Whether the lines at both ends of the span exist and are short enough.
    fn can_be_shown(&self, span: Span) -> bool {
        let Some(file) = self.sources.get(span.file) else { return false };
        [span.start, span.end]
            .into_iter()
            .all(|o| file.line(file.position(o).line).len() <= SHOWN_LINE_BYTES_MAX)
    }

    /// Without the source.
    fn plain(&self, diagnostic: &Diagnostic) -> String {
        let mut out = String::new();
        let place = self.sources.place(diagnostic.primary.span);
        let title = match diagnostic.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Note => "Note",
        };
        let _ = writeln!(out, "[{}] {title}: {}", diagnostic.code.id, diagnostic.message);
        let _ = writeln!(out, "  at {place}: {}", diagnostic.primary.message);
        for secondary in &diagnostic.secondary {
            let _ = writeln!(out, "  at {}: {}", self.sources.place(secondary.span), secondary.message);
        }
        if let Some(note) = &diagnostic.note {
            let _ = writeln!(out, "  note: {note}");
        }
        for help in helps(diagnostic) {
            let _ = writeln!(out, "  help: {help}");
        }
        trim_lines(&without_controls(&out))
    }
}

/// The help, or what the fixes do.
fn helps(diagnostic: &Diagnostic) -> Vec<&str> {
    match &diagnostic.help {
        Some(help) => vec![help],
        None => diagnostic.fixes.iter().map(|f| f.message.as_str()).collect(),
    }
}

/// Without the sequences that colour a terminal.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1B}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

/// Without white space at line ends, so that snapshots survive editors.
fn trim_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
