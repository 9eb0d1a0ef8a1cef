//! `omtc explain CODE`

use super::{FINE, Run, Stream, TROUBLE};
use crate::diagnostic::{book, codes, did_you_mean};
use clap::Args;
use std::path::{Path, PathBuf};

/// Narrower terminals get lines of this width: shorter ones cannot be read.
const WIDTH_MIN: usize = 40;

/// Wider terminals get lines of this width: longer ones are hard to follow.
const WIDTH_MAX: usize = 100;

/// Options of `omtc explain`.
#[derive(Args)]
pub struct Options {
    /// As shown with a finding, in any case; all codes are listed without it
    code: Option<String>,
    /// Write the pages of all codes as Markdown into a folder, which holds nothing else
    #[arg(long, value_name = "FOLDER", conflicts_with = "code")]
    out: Option<PathBuf>,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    if let Some(folder) = &options.out {
        return write(run, folder);
    }
    let Some(id) = &options.code else {
        run.out(&book::list(run.color));
        return FINE;
    };
    let Some(code) = codes::find(id) else {
        let known: Vec<&str> = codes::all().map(|c| c.id).collect();
        let hint = did_you_mean(&id.to_ascii_uppercase(), known.iter().copied())
            .map_or("`omtc explain` lists all codes".to_owned(), |near| format!("did you mean {near}?"));
        return run.trouble(&format!("there is no code {id}; {hint}"));
    };
    let text = if run.color || run.system.is_terminal(Stream::Out) {
        let width =
            run.system.variable("COLUMNS").and_then(|columns| columns.parse().ok()).unwrap_or(80usize);
        book::text(code, width.clamp(WIDTH_MIN, WIDTH_MAX), run.color)
    } else {
        // A program, or a file, gets the Markdown.
        let (id, word, title) = (code.id, code.severity.word(), code.title);
        format!("{id} ({word}): {title}\n\n{}\n", code.explanation.trim_end())
    };
    run.out(&text);
    FINE
}

/// Writes the chapter, and removes pages of codes that are no more.
fn write(run: &mut Run<'_>, folder: &Path) -> u8 {
    let pages = book::files();
    let files = run.system.files();
    let mut outcome = Ok(());
    for (name, text) in &pages {
        outcome = outcome.and_then(|()| files.write(&folder.join(name), text.as_bytes()));
    }
    let left = files.list(folder).unwrap_or_default();
    for path in left {
        let name = path.strip_prefix(folder).ok().and_then(Path::to_str).unwrap_or_default();
        if !pages.contains_key(name) && is_page(name) {
            outcome = outcome.and_then(|()| files.remove(&path));
        }
    }
    match outcome {
        Ok(()) => FINE,
        Err(error) => {
            run.complain(&format!("error: {error}\n"));
            TROUBLE
        }
    }
}

/// Only what is called like the page of a code is ever removed.
fn is_page(name: &str) -> bool {
    name.strip_suffix(".md").is_some_and(|id| {
        id.len() == 5 && id.starts_with(['E', 'W', 'S']) && id.chars().skip(1).all(|c| c.is_ascii_digit())
    })
}
