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
mod timed;

use crate::command;
use clap::Args;
use std::time::{Duration, Instant};

/// Rounds of each benchmark; an odd number has a median.
const ROUNDS: usize = 7;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// Only benchmarks whose name contains this: `check`, `compiler`, `doc`, `graph`, `lock`, `lsp`
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
    let mut known = false;
    if wanted("check") {
        check::run()?;
        known = true;
    }
    if wanted("compiler") {
        compiler::run()?;
        known = true;
    }
    if wanted("doc") {
        doc::run()?;
        known = true;
    }
    if wanted("graph") {
        graph::run()?;
        known = true;
    }
    if wanted("lock") {
        lock::run()?;
        known = true;
    }
    if wanted("lsp") {
        lsp::run()?;
        known = true;
    }
    if known {
        Ok(true)
    } else {
        Err("no benchmark has that name; there are `check`, `compiler`, `doc`, `graph`, `lock` and `lsp`"
            .to_owned())
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
