//! What a comparison comes to.

use super::kind::{Category, Kind};
use serde::Serialize;
use std::collections::BTreeMap;

/// Whether something that holds to one version gets on with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does.
    Works,
    /// It does not for some values, or at some times.
    Depends,
    /// It does not.
    Fails,
}

/// One of the two directions of a change: what happens, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Direction {
    /// Whether it works.
    pub outcome: Outcome,
    /// What happens.
    pub text: String,
}

impl Direction {
    /// It works.
    pub fn works(text: impl Into<String>) -> Direction {
        Direction { outcome: Outcome::Works, text: text.into() }
    }

    /// It depends.
    pub fn depends(text: impl Into<String>) -> Direction {
        Direction { outcome: Outcome::Depends, text: text.into() }
    }

    /// It fails.
    pub fn fails(text: impl Into<String>) -> Direction {
        Direction { outcome: Outcome::Fails, text: text.into() }
    }
}

/// How bad a change is: that of its worse direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nobody who holds to the other version is worse off.
    Compatible,
    /// Somebody is, for some values or at some times.
    Risky,
    /// Somebody is for certain.
    Breaking,
}

impl Severity {
    /// `compatible`, `risky`, `breaking`
    pub fn word(self) -> &'static str {
        match self {
            Severity::Compatible => "compatible",
            Severity::Risky => "risky",
            Severity::Breaking => "breaking",
        }
    }
}

/// A place in a source, as people count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Path of the file.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its kind.
    pub kind: Kind,
    /// The actor that it happens in, if it does so in one.
    pub actor: Option<String>,
    /// The states that it happens in.
    pub states: Vec<String>,
    /// What has changed.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What follows from it elsewhere: which guards and limits a parameter feeds.
    pub affects: Vec<String>,
    /// Where it stands in the old sources.
    pub old: Option<Place>,
    /// Where it stands in the new ones.
    pub new: Option<Place>,
    /// What an old node meets at a new one.
    pub old_with_new: Direction,
    /// What a new node meets at an old one.
    pub new_with_old: Direction,
}

impl Change {
    /// The worse of its directions.
    pub fn severity(&self) -> Severity {
        match self.old_with_new.outcome.max(self.new_with_old.outcome) {
            Outcome::Works => Severity::Compatible,
            Outcome::Depends => Severity::Risky,
            Outcome::Fails => Severity::Breaking,
        }
    }

    /// `Requester in WAITING: what has changed`
    pub fn line(&self) -> String {
        let mut at = self.actor.clone().unwrap_or_default();
        if !self.states.is_empty() {
            at.push_str(" in ");
            at.push_str(&self.states.join(", "));
        }
        if at.is_empty() { self.what.clone() } else { format!("{at}: {}", self.what) }
    }
}

/// What is compared: a transaction, or a file that others import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A transaction with its imports.
    Transaction,
    /// A file without a header.
    Library,
}

/// A version of a transaction or library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Below the protocol folder, without extension.
    pub path: String,
    /// Number of the header; none of a library.
    pub number: Option<String>,
    /// Title of the header; none of a library.
    pub title: Option<String>,
    /// Protocol id; none of a library.
    pub id: Option<String>,
}

/// The two versions of one transaction or library, and what changed between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What it is.
    pub subject: Subject,
    /// None if it is new.
    pub old: Option<Version>,
    /// None if it is gone.
    pub new: Option<Version>,
    /// By category, the worst first.
    pub changes: Vec<Change>,
    /// What nodes, sessions in flight, chains and hosts have to expect.
    pub consequences: Vec<String>,
    /// Whether the texts differ although nothing of the above does: comments, titles, layout.
    pub text_only: bool,
}

impl Comparison {
    /// `00 Escrow Lock (transactions/00_escrow_lock/transaction)`, by its new version if there is one.
    pub fn name(&self) -> String {
        let Some(version) = self.new.as_ref().or(self.old.as_ref()) else { return String::new() };
        match (&version.number, &version.title) {
            (Some(number), Some(title)) => format!("{number} {title} ({})", version.path),
            _ => version.path.clone(),
        }
    }

    /// Both protocol ids, if they differ.
    pub fn ids_differ(&self) -> bool {
        let id = |v: &Option<Version>| v.as_ref().and_then(|v| v.id.clone());
        id(&self.old) != id(&self.new)
    }
}

/// How many changes there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Breaking ones.
    pub breaking: usize,
    /// Risky ones.
    pub risky: usize,
    /// Compatible ones.
    pub compatible: usize,
}

/// What changed between two versions of sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Those that have changes or differ in their text, transactions first, by path.
    pub comparisons: Vec<Comparison>,
    /// How many transactions and libraries are the same, to the byte.
    pub unchanged: usize,
    /// What could not be compared, and why.
    pub notes: Vec<String>,
}

impl Report {
    /// All changes.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.comparisons.iter().flat_map(|c| &c.changes)
    }

    /// Nothing but comments, titles and layout differs.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }

    /// The worst severity; none if nothing changed.
    pub fn worst(&self) -> Option<Severity> {
        self.changes().map(Change::severity).max()
    }

    /// How many changes there are.
    pub fn count(&self) -> Count {
        let mut count = Count::default();
        for change in self.changes() {
            match change.severity() {
                Severity::Breaking => count.breaking = count.breaking.saturating_add(1),
                Severity::Risky => count.risky = count.risky.saturating_add(1),
                Severity::Compatible => count.compatible = count.compatible.saturating_add(1),
            }
        }
        count
    }

    /// Leaves only the changes of some categories.
    pub fn retain(&mut self, categories: &[Category]) {
        for comparison in &mut self.comparisons {
            comparison.changes.retain(|change| categories.contains(&change.kind.category));
        }
    }
}

/// Joins changes that one line of source makes in several states, and puts all of them in the order in which they are
/// shown: by category, the worst first, then by place.
pub(super) fn arrange(changes: Vec<Change>) -> Vec<Change> {
    let mut joined: Vec<Change> = Vec::new();
    let mut known: BTreeMap<(Kind, Option<String>, String, Option<Place>, Option<Place>), Vec<usize>> =
        BTreeMap::new();
    for change in changes {
        let key =
            (change.kind, change.actor.clone(), change.what.clone(), change.old.clone(), change.new.clone());
        let same = known.entry(key).or_default();
        let twin = same.iter().copied().find(|index| {
            joined.get(*index).is_some_and(|other| {
                other.old_with_new == change.old_with_new
                    && other.new_with_old == change.new_with_old
                    && other.why == change.why
            })
        });
        match twin.and_then(|index| joined.get_mut(index)) {
            Some(other) => {
                for state in change.states {
                    if !other.states.contains(&state) {
                        other.states.push(state);
                    }
                }
            }
            None => {
                same.push(joined.len());
                joined.push(change);
            }
        }
    }
    let place = |c: &Change| c.new.clone().or(c.old.clone());
    joined.sort_by(|a, b| {
        (a.kind.category, std::cmp::Reverse(a.severity()), place(a), a.kind.name, &a.what).cmp(&(
            b.kind.category,
            std::cmp::Reverse(b.severity()),
            place(b),
            b.kind.name,
            &b.what,
        ))
    });
    joined
}
