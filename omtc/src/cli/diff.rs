//! `omtc diff OLD NEW`

mod git;
mod show;
mod side;

use super::{FINDINGS, FINE, Run, System};
use crate::diff::{self, Category, Report, Severity};
use crate::sema;
use clap::{Args, ValueEnum};
use show::Shown;
use side::{Operand, Reader};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

/// Changes that are shown unless told otherwise: more is another protocol, and nobody reads it line by line.
const CHANGES_MAX: usize = 1_000;

/// What both sides may be.
const LONG: &str = "\
Tell what changed between two versions of transactions, and whom it breaks

OLD and NEW are each a file, a folder, a package (.omtp) or a git revision: `REV:PATH` as git reads it (from the top of the \
repository, or from here with `./`), or `REV` alone, which looks where the other side lies. What exists on disk is a path.

Exit status: 0 nothing breaking, 1 a breaking change or one that --deny names, 2 the call or a side cannot be read.";

/// Options of `omtc diff`.
#[derive(Args)]
#[command(long_about = LONG)]
pub struct Options {
    /// The version that others hold to: file, folder, package, REV or REV:PATH
    #[arg(value_name = "OLD")]
    old: OsString,
    /// The version that is to replace it
    #[arg(value_name = "NEW")]
    new: OsString,
    /// Only changes of these categories: what is left out does not fail either
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CATEGORIES")]
    category: Vec<Kind>,
    /// Fail on these, too
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    deny: Vec<Deny>,
    /// How the changes are shown
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORM")]
    format: Format,
    /// Show at most so many changes; the summary counts all of them
    #[arg(long, default_value_t = CHANGES_MAX, value_name = "NUMBER")]
    max_changes: usize,
    /// Folder from which `imports` and `uses` are resolved on both sides (also: OMERTA_PROTOCOL_DIR)
    #[arg(long, value_name = "FOLDER")]
    protocol_dir: Option<PathBuf>,
    /// Give old files a meaning where one can be given
    #[arg(long)]
    lenient: bool,
}

/// A category of changes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Bytes between nodes, and in chains
    Wire,
    /// Names that sources, other transactions and hosts use
    Source,
    /// What machines do, and what is promised about them
    Behaviour,
}

/// What fails beside breaking changes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Changes that break for some values or at some times
    Risky,
    /// Any change
    Compatible,
    /// Another protocol id
    Id,
}

/// A form of the report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match compared(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

fn compared(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    run.works("comparing");
    let disk = run.system.sources();
    let [old, new] = [&options.old, &options.new].map(|text| Operand::read(text, &*disk));
    let (old, new) = (old?, new?);
    let mut reader = Reader {
        system: &*run.system,
        options: sema::Options {
            protocol_folder: folder(run.system, options)?,
            lenient: options.lenient,
            ..sema::Options::default()
        },
        color: run.color,
        left_out: BTreeSet::new(),
    };
    let (mut a, mut b) = (reader.load(&old, &new)?, reader.load(&new, &old)?);
    // What nobody changed does not hide what somebody did.
    loop {
        let alike = a.broken_alike(&b);
        if alike.is_subset(&reader.left_out) {
            break;
        }
        reader.left_out.extend(alike);
        (a, b) = (reader.load(&old, &new)?, reader.load(&new, &old)?);
    }
    let mut wrong = String::new();
    for (which, side) in [("old", &a), ("new", &b)] {
        if let Some(errors) = &side.errors {
            wrong.push_str(errors);
            wrong.push_str(&format!(
                "error: the {which} side, {}, has errors: it cannot be compared\n",
                side.label
            ));
        }
    }
    if !wrong.is_empty() {
        run.complain(&wrong);
        return Ok(super::TROUBLE);
    }
    let mut report = diff::compare(a.side(), b.side());
    for (which, side) in [("old", &a), ("new", &b)] {
        if side.excused {
            report.notes.push(format!(
                "properties or scenarios of the {which} side, {}, have errors: they are compared as they are written",
                side.label
            ));
        }
    }
    if !reader.left_out.is_empty() {
        report.notes.push(format!(
            "left out, because of the same errors on both sides: {}",
            super::show::plural(reader.left_out.len(), "source")
        ));
    }
    let ids_differ = report.comparisons.iter().any(|c| c.ids_differ());
    if !options.category.is_empty() {
        let wanted: Vec<Category> = options.category.iter().map(|kind| kind.category()).collect();
        report.retain(&wanted);
    }
    let failed = fails(&report, ids_differ, &options.deny);
    let shown =
        Shown { report: &report, sides: [&a.label, &b.label], max: options.max_changes, color: run.color };
    let text = match options.format {
        Format::Human => shown.human(),
        Format::Json => shown.json(failed),
    };
    run.out(&text);
    Ok(if failed { FINDINGS } else { FINE })
}

fn fails(report: &Report, ids_differ: bool, deny: &[Deny]) -> bool {
    let least = if deny.contains(&Deny::Compatible) {
        Severity::Compatible
    } else if deny.contains(&Deny::Risky) {
        Severity::Risky
    } else {
        Severity::Breaking
    };
    report.worst().is_some_and(|worst| worst >= least) || (ids_differ && deny.contains(&Deny::Id))
}

fn folder(system: &dyn System, options: &Options) -> Result<Option<PathBuf>, String> {
    super::protocol_folder(system, options.protocol_dir.as_deref())
}

impl Kind {
    fn category(self) -> Category {
        match self {
            Kind::Wire => Category::Wire,
            Kind::Source => Category::Source,
            Kind::Behaviour => Category::Behaviour,
        }
    }
}
