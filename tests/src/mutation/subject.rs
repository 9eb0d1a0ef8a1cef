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
    /// The trees of the source (first) and of what it imports; none for a library.
    pub trees: Vec<Arc<ast::File>>,
}

/// A transaction whose source is to be mutated.
pub struct Subject {
    /// Where it lies.
    pub path: PathBuf,
    /// Its source.
    pub text: String,
    /// Its tree, then those of its imports.
    pub trees: Vec<Arc<ast::File>>,
    /// What is said about it unchanged.
    pub said: BTreeSet<Said>,
    /// Its protocol id.
    pub id: Option<String>,
}

/// The disk with one file replaced: nothing is written.
struct Overlay<'a> {
    path: &'a Path,
    text: &'a str,
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

/// What the compiler makes of a text in the place of a file.
pub fn look(path: &Path, text: &str) -> Looked {
    let analyzed = report(&Overlay { path, text }, &[path.to_owned()], &Options::default());
    let said = analyzed
        .diagnostics
        .iter()
        .map(|d| Said { code: d.code.id, severity: d.severity.word(), message: d.message.clone() })
        .collect();
    let unit = analyzed.units.into_iter().find(|u| u.path == path && u.is_transaction);
    let trees = unit.iter().flat_map(|u| u.files.iter().map(|f| Arc::clone(&f.tree))).collect();
    let id =
        unit.and_then(|u| u.protocol).and_then(|p| Package::from_protocol(p).ok()).map(|p| p.id.to_string());
    Looked { said, id, trees }
}

/// The transactions below folders, in the order of their paths.
///
/// # Errors
/// When a path leads nowhere, or a transaction has an error already.
pub fn subjects(paths: &[PathBuf]) -> Result<Vec<Subject>, String> {
    let mut found = Vec::new();
    for path in find_sources(&DiskSources, paths).map_err(|e| e.to_string())? {
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let Looked { said, id, trees } = look(&path, &text);
        if trees.is_empty() {
            continue;
        }
        if let Some(error) = said.iter().find(|s| s.severity == "error") {
            return Err(format!(
                "{} has an error already: {}: {}",
                path.display(),
                error.code,
                error.message
            ));
        }
        found.push(Subject { path, text, trees, said, id });
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
