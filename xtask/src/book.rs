//! `cargo xtask book`: the book and the pages of all protocols as one site; and the same in a real browser.

use crate::{command, highlight};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where it goes, below the root of the repository.
const OUT: &str = "target/book";
/// Sites that the tests look at. Running all scenarios takes minutes in a build without optimisation, so the whole site is
/// made without them, and another one of the examples alone with them.
const OUT_QUIET: &str = "target/book-without-scenarios";
const OUT_EXAMPLES: &str = "target/book-of-examples";
/// The protocol that the browser test edits.
const EDITED: &str = "protocols/examples/ping_pong";
/// Tests in the browser.
const BROWSER_TESTS: &str = "tests/browser";
/// How all tests of that kind install what they need.
const INSTALL: &str = "tests/browser/install.mjs";
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

/// The call that makes a site.
fn arguments<'a>(paths: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["doc", paths, "--title", "Omerta", "--max-findings", "0", "--out", out];
    all.extend(more);
    all
}

/// Makes it.
///
/// # Errors
/// When something cannot be started.
pub fn run(options: &Options) -> Result<bool, String> {
    let mut arguments = arguments("protocols", OUT, &["--book", "docs"]);
    if options.serve {
        arguments.extend(["--serve", "--open"]);
    }
    let made = command::omtc(&arguments).status("book")?;
    if options.screenshots {
        return Ok(made
            && browser(&[OUT, "--screenshots", SCREENSHOTS])?
            && highlight::run(Some(SCREENSHOTS))?);
    }
    if options.browser {
        return Ok(made && browser(&[OUT, "--all"])?);
    }
    Ok(made)
}

/// What `cargo xtask test` looks at: every kind of page, and a sample of the pages that are made alike.
///
/// # Errors
/// When something cannot be started.
pub fn sample() -> Result<bool, String> {
    let whole = arguments("protocols", OUT_QUIET, &["--book", "docs", "--no-scenarios"]);
    let examples = arguments("protocols/examples", OUT_EXAMPLES, &[]);
    Ok(command::omtc(&whole).status("book")?
        && command::omtc(&examples).status("book")?
        && browser(&[OUT_QUIET, OUT_EXAMPLES])?)
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

/// Looks at pages of the sites that are named in `what`, with its options.
///
/// # Errors
/// When something cannot be started.
fn browser(what: &[&str]) -> Result<bool, String> {
    let root = command::root();
    let path = |below: &str| root.join(below).to_string_lossy().into_owned();
    let omtc: PathBuf = std::env::current_exe().unwrap_or_default().with_file_name("omtc");
    let mut arguments = vec!["run.mjs".to_owned(), omtc.to_string_lossy().into_owned(), path(EDITED)];
    for word in what {
        arguments.push(if word.starts_with("--") { (*word).to_owned() } else { path(word) });
    }
    node(BROWSER_TESTS, BROWSER_RUN, &arguments)
}

/// Copies the tests of a folder to where they run, installs what their lock file names, and starts node there.
///
/// # Errors
/// When something cannot be started.
pub fn node(tests: &str, below: &str, arguments: &[String]) -> Result<bool, String> {
    let root = command::root();
    let folder = root.join(below);
    let run = |arguments: &[String]| {
        let status = Command::new("node").args(arguments).current_dir(&folder).status();
        status.map(|s| s.success()).map_err(|error| format!("node: cannot start: {error}"))
    };
    // What the lock file names stays until the lock file changes.
    let lock = |folder: &Path| std::fs::read(folder.join("package-lock.json")).ok();
    let installed = folder.join("node_modules").is_dir() && lock(&folder) == lock(&root.join(tests));
    let failed = |error: std::io::Error| format!("{below}: {error}");
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let files = std::fs::read_dir(root.join(tests)).map_err(|error| format!("{tests}: {error}"))?;
    let mut files: Vec<PathBuf> =
        files.filter_map(|file| Some(file.ok()?.path())).filter(|f| f.is_file()).collect();
    files.push(root.join(INSTALL));
    for file in files {
        std::fs::copy(&file, folder.join(file.file_name().unwrap_or_default())).map_err(failed)?;
    }
    if !installed && !run(&["install.mjs".to_owned()])? {
        return Err(format!("npm cannot install what {tests} needs"));
    }
    run(arguments)
}
