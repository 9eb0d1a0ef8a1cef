//! The Markdown page of a transaction, with what lies around it: commentary, verdicts, diagrams, charts.

use super::compile::{Transaction, internal, unknown_placeholder};
use super::{BuildError, Report, names};
use crate::backend::markdown::{self, Around, Quoted};
use crate::chart::{self, Matters};
use crate::report::Allowance;
use crate::scenario::batch::{Batch, Suite};
use crate::scenario::{self, Options as Limits};
use crate::sema::{self, Unit};
use crate::site::plain_path;
use crate::source::{FileId, SourceMap, SourceProvider};
use crate::verdict;
use crate::verified::{self, Protocols, Verified};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Scenarios of a transaction whose charts stand on its page, the first ones of the source: a forge draws so many at once, and
/// nobody scrolls through ninety. `omtc doc` shows all of them.
const CHARTS: usize = 3;
/// Bytes of a chart that forges still draw.
const CHART_BYTES_MAX: usize = 40_000;

/// Sequence charts as Mermaid: by source file, and by name of the scenario.
pub type Charts = BTreeMap<PathBuf, BTreeMap<String, String>>;

/// Runs the first scenarios of each transaction and draws what happens.
///
/// # Errors
/// The compiler contradicts itself.
pub fn charts(
    units: &[Unit],
    sources: &dyn SourceProvider,
    options: &sema::Options,
    texts: &SourceMap,
) -> Result<Charts, BuildError> {
    let suites = Suite::of_units(units, sources, options);
    let (suites, _) = suites.map_err(|reason| BuildError::Internal { transaction: String::new(), reason })?;
    let names: Vec<String> = suites.iter().flat_map(first).collect();
    let batch = Batch::named(&suites, &names);
    let jobs = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut charts = Charts::new();
    for result in batch.run(&Limits::default(), jobs) {
        // Another transaction may have a scenario of the same name.
        if !first(result.suite).contains(&result.scenario.name) {
            continue;
        }
        let lines = scenario::trace(result.suite.specification(), result.scenario, &result.run, texts);
        let drawn = chart::traced(&lines, &Matters::of(result.suite.protocols()));
        let drawn = drawn.iter().find(|chart| !chart.rows.is_empty()).map(chart::mermaid);
        if let Some(text) = drawn.filter(|text| text.len() <= CHART_BYTES_MAX) {
            let of = charts.entry(result.suite.path.clone()).or_default();
            of.insert(result.scenario.name.clone(), text);
        }
    }
    Ok(charts)
}

/// Names of the scenarios that are drawn.
fn first(suite: &Suite) -> Vec<String> {
    suite.names().take(CHARTS).map(str::to_owned).collect()
}

/// What the sources of a transaction allow themselves.
pub fn allowances(unit: &Unit, all: &[Allowance], sources: &SourceMap) -> Vec<[String; 4]> {
    let row = |allowance: &Allowance| {
        let file = unit.files.iter().find(|file| file.id == allowance.span.file)?;
        let line = sources.get(file.id)?.position(allowance.span.start).line;
        let name = file.name.rsplit('/').next().unwrap_or(&file.name);
        Some([
            allowance.code.id.to_owned(),
            allowance.code.title.to_owned(),
            allowance.reason.clone(),
            format!("{name}.omt:{line}"),
        ])
    };
    all.iter().filter_map(row).collect()
}

/// What pages know of each other.
pub struct Pages<'a> {
    /// All transactions.
    pub transactions: &'a [Transaction],
    /// Where outputs go.
    pub out: &'a Path,
    /// Are there diagrams beside the pages?
    pub graphs: bool,
}

fn slashed(path: &Path) -> String {
    plain_path(&path.to_string_lossy().replace('\\', "/"))
}

impl Pages<'_> {
    /// The page of a transaction; none when its commentary is wrong, which is reported.
    ///
    /// # Errors
    /// Something beside it cannot be read.
    pub fn page(
        &self,
        t: &Transaction,
        sources: &dyn SourceProvider,
        report: &mut Report,
    ) -> Result<Option<String>, BuildError> {
        let is_whole = t.source.file_name().is_some_and(|name| name == "transaction.omt");
        let path = t.source.with_file_name("commentary.md");
        let mut commentary = None;
        let mut file = FileId::default();
        if is_whole && sources.is_file(&path) {
            let (text, wrong) = crate::syntax::decode(file, &sources.read(&path)?);
            file = report.sources.add(path.to_string_lossy(), text.as_str());
            report.diagnostics.extend(wrong.map(|mut d| {
                d.primary.span.file = file;
                d
            }));
            commentary = Some(text);
        }
        let path = t.source.with_file_name(verified::FILE);
        let mut verified = None;
        if is_whole && sources.is_file(&path) {
            let read = Verified::read(&sources.read(&path)?);
            verified = Some(read.map_err(|reason| BuildError::Verified { path, reason })?);
        }
        let protocol = &t.package.protocol;
        let (properties, built_in) = self.verdicts(t, verified.as_ref());
        let place = |target: &str| self.place(t, target);
        let graphs = "../".repeat(names::page(protocol).split('/').count());
        let around = Around {
            graphs: self.graphs.then(|| format!("{graphs}graphs/{}", names::place(protocol))),
            relations: self.relations(t),
            allowances: t.allowances.clone(),
            built_in,
            place: Some(&place),
        };
        let made = markdown::page(&markdown::Page {
            protocol,
            id: &t.package.id.to_string(),
            commentary: commentary.as_deref(),
            properties: &properties,
            scenarios: &t.scenarios,
            around,
        });
        match made {
            Ok(text) => Ok(Some(text)),
            Err(unknown) => {
                let found = unknown.iter().map(|placeholder| unknown_placeholder(file, placeholder));
                report.diagnostics.extend(found);
                Ok(None)
            }
        }
    }

    /// The properties of a transaction with what is known of them, and the same of those that every transaction has.
    fn verdicts(
        &self,
        t: &Transaction,
        verified: Option<&Verified>,
    ) -> (Vec<Quoted>, Vec<(String, Vec<String>)>) {
        let others = self
            .transactions
            .iter()
            .map(|t| (t.package.protocol.meta.path.clone(), t.package.id.to_string()));
        let protocols = Protocols { own: t.package.id.to_string(), others: others.collect() };
        let verdicts = |name: &str| {
            let known = verified.map(|v| v.of(&protocols, &t.texts, name)).unwrap_or_default();
            let (_, overall) = verdict::overall(&known);
            let mut all = vec![format!("*{overall}*")];
            all.extend(
                known
                    .iter()
                    .map(|k| format!("{} in `{}`: {}", verdict::result(k), k.name, verdict::how_far(k))),
            );
            all
        };
        let properties = t.properties.iter().map(|p| Quoted { verdicts: verdicts(&p.name), ..p.clone() });
        let built_in = verified.map(verdict::built_in).unwrap_or_default();
        let built_in = built_in.into_iter().map(|name| (name.to_owned(), verdicts(name)));
        (properties.collect(), built_in.collect())
    }

    /// Links to what a transaction uses, and to what uses it.
    fn relations(&self, t: &Transaction) -> Vec<String> {
        let own = &t.package.protocol;
        let link = |other: &Transaction| {
            let protocol = &other.package.protocol;
            let path = markdown::between(&names::page(own), &names::page(protocol)).unwrap_or_default();
            format!("[{}]({path})", protocol.meta.name)
        };
        let mut lines = Vec::new();
        for (alias, path) in &own.meta.uses {
            let other = self.transactions.iter().find(|other| other.package.protocol.meta.path == *path);
            let name = other.map_or_else(|| format!("`{path}`"), link);
            lines.push(format!("Uses {name} as `{alias}`."));
        }
        for other in self.transactions {
            let uses = &other.package.protocol.meta.uses;
            if uses.values().any(|path| *path == own.meta.path) {
                lines.push(format!("Used by {}.", link(other)));
            }
        }
        lines
    }

    /// Where a link of a commentary leads from the page that is made of it.
    fn place(&self, t: &Transaction, target: &str) -> Option<String> {
        if target.starts_with('#') || target.contains("://") || target.starts_with("mailto:") {
            return None;
        }
        let (path, anchor) = target.split_once('#').map_or((target, ""), |(path, anchor)| (path, anchor));
        let hash = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        let there = slashed(&t.source.with_file_name(path));
        let here = names::page(&t.package.protocol);
        let other = self.transactions.iter().find(|other| {
            let folder = other.source.parent().map(slashed).unwrap_or_default();
            let is_whole = other.source.file_name().is_some_and(|name| name == "transaction.omt");
            is_whole && (there == folder || there == slashed(&other.source.with_file_name("commentary.md")))
        });
        let found = match other {
            Some(other) => markdown::between(&here, &names::page(&other.package.protocol)),
            None => markdown::between(&format!("{}/docs/{here}", slashed(self.out)), &there),
        };
        found.map(|found| format!("{found}{hash}"))
    }
}

/// What the runtime says of a package that the compiler made.
pub fn packed(protocol: omt_runtime::ir::Protocol) -> Result<omt_runtime::package::Package, BuildError> {
    omt_runtime::package::Package::from_protocol(protocol.clone())
        .map_err(|error| internal(&protocol, &error))
}
