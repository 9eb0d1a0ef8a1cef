//! `cargo xtask bench`: how fast the compiler, the executors, whole transactions, diagrams and the language server are.
//!
//! Every figure stands beside a rival that was measured in the same run, round by round in turn, and is given as the
//! median over the rounds with the smallest and the largest. Nothing is asserted: machines differ.

mod check;
mod compiler;
mod doc;
mod graph;
mod lock;
mod lsp;
mod process;
mod timed;
mod verify;

use crate::command;
use clap::Args;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Rounds of each benchmark; an odd number has a median.
const ROUNDS: usize = 7;

/// What measures and prints a benchmark.
type Measure = fn() -> Result<(), String>;

/// All of them, by name.
const ALL: [(&str, Measure); 7] = [
    ("check", check::run),
    ("compiler", compiler::run),
    ("doc", doc::run),
    ("graph", graph::run),
    ("lock", lock::run),
    ("lsp", lsp::run),
    ("verify", verify::run),
];

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// Only benchmarks whose name contains this: `check`, `compiler`, `doc`, `graph`, `lock`, `lsp`, `verify`
    pub name: Option<String>,
}

/// Runs them, in the release profile.
///
/// # Errors
/// When something cannot be set up.
pub fn run(options: &Options) -> Result<bool, String> {
    if cfg!(debug_assertions) {
        let mut arguments = vec!["run", "--quiet", "--release", "--package", "xtask", "--", "bench"];
        arguments.extend(options.name.as_deref());
        return command::cargo(&arguments).status("bench");
    }
    let wanted = |name: &str| options.name.as_deref().is_none_or(|part| name.contains(part));
    let chosen: Vec<_> = ALL.iter().filter(|(name, _)| wanted(name)).collect();
    if chosen.is_empty() {
        let names: Vec<String> = ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
        return Err(format!("no benchmark has that name; there are {}", names.join(", ")));
    }
    for (_, measure) in chosen {
        measure()?;
    }
    Ok(true)
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| command::root().join("target"), PathBuf::from)
}

/// The compiler as a process. It is built together with this program: alone it would get other features of its dependencies, and
/// everything would be compiled twice.
fn omtc() -> Result<PathBuf, String> {
    let arguments = ["build", "--quiet", "--release", "--package", "omtc", "--package", "xtask"];
    if command::cargo(&arguments).status("build")? {
        Ok(target().join("release").join("omtc"))
    } else {
        Err("omtc does not build".to_owned())
    }
}

/// Median, smallest and largest of the rounds.
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(mut rounds: Vec<f64>) -> Spread {
        rounds.sort_by(f64::total_cmp);
        let at = |i: usize| rounds.get(i).copied().unwrap_or(f64::NAN);
        Spread { median: at(rounds.len() / 2), least: at(0), most: at(rounds.len().saturating_sub(1)) }
    }

    fn show(&self, unit: &str) -> String {
        format!("{:>10.2} {unit} ({:.2} to {:.2})", self.median, self.least, self.most)
    }
}

/// How long `work` takes. What it returns is kept from being optimised away.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// Round by round quotients of two series.
fn ratio(of: &[f64], to: &[f64]) -> Spread {
    Spread::of(of.iter().zip(to).map(|(a, b)| a / b).collect())
}
