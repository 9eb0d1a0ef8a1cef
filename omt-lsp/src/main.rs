//! `omt-lsp`: speaks the language server protocol over standard input and output.

use std::process::ExitCode;

/// An analysis makes millions of small things and drops them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
omt-lsp, the language server of .omt

It is started by an editor and speaks the language server protocol over standard input and output.

Usage: omt-lsp [--stdio]

Options:
      --stdio    Standard input and output, which is what it does anyway
  -h, --help     This text
  -V, --version  The version
";

// A person who starts it by hand is told what it is.
#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> ExitCode {
    for argument in std::env::args_os().skip(1) {
        match argument.to_str() {
            Some("--stdio") => {}
            Some("-h" | "--help") => {
                print!("{HELP}");
                return ExitCode::SUCCESS;
            }
            Some("-V" | "--version") => {
                println!("omt-lsp {}", env!("CARGO_PKG_VERSION"));
                return ExitCode::SUCCESS;
            }
            _ => {
                eprintln!("error: unknown argument {}; `omt-lsp --help` tells more", argument.display());
                return ExitCode::from(2);
            }
        }
    }
    match omt_lsp::server::stdio() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
