//! `omtc verify PATHS`

mod scenarios;
mod show;

use super::show::Findings;
use super::{FINDINGS, FINE, Run, Sources, chart};
use crate::build::{find_sources, replace};
use crate::chart::counterexample;
use crate::report::report;
use crate::sema::{self, Analyzed, Unit};
use crate::source::{ReadAhead, SourceProvider};
use crate::spec::{Scenario, Specification};
use crate::verified::{self, Texts, Verified};
use crate::verify::{self, Outcome, Progress, Reductions, Setup, Watch};
use clap::{Args, ValueEnum};
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a scenario that is a scope begins with.
const SCOPE_PREFIX: &str = "scope_";

/// Memory unless told otherwise, in MiB.
const MEMORY_MIB: usize = 2_048;

/// Options of `omtc verify`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Only this property, built-in ones included; may be given several times
    #[arg(long, value_name = "NAME")]
    property: Vec<String>,
    /// Only this scenario as scope; else those called `scope_…`, else the first of each transaction
    #[arg(long, value_name = "NAME")]
    scope: Vec<String>,
    /// At most so many steps from the start
    #[arg(long, value_name = "STEPS")]
    depth: Option<u32>,
    /// At most so many seconds for each scope
    #[arg(long, value_name = "SECONDS")]
    time: Option<u64>,
    /// At most about so much memory
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_MIB)]
    memory: usize,
    /// How many instants the clocks of two honest peers may be apart
    #[arg(long, value_name = "INSTANTS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1))]
    clock_skew: u32,
    /// How long what is given as a duration lasts: anything, or what the parameters say
    #[arg(long, value_enum, value_name = "LENGTH", default_value_t = Durations::Any)]
    durations: Durations,
    /// Let the transactions that `uses` names run along; otherwise each scope is about its own
    #[arg(long)]
    composed: bool,
    /// How often a member says the same in one session; what it says more often is lost
    #[arg(long, value_name = "TIMES", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    repeats: u64,
    /// Days after which time ends
    #[arg(long, value_name = "DAYS", default_value_t = 366, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    horizon: u32,
    /// Show a run for each `sometimes` that holds, too
    #[arg(long)]
    witness: bool,
    /// Append the scenarios that break a property to the files of their scopes
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    chart: chart::Charts,
    /// Nobody remembers who contradicted itself: shows what depends on that
    #[arg(long)]
    no_evidence: bool,
    /// Write the results into verified.json beside each transaction, where the documentation finds them
    #[arg(long, conflicts_with = "property")]
    record: bool,
    /// Do without a reduction; may be given several times
    #[arg(long, value_enum, value_name = "REDUCTION")]
    no: Vec<Reduction>,
}

/// What makes the state space smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Reduction {
    /// Fields that nothing reads any more are cleared
    DeadFields,
    /// A delivery that changes nothing does not use the message up
    QuietDeliveries,
    /// Ids of messages that can never be handled again are forgotten
    FinishedIds,
    /// Messages are numbered by what they say
    ContentNumbers,
    /// What is only gathered is gathered right before it matters
    LateGathering,
    /// A peer acts at the later of two instants only where that makes a difference
    LazyClocks,
    /// What properties say of single instances is judged when a step ends
    JudgedAtOnce,
    /// Messages that nobody handles are not kept
    UnheardMessages,
    /// What byzantine members said is not remembered, they may say it again
    ByzantineRepeats,
    /// Any quorum of signatures is as good as another
    AnyQuorum,
}

/// How long timers run that are given as durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Durations {
    /// Any length, but for parameters that the scope gives: a proof is one for all. What breaks then is explored again
    Any,
    /// As the parameters say
    Given,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match check(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

/// A scope to be explored.
struct Task {
    path: PathBuf,
    setup: Setup,
    scenario: Scenario,
}

fn check(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    run.works("reading");
    let disk = run.system.sources();
    let provider = ReadAhead::new(&*disk);
    let analysis = sema::Options { specify: true, ..options.sources.analysis(run.system)? };
    for path in find_sources(&provider, &options.sources.paths).map_err(|e| e.to_string())? {
        provider.read(&path).map_err(|e| e.to_string())?;
    }
    let mut roots = options.sources.paths.clone();
    let mut analyzed = sema::analyze_with(&provider, &roots, &analysis);
    // What is used must be there to run, also when it was not named.
    let used: BTreeSet<PathBuf> = specifications(&analyzed)
        .flat_map(|(_, specification)| specification.transactions.iter().map(|t| t.path.clone()))
        .filter(|path| !analyzed.units.iter().any(|unit| unit.path == *path))
        .collect();
    if !analyzed.has_errors() && !used.is_empty() {
        roots.extend(used.iter().cloned());
        analyzed = sema::analyze_with(&provider, &roots, &analysis);
    }
    if analyzed.has_errors() {
        let reported = report(&provider, &roots, &analysis);
        let findings = Findings::of(&reported);
        let shown = &options.sources.shown;
        let summary = format!("{}\n", shown.tally(&findings).line());
        shown.show(run, &findings, Vec::new(), &summary);
        return Ok(FINDINGS);
    }
    let tasks = tasks(&analyzed, &used, options)?;
    if tasks.is_empty() {
        return Err(no_scope(options));
    }
    let read = Read { provider: &provider, analysis: &analysis, analyzed: &analyzed };
    explore(run, options, &read, tasks)
}

/// What was read.
struct Read<'a> {
    provider: &'a dyn SourceProvider,
    analysis: &'a sema::Options,
    analyzed: &'a Analyzed,
}

fn no_scope(options: &Options) -> String {
    match options.scope.first() {
        Some(name) => format!("there is no scenario {name}"),
        None => "no transaction here has a scenario that could be a scope".to_owned(),
    }
}

fn specifications(analyzed: &Analyzed) -> impl Iterator<Item = (&Unit, &Arc<Specification>)> {
    analyzed.units.iter().filter_map(|unit| Some((unit, unit.specification.as_ref()?)))
}

/// The scopes that are asked for.
fn tasks(analyzed: &Analyzed, used: &BTreeSet<PathBuf>, options: &Options) -> Result<Vec<Task>, String> {
    let mut packages: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::new();
    for unit in &analyzed.units {
        if let Some(protocol) = &unit.protocol {
            let package = Package::from_protocol(protocol.clone()).map_err(|error| error.to_string())?;
            packages.insert(unit.path.clone(), Arc::new(package));
        }
    }
    let mut tasks = Vec::new();
    for (unit, specification) in specifications(analyzed).filter(|(unit, _)| !used.contains(&unit.path)) {
        let transactions = specification.transactions.iter();
        let packages = transactions.map(|transaction| {
            let package = packages.get(&transaction.path).cloned();
            package.ok_or_else(|| {
                format!("{} uses {}, which is not there", unit.path.display(), transaction.name)
            })
        });
        let setup = Setup {
            specification: Arc::clone(specification),
            packages: packages.collect::<Result<_, _>>()?,
            options: settings(options),
        };
        for scenario in scopes(specification, &options.scope) {
            tasks.push(Task { path: unit.path.clone(), setup: setup.clone(), scenario: scenario.clone() });
        }
    }
    Ok(tasks)
}

/// The scenarios that are scopes.
fn scopes<'s>(specification: &'s Specification, named: &[String]) -> Vec<&'s Scenario> {
    let all = &specification.scenarios;
    if !named.is_empty() {
        return all.iter().filter(|scenario| named.contains(&scenario.name)).collect();
    }
    let scopes: Vec<&Scenario> =
        all.iter().filter(|scenario| scenario.name.starts_with(SCOPE_PREFIX)).collect();
    if scopes.is_empty() { all.first().into_iter().collect() } else { scopes }
}

fn settings(options: &Options) -> verify::Options {
    let without = |reduction: Reduction| !options.no.contains(&reduction);
    verify::Options {
        properties: options.property.clone(),
        depth_max: options.depth,
        time_max: options.time.map(Duration::from_secs),
        memory_max: options.memory.saturating_mul(1 << 20),
        evidence: !options.no_evidence,
        skew: options.clock_skew,
        witness: options.witness,
        any_durations: options.durations == Durations::Any,
        repeats: options.repeats,
        composed: options.composed,
        horizon: i64::from(options.horizon).saturating_mul(24 * 3_600 * 1_000_000),
        reductions: Reductions {
            dead_fields: without(Reduction::DeadFields),
            quiet_deliveries: without(Reduction::QuietDeliveries),
            finished_ids: without(Reduction::FinishedIds),
            content_numbers: without(Reduction::ContentNumbers),
            late_gathering: without(Reduction::LateGathering),
            lazy_clocks: without(Reduction::LazyClocks),
            judged_at_once: without(Reduction::JudgedAtOnce),
            unheard_messages: without(Reduction::UnheardMessages),
            byzantine_repeats: without(Reduction::ByzantineRepeats),
            any_quorum: without(Reduction::AnyQuorum),
        },
    }
}

fn explore(run: &mut Run<'_>, options: &Options, read: &Read<'_>, tasks: Vec<Task>) -> Result<u8, String> {
    let mut shown = show::Shown::new(options.sources.shown.format());
    let mut written = scenarios::Written::default();
    let mut status = FINE;
    let mut records: BTreeMap<PathBuf, Verified> = BTreeMap::new();
    for task in tasks {
        // Several transactions may share the property names that were asked for; who has none of them is passed over.
        let outcome = {
            let clock = run.system.clock();
            let begun = clock();
            let line = run.system.watched();
            run.working = None;
            let mut watch =
                OnTerminal { clock: &*clock, begun, line: line.as_deref(), scope: &task.scenario.name };
            let outcome = verify::verify(&task.setup, &task.scenario, &mut watch);
            outcome.map(|outcome| (outcome, clock().saturating_sub(begun)))
        };
        let (outcome, took) = outcome.map_err(|error| placed(read.analyzed, &error))?;
        if !proven(&outcome) {
            status = FINDINGS;
        }
        write_charts(run, options, &task, &outcome)?;
        let scenarios = scenarios::of(read, &task.path, &outcome, &written);
        shown.outcome(
            run,
            &show::Explored { path: &task.path, outcome: &outcome, took, scenarios: &scenarios },
        );
        written.add(&task.path, scenarios);
        if options.record {
            record(run, read.analyzed, &task, &outcome, &mut records);
        }
    }
    write_records(run, &records)?;
    shown.end(run);
    if options.write {
        written.write(run, read)?;
    }
    Ok(status)
}

/// Draws the runs that were found.
fn write_charts(run: &mut Run<'_>, options: &Options, task: &Task, outcome: &Outcome) -> Result<(), String> {
    let transaction = task.setup.specification.transactions.first();
    let transaction = transaction.map_or("", |transaction| transaction.name.as_str());
    let mut charts = Vec::new();
    for verdict in &outcome.verdicts {
        let example = match &verdict.result {
            verify::Finding::Violated(example) => Some(&**example),
            verify::Finding::Holds
            | verify::Finding::NotRefuted
            | verify::Finding::Never
            | verify::Finding::NotDecided(_) => verdict.witness.as_deref(),
        };
        if let Some(example) = example {
            charts.push(counterexample(transaction, &outcome.scope, &verdict.property, example));
        }
    }
    let files = options.chart.files(&charts);
    let files: Vec<(PathBuf, &[u8])> =
        files.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    replace(run.system.files(), &files, &suffix).map_err(|error| error.to_string())
}

/// The file of results beside a transaction.
fn record_path(transaction: &Path) -> PathBuf {
    transaction.with_file_name(verified::FILE)
}

/// Adds an outcome to what is known of its transaction.
fn record(
    run: &Run<'_>,
    analyzed: &Analyzed,
    task: &Task,
    outcome: &Outcome,
    records: &mut BTreeMap<PathBuf, Verified>,
) {
    let unit = analyzed.units.iter().find(|unit| unit.path == task.path);
    let (Some(file), Some(package)) = (unit.and_then(|unit| unit.files.first()), task.setup.packages.first())
    else {
        return;
    };
    let path = record_path(&task.path);
    let mut known = match records.remove(&path) {
        Some(known) => known,
        None => {
            let sources = run.system.sources();
            // What cannot be read is written again: that is what was asked for.
            let bytes = if sources.is_file(&path) { sources.read(&path).ok() } else { None };
            bytes.and_then(|bytes| Verified::read(&bytes).ok()).unwrap_or_default()
        }
    };
    let texts = Texts::of(&file.tree, &analyzed.sources);
    known.put(&package.id.to_string(), &texts, outcome);
    records.insert(path, known);
}

fn write_records(run: &mut Run<'_>, records: &BTreeMap<PathBuf, Verified>) -> Result<(), String> {
    let bytes: Vec<(&PathBuf, Vec<u8>)> = records.iter().map(|(path, known)| (path, known.bytes())).collect();
    let files: Vec<(PathBuf, &[u8])> =
        bytes.iter().map(|(path, bytes)| ((*path).clone(), bytes.as_slice())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    replace(run.system.files(), &files, &suffix).map_err(|error| error.to_string())
}

/// Everything explored and everything holds; a witness that was found needs no more.
fn proven(outcome: &Outcome) -> bool {
    outcome.proven()
}

/// An error with the place where it lies.
fn placed(analyzed: &Analyzed, error: &verify::VerifyError) -> String {
    if let verify::VerifyError::Setup { at, .. } = error {
        return format!("{}: {error}", analyzed.sources.place(*at));
    }
    error.to_string()
}

/// Shows progress on a terminal.
struct OnTerminal<'a> {
    clock: &'a dyn Fn() -> Duration,
    begun: Duration,
    line: Option<&'a dyn Fn(&str)>,
    scope: &'a str,
}

impl Watch for OnTerminal<'_> {
    fn elapsed(&self) -> Duration {
        (self.clock)().saturating_sub(self.begun)
    }

    fn progress(&mut self, progress: &Progress) {
        let Some(line) = self.line else { return };
        let Progress { states, queue, depth, memory } = *progress;
        let seconds = self.elapsed().as_secs_f64().max(0.001);
        #[allow(clippy::cast_precision_loss, reason = "for people")]
        let rate = states as f64 / seconds;
        line(&format!(
            "{}: {states} states, {rate:.0}/s, {queue} to go, depth {depth}, {} MiB",
            self.scope,
            memory >> 20
        ));
    }
}
