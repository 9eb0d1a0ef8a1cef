//! Everything that is to be said about sources: what the analysis found and what the checks found, as it is shown.
//!
//! The command line, the editor and the tests ask here and nowhere else, so that all of them say the same.

use crate::check;
use crate::diagnostic::{self, Diagnostic};
use crate::sema::{self, Analyzed, Options};
use crate::source::{FileId, SourceProvider};
use std::path::PathBuf;

/// Analyses and checks root files (or all `.omt` files below root folders): the findings are those of both.
pub fn report(provider: &dyn SourceProvider, roots: &[PathBuf], options: &Options) -> Analyzed {
    let mut analyzed = sema::analyze_with(provider, roots, options);
    let found = checks(&analyzed);
    analyzed.diagnostics.extend(found);
    diagnostic::sort(&mut analyzed.diagnostics);
    analyzed
}

fn checks(analyzed: &Analyzed) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for unit in &analyzed.units {
        if let Some(protocol) = &unit.protocol {
            let files: Vec<FileId> = unit.files.iter().map(|file| file.id).collect();
            found.extend(check::check(protocol, &files));
        }
    }
    found
}
