//! What a build has read: enough to tell later, without compiling, whether it would come to the same.

use crate::source::{SourceError, SourceProvider};
use omt_runtime::crypto::sha256;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A question to the file system with the hash of its answer, in text form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// The bytes of a file.
    Read(PathBuf),
    /// Whether there is such a file.
    IsFile(PathBuf),
    /// Whether there is such a folder.
    IsFolder(PathBuf),
    /// The names in a folder.
    List(PathBuf),
}

/// Everything that was asked, with the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    answers: Vec<(Question, String)>,
}

impl Record {
    /// Whether the same questions have the same answers now.
    pub fn still_holds(&self, sources: &dyn SourceProvider) -> bool {
        self.answers.iter().all(|(question, answer)| ask(sources, question) == *answer)
    }

    /// How many files were read.
    pub fn files(&self) -> usize {
        self.answers.iter().filter(|(question, _)| matches!(question, Question::Read(_))).count()
    }
}

fn ask(sources: &dyn SourceProvider, question: &Question) -> String {
    match question {
        Question::Read(path) => bytes(&sources.read(path)),
        Question::IsFile(path) => sources.is_file(path).to_string(),
        Question::IsFolder(path) => sources.is_folder(path).to_string(),
        Question::List(path) => names(&sources.list(path)),
    }
}

fn bytes(answer: &Result<Vec<u8>, SourceError>) -> String {
    match answer {
        Ok(bytes) => sha256(bytes).to_string(),
        Err(error) => error.to_string(),
    }
}

fn names(answer: &Result<Vec<OsString>, SourceError>) -> String {
    match answer {
        Ok(names) => sha256(names.join(OsStr::new("\n")).as_encoded_bytes()).to_string(),
        Err(error) => error.to_string(),
    }
}

/// Passes questions on and writes them down.
pub struct Recorder<'a> {
    sources: &'a dyn SourceProvider,
    answers: RefCell<BTreeMap<Question, String>>,
}

impl<'a> Recorder<'a> {
    /// Writes down what is asked of `sources`.
    pub fn new(sources: &'a dyn SourceProvider) -> Recorder<'a> {
        Recorder { sources, answers: RefCell::default() }
    }

    /// What was asked so far.
    pub fn record(&self) -> Record {
        Record { answers: self.answers.borrow().iter().map(|(q, a)| (q.clone(), a.clone())).collect() }
    }

    fn note(&self, question: Question, answer: String) {
        self.answers.borrow_mut().insert(question, answer);
    }
}

impl SourceProvider for Recorder<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        let answer = self.sources.read(path);
        self.note(Question::Read(path.to_owned()), bytes(&answer));
        answer
    }

    fn is_file(&self, path: &Path) -> bool {
        let answer = self.sources.is_file(path);
        self.note(Question::IsFile(path.to_owned()), answer.to_string());
        answer
    }

    fn is_folder(&self, path: &Path) -> bool {
        let answer = self.sources.is_folder(path);
        self.note(Question::IsFolder(path.to_owned()), answer.to_string());
        answer
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        let answer = self.sources.list(path);
        self.note(Question::List(path.to_owned()), names(&answer));
        answer
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::source::MemorySources;

    #[test]
    fn a_record_notices_changed_new_and_removed_files_and_survives_a_round_trip() {
        let sources = MemorySources::new().with("p/a.omt", "1").with("p/b.omt", "2");
        let recorder = Recorder::new(&sources);
        recorder.read(Path::new("p/a.omt")).unwrap();
        recorder.list(Path::new("p")).unwrap();
        assert!(!recorder.is_file(Path::new("p/commentary.md")));
        let record = recorder.record();
        let record: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert!(record.still_holds(&sources));
        assert!(record.still_holds(&sources.clone().with("q/c.omt", "3")), "nobody asked for q");
        assert!(record.still_holds(&sources.clone().with("p/b.omt", "3")), "nobody read b");
        assert!(!record.still_holds(&sources.clone().with("p/a.omt", "2")));
        assert!(!record.still_holds(&sources.clone().with("p/c.omt", "3")));
        assert!(!record.still_holds(&sources.clone().with("p/commentary.md", "#")));
    }
}
