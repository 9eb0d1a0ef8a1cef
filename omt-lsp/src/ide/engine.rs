//! What omtc says about a project, again and again.

use super::index::Index;
use super::{Range, World};
use omtc::diagnostic::Diagnostic;
use omtc::report::{Again, Known, Session};
use omtc::sema::{Options, Unit, UnitFile};
use omtc::source::{FileId, Source, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What is known of a project at one moment.
pub struct Analysis {
    /// The folder, or the file.
    pub project: PathBuf,
    /// What omtc reported.
    pub report: Again,
    /// The latest unit of each root that had no error: by it the machines are known while a text is broken.
    pub good: BTreeMap<PathBuf, Arc<Known>>,
    /// Every file as it was read.
    pub sources: BTreeMap<PathBuf, Arc<Source>>,
    /// Whether all of it is of the sources of that moment, and not only what was wanted first.
    pub complete: bool,
    index: OnceLock<Index>,
}

impl Analysis {
    /// Who declares what and who refers to it; found out once.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }

    /// The file at a path.
    pub fn file(&self, path: &Path) -> Option<&UnitFile> {
        self.report.files.iter().find(|file| file.path == path)
    }

    /// Whether [`Analysis::index`] costs nothing any more.
    pub fn is_indexed(&self) -> bool {
        self.index.get().is_some()
    }

    /// Whether all findings in a file are of its text at that moment.
    pub fn is_fresh(&self, path: &Path) -> bool {
        self.file(path).is_some_and(|file| self.report.is_fresh(file.id))
    }

    /// The path of a file.
    pub fn path(&self, id: FileId) -> Option<&Path> {
        self.report.files.iter().find(|file| file.id == id).map(|file| file.path.as_path())
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.report.sources.slice(span)
    }

    /// The whole text of a file.
    pub fn text_of(&self, id: FileId) -> &str {
        self.report.sources.get(id).map_or("", |file| file.text())
    }

    /// All units.
    pub fn units(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.report.units()
    }

    /// The unit of a root.
    pub fn unit(&self, path: &Path) -> Option<&Arc<Known>> {
        self.report.units().find(|known| known.unit.path == path)
    }

    /// The units that a file is part of, its own first.
    pub fn units_with(&self, id: FileId) -> Vec<&Arc<Known>> {
        let holds = |unit: &Unit| unit.files.iter().any(|file| file.id == id);
        let is_own = |unit: &Unit| unit.files.first().is_some_and(|file| file.id == id);
        let mut found: Vec<&Arc<Known>> = self.report.units().filter(|known| holds(&known.unit)).collect();
        found.sort_by_key(|known| !is_own(&known.unit));
        found
    }

    /// The transaction that a file is part of, as it last was without an error: its own, else any.
    pub fn machine(&self, path: &Path) -> Option<&Arc<Known>> {
        if let Some(known) = self.good.get(path) {
            return Some(known);
        }
        self.good.values().find(|known| known.unit.files.iter().any(|file| file.path == path))
    }

    /// The findings of a file.
    pub fn findings(&self, id: FileId) -> impl Iterator<Item = &Diagnostic> {
        self.report.diagnostics.iter().filter(move |d| d.span().file == id)
    }

    /// The range of a span, and the path of its file.
    pub fn place(&self, span: Span) -> Option<super::Place> {
        Some(super::Place { path: self.path(span.file)?.to_owned(), range: Range::from(span) })
    }
}

/// Analyses projects, and remembers what did not change.
#[derive(Default)]
pub struct Engine {
    projects: BTreeMap<PathBuf, Project>,
}

#[derive(Default)]
struct Project {
    session: Session,
    good: BTreeMap<PathBuf, Arc<Known>>,
    /// By file, the roots of the units that it is part of.
    around: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

/// What of a project must be of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The unit of which a file is the root.
    Own,
    /// Every unit that it is part of.
    Parts,
    /// All units.
    All,
}

impl Engine {
    /// Nothing is known yet.
    pub fn new() -> Engine {
        Engine::default()
    }

    /// Analyses a project: what is in the scope of a file is of now, the rest may be as it was. Nothing comes of it when it
    /// is `cancelled`.
    pub fn analyze(
        &mut self,
        world: &World,
        project: &Path,
        options: &Options,
        (scope, of): (Scope, &Path),
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Analysis> {
        let state = self.projects.entry(project.to_owned()).or_default();
        let around = &state.around;
        let is_wanted = |path: &Path| match scope {
            Scope::Own => path == of,
            Scope::Parts => path == of || around.get(of).is_some_and(|roots| roots.contains(path)),
            Scope::All => true,
        };
        let roots = [project.to_owned()];
        let report = state.session.report(world, &roots, options, &is_wanted, cancelled)?;
        for known in report.units() {
            if known.unit.protocol.is_some() {
                state.good.insert(known.unit.path.clone(), Arc::clone(known));
            }
        }
        state.around.clear();
        for known in report.units() {
            for file in &known.unit.files {
                state.around.entry(file.path.clone()).or_default().insert(known.unit.path.clone());
            }
        }
        state.good.retain(|path, _| report.units().any(|known| known.unit.path == *path));
        let sources = report.files.iter().filter_map(|file| {
            let source = world.source(&file.path).ok()?;
            Some((file.path.clone(), source))
        });
        Some(Analysis {
            project: project.to_owned(),
            sources: sources.collect(),
            good: state.good.clone(),
            complete: report.is_complete(),
            index: OnceLock::new(),
            report,
        })
    }

    /// Forgets projects that nobody looks at any more.
    pub fn retain(&mut self, keep: &dyn Fn(&Path) -> bool) {
        self.projects.retain(|project, _| keep(project));
    }
}
