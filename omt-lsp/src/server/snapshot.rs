//! What a request works on: everything as it is when its turn comes.

use super::convert;
use super::owner::{Client, path_of};
use crate::ide::document::Changed;
use crate::ide::{Analysis, Document, Place, Position, Range, Text, World};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_lsp::lsp_types::{self as lsp, Url};

/// Everything at one moment.
pub(super) struct Snapshot {
    pub world: World,
    /// By project.
    pub analyses: BTreeMap<PathBuf, Arc<Analysis>>,
    /// By project, an earlier one in which names were looked up.
    pub named: BTreeMap<PathBuf, Arc<Analysis>>,
    /// What changed in a document since it was analysed.
    pub changed: BTreeMap<PathBuf, Changed>,
    pub uris: BTreeMap<PathBuf, Url>,
    pub client: Client,
}

/// A place of a document.
pub(super) struct Here<'s> {
    pub snapshot: &'s Snapshot,
    pub document: &'s Arc<Document>,
    pub analysis: Option<&'s Arc<Analysis>>,
    pub offset: u32,
}

impl Snapshot {
    /// The open document of an address.
    pub fn document(&self, uri: &Url) -> Option<&Arc<Document>> {
        self.world.document(&path_of(uri))
    }

    /// The analysis that a file is part of: of its own project, else of any.
    pub fn analysis(&self, path: &Path) -> Option<&Arc<Analysis>> {
        let own = match &self.client.config.protocol_dir {
            Some(folder) => folder.clone(),
            None => self.world.project_of(path),
        };
        let own = self.analyses.get(&own).filter(|analysis| analysis.sources.contains_key(path));
        own.or_else(|| self.analyses.values().find(|analysis| analysis.sources.contains_key(path)))
    }

    /// The names that a file may know: those of now when they were looked up, else those of before. Nobody who types
    /// waits for them.
    pub fn names(&self, path: &Path) -> Option<&Arc<Analysis>> {
        let now = self.analysis(path)?;
        if now.is_indexed() {
            return Some(now);
        }
        let before = self.named.get(&now.project).filter(|before| before.sources.contains_key(path));
        before.or(Some(now))
    }

    /// A document, open or on disk.
    pub fn any_document(&self, uri: &Url) -> Option<Arc<Document>> {
        if let Some(document) = self.document(uri) {
            return Some(Arc::clone(document));
        }
        let path = path_of(uri);
        let source = self.world.source(&path).ok()?;
        Some(Arc::new(Document::new(path, source.id, 0, Text::new(source.file.shared_text()))))
    }

    /// A place in an open document, unless it is larger than what is read.
    pub fn here(&self, uri: &Url, position: lsp::Position) -> Option<Here<'_>> {
        let document = self.document(uri).filter(|document| !document.is_too_large())?;
        Some(self.at(document, position))
    }

    /// A place in a document.
    pub fn at<'s>(&'s self, document: &'s Arc<Document>, position: lsp::Position) -> Here<'s> {
        let position = Position { line: position.line, column: position.character };
        let offset = document.text.offset(position, self.client.encoding);
        Here { snapshot: self, document, analysis: self.analysis(&document.path), offset }
    }

    /// What the client calls a file.
    pub fn uri(&self, path: &Path) -> Option<Url> {
        self.uris.get(path).cloned().or_else(|| Url::from_file_path(path).ok())
    }

    /// Turns ranges of files into those of the client.
    pub fn places(&self) -> Places<'_> {
        Places { snapshot: self, texts: RefCell::default() }
    }
}

/// Turns ranges of files into those of the client; remembers the lines of files that are not open.
pub(super) struct Places<'s> {
    snapshot: &'s Snapshot,
    texts: RefCell<BTreeMap<PathBuf, Option<Text>>>,
}

impl Places<'_> {
    fn text(&self, path: &Path) -> Option<Text> {
        if let Some(document) = self.snapshot.world.document(path) {
            return Some(document.text.clone());
        }
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let text = self.snapshot.world.source(path).ok().map(|source| Text::new(source.file.shared_text()));
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    pub fn range(&self, path: &Path, range: Range) -> Option<lsp::Range> {
        Some(convert::range(&self.text(path)?, range, self.snapshot.client.encoding))
    }

    pub fn location(&self, place: &Place) -> Option<lsp::Location> {
        let range = self.range(&place.path, place.range)?;
        Some(lsp::Location { uri: self.snapshot.uri(&place.path)?, range })
    }
}
