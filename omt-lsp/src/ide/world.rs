//! The sources as the editor sees them: what is open, and below it what is on disk.

use super::document::{DOCUMENT_BYTES_MAX, Document};
use omtc::source::{DiskSources, FileId, Source, SourceError, SourceProvider};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Names and files that are known for as long as the server runs.
#[derive(Debug, Default)]
pub struct Files {
    ids: Mutex<BTreeMap<PathBuf, FileId>>,
    read: Mutex<BTreeMap<PathBuf, Read>>,
}

/// A file that was read from disk.
#[derive(Debug)]
struct Read {
    modified: Option<SystemTime>,
    length: u64,
    source: Arc<Source>,
}

/// What was written while somebody panicked is whole: every change is one insertion.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    /// The id of a path: always the same.
    pub fn id(&self, path: &Path) -> FileId {
        let mut ids = locked(&self.ids);
        let next = FileId(u32::try_from(ids.len()).unwrap_or(u32::MAX));
        *ids.entry(path.to_owned()).or_insert(next)
    }

    /// A file as it is on disk now; read again only when it was written since.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn on_disk(&self, path: &Path) -> Result<Arc<Source>, SourceError> {
        let forget = |error: SourceError| {
            locked(&self.read).remove(path);
            error
        };
        let meta = std::fs::metadata(path).ok();
        let modified = meta.as_ref().and_then(|meta| meta.modified().ok());
        let length = meta.as_ref().map_or(0, std::fs::Metadata::len);
        if let Some(read) = locked(&self.read).get(path)
            && read.modified == modified
            && read.length == length
            && modified.is_some()
        {
            return Ok(Arc::clone(&read.source));
        }
        if length > u64::from(DOCUMENT_BYTES_MAX) {
            return Err(forget(SourceError::TooLarge(path.to_owned())));
        }
        let bytes = DiskSources.read(path).map_err(forget)?;
        let source = Arc::new(Source::parse(self.id(path), path.display().to_string(), &bytes));
        let read = Read { modified, length, source: Arc::clone(&source) };
        locked(&self.read).insert(path.to_owned(), read);
        Ok(source)
    }

    /// Reads a file again although it looks as before.
    pub fn forget(&self, path: &Path) {
        locked(&self.read).remove(path);
    }
}

/// All sources at one moment. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// What is open, by path.
    pub open: Arc<BTreeMap<PathBuf, Arc<Document>>>,
    /// What is known of the disk.
    pub files: Arc<Files>,
}

impl World {
    /// The document at a path, if it is open.
    pub fn document(&self, path: &Path) -> Option<&Arc<Document>> {
        self.open.get(path)
    }

    /// A file, open or on disk.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn source(&self, path: &Path) -> Result<Arc<Source>, SourceError> {
        match self.open.get(path) {
            Some(document) => Ok(Arc::clone(document.source())),
            None => self.files.on_disk(path),
        }
    }

    /// What a file is analysed with: the nearest enclosing folder that holds `omt.toml` or is called `protocol` or
    /// `protocols`, from which its imports are resolved; without one, the file alone.
    pub fn project_of(&self, path: &Path) -> PathBuf {
        let marked = |folder: &&Path| {
            let name = folder.file_name().and_then(|name| name.to_str());
            matches!(name, Some("protocol" | "protocols")) || folder.join("omt.toml").is_file()
        };
        let found = path.ancestors().skip(1).find(marked);
        found.map_or_else(|| path.to_owned(), Path::to_owned)
    }
}

impl SourceProvider for World {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        match self.open.get(path) {
            Some(document) => Ok(document.text.content().as_bytes().to_vec()),
            None => DiskSources.read(path),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.open.contains_key(path) || DiskSources.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        !self.open.contains_key(path)
            && (DiskSources.is_folder(path) || self.open.keys().any(|open| open.starts_with(path)))
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        let mut names = match DiskSources.list(path) {
            Ok(names) => names,
            Err(error) => {
                if !self.open.keys().any(|open| open.starts_with(path)) {
                    return Err(error);
                }
                Vec::new()
            }
        };
        let open = self.open.keys().filter_map(|open| open.strip_prefix(path).ok()?.components().next());
        names.extend(open.map(|part| part.as_os_str().to_owned()));
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn parsed(&self, path: &Path) -> Option<Result<Arc<Source>, SourceError>> {
        Some(self.source(path))
    }
}
