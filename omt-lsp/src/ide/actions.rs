//! What can be done about the text at a place: repairs of findings, and things that are often wanted next.

mod extract;
mod generate;
mod repair;

use super::engine::Analysis;
use super::{Edit, Range, Text, rename::Edits};
use omtc::source::FileId;
use omtc::syntax::ast::File;
use std::path::Path;

/// Which kind of action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Repairs a finding.
    Fix,
    /// Repairs all findings of a file that are certain.
    FixAll,
    /// Puts the imports in order.
    OrganizeImports,
    /// Writes something that is missing.
    Generate,
    /// Takes something out.
    Extract,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does.
    pub title: String,
    /// Which kind.
    pub sort: Sort,
    /// Whether it is certainly what is wanted.
    pub preferred: bool,
    /// The code and the place of the finding that it is about.
    pub about: Option<(&'static str, Range)>,
    /// What changes.
    pub edits: Edits,
}

/// A place of a file that was analysed as it is.
pub struct At<'a> {
    /// Its project.
    pub analysis: &'a Analysis,
    /// Its path.
    pub path: &'a Path,
    /// Its number.
    pub file: FileId,
    /// Its tree.
    pub tree: &'a File,
    /// Its text.
    pub text: &'a Text,
    /// What is selected.
    pub range: Range,
}

impl At<'_> {
    fn edit(&self, range: Range, text: String) -> Edits {
        [(self.path.to_owned(), vec![Edit { range, text }])].into_iter().collect()
    }

    fn action(&self, title: String, sort: Sort, edits: Edits) -> Action {
        Action { title, sort, preferred: false, about: None, edits }
    }
}

/// Everything that can be done.
pub fn actions(at: &At<'_>) -> Vec<Action> {
    let mut found = repair::fixes(at);
    found.extend(repair::allowances(at));
    found.extend(generate::all(at));
    found.extend(extract::function(at));
    found.extend(repair::fix_all(at));
    found.extend(repair::organize_imports(at));
    found
}
