//! `cargo xtask mutants`: mechanical mistakes in protocols, and the share that `omtc check` alone notices, or with it the
//! scenarios.

use crate::command;
use clap::{Args, ValueEnum};
use omerta_tests::mutation::{
    Kind, Mutant, SEED, SITES, Subject, Verdict, judge, judge_by_scenarios, kinds, show, study, subjects,
};
use std::path::PathBuf;

/// Options of `cargo xtask mutants`.
#[derive(Args)]
pub struct Options {
    /// Files and folders; without any, our protocols
    pub paths: Vec<PathBuf>,
    /// Which places are drawn
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,
    /// Places for each kind; 0 takes all
    #[arg(long, default_value_t = SITES)]
    pub sites: usize,
    /// Only kinds whose name contains this
    #[arg(long)]
    pub kind: Option<String>,
    /// Run the scenarios of a transaction on the mistakes that `omtc check` lets pass; build with --release
    #[arg(long)]
    pub scenarios: bool,
    /// Show what was caught too, and by what
    #[arg(long)]
    pub show: bool,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How the result is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table and the survivors
    Text,
    /// One object
    Json,
}

/// Draws, asks and shows. How many are caught decides nothing.
///
/// # Errors
/// A path leads nowhere, or no kind has that name.
pub fn run(options: &Options) -> Result<bool, String> {
    let root = command::root();
    let paths = if options.paths.is_empty() { vec![root.join("protocols")] } else { options.paths.clone() };
    let wanted = |k: &&Kind| options.kind.as_deref().is_none_or(|part| k.name.contains(part));
    let chosen: Vec<&Kind> = kinds().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = kinds().map(|k| k.name).collect();
        return Err(format!("no kind has that name; there are {}", names.join(", ")));
    }
    let subjects = subjects(&paths)?;
    let judges: &(dyn Fn(&Subject, &Mutant) -> Verdict + Sync) =
        if options.scenarios { &judge_by_scenarios } else { &judge };
    let rows = study(&chosen, &subjects, options.seed, options.sites, judges);
    match options.format {
        Format::Text => print!("{}", show::text(&rows, &subjects, &root, options.show)),
        Format::Json => println!("{:#}", show::json(&rows, &subjects, &root, options.seed)),
    }
    Ok(true)
}
