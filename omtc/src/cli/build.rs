//! `omtc build PATHS`

use super::show::{Findings, Tally, plural};
use super::{FINDINGS, FINE, Run, Sources};
use crate::build::{Emit, Report, Request, build};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Options of `omtc build`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// What to write: all of it unless told otherwise
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KINDS")]
    emit: Vec<Kind>,
    /// Folder that outputs go to
    #[arg(long, default_value = "generated", value_name = "FOLDER")]
    out: PathBuf,
    /// Write nothing; fail when what is there differs from what would be written
    #[arg(long)]
    check: bool,
}

/// A kind of output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// State machines, in src/
    Rust,
    /// Markdown, in docs/
    Docs,
    /// Packages that a node loads, in packages/
    Package,
    /// Diagrams of machines and conversations as SVG, Mermaid and DOT, in graphs/
    Graphs,
}

pub fn run(run: &mut Run<'_>, options: Options) -> u8 {
    let protocol_folder = match options.sources.protocol_folder(run.system) {
        Ok(folder) => folder,
        Err(message) => return run.trouble(&message),
    };
    let emit = |kind: &Kind| match kind {
        Kind::Rust => Emit::Rust,
        Kind::Docs => Emit::Docs,
        Kind::Package => Emit::Package,
        Kind::Graphs => Emit::Graphs,
    };
    let request = Request {
        emit: if options.emit.is_empty() {
            Emit::ALL.into()
        } else {
            options.emit.iter().map(emit).collect()
        },
        paths: options.sources.paths,
        out: options.out,
        check: options.check,
        protocol_folder,
        lenient: options.sources.lenient,
        compiler: run.system.compiler(),
        suffix: format!("omtc-{}.tmp", run.system.process()),
    };
    run.works("building");
    let sources = run.system.sources();
    let clock = run.system.clock();
    let report = match build(&request, &*sources, run.system.files(), &*clock) {
        Ok(report) => report,
        Err(error) => return run.trouble(&error.to_string()),
    };
    let more = vec![("build", members(&report))];
    let findings = Findings {
        sources: &report.sources,
        diagnostics: &report.diagnostics,
        allowances: &report.allowances,
        dropped: report.dropped,
    };
    let shown = &options.sources.shown;
    let summary = summary(&report, &shown.tally(&findings), request.check);
    shown.show(run, &findings, more, &summary);
    if report.has_findings() { FINDINGS } else { FINE }
}

fn summary(report: &Report, count: &Tally, check: bool) -> String {
    let mut text = String::new();
    let mut line = |l: String| {
        text.push_str(&l);
        text.push('\n');
    };
    if let Some((sources, outputs, warnings)) = report.up_to_date {
        line(format!(
            "nothing to do: {} and {} are as the last build left them ({})",
            plural(sources, "source"),
            plural(outputs, "output"),
            times(&report.steps)
        ));
        if warnings > 0 {
            line(format!("{} stand: `omtc check` shows them", plural(warnings, "finding")));
        }
        return text;
    }
    if count.errors > 0 {
        line(format!("{}: nothing was written", count.line()));
        return text;
    }
    for (number, name, id) in &report.transactions {
        line(format!("{number} {name}  {}", id.get(..16).unwrap_or(id)));
    }
    for (path, size) in &report.written {
        line(format!("wrote    {} ({size} bytes)", slashed(path)));
    }
    for path in &report.removed {
        line(format!("removed  {}", slashed(path)));
    }
    for (path, stale) in &report.stale {
        line(format!("{:<9} {}", stale.word(), slashed(path)));
    }
    let mut last = vec![plural(report.transactions.len(), "transaction")];
    if check {
        last.push(match report.stale.len() {
            0 => "everything is up to date".to_owned(),
            n => format!("{} differ from the sources: run `omtc build` again", plural(n, "file")),
        });
    } else {
        last.push(format!("{} written, {} the same", plural(report.written.len(), "file"), report.unchanged));
    }
    if !count.is_clean() {
        last.push(count.line());
    }
    line(last.join("; "));
    line(times(&report.steps));
    text
}

fn times(steps: &[(&'static str, Duration)]) -> String {
    let milliseconds = |d: &Duration| format!("{:.1} ms", d.as_secs_f64() * 1e3);
    steps.iter().map(|(name, took)| format!("{name} {}", milliseconds(took))).collect::<Vec<_>>().join(", ")
}

/// The same text on every system.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn members(report: &Report) -> Value {
    json!({
        "up_to_date": report.up_to_date.is_some(),
        "transactions": report.transactions.iter()
            .map(|(number, name, id)| json!({ "number": number, "name": name, "id": id })).collect::<Vec<_>>(),
        "written": report.written.iter()
            .map(|(path, size)| json!({ "path": slashed(path), "bytes": size })).collect::<Vec<_>>(),
        "unchanged": report.unchanged,
        "removed": report.removed.iter().map(|p| slashed(p)).collect::<Vec<_>>(),
        "stale": report.stale.iter()
            .map(|(path, why)| json!({ "path": slashed(path), "why": why.word() })).collect::<Vec<_>>(),
        "steps": report.steps.iter()
            .map(|(name, took)| json!({ "name": name, "microseconds": u64::try_from(took.as_micros()).unwrap_or(u64::MAX) })).collect::<Vec<_>>(),
    })
}
