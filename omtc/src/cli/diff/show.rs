//! A report for people, and for programs.

use crate::cli::show::plural;
use crate::diff::{
    Category, Change, Comparison, Count, Direction, Outcome, Place, Report, Severity, Version,
};
use serde::Serialize;
use std::fmt::Write as _;

/// Version of the JSON form, `docs/schema/diff.schema.json`. Members may be added in a version; none is removed or
/// changes its meaning.
const VERSION: u32 = 1;

/// What goes with a report.
pub struct Shown<'a> {
    /// What was compared.
    pub report: &'a Report,
    /// The two sides, as they were called.
    pub sides: [&'a str; 2],
    /// Changes that are shown; the summary counts all of them.
    pub max: usize,
    /// Colours.
    pub color: bool,
}

impl Shown<'_> {
    /// For people.
    pub fn human(&self) -> String {
        let mut out = String::new();
        let mut left = self.max;
        for comparison in &self.report.comparisons {
            self.comparison(comparison, &mut left, &mut out);
        }
        for note in &self.report.notes {
            let _ = writeln!(out, "note: {}", clean(note));
        }
        let hidden = self.report.changes().count().saturating_sub(self.max);
        if hidden > 0 {
            let _ = writeln!(out, "{hidden} more are not shown: `--max-changes` shows more");
        }
        let _ = writeln!(out, "{}", self.summary());
        out
    }

    fn comparison(&self, c: &Comparison, left: &mut usize, out: &mut String) {
        let _ = writeln!(out, "{}", self.paint(BOLD, &clean(&c.name())));
        let id =
            |v: &Option<Version>| v.as_ref().and_then(|v| v.id.clone()).unwrap_or_else(|| "none".to_owned());
        let (old, new) = (id(&c.old), id(&c.new));
        if old != new {
            let _ = writeln!(out, "  protocol id {old}\n           -> {new}");
        } else if old != "none" {
            let _ = writeln!(out, "  protocol id {old}, unchanged");
        }
        for line in &c.consequences {
            let _ = writeln!(out, "  * {}", clean(line));
        }
        if c.text_only {
            let _ = writeln!(out, "  only comments, titles or layout differ: without effect");
        }
        for category in Category::ALL {
            let mut titled = false;
            for change in c.changes.iter().filter(|change| change.kind.category == category) {
                if *left == 0 {
                    break;
                }
                *left = left.saturating_sub(1);
                if !titled {
                    let _ = writeln!(out, "\n  {}", category.word().to_uppercase());
                    titled = true;
                }
                self.change(change, out);
            }
        }
        out.push('\n');
    }

    fn change(&self, change: &Change, out: &mut String) {
        let severity = change.severity();
        let colour = match severity {
            Severity::Breaking => RED,
            Severity::Risky => YELLOW,
            Severity::Compatible => GREEN,
        };
        let word = self.paint(colour, &format!("{:<10}", severity.word()));
        let _ = writeln!(out, "  {word} {}  [{}]", clean(&change.line()), change.kind.name);
        let mut line = |name: &str, text: &str| {
            let _ = writeln!(out, "      {name:<24} {}", clean(text));
        };
        line("why", &change.why);
        if let Some(place) = &change.old {
            line("old", &at(place));
        }
        if let Some(place) = &change.new {
            line("new", &at(place));
        }
        line("old node with new node", &direction(&change.old_with_new));
        line("new node with old node", &direction(&change.new_with_old));
        for (index, text) in change.affects.iter().enumerate() {
            line(if index == 0 { "reaches" } else { "" }, text);
        }
    }

    /// `1 breaking, 2 risky, 3 compatible changes in 1 transaction or library; 4 are the same`
    fn summary(&self) -> String {
        let report = self.report;
        let count = report.count();
        if report.comparisons.is_empty() {
            return clean(&format!("{} and {} do not differ", self.sides[0], self.sides[1]));
        }
        let same = match report.unchanged {
            0 => String::new(),
            n => format!("; {} the same", plural(n, "other")),
        };
        let places = report.comparisons.len();
        let of = if places == 1 {
            "1 transaction or library".to_owned()
        } else {
            format!("{places} transactions or libraries")
        };
        if report.is_empty() {
            return format!("no change in what {of} says, does or promises{same}");
        }
        let Count { breaking, risky, compatible } = count;
        format!("{breaking} breaking, {risky} risky, {compatible} compatible changes in {of}{same}")
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// One object on one line.
    pub fn json(&self, failed: bool) -> String {
        let mut left = self.max;
        let comparisons = self.report.comparisons.iter().map(|c| {
            let shown: Vec<Entry<'_>> = c.changes.iter().take(left).map(Entry::of).collect();
            left = left.saturating_sub(shown.len());
            Compared {
                subject: c.subject,
                old: c.old.as_ref(),
                new: c.new.as_ref(),
                id_changed: c.ids_differ(),
                text_only: c.text_only,
                consequences: &c.consequences,
                changes: shown,
            }
        });
        let document = Document {
            version: VERSION,
            old: self.sides[0],
            new: self.sides[1],
            failed,
            comparisons: comparisons.collect(),
            notes: &self.report.notes,
            summary: Summary {
                count: self.report.count(),
                unchanged: self.report.unchanged,
                hidden: self.report.changes().count().saturating_sub(self.max),
            },
        };
        // Strings and numbers under names: nothing that JSON cannot hold.
        let text = serde_json::to_string(&document).unwrap_or_default();
        format!("{text}\n")
    }
}

const BOLD: &str = "1";
const RED: &str = "31";
const YELLOW: &str = "33";
const GREEN: &str = "32";

fn at(place: &Place) -> String {
    format!("{}:{}:{}", place.file, place.line, place.column)
}

fn direction(direction: &Direction) -> String {
    let word = match direction.outcome {
        Outcome::Works => "works",
        Outcome::Depends => "depends",
        Outcome::Fails => "fails",
    };
    format!("{word}: {}", direction.text)
}

/// Texts of sources must not steer a terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect()
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    old: &'a str,
    new: &'a str,
    failed: bool,
    comparisons: Vec<Compared<'a>>,
    notes: &'a [String],
    summary: Summary,
}

#[derive(Serialize)]
struct Compared<'a> {
    subject: crate::diff::Subject,
    old: Option<&'a Version>,
    new: Option<&'a Version>,
    id_changed: bool,
    text_only: bool,
    consequences: &'a [String],
    changes: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    kind: &'a str,
    category: Category,
    severity: Severity,
    actor: Option<&'a str>,
    states: &'a [String],
    what: &'a str,
    why: &'a str,
    affects: &'a [String],
    old: Option<&'a Place>,
    new: Option<&'a Place>,
    old_with_new: &'a Direction,
    new_with_old: &'a Direction,
}

impl<'a> Entry<'a> {
    fn of(change: &'a Change) -> Entry<'a> {
        Entry {
            kind: change.kind.name,
            category: change.kind.category,
            severity: change.severity(),
            actor: change.actor.as_deref(),
            states: &change.states,
            what: &change.what,
            why: &change.why,
            affects: &change.affects,
            old: change.old.as_ref(),
            new: change.new.as_ref(),
            old_with_new: &change.old_with_new,
            new_with_old: &change.new_with_old,
        }
    }
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    count: Count,
    unchanged: usize,
    hidden: usize,
}
