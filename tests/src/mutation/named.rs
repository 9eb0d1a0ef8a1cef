//! Mutants by name rather than by place, so that a list of them outlives edits elsewhere in the file.

use super::kinds::{Kind, kinds};
use super::mutant::Mutant;
use super::study::places_of;
use super::subject::Subject;
use serde::Deserialize;
use std::path::Path;

/// One mistake: what in which declaration of which file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Named {
    /// The file, below the root of the repository.
    pub file: String,
    /// The name of the kind.
    pub kind: String,
    /// [`Subject::within`]
    pub within: String,
    /// [`Mutant::what`]
    pub what: String,
    /// What there is to say about it: the scenario that notices, or the reason why nobody can.
    pub because: String,
}

/// Reads a list.
///
/// # Errors
/// There is no such list, or it is none.
pub fn read(path: &Path) -> Result<Vec<Named>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

impl Named {
    /// Whether that is this one.
    pub fn is(&self, kind: &Kind, subject: &Subject, mutant: &Mutant) -> bool {
        self.kind == kind.name
            && self.what == mutant.what
            && subject.path.ends_with(&self.file)
            && self.within == subject.within(mutant.site)
    }

    /// All mistakes of that name: several when a declaration says the same thing twice.
    pub fn find<'a>(&self, subjects: &'a [Subject]) -> Vec<(&'a Subject, Mutant)> {
        let Some(kind) = kinds().find(|kind| kind.name == self.kind) else { return Vec::new() };
        let of =
            |subject: &'a Subject| places_of(kind, subject).into_iter().map(move |mutant| (subject, mutant));
        let files = subjects.iter().filter(|subject| subject.path.ends_with(&self.file));
        files.flat_map(of).filter(|(subject, mutant)| self.is(kind, subject, mutant)).collect()
    }
}
