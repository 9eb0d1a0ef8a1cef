//! Sources and positions in them.
//!
//! The library opens no file: whoever uses it hands in a [`SourceProvider`]. [`MemorySources`] serves tests
//! and editors, [`DiskSources`] the command line.

use crate::diagnostic::Diagnostic;
use crate::syntax::{self, Comment, ast};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest source file that is read, in bytes. Far above any protocol (the largest has some 20 kB), and
/// low enough that positions fit in 32 bits and a mistaken path cannot exhaust the memory.
pub const SOURCE_BYTES_MAX: usize = 64 << 20;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in a file, `start` inclusive, `end` exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of a file.
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end: end.max(start) }
    }

    /// From the start of this one to the end of the other, which is in the same file.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span before it.
    #[must_use]
    pub fn before(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span after it.
    #[must_use]
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }

    /// Whether the byte offset lies in it, or right after it (a cursor).
    pub fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// Its length in bytes.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it has no bytes.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A place as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// One source text with its name.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    /// Byte offset at which each line starts; the first is 0, or the end of a byte order mark.
    line_starts: Arc<[u32]>,
    /// How many characters begin before each block of [`BLOCK_BYTES`].
    blocks: Arc<[u32]>,
}

/// Characters are counted ahead for blocks of this size, so that a place in a file that is one long line is found
/// as quickly as any other.
const BLOCK_BYTES: usize = 4096;

impl SourceFile {
    /// A text under a name. Cheap to clone from then on.
    pub fn new(name: String, text: Arc<str>) -> SourceFile {
        let mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let mut line_starts = vec![offset_u32(mark)];
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((i, byte)) = bytes.next() {
            // A line ends with LF, CR, or both.
            let ends =
                byte == b'\n' || (byte == b'\r' && bytes.peek().is_none_or(|(_, next)| *next != b'\n'));
            if ends {
                line_starts.push(offset_u32(i.saturating_add(1)));
            }
        }
        let mut count: usize = 0;
        let mut blocks = Vec::new();
        for block in text.as_bytes().chunks(BLOCK_BYTES) {
            blocks.push(offset_u32(count));
            count = count.saturating_add(characters(block));
        }
        // For the end of a text that fills its last block.
        blocks.push(offset_u32(count));
        SourceFile { name, text, line_starts: line_starts.into(), blocks: blocks.into() }
    }

    /// How many characters begin before a byte offset.
    fn characters_before(&self, offset: u32) -> usize {
        let block = (offset as usize) / BLOCK_BYTES;
        let begin = block.saturating_mul(BLOCK_BYTES);
        let rest = self.text.as_bytes().get(begin..offset as usize).unwrap_or(&[]);
        (self.blocks.get(block).copied().unwrap_or(0) as usize).saturating_add(characters(rest))
    }

    /// The path or name under which messages show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, to be kept.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Line and column of a byte offset; offsets past the end count as the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(offset_u32(self.text.len()));
        let index = self.line_starts.partition_point(|s| *s <= offset).saturating_sub(1);
        let start = self.line_starts.get(index).copied().unwrap_or(0);
        let column = if (offset.saturating_sub(start) as usize) < BLOCK_BYTES {
            characters(self.text.as_bytes().get(start as usize..offset as usize).unwrap_or(&[]))
        } else {
            self.characters_before(offset).saturating_sub(self.characters_before(start))
        };
        Position { line: offset_u32(index).saturating_add(1), column: offset_u32(column).saturating_add(1) }
    }

    /// The byte offset of a position; past the end of a line counts as its end.
    pub fn offset(&self, position: Position) -> u32 {
        let index = position.line.saturating_sub(1) as usize;
        let Some(start) = self.line_starts.get(index).copied() else {
            return offset_u32(self.text.len());
        };
        let line = self.line(position.line);
        let column = position.column.saturating_sub(1) as usize;
        let within = line.char_indices().nth(column).map_or(line.len(), |(i, _)| i);
        start.saturating_add(offset_u32(within))
    }

    /// The text of a line (from 1) without its line end; empty when there is no such line.
    pub fn line(&self, line: u32) -> &str {
        let index = line.saturating_sub(1) as usize;
        let Some(start) = self.line_starts.get(index).copied() else { return "" };
        let end = self.line_starts.get(index.saturating_add(1)).map_or(self.text.len(), |e| *e as usize);
        let line = self.text.get(start as usize..end).unwrap_or("");
        line.trim_end_matches(['\n', '\r'])
    }

    /// How many lines it has; an empty file has one.
    pub fn line_count(&self) -> u32 {
        offset_u32(self.line_starts.len())
    }

    /// The text of a span; empty when it does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// How many characters begin in some bytes; an end inside of one is no problem.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count()
}

fn offset_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// All sources of one run.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a text under a name and gives its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(offset_u32(self.files.len()));
        self.files.push(SourceFile::new(name.into(), text.into()));
        id
    }

    /// Puts a file under an id of its own. Ids between the last one and this one stand for empty files until they are
    /// put, too.
    pub fn put(&mut self, id: FileId, file: SourceFile) {
        while self.files.len() <= id.0 as usize {
            self.files.push(SourceFile::new(String::new(), "".into()));
        }
        if let Some(slot) = self.files.get_mut(id.0 as usize) {
            *slot = file;
        }
    }

    /// A file that was added.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The file of that name.
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|f| f.name == name).map(|i| FileId(offset_u32(i)))
    }

    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(offset_u32(i)), f))
    }

    /// The text of a span; empty when there is none.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |f| f.slice(span))
    }

    /// Name, line and column of the start of a span, as `name:line:column`.
    pub fn place(&self, span: Span) -> String {
        match self.get(span.file) {
            Some(f) => {
                let p = f.position(span.start);
                format!("{}:{}:{}", f.name(), p.line, p.column)
            }
            None => "?".to_owned(),
        }
    }
}

/// Why a source could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is nothing under that path.
    #[error("there is no file {}", .0.display())]
    NotFound(PathBuf),
    /// It is a directory.
    #[error("{} is a folder, not a file", .0.display())]
    IsFolder(PathBuf),
    /// It is a pipe, a device, or something else that is not read as a whole.
    #[error("{} is no file that can be read as a whole", .0.display())]
    NotAFile(PathBuf),
    /// It is larger than [`SOURCE_BYTES_MAX`].
    #[error("{} is larger than {} MiB", .0.display(), SOURCE_BYTES_MAX >> 20)]
    TooLarge(PathBuf),
    /// The operating system refused.
    #[error("cannot read {}: {reason}", .path.display())]
    Io {
        /// What was asked for.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// A file that was read and parsed.
#[derive(Debug)]
pub struct Source {
    /// Stands in all spans.
    pub id: FileId,
    /// Its name and text.
    pub file: SourceFile,
    /// Its tree.
    pub tree: Arc<ast::File>,
    /// Its comments.
    pub comments: Arc<[Comment]>,
    /// What its words and its grammar alone tell.
    pub diagnostics: Vec<Diagnostic>,
    /// Errors that were found and not kept, because there are so many.
    pub dropped: usize,
}

impl Source {
    /// Reads a file from its bytes.
    pub fn parse(id: FileId, name: String, bytes: &[u8]) -> Source {
        let (text, wrong) = syntax::decode(id, bytes);
        Source::of_text(id, name, text.into(), wrong)
    }

    /// Reads a text; `wrong` is what is to be said about its bytes.
    pub fn of_text(id: FileId, name: String, text: Arc<str>, wrong: Option<Diagnostic>) -> Source {
        let mut parsed = syntax::parse(id, &text);
        parsed.diagnostics.extend(wrong);
        Source {
            id,
            file: SourceFile::new(name, text),
            tree: Arc::new(parsed.file),
            comments: parsed.comments.into(),
            diagnostics: parsed.diagnostics,
            dropped: parsed.dropped,
        }
    }
}

/// Where sources come from.
pub trait SourceProvider {
    /// The bytes of a file. Not decoded: that they are valid UTF-8 is for `crate::syntax::decode` to say,
    /// with a position.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError>;

    /// Whether there is a file under that path.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether there is a folder under that path.
    fn is_folder(&self, path: &Path) -> bool;

    /// The names in a folder, sorted, without links to other folders: who looks through a tree must come to an end.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError>;

    /// The file, if it has been read and parsed already: whoever analyses the same sources again and again keeps them.
    /// All files of one provider then have different ids.
    fn parsed(&self, _path: &Path) -> Option<Result<Arc<Source>, SourceError>> {
        None
    }
}

/// Sources held in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct MemorySources {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemorySources {
    /// Without files.
    pub fn new() -> MemorySources {
        MemorySources::default()
    }

    /// With one more file; an earlier one of that path is replaced.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> MemorySources {
        self.insert(path, text);
        self
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) {
        self.files.insert(clean(&path.into()), text.into());
    }
}

/// Without `.` segments, so that `./a` and `a` are one file.
fn clean(path: &Path) -> PathBuf {
    path.components().filter(|c| !matches!(c, std::path::Component::CurDir)).collect()
}

impl SourceProvider for MemorySources {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        match self.files.get(&clean(path)) {
            Some(text) => Ok(text.clone()),
            None if self.is_folder(path) => Err(SourceError::IsFolder(path.to_owned())),
            None => Err(SourceError::NotFound(path.to_owned())),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&clean(path))
    }

    fn is_folder(&self, path: &Path) -> bool {
        let path = clean(path);
        self.files.keys().any(|f| *f != path && f.starts_with(&path))
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        let path = clean(path);
        let mut names: Vec<OsString> = self
            .files
            .keys()
            .filter_map(|f| f.strip_prefix(&path).ok()?.components().next())
            .map(|c| c.as_os_str().to_owned())
            .collect();
        names.dedup();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// Sources that were read before anybody asks: whoever asks then gets these bytes, and not what somebody else has
/// written meanwhile.
pub struct ReadAhead<'a> {
    provider: &'a dyn SourceProvider,
    read: RefCell<BTreeMap<PathBuf, Vec<u8>>>,
}

impl<'a> ReadAhead<'a> {
    /// Reads nothing yet.
    pub fn new(provider: &'a dyn SourceProvider) -> ReadAhead<'a> {
        ReadAhead { provider, read: RefCell::default() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn ahead(&self, path: &Path) -> Result<(), SourceError> {
        let bytes = self.provider.read(path)?;
        self.insert(path, bytes);
        Ok(())
    }

    /// A file whose text comes from elsewhere.
    pub fn insert(&self, path: &Path, bytes: Vec<u8>) {
        self.read.borrow_mut().insert(clean(path), bytes);
    }

    /// Whether a file has been read.
    pub fn is_ahead(&self, path: &Path) -> bool {
        self.read.borrow().contains_key(&clean(path))
    }
}

impl SourceProvider for ReadAhead<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        match self.read.borrow().get(&clean(path)) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.provider.read(path),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.is_ahead(path) || self.provider.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        !self.is_ahead(path) && self.provider.is_folder(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        self.provider.list(path)
    }
}

/// Sources on the file system, relative to the current folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskSources;

impl SourceProvider for DiskSources {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        let io = |e: std::io::Error| {
            if e.kind() == std::io::ErrorKind::NotFound {
                SourceError::NotFound(path.to_owned())
            } else {
                SourceError::Io { path: path.to_owned(), reason: e.to_string() }
            }
        };
        let meta = std::fs::metadata(path).map_err(io)?;
        if meta.is_dir() {
            return Err(SourceError::IsFolder(path.to_owned()));
        }
        // Reading a pipe or a device might never end.
        if !meta.is_file() {
            return Err(SourceError::NotAFile(path.to_owned()));
        }
        let mut bytes = Vec::new();
        // The file may grow while it is read.
        let limit = SOURCE_BYTES_MAX as u64 + 1;
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(io)?;
        if bytes.len() > SOURCE_BYTES_MAX {
            return Err(SourceError::TooLarge(path.to_owned()));
        }
        Ok(bytes)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        let io = |e: std::io::Error| SourceError::Io { path: path.to_owned(), reason: e.to_string() };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path).map_err(io)? {
            let entry = entry.map_err(io)?;
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if !(is_link && entry.path().is_dir()) {
                names.push(entry.file_name());
            }
        }
        names.sort();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn positions_count_characters_and_survive_odd_offsets() {
        let mut map = SourceMap::new();
        let id = map.add("a.omt", "é = 1\nx\r\n\nlast");
        let file = map.get(id).unwrap();
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(2), Position { line: 1, column: 2 });
        assert_eq!(file.position(7), Position { line: 2, column: 1 });
        assert_eq!(file.position(9_999), Position { line: 4, column: 5 });
        assert_eq!(file.line(2), "x");
        assert_eq!(file.line(9), "");
        assert_eq!(file.offset(Position { line: 1, column: 2 }), 2);
        assert_eq!(file.offset(Position { line: 2, column: 99 }), 8);
        assert_eq!(map.place(Span::new(id, 12, 13)), "a.omt:4:2");
    }

    #[test]
    fn a_byte_order_mark_is_no_column_and_a_line_may_end_with_a_carriage_return() {
        let mut map = SourceMap::new();
        let id = map.add("a.omt", "\u{FEFF}ab\rcd\r\n\tef\r");
        let file = map.get(id).unwrap();
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(3), Position { line: 1, column: 1 });
        assert_eq!(file.position(4), Position { line: 1, column: 2 });
        assert_eq!(file.position(6), Position { line: 2, column: 1 });
        assert_eq!(file.position(11), Position { line: 3, column: 2 });
        assert_eq!((file.line(1), file.line(2), file.line(3), file.line(4)), ("ab", "cd", "\tef", ""));
        assert_eq!(file.offset(Position { line: 1, column: 2 }), 4);
    }

    #[test]
    fn places_in_a_long_line_are_those_of_counting() {
        let line: String = (0..5_000).map(|n| ["a", "é", "漢", "🦀"][n % 4]).collect();
        let mut map = SourceMap::new();
        let id = map.add("a.omt", format!("x\n{line}"));
        let file = map.get(id).unwrap();
        for (column, (at, _)) in line.char_indices().enumerate() {
            let expected = Position { line: 2, column: column as u32 + 1 };
            assert_eq!(file.position(at as u32 + 2), expected);
        }
        assert_eq!(file.position(u32::MAX), Position { line: 2, column: 5_001 });
    }

    #[test]
    fn memory_sources_know_files_and_folders() {
        let sources = MemorySources::new().with("p/a.omt", "1").with("./p/q/b.omt", "2");
        assert_eq!(sources.read(Path::new("./p/a.omt")), Ok(b"1".to_vec()));
        assert_eq!(sources.read(Path::new("p")), Err(SourceError::IsFolder("p".into())));
        assert_eq!(sources.read(Path::new("x")), Err(SourceError::NotFound("x".into())));
        assert!(sources.is_folder(Path::new("p/q")) && !sources.is_folder(Path::new("p/a.omt")));
        assert_eq!(sources.list(Path::new("p")).unwrap(), ["a.omt", "q"]);
    }

    #[test]
    fn disk_sources_tell_why_they_cannot_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("b.omt"), [0xFF]).unwrap();
        std::fs::write(dir.path().join("a.omt"), "x").unwrap();
        assert_eq!(DiskSources.list(dir.path()).unwrap(), ["a.omt", "b.omt"]);
        assert_eq!(DiskSources.read(&dir.path().join("b.omt")), Ok(vec![0xFF]));
        assert!(matches!(DiskSources.read(dir.path()), Err(SourceError::IsFolder(_))));
        assert!(matches!(DiskSources.read(&dir.path().join("c")), Err(SourceError::NotFound(_))));
    }
}
