//! `cargo xtask soak NAME`: tests that find more the longer they run.

mod emacs;
mod holes;
mod lsp;
mod pinned;

use crate::fuzz;
use clap::Args;
use omerta_tests::differential;
use omerta_tests::executor::Executor;
use omerta_tests::faults::{Campaign, Point};

/// Options of `cargo xtask soak`.
#[derive(Args)]
pub struct Options {
    /// Which one: `journal`, `differential`, `lsp`, `walk`, `emacs`, `verify` (scopes against
    /// their pinned states), `holes` (defences removed one by one), a fuzz function, or `all` of the fuzz functions
    name: String,
    /// How many inputs, each; edits of `lsp` (20,000 unless it is said), places of `walk` (all of them unless it is said)
    #[arg(long)]
    rounds: Option<u64>,
    /// Where the inputs begin
    #[arg(long, default_value_t = fuzz::SEED)]
    seed: u64,
}

/// Runs it.
///
/// # Errors
/// There is no such test.
pub fn run(options: &Options) -> Result<bool, String> {
    let rounds = options.rounds.unwrap_or(1_000_000);
    match options.name.as_str() {
        "journal" => Ok(journal(rounds, options.seed)),
        "differential" => Ok(differential(rounds, options.seed)),
        "lsp" => lsp::random(options.rounds.unwrap_or(lsp::EDITS), options.seed),
        "walk" => lsp::walk(options.rounds.unwrap_or(u64::MAX)),
        "emacs" => emacs::run(),
        "verify" => pinned::run(),
        "holes" => holes::run(),
        name => fuzz::named(name, rounds, options.seed),
    }
}

/// Journals that fail before, during and after every commit of everybody in a lock, seed after seed, on both executors.
fn journal(rounds: u64, first: u64) -> bool {
    let (mut left, mut good) = (rounds, true);
    for seed in first.. {
        for executor in Executor::ALL {
            let campaign = Campaign::new(executor, seed);
            let points = [Point::Before, Point::During, Point::After];
            let faults: Vec<_> = points.into_iter().flat_map(|point| campaign.all_points(point)).collect();
            let mut failed = 0;
            for fault in faults.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
                left -= 1;
                if let Err(message) = campaign.check(fault.clone()) {
                    println!("{message}");
                    failed += 1;
                }
            }
            println!("seed {seed}, {executor}: {failed} of {} faults changed the outcome", faults.len());
            good &= failed == 0;
            if left == 0 {
                return good;
            }
        }
    }
    good
}

/// Both executors side by side, as many steps as asked.
fn differential(steps: u64, seed: u64) -> bool {
    match differential::run(seed, steps) {
        Ok(reached) => {
            reached.iter().for_each(|(path, coverage)| println!("{path}: {coverage}"));
            true
        }
        Err(difference) => {
            println!("{difference}");
            false
        }
    }
}
