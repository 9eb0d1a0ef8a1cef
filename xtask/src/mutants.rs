//! `cargo xtask mutants`: mistakes in protocols, and who notices.
//!
//! Without more: mechanical mistakes, and the share that `omtc check` alone notices. With `--semantic`: mistakes in what the transactions and
//! their shared files do, and the share that is noticed by `omtc check`, by a scenario, by a property in a scope, by nobody.

use crate::command;
use clap::{Args, ValueEnum};
use omerta_tests::mutation::named::{self, Named};
use omerta_tests::mutation::{
    Kind, Row, SEED, SITES, Subject, Trial, Verdict, judge, judge_drawn, kinds, semantic, show, study,
    subjects, subjects_with_shared,
};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Looks of a search at its limits, unless told otherwise: some seconds each in an optimised build.
const LOOKS: u64 = 20;

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
    /// How long each scope is searched with --semantic, in looks of the search at its limits; 0: not at all
    #[arg(long, default_value_t = LOOKS)]
    pub looks: u64,
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
    trial.rehearse(options.looks)?;
    let is_terminal = std::io::stderr().is_terminal();
    let told = |done: usize, of: usize| {
        if is_terminal {
            eprint!("\r{done} of {of}");
        } else if done.is_multiple_of(100) {
            eprintln!("{done} of {of}");
        }
    };
    let judge = |kind: &Kind, subject: &Subject, mutant: &_| trial.judge(kind, subject, mutant);
    let sites = options.sites.unwrap_or(0);
    let rows = judge_drawn(chosen, &subjects, options.seed, sites, &judge, &told);
    for row in &rows {
        for outcome in &row.outcomes {
            let Some(subject) = subjects.get(outcome.subject) else { continue };
            let by = match &outcome.verdict {
                Verdict::Caught(_) => "omtc check",
                Verdict::Failed(by) | Verdict::Refuted(by) => by,
                Verdict::Argued(_) | Verdict::Survived | Verdict::Equivalent | Verdict::Broken(_) => continue,
            };
            let of = argued.iter().filter(|argued| argued.is(row.kind, subject, &outcome.mutant));
            wrong.extend(of.map(|argued| complaint(argued, &format!("it is noticed by {by}"))));
        }
    }
    Ok((subjects, rows, wrong))
}

fn complaint(argued: &Named, why: &str) -> String {
    let Named { file, kind, within, what, .. } = argued;
    format!("{ARGUED}: {kind} in {within} of {file}, {what}: {why}")
}
