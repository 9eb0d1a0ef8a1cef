//! `omtc verify PATHS`

mod interactive;
mod scenarios;
mod show;
mod watch;

use super::show::Findings;
use super::{FINDINGS, FINE, Run, Sources, chart};
use crate::build::{find_sources, replace};
use crate::chart::counterexample;
use crate::diagnostic::did_you_mean;
use crate::report::report;
use crate::sema::{self, Analyzed, Unit};
use crate::source::{ReadAhead, SourceProvider};
use crate::spec::{Scenario, Specification};
use crate::verified::{self, Protocols, Texts, Verified};
use crate::verify::{self, Outcome, Reductions, Setup};
use clap::{Args, ValueEnum};
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What a scenario that is a scope begins with.
const SCOPE_PREFIX: &str = "scope_";

/// Memory where the system does not say what is free, in MiB.
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
    /// At most about so much memory; else half of what is free
    #[arg(long, value_name = "MIB")]
    memory: Option<usize>,
    /// In one run at most so many messages of byzantine members are heard; else as many as the scope says, or any number
    #[arg(long, value_name = "MESSAGES", conflicts_with = "search", value_parser = clap::value_parser!(u32).range(0..=1_000))]
    byzantine: Option<u32>,
    /// Go through states one by one, in sets, or one by one as long as there are few
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = Engine::Auto, conflicts_with = "search")]
    engine: Engine,
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
    #[arg(long, conflicts_with_all = ["property", "search"])]
    record: bool,
    /// Take so many random steps instead: a search, which proves nothing
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    search: Option<u64>,
    /// Walk through the states of one scope: see where everybody is and what can happen next, and choose (lines on
    /// standard input: a number, `back`, `start`, `path`, `quit`)
    #[arg(long, conflicts_with_all = ["search", "record", "write"])]
    explore: bool,
    /// What the random steps are chosen by: the same ones again
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "search")]
    seed: u64,
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
    /// Messages that were taken, or that their receiver will never handle, are not kept
    SpentMessages,
    /// That a message was taken is remembered only if it could be taken again
    SettledMessages,
}

/// How states are gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// One by one; in sets if there are more than 32,768 and --depth does not end it
    Auto,
    /// One by one: what breaks is shown with the fewest steps
    States,
    /// In sets, as decision diagrams: many more states, where peers go their own ways
    Sets,
}

impl From<Engine> for verify::Engine {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Auto => verify::Engine::Either,
            Engine::States => verify::Engine::States,
            Engine::Sets => verify::Engine::Sets,
        }
    }
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
    let tasks = tasks(&analyzed, &used, options, run.system.free())?;
    if tasks.is_empty() {
        return Err("no transaction here has a scenario that could be a scope".to_owned());
    }
    let read = Read { provider: &provider, analysis: &analysis, analyzed: &analyzed };
    if options.explore {
        return interactive::walk(run, &read, &tasks);
    }
    explore(run, options, &read, tasks)
}

/// What was read.
struct Read<'a> {
    provider: &'a dyn SourceProvider,
    analysis: &'a sema::Options,
    analyzed: &'a Analyzed,
}

/// That there is none of that name, and which was perhaps meant.
fn none_called<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match did_you_mean(name, known) {
        Some(near) => format!("there is no {what} {name}; did you mean {near}?"),
        None => format!("there is no {what} {name}"),
    }
}

/// Every scope and property that was named is in some file.
fn known(specified: &[(&Unit, &Arc<Specification>)], options: &Options) -> Result<(), String> {
    let scenarios = || specified.iter().flat_map(|(_, specification)| &specification.scenarios);
    for name in &options.scope {
        if !scenarios().any(|scenario| scenario.name == *name) {
            return Err(none_called("scenario", name, scenarios().map(|scenario| scenario.name.as_str())));
        }
    }
    let own = specified.iter().flat_map(|(_, specification)| &specification.properties);
    let mut properties: Vec<&str> = own.map(|property| property.name.as_str()).collect();
    for name in verify::built_in() {
        properties.push(name);
    }
    for name in &options.property {
        if !properties.contains(&name.as_str()) {
            return Err(none_called("property", name, properties));
        }
    }
    Ok(())
}

fn specifications(analyzed: &Analyzed) -> impl Iterator<Item = (&Unit, &Arc<Specification>)> {
    analyzed.units.iter().filter_map(|unit| Some((unit, unit.specification.as_ref()?)))
}

/// The scopes that are asked for.
fn tasks(
    analyzed: &Analyzed,
    used: &BTreeSet<PathBuf>,
    options: &Options,
    free: Option<usize>,
) -> Result<Vec<Task>, String> {
    let mut packages: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::new();
    for unit in &analyzed.units {
        if let Some(protocol) = &unit.protocol {
            let package = Package::from_protocol(protocol.clone()).map_err(|error| error.to_string())?;
            packages.insert(unit.path.clone(), Arc::new(package));
        }
    }
    let specified: Vec<(&Unit, &Arc<Specification>)> =
        specifications(analyzed).filter(|(unit, _)| !used.contains(&unit.path)).collect();
    known(&specified, options)?;
    let mut tasks = Vec::new();
    for (unit, specification) in specified {
        // Who has none of the properties that are asked for is passed over.
        let mut settings = settings(options, free);
        settings.properties.retain(|name| {
            verify::built_in().any(|built_in| built_in == name)
                || specification.properties.iter().any(|property| property.name == *name)
        });
        if settings.properties.is_empty() && !options.property.is_empty() {
            continue;
        }
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
            options: settings,
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

fn settings(options: &Options, free: Option<usize>) -> verify::Options {
    let half = free.map_or(MEMORY_MIB << 20, |free| free / 2);
    let without = |reduction: Reduction| !options.no.contains(&reduction);
    verify::Options {
        properties: options.property.clone(),
        depth_max: options.depth,
        time_max: options.time.map(Duration::from_secs),
        memory_max: options.memory.map_or(half, |memory| memory.saturating_mul(1 << 20)),
        byzantine: options.byzantine,
        engine: options.engine.into(),
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
            spent_messages: without(Reduction::SpentMessages),
            settled_messages: without(Reduction::SettledMessages),
        },
    }
}

fn explore(run: &mut Run<'_>, options: &Options, read: &Read<'_>, tasks: Vec<Task>) -> Result<u8, String> {
    let mut shown = show::Shown::new(options.sources.shown.format());
    let mut written = scenarios::Written::default();
    let mut status = FINE;
    let mut records: BTreeMap<PathBuf, Verified> = BTreeMap::new();
    for task in tasks {
        let clock: verify::Clock = Rc::from(run.system.clock());
        let begun = clock();
        let line = run.system.watched();
        run.working = None;
        let mut watch = watch::OnTerminal {
            clock: Rc::clone(&clock),
            begun,
            meter: run.system.memory().map(Rc::from),
            line: line.as_deref(),
            scope: &task.scenario.name,
            what: if options.search.is_some() { "steps" } else { "states" },
        };
        let wrong = |error| placed(read.analyzed, &error);
        let found = match options.search {
            None => {
                show::Found::Explored(verify::verify(&task.setup, &task.scenario, &mut watch).map_err(wrong)?)
            }
            Some(steps) => show::Found::Walked(
                verify::walk(&task.setup, &task.scenario, steps, options.seed, &mut watch).map_err(wrong)?,
            ),
        };
        drop(line);
        let took = clock().saturating_sub(begun);
        if !found.fine() {
            status = FINDINGS;
        }
        write_charts(run, options, &task, found.verdicts())?;
        let scenarios = scenarios::of(read, &task.path, &task.scenario.name, found.verdicts(), &written);
        shown.scope(run, &show::Scope { path: &task.path, found: &found, took, scenarios: &scenarios });
        written.add(&task.path, scenarios);
        if let (true, show::Found::Explored(outcome)) = (options.record, &found) {
            record(run, options, read.analyzed, &task, outcome, &mut records);
            // What is known is kept, also if the next scope never ends.
            write_records(run, &records)?;
        }
    }
    shown.end(run);
    if options.write {
        written.write(run, read)?;
    }
    Ok(status)
}

/// Draws the runs that were found.
fn write_charts(
    run: &mut Run<'_>,
    options: &Options,
    task: &Task,
    verdicts: &[verify::Verdict],
) -> Result<(), String> {
    let transaction = task.setup.specification.transactions.first();
    let transaction = transaction.map_or("", |transaction| transaction.name.as_str());
    let mut charts = Vec::new();
    for verdict in verdicts {
        let example = match &verdict.result {
            verify::Finding::Violated(example) => Some(&**example),
            verify::Finding::Holds
            | verify::Finding::NotRefuted
            | verify::Finding::Never
            | verify::Finding::NotDecided(_) => verdict.witness.as_deref(),
        };
        if let Some(example) = example {
            charts.push(counterexample(transaction, &task.scenario.name, &verdict.property, example));
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
    options: &Options,
    analyzed: &Analyzed,
    task: &Task,
    outcome: &Outcome,
    records: &mut BTreeMap<PathBuf, Verified>,
) {
    let Some(unit) = analyzed.units.iter().find(|unit| unit.path == task.path) else { return };
    let names = task.setup.specification.transactions.iter().map(|transaction| transaction.name.clone());
    let mut ids = names.zip(task.setup.packages.iter().map(|package| package.id.to_string()));
    let Some((_, own)) = ids.next() else { return };
    // Without them a scope is about its own transaction alone.
    let others = if options.composed { ids.collect() } else { BTreeMap::new() };
    let protocols = Protocols { own, others };
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
    let texts = Texts::of(&unit.files, &analyzed.sources);
    known.put(&protocols, &texts, &assumptions(options), outcome);
    records.insert(path, known);
}

/// What the options take for granted where they differ from what is the case without them.
fn assumptions(options: &Options) -> Vec<String> {
    let mut all = Vec::new();
    if options.clock_skew != 1 {
        all.push("the clocks of honest peers agree".to_owned());
    }
    if options.durations == Durations::Given {
        all.push("durations are those of the parameters".to_owned());
    }
    if options.repeats != 2 {
        let times =
            if options.repeats == 1 { "once".to_owned() } else { format!("{} times", options.repeats) };
        all.push(format!("a member says the same at most {times} in one session"));
    }
    if options.no_evidence {
        all.push("nobody remembers who contradicted itself".to_owned());
    }
    if options.composed {
        all.push("the transactions that it uses run along".to_owned());
    }
    all
}

fn write_records(run: &mut Run<'_>, records: &BTreeMap<PathBuf, Verified>) -> Result<(), String> {
    let bytes: Vec<(&PathBuf, Vec<u8>)> = records.iter().map(|(path, known)| (path, known.bytes())).collect();
    let files: Vec<(PathBuf, &[u8])> =
        bytes.iter().map(|(path, bytes)| ((*path).clone(), bytes.as_slice())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    replace(run.system.files(), &files, &suffix).map_err(|error| error.to_string())
}

/// An error with the place where it lies.
fn placed(analyzed: &Analyzed, error: &verify::VerifyError) -> String {
    if let verify::VerifyError::Setup { at, .. } = error {
        return format!("{}: {error}", analyzed.sources.place(*at));
    }
    error.to_string()
}
