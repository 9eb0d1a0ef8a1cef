//! What is mutated: one transaction as it stands on disk, and what the compiler says about it as it is.

use omt_runtime::package::Package;
use omtc::build::find_sources;
use omtc::report::report;
use omtc::sema::Options;
use omtc::source::{DiskSources, SourceError, SourceProvider, Span};
use omtc::syntax::ast;
use std::collections::BTreeSet;
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
    /// What is said about it unchanged.
    pub said: BTreeSet<Said>,
    /// Its protocol id.
    pub id: Option<String>,
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
        let read =
            |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
        let Looked { said, id, files } = look(&root, &root, &read(&root)?);
        if files.is_empty() {
            continue;
        }
        if let Some(error) = said.iter().find(|s| s.severity == "error") {
            return Err(format!(
                "{} has an error already: {}: {}",
                root.display(),
                error.code,
                error.message
            ));
        }
        // What lies elsewhere is everybody's.
        let own = files.iter().enumerate().filter(|(_, (path, _))| path.parent() == root.parent());
        for (index, (path, _)) in own {
            let mut trees: Vec<Arc<ast::File>> = files.iter().map(|(_, tree)| Arc::clone(tree)).collect();
            trees.swap(0, index);
            let (said, id) = (said.clone(), id.clone());
            found.push(Subject {
                root: root.clone(),
                path: path.clone(),
                text: read(path)?,
                trees,
                said,
                id,
            });
        }
    }
    Ok(found)
}

impl Subject {
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

    /// The line of a byte, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }
}
