//! OLD and NEW: where they come from, and what they hold.

use super::git::{Repository, Revision, plain};
use crate::build::find_sources;
use crate::cli::System;
use crate::diagnostic::{self, Diagnostic, Renderer};
use crate::diff;
use crate::sema::{self, Unit, UnitFile};
use crate::source::{ReadAhead, SourceMap, SourceProvider, Span};
use crate::syntax::ast::Decl;
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Findings of a side that cannot be compared: whoever repairs it runs `omtc check`.
const FINDINGS_MAX: usize = 20;

/// What stands on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A file or folder on disk.
    Path(PathBuf),
    /// `REV` or `REV:PATH`.
    Revision {
        /// Before the colon.
        name: String,
        /// Behind it.
        path: Option<String>,
    },
}

impl Operand {
    /// Something that exists on disk is a path; anything else may be a revision.
    ///
    /// # Errors
    /// It can be neither.
    pub fn read(text: &OsStr, sources: &dyn SourceProvider) -> Result<Operand, String> {
        let path = PathBuf::from(text);
        if sources.is_file(&path) || sources.is_folder(&path) {
            return Ok(Operand::Path(path));
        }
        let Some(text) = text.to_str() else {
            return Err(format!("there is no file or folder {}", path.display()));
        };
        let (name, path) = match text.split_once(':') {
            Some((name, path)) => (name, Some(path.to_owned())),
            None => (text, None),
        };
        if name.is_empty() {
            return Err(format!("there is no file or folder {text}; before the colon a revision is missing"));
        }
        if name.starts_with('-') {
            return Err(format!("there is no file or folder {text}, and no revision begins with `-`"));
        }
        Ok(Operand::Revision { name: name.to_owned(), path })
    }
}

/// One side, read and analysed.
pub struct Loaded {
    /// As a person calls it.
    pub label: String,
    units: Vec<Unit>,
    files: Vec<UnitFile>,
    sources: SourceMap,
    whole: bool,
    /// Rendered errors, if there are some.
    pub errors: Option<String>,
    /// Its properties or scenarios have errors, and nothing else has.
    pub excused: bool,
    /// Sources of a folder in which the errors lie, below that folder.
    broken: BTreeMap<PathBuf, Arc<str>>,
}

impl Loaded {
    /// Sources that have errors on both sides, and are the same.
    pub fn broken_alike(&self, other: &Loaded) -> BTreeSet<PathBuf> {
        let alike = |(path, text): (&PathBuf, &Arc<str>)| other.broken.get(path) == Some(text);
        self.broken.iter().filter(|&it| alike(it)).map(|(path, _)| path.clone()).collect()
    }

    /// What is compared.
    pub fn side(&self) -> diff::Side<'_> {
        diff::Side { units: &self.units, files: &self.files, sources: &self.sources, whole: self.whole }
    }
}

/// How sides are read.
pub struct Reader<'a> {
    /// The world.
    pub system: &'a dyn System,
    /// How both are analysed.
    pub options: sema::Options,
    /// Whether errors are shown in colours.
    pub color: bool,
    /// Sources of a folder that are not looked at, below that folder.
    pub left_out: BTreeSet<PathBuf>,
}

impl Reader<'_> {
    /// Reads one side; `other` says where a revision without a path looks.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn load(&self, operand: &Operand, other: &Operand) -> Result<Loaded, String> {
        match operand {
            Operand::Path(path) => {
                let disk = self.system.sources();
                self.analysed(&*disk, path, &self.options, String::new(), path.display().to_string())
            }
            Operand::Revision { name, path } => {
                let (repository, path) = self.find(name, path.as_deref(), other)?;
                let revision = repository.revision(name)?;
                revision.has(&path)?;
                let options = sema::Options {
                    protocol_folder: match &self.options.protocol_folder {
                        Some(folder) => Some(inside(&repository, folder)?),
                        None => None,
                    },
                    ..self.options.clone()
                };
                let shown = path.display().to_string();
                let label = if shown.is_empty() { name.clone() } else { format!("{name}:{shown}") };
                self.revision(&revision, &path, &options, label)
            }
        }
    }

    fn revision(
        &self,
        revision: &Revision<'_>,
        path: &Path,
        options: &sema::Options,
        label: String,
    ) -> Result<Loaded, String> {
        self.analysed(revision, path, options, format!("{}:", revision.name), label)
    }

    /// Where the sources of a revision lie: behind the colon as git reads it (from the top, or from here with `./`), else
    /// where the other side lies, else here.
    fn find(
        &self,
        name: &str,
        path: Option<&str>,
        other: &Operand,
    ) -> Result<(Repository<'_>, PathBuf), String> {
        let here = Path::new(".");
        let outside = |path: &Path| format!("{} lies outside of the git repository", path.display());
        match (path, other) {
            (Some(text), _) => {
                let repository = Repository::of(self.system, here, name)?;
                let path = Path::new(text);
                let path = if text.starts_with("./") || text.starts_with("../") || text == "." || text == ".."
                {
                    repository.below_top(path).ok_or_else(|| outside(path))?
                } else {
                    path.to_owned()
                };
                Ok((repository, path))
            }
            (None, Operand::Path(path)) => {
                let is_folder = self.system.sources().is_folder(path);
                let folder = if is_folder { Some(path.as_path()) } else { path.parent() };
                let folder = folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or(here);
                let repository = Repository::of(self.system, folder, name)?;
                let rest = if is_folder { None } else { path.file_name() };
                let path = repository
                    .below_top(rest.map_or(Path::new(""), Path::new))
                    .ok_or_else(|| outside(path))?;
                Ok((repository, path))
            }
            (None, Operand::Revision { path: Some(path), .. }) => self.find(name, Some(path.as_str()), other),
            (None, Operand::Revision { path: None, .. }) => {
                let repository = Repository::of(self.system, here, name)?;
                let path = repository.below_top(Path::new("")).unwrap_or_default();
                Ok((repository, path))
            }
        }
    }

    fn analysed(
        &self,
        provider: &dyn SourceProvider,
        path: &Path,
        options: &sema::Options,
        prefix: String,
        label: String,
    ) -> Result<Loaded, String> {
        if path.extension() == Some(&OsString::from("omtp")) && provider.is_file(path) {
            return packed(provider, path, &prefix, label);
        }
        let whole = provider.is_folder(path);
        let provider = ReadAhead::new(provider);
        let mut roots = find_sources(&provider, &[path.to_owned()]).map_err(|e| format!("{label}: {e}"))?;
        let folder = plain(path);
        let below = |root: &Path| root.strip_prefix(&folder).map(Path::to_owned).unwrap_or_default();
        roots.retain(|root| !whole || !self.left_out.contains(&below(root)));
        for root in &roots {
            provider.ahead(root).map_err(|e| format!("{label}: {e}"))?;
        }
        let mut analyzed = sema::analyze_with(&provider, &roots, options);
        let mut excused = false;
        if let Some(bare) = without_claims(&analyzed) {
            for (path, text) in bare {
                provider.insert(&path, text);
            }
            let again = sema::analyze_with(&provider, &roots, options);
            if !again.has_errors() {
                for (unit, bare) in analyzed.units.iter_mut().zip(again.units) {
                    unit.protocol = bare.protocol;
                }
                analyzed.diagnostics.retain(|d| !d.is_error());
                excused = true;
            }
        }
        // Places name the revision, too.
        let mut sources = SourceMap::new();
        for (_, file) in analyzed.sources.iter() {
            sources.add(format!("{prefix}{}", file.name().replace('\\', "/")), file.text());
        }
        let errors = analyzed.has_errors().then(|| {
            let mut renderer = Renderer::new(&sources, self.color);
            let wrong = analyzed.diagnostics.iter().filter(|d| d.is_error());
            let mut text: String =
                wrong.clone().take(FINDINGS_MAX).map(|d| format!("{}\n", renderer.render(d))).collect();
            let more = wrong.count().saturating_add(analyzed.dropped).saturating_sub(FINDINGS_MAX);
            if more > 0 {
                text.push_str(&format!("… and {more} more\n"));
            }
            text
        });
        let broken: BTreeMap<PathBuf, Arc<str>> = analyzed
            .files
            .iter()
            .filter(|file| {
                whole && analyzed.diagnostics.iter().any(|d| d.is_error() && d.span().file == file.id)
            })
            .filter_map(|file| Some((below(&file.path), Arc::from(analyzed.sources.get(file.id)?.text()))))
            .collect();
        debug_assert!(errors.is_some() == diagnostic::has_errors(&analyzed.diagnostics), "one word for both");
        Ok(Loaded {
            label,
            units: analyzed.units,
            files: analyzed.files,
            sources,
            whole,
            errors,
            excused,
            broken,
        })
    }
}

/// The sources without properties and scenarios, every other character in its place, if all errors are in these: they were
/// written for an earlier compiler, and no machine needs them.
fn without_claims(analyzed: &sema::Analyzed) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let claims = |file: &UnitFile| -> Vec<Span> {
        let claim = |decl: &&Decl| matches!(decl, Decl::Property(_) | Decl::Scenario(_));
        file.tree.decls.iter().filter(claim).map(Decl::span).collect()
    };
    let spans: Vec<Span> = analyzed.files.iter().flat_map(claims).collect();
    let mut errors = analyzed.diagnostics.iter().filter(|d| d.is_error()).map(Diagnostic::span).peekable();
    let excused =
        |at: Span| spans.iter().any(|s| s.file == at.file && s.start <= at.start && at.end <= s.end);
    errors.peek()?;
    if analyzed.dropped > 0 || !errors.all(excused) {
        return None;
    }
    let bare = |file: &UnitFile| {
        let mut text = analyzed.sources.get(file.id)?.text().as_bytes().to_vec();
        for span in claims(file) {
            for byte in text.get_mut(span.start as usize..span.end as usize)? {
                if *byte != b'\n' && *byte != b'\r' {
                    *byte = b' ';
                }
            }
        }
        Some((file.path.clone(), text))
    };
    analyzed.files.iter().map(bare).collect()
}

/// The protocol folder of the command line, in a revision.
fn inside(repository: &Repository<'_>, folder: &Path) -> Result<PathBuf, String> {
    repository.below_top(folder).ok_or_else(|| {
        format!(
            "the protocol folder {} lies outside of the git repository: name it from here",
            folder.display()
        )
    })
}

fn packed(provider: &dyn SourceProvider, path: &Path, prefix: &str, label: String) -> Result<Loaded, String> {
    let bytes = provider.read(path).map_err(|e| format!("{label}: {e}"))?;
    let package = Package::load(&bytes).map_err(|e| format!("{prefix}{}: {e}", path.display()))?;
    let unit = Unit {
        path: path.to_owned(),
        is_transaction: true,
        protocol: Some(package.protocol),
        files: Vec::new(),
        specification: None,
    };
    Ok(Loaded {
        label,
        units: vec![unit],
        files: Vec::new(),
        sources: SourceMap::new(),
        whole: false,
        errors: None,
        excused: false,
        broken: BTreeMap::new(),
    })
}
