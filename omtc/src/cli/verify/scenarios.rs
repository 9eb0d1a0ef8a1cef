//! Counterexamples as scenarios: made, told, written to the files of their scopes.

use super::super::Run;
use super::Read;
use crate::build::replace;
use crate::source::ReadAhead;
use crate::verify::{Finding, Reproduced, Sources, Verdict, reproduce};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A scenario for each property of which there is a run to show: in the order of the verdicts.
pub(super) fn of(
    read: &Read<'_>,
    path: &Path,
    scope: &str,
    verdicts: &[Verdict],
    written: &Written,
) -> Vec<Option<Reproduced>> {
    // Names that another scope of the file has taken are taken.
    let before = ReadAhead::new(read.provider);
    let mut text = read.provider.read(path).unwrap_or_default();
    for made in written.of(path) {
        append(&mut text, &made.source);
    }
    verdicts
        .iter()
        .map(|verdict| {
            let example = match &verdict.result {
                Finding::Violated(example) => Some(&**example),
                Finding::Holds | Finding::NotRefuted | Finding::Never | Finding::NotDecided(_) => {
                    verdict.witness.as_deref()
                }
            }?;
            before.insert(path, text.clone());
            let sources = Sources { provider: &before, path, analysis: read.analysis };
            let made = reproduce(&sources, scope, verdict, example)?;
            if made.doubt.is_none() {
                append(&mut text, &made.source);
            }
            Some(made)
        })
        .collect()
}

/// With one empty line before it.
fn append(text: &mut Vec<u8>, source: &str) {
    while text.last().is_some_and(u8::is_ascii_whitespace) {
        text.pop();
    }
    text.extend(b"\n\n");
    text.extend(source.as_bytes());
}

/// Scenarios that were run and break what they are to break, by file.
#[derive(Default)]
pub(super) struct Written {
    files: BTreeMap<PathBuf, Vec<Reproduced>>,
}

impl Written {
    fn of(&self, path: &Path) -> &[Reproduced] {
        self.files.get(path).map_or(&[], Vec::as_slice)
    }

    pub fn add(&mut self, path: &Path, scenarios: Vec<Option<Reproduced>>) {
        let sure = scenarios.into_iter().flatten().filter(|made| made.doubt.is_none());
        self.files.entry(path.to_owned()).or_default().extend(sure);
    }

    /// Appends them to their files.
    pub fn write(&self, run: &mut Run<'_>, read: &Read<'_>) -> Result<(), String> {
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for (path, scenarios) in self.files.iter().filter(|(_, scenarios)| !scenarios.is_empty()) {
            let mut text = read.provider.read(path).map_err(|error| error.to_string())?;
            scenarios.iter().for_each(|made| append(&mut text, &made.source));
            files.push((path.clone(), text));
        }
        let files: Vec<(PathBuf, &[u8])> =
            files.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
        let suffix = format!("omtc-{}.tmp", run.system.process());
        replace(run.system.files(), &files, &suffix).map_err(|error| error.to_string())
    }
}
