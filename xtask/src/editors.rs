//! `cargo xtask editors`: packages for editors, and real clients of the language server.

use crate::command;
use clap::Args;
use std::path::PathBuf;
use std::process::Command;

const FOLDER: &str = "editors";
const EXTENSION: &str = "editors/vscode";

/// Options of `cargo xtask editors`; without one, the generated parts are made anew.
#[derive(Args)]
pub struct Options {
    /// Check the packages, and let Neovim and the client library of VS Code work with the server
    #[arg(long)]
    test: bool,
    /// Make `editors/vscode/omt.vsix`
    #[arg(long)]
    package: bool,
}

/// Runs it.
///
/// # Errors
/// When something cannot be started.
pub fn run(options: &Options) -> Result<bool, String> {
    let made = command::omtc(&["words", "--out", FOLDER]).status("editors")?;
    if options.package {
        return Ok(made
            && at(EXTENSION, "npm", &["ci", "--ignore-scripts"])?
            && at(EXTENSION, "npm", &["run", "package"])?);
    }
    if options.test {
        return Ok(made
            && command::cargo(&["build", "--package", "omt-lsp"]).status("editors")?
            && clients()?);
    }
    Ok(made)
}

/// What `cargo xtask test` does, after the tests have built the server.
///
/// # Errors
/// When something cannot be started.
pub fn check() -> Result<bool, String> {
    let fresh = command::omtc(&["words", "--out", FOLDER, "--check"]).status("editors")?;
    if !fresh {
        println!("`cargo xtask editors` makes them anew");
    }
    let node = Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
    if !node {
        println!("node is not installed here: no client is tried");
        return Ok(fresh);
    }
    Ok(clients()? && fresh)
}

fn clients() -> Result<bool, String> {
    let server: PathBuf = std::env::current_exe().unwrap_or_default().with_file_name("omt-lsp");
    at(".", "node", &["tests/editors/run.mjs", &server.to_string_lossy()])
}

fn at(folder: &str, program: &str, arguments: &[&str]) -> Result<bool, String> {
    let status = Command::new(program).args(arguments).current_dir(command::root().join(folder)).status();
    status.map(|s| s.success()).map_err(|error| format!("{program}: cannot start: {error}"))
}
