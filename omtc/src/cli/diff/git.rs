//! Sources of a git revision. The program `git` is asked; nothing is checked out, and nothing is written.
//!
//! A revision is turned into the id of its tree once; everything after that names objects by id, so that no name of a
//! user ever reaches `git` as an option or is read a second time.

use crate::cli::System;
use crate::cli::program::{Call, CallError};
use crate::diagnostic::did_you_mean;
use crate::source::{SOURCE_BYTES_MAX, SourceError, SourceProvider};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Output of one call, beside sources: the list of a tree of some 500,000 files.
const LIST_BYTES_MAX: usize = 64 << 20;

/// Sources of one revision. The largest repositories of protocols that are imaginable have a hundredth of it.
const SOURCE_COUNT_MAX: usize = 100_000;

/// Longest name of a revision: `git` allows no longer names of branches, and a person writes none.
const REVISION_BYTES_MAX: usize = 1_000;

/// The same answers everywhere, nothing asked, nothing fetched.
const VARIABLES: &[(&str, &str)] =
    &[("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_LAZY_FETCH", "1")];

/// A repository, and a folder in it.
pub struct Repository<'a> {
    system: &'a dyn System,
    folder: PathBuf,
    /// The folder, below the top of the repository.
    prefix: PathBuf,
}

/// The sources of one revision, by path below the top of the repository.
pub struct Revision<'a> {
    system: &'a dyn System,
    folder: PathBuf,
    /// As it was given.
    pub name: String,
    /// Id and size.
    files: BTreeMap<PathBuf, (String, u64)>,
    folders: BTreeSet<PathBuf>,
}

fn call(
    system: &dyn System,
    folder: &Path,
    arguments: &[&str],
    max: usize,
) -> Result<Result<Vec<u8>, String>, CallError> {
    let ended = system.call(&Call {
        program: "git",
        arguments: arguments.iter().map(OsString::from).collect(),
        folder: folder.to_owned(),
        variables: VARIABLES,
        output_bytes_max: max,
    })?;
    Ok(if ended.success { Ok(ended.output) } else { Err(reason(&ended.errors)) })
}

/// What git complained about, in one line.
fn reason(errors: &str) -> String {
    let line = errors.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gives no reason");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

impl<'a> Repository<'a> {
    /// The repository that a folder is in; `wanted` is the revision that is looked for.
    ///
    /// # Errors
    /// There is no git, or the folder is in no repository.
    pub fn of(system: &'a dyn System, folder: &Path, wanted: &str) -> Result<Repository<'a>, String> {
        let asked = call(system, folder, &["rev-parse", "--show-prefix"], LIST_BYTES_MAX);
        match asked.map_err(|e| without_git(&e, wanted))? {
            Ok(output) => {
                let prefix = String::from_utf8_lossy(&output);
                let prefix = prefix.strip_suffix('\n').unwrap_or(&prefix);
                Ok(Repository { system, folder: folder.to_owned(), prefix: plain(Path::new(prefix)) })
            }
            Err(reason) if reason.contains("not a git repository") => Err(format!(
                "there is no file or folder {wanted}, and {} is in no git repository, so there is no such revision either",
                folder.display()
            )),
            Err(reason) => Err(format!("git cannot look into {}: {reason}", folder.display())),
        }
    }

    /// A path below the folder, as one below the top; none if it leads out.
    pub fn below_top(&self, path: &Path) -> Option<PathBuf> {
        let mut out = self.prefix.clone();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    if !out.pop() {
                        return None;
                    }
                }
                Component::Normal(name) => out.push(name),
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(out)
    }

    /// The sources of a revision.
    ///
    /// # Errors
    /// There is none of that name, or git cannot read it.
    pub fn revision(&self, name: &str) -> Result<Revision<'a>, String> {
        let unknown =
            || format!("there is no revision {name} in the git repository of {}", self.folder.display());
        // No revision begins with a dash, so git can take none for an option.
        if name.starts_with('-') || name.is_empty() || name.len() > REVISION_BYTES_MAX || name.contains('\0')
        {
            return Err(unknown());
        }
        let wanted = format!("{name}^{{tree}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let asked = call(self.system, &self.folder, &arguments, LIST_BYTES_MAX);
        let output = asked.map_err(|e| without_git(&e, name))?.map_err(|_| unknown())?;
        // Some versions repeat the option before the answer.
        let text = String::from_utf8_lossy(&output);
        let tree = text.lines().next_back().unwrap_or_default().trim().to_owned();
        if tree.len() < 40 || !tree.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(unknown());
        }
        self.list(name, &tree)
    }

    fn list(&self, name: &str, tree: &str) -> Result<Revision<'a>, String> {
        let arguments = ["ls-tree", "-r", "-z", "-l", "--full-tree", tree];
        let asked = call(self.system, &self.folder, &arguments, LIST_BYTES_MAX);
        let output = asked
            .map_err(|e| format!("cannot list the files of {name}: {e}"))?
            .map_err(|reason| format!("git cannot list the files of {name}: {reason}"))?;
        let mut revision = Revision {
            system: self.system,
            folder: self.folder.clone(),
            name: name.to_owned(),
            files: BTreeMap::new(),
            folders: BTreeSet::from([PathBuf::new()]),
        };
        for line in output.split(|byte| *byte == 0) {
            let Some((path, id, size)) = entry(line) else { continue };
            if !is_wanted(&path) {
                continue;
            }
            if revision.files.len() >= SOURCE_COUNT_MAX {
                return Err(format!("{name} has more than {SOURCE_COUNT_MAX} sources"));
            }
            revision.folders.extend(path.ancestors().skip(1).map(Path::to_owned));
            revision.files.insert(path, (id, size));
        }
        Ok(revision)
    }
}

fn without_git(error: &CallError, wanted: &str) -> String {
    match error {
        CallError::Missing(_) => {
            format!(
                "there is no file or folder {wanted}; to read it as a revision the program `git` is needed, and it is not there"
            )
        }
        CallError::TooMuch(..) | CallError::Io(..) => error.to_string(),
    }
}

/// `100644 blob ID   SIZE\tPATH`; none for anything but a plain file: a link leads somewhere else.
fn entry(line: &[u8]) -> Option<(PathBuf, String, u64)> {
    let text = String::from_utf8_lossy(line);
    let (about, path) = text.split_once('\t')?;
    let mut words = about.split_ascii_whitespace();
    let (mode, kind, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let plain = kind == "blob" && mode != "120000";
    plain.then_some(())?;
    Some((PathBuf::from(path), id.to_owned(), size.parse().ok()?))
}

/// What the compiler may ask for.
fn is_wanted(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str());
    matches!(extension, Some("omt" | "omtp")) || path.file_name().is_some_and(|name| name == "omt.toml")
}

/// Without `.` segments and trailing slashes.
pub(super) fn plain(path: &Path) -> PathBuf {
    path.components().filter(|c| !matches!(c, Component::CurDir)).collect()
}

impl Revision<'_> {
    /// Whether the revision has a source there, or a folder with one; the reason if not.
    ///
    /// # Errors
    /// There is none.
    pub fn has(&self, path: &Path) -> Result<(), String> {
        if self.is_file(path) || self.is_folder(path) {
            return Ok(());
        }
        let shown = path.display().to_string();
        let known: Vec<String> =
            self.files.keys().chain(&self.folders).map(|p| p.display().to_string()).collect();
        let near = did_you_mean(&shown, known.iter().map(String::as_str));
        let near = near.map(|near| format!("; did you mean {}:{near}?", self.name)).unwrap_or_default();
        Err(format!("there is no source {shown} in revision {}{near}", self.name))
    }
}

impl SourceProvider for Revision<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        let path = plain(path);
        let Some((id, size)) = self.files.get(&path) else {
            return Err(if self.folders.contains(&path) {
                SourceError::IsFolder(path)
            } else {
                SourceError::NotFound(path)
            });
        };
        if *size > SOURCE_BYTES_MAX as u64 {
            return Err(SourceError::TooLarge(path));
        }
        let io = |reason: String| SourceError::Io { path: path.clone(), reason };
        call(self.system, &self.folder, &["cat-file", "blob", id], SOURCE_BYTES_MAX)
            .map_err(|e| io(e.to_string()))?
            .map_err(io)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&plain(path))
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.folders.contains(&plain(path))
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        let path = plain(path);
        if !self.folders.contains(&path) {
            return Err(SourceError::NotFound(path));
        }
        let below = |known: &PathBuf| {
            let first = known.strip_prefix(&path).ok()?.components().next()?;
            Some(first.as_os_str().to_owned())
        };
        let names: BTreeSet<OsString> = self.files.keys().filter_map(below).collect();
        Ok(names.into_iter().collect())
    }
}
