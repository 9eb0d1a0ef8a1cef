//! Analysing the same sources again and again: units whose files did not change keep what was found out about them.

use super::load::{Loaded, Loader};
use super::notes::Notes;
use super::observe::Memory;
use super::{Options, Unit, UnitFile, codes, depth, interface, on_large_stack, unit};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, SourceMap, SourceProvider, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A unit with everything that the analysis of its files told.
#[derive(Debug)]
pub struct Known {
    /// The unit.
    pub unit: Unit,
    /// The types of its expressions.
    pub notes: Notes,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The files that are reached, and where their `imports` and `uses` lead.
type Files = Vec<(Arc<Source>, Vec<Option<FileId>>)>;

/// What a unit depends on.
struct Key {
    /// Its own files.
    own: Files,
    /// Files that it only uses.
    used: Files,
}

fn same(a: &Files, b: &Files) -> bool {
    let file = |(a, b): (&(Arc<Source>, _), &(Arc<Source>, Vec<_>))| Arc::ptr_eq(&a.0, &b.0) && a.1 == b.1;
    a.len() == b.len() && a.iter().zip(b).all(file)
}

/// A unit, and what it was made of.
struct Kept {
    known: Arc<Known>,
    key: Key,
    /// What it sees of the files that it only uses; nothing, when that does not tell everything.
    visible: Option<String>,
}

impl Kept {
    /// Whether an analysis would find out the same although files that are only used have changed.
    fn is_alike(&self, now: &Key, visible: &dyn Fn() -> Option<String>) -> bool {
        let unit = &self.known.unit;
        let inside = |span: Span| unit.files.iter().any(|file| file.id == span.file);
        same(&self.key.own, &now.own)
            && unit.specification.is_none()
            // A finding that shows a place of another file shows it where it was.
            && self.known.diagnostics.iter().all(|diagnostic| diagnostic.spans().all(inside))
            && self.visible.is_some()
            && self.visible == visible()
    }
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
    kept: BTreeMap<PathBuf, Kept>,
    memories: BTreeMap<PathBuf, Mutex<Memory>>,
    depths: depth::Depths,
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
        let too_deep = depth::check_all(&loaded, &mut self.depths, &mut diagnostics);
        let mut units = Vec::new();
        for root in &loaded.roots {
            if cancelled() {
                return None;
            }
            let Some(file) = loaded.files.get(*root) else { continue };
            let (key, used) = key(&loaded, *root);
            let visible = || (!loaded.lenient).then(|| interface::of_used(&loaded, &used));
            let earlier = self.kept.get_mut(&file.path);
            let found = match earlier {
                Some(kept) if same(&kept.key.own, &key.own) && same(&kept.key.used, &key.used) => {
                    Found { known: Arc::clone(&kept.known), stale: false }
                }
                Some(kept) if !wanted(&file.path) => Found { known: Arc::clone(&kept.known), stale: true },
                Some(kept) if kept.is_alike(&key, &visible) => {
                    kept.key = key;
                    Found { known: Arc::clone(&kept.known), stale: false }
                }
                _ => {
                    let memory = self.memories.entry(file.path.clone()).or_default();
                    let Some(known) = analyzed(&loaded, *root, &too_deep, memory) else { continue };
                    let known = Arc::new(known);
                    let kept = Kept { known: Arc::clone(&known), key, visible: visible() };
                    self.kept.insert(file.path.clone(), kept);
                    Found { known, stale: false }
                }
            };
            units.push(found);
        }
        let paths: BTreeSet<&Path> =
            loaded.roots.iter().filter_map(|r| loaded.files.get(*r)).map(|f| f.path.as_path()).collect();
        self.kept.retain(|path, _| paths.contains(path.as_path()));
        self.memories.retain(|path, _| paths.contains(path.as_path()));
        diagnostics.iter_mut().for_each(codes::complete);
        let files = loaded.files.iter().map(|file| file.of_unit(&file.folder)).collect();
        let Loaded { sources, dropped, .. } = loaded;
        Some((units, Sources { files, sources, diagnostics, dropped }))
    }
}

fn analyzed(
    loaded: &Loaded,
    root: usize,
    too_deep: &BTreeSet<FileId>,
    memory: &Mutex<Memory>,
) -> Option<Known> {
    on_large_stack(|| {
        let notes = RefCell::new(Notes::default());
        let mut diagnostics = Vec::new();
        let unit = unit::analyze(loaded, root, too_deep, Some(&notes), Some(memory), &mut diagnostics)?;
        diagnostics.iter_mut().for_each(codes::complete);
        Some((unit, notes.into_inner(), diagnostics))
    })
    .map(|(unit, notes, diagnostics)| Known { unit, notes, diagnostics })
}

/// What a unit depends on, and the files that it only uses: these are looked into with all that they import and use themselves.
fn key(loaded: &Loaded, root: usize) -> (Key, Vec<usize>) {
    let own: BTreeSet<usize> = loaded.with_imports(root).into_iter().collect();
    let (own, used): (Vec<usize>, Vec<usize>) =
        interface::reached(loaded, root).into_iter().partition(|index| own.contains(index));
    (Key { own: files(loaded, &own), used: files(loaded, &used) }, used)
}

fn files(loaded: &Loaded, indexes: &[usize]) -> Files {
    let files = indexes.iter().filter_map(|index| loaded.files.get(*index));
    let with_targets = files.map(|file| {
        let targets = file.imports.iter().map(|(_, target)| *target);
        let targets = targets.chain(file.uses.iter().map(|(_, _, target)| *target));
        let ids = targets.map(|t| loaded.files.get(t?).map(|f| f.id)).collect();
        (Arc::clone(&file.source), ids)
    });
    with_targets.collect()
}
