//! `cargo xtask bench`: how fast the compiler, the executors and whole transactions are.

use clap::Args;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// Only benchmarks whose name contains this
    pub name: Option<String>,
}

/// Runs them.
///
/// # Errors
/// When there is nothing to measure yet.
pub fn run(options: &Options) -> Result<bool, String> {
    let Options { name: _ } = options;
    Err("no benchmark is part of this tree yet".to_owned())
}
