//! Files that name each other.

use super::engine::Analysis;
use super::index::target;
use super::navigate::importers;
use super::{Edit, Range};
use omtc::source::FileId;
use omtc::syntax::ast::{Decl, File};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A path in a text that means a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The path.
    pub range: Range,
    /// The file.
    pub path: PathBuf,
}

/// The paths of `imports` and `uses` of a file.
pub fn links(analysis: &Analysis, tree: &File) -> Vec<Link> {
    let paths = tree.decls.iter().filter_map(|decl| match decl {
        Decl::Imports(d) => Some(&d.path),
        Decl::Uses(d) => Some(&d.path),
        _ => None,
    });
    let link = |path: &omtc::syntax::ast::Path| {
        let file = target(analysis, &path.text())?;
        Some(Link { range: path.span.into(), path: analysis.path(file)?.to_owned() })
    };
    paths.filter_map(link).collect()
}

/// The edits that let all paths mean the same files when some are moved. A file that leaves its project cannot be named
/// any more: its paths stay, and say so as an error.
pub fn moved(analysis: &Analysis, moves: &[(PathBuf, PathBuf)]) -> BTreeMap<PathBuf, Vec<Edit>> {
    let mut edits: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
    for (id, old, new) in moves.iter().flat_map(|(old, new)| affected(analysis, old, new)) {
        let Some(file) = analysis.file(&old) else { continue };
        let Some(folder) = folder_of(&old, &file.name) else { continue };
        let Ok(below) = new.strip_prefix(&folder) else { continue };
        let below = below.with_extension("");
        let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = parts.join("/");
        for span in importers(analysis, id) {
            let Some(path) = analysis.path(span.file) else { continue };
            // Whoever wrote the folder alone goes on doing so.
            let written = analysis.text(span);
            let short = name.strip_suffix("/transaction").filter(|_| !written.ends_with("/transaction"));
            let text = short.filter(|_| file.name.ends_with("/transaction")).unwrap_or(&name).to_owned();
            if text != written {
                edits.entry(path.to_owned()).or_default().push(Edit { range: span.into(), text });
            }
        }
    }
    edits
}

/// The files that a move takes along: a folder takes all that is in it.
fn affected(analysis: &Analysis, old: &Path, new: &Path) -> Vec<(FileId, PathBuf, PathBuf)> {
    let files = analysis.report.files.iter();
    let moved = files.filter_map(|file| {
        let rest = file.path.strip_prefix(old).ok()?;
        let target = if rest.as_os_str().is_empty() { new.to_owned() } else { new.join(rest) };
        Some((file.id, file.path.clone(), target))
    });
    moved.collect()
}

/// The folder below which a file has a name.
fn folder_of(path: &Path, name: &str) -> Option<PathBuf> {
    let mut folder = path.to_owned();
    for _ in name.split('/') {
        folder = folder.parent()?.to_owned();
    }
    Some(folder)
}
