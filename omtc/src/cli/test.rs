//! `omtc test PATHS`

mod human;
mod report;

use super::chart;
use super::show::{Findings, plural};
use super::{FINDINGS, FINE, Run, json, protocol_folder};
use crate::build::{find_sources, replace};
use crate::chart::{Matters, traced};
use crate::diagnostic::{Renderer, did_you_mean};
use crate::scenario::batch::{self, Batch, Suite};
use crate::scenario::{EVENT_COUNT_MAX, Options as Limits, trace};
use crate::sema;
use crate::source::{SourceMap, SourceProvider};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Options of `omtc test`.
#[derive(Args)]
pub struct Options {
    /// Files and folders [default: protocols, else the current folder]
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Only scenarios with this text in their name, their title or the path of their file
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How results are shown
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORM")]
    format: Format,
    /// Write everything that happens as JSON lines
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    chart: chart::Charts,
    /// Scenarios that run at once [default: as many as the machine has processors]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
    /// Do not tell what the scenarios cover
    #[arg(long)]
    no_coverage: bool,
    /// Things that may happen in one scenario before it counts as one that never ends
    #[arg(long, default_value_t = EVENT_COUNT_MAX, value_name = "NUMBER")]
    max_events: usize,
    /// Folder from which `imports` and `uses` are resolved (also: OMERTA_PROTOCOL_DIR)
    #[arg(long, value_name = "FOLDER")]
    protocol_dir: Option<PathBuf>,
    /// Give old files a meaning where one can be given
    #[arg(long)]
    lenient: bool,
}

/// A form of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match test(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

fn test(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    run.works("running scenarios");
    let provider = run.system.sources();
    let paths = paths(&*provider, options);
    for path in find_sources(&*provider, &paths).map_err(|e| e.to_string())? {
        // What cannot be read is no finding in a source; everything else is.
        provider.read(&path).map_err(|e| e.to_string())?;
    }
    let analysis = sema::Options {
        protocol_folder: protocol_folder(run.system, options.protocol_dir.as_deref())?,
        lenient: options.lenient,
        specify: true,
    };
    let analyzed = sema::analyze_with(&*provider, &paths, &analysis);
    let (suites, skipped) = Suite::all(&analyzed, &*provider, &analysis)?;
    let batch = Batch::of(&suites, options.filter.as_deref());
    if let Some(filter) =
        options.filter.as_deref().filter(|_| batch.is_empty() && skipped.is_empty() && !analyzed.has_errors())
    {
        return Err(nothing(&suites, filter));
    }
    let limits = Limits { event_count_max: options.max_events, ..Limits::default() };
    let jobs = options.jobs.or_else(|| std::thread::available_parallelism().ok());
    let results = batch.run(&limits, jobs.map_or(1, NonZeroUsize::get));
    write_files(run, options, &analyzed.sources, &results)?;
    let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).cloned().collect();
    let findings = Findings {
        sources: &analyzed.sources,
        diagnostics: &errors,
        allowances: &[],
        dropped: analyzed.dropped,
    };
    // A part of the scenarios covers a part: that tells nothing.
    let coverage =
        if options.no_coverage || options.filter.is_some() { Vec::new() } else { batch.coverage(&results) };
    match options.format {
        Format::Human => {
            show_errors(run, &findings);
            for path in &skipped {
                run.out(&format!("{}: not run, what it uses has errors\n\n", path.display()));
            }
            let text = human::text(&analyzed.sources, &suites, &results, &coverage, run.color);
            run.out(&text);
        }
        Format::Json => {
            let more = report::members(&analyzed.sources, &results, &coverage, &skipped);
            run.out(&json::text(&findings, usize::MAX, more));
        }
    }
    let failed = results.iter().any(|result| !result.run.passed());
    Ok(if failed || !skipped.is_empty() || !errors.is_empty() || analyzed.dropped > 0 {
        FINDINGS
    } else {
        FINE
    })
}

/// What is tested when nothing is named.
fn paths(provider: &dyn SourceProvider, options: &Options) -> Vec<PathBuf> {
    if !options.paths.is_empty() {
        return options.paths.clone();
    }
    let usual = Path::new("protocols");
    vec![if provider.is_folder(usual) { usual.to_owned() } else { PathBuf::from(".") }]
}

fn show_errors(run: &mut Run<'_>, findings: &Findings<'_>) {
    let mut renderer = Renderer::new(findings.sources, run.color);
    let text: Vec<String> = findings.diagnostics.iter().map(|d| renderer.render(d)).collect();
    for text in text {
        run.out(&format!("{text}\n"));
    }
    if !findings.diagnostics.is_empty() || findings.dropped > 0 {
        let count = findings.diagnostics.len().saturating_add(findings.dropped);
        run.out(&format!("{}: what has errors is not run\n\n", plural(count, "error")));
    }
}

/// That a filter fits nothing, and what it may have meant.
fn nothing(suites: &[Suite], filter: &str) -> String {
    let names: Vec<&str> = suites.iter().flat_map(Suite::names).collect();
    match did_you_mean(filter, names.iter().copied()) {
        Some(near) => format!("no scenario fits `{filter}`; did you mean `{near}`?"),
        None => format!("no scenario of {} fits `{filter}`", names.len()),
    }
}

fn write_files(
    run: &mut Run<'_>,
    options: &Options,
    sources: &SourceMap,
    results: &[batch::Result<'_>],
) -> Result<(), String> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    let (mut all, mut charts) = (String::new(), Vec::new());
    for result in results {
        if options.trace.is_none() && !options.chart.is_wanted() {
            break;
        }
        let lines = trace(result.suite.specification(), result.scenario, &result.run, sources);
        if options.trace.is_some() {
            for line in &lines {
                all.push_str(&line.to_string());
                all.push('\n');
            }
        }
        let matters = Matters::of(result.suite.protocols());
        charts.extend(traced(&lines, &matters));
    }
    if let Some(path) = &options.trace {
        files.push((path.clone(), all.into_bytes()));
    }
    files.extend(options.chart.files(&charts));
    let files: Vec<(PathBuf, &[u8])> =
        files.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    replace(run.system.files(), &files, &suffix).map_err(|error| error.to_string())
}
