//! `omtc new NAME` and `omtc init [FOLDER]`: the beginning of a transaction, and of a folder of them.

use super::{FINE, Run};
use crate::build::replace;
use clap::Args;
use std::path::{Path, PathBuf};

/// The beginning of a transaction.
const TRANSACTION: &str = include_str!("scaffold/transaction.omt");
/// Its commentary.
const COMMENTARY: &str = include_str!("scaffold/commentary.md");
/// What a folder of transactions says about itself.
const README: &str = include_str!("scaffold/README.md");

/// Length of a name. Every file name of what is made from it stays far below the 255 bytes of usual file systems.
const NAME_LENGTH_MAX: usize = 64;

/// Options of `omtc new`.
#[derive(Args)]
pub struct New {
    /// Lower case, as `lease` or `05_lease`; a path puts it elsewhere than into `protocols`
    name: PathBuf,
}

/// Options of `omtc init`.
#[derive(Args)]
pub struct Init {
    /// Where; made when it does not exist
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// Begins a transaction.
pub fn new(run: &mut Run<'_>, options: &New) -> u8 {
    let alone = options.name.components().count() == 1;
    let sources = run.system.sources();
    let folder = ["protocols", "protocol"].into_iter().find(|f| alone && sources.is_folder(Path::new(f)));
    let path = folder.map_or_else(|| options.name.clone(), |f| Path::new(f).join(&options.name));
    begin(run, &path, Vec::new())
}

/// Begins a folder of transactions, with one to look at.
pub fn init(run: &mut Run<'_>, options: &Init) -> u8 {
    let readme = options.folder.join("README.md");
    let more =
        if run.system.sources().is_file(&readme) { Vec::new() } else { vec![(readme, README.to_owned())] };
    begin(run, &options.folder.join("protocols").join("hello"), more)
}

fn begin(run: &mut Run<'_>, folder: &Path, more: Vec<(PathBuf, String)>) -> u8 {
    let name = match folder.file_name().map(|n| n.to_string_lossy().into_owned()) {
        Some(name) => name,
        None => return run.trouble(&format!("{} has no name", folder.display())),
    };
    let named = match Named::of(&name) {
        Ok(named) => named,
        Err(reason) => {
            return run.trouble(&format!("`{name}` cannot be the name of a transaction: {reason}"));
        }
    };
    let sources = run.system.sources();
    if sources.is_file(folder) || sources.is_folder(folder) || sources.is_file(&folder.with_extension("omt"))
    {
        return run.trouble(&format!("{} exists already; nothing was written", folder.display()));
    }
    let mut files = vec![
        (folder.join("transaction.omt"), named.fill(TRANSACTION)),
        (folder.join("commentary.md"), named.fill(COMMENTARY)),
    ];
    files.extend(more);
    let bytes: Vec<(PathBuf, &[u8])> = files.iter().map(|(p, t)| (p.clone(), t.as_bytes())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    if let Err(error) = replace(run.system.files(), &bytes, &suffix) {
        return run.trouble(&error.to_string());
    }
    for (path, _) in &files {
        run.out(&format!("wrote {}\n", path.display()));
    }
    run.out(&format!("next: omtc check {}\n", folder.display()));
    FINE
}

/// What the name of a folder says.
struct Named {
    number: String,
    title: String,
}

impl Named {
    fn of(name: &str) -> Result<Named, String> {
        if name.len() > NAME_LENGTH_MAX {
            return Err(format!("it has more than {NAME_LENGTH_MAX} characters"));
        }
        if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            return Err("it has other characters than a to z, 0 to 9 and `_`".to_owned());
        }
        let (digits, rest) = match name.split_once('_') {
            Some((digits, rest)) if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) => {
                (digits, rest)
            }
            _ => ("", name),
        };
        if !rest.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err("it begins with a letter, or with a number and `_`".to_owned());
        }
        let words: Vec<String> = rest.split('_').filter(|w| !w.is_empty()).map(capital).collect();
        // A number orders the transactions of a folder; a name does as well.
        let number = if digits.is_empty() { name } else { digits };
        Ok(Named { number: number.to_owned(), title: words.join(" ") })
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{{NUMBER}}", &self.number).replace("{{TITLE}}", &self.title)
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
