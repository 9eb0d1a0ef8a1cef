//! `cargo xtask mutants`: mistakes in protocols, and who notices.
//!
//! Without more: mechanical mistakes, and the share that `omtc check` alone notices. With `--semantic`: mistakes in what the transactions and
//! their shared files do, and the share that is noticed by `omtc check`, by a scenario, by a property in a scope, by nobody.

use crate::command;
use clap::{Args, ValueEnum};
use omerta_tests::mutation::named::{self, Named};
use omerta_tests::mutation::{
    Effort, Kind, Mutant, Row, SEED, SITES, Subject, Trial, Verdict, judge, judge_drawn, kinds, semantic,
    show, study, subjects, subjects_with_shared,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Seconds for each scope, unless told otherwise.
const SECONDS: u64 = 60;

/// MiB for each scope, unless told otherwise; there is one for each core.
const MEMORY: usize = 2_048;

/// Kind, place and words of a mistake.
type Name = (String, String, String);

/// Mistakes that nobody can notice, with the reason why.
const ARGUED: &str = "tests/mutation/equivalent.json";

/// Options of `cargo xtask mutants`.
#[derive(Args)]
pub struct Options {
    /// Files and folders; without any, our protocols
    pub paths: Vec<PathBuf>,
    /// Which places are drawn
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,
    /// Places for each kind; 0 takes all, as --semantic does unless told otherwise
    #[arg(long)]
    pub sites: Option<usize>,
    /// Only kinds whose name contains this
    #[arg(long)]
    pub kind: Option<String>,
    /// Mistakes in what the transactions do, also in the files that they share, judged by checks, scenarios and scopes; build with --release
    #[arg(long)]
    pub semantic: bool,
    /// With --semantic: seconds for each scope, to explore it and once more to search it; 0: scopes are not looked at
    #[arg(long, default_value_t = SECONDS)]
    pub time: u64,
    /// With --semantic: MiB for each scope
    #[arg(long, default_value_t = MEMORY)]
    pub memory: usize,
    /// With --semantic: how many messages of byzantine members are heard in one run of a scope, at most
    #[arg(long, default_value_t = 1)]
    pub byzantine: u32,
    /// With --semantic: random steps in each scope
    #[arg(long, default_value_t = 20_000)]
    pub steps: u64,
    /// With --semantic: an earlier result of --out; the scenario that noticed a mistake then is asked first
    #[arg(long, value_name = "FILE")]
    pub hints: Option<PathBuf>,
    /// Show what was noticed too, and by what
    #[arg(long)]
    pub show: bool,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the object for machines to a file, too
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// How the result is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table and the survivors
    Text,
    /// One object
    Json,
}

/// Draws, asks and shows. How many are noticed decides nothing; an argument that does not hold does.
///
/// # Errors
/// A path leads nowhere, no kind has that name, or a scenario fails without any mistake.
pub fn run(options: &Options) -> Result<bool, String> {
    let root = command::root();
    let wanted = |k: &&Kind| options.kind.as_deref().is_none_or(|part| k.name.contains(part));
    let all: Vec<&Kind> = if options.semantic { semantic().collect() } else { kinds().collect() };
    let chosen: Vec<&Kind> = all.iter().copied().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|k| k.name).collect();
        return Err(format!("no kind has that name; there are {}", names.join(", ")));
    }
    let (subjects, rows, wrong) = if options.semantic {
        judged(options, &root, &chosen)?
    } else {
        let paths =
            if options.paths.is_empty() { vec![root.join("protocols")] } else { options.paths.clone() };
        let subjects = subjects(&paths)?;
        let rows = study(&chosen, &subjects, options.seed, options.sites.unwrap_or(SITES), &judge);
        (subjects, rows, Vec::new())
    };
    if let Some(path) = &options.out {
        let text = format!("{:#}\n", show::json(&rows, &subjects, &root, options.seed));
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    match options.format {
        Format::Text => print!("{}", show::text(&rows, &subjects, &root, options.show)),
        Format::Json => println!("{:#}", show::json(&rows, &subjects, &root, options.seed)),
    }
    wrong.iter().for_each(|line| eprintln!("{line}"));
    Ok(wrong.is_empty())
}

/// The mistakes in the transactions and in what they share, and the arguments that do not hold.
fn judged(
    options: &Options,
    root: &Path,
    chosen: &[&'static Kind],
) -> Result<(Vec<Subject>, Vec<Row>, Vec<String>), String> {
    let argued = named::read(&root.join(ARGUED))?;
    let mut subjects = subjects_with_shared(&[root.join("protocols/transactions")])?;
    let stale = argued.iter().filter(|argued| argued.find(&subjects).is_empty());
    let mut wrong: Vec<String> =
        stale.map(|argued| complaint(argued, "there is no such mistake any more")).collect();
    let paths: Result<Vec<PathBuf>, String> = options
        .paths
        .iter()
        .map(|path| path.canonicalize().map_err(|e| format!("{}: {e}", path.display())))
        .collect();
    let paths = paths?;
    subjects.retain(|s| {
        paths.is_empty() || s.path.canonicalize().is_ok_and(|p| paths.iter().any(|of| p.starts_with(of)))
    });
    if subjects.is_empty() {
        return Err("these paths hold nothing of a transaction".to_owned());
    }
    let mut trial = Trial::new(&subjects, argued.clone())?;
    let hints = options.hints.as_deref().map_or(Ok(BTreeMap::new()), hints)?;
    trial.rehearse(Effort {
        time: Duration::from_secs(options.time),
        memory: options.memory.saturating_mul(1 << 20),
        byzantine: options.byzantine,
        steps: options.steps,
    })?;
    let is_terminal = std::io::stderr().is_terminal();
    let told = |done: usize, of: usize| {
        if is_terminal {
            eprint!("\r{done} of {of}");
        } else if done.is_multiple_of(100) {
            eprintln!("{done} of {of}");
        }
    };
    let judge = |kind: &Kind, subject: &Subject, mutant: &Mutant| {
        let name = (kind.name.to_owned(), subject.within(mutant.site), mutant.what.clone());
        trial.judge(kind, subject, mutant, hints.get(&name).map(String::as_str))
    };
    let sites = options.sites.unwrap_or(0);
    let rows = judge_drawn(chosen, &subjects, options.seed, sites, &judge, &told);
    for row in &rows {
        for outcome in &row.outcomes {
            let Some(subject) = subjects.get(outcome.subject) else { continue };
            let by = match &outcome.verdict {
                Verdict::Caught(_) => "omtc check",
                Verdict::Failed(by) | Verdict::Refuted(by) => by,
                Verdict::Argued(..) | Verdict::Survived(_) | Verdict::Equivalent | Verdict::Broken(_) => {
                    continue;
                }
            };
            let of = argued.iter().filter(|argued| argued.is(row.kind, subject, &outcome.mutant));
            wrong.extend(of.map(|argued| complaint(argued, &format!("it is noticed by {by}"))));
        }
    }
    Ok((subjects, rows, wrong))
}

/// Which scenario noticed which mistake, in an earlier result.
fn hints(path: &Path) -> Result<BTreeMap<Name, String>, String> {
    let wrong = |why: String| format!("{}: {why}", path.display());
    let text = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let result: Value = serde_json::from_slice(&text).map_err(|e| wrong(e.to_string()))?;
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned();
    let word = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let kinds = list(&result, "kinds").ok_or_else(|| wrong("it is no result of this command".to_owned()))?;
    let mut found = BTreeMap::new();
    for row in &kinds {
        for mutant in list(row, "mutants").unwrap_or_default() {
            if let (Some(kind), Some(within), Some(what), Some(by), Some("test")) = (
                word(row, "kind"),
                word(&mutant, "within"),
                word(&mutant, "what"),
                word(&mutant, "by"),
                mutant.get("verdict").and_then(Value::as_str),
            ) {
                found.insert((kind, within, what), by);
            }
        }
    }
    Ok(found)
}

fn complaint(argued: &Named, why: &str) -> String {
    let Named { file, kind, within, what, .. } = argued;
    format!("{ARGUED}: {kind} in {within} of {file}, {what}: {why}")
}
