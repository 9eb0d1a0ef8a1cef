//! Analysing the same sources again and again: units whose files did not change keep what was found out about them.

use super::load::{Loaded, Loader};
use super::notes::Notes;
use super::{Options, Unit, UnitFile, codes, depth, on_large_stack, unit};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, SourceMap, SourceProvider};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A unit with everything that the analysis of its files told.
#[derive(Debug)]
pub struct Known {
    /// The unit.
    pub unit: Unit,
    /// The types of its expressions.
    pub notes: Notes,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What it depends on.
    key: Key,
}

/// The files that are reached by `imports` and `uses`, and where each of these leads.
type Key = Vec<(Arc<Source>, Vec<Option<FileId>>)>;

fn same(a: &Key, b: &Key) -> bool {
    let file = |(a, b): (&(Arc<Source>, _), &(Arc<Source>, Vec<_>))| Arc::ptr_eq(&a.0, &b.0) && a.1 == b.1;
    a.len() == b.len() && a.iter().zip(b).all(file)
}

/// What an analysis came to, beside the units.
pub(crate) struct Sources {
    pub files: Vec<UnitFile>,
    pub sources: SourceMap,
    pub diagnostics: Vec<Diagnostic>,
    pub dropped: usize,
}

/// The units of the last analysis.
#[derive(Default)]
pub(crate) struct Units {
    known: BTreeMap<PathBuf, Arc<Known>>,
}

/// A unit of this analysis.
pub(crate) struct Found {
    pub known: Arc<Known>,
    /// Whether it is that of an earlier analysis, although files of it have changed.
    pub stale: bool,
}

impl Units {
    /// Analyses roots. A unit that is not `wanted` is taken as it was when there is an earlier one. Nothing, when it is
    /// `cancelled`.
    pub fn analyze(
        &mut self,
        provider: &dyn SourceProvider,
        roots: &[PathBuf],
        options: &Options,
        wanted: &dyn Fn(&Path) -> bool,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<(Vec<Found>, Sources)> {
        let mut loader = Loader::new(provider, options);
        for root in roots {
            if cancelled() {
                return None;
            }
            loader.root(root);
        }
        let loaded = loader.finish();
        let mut diagnostics = loaded.diagnostics.clone();
        let too_deep = depth::check_all(&loaded, &mut diagnostics);
        let mut units = Vec::new();
        for root in &loaded.roots {
            if cancelled() {
                return None;
            }
            let Some(file) = loaded.files.get(*root) else { continue };
            let key = key(&loaded, *root);
            let earlier = self.known.get(&file.path);
            let found = match earlier {
                Some(earlier) if same(&earlier.key, &key) => {
                    Found { known: Arc::clone(earlier), stale: false }
                }
                Some(earlier) if !wanted(&file.path) => Found { known: Arc::clone(earlier), stale: true },
                _ => {
                    let Some(known) = analyzed(&loaded, *root, &too_deep, key) else { continue };
                    let known = Arc::new(known);
                    self.known.insert(file.path.clone(), Arc::clone(&known));
                    Found { known, stale: false }
                }
            };
            units.push(found);
        }
        let paths: BTreeSet<&Path> =
            loaded.roots.iter().filter_map(|r| loaded.files.get(*r)).map(|f| f.path.as_path()).collect();
        self.known.retain(|path, _| paths.contains(path.as_path()));
        diagnostics.iter_mut().for_each(codes::complete);
        let files = loaded.files.iter().map(|file| file.of_unit(&file.folder)).collect();
        let Loaded { sources, dropped, .. } = loaded;
        Some((units, Sources { files, sources, diagnostics, dropped }))
    }
}

fn analyzed(loaded: &Loaded, root: usize, too_deep: &BTreeSet<FileId>, key: Key) -> Option<Known> {
    on_large_stack(|| {
        let notes = RefCell::new(Notes::default());
        let mut diagnostics = Vec::new();
        let unit = unit::analyze(loaded, root, too_deep, Some(&notes), &mut diagnostics)?;
        diagnostics.iter_mut().for_each(codes::complete);
        Some((unit, notes.into_inner(), diagnostics))
    })
    .map(|(unit, notes, diagnostics)| Known { unit, notes, diagnostics, key })
}

/// What a unit depends on: a file that is used is looked into with all that it imports and uses itself.
fn key(loaded: &Loaded, root: usize) -> Key {
    let mut seen = BTreeSet::new();
    let mut open = vec![root];
    let mut found = Vec::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Some(file) = loaded.files.get(index) else { continue };
        let targets = file.imports.iter().map(|(_, target)| *target);
        let targets: Vec<Option<usize>> = targets.chain(file.uses.iter().map(|(_, _, t)| *t)).collect();
        open.extend(targets.iter().flatten());
        let ids = targets.iter().map(|t| loaded.files.get((*t)?).map(|f| f.id)).collect();
        found.push((Arc::clone(&file.source), ids));
    }
    found
}
