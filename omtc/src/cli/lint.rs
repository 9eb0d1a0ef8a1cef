//! `omtc lint PATHS`

use super::show::{Denied, Findings, plural};
use super::{Run, Sources};
use crate::build::{Rewrite, find_sources, rewrite};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix::{Applied, Fixed, Wanted, fix};
use crate::report::report;
use crate::source::ReadAhead;
use clap::Args;
use serde_json::{Value, json};

/// Options of `omtc lint`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Apply what is certain, until nothing changes
    #[arg(long)]
    fix: bool,
    /// Apply what is probable too
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// Only say what would be applied
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Only findings of these codes
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    only: Vec<String>,
    #[command(flatten)]
    denied: Denied,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match lint(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

fn lint(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    run.works("checking");
    if let Some(code) = options.only.iter().find(|code| crate::diagnostic::codes::find(code).is_none()) {
        return Err(format!("there is no code {code}; `omtc explain` lists all codes"));
    }
    let provider = run.system.sources();
    let roots = &options.sources.paths;
    let files = find_sources(&*provider, roots).map_err(|e| e.to_string())?;
    let sources = ReadAhead::new(&*provider);
    for path in &files {
        sources.ahead(path).map_err(|e| e.to_string())?;
    }
    let analysis = options.sources.analysis(run.system)?;
    let applicability = if options.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let fixed = if options.fix {
        let wanted = Wanted { applicability, codes: &options.only, files: &files };
        fix(&sources, &files, &analysis, wanted)
    } else {
        let left = report(&sources, &files, &analysis);
        Fixed { changes: Vec::new(), applied: Vec::new(), rounds: 0, left }
    };
    if !options.dry_run {
        let suffix = format!("omtc-{}.tmp", run.system.process());
        rewrite(run.system.files(), &fixed.changes, &suffix).map_err(|e| e.to_string())?;
    }
    Ok(say(run, options, fixed))
}

fn say(run: &mut Run<'_>, options: &Options, fixed: Fixed) -> u8 {
    let Fixed { changes, applied, left, .. } = fixed;
    let mut left = left;
    if !options.only.is_empty() {
        left.diagnostics.retain(|d| options.only.iter().any(|code| code.eq_ignore_ascii_case(d.code.id)));
    }
    let findings = Findings::of(&left);
    let shown = &options.sources.shown;
    let verb = if options.dry_run { "would fix" } else { "fixed" };
    let summary = format!(
        "{}{}{}{}\n",
        lines(&applied, verb),
        written(&changes, &applied, verb),
        shown.tally(&findings).line(),
        waiting(&left.diagnostics, options),
    );
    let list = applied
        .iter()
        .map(|a| json!({ "code": a.code, "place": a.place, "message": a.message }))
        .collect::<Vec<Value>>();
    let more = vec![("fixed", Value::Array(list))];
    shown.show(run, &findings, more, &summary);
    options.denied.status(&findings)
}

/// One line for each fix.
fn lines(applied: &[Applied], verb: &str) -> String {
    applied.iter().map(|a| format!("{verb} {} {}: {}\n", a.place, a.code, a.message)).collect()
}

fn written(changes: &[Rewrite], applied: &[Applied], verb: &str) -> String {
    if applied.is_empty() {
        return String::new();
    }
    format!("{verb} {} in {}\n", plural(applied.len(), "finding"), plural(changes.len(), "file"))
}

/// What could still be applied, and how.
fn waiting(left: &[Diagnostic], options: &Options) -> String {
    let with = |applicability| {
        left.iter().filter(|d| d.fixes.iter().any(|f| f.applicability == applicability)).count()
    };
    match (with(Applicability::Safe), with(Applicability::Unsafe)) {
        (safe, _) if safe > 0 && !options.fix => format!("; {safe} can be fixed by `--fix`"),
        (_, probable) if probable > 0 && !options.unsafe_fixes => {
            format!("; {probable} probably by `--fix --unsafe-fixes`")
        }
        _ => String::new(),
    }
}
