//! `omtc check PATHS`

use super::show::{Count, plural, show};
use super::{FINDINGS, FINE, Run, Sources};
use crate::build::{Compiled, compile, find_sources};
use crate::diagnostic::{self, Diagnostic};
use crate::source::{FileId, SourceMap};
use crate::syntax;
use clap::{Args, ValueEnum};
use omt_runtime::ir::analysis::Disposition;
use omt_runtime::package::Package;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Options of `omtc check`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Only what one file alone can tell: words and grammar
    #[arg(long)]
    syntax_only: bool,
    /// Show what becomes of each message in each state
    #[arg(long, conflicts_with = "syntax_only")]
    matrix: bool,
    /// Fail on these too
    #[arg(long, value_enum)]
    deny: Option<Deny>,
}

/// What else is to fail.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Findings that are not errors
    Warnings,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    let (packages, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        options.sources.paths.iter().cloned().partition(|path| path.extension().is_some_and(|e| e == "omtp"));
    let mut status = FINE;
    for path in &packages {
        status = status.max(package(run, path));
    }
    if paths.is_empty() {
        return status;
    }
    let checked = if options.syntax_only { words(run, &paths) } else { meaning(run, options, &paths) };
    let (sources, diagnostics, more) = match checked {
        Ok(checked) => checked,
        Err(message) => return run.trouble(&message),
    };
    let count = Count::of(&diagnostics);
    let matrix = more.iter().find(|(name, _)| *name == "matrix").map(|(_, v)| lines(v)).unwrap_or_default();
    let files = plural(sources.iter().count(), "file");
    show(
        run,
        options.sources.format,
        &sources,
        &diagnostics,
        more,
        &format!("{matrix}{files}: {}\n", count.text()),
    );
    status.max(count.status(options.deny == Some(Deny::Warnings)))
}

/// Whether a package is one that this runtime loads.
fn package(run: &mut Run<'_>, path: &Path) -> u8 {
    let bytes = match run.system.sources().read(path) {
        Ok(bytes) => bytes,
        Err(error) => return run.trouble(&error.to_string()),
    };
    match Package::load(&bytes) {
        Ok(package) => {
            let meta = &package.protocol.meta;
            let text = format!(
                "{}: {} {}, protocol id {}\n",
                path.display(),
                package.protocol.number,
                meta.name,
                package.id
            );
            run.out(&text);
            FINE
        }
        Err(error) => {
            run.out(&format!("{}: refused: {error}\n", path.display()));
            FINDINGS
        }
    }
}

type Checked = (SourceMap, Vec<Diagnostic>, Vec<(&'static str, Value)>);

fn words(run: &mut Run<'_>, paths: &[PathBuf]) -> Result<Checked, String> {
    let provider = run.system.sources();
    let mut sources = SourceMap::new();
    let mut diagnostics = Vec::new();
    for path in find_sources(&*provider, paths).map_err(|e| e.to_string())? {
        let bytes = provider.read(&path).map_err(|e| e.to_string())?;
        let (text, wrong) = syntax::decode(FileId::default(), &bytes);
        let file = sources.add(path.to_string_lossy(), text.as_str());
        diagnostics.extend(wrong.map(|mut d| {
            d.primary.span.file = file;
            d
        }));
        diagnostics.extend(syntax::parse(file, &text).diagnostics);
    }
    diagnostic::sort(&mut diagnostics);
    Ok((sources, diagnostics, Vec::new()))
}

fn meaning(run: &mut Run<'_>, options: &Options, paths: &[PathBuf]) -> Result<Checked, String> {
    let folder = options.sources.protocol_folder(run.system)?;
    let compiled =
        compile(&*run.system.sources(), paths, folder.as_ref(), &mut |_| {}).map_err(|e| e.to_string())?;
    let more = if options.matrix { vec![("matrix", matrix(&compiled))] } else { Vec::new() };
    Ok((compiled.sources, compiled.diagnostics, more))
}

fn matrix(compiled: &Compiled) -> Value {
    let mut transactions = Vec::new();
    for transaction in &compiled.transactions {
        let package = &transaction.package;
        let mut actors = Vec::new();
        for (name, actor) in &package.analysis.actors {
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
        let path = &package.protocol.meta.path;
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
