//! The registry of codes.
//!
//! A code is a constant of type [`Code`]. Syntax keeps its codes here; a pass that owns a range keeps its
//! constants beside it and adds its table here; a check brings its own.

use super::{Code, Severity};

mod syntax;

pub use syntax::*;

/// The tables of the passes whose codes are not those of one check each.
const TABLES: &[&[Code]] =
    &[syntax::ALL, crate::sema::codes::ALL, crate::build::codes::ALL, crate::report::codes::ALL];

/// Every code, in ascending order within its pass.
pub fn all() -> impl Iterator<Item = Code> {
    TABLES.iter().copied().flatten().copied().chain(crate::check::all().map(|check| check.code))
}

/// Whether words and grammar of one file alone decide about it.
pub fn of_one_file(code: Code) -> bool {
    syntax::ALL.contains(&code)
}

/// The code with that id, in any case.
pub fn find(id: &str) -> Option<Code> {
    all().find(|c| c.id.eq_ignore_ascii_case(id))
}

/// An error code.
pub const fn error(id: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { id, title, severity: Severity::Error, explanation }
}

/// A warning code.
pub const fn warning(id: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { id, title, severity: Severity::Warning, explanation }
}

/// A code whose findings are notes.
pub const fn note(id: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { id, title, severity: Severity::Note, explanation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_one_meaning_and_an_explanation() {
        let mut seen = BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.id), "{} is used twice", code.id);
            let (letter, digits) = code.id.split_at(1);
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.id);
            let expected = match code.severity {
                Severity::Error => ["E", "S"],
                Severity::Warning | Severity::Note => ["W", "S"],
            };
            assert!(expected.contains(&letter), "{} has the wrong letter", code.id);
            assert!(!code.title.is_empty());
            for heading in ["# What it checks", "# Why it matters", "# Example", "# Instead"] {
                assert!(code.explanation.contains(heading), "{} lacks {heading}", code.id);
            }
        }
    }
}
