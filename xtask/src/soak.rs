//! `cargo xtask soak NAME`: tests that find more the longer they run.

use crate::fuzz;
use clap::Args;

/// Options of `cargo xtask soak`.
#[derive(Args)]
pub struct Options {
    /// Which one: a fuzz function, or `all`
    name: String,
    /// How many inputs, each
    #[arg(long, default_value_t = 1_000_000)]
    rounds: u64,
    /// Where the inputs begin
    #[arg(long, default_value_t = fuzz::SEED)]
    seed: u64,
}

/// Runs it.
///
/// # Errors
/// There is no such test.
pub fn run(options: &Options) -> Result<bool, String> {
    fuzz::named(&options.name, options.rounds, options.seed)
}
