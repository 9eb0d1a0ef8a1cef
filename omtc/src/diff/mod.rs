//! What changed between two versions of sources, and whom it breaks.
//!
//! ```text
//! pair (which transaction is which) → align (renames: the old one gets the new names)
//!      → wire, source, behaviour (each asks its questions about one pair) → arrange
//! ```
//!
//! Pure: both versions are analysed already, wherever their sources came from. Every change names both directions,
//! because versions meet in many ways although nodes run a transaction together only if their protocol ids are equal:
//! blocks of the old are read by the new, a node holds packages of both while sessions are unfinished, sources import
//! and use each other, and hosts fire triggers by name. How bad a change is follows from its worse direction.
//!
//! ```
//! use omtc::{diff::{Side, compare}, sema::analyze, source::MemorySources};
//!
//! let text = "transaction 01 \"T\"
//! message HI from A to [B] signed ( n uint )
//! actor A (
//!     store ( b peer_id )
//!     trigger greet(b peer_id) in [IDLE]
//!     state IDLE initial
//!     state DONE terminal
//!     IDLE -> DONE on greet ( store b  SEND(b, HI { n 1 }) )
//! )
//! actor B (
//!     state IDLE initial
//!     state DONE terminal
//!     IDLE -> DONE on HI when message.n != 0
//! )";
//! let old = MemorySources::new().with("protocols/t.omt", text);
//! let new = MemorySources::new().with("protocols/t.omt", text.replace("n uint", "n int"));
//! let [old, new] = [old, new].map(|sources| analyze(&sources, &["protocols/t.omt".into()]));
//! let report = compare(Side::of(&old), Side::of(&new));
//! let kinds: Vec<&str> = report.changes().map(|change| change.kind.name).collect();
//! assert!(kinds.contains(&"field-retyped"), "{kinds:?}");
//! ```

mod alike;
mod behaviour;
mod consequence;
mod host;
pub mod kind;
mod library;
mod pair;
mod recognise;
mod rename;
mod report;
mod uses;
mod wire;

pub use kind::{Category, Kind};
pub use report::{Change, Comparison, Count, Direction, Outcome, Place, Report, Severity, Subject, Version};

use crate::sema::{Analyzed, Unit, UnitFile};
use crate::source::{SourceMap, Span};
use omt_runtime::ir::{At, Protocol};
use omt_runtime::package::Package;

/// One version: what an analysis came to.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Its transactions and libraries.
    pub units: &'a [Unit],
    /// All its files, also those that no unit imports.
    pub files: &'a [UnitFile],
    /// Their texts.
    pub sources: &'a SourceMap,
    /// Whether all of a folder is there: of a file that is named alone it does not matter where it lies.
    pub whole: bool,
}

impl<'a> Side<'a> {
    /// What was analysed, as a whole.
    pub fn of(analyzed: &'a Analyzed) -> Side<'a> {
        Side { units: &analyzed.units, files: &analyzed.files, sources: &analyzed.sources, whole: true }
    }

    /// A span as people count.
    fn place(&self, span: Span) -> Option<Place> {
        let file = self.sources.get(span.file)?;
        let position = file.position(span.start);
        Some(Place { file: file.name().to_owned(), line: position.line, column: position.column })
    }
}

/// One of the two versions of a transaction.
#[derive(Clone, Copy)]
struct Half<'a> {
    side: Side<'a>,
    unit: &'a Unit,
    protocol: &'a Protocol,
}

impl Half<'_> {
    /// A place of the IR. A package knows its sources by name only.
    fn place(&self, at: At) -> Option<Place> {
        if at.line == 0 {
            return None;
        }
        let index = usize::try_from(at.file).ok()?;
        let file = match self.unit.files.get(index) {
            Some(file) => self.side.sources.get(file.id)?.name().to_owned(),
            None => self.protocol.meta.sources.get(index)?.clone(),
        };
        Some(Place { file, line: at.line, column: at.column })
    }

    fn version(&self) -> Version {
        let id = Package::from_protocol(self.protocol.clone()).ok().map(|package| package.id.to_string());
        Version {
            path: self.protocol.meta.path.clone(),
            number: Some(self.protocol.number.clone()),
            title: Some(self.protocol.meta.name.clone()),
            id,
        }
    }
}

/// Compares two versions. Both have no errors: a unit with an error has no protocol, and is left out.
pub fn compare(old: Side<'_>, new: Side<'_>) -> Report {
    let mut report = Report::default();
    for (a, b) in pair::transactions(old, new) {
        let comparison = match (a, b) {
            (Some(a), Some(b)) => both(a, b),
            (Some(a), None) => Some(host::removed(a)),
            (None, Some(b)) => Some(host::added(b)),
            (None, None) => None,
        };
        keep(&mut report, comparison);
    }
    let packed = |side: Side<'_>| side.units.iter().any(|u| u.is_transaction && u.files.is_empty());
    if !packed(old) && !packed(new) {
        for (a, b) in pair::libraries(old, new) {
            keep(&mut report, library::compare(a.map(|file| (old, file)), b.map(|file| (new, file))));
        }
    } else {
        report.notes.push(
            "a package holds no properties, no scenarios and no unused declarations: these are not compared"
                .to_owned(),
        );
    }
    report
}

fn keep(report: &mut Report, comparison: Option<Comparison>) {
    match comparison {
        Some(comparison) => report.comparisons.push(comparison),
        None => report.unchanged = report.unchanged.saturating_add(1),
    }
}

/// The two versions of one transaction; none if not even the texts differ.
fn both(a: Half<'_>, b: Half<'_>) -> Option<Comparison> {
    let (old_version, new_version) = (a.version(), b.version());
    let (aligned, renames) = recognise::align(a.protocol, b.protocol);
    let pair = pair::Pair { old_half: a, new_half: b, old: &aligned, new: b.protocol, renames: &renames };
    let mut changes = Vec::new();
    wire::compare(&pair, &mut changes);
    host::compare(&pair, &mut changes);
    behaviour::compare(&pair, &mut changes);
    let ids_differ = old_version.id != new_version.id;
    if ids_differ && changes.iter().all(|change| !behaviour::moves_the_id(change.kind)) {
        changes.push(behaviour::other(&pair));
    }
    let changes = report::arrange(changes);
    let text_only = changes.is_empty();
    if text_only && same_text(a, b) {
        return None;
    }
    let consequences = consequence::of(&pair, &changes, &old_version, &new_version);
    Some(Comparison {
        subject: Subject::Transaction,
        old: Some(old_version),
        new: Some(new_version),
        changes,
        consequences,
        text_only,
    })
}

/// Have both the same source, byte for byte? What they import is compared by itself.
fn same_text(a: Half<'_>, b: Half<'_>) -> bool {
    let text = |half: Half<'_>| {
        half.unit.files.first().and_then(|file| half.side.sources.get(file.id)).map(|f| f.text().to_owned())
    };
    match (text(a), text(b)) {
        (Some(a), Some(b)) => a == b,
        // A package has no text, but it has what the text says beside the protocol.
        (None, _) | (_, None) => a.protocol.meta == b.protocol.meta,
    }
}
