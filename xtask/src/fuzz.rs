//! Fuzz functions: properties that hold for any bytes, tried on a corpus and mutations of it.
//!
//! Deterministic: round N of a seed is the same input everywhere. The input of the running round is kept in
//! `target/fuzz/`, so that a crash that kills the process leaves what caused it.

use crate::command;
use clap::Args;
use std::path::{Path, PathBuf};

mod mutate;
mod targets;

pub use targets::TARGETS;

/// Inputs of each function in `cargo xtask test`: a few seconds.
pub const ROUNDS: u64 = 2_000;

/// Seed of `cargo xtask test`.
pub const SEED: u64 = 1;

/// A property that holds for any input.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// How much dearer an input is than one of the cheapest: of the rounds asked for it gets so much less.
    pub cost: u64,
    /// Inputs to begin with.
    pub corpus: fn() -> Vec<Vec<u8>>,
    /// Fails by `Err`, or by a panic.
    pub run: fn(&[u8]) -> Result<(), String>,
}

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub struct Options {
    /// Which one, or `all`
    #[arg(default_value = "all")]
    name: String,
    /// How many inputs, each
    #[arg(long, default_value_t = ROUNDS)]
    rounds: u64,
    /// Where the inputs begin
    #[arg(long, default_value_t = SEED)]
    seed: u64,
}

/// Runs what the options name.
///
/// # Errors
/// There is no such function.
pub fn run(options: &Options) -> Result<bool, String> {
    named(&options.name, options.rounds, options.seed)
}

/// Runs the function of that name, or all, in this process.
///
/// # Errors
/// There is no such function, or its input cannot be kept.
pub fn named(name: &str, rounds: u64, seed: u64) -> Result<bool, String> {
    let mut good = true;
    let mut found = false;
    for target in TARGETS.iter().filter(|t| name == "all" || t.name == name) {
        found = true;
        good &= here(target, rounds, seed)?;
    }
    if found {
        return Ok(good);
    }
    let names: Vec<&str> = TARGETS.iter().map(|t| t.name).collect();
    Err(format!("there is no fuzz function {name}; there are: all, {}", names.join(", ")))
}

/// Runs one in a process of its own: an overflow of the stack cannot be caught.
///
/// # Errors
/// It could not be started.
pub fn target(target: &Target, rounds: u64, seed: u64) -> Result<bool, String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let status = std::process::Command::new(program)
        .args(["fuzz", target.name, "--rounds", &rounds.to_string(), "--seed", &seed.to_string()])
        .status()
        .map_err(|e| e.to_string())?;
    if !status.success() {
        println!("the input is kept in {}", kept(target.name).display());
    }
    Ok(status.success())
}

fn kept(name: &str) -> PathBuf {
    Path::new("target").join("fuzz").join(format!("{name}.input"))
}

fn here(target: &Target, rounds: u64, seed: u64) -> Result<bool, String> {
    let path = command::root().join(kept(target.name));
    let folder = path.parent().ok_or("no folder")?;
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let corpus = (target.corpus)();
    let rounds = rounds.div_ceil(target.cost.max(1));
    let keep = |input: &[u8]| std::fs::write(&path, input).map_err(|e| format!("{}: {e}", path.display()));
    for round in 0..rounds {
        // The corpus itself first, then mutations; what is dear has no time for the whole corpus.
        let input = match usize::try_from(round).ok().and_then(|r| corpus.get(r)) {
            Some(input) if target.cost <= 1 => input.clone(),
            _ => mutate::mutate(&corpus, seed, round),
        };
        keep(&input)?;
        let outcome = std::panic::catch_unwind(|| (target.run)(&input));
        let message = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(message)) => message,
            Err(_) => "it panicked".to_owned(),
        };
        println!("{}: round {round} of seed {seed}: {message}", target.name);
        return Ok(false);
    }
    println!("{}: {rounds} inputs", target.name);
    // A file that is left behind says that something crashed.
    std::fs::remove_file(&path).ok();
    Ok(true)
}
