//! `cargo xtask book`: the book and the pages of all protocols as one site; and the same in a real browser.

use crate::command;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where it goes, below the root of the repository.
const OUT: &str = "target/book";
/// The protocol that the browser test edits.
const EDITED: &str = "protocols/examples/ping_pong";
/// Tests in the browser, and the files they consist of.
const BROWSER_TESTS: &str = "tests/browser";
const BROWSER_FILES: [&str; 4] = ["package.json", "package-lock.json", "run.mjs", "measure.mjs"];
/// Where they run: what npm installs stays out of the sources.
const BROWSER_RUN: &str = "target/browser";
/// Pictures of the book, made by `--screenshots`.
const SCREENSHOTS: &str = "docs/screenshots";

/// Options of `cargo xtask book`.
#[derive(Args)]
pub struct Options {
    /// Show it, and make it again while it is edited
    #[arg(long)]
    serve: bool,
    /// Look at every page in Chromium, as the tests do
    #[arg(long)]
    browser: bool,
    /// Make the pictures of the book anew in Chromium
    #[arg(long)]
    screenshots: bool,
}

/// The call that makes the site.
pub fn arguments() -> Vec<&'static str> {
    vec!["doc", "protocols", "--book", "docs", "--title", "Omerta", "--out", OUT, "--max-findings", "0"]
}

/// Makes it.
///
/// # Errors
/// When something cannot be started.
pub fn run(options: &Options) -> Result<bool, String> {
    let mut arguments = arguments();
    if options.serve {
        arguments.extend(["--serve", "--open"]);
    }
    let made = command::omtc(&arguments).status("book")?;
    if options.screenshots {
        return Ok(made && browser(&["--screenshots", SCREENSHOTS])?);
    }
    if options.browser {
        return Ok(made && browser(&[])?);
    }
    Ok(made)
}

/// Why the browser tests cannot run here, if so.
pub fn missing() -> Option<&'static str> {
    let there =
        |program: &str| Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !there("chromium") {
        return Some("the Debian package `chromium` is not installed here");
    }
    if !there("npm") || !there("node") {
        return Some("node and npm are not installed here");
    }
    None
}

/// Installs what the lock file names, and looks at every page of the site that was made.
///
/// # Errors
/// When something cannot be started.
pub fn browser(more: &[&str]) -> Result<bool, String> {
    let root = command::root();
    let folder = root.join(BROWSER_RUN);
    let run = |program: &str, arguments: &[&str]| {
        let status = Command::new(program).args(arguments).current_dir(&folder).status();
        status.map(|s| s.success()).map_err(|error| format!("{program}: cannot start: {error}"))
    };
    // What the lock file names stays until the lock file changes.
    let lock = |folder: &Path| std::fs::read(folder.join("package-lock.json")).ok();
    let installed = folder.join("node_modules").is_dir() && lock(&folder) == lock(&root.join(BROWSER_TESTS));
    let failed = |error: std::io::Error| format!("{BROWSER_RUN}: {error}");
    std::fs::create_dir_all(&folder).map_err(failed)?;
    for file in BROWSER_FILES {
        std::fs::copy(root.join(BROWSER_TESTS).join(file), folder.join(file)).map_err(failed)?;
    }
    if !installed && !run("npm", &["ci", "--no-audit", "--no-fund", "--silent"])? {
        return Err("npm cannot install what tests/browser needs".to_owned());
    }
    let path = |below: &str| root.join(below).to_string_lossy().into_owned();
    let omtc: PathBuf = std::env::current_exe().unwrap_or_default().with_file_name("omtc");
    let mut arguments =
        vec!["run.mjs".to_owned(), path(OUT), omtc.to_string_lossy().into_owned(), path(EDITED)];
    for word in more {
        arguments.push(if word.starts_with("--") { (*word).to_owned() } else { path(word) });
    }
    run("node", &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}
