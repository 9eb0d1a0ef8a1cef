//! The definitions for Prism and highlight.js in a real browser.

use crate::{book, command};

/// The tests, and where they run.
const TESTS: &str = "tests/editors";
const RUN: &str = "target/highlight";

/// Highlights every protocol with both; `screenshots` is the folder for a picture of each, if they are wanted.
///
/// # Errors
/// When something cannot be started.
pub fn run(screenshots: Option<&str>) -> Result<bool, String> {
    if let Some(missing) = book::missing() {
        println!("{missing}: nothing is highlighted");
        return Ok(true);
    }
    let root = command::root();
    let mut arguments = vec!["highlight.mjs".to_owned(), root.to_string_lossy().into_owned()];
    if let Some(folder) = screenshots {
        arguments.extend(["--screenshots".to_owned(), root.join(folder).to_string_lossy().into_owned()]);
    }
    book::node(TESTS, RUN, &arguments)
}
