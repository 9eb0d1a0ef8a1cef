//! `omtc doc`: a site of static pages that tells what protocols are and do, for people who would rather look than read.
//!
//! ```text
//! Reported (IR, trees, findings) + commentaries + runs of the scenarios + verified.json + book
//!      → pages (HTML), style sheet, script, index of the search
//! ```
//!
//! Pure: what is read comes in as values, what is written goes out as bytes by path, and the same input gives the same
//! bytes. Pages need no server and load nothing from anywhere else. A transaction with errors has pages, too: what is
//! wrong with it, and whatever of it could be read.

pub mod book;
pub mod html;
pub mod markdown;
pub mod names;
mod page;
mod picture;
mod place;
mod protocol;
mod search;
mod source;

use crate::diagnostic::Diagnostic;
use crate::report::Reported;
use crate::scenario::Run;
use crate::sema::Unit;
use crate::source::FileId;
use crate::verified::{Protocols, Texts, Verified};
use book::Book;
use names::{Names, Paths};
use omt_runtime::package::Package;
use page::{Entry, Page, Shell};
use search::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

pub use markdown::{Heading, Passage};
pub(crate) use place::plain as plain_path;

/// What a site is made of.
#[derive(Debug)]
pub struct Input<'a> {
    /// Title of the site.
    pub title: &'a str,
    /// What the sources came to, with their specifications.
    pub reported: &'a Reported,
    /// More about each transaction, by its file.
    pub besides: &'a BTreeMap<PathBuf, Beside>,
    /// Chapters, if there is a book.
    pub book: Option<&'a Book>,
}

/// What lies beside the source of a transaction, or was made of it.
#[derive(Debug, Default)]
pub struct Beside {
    /// Text of its `commentary.md`.
    pub commentary: Option<String>,
    /// The same among the sources, for findings in it.
    pub commentary_file: Option<FileId>,
    /// Targets of its links that are files on disk.
    pub there: BTreeSet<String>,
    /// Pictures that it shows, by path from its folder.
    pub pictures: BTreeMap<String, Vec<u8>>,
    /// Its `verified.json`.
    pub verified: Option<Verified>,
    /// Runs of its scenarios, by name.
    pub runs: BTreeMap<String, Arc<Run>>,
}

/// What a site came to.
#[derive(Debug, Default)]
pub struct Site {
    /// Files by path below the root of the site.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Links of the book and of commentaries that lead nowhere: file, target.
    pub broken: Vec<(String, String)>,
}

/// A transaction with everything that its pages need.
pub(crate) struct Subject<'a> {
    unit: &'a Unit,
    beside: &'a Beside,
    package: Option<Package>,
    paths: Paths,
    names: Names,
    /// Its title, also when it has errors.
    title: String,
    /// Text of its root file.
    source: &'a str,
    texts: Texts,
    /// Its protocol id, and those of all others that are here.
    protocols: Protocols,
    findings: Vec<&'a Diagnostic>,
}

impl<'a> Subject<'a> {
    fn of(unit: &'a Unit, input: &'a Input<'a>, nothing: &'a Beside) -> Option<Subject<'a>> {
        let file = unit.files.first()?;
        let package = unit.protocol.clone().and_then(|protocol| Package::from_protocol(protocol).ok());
        let paths = Paths::of(&file.name);
        let names =
            package.as_ref().map(|p| Names::of(&p.protocol, &paths).with_told(&file.tree.decls, &paths));
        let names = names.unwrap_or_default();
        let beside = input.besides.get(&unit.path).unwrap_or(nothing);
        let own = |d: &&Diagnostic| {
            let file = d.primary.span.file;
            beside.commentary_file == Some(file) || unit.files.iter().any(|own| own.id == file)
        };
        Some(Subject {
            unit,
            beside,
            title: protocol::title(unit),
            source: input.reported.sources.get(file.id).map_or("", |source| source.text()),
            package,
            paths,
            names,
            texts: Texts::of(&unit.files, &input.reported.sources),
            protocols: Protocols::default(),
            findings: input.reported.diagnostics.iter().filter(own).collect(),
        })
    }
}

impl Subject<'_> {
    /// Text of its root file.
    fn text(&self, span: crate::source::Span) -> String {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned()
    }
}

/// Collects pages.
struct Maker<'a> {
    input: &'a Input<'a>,
    shell: Shell,
    /// Pages of actors: what other transactions may lead to.
    actors: BTreeSet<String>,
    index: Index,
    site: Site,
    /// Links to anchors of pages that may not be made yet.
    anchored: Vec<place::Anchored>,
}

impl Maker<'_> {
    /// Reports links to anchors that no page has.
    fn look_at_anchors(&mut self) {
        for link in std::mem::take(&mut self.anchored) {
            let id = format!(" id=\"{}\"", html::escape(&link.anchor));
            let page = self.site.files.get(&link.page);
            if !page.is_some_and(|page| String::from_utf8_lossy(page).contains(&id)) {
                self.site.broken.push((link.file, link.target));
            }
        }
    }

    fn put(&mut self, page: &Page) {
        let html = self.shell.page(page);
        self.site.files.insert(page.path.clone(), html.into_bytes());
    }
}

/// Makes a site.
pub fn site(input: &Input<'_>) -> Site {
    let nothing = Beside::default();
    let mut subjects: Vec<Subject<'_>> = input
        .reported
        .units
        .iter()
        .filter(|unit| unit.is_transaction)
        .filter_map(|unit| Subject::of(unit, input, &nothing))
        .collect();
    subjects.sort_by(|a, b| a.paths.folder.cmp(&b.paths.folder));
    subjects.dedup_by(|a, b| a.paths.folder == b.paths.folder);
    let ids: BTreeMap<String, String> = subjects
        .iter()
        .filter_map(|subject| {
            Some((subject.unit.files.first()?.name.clone(), subject.package.as_ref()?.id.to_string()))
        })
        .collect();
    for subject in &mut subjects {
        let own = subject.package.as_ref().map(|package| package.id.to_string()).unwrap_or_default();
        subject.protocols = Protocols { own, others: ids.clone() };
    }

    let shell = Shell { title: input.title.to_owned(), entries: entries(input, &subjects) };
    let of = |subject: &Subject<'_>| -> Vec<String> {
        let actors = subject.package.iter().flat_map(|package| package.protocol.actors.keys());
        actors.map(|name| subject.paths.actor(name)).collect()
    };
    let actors = subjects.iter().flat_map(of).collect();
    let mut maker =
        Maker { input, shell, actors, index: Index::default(), site: Site::default(), anchored: Vec::new() };
    for subject in &subjects {
        protocol::pages(&mut maker, subject, &subjects);
    }
    source::pages(&mut maker, &subjects);
    protocol::list(&mut maker, &subjects);
    match input.book {
        Some(book) => book::pages(&mut maker, book, &subjects),
        None => protocol::front(&mut maker, &subjects),
    }
    maker.look_at_anchors();
    let script = maker.index.script();
    let mut site = maker.site;
    for (path, text) in [
        ("style.css", format!("{}\n/* Pictures. */\n{}\n", page::STYLE, crate::graph::sheet()).as_str()),
        ("site.js", page::SCRIPT),
        ("early.js", page::EARLY),
        ("search.js", script.as_str()),
    ] {
        site.files.insert(path.to_owned(), text.as_bytes().to_owned());
    }
    site
}

/// The page of the list of all transactions.
const PROTOCOLS: &str = "protocols/index.html";

/// The navigation: the book, then the transactions.
fn entries(input: &Input<'_>, subjects: &[Subject<'_>]) -> Vec<Entry> {
    let mut entries = input.book.map(book::entries).unwrap_or_default();
    let all =
        Entry { title: "All protocols".to_owned(), target: Some(PROTOCOLS.to_owned()), below: Vec::new() };
    entries.push(Entry {
        title: "Protocols".to_owned(),
        target: None,
        below: std::iter::once(all).chain(subjects.iter().map(protocol::entry)).collect(),
    });
    entries
}
