//! What is mutated: one transaction as it stands on disk, and what the compiler says about it as it is.

use super::walk::running;
use omt_runtime::package::Package;
use omtc::build::find_sources;
use omtc::report::report;
use omtc::sema::Options;
use omtc::source::{DiskSources, SourceError, SourceProvider, Span};
use omtc::syntax::ast;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One thing that the compiler said: code, severity and message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// `E0451`
    pub code: &'static str,
    /// `error`, `warning`, `note`
    pub severity: &'static str,
    /// The sentence.
    pub message: String,
}

/// What the compiler makes of a source.
pub struct Looked {
    /// Everything that it says.
    pub said: BTreeSet<Said>,
    /// The protocol id, when there is no error.
    pub id: Option<String>,
    /// Paths and trees of the transaction (first) and of what it imports; none for a library.
    pub files: Vec<(PathBuf, Arc<ast::File>)>,
}

/// A source that is to be mutated: a transaction, or a part of one that lies beside it.
pub struct Subject {
    /// The transaction.
    pub root: PathBuf,
    /// The source; the transaction itself, or what it imports from its own folder.
    pub path: PathBuf,
    /// Its source.
    pub text: String,
    /// Its tree, then those of everything that the transaction consists of besides.
    pub trees: Vec<Arc<ast::File>>,
    /// The names that machines of the transaction use.
    pub running: Arc<BTreeSet<String>>,
    /// What is said about it unchanged.
    pub said: BTreeSet<Said>,
    /// Its protocol id.
    pub id: Option<String>,
    /// The same source as a part of other transactions.
    pub others: Vec<Subject>,
}

/// The disk with one file replaced: nothing is written.
pub(super) struct Overlay<'a> {
    /// The file.
    pub path: &'a Path,
    /// What it holds instead.
    pub text: &'a str,
}

impl SourceProvider for Overlay<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        if path == self.path { Ok(self.text.as_bytes().to_vec()) } else { DiskSources.read(path) }
    }

    fn is_file(&self, path: &Path) -> bool {
        DiskSources.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        DiskSources.is_folder(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<std::ffi::OsString>, SourceError> {
        DiskSources.list(path)
    }
}

/// What the compiler makes of a transaction with a text in the place of one of its files.
pub fn look(root: &Path, path: &Path, text: &str) -> Looked {
    let analyzed = report(&Overlay { path, text }, &[root.to_owned()], &Options::default());
    let said = analyzed
        .diagnostics
        .iter()
        .map(|d| Said { code: d.code.id, severity: d.severity.word(), message: d.message.clone() })
        .collect();
    let unit = analyzed.units.into_iter().find(|u| u.path == root && u.is_transaction);
    let files =
        unit.iter().flat_map(|u| u.files.iter().map(|f| (f.path.clone(), Arc::clone(&f.tree)))).collect();
    let id =
        unit.and_then(|u| u.protocol).and_then(|p| Package::from_protocol(p).ok()).map(|p| p.id.to_string());
    Looked { said, id, files }
}

/// The transactions below folders, in the order of their paths, and the parts of each that lie in its folder.
///
/// # Errors
/// When a path leads nowhere, or a transaction has an error already.
pub fn subjects(paths: &[PathBuf]) -> Result<Vec<Subject>, String> {
    let mut found = Vec::new();
    for root in find_sources(&DiskSources, paths).map_err(|e| e.to_string())? {
        let parts = parts(&root)?;
        // What lies elsewhere is everybody's.
        found.extend(parts.into_iter().filter(|part| part.path.parent() == root.parent()));
    }
    Ok(found)
}

/// The same, and what these transactions import from elsewhere: once, with all that consist of it.
///
/// # Errors
/// When a path leads nowhere, or a transaction has an error already.
pub fn subjects_with_shared(paths: &[PathBuf]) -> Result<Vec<Subject>, String> {
    let mut own = Vec::new();
    let mut shared: BTreeMap<PathBuf, Subject> = BTreeMap::new();
    for root in find_sources(&DiskSources, paths).map_err(|e| e.to_string())? {
        for part in parts(&root)? {
            if part.path.parent() == root.parent() {
                own.push(part);
            } else if let Some(first) = shared.get_mut(&part.path) {
                first.others.push(part);
            } else {
                shared.insert(part.path.clone(), part);
            }
        }
    }
    own.extend(shared.into_values());
    Ok(own)
}

/// Everything that a transaction consists of, itself first; nothing for a library.
fn parts(root: &Path) -> Result<Vec<Subject>, String> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let Looked { said, id, files } = look(root, root, &read(root)?);
    if files.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(error) = said.iter().find(|s| s.severity == "error") {
        let path = root.display();
        return Err(format!("{path} has an error already: {}: {}", error.code, error.message));
    }
    let trees: Vec<Arc<ast::File>> = files.iter().map(|(_, tree)| Arc::clone(tree)).collect();
    let running = Arc::new(running(&trees));
    let part = |(index, (path, _)): (usize, &(PathBuf, Arc<ast::File>))| {
        let mut trees = trees.clone();
        trees.swap(0, index);
        Ok(Subject {
            root: root.to_owned(),
            path: path.clone(),
            text: read(path)?,
            trees,
            running: Arc::clone(&running),
            said: said.clone(),
            id: id.clone(),
            others: Vec::new(),
        })
    };
    files.iter().enumerate().map(part).collect()
}

impl Subject {
    /// It and the same source as a part of other transactions.
    pub fn all(&self) -> impl Iterator<Item = &Subject> {
        std::iter::once(self).chain(&self.others)
    }

    /// The text of a span of the source.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// The declarations of the source itself.
    pub fn decls(&self) -> &[ast::Decl] {
        &self.trees[0].decls
    }

    /// The declarations of the source and of everything it imports.
    pub fn all_decls(&self) -> impl Iterator<Item = &ast::Decl> {
        self.trees.iter().flat_map(|tree| &tree.decls)
    }

    /// The declaration that holds a byte, with the head of the transition or fold: `Witness: SIGNING -> SETTLED on SHARE`.
    pub fn within(&self, offset: usize) -> String {
        let holds = |span: Span| (span.start as usize..span.end as usize).contains(&offset);
        let head = |span: Span| {
            let text = self.slice(span);
            let end = text.find(['\n', '(']).unwrap_or(text.len());
            text[..end].split(" when ").next().unwrap_or_default().trim().to_owned()
        };
        for decl in self.decls() {
            let (span, name, inner): (Span, &str, Option<String>) = match decl {
                ast::Decl::Actor(actor) => {
                    let spans = actor.items.iter().map(|item| match item {
                        ast::Item::Transition(t) => t.span,
                        ast::Item::Collect(c) => c.span,
                        ast::Item::Override(o) => o.span,
                        ast::Item::State(s) => s.span,
                        ast::Item::Peers(p) => p.span,
                        ast::Item::Store(s) | ast::Item::Shared(s) => s.span,
                        ast::Item::Trigger(t) => t.span,
                    });
                    (actor.span, &actor.name.text, spans.into_iter().find(|s| holds(*s)).map(head))
                }
                ast::Decl::View(view) => {
                    let folds = view.items.iter().filter_map(|item| match item {
                        ast::ViewItem::Fold(fold) => Some(fold.span),
                        ast::ViewItem::Field(_) => None,
                    });
                    (view.span, &view.name.text, folds.into_iter().find(|s| holds(*s)).map(head))
                }
                ast::Decl::Function(function) => (function.span, &function.name.text, None),
                ast::Decl::Message(message) => (message.span, &message.name.text, None),
                ast::Decl::Parameters(parameters) => (parameters.span, "parameters", None),
                _ => continue,
            };
            if holds(span) {
                return inner.map_or(name.to_owned(), |inner| format!("{name}: {inner}"));
            }
        }
        String::new()
    }

    /// Where the transition or collect begins that holds a byte.
    pub fn transition_at(&self, offset: usize) -> Option<u32> {
        let transitions = self.transitions().into_iter().map(|(_, t)| t.span);
        let collects = self.collects().into_iter().map(|(_, c)| c.span);
        let mut spans = transitions.chain(collects);
        spans.find(|s| (s.start as usize..s.end as usize).contains(&offset)).map(|s| s.start)
    }

    /// The line of a byte, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }
}
