//! Applies fixes until nothing changes.
//!
//! Every round asks [`report`](crate::report::report) again, because a fix moves what stands after it and may make
//! another finding go away. A round whose fixes make a new error is taken back and its fixes are tried one by one;
//! one that does harm is not tried again. So the sources never have more errors than before, and it always ends.

use crate::build::Rewrite;
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::report::{Reported, report};
use crate::sema::Options;
use crate::source::{FileId, SourceError, SourceMap, SourceProvider, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Rounds after which it ends although there would be more to apply. One finding seldom hides behind more than two
/// others; fixes that undo each other would go on for ever.
pub const ROUNDS_MAX: usize = 32;

/// What is to be fixed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Fixes of this applicability and of those that are safer.
    pub applicability: Applicability,
    /// Only findings of these codes; all when empty.
    pub codes: &'a [String],
    /// Only these files. Others, which are imported, are read and never changed.
    pub files: &'a [PathBuf],
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The code of its finding.
    pub code: &'static str,
    /// `name:line:column` when it was applied.
    pub place: String,
    /// What it does.
    pub message: String,
}

/// What came of it.
#[derive(Debug)]
pub struct Fixed {
    /// Files that are different now, in the order of their paths.
    pub changes: Vec<Rewrite>,
    /// What was applied, in that order.
    pub applied: Vec<Applied>,
    /// How many rounds it took; [`ROUNDS_MAX`] when it did not come to an end.
    pub rounds: usize,
    /// The last report, on the sources as they are to be.
    pub left: Reported,
}

/// Applies fixes, in memory.
pub fn fix(provider: &dyn SourceProvider, roots: &[PathBuf], options: &Options, wanted: Wanted<'_>) -> Fixed {
    let overlay = Overlay { provider, read: RefCell::default(), changed: BTreeMap::new() };
    let mut run = Run { overlay, roots, options, wanted, applied: Vec::new(), harmful: BTreeSet::new() };
    let mut left = run.report();
    let mut seen = BTreeSet::new();
    let mut rounds = 0_usize;
    while rounds < ROUNDS_MAX {
        // Fixes that undo each other come back to a text that has been.
        if !seen.insert(run.overlay.changed.clone()) {
            break;
        }
        match run.round(&left) {
            Some(next) => left = next,
            None => break,
        }
        rounds = rounds.saturating_add(1);
    }
    let Run { overlay, applied, .. } = run;
    let read = overlay.read.into_inner();
    let changes = overlay
        .changed
        .into_iter()
        .filter_map(|(path, after)| Some((read.get(&path)?.clone().ok()?, path, after)))
        .filter(|(before, _, after)| before != after.as_bytes())
        .map(|(before, path, after)| Rewrite { path, before, after })
        .collect();
    Fixed { changes, applied, rounds, left }
}

/// Which fix, in a way that survives changes elsewhere: code, what it does, the name of the file, the text it is about.
type Key = (&'static str, String, String, String);

/// A fix with its finding.
type Candidate<'a> = (&'a Diagnostic, &'a Fix);

struct Run<'a> {
    overlay: Overlay<'a>,
    roots: &'a [PathBuf],
    options: &'a Options,
    wanted: Wanted<'a>,
    applied: Vec<Applied>,
    harmful: BTreeSet<Key>,
}

impl Run<'_> {
    fn report(&self) -> Reported {
        report(&self.overlay, self.roots, self.options)
    }

    /// Applies what does not overlap; gives the report afterwards, or nothing when there was nothing to apply.
    fn round(&mut self, now: &Reported) -> Option<Reported> {
        let candidates = self.candidates(now);
        if candidates.is_empty() {
            return None;
        }
        let errors = count_errors(now);
        if let Some(next) = self.attempt(now, &candidates, errors) {
            // What did harm among other words may do none now.
            self.harmful.clear();
            return Some(next);
        }
        for candidate in &candidates {
            if let Some(next) = self.attempt(now, std::slice::from_ref(candidate), errors) {
                self.harmful.clear();
                return Some(next);
            }
            self.harmful.insert(key(&now.sources, *candidate));
        }
        None
    }

    /// One fix for each finding that has one, none of which touches another.
    fn candidates<'d>(&self, now: &'d Reported) -> Vec<Candidate<'d>> {
        let files: BTreeSet<FileId> = self.changeable(now).collect();
        let mut taken: BTreeMap<FileId, BTreeMap<u32, u32>> = BTreeMap::new();
        let mut found = Vec::new();
        for diagnostic in &now.diagnostics {
            let codes = self.wanted.codes;
            if !codes.is_empty() && !codes.iter().any(|c| c.eq_ignore_ascii_case(diagnostic.code.id)) {
                continue;
            }
            let fix = diagnostic.fixes.iter().find(|fix| {
                fix.applicability <= self.wanted.applicability
                    && fix.applicability < Applicability::DisplayOnly
                    && !fix.edits.is_empty()
                    && fix.edits.iter().all(|edit| files.contains(&edit.span.file))
                    && fits(fix)
                    && !self.harmful.contains(&key(&now.sources, (diagnostic, *fix)))
            });
            let Some(fix) = fix else { continue };
            let free = |edit: &Edit| {
                // Of those that begin before this one ends, the last reaches furthest: they do not overlap.
                let last = taken.get(&edit.span.file).and_then(|t| t.range(..=edit.span.end).next_back());
                last.is_none_or(|(_, end)| *end < edit.span.start)
            };
            if fix.edits.iter().all(free) {
                for edit in &fix.edits {
                    let end = taken.entry(edit.span.file).or_default().entry(edit.span.start).or_default();
                    *end = edit.span.end.max(*end);
                }
                found.push((diagnostic, fix));
            }
        }
        found
    }

    /// The files that may be changed, and have been read as they are.
    fn changeable<'d>(&self, now: &'d Reported) -> impl Iterator<Item = FileId> + use<'d, '_> {
        now.sources.iter().filter_map(|(id, file)| {
            let path = Path::new(file.name());
            let wanted = self.wanted.files.iter().any(|wanted| same_path(path, wanted));
            // What is not UTF-8 was read with replacements, which must not be written back.
            let whole = || self.overlay.read(path).is_ok_and(|bytes| bytes == file.text().as_bytes());
            (wanted && whole()).then_some(id)
        })
    }

    /// Applies these; takes them back when there are more errors afterwards.
    fn attempt(&mut self, now: &Reported, candidates: &[Candidate<'_>], errors: usize) -> Option<Reported> {
        let before = self.overlay.changed.clone();
        let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
        for edit in candidates.iter().flat_map(|(_, fix)| &fix.edits) {
            edits.entry(edit.span.file).or_default().push(edit);
        }
        for (file, edits) in edits {
            let Some(file) = now.sources.get(file) else { continue };
            let text = edited(file.text(), edits);
            self.overlay.changed.insert(PathBuf::from(file.name()), text);
        }
        let next = self.report();
        if count_errors(&next) > errors {
            self.overlay.changed = before;
            return None;
        }
        self.applied.extend(candidates.iter().map(|(diagnostic, fix)| Applied {
            code: diagnostic.code.id,
            place: now.sources.place(diagnostic.span()),
            message: fix.message.clone(),
        }));
        Some(next)
    }
}

fn count_errors(analyzed: &Reported) -> usize {
    analyzed.diagnostics.iter().filter(|d| d.is_error()).count()
}

fn key(sources: &SourceMap, (diagnostic, fix): Candidate<'_>) -> Key {
    let file = sources.get(diagnostic.span().file).map(|f| f.name().to_owned()).unwrap_or_default();
    (diagnostic.code.id, fix.message.clone(), file, sources.slice(diagnostic.span()).to_owned())
}

/// Paths of one file, written in two ways.
fn same_path(a: &Path, b: &Path) -> bool {
    let plain = |path: &Path| -> PathBuf {
        path.components().filter(|c| !matches!(c, std::path::Component::CurDir)).collect()
    };
    plain(a) == plain(b)
}

/// Do the edits of one fix leave each other alone?
fn fits(fix: &Fix) -> bool {
    fix.edits.iter().enumerate().all(|(i, a)| {
        fix.edits
            .iter()
            .skip(i.saturating_add(1))
            .all(|b| a.span.file != b.span.file || a.span.end <= b.span.start || b.span.end <= a.span.start)
    })
}

/// A text after edits that do not overlap.
pub fn edited<'a>(text: &str, edits: impl IntoIterator<Item = &'a Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    // Stable: what is inserted at one place keeps the order in which it was given.
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0_usize;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        // An edit that does not fit the text is left out: half of it would be worse.
        let Some(kept) = text.get(at..start).filter(|_| text.get(start..end).is_some()) else { continue };
        out.push_str(kept);
        out.push_str(&edit.replacement);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// The span of a whole line, line end included, when nothing but `span` stands on it; else the span itself. So what
/// is removed leaves no empty line, and a comment beside it stays.
pub fn whole_line(text: &str, span: Span) -> Span {
    let (before, after) = (text.get(..span.start as usize), text.get(span.end as usize..));
    let (Some(before), Some(after)) = (before, after) else { return span };
    let line_start = before.rfind('\n').map_or(0, |i| i.saturating_add(1));
    let line_end = after.find('\n').map_or(after.len(), |i| i.saturating_add(1));
    let blank = |part: Option<&str>| part.is_some_and(|p| p.trim().is_empty());
    if !blank(before.get(line_start..)) || !blank(after.get(..line_end)) {
        return span;
    }
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::new(span.file, offset(line_start), span.end.saturating_add(offset(line_end)))
}

/// Sources as they were read first, with the changes on top: what somebody else writes meanwhile is not seen.
struct Overlay<'a> {
    provider: &'a dyn SourceProvider,
    read: RefCell<BTreeMap<PathBuf, Result<Vec<u8>, SourceError>>>,
    changed: BTreeMap<PathBuf, String>,
}

impl SourceProvider for Overlay<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        let first =
            self.read.borrow_mut().entry(path.to_owned()).or_insert_with(|| self.provider.read(path)).clone();
        match self.changed.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => first,
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.provider.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.provider.is_folder(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        self.provider.list(path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::source::MemorySources;

    fn at(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start, end)
    }

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { span: at(start, end), replacement: text.to_owned() }
    }

    #[test]
    fn edits_are_applied_from_the_front_and_insertions_keep_their_order() {
        let edits = [edit(4, 5, "X"), edit(0, 0, "a"), edit(0, 0, "b"), edit(9, 12, "lost")];
        assert_eq!(edited("0123456789", &edits), "ab0123X56789");
        assert_eq!(edited("é", &[edit(1, 2, "half a character")]), "é");
    }

    #[test]
    fn a_line_goes_whole_unless_something_else_stands_on_it() {
        let text = "a\n  imports x  \nimports y # why\n";
        assert_eq!(whole_line(text, at(4, 13)), at(2, 16));
        assert_eq!(whole_line(text, at(16, 25)), at(16, 25));
        assert_eq!(whole_line("x", at(0, 1)), at(0, 1));
    }

    fn fixed(text: &str, files: &[&str]) -> Fixed {
        let sources = MemorySources::new().with("p/a.omt", text);
        let roots = [PathBuf::from("p/a.omt")];
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let wanted = Wanted { applicability: Applicability::Safe, codes: &[], files: &files };
        fix(&sources, &roots, &Options::default(), wanted)
    }

    #[test]
    fn safe_fixes_are_applied_and_the_rest_of_the_text_stays() {
        let text =
            "imports shared/x.omt   # odd   spacing\nfunction f(a bool,b bool)->bool( return a && b )\n";
        let fixed = fixed(text, &["./p/a.omt"]);
        assert_eq!(fixed.changes.len(), 1, "{:?}", fixed.left.diagnostics);
        let after = &fixed.changes[0].after;
        assert!(after.starts_with("imports shared/x   # odd   spacing\n"), "{after}");
        assert!(fixed.applied.iter().any(|a| a.place == "p/a.omt:1:17"), "{:?}", fixed.applied);
    }

    #[test]
    fn a_file_that_was_not_asked_for_is_left_alone() {
        assert!(fixed("imports shared/x.omt\n", &["p/b.omt"]).changes.is_empty());
    }
}
