//! Developer tasks: `cargo xtask test`, `generate`, `book`, `demo`, `editors`, `bench`, `soak`, `fuzz`, `mutants`.
//!
//! Everything that CI does is a task here, so that a person can run the same thing with the same words.

// A task talks to whoever started it; libraries must not print.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod book;
mod command;
mod demo;
mod editors;
mod fuzz;
mod highlight;
mod lifecycle;
mod mutants;
mod soak;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Developer tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format check, lints, generated files, all tests, fuzz functions; ends in a line of counts
    Test(test::Options),
    /// Write generated/ from protocols/, and docs/diagnostics/ from the pages of the codes
    Generate,
    /// Make a site of the book and of all protocols
    Book(book::Options),
    /// Run a transaction in this process and show its messages
    Demo(demo::Options),
    /// Make the generated parts of the packages for editors
    Editors(editors::Options),
    /// Measure the compiler, the executors and whole transactions
    Bench(bench::Options),
    /// Run one of the long tests, for as long as is asked
    Soak(soak::Options),
    /// Run the fuzz functions over their corpora and mutations of them
    Fuzz(fuzz::Options),
    /// Make mechanical mistakes in the protocols and show which ones the compiler notices
    Mutants(mutants::Options),
}

/// Everything that is made of sources and kept under version control.
fn generate() -> Result<bool, String> {
    let built = command::omtc(&["build", "protocols/"]).status("generate")?;
    let explained = command::omtc(&["explain", "--out", "docs/diagnostics"]).status("generate")?;
    Ok(built && explained)
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Generate => generate(),
        Task::Book(options) => book::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Editors(options) => editors::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Soak(options) => soak::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Mutants(options) => mutants::run(&options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
