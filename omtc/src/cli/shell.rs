//! `omtc completions SHELL` and `omtc man --out FOLDER`: made from the definition of the command line itself.

use super::{Arguments, FINE, Run};
use crate::build::replace;
use clap::{Args, Command, CommandFactory, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;

/// Options of `omtc completions`.
#[derive(Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Options of `omtc man`.
#[derive(Args)]
pub struct Man {
    /// Folder that the pages go to
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: PathBuf,
}

/// Writes the script that completes command lines to standard output.
pub fn completions(run: &mut Run<'_>, options: &Completions) -> u8 {
    let mut bytes = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "omtc", &mut bytes);
    run.out(&String::from_utf8_lossy(&bytes));
    FINE
}

/// Writes a page for the program and for each verb.
pub fn man(run: &mut Run<'_>, options: &Man) -> u8 {
    let mut program = Arguments::command();
    // Gives verbs their full names and the options that all of them have.
    program.build();
    let verbs = program.get_subcommands().cloned().map(|verb| verb.version(env!("CARGO_PKG_VERSION")));
    let mut pages = Vec::new();
    for command in std::iter::once(program.clone()).chain(verbs) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        match page(command) {
            Ok(page) => pages.push((options.out.join(format!("{name}.1")), page)),
            Err(error) => return run.trouble(&format!("cannot write a page: {error}")),
        }
    }
    let files: Vec<(PathBuf, &[u8])> =
        pages.iter().map(|(path, page)| (path.clone(), page.as_slice())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    if let Err(error) = replace(run.system.files(), &files, &suffix) {
        return run.trouble(&error.to_string());
    }
    for (path, _) in &pages {
        run.out(&format!("wrote {}\n", path.display()));
    }
    FINE
}

fn page(command: Command) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command).render(&mut bytes)?;
    Ok(bytes)
}
