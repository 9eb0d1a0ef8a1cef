//! `omtc words`: the words of the language, for packages for editors.

use super::{FINDINGS, FINE, Run};
use crate::build::replace;
use crate::words::{holds_regions, renew, to_json};
use clap::{Args, ValueHint};
use std::path::{Path, PathBuf};

/// Options of `omtc words`.
#[derive(Args)]
pub struct Options {
    /// Write `words.json` into a folder, and renew what is made of it in the files below
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Change nothing; tell which files would change
    #[arg(long, requires = "out")]
    check: bool,
}

/// What a tool put there is none of ours, and is much.
const FOREIGN: [&str; 2] = ["node_modules", "target"];

/// A larger file is no source: a compiled parser, a picture.
const FILE_BYTES_MAX: usize = 1 << 20;

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    let Some(folder) = &options.out else {
        run.out(&to_json());
        return FINE;
    };
    let changed = match changes(run, folder) {
        Ok(changed) => changed,
        Err(message) => return run.trouble(&message),
    };
    for (path, _) in &changed {
        run.out(&format!("{} {}\n", if options.check { "stale" } else { "wrote" }, path.display()));
    }
    if options.check {
        return if changed.is_empty() { FINE } else { FINDINGS };
    }
    let files: Vec<(PathBuf, &[u8])> = changed.iter().map(|(p, t)| (p.clone(), t.as_bytes())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    match replace(run.system.files(), &files, &suffix) {
        Ok(()) => FINE,
        Err(error) => run.trouble(&error.to_string()),
    }
}

/// The files that are not as the table wants them, with what they should be.
fn changes(run: &mut Run<'_>, folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let files = run.system.files();
    let mut changed = Vec::new();
    let table = folder.join("words.json");
    let json = to_json();
    if files.read(&table).map_err(|e| e.to_string())?.as_deref() != Some(json.as_bytes()) {
        changed.push((table, json));
    }
    for path in files.list(folder).map_err(|e| e.to_string())? {
        if !ours(path.strip_prefix(folder).unwrap_or(&path)) {
            continue;
        }
        let bytes = files.read(&path).map_err(|e| e.to_string())?.unwrap_or_default();
        let Some(text) = text(&bytes) else { continue };
        if holds_regions(text) {
            let made = renew(text, &path.display().to_string()).map_err(|e| e.to_string())?;
            if made != text {
                changed.push((path, made));
            }
        }
    }
    Ok(changed)
}

fn ours(below: &Path) -> bool {
    below.components().all(|part| {
        let name = part.as_os_str().to_string_lossy();
        !name.starts_with('.') && !FOREIGN.contains(&name.as_ref())
    })
}

fn text(bytes: &[u8]) -> Option<&str> {
    (bytes.len() <= FILE_BYTES_MAX).then(|| std::str::from_utf8(bytes).ok()).flatten()
}
