//! Everything that a site is made of, read through the provider of sources.

use super::{Plan, slashed};
use crate::build::{find_sources, unknown_placeholder};
use crate::report::{Reported, report};
use crate::scenario::batch::{Batch, Suite};
use crate::scenario::{Options as Limits, Run};
use crate::sema::{self, Unit};
use crate::site::book::Book;
use crate::site::{Beside, Input};
use crate::source::{ReadAhead, SourceProvider};
use crate::syntax;
use crate::verified::{self, Verified};
use omt_runtime::crypto::sha256;
use omt_runtime::id::Hash;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of a book at most: what is larger is not a book but a mistaken path.
const BOOK_FILES_MAX: usize = 10_000;
/// Folders of a book nested deeper than this are not looked through.
const BOOK_DEPTH_MAX: usize = 16;

/// How names of pictures end.
const PICTURES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif"];

/// What was read and found.
pub struct Gathered {
    pub reported: Reported,
    besides: BTreeMap<PathBuf, Beside>,
    book: Option<Book>,
}

impl Gathered {
    pub fn input<'a>(&'a self, title: &'a str) -> Input<'a> {
        Input { title, reported: &self.reported, besides: &self.besides, book: self.book.as_ref() }
    }

    /// Scenarios that are not fulfilled.
    pub fn failed(&self) -> usize {
        self.besides.values().flat_map(|b| b.runs.values()).filter(|run| !run.passed()).count()
    }

    /// What has to be looked at to notice a change.
    pub fn watched(&self, plan: &Plan<'_>) -> Watched {
        let mut paths: BTreeSet<PathBuf> = self.reported.files.iter().map(|file| file.path.clone()).collect();
        for unit in &self.reported.units {
            for beside in ["commentary.md", verified::FILE] {
                paths.insert(unit.path.with_file_name(beside));
            }
        }
        for (path, beside) in &self.besides {
            paths.extend(beside.pictures.keys().map(|picture| path.with_file_name(picture)));
        }
        Watched { paths, book: plan.options.book.clone() }
    }
}

/// Files that a site was made of.
pub struct Watched {
    paths: BTreeSet<PathBuf>,
    book: Option<PathBuf>,
}

impl Watched {
    /// Changes with every byte of them, and with files that come and go.
    pub fn fingerprint(&self, provider: &dyn SourceProvider, plan: &Plan<'_>) -> Hash {
        let mut paths = self.paths.clone();
        paths.extend(find_sources(provider, &plan.paths).unwrap_or_default());
        let mut all = Vec::new();
        let mut add = |path: &Path, bytes: &[u8]| {
            all.extend_from_slice(path.to_string_lossy().as_bytes());
            all.extend_from_slice(sha256(bytes).as_bytes());
        };
        for path in &paths {
            add(path, &provider.read(path).unwrap_or_default());
        }
        if let Some(book) = self.book.as_ref().and_then(|folder| book(provider, folder).ok()) {
            book.files.iter().for_each(|(path, bytes)| add(Path::new(path), bytes));
        }
        sha256(&all)
    }
}

/// Runs of scenarios that stay as long as what they ran on does.
#[derive(Default)]
pub struct Runs {
    kept: BTreeMap<PathBuf, (Hash, BTreeMap<String, Arc<Run>>)>,
}

/// Reads and analyses everything, and runs what is to be run.
pub fn gather(disk: &dyn SourceProvider, plan: &Plan<'_>, runs: &mut Runs) -> Result<Gathered, String> {
    let provider = ReadAhead::new(disk);
    let found = find_sources(&provider, &plan.paths)
        .map_err(|error| format!("{error}; `omtc init` begins a folder of transactions"))?;
    for path in &found {
        provider.ahead(path).map_err(|error| error.to_string())?;
    }
    let mut reported = report(&provider, &plan.paths, &plan.analysis);
    if !reported.units.iter().any(|unit| unit.is_transaction) {
        return Err(format!(
            "none of the {} .omt files has a `transaction` header, so there is nothing to tell about; `omtc new` begins a \
             transaction",
            found.len()
        ));
    }
    two_of_a_name(&reported)?;
    let mut besides = BTreeMap::new();
    for unit in reported.units.iter().filter(|unit| unit.is_transaction) {
        besides.insert(unit.path.clone(), Beside::default());
    }
    for (path, beside) in &mut besides {
        read_beside(&provider, path, beside, &mut reported)?;
    }
    if !plan.options.no_scenarios {
        run_scenarios(&reported, &provider, &plan.analysis, runs)?;
        for (path, beside) in &mut besides {
            if let Some((_, kept)) = runs.kept.get(path) {
                beside.runs.clone_from(kept);
            }
        }
    }
    let book = match &plan.options.book {
        Some(folder) => Some(book(&provider, folder)?),
        None => None,
    };
    Ok(Gathered { reported, besides, book })
}

/// Two transactions of one name would have the same pages.
fn two_of_a_name(reported: &Reported) -> Result<(), String> {
    let mut known: BTreeMap<&str, &Path> = BTreeMap::new();
    for unit in reported.units.iter().filter(|unit| unit.is_transaction) {
        let Some(file) = unit.files.first() else { continue };
        let path = unit.path.as_path();
        let other = known.insert(&file.name, path).filter(|other| {
            // One file may be named twice.
            slashed(other).trim_start_matches("./") != slashed(path).trim_start_matches("./")
        });
        if let Some(other) = other {
            return Err(format!(
                "{} and {} are both called `{}`: put their folders below one that is called `protocols`, or name that \
                 folder with --protocol-dir",
                other.display(),
                path.display(),
                file.name
            ));
        }
    }
    Ok(())
}

/// `commentary.md` and `verified.json`, which lie beside a `transaction.omt`.
fn read_beside(
    provider: &dyn SourceProvider,
    path: &Path,
    beside: &mut Beside,
    reported: &mut Reported,
) -> Result<(), String> {
    if path.file_name().is_none_or(|name| name != "transaction.omt") {
        return Ok(());
    }
    let commentary = path.with_file_name("commentary.md");
    if provider.is_file(&commentary) {
        let bytes = provider.read(&commentary).map_err(|error| error.to_string())?;
        let (text, wrong) = syntax::decode(crate::source::FileId::default(), &bytes);
        let file = reported.sources.add(commentary.to_string_lossy(), text.as_str());
        reported.diagnostics.extend(wrong.map(|mut d| {
            d.primary.span.file = file;
            d
        }));
        let unknown = crate::backend::markdown::unknown_placeholders(&text);
        reported.diagnostics.extend(unknown.iter().map(|placeholder| unknown_placeholder(file, placeholder)));
        look_around(provider, &commentary, &text, beside)?;
        beside.commentary_file = Some(file);
        beside.commentary = Some(text);
    }
    let verified = path.with_file_name(verified::FILE);
    if provider.is_file(&verified) {
        let bytes = provider.read(&verified).map_err(|error| error.to_string())?;
        let read = Verified::read(&bytes);
        beside.verified = Some(read.map_err(|why| {
            format!("{} cannot be read: {why}; `omtc verify --record` writes it again", verified.display())
        })?);
    }
    Ok(())
}

/// What a commentary links to, as far as it is there, and the pictures that it shows.
fn look_around(
    provider: &dyn SourceProvider,
    commentary: &Path,
    text: &str,
    beside: &mut Beside,
) -> Result<(), String> {
    let targets = crate::backend::markdown::targets(text);
    for target in targets.links {
        let path = target.split_once('#').map_or(target.as_str(), |(path, _)| path);
        let there = commentary.with_file_name(path);
        if !path.is_empty() && (provider.is_file(&there) || provider.is_folder(&there)) {
            beside.there.insert(path.to_owned());
        }
    }
    for target in targets.pictures {
        let path = crate::site::plain_path(&target);
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        // Only pictures, and only what lies with the transaction.
        if !ending.is_some_and(|ending| PICTURES.contains(&ending.as_str())) || path.starts_with(['.', '/']) {
            continue;
        }
        let there = commentary.with_file_name(&path);
        if provider.is_file(&there) {
            let bytes = provider.read(&there).map_err(|error| error.to_string())?;
            beside.pictures.insert(path, bytes);
        }
    }
    Ok(())
}

fn run_scenarios(
    reported: &Reported,
    provider: &dyn SourceProvider,
    analysis: &sema::Options,
    runs: &mut Runs,
) -> Result<(), String> {
    let (suites, _) = Suite::of_units(&reported.units, provider, analysis)?;
    let keys: BTreeMap<PathBuf, Hash> =
        suites.iter().map(|suite| (suite.path.clone(), key(suite, reported))).collect();
    runs.kept.retain(|path, (key, _)| keys.get(path) == Some(key));
    let batch = Batch::of_suites(&suites, |suite| !runs.kept.contains_key(&suite.path));
    let jobs = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut done: BTreeMap<PathBuf, BTreeMap<String, Arc<Run>>> = BTreeMap::new();
    for result in batch.run(&Limits::default(), jobs) {
        let of = done.entry(result.suite.path.clone()).or_default();
        of.insert(result.scenario.name.clone(), Arc::new(result.run));
    }
    for (path, of) in done {
        if let Some(key) = keys.get(&path) {
            runs.kept.insert(path, (*key, of));
        }
    }
    Ok(())
}

/// Changes when anything changes that the scenarios of a file run on.
fn key(suite: &Suite, reported: &Reported) -> Hash {
    let mut all = Vec::new();
    let used = suite.specification().transactions.iter().map(|transaction| &transaction.path);
    let units: Vec<&Unit> =
        used.filter_map(|path| reported.units.iter().find(|unit| unit.path == *path)).collect();
    for file in units.iter().flat_map(|unit| &unit.files) {
        let text = reported.sources.get(file.id).map_or("", |source| source.text());
        all.extend_from_slice(sha256(text.as_bytes()).as_bytes());
    }
    sha256(&all)
}

/// All files of a book.
fn book(provider: &dyn SourceProvider, folder: &Path) -> Result<Book, String> {
    if !provider.is_folder(folder) {
        return Err(format!("there is no folder {} with a book", folder.display()));
    }
    let mut book = Book { folder: slashed(folder), files: BTreeMap::new() };
    let mut open = vec![(folder.to_owned(), String::new(), 0_usize)];
    while let Some((path, name, depth)) = open.pop() {
        for entry in provider.list(&path).map_err(|error| error.to_string())? {
            let text = entry.to_string_lossy().into_owned();
            if text.starts_with('.') {
                continue;
            }
            let below = path.join(&entry);
            let name = if name.is_empty() { text } else { format!("{name}/{text}") };
            if provider.is_folder(&below) {
                if depth < BOOK_DEPTH_MAX {
                    open.push((below, name, depth.saturating_add(1)));
                }
            } else {
                let bytes = provider.read(&below).map_err(|error| error.to_string())?;
                book.files.insert(name, bytes);
            }
        }
        if book.files.len() > BOOK_FILES_MAX {
            return Err(format!("{} has more than {BOOK_FILES_MAX} files", folder.display()));
        }
    }
    if !book.files.keys().any(|file| file.ends_with(".md")) {
        return Err(format!("there is no Markdown file in {}", folder.display()));
    }
    Ok(book)
}
