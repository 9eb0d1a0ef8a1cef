//! The holes of the first version of the protocols: what closes each of them, and the scenario that fails once that is gone.

use super::study::on_all_cores;
use super::subject::Subject;
use super::trial::Trial;
use serde::Deserialize;
use std::path::Path;

/// A defence against a hole.
#[derive(Clone, Debug, Deserialize)]
pub struct Hole {
    /// What was wrong.
    pub hole: String,
    /// The defence that is removed.
    pub removed: String,
    /// The scenario that fails then.
    pub scenario: String,
    /// How it is removed: texts of one file.
    pub edits: Vec<Edit>,
}

/// A text of a source, and what stands there instead.
#[derive(Clone, Debug, Deserialize)]
pub struct Edit {
    /// The file, below the root of the repository.
    pub file: String,
    /// What stands there, perhaps several times.
    pub is: String,
    /// What stands there once the defence is gone.
    pub becomes: String,
}

/// Reads the list.
///
/// # Errors
/// There is no such list, or it is none.
pub fn read(path: &Path) -> Result<Vec<Hole>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

impl Hole {
    /// The source that holds the defence, and its text without it; `None` when it is not there.
    pub fn open<'a>(&self, subjects: &'a [Subject]) -> Option<(&'a Subject, String)> {
        let file = &self.edits.first()?.file;
        let subject = subjects.iter().find(|subject| subject.path.ends_with(file))?;
        let mut text = subject.text.clone();
        for edit in &self.edits {
            if edit.file != *file || !text.contains(&edit.is) {
                return None;
            }
            text = text.replace(&edit.is, &edit.becomes);
        }
        Some((subject, text))
    }
}

/// Removes each defence, on all cores, and says of each whether its scenario notices.
pub fn try_all(holes: &[Hole], subjects: &[Subject], trial: &Trial) -> Vec<bool> {
    on_all_cores(holes, &|hole| {
        let opened = hole.open(subjects);
        opened.is_some_and(|(subject, text)| trial.notices(&hole.scenario, subject, &text))
    })
}
