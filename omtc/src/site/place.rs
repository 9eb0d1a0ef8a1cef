//! Where links of commentaries and chapters lead: paths between files become links between pages.

use super::book::Book;
use super::html::relative;
use super::names::source_page;
use super::{PROTOCOLS, Subject};

/// Beside every `transaction.omt`.
const COMMENTARY: &str = "commentary.md";

/// A link to an anchor, to be looked at when all pages are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchored {
    /// The file that has the link.
    pub file: String,
    /// As it is written there.
    pub target: String,
    /// The page that it leads to, and the anchor there.
    pub page: String,
    pub anchor: String,
}

/// A path without `.`, `..` and `//`; it may begin with `..`.
pub(crate) fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| *last != ".." && !last.is_empty()) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A target that stays what it is: an anchor of the same page, or an address somewhere else.
pub(super) fn leads_away(target: &str) -> bool {
    target.starts_with('#') || target.contains("://") || target.starts_with("mailto:")
}

/// The page of a file of a transaction, of its folder, or of what `omtc build` makes of it.
pub(super) fn of_protocol(subjects: &[Subject<'_>], path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    if path.ends_with("docs/README.md") {
        return Some(PROTOCOLS.to_owned());
    }
    for subject in subjects {
        let source = slashed(subject);
        let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
        let place = subject.paths.folder.trim_start_matches("protocols/").trim_end_matches('/');
        if path == folder
            || path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) == Some(COMMENTARY)
            || path.ends_with(&format!("docs/{place}.md"))
        {
            return Some(subject.paths.overview());
        }
        let own = |path: &std::path::Path| plain(&path.to_string_lossy().replace('\\', "/"));
        if let Some(file) = subject.unit.files.iter().find(|file| own(&file.path) == path) {
            return Some(source_page(&file.name));
        }
    }
    None
}

/// The path of a transaction's source.
fn slashed(subject: &Subject<'_>) -> String {
    plain(&subject.unit.path.to_string_lossy().replace('\\', "/"))
}

/// Where links of a commentary lead.
pub struct Beside<'a> {
    subject: &'a Subject<'a>,
    subjects: &'a [Subject<'a>],
    book: Option<&'a Book>,
    /// Links that lead nowhere.
    pub(super) broken: Vec<String>,
    pub(super) anchored: Vec<Anchored>,
    /// Pictures that the page shows: path in the site, and below the folder of the transaction.
    pub(super) pictures: Vec<(String, String)>,
}

impl<'a> Beside<'a> {
    pub(super) fn of(subject: &'a Subject<'a>, subjects: &'a [Subject<'a>], book: Option<&'a Book>) -> Self {
        let (broken, anchored, pictures) = (Vec::new(), Vec::new(), Vec::new());
        Beside { subject, subjects, book, broken, anchored, pictures }
    }

    /// The file whose links these are.
    pub(super) fn file(&self) -> String {
        let source = slashed(self.subject);
        source.rsplit_once('/').map_or(COMMENTARY.to_owned(), |(folder, _)| format!("{folder}/{COMMENTARY}"))
    }

    /// Where a link of the page leads.
    pub(super) fn link(&mut self, page: &str, target: &str) -> Option<String> {
        let target = super::protocol::safe(target);
        if target == "#" || target.is_empty() {
            return None;
        }
        let (path, anchor) = target.split_once('#').map_or((target.as_str(), ""), |(p, a)| (p, a));
        let found = if path.is_empty() {
            Some(page.to_owned())
        } else if leads_away(&target) {
            return Some(target);
        } else {
            self.page(path)
        };
        let Some(found) = found else {
            // A file that is there and has no page is no mistake of the commentary.
            if !self.subject.beside.there.contains(path) {
                self.broken.push(target);
            }
            return None;
        };
        if anchor.is_empty() {
            return Some(relative(page, &found));
        }
        let link = relative(page, &format!("{found}#{anchor}"));
        let anchor = anchor.to_owned();
        self.anchored.push(Anchored { file: self.file(), target, page: found, anchor });
        Some(link)
    }

    fn page(&self, path: &str) -> Option<String> {
        let file = self.file();
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = plain(&if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") });
        let chapter = || {
            let book = self.book?;
            let rest = path.strip_prefix(&plain(&book.folder))?.strip_prefix('/')?;
            book.find(rest).or_else(|| book.find(&format!("{}/README.md", rest.trim_end_matches('/'))))
        };
        of_protocol(self.subjects, &path).or_else(chapter)
    }

    /// Where a picture lies.
    pub(super) fn image(&mut self, page: &str, target: &str) -> Option<String> {
        let target = super::protocol::safe(target);
        if target == "#" || target.is_empty() {
            return None;
        }
        if leads_away(&target) {
            // Pages load nothing from anywhere else.
            return None;
        }
        let path = plain(&target);
        if !self.subject.beside.pictures.contains_key(&path) {
            self.broken.push(target);
            return None;
        }
        let file: Vec<String> = path.split('/').map(super::html::file_name).collect();
        let to = format!("{}files/{}", self.subject.paths.folder, file.join("/"));
        let link = relative(page, &to);
        self.pictures.push((to, path));
        Some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn paths_are_made_plain() {
        for (path, wanted) in [
            ("a/./b//c", "a/b/c"),
            ("a/b/../c", "a/c"),
            ("../a/../../b", "../../b"),
            ("/a/../b", "/b"),
            ("a/..", ""),
        ] {
            assert_eq!(plain(path), wanted, "{path}");
        }
    }
}
