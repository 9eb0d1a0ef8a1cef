//! The steps from sources to bytes.

use super::manifest;
use super::page::{self, Charts, Pages};
use super::{BuildError, Emit, Report, codes, names};
use crate::backend::markdown::{self, Quoted};
use crate::backend::rust;
use crate::diagnostic::{self, Diagnostic};
use crate::graph;
use crate::report::{Reported, report};
use crate::sema::{self, Unit};
use crate::source::{FileId, ReadAhead, SourceError, SourceMap, SourceProvider, Span};
use crate::syntax::ast::Decl;
use crate::verified::Texts;
use omt_runtime::ir::Protocol;
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Folders nested deeper than this are not looked through: a link that leads back up would never end.
const FOLDER_DEPTH_MAX: usize = 32;

/// A transaction that is ready for the back ends.
pub struct Transaction {
    /// What a node loads.
    pub package: Arc<Package>,
    /// Its source file.
    pub(super) source: PathBuf,
    pub(super) properties: Vec<Quoted>,
    pub(super) scenarios: Vec<Quoted>,
    /// Findings that its sources allow.
    pub(super) allowances: Vec<[String; 4]>,
    /// Hashes of its properties and scenarios.
    pub(super) texts: Texts,
}

impl Transaction {
    /// Its entry in the manifest.
    pub(super) fn listed(&self) -> manifest::Transaction {
        let protocol = &self.package.protocol;
        manifest::Transaction {
            number: protocol.number.clone(),
            path: protocol.meta.path.clone(),
            name: protocol.meta.name.clone(),
            id: self.package.id.to_string(),
        }
    }
}

/// All transactions below the paths that were given.
pub struct Compiled {
    /// What is to be said about them; its units have become the transactions.
    pub reported: Reported,
    /// In the order of their paths; none when there is an error.
    pub transactions: Vec<Transaction>,
}

/// The source files that paths stand for, sorted.
///
/// # Errors
/// A path leads nowhere, a folder cannot be read or has no source in it.
pub fn find_sources(sources: &dyn SourceProvider, paths: &[PathBuf]) -> Result<Vec<PathBuf>, BuildError> {
    let mut found = BTreeSet::new();
    for path in paths {
        if sources.is_file(path) {
            found.insert(plain(path));
        } else if sources.is_folder(path) {
            let before = found.len();
            below(sources, path, 0, &mut found)?;
            if found.len() == before && !found.iter().any(|f| f.starts_with(plain(path))) {
                return Err(BuildError::NoSources(path.clone()));
            }
        } else {
            return Err(BuildError::NoSuchPath(path.clone()));
        }
    }
    Ok(found.into_iter().collect())
}

fn below(
    sources: &dyn SourceProvider,
    folder: &Path,
    depth: usize,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), SourceError> {
    if depth > FOLDER_DEPTH_MAX {
        return Ok(());
    }
    for name in sources.list(folder)? {
        let path = folder.join(&name);
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if sources.is_folder(&path) {
            below(sources, &path, depth.saturating_add(1), found)?;
        } else if path.extension().is_some_and(|e| e == "omt") {
            found.insert(plain(&path));
        }
    }
    Ok(())
}

/// Analyses, checks and packs. `step` is called at the end of each step.
///
/// # Errors
/// A path leads nowhere, a source cannot be read, or the compiler contradicts itself.
pub fn compile(
    sources: &dyn SourceProvider,
    paths: &[PathBuf],
    options: &sema::Options,
    step: &mut dyn FnMut(&'static str),
) -> Result<Compiled, BuildError> {
    let roots = find_sources(sources, paths)?;
    let sources = ReadAhead::new(sources);
    for path in &roots {
        // What cannot be read is no finding in a source; everything else is sema's to report.
        sources.ahead(path)?;
    }
    step("read");
    let mut reported = report(&sources, &roots, options);
    step("check");
    let mut transactions = Vec::new();
    if !reported.has_errors() {
        let charts = if options.specify {
            let charts = page::charts(&reported.units, &sources, options, &reported.sources)?;
            step("charts");
            charts
        } else {
            Charts::new()
        };
        for unit in std::mem::take(&mut reported.units) {
            let (properties, mut scenarios) = quoted(&unit, &reported.sources);
            let drawn = charts.get(&unit.path);
            for scenario in &mut scenarios {
                scenario.chart = drawn.and_then(|drawn| drawn.get(&scenario.name)).cloned();
            }
            let allowances = page::allowances(&unit, &reported.allowances, &reported.sources);
            let texts = Texts::of(&unit.files, &reported.sources);
            let Some(protocol) = unit.protocol else { continue };
            let package = page::packed(protocol)?;
            transactions.push(Transaction {
                package: Arc::new(package),
                source: unit.path,
                properties,
                scenarios,
                allowances,
                texts,
            });
        }
        transactions.sort_by(|a, b| a.package.protocol.meta.path.cmp(&b.package.protocol.meta.path));
        // A file may be named more than once; two files of one name are an error later.
        transactions.dedup_by(|a, b| plain(&a.source) == plain(&b.source));
        step("package");
    }
    Ok(Compiled { reported, transactions })
}

/// Without `.` segments: `./a` and `a` are one file.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|c| !matches!(c, Component::CurDir)).collect()
}

/// Properties and scenarios, which no machine needs and which are therefore not in the IR.
fn quoted(unit: &Unit, sources: &SourceMap) -> (Vec<Quoted>, Vec<Quoted>) {
    let (mut properties, mut scenarios) = (Vec::new(), Vec::new());
    for decl in unit.files.first().into_iter().flat_map(|file| &file.tree.decls) {
        let (title, list) = match decl {
            Decl::Property(p) => (&p.text, &mut properties),
            Decl::Scenario(s) => (&s.text, &mut scenarios),
            Decl::Transaction(_)
            | Decl::Imports(_)
            | Decl::Uses(_)
            | Decl::Parameters(_)
            | Decl::Enum(_)
            | Decl::Struct(_)
            | Decl::Message(_)
            | Decl::Block(_)
            | Decl::View(_)
            | Decl::Actor(_)
            | Decl::Function(_)
            | Decl::Native(_)
            | Decl::Task(_) => continue,
        };
        list.push(Quoted {
            name: decl.name().map(|n| n.text.clone()).unwrap_or_default(),
            title: title.as_ref().map(|t| t.text.clone()),
            source: sources.slice(decl.span()).to_owned(),
            verdicts: Vec::new(),
            chart: None,
        });
    }
    (properties, scenarios)
}

/// Runs the back ends: outputs by path below the output folder.
///
/// # Errors
/// A commentary cannot be read, or two transactions would be written to one file.
pub fn emit(
    pages: &Pages<'_>,
    kinds: &BTreeSet<Emit>,
    sources: &dyn SourceProvider,
    report: &mut Report,
    step: &mut dyn FnMut(&'static str),
) -> Result<BTreeMap<String, Vec<u8>>, BuildError> {
    let transactions = pages.transactions;
    let mut outputs = BTreeMap::new();
    let mut put = |kind: Emit, path: &str, bytes: Vec<u8>| {
        let path = format!("{}/{path}", kind.folder());
        match outputs.insert(path.clone(), bytes) {
            None => Ok(()),
            Some(_) => Err(BuildError::Twice(path)),
        }
    };
    if kinds.contains(&Emit::Package) {
        for t in transactions {
            let bytes = t.package.to_bytes().map_err(|e| internal(&t.package.protocol, &e))?;
            // Generated Rust embeds the package from there.
            let path = rust::package_file(&t.package.protocol);
            put(Emit::Package, path.strip_prefix("packages/").unwrap_or(&path), bytes)?;
        }
        step("write packages");
    }
    if kinds.contains(&Emit::Rust) {
        let packages: Vec<&Package> = transactions.iter().map(|t| &*t.package).collect();
        for file in rust::generate(&packages) {
            // Its paths begin with the folder already.
            let path = file.path.strip_prefix("src/").unwrap_or(&file.path).to_owned();
            put(Emit::Rust, &path, file.text.into_bytes())?;
        }
        step("rust");
    }
    if kinds.contains(&Emit::Docs) {
        for t in transactions {
            if let Some(page) = pages.page(t, sources, report)? {
                put(Emit::Docs, &names::page(&t.package.protocol), page.into_bytes())?;
            }
        }
        put(Emit::Docs, "README.md", index(transactions).into_bytes())?;
        step("documentation");
    }
    if kinds.contains(&Emit::Graphs) {
        for t in transactions {
            let protocol = &t.package.protocol;
            for diagram in graph::diagrams(protocol) {
                let options = graph::Options::default();
                let file = |ending: &str| format!("{}/{}.{ending}", names::place(protocol), diagram.name);
                put(Emit::Graphs, &file("svg"), graph::svg(&diagram, &options).into_bytes())?;
                put(Emit::Graphs, &file("mmd"), graph::mermaid(&diagram, &options).into_bytes())?;
                put(Emit::Graphs, &file("dot"), graph::dot(&diagram, &options).into_bytes())?;
            }
        }
        step("diagrams");
    }
    Ok(outputs)
}

pub(super) fn internal(protocol: &Protocol, error: &dyn std::error::Error) -> BuildError {
    BuildError::Internal { transaction: protocol.meta.path.clone(), reason: error.to_string() }
}

fn index(transactions: &[Transaction]) -> String {
    let pages: Vec<(String, String)> =
        transactions.iter().map(|t| (t.package.id.to_string(), names::page(&t.package.protocol))).collect();
    let entries: Vec<markdown::Entry<'_>> = transactions
        .iter()
        .zip(&pages)
        .map(|(t, (id, page))| markdown::Entry { protocol: &t.package.protocol, id, page })
        .collect();
    markdown::index(&entries)
}

/// What is to be said about a placeholder that stands for nothing.
pub(crate) fn unknown_placeholder(file: FileId, placeholder: &markdown::UnknownPlaceholder) -> Diagnostic {
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let span = Span::new(file, offset(placeholder.start), offset(placeholder.end));
    let message = format!("there is no section {{{{{}}}}}", placeholder.name);
    let finding = Diagnostic::new(codes::UNKNOWN_PLACEHOLDER, span, message)
        .with_label("stands for nothing")
        .with_note("the page would have a hole that nobody notices");
    match diagnostic::did_you_mean(&placeholder.name, markdown::PLACEHOLDERS.iter().copied()) {
        Some(name) => finding.with_help(format!("did you mean `{{{{{name}}}}}`?")),
        None => finding.with_help(format!("there are {}", markdown::PLACEHOLDERS.join(", "))),
    }
}
