//! The mode for Emacs in Emacs itself: compiled without a warning, its tests, every protocol indented as `omtc fmt` does, and
//! the language server by Eglot where that is installed (Debian: `elpa-eglot`).

use crate::command;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "editors/emacs";

/// Fails on the first warning; what it compiles goes beside what Rust compiles.
const COMPILE: &str = "(setq byte-compile-error-on-warn t \
     byte-compile-dest-file-function (lambda (_) (expand-file-name \"target/omt-mode.elc\")))";

/// Runs it.
///
/// # Errors
/// Emacs cannot be started.
pub fn run() -> Result<bool, String> {
    if !command::cargo(&["build", "--package", "omt-lsp"]).status("omt-lsp")? {
        return Ok(false);
    }
    let mode = Path::new(FOLDER).join("omt-mode.el");
    let mode = mode.to_string_lossy();
    let compiled = emacs(&["--eval", COMPILE, "-f", "batch-byte-compile", &mode])?;
    Ok(emacs(&["-l", "omt-mode-test", "-f", "ert-run-tests-batch-and-exit"])? && compiled)
}

fn emacs(more: &[&str]) -> Result<bool, String> {
    let mut emacs = Command::new("emacs");
    let server = std::env::current_exe().unwrap_or_default().with_file_name("omt-lsp");
    emacs.env("OMT_LSP", server).current_dir(command::root()).args(["--batch", "-L", FOLDER]).args(more);
    let status =
        emacs.status().map_err(|error| format!("emacs (Debian: emacs-nox) cannot be started: {error}"))?;
    Ok(status.success())
}
