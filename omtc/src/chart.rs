//! Sequence charts: who says what to whom, when, what becomes of it, and what changes by it; as SVG and as Mermaid.
//!
//! ```text
//! scenario (omtc test) ─ trace ─┐
//! trace file ───────────────────┴→ read ─┐
//! counterexample (omtc verify) ──────────┴→ Chart (plain data) → svg, mermaid
//! ```
//!
//! **Fields that matter.** A message carries more than anybody wants to see. Shown are the fields that decide something:
//! those that a condition reads wherever the message is handled ([`Matters`]), at most [`FIELDS_MAX`], without those
//! that were the same when the same peer said the same message before. All fields stand in the title of the message,
//! which a browser shows under the pointer.

mod counterexample;
mod matters;
mod mermaid;
mod read;
mod svg;

pub use counterexample::{counterexample, way_here};
pub use matters::Matters;
pub use mermaid::mermaid;
pub use read::{ReadError, read, traced};
pub use svg::svg;

/// Fields of a message that are shown.
pub const FIELDS_MAX: usize = 3;
/// Rows of a chart: nobody reads more, and the rest is told in one line.
pub const ROWS_MAX: usize = 400;

/// A chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// `wrong_answer`
    pub name: String,
    /// The transaction that it is about, below the protocol folder.
    pub transaction: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// Who takes part.
    pub lifelines: Vec<Lifeline>,
    /// In order of time.
    pub rows: Vec<Row>,
    /// Rows that were left out at the end.
    pub left_out: usize,
}

/// Someone who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifeline {
    /// As in the cast.
    pub name: String,
    /// The actor that it plays; `byzantine`.
    pub role: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When, in microseconds after the start.
    pub at: i64,
    /// What.
    pub what: What,
}

/// Kinds of happenings. Numbers are those of lifelines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A message was said, to one or to several at once.
    Said {
        /// Who said it.
        from: usize,
        /// To whom, and how it fares on its way; nobody: the network.
        to: Vec<Receiver>,
        /// Its name.
        message: String,
        /// Fields that matter.
        fields: Vec<String>,
        /// All fields, for whoever asks.
        whole: Vec<String>,
        /// Did the scenario say it, not a machine?
        injected: bool,
    },
    /// A machine made a step.
    Moved {
        /// Whose.
        who: usize,
        /// `on PONG`
        cause: String,
        /// The states that it went through; one: it stays there; none: the changes tell.
        way: Vec<String>,
        /// What else came of it: blocks, tasks, fields.
        changes: Vec<String>,
    },
    /// Something about one of them.
    Note {
        /// About whom.
        who: usize,
        /// What.
        text: String,
        /// How bad it is.
        tone: Tone,
    },
    /// Something about all of them.
    Across {
        /// What.
        text: String,
        /// How bad it is.
        tone: Tone,
    },
}

/// To whom a message goes, and how it fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receiver {
    /// Number of a lifeline.
    pub who: usize,
    /// It never arrives.
    pub lost: bool,
    /// It has not arrived where the chart ends.
    pub pending: bool,
    /// A partition is in its way; it is sent again.
    pub cut: bool,
    /// It takes that much longer, in microseconds.
    pub late: i64,
    /// It arrives twice.
    pub twice: bool,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// It happens.
    #[default]
    Plain,
    /// It has no effect.
    Refused,
    /// It is a mistake.
    Bad,
}

impl Receiver {
    /// What becomes of the message, if anything unusual.
    pub fn fate(&self) -> String {
        let mut parts = Vec::new();
        if self.lost {
            parts.push("lost".to_owned());
        } else {
            if self.pending {
                parts.push("on its way".to_owned());
            }
            if self.cut {
                parts.push("cut off, sent again".to_owned());
            }
            if self.late > 0 {
                parts.push(format!("{} s late", crate::scenario::seconds(self.late)));
            }
            if self.twice {
                parts.push("arrives twice".to_owned());
            }
        }
        parts.join(", ")
    }
}

impl Chart {
    /// The number of a lifeline; a new one if there is none of that name.
    pub fn lifeline(&mut self, name: &str) -> usize {
        self.lifelines.iter().position(|lifeline| lifeline.name == name).unwrap_or_else(|| {
            self.lifelines.push(Lifeline { name: name.to_owned(), role: String::new() });
            self.lifelines.len() - 1
        })
    }

    /// Adds a row, as long as there are not too many. What is said to several at one moment becomes one row.
    pub fn push(&mut self, row: Row) {
        if let What::Said { from, to, message, whole, injected, .. } = &row.what
            && let Some(Row {
                at,
                what: What::Said { from: f, to: t, message: m, whole: w, injected: i, .. },
            }) = self.rows.last_mut()
            && (*at, &*f, &*m, &*w, &*i) == (row.at, from, message, whole, injected)
            && !t.is_empty()
            && to.iter().all(|new| t.iter().all(|old| old.who != new.who))
        {
            t.extend(to.iter().cloned());
            return;
        }
        if self.rows.len() < ROWS_MAX {
            self.rows.push(row);
        } else {
            self.left_out += 1;
        }
    }
}

/// The way through the states: `IDLE → WAITING`, `stays in WAITING`.
pub fn way(states: &[String]) -> String {
    match states {
        [] => String::new(),
        [only] => format!("stays in {only}"),
        states => states.join(" → "),
    }
}
