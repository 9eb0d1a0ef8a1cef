//! Reports on the same sources again and again, as an editor needs them.

use super::{Allowance, judged};
use crate::check::logic::Answers;
use crate::check::{self, Observed};
use crate::diagnostic::Diagnostic;
use crate::sema::session::{Found, Known, Units};
use crate::sema::{Options, Unit, UnitFile};
use crate::source::{FileId, SourceMap, SourceProvider};
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What [`Session::report`] came to.
pub struct Again {
    units: Vec<Found>,
    /// Every source that was read, in that order.
    pub files: Vec<UnitFile>,
    /// The texts of all files.
    pub sources: SourceMap,
    /// All findings that no allowance silences, in the order in which they are shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The allowances of all files.
    pub allowances: Vec<Allowance>,
    /// Errors that were found and not kept, because a file has so many.
    pub dropped: usize,
}

impl Again {
    /// One for every root, in the order of the roots, with the types of its expressions. Those that were not wanted may
    /// be of an earlier text.
    pub fn units(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.units.iter().map(|found| &found.known)
    }

    /// Whether every unit is that of the sources as they are.
    pub fn is_complete(&self) -> bool {
        self.units.iter().all(|found| !found.stale)
    }

    /// Whether every unit that a file is part of is that of the sources as they are: then so are all findings in it.
    pub fn is_fresh(&self, file: FileId) -> bool {
        self.units.iter().all(|found| !found.stale || !holds(&found.known.unit, file))
    }
}

fn holds(unit: &Unit, file: FileId) -> bool {
    unit.files.iter().any(|part| part.id == file)
}

/// Remembers what does not depend on what changed. Files are compared by identity, so whoever uses it keeps them
/// ([`SourceProvider::parsed`]).
///
/// A report is the same as that of [`report`](super::report()) but for the order of files.
#[derive(Default)]
pub struct Session {
    units: Units,
    checked: BTreeMap<PathBuf, Checked>,
    /// What is known of the conditions of each unit.
    answers: BTreeMap<PathBuf, Answers>,
    /// What is read of all units where the IR does not reach, and of each file.
    observed: (Arc<Observed>, BTreeMap<FileId, (Arc<ast::File>, Observed)>),
}

/// Findings of the checks, for which unit and what others read of it.
struct Checked {
    known: Arc<Known>,
    observed: Arc<Observed>,
    found: Vec<Diagnostic>,
}

impl Session {
    /// Nothing is known yet.
    pub fn new() -> Session {
        Session::default()
    }

    /// Analyses and checks. What is not `wanted` may be left as it was; nothing comes of it when it is `cancelled`, but
    /// what was found out until then is not lost.
    pub fn report(
        &mut self,
        provider: &dyn SourceProvider,
        roots: &[PathBuf],
        options: &Options,
        wanted: &dyn Fn(&Path) -> bool,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Again> {
        let (units, sources) = self.units.analyze(provider, roots, options, wanted, cancelled)?;
        let fresh: BTreeSet<FileId> = units
            .iter()
            .filter(|found| !found.stale)
            .flat_map(|found| found.known.unit.files.iter().map(|file| file.id))
            .collect();
        let observed = self.observed(&units, &sources.files);
        let mut diagnostics = sources.diagnostics;
        for found in &units {
            let known = &found.known;
            // What an earlier text had is at a place of that text.
            let kept = |d: &&Diagnostic| !found.stale || !fresh.contains(&d.span().file);
            diagnostics.extend(known.diagnostics.iter().filter(kept).cloned());
            let checked = self.checks(found, &observed, cancelled)?;
            diagnostics.extend(checked.iter().filter(kept).cloned());
        }
        let paths: BTreeSet<&Path> = units.iter().map(|found| found.known.unit.path.as_path()).collect();
        self.checked.retain(|path, _| paths.contains(path.as_path()));
        self.answers.retain(|path, _| paths.contains(path.as_path()));
        let borrowed: Vec<&Unit> = units.iter().map(|found| &found.known.unit).collect();
        let (diagnostics, allowances) = judged(&sources.sources, &sources.files, &borrowed, diagnostics);
        Some(Again {
            units,
            files: sources.files,
            sources: sources.sources,
            diagnostics,
            allowances,
            dropped: sources.dropped,
        })
    }

    /// What is read of all units where the IR does not reach.
    fn observed(&mut self, units: &[Found], files: &[UnitFile]) -> Arc<Observed> {
        let of_units: BTreeSet<FileId> =
            units.iter().flat_map(|found| found.known.unit.files.iter().map(|file| file.id)).collect();
        let mut changed = self.observed.1.len() != of_units.len();
        self.observed.1.retain(|id, _| of_units.contains(id));
        for file in files.iter().filter(|file| of_units.contains(&file.id)) {
            let known = self.observed.1.get(&file.id);
            if known.is_some_and(|(tree, _)| Arc::ptr_eq(tree, &file.tree)) {
                continue;
            }
            let now = Observed::of([file.tree.as_ref()]);
            changed |= known.is_none_or(|(_, before)| *before != now);
            self.observed.1.insert(file.id, (Arc::clone(&file.tree), now));
        }
        if changed {
            self.observed.0 = Arc::new(Observed::together(self.observed.1.values().map(|(_, of)| of)));
        }
        Arc::clone(&self.observed.0)
    }

    fn checks(
        &mut self,
        found: &Found,
        observed: &Arc<Observed>,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<&[Diagnostic]> {
        let unit = &found.known.unit;
        let Some(protocol) = &unit.protocol else { return Some(&[]) };
        let valid = self.checked.get(&unit.path).is_some_and(|checked| {
            let same = || Arc::ptr_eq(&checked.observed, observed) || checked.observed == *observed;
            Arc::ptr_eq(&checked.known, &found.known) && (found.stale || same())
        });
        if !valid {
            let answers = self.answers.entry(unit.path.clone()).or_default();
            let files: Vec<FileId> = unit.files.iter().map(|file| file.id).collect();
            let diagnostics = check::check_unless(protocol, &files, observed, Some(answers), cancelled)?;
            let checked = Checked {
                known: Arc::clone(&found.known),
                observed: Arc::clone(observed),
                found: diagnostics,
            };
            self.checked.insert(unit.path.clone(), checked);
        }
        Some(self.checked.get(&unit.path).map_or(&[], |checked| checked.found.as_slice()))
    }
}
