//! `omtc fmt PATHS`

use super::show::{Findings, plural};
use super::{FINDINGS, FINE, Run};
use crate::build::{Rewrite, find_sources, rewrite};
use crate::diagnostic::{Applicability, Diagnostic, has_errors, render_all};
use crate::fix::{Wanted, fix};
use crate::format::{diff, format_parsed};
use crate::sema;
use crate::source::{FileId, SourceMap, SourceProvider};
use crate::syntax;
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Options of `omtc fmt`.
#[derive(Args)]
pub struct Options {
    /// Files and folders; `-` is standard input
    #[arg(default_value = ".", value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Write nothing; fail when a file is not formatted, and show what would change
    #[arg(long)]
    check: bool,
    /// Read standard input, write the result to standard output
    #[arg(long, conflicts_with_all = ["paths"])]
    stdin: bool,
    /// Write what an old file is read as (`--lenient`) where that can be done without changing its meaning
    #[arg(long, conflicts_with = "stdin")]
    migrate: bool,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    let is_stream = |path: &PathBuf| path.as_os_str() == "-";
    if options.paths.len() > 1 && options.paths.iter().any(is_stream) {
        return run.trouble("`-` is standard input and stands alone");
    }
    if options.migrate && options.paths.iter().any(is_stream) {
        return run.trouble("`--migrate` needs files: what an old file means depends on what it imports");
    }
    if options.stdin || options.paths.iter().any(is_stream) {
        let bytes = match run.system.input() {
            Ok(bytes) => bytes,
            Err(error) => return run.trouble(&format!("cannot read standard input: {error}")),
        };
        return match format(Path::new("<stdin>"), &bytes) {
            Err(findings) => {
                run.complain(&findings);
                FINDINGS
            }
            Ok(text) if options.check => {
                if text.as_bytes() == bytes {
                    FINE
                } else {
                    run.out(&format!("not formatted: <stdin>\n{}", changes(&bytes, &text)));
                    FINDINGS
                }
            }
            Ok(text) => {
                run.out(&text);
                FINE
            }
        };
    }
    match files(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

fn files(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    let sources = run.system.sources();
    let paths = find_sources(&*sources, &options.paths).map_err(|e| e.to_string())?;
    let mut changed: Vec<Rewrite> = Vec::new();
    let mut broken = 0_usize;
    let migrated = if options.migrate { migrated(run, &*sources, &paths) } else { BTreeMap::new() };
    for path in &paths {
        let bytes = sources.read(path).map_err(|e| e.to_string())?;
        let now = migrated.get(path).map_or(bytes.as_slice(), String::as_bytes);
        match format(path, now) {
            Ok(text) if text.as_bytes() == bytes => {}
            Ok(after) => changed.push(Rewrite { path: path.clone(), before: bytes, after }),
            Err(findings) => {
                broken = broken.saturating_add(1);
                run.complain(&findings);
            }
        }
    }
    if !options.check {
        let suffix = format!("omtc-{}.tmp", run.system.process());
        rewrite(run.system.files(), &changed, &suffix).map_err(|e| e.to_string())?;
    }
    let verb = if options.check { "not formatted" } else { "formatted" };
    for Rewrite { path, before, after } in &changed {
        let changes = if options.check { changes(before, after) } else { String::new() };
        run.out(&format!("{verb}: {}\n{changes}", path.display()));
    }
    let mut last = format!("{}, {} {verb}", plural(paths.len(), "file"), changed.len());
    if broken > 0 {
        last.push_str(&format!(", {broken} not read because of errors"));
    }
    run.out(&format!("{last}\n"));
    let findings = broken > 0 || (options.check && !changed.is_empty());
    Ok(if findings { FINDINGS } else { FINE })
}

/// The files that lenient readings change, with each reading written out where that keeps the meaning. A fix that
/// would bring an error is left out, so that what was accepted still is.
fn migrated(run: &Run<'_>, sources: &dyn SourceProvider, paths: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let folder = run.system.variable("OMERTA_PROTOCOL_DIR").filter(|v| !v.is_empty()).map(PathBuf::from);
    let analysis = sema::Options { protocol_folder: folder, lenient: true, specify: false };
    let codes: Vec<String> = sema::codes::ALL
        .iter()
        .filter(|code| ("W0801".."W0820").contains(&code.id))
        .map(|code| code.id.to_owned())
        .collect();
    let wanted = Wanted { applicability: Applicability::Safe, codes: &codes, files: paths };
    let fixed = fix(sources, paths, &analysis, wanted);
    fixed.changes.into_iter().map(|change| (change.path, change.after)).collect()
}

fn changes(before: &[u8], after: &str) -> String {
    diff(&String::from_utf8_lossy(before), after)
}

/// The formatted text, or the findings that are in the way, as they are shown.
fn format(path: &Path, bytes: &[u8]) -> Result<String, String> {
    let (text, wrong) = syntax::decode(FileId::default(), bytes);
    let mut sources = SourceMap::new();
    let file = sources.add(path.to_string_lossy(), text.as_str());
    let parsed = syntax::parse(file, &text);
    let found: Vec<&Diagnostic> = wrong.iter().chain(&parsed.diagnostics).collect();
    if wrong.is_none() && !has_errors(&parsed.diagnostics) {
        return Ok(format_parsed(&parsed, &text));
    }
    let errors: Vec<Diagnostic> = found.into_iter().filter(|d| d.is_error()).cloned().collect();
    let findings =
        Findings { sources: &sources, diagnostics: &errors, allowances: &[], dropped: parsed.dropped };
    Err(format!("{}{}\n", render_all(&sources, &errors, false), findings.tally(errors.len()).line()))
}
