//! Where outputs go: a trait, an implementation in memory, and the order of writing that leaves nothing half-written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Why outputs could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// The output folder, or something on the way to it, is no folder.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// Its owner does not want it changed.
    #[error("{} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// It is not as it was when it was read: somebody else has changed it meanwhile.
    #[error("{} was changed by somebody else meanwhile; nothing was written", .0.display())]
    Changed(PathBuf),
    /// The operating system refused.
    #[error("cannot {verb} {}: {reason}", .path.display())]
    Io {
        /// `read`, `write`, `rename`, `remove`, `list`.
        verb: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Files that a build writes.
pub trait OutputFiles {
    /// The bytes of a file; none when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, OutputError>;

    /// The files below a folder, at any depth, sorted; empty when there is no such folder.
    ///
    /// # Errors
    /// When a folder cannot be read.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, OutputError>;

    /// Whether a file may be replaced: there is none, or it is not read-only.
    fn is_replaceable(&self, path: &Path) -> bool;

    /// Writes a file, with the folders that lead to it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), OutputError>;

    /// Gives a file another name in one move, replacing what had that name.
    ///
    /// # Errors
    /// When it cannot be renamed.
    fn rename(&mut self, from: &Path, to: &Path) -> Result<(), OutputError>;

    /// Removes a file, and the folders that are empty then; nothing happens when there is no such file.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&mut self, path: &Path) -> Result<(), OutputError>;
}

/// Files held in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    /// What is there.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Paths that cannot be written.
    pub refused: BTreeSet<PathBuf>,
}

impl OutputFiles for MemoryFiles {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, OutputError> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, OutputError> {
        Ok(self.files.keys().filter(|path| path.starts_with(folder)).cloned().collect())
    }

    fn is_replaceable(&self, path: &Path) -> bool {
        !self.refused.contains(path)
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
        if self.refused.iter().any(|refused| path.starts_with(refused)) {
            let reason = "refused".to_owned();
            return Err(OutputError::Io { verb: "write", path: path.to_owned(), reason });
        }
        self.files.insert(path.to_owned(), bytes.to_owned());
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<(), OutputError> {
        if let Some(bytes) = self.files.remove(from) {
            self.files.insert(to.to_owned(), bytes);
        }
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> Result<(), OutputError> {
        self.files.remove(path);
        Ok(())
    }
}

/// Writes several files so that a failure leaves all of them as they were, and an interruption leaves each of them
/// whole: everything is written under other names first, then renamed.
///
/// # Errors
/// When one of them cannot be written; none of them has changed then.
pub fn replace(
    files: &mut dyn OutputFiles,
    changed: &[(PathBuf, &[u8])],
    suffix: &str,
) -> Result<(), OutputError> {
    let temporary = |path: &Path| {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        path.with_file_name(format!(".{name}.{suffix}"))
    };
    if let Some((path, _)) = changed.iter().find(|(path, _)| !files.is_replaceable(path)) {
        return Err(OutputError::ReadOnly(path.clone()));
    }
    for (i, (path, bytes)) in changed.iter().enumerate() {
        if let Err(error) = files.write(&temporary(path), bytes) {
            for (path, _) in changed.iter().take(i.saturating_add(1)) {
                // The first failure is the one to tell about.
                let _ = files.remove(&temporary(path));
            }
            return Err(error);
        }
    }
    for (path, _) in changed {
        files.rename(&temporary(path), path)?;
    }
    Ok(())
}

/// A source that is to be written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Which.
    pub path: PathBuf,
    /// What was read.
    pub before: Vec<u8>,
    /// What is to stand there.
    pub after: String,
}

/// Writes sources anew as [`replace`] does, unless one of them is not any more what was read.
///
/// # Errors
/// When one of them has changed or cannot be written; none of them has changed then by this.
pub fn rewrite(files: &mut dyn OutputFiles, changes: &[Rewrite], suffix: &str) -> Result<(), OutputError> {
    for change in changes {
        if files.read(&change.path)?.as_ref() != Some(&change.before) {
            return Err(OutputError::Changed(change.path.clone()));
        }
    }
    let changed: Vec<(PathBuf, &[u8])> =
        changes.iter().map(|c| (c.path.clone(), c.after.as_bytes())).collect();
    replace(files, &changed, suffix)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn when_one_file_cannot_be_written_none_is() {
        let mut files = MemoryFiles::default();
        files.write(Path::new("out/a"), b"old").unwrap();
        files.refused.insert("out/locked".into());
        let before = files.files.clone();
        let changed: [(PathBuf, &[u8]); 2] = [("out/a".into(), b"new"), ("out/locked/b".into(), b"new")];
        assert!(replace(&mut files, &changed, "tmp").is_err());
        assert_eq!(files.files, before);
        files.refused.clear();
        replace(&mut files, &changed, "tmp").unwrap();
        assert_eq!(files.read(Path::new("out/a")).unwrap().unwrap(), b"new");
        assert_eq!(files.files.len(), 2, "temporary files are left over");
    }

    #[test]
    fn what_somebody_else_changed_is_not_overwritten() {
        let mut files = MemoryFiles::default();
        files.write(Path::new("a"), b"old").unwrap();
        files.write(Path::new("b"), b"newer").unwrap();
        let change = |path: &str| Rewrite { path: path.into(), before: b"old".to_vec(), after: "new".into() };
        let refused = rewrite(&mut files, &[change("a"), change("b")], "tmp");
        assert_eq!(refused, Err(OutputError::Changed("b".into())));
        assert_eq!(files.read(Path::new("a")).unwrap().unwrap(), b"old");
        files.refused.insert("a".into());
        assert_eq!(rewrite(&mut files, &[change("a")], "tmp"), Err(OutputError::ReadOnly("a".into())));
        files.refused.clear();
        rewrite(&mut files, &[change("a")], "tmp").unwrap();
        assert_eq!(files.read(Path::new("a")).unwrap().unwrap(), b"new");
    }
}
