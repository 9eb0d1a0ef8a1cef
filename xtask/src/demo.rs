//! `cargo xtask demo`: a transaction among several peers in this process, in virtual time.

use clap::{Args, ValueEnum};

/// Options of `cargo xtask demo`.
#[derive(Args)]
pub struct Options {
    /// What runs the machines
    #[arg(long, value_enum, default_value_t = Executor::Rust)]
    pub executor: Executor,
    /// Seed of every key, nonce and delay: the same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// `json`: the last line is one object with the final states and chains
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// What runs the machines.
#[derive(Clone, Copy, ValueEnum)]
pub enum Executor {
    /// The package, interpreted
    Interpreter,
    /// The generated Rust
    Rust,
}

/// How the end is reported.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// Runs it.
///
/// # Errors
/// When there is nothing to run yet.
pub fn run(options: &Options) -> Result<bool, String> {
    let Options { executor: _, seed: _, format: _ } = options;
    Err("the demonstration needs a host and a generated protocol, which are not part of this tree yet"
        .to_owned())
}
