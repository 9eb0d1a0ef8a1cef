//! `omtc check PATHS`

use super::show::{Denied, Findings};
use super::{FINDINGS, FINE, Run, Sources};
use crate::build::find_sources;
use crate::report::{Reported, report, words};
use crate::source::{ReadAhead, SourceProvider};
use clap::Args;
use omt_runtime::ir::Protocol;
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omt_runtime::package::Package;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Options of `omtc check`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    denied: Denied,
    /// Only what one file alone can tell: words and grammar
    #[arg(long)]
    syntax_only: bool,
    /// What standard input (the path `-`) is called, and where its imports are looked for
    #[arg(long, default_value = "<stdin>", value_name = "PATH")]
    stdin_name: PathBuf,
    /// Show what becomes of each message in each state
    #[arg(long, conflicts_with = "syntax_only")]
    matrix: bool,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match check(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

fn check(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    run.works("checking");
    let (packages, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
        options.sources.paths.iter().cloned().partition(|path| path.extension().is_some_and(|e| e == "omtp"));
    let packages: Vec<Checked> = packages.iter().map(|p| package(run, p)).collect::<Result<_, String>>()?;
    let disk = run.system.sources();
    let provider = ReadAhead::new(&*disk);
    for path in paths.iter_mut().filter(|path| path.as_os_str() == "-") {
        let bytes = run.system.input().map_err(|e| format!("cannot read standard input: {e}"))?;
        // A second `-` means the same, and there is nothing left to read.
        if !provider.is_ahead(&options.stdin_name) {
            provider.insert(&options.stdin_name, bytes);
        }
        path.clone_from(&options.stdin_name);
    }
    let (reported, matrix) = if paths.is_empty() {
        (Reported::default(), None)
    } else if options.syntax_only {
        let files = find_sources(&provider, &paths).map_err(|e| e.to_string())?;
        (words(&provider, &files).map_err(|e| e.to_string())?, None)
    } else {
        let analysis = options.sources.analysis(run.system)?;
        for path in find_sources(&provider, &paths).map_err(|e| e.to_string())? {
            // What cannot be read is no finding in a source; everything else is.
            provider.read(&path).map_err(|e| e.to_string())?;
        }
        let reported = report(&provider, &paths, &analysis);
        let matrix = options.matrix.then(|| matrix(&reported));
        (reported, matrix)
    };
    let findings = Findings::of(&reported);
    let shown = &options.sources.shown;
    let mut summary: String = packages.iter().map(Checked::line).collect();
    summary.push_str(&matrix.as_ref().map(lines).unwrap_or_default());
    if !paths.is_empty() {
        summary.push_str(&format!("{}\n", shown.tally(&findings).line()));
    }
    let mut more = Vec::new();
    if !packages.is_empty() {
        more.push(("packages", packages.iter().map(Checked::json).collect()));
    }
    more.extend(matrix.map(|matrix| ("matrix", matrix)));
    shown.show(run, &findings, more, &summary);
    let refused = packages.iter().any(|p| p.loaded.is_err());
    Ok(options.denied.status(&findings).max(if refused { FINDINGS } else { FINE }))
}

/// A package that was looked at: number, name and id, or why this runtime refuses it.
struct Checked {
    path: String,
    loaded: Result<(String, String, String), String>,
}

/// Whether a package is one that this runtime loads.
fn package(run: &mut Run<'_>, path: &Path) -> Result<Checked, String> {
    let bytes = run.system.sources().read(path).map_err(|error| error.to_string())?;
    let loaded = Package::load(&bytes).map_err(|error| error.to_string());
    let loaded = loaded.map(|p| (p.protocol.number.clone(), p.protocol.meta.name.clone(), p.id.to_string()));
    Ok(Checked { path: path.display().to_string(), loaded })
}

impl Checked {
    fn line(&self) -> String {
        match &self.loaded {
            Ok((number, name, id)) => format!("{}: {number} {name}, protocol id {id}\n", self.path),
            Err(reason) => format!("{}: refused: {reason}\n", self.path),
        }
    }

    fn json(&self) -> Value {
        match &self.loaded {
            Ok((number, name, id)) => {
                json!({ "path": self.path, "number": number, "name": name, "id": id, "refused": null })
            }
            Err(reason) => json!({ "path": self.path, "refused": reason }),
        }
    }
}

/// Of every transaction, once, in the order of their paths; of none when there is an error.
fn matrix(reported: &Reported) -> Value {
    let protocols: BTreeMap<&str, &Protocol> = reported
        .units
        .iter()
        .filter(|_| !reported.has_errors())
        .filter_map(|unit| unit.protocol.as_ref())
        .map(|protocol| (protocol.meta.path.as_str(), protocol))
        .collect();
    let mut transactions = Vec::new();
    for (path, protocol) in protocols {
        let mut actors = Vec::new();
        for (name, actor) in &Analysis::of(protocol).actors {
            let states: Vec<Value> = actor
                .messages
                .iter()
                .map(|(state, messages)| {
                    let messages: Vec<Value> = messages
                        .iter()
                        .map(|(message, disposition)| json!({ "message": message, "is": word(*disposition) }))
                        .collect();
                    json!({ "state": state, "messages": messages })
                })
                .collect();
            actors.push(json!({ "actor": name, "states": states }));
        }
        transactions.push(json!({ "transaction": path, "actors": actors }));
    }
    Value::Array(transactions)
}

fn word(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Handled => "handled",
        Disposition::Deferred => "deferred",
        Disposition::Discarded => "discarded",
    }
}

/// The matrix for people: one line for each state and message.
fn lines(matrix: &Value) -> String {
    let mut text = String::new();
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let word =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    for transaction in matrix.as_array().into_iter().flatten() {
        for actor in list(transaction, "actors") {
            text.push_str(&format!("{}: {}\n", word(transaction, "transaction"), word(&actor, "actor")));
            for state in list(&actor, "states") {
                for message in list(&state, "messages") {
                    text.push_str(&format!(
                        "  {:<32} {:<32} {}\n",
                        word(&state, "state"),
                        word(&message, "message"),
                        word(&message, "is")
                    ));
                }
            }
        }
    }
    text
}
