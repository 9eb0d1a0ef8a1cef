//! From roots to trees: reading, parsing, `imports`, `uses`, cycles.

use super::{Options, UnitFile, codes};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, SourceError, SourceMap, SourceProvider, Span};
use crate::syntax::{Comment, ast};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Folders within a root folder are searched no deeper than this: a link that leads back must not trap us.
const FOLDER_DEPTH_MAX: usize = 32;

/// A file with its tree.
pub(super) struct LoadedFile {
    pub id: FileId,
    pub path: PathBuf,
    /// The folder that its `imports` and `uses` are resolved from.
    pub folder: PathBuf,
    pub tree: Arc<ast::File>,
    pub comments: Arc<[Comment]>,
    /// The parser reported an error.
    pub broken: bool,
    /// For each `imports`, in order, the file (unless not found).
    pub imports: Vec<(Span, Option<usize>)>,
    /// Alias, place of the path, the file.
    pub uses: Vec<(String, Span, Option<usize>)>,
    /// As it was parsed.
    pub source: Arc<Source>,
}

impl LoadedFile {
    /// As others see it; its name is that below a folder.
    pub fn of_unit(&self, folder: &Path) -> UnitFile {
        UnitFile {
            id: self.id,
            path: self.path.clone(),
            name: super::name_below(folder, &self.path),
            tree: self.tree.clone(),
            comments: self.comments.clone(),
        }
    }
}

/// Everything that was read.
pub(super) struct Loaded {
    pub files: Vec<LoadedFile>,
    pub roots: Vec<usize>,
    pub sources: SourceMap,
    pub diagnostics: Vec<Diagnostic>,
    /// Errors that were found and not kept.
    pub dropped: usize,
    /// Whether old files are given a meaning ([`Options::lenient`]).
    pub lenient: bool,
    /// Whether specifications are wanted ([`Options::specify`]).
    pub specify: bool,
    /// Files that take part in a cycle of imports.
    pub cyclic: BTreeSet<usize>,
}

impl Loaded {
    /// A file with everything it imports, itself first, then in the order of the imports, each once.
    pub fn with_imports(&self, root: usize) -> Vec<usize> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        let mut stack = vec![root];
        while let Some(index) = stack.pop() {
            if !seen.insert(index) {
                continue;
            }
            order.push(index);
            if let Some(file) = self.files.get(index) {
                stack.extend(file.imports.iter().rev().filter_map(|(_, target)| *target));
            }
        }
        order
    }
}

pub(super) struct Loader<'p> {
    provider: &'p dyn SourceProvider,
    options: &'p Options,
    loaded: Loaded,
    by_path: BTreeMap<PathBuf, Option<usize>>,
}

impl<'p> Loader<'p> {
    pub fn new(provider: &'p dyn SourceProvider, options: &'p Options) -> Self {
        let loaded = Loaded {
            files: Vec::new(),
            roots: Vec::new(),
            sources: SourceMap::new(),
            diagnostics: Vec::new(),
            dropped: 0,
            lenient: options.lenient,
            specify: options.specify,
            cyclic: BTreeSet::new(),
        };
        Loader { provider, options, loaded, by_path: BTreeMap::new() }
    }

    /// A file, or a folder whose `.omt` files are roots.
    pub fn root(&mut self, path: &Path) {
        let path = normal(path);
        if self.provider.is_folder(here(&path)) {
            let mut files = Vec::new();
            self.folder(&path, 0, &mut files);
            if files.is_empty() {
                self.unreadable(&path, &format!("there is no .omt file below {}", path.display()));
            }
            for file in files {
                self.root_file(&file);
            }
        } else {
            self.root_file(&path);
        }
    }

    fn root_file(&mut self, path: &Path) {
        if let Some(index) = self.file(path, None)
            && !self.loaded.roots.contains(&index)
        {
            self.loaded.roots.push(index);
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
        if depth > FOLDER_DEPTH_MAX {
            return;
        }
        let names = match self.provider.list(here(folder)) {
            Ok(names) => names,
            Err(error) => {
                self.unreadable(folder, &error.to_string());
                return;
            }
        };
        for name in names {
            let path = folder.join(&name);
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if self.provider.is_folder(&path) {
                self.folder(&path, depth.saturating_add(1), files);
            } else if path.extension().is_some_and(|e| e == "omt") {
                files.push(path);
            }
        }
    }

    /// Loads a file with everything it needs, once.
    fn file(&mut self, path: &Path, wanted_at: Option<Span>) -> Option<usize> {
        // A list of work instead of recursion: chains of imports may be long.
        let first = self.read(path, wanted_at)?;
        let mut work = vec![first];
        while let Some(index) = work.pop() {
            let Some(file) = self.loaded.files.get(index) else { continue };
            if file.imports.len() + file.uses.len() > 0 {
                continue;
            }
            let (tree, folder) = (Arc::clone(&file.tree), file.folder.clone());
            let mut imports = Vec::new();
            let mut uses = Vec::new();
            for decl in &tree.decls {
                match decl {
                    ast::Decl::Imports(d) => {
                        let target = self.resolve(&folder, &d.path);
                        work.extend(target);
                        imports.push((d.path.span, target));
                    }
                    ast::Decl::Uses(d) => {
                        let target = self.resolve(&folder, &d.path);
                        work.extend(target);
                        uses.push((d.alias.text.clone(), d.path.span, target));
                    }
                    ast::Decl::Transaction(_)
                    | ast::Decl::Parameters(_)
                    | ast::Decl::Enum(_)
                    | ast::Decl::Struct(_)
                    | ast::Decl::Message(_)
                    | ast::Decl::Block(_)
                    | ast::Decl::View(_)
                    | ast::Decl::Actor(_)
                    | ast::Decl::Function(_)
                    | ast::Decl::Native(_)
                    | ast::Decl::Task(_)
                    | ast::Decl::Property(_)
                    | ast::Decl::Scenario(_) => {}
                }
            }
            if let Some(file) = self.loaded.files.get_mut(index) {
                file.imports = imports;
                file.uses = uses;
            }
        }
        Some(first)
    }

    /// `X` is `X.omt` or `X/transaction.omt`.
    fn resolve(&mut self, folder: &Path, path: &ast::Path) -> Option<usize> {
        let text = path.text();
        let plain = normal(&folder.join(format!("{text}.omt")));
        let inner = normal(&folder.join(&text).join("transaction.omt"));
        for candidate in [&plain, &inner] {
            if self.provider.is_file(candidate) {
                return self.read(candidate, Some(path.span));
            }
        }
        let known = self.known_paths(folder);
        self.loaded.diagnostics.push(
            Diagnostic::new(codes::IMPORT_NOT_FOUND, path.span, format!("there is no file {text}"))
                .with_label("neither of the two files exists")
                .with_note(format!("looked for {} and {}", plain.display(), inner.display()))
                .with_did_you_mean(&text, known.iter().map(String::as_str)),
        );
        None
    }

    /// What could have been meant by a path.
    fn known_paths(&mut self, folder: &Path) -> Vec<String> {
        let mut files = Vec::new();
        let before = self.loaded.diagnostics.len();
        self.folder(folder, 0, &mut files);
        self.loaded.diagnostics.truncate(before);
        let name = |f: &PathBuf| {
            let name = super::name_below(folder, f);
            name.strip_suffix("/transaction").map_or(name.clone(), str::to_owned)
        };
        files.iter().map(name).collect()
    }

    fn read(&mut self, path: &Path, wanted_at: Option<Span>) -> Option<usize> {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        let source = match self.provider.parsed(path) {
            Some(kept) => kept,
            None => self.provider.read(path).map(|bytes| {
                let id = FileId(u32::try_from(self.loaded.sources.iter().count()).unwrap_or(u32::MAX));
                Arc::new(Source::parse(id, path.display().to_string(), &bytes))
            }),
        };
        let source = match source {
            Ok(source) => source,
            Err(error) => {
                self.by_path.insert(path.to_owned(), None);
                match wanted_at {
                    Some(span) => self.loaded.diagnostics.push(
                        Diagnostic::new(codes::UNREADABLE, span, error.to_string()).with_label("wanted here"),
                    ),
                    None => self.missing(path, &error),
                }
                return None;
            }
        };
        self.loaded.sources.put(source.id, source.file.clone());
        let index = self.loaded.files.len();
        self.loaded.dropped = self.loaded.dropped.saturating_add(source.dropped);
        let broken = crate::diagnostic::has_errors(&source.diagnostics);
        self.loaded.diagnostics.extend(source.diagnostics.iter().cloned());
        self.loaded.files.push(LoadedFile {
            id: source.id,
            path: path.to_owned(),
            folder: self.folder_of(path),
            tree: Arc::clone(&source.tree),
            comments: Arc::clone(&source.comments),
            broken,
            imports: Vec::new(),
            uses: Vec::new(),
            source,
        });
        self.by_path.insert(path.to_owned(), Some(index));
        Some(index)
    }

    fn missing(&mut self, path: &Path, error: &SourceError) {
        self.unreadable(path, &error.to_string());
    }

    /// A finding about a path that is no source: it is shown at the start of an empty file of that name.
    fn unreadable(&mut self, path: &Path, message: &str) {
        let id = self.loaded.sources.add(path.display().to_string(), "");
        self.loaded.diagnostics.push(Diagnostic::new(codes::UNREADABLE, Span::new(id, 0, 0), message));
    }

    /// The nearest enclosing folder that holds `omt.toml` or is called `protocol` or `protocols`, else the
    /// file's own.
    fn folder_of(&self, path: &Path) -> PathBuf {
        if let Some(folder) = &self.options.protocol_folder {
            return normal(folder);
        }
        let own = path.parent().map(Path::to_owned).unwrap_or_default();
        let marked = |folder: &&Path| {
            let name = folder.file_name().and_then(|n| n.to_str());
            matches!(name, Some("protocol" | "protocols")) || self.provider.is_file(&folder.join("omt.toml"))
        };
        own.ancestors().find(marked).map(Path::to_owned).unwrap_or(own.clone())
    }

    pub fn finish(mut self) -> Loaded {
        report_cycles(&mut self.loaded);
        self.loaded
    }
}

/// The current folder has no name after [`normal`]; the system wants one.
fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Without `.`, and with `..` taken off what it can be taken off.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                out.push(part);
            }
        }
    }
    out
}

/// Depth-first search with colours; each cycle is reported once, at the import that closes it.
fn report_cycles(loaded: &mut Loaded) {
    #[derive(Clone, Copy, PartialEq)]
    enum Colour {
        White,
        Grey,
        Black,
    }
    let mut colours = vec![Colour::White; loaded.files.len()];
    let mut found = Vec::new();
    for start in 0..loaded.files.len() {
        if colours.get(start) != Some(&Colour::White) {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        set(&mut colours, start, Colour::Grey);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let edge = loaded.files.get(node).and_then(|f| f.imports.get(*next).copied());
            *next = next.saturating_add(1);
            match edge {
                None => {
                    set(&mut colours, node, Colour::Black);
                    path.pop();
                }
                Some((_, None)) => {}
                Some((span, Some(target))) => match colours.get(target) {
                    Some(Colour::White) => {
                        set(&mut colours, target, Colour::Grey);
                        path.push((target, 0));
                    }
                    Some(Colour::Grey) => {
                        let cycle: Vec<(usize, usize)> =
                            path.iter().copied().skip_while(|(n, _)| *n != target).collect();
                        found.push((span, cycle));
                    }
                    Some(Colour::Black) | None => {}
                },
            }
        }
    }
    fn set(colours: &mut [Colour], index: usize, colour: Colour) {
        if let Some(slot) = colours.get_mut(index) {
            *slot = colour;
        }
    }
    for (span, cycle) in found {
        let name = |index: usize| {
            loaded.files.get(index).map_or(String::new(), |f| super::name_below(&f.folder, &f.path))
        };
        let mut names: Vec<String> = cycle.iter().map(|(n, _)| name(*n)).collect();
        names.extend(cycle.first().map(|(n, _)| name(*n)));
        let mut diagnostic = Diagnostic::new(
            codes::IMPORT_CYCLE,
            span,
            format!("these files import each other: {}", names.join(" → ")),
        )
        .with_label("this import closes the cycle")
        .with_note("what a file imports is part of it, and no file can be part of itself")
        .with_help("move what both need into a third file and import that");
        for (node, next) in cycle.iter().take(cycle.len().saturating_sub(1)) {
            let edge = loaded.files.get(*node).and_then(|f| f.imports.get(next.saturating_sub(1)).copied());
            if let Some((at, Some(target))) = edge {
                diagnostic = diagnostic.with_secondary(at, format!("imports {}", name(target)));
            }
        }
        loaded.cyclic.extend(cycle.iter().map(|(n, _)| *n));
        loaded.diagnostics.push(diagnostic);
    }
}
