//! The book: a folder of Markdown files with a `SUMMARY.md` that says in which order they are read.
//!
//! Every Markdown file of the folder becomes a page, also one that the summary does not name (pages of findings are
//! reached from their index). Links between files become links between pages; a link to a protocol's source, commentary or
//! generated page leads to its pages here. A link that leads nowhere is reported.

use super::html::{Slugs, escape, file_name, relative};
use super::markdown::{Context, Heading, block, plain, render};
use super::names::{Names, Scope};
use super::page::{Entry, Page};
use super::place::{self, Anchored};
use super::protocol::{self, safe};
use super::{Maker, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// The files of a book.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The folder as it was given: links that leave it are relative to it.
    pub folder: String,
    /// Every file below the folder, by path with `/`.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The file that tells the order.
const SUMMARY: &str = "SUMMARY.md";
/// The first page of a folder.
const README: &str = "README.md";

impl Book {
    /// The page of a file, if there is one.
    pub fn find(&self, file: &str) -> Option<String> {
        (self.files.contains_key(file) && is_chapter(file)).then(|| page_of(file))
    }

    fn text(&self, file: &str) -> Option<String> {
        self.files.get(file).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Title of a chapter: its first heading.
    fn title(&self, file: &str) -> String {
        let text = self.text(file).unwrap_or_default();
        let heading = text.lines().find_map(|line| line.strip_prefix("# "));
        heading.map_or_else(|| file.to_owned(), |title| title.replace('`', ""))
    }
}

fn is_chapter(file: &str) -> bool {
    file.ends_with(".md") && file != SUMMARY
}

/// `diagnostics/README.md` is `book/diagnostics/index.html`; the first page of the book that of the site.
fn page_of(file: &str) -> String {
    if file == README {
        return "index.html".to_owned();
    }
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let stem = match stem.strip_suffix("/README") {
        Some(folder) => format!("{folder}/index"),
        None => stem.to_owned(),
    };
    let parts: Vec<String> = stem.split('/').map(file_name).collect();
    format!("book/{}.html", parts.join("/"))
}

/// A line of the summary.
struct Line {
    depth: usize,
    title: String,
    /// A file of the book, or something outside of it.
    target: Option<String>,
}

/// The summary, line by line: `# Part`, `- [Chapter](file.md)`.
fn summary(book: &Book) -> Vec<Line> {
    let Some(text) = book.text(SUMMARY) else {
        let all = book.files.keys().filter(|file| is_chapter(file) && !file.contains('/'));
        return all
            .map(|file| Line { depth: 0, title: book.title(file), target: Some(file.clone()) })
            .collect();
    };
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(part) = line.strip_prefix("## ") {
            lines.push(Line { depth: 0, title: part.trim().to_owned(), target: None });
            continue;
        }
        let depth = line.chars().take_while(|c| *c == ' ').count() / 2;
        let item = line.trim_start().strip_prefix(['-', '*']).map(str::trim);
        if let Some((title, target)) = item.and_then(|i| i.strip_prefix('[')).and_then(|i| i.split_once("]("))
        {
            let target = target.trim_end_matches(')').to_owned();
            lines.push(Line {
                depth: depth.saturating_add(1),
                title: title.replace('`', ""),
                target: Some(target),
            });
        }
    }
    lines
}

/// The navigation.
pub fn entries(book: &Book) -> Vec<Entry> {
    let lines: Vec<Line> = summary(book)
        .into_iter()
        .filter(|line| line.target.as_ref().is_none_or(|target| book.files.contains_key(target)))
        .collect();
    nested(&mut lines.iter().peekable(), 0)
}

fn nested(lines: &mut std::iter::Peekable<std::slice::Iter<'_, Line>>, depth: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    while let Some(line) = lines.peek() {
        if line.depth < depth {
            break;
        }
        if line.depth > depth
            && let Some(last) = entries.last_mut()
        {
            let depth = line.depth;
            last.below.extend(nested(lines, depth));
            continue;
        }
        if let Some(line) = lines.next() {
            let target = line.target.as_deref().map(page_of);
            entries.push(Entry { title: line.title.clone(), target, below: Vec::new() });
        }
    }
    entries
}

/// All chapters.
pub(super) fn pages(maker: &mut Maker<'_>, book: &Book, subjects: &[Subject<'_>]) {
    let order: Vec<String> = summary(book)
        .into_iter()
        .filter_map(|line| line.target)
        .filter(|t| book.files.contains_key(t))
        .collect();
    let chapters: Vec<&String> = book.files.keys().filter(|file| is_chapter(file)).collect();
    for file in chapters {
        chapter(maker, book, subjects, file, &order);
    }
    if !book.files.contains_key(README) {
        protocol::front(maker, subjects);
    }
}

fn chapter(maker: &mut Maker<'_>, book: &Book, subjects: &[Subject<'_>], file: &str, order: &[String]) {
    let path = page_of(file);
    let text = book.text(file).unwrap_or_default();
    let mut slugs = Slugs::default();
    let mut context = InBook {
        book,
        subjects,
        file,
        page: &path,
        names: &Names::default(),
        broken: Vec::new(),
        anchored: Vec::new(),
        assets: BTreeSet::new(),
    };
    let rendered = render(&text, &mut slugs, &mut context);
    let InBook { broken, anchored, assets, .. } = context;
    maker.anchored.extend(anchored);
    for target in broken {
        maker.site.broken.push((file.to_owned(), target));
    }
    for asset in assets {
        if let Some(bytes) = book.files.get(&asset) {
            maker.site.files.insert(format!("book/{asset}"), bytes.clone());
        }
    }
    let title = book.title(file);
    maker.index.passages(&path, &title, &rendered.passages);
    let mut body = rendered.html;
    if file == README && !subjects.is_empty() {
        body.push_str(&super::markdown::heading(2, "the-protocols", "The protocols"));
        body.push_str(&protocol::cards(subjects, &path));
    }
    let at = order.iter().position(|other| other == file);
    let near = |at: Option<usize>| {
        let file = order.get(at?)?;
        Some((book.title(file), page_of(file)))
    };
    let around = match at {
        Some(at) => [near(at.checked_sub(1)), near(at.checked_add(1))],
        None => [None, None],
    };
    // What the summary does not name stands below the first page of its folder.
    let parent = file.rsplit_once('/').map(|(folder, _)| format!("{folder}/{README}"));
    let parent = parent.filter(|parent| at.is_none() && book.files.contains_key(parent) && parent != file);
    let above = parent.iter().map(|parent| (book.title(parent), page_of(parent))).collect();
    let headings: Vec<Heading> = rendered.headings;
    maker.put(&Page {
        title: if file == README { maker.input.title.to_owned() } else { title },
        stands_for: parent.map(|parent| page_of(&parent)),
        body,
        headings,
        above,
        around,
        path,
    });
}

/// How a chapter is shown.
struct InBook<'a> {
    book: &'a Book,
    subjects: &'a [Subject<'a>],
    file: &'a str,
    page: &'a str,
    names: &'a Names,
    broken: Vec<String>,
    anchored: Vec<Anchored>,
    assets: BTreeSet<String>,
}

impl InBook<'_> {
    /// A path of the book, or one outside of it that begins with the folder of the book.
    fn resolve(&self, target: &str) -> Option<Result<String, String>> {
        let mut parts: Vec<&str> =
            self.book.folder.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
        let depth = parts.len();
        let mut inside = self.file.split('/').collect::<Vec<_>>();
        inside.pop();
        parts.extend(inside);
        for part in target.split('/') {
            match part {
                "." | "" => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        let folder: Vec<&str> = self.book.folder.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
        Some(if parts.starts_with(&folder) {
            Ok(parts.get(depth..).unwrap_or_default().join("/"))
        } else {
            Err(parts.join("/"))
        })
    }

    fn target(&mut self, target: &str, image: bool) -> Option<String> {
        let target = safe(target);
        if target.contains("://") || target.starts_with("mailto:") {
            return (!image).then_some(target);
        }
        let (path, anchor) = target.split_once('#').map_or((target.as_str(), ""), |(p, a)| (p, a));
        let found = match self.resolve(path) {
            _ if path.is_empty() && !anchor.is_empty() => Some(self.page.to_owned()),
            Some(Ok(inside)) => {
                let folder = format!("{}/{README}", inside.trim_end_matches('/'));
                if is_chapter(&inside) && self.book.files.contains_key(&inside) {
                    Some(page_of(&inside))
                } else if self.book.files.contains_key(&folder) && !image {
                    Some(page_of(&folder))
                } else if self.book.files.contains_key(&inside) && inside != SUMMARY {
                    self.assets.insert(inside.clone());
                    Some(format!("book/{inside}"))
                } else {
                    None
                }
            }
            Some(Err(outside)) => place::of_protocol(self.subjects, &outside),
            None => None,
        };
        let Some(found) = found else {
            self.broken.push(target);
            return None;
        };
        if anchor.is_empty() {
            return Some(relative(self.page, &found));
        }
        let link = relative(self.page, &format!("{found}#{anchor}"));
        let (file, anchor) = (self.file.to_owned(), anchor.to_owned());
        if found.ends_with(".html") {
            self.anchored.push(Anchored { file, target, page: found, anchor });
        }
        Some(link)
    }
}

impl Context for InBook<'_> {
    fn link(&mut self, target: &str) -> Option<String> {
        self.target(target, false)
    }

    fn image(&mut self, target: &str) -> Option<String> {
        self.target(target, true)
    }

    fn code(&mut self, text: &str) -> String {
        format!("<code>{}</code>", escape(text))
    }

    fn block(&mut self, language: &str, text: &str) -> String {
        match language.split_whitespace().next() {
            Some("omt") => {
                let scope = Scope { page: self.page, names: Some(self.names), actor: None };
                block("omt", &scope.highlight(text))
            }
            Some("console") => block("console", &console(text)),
            _ => plain(text),
        }
    }
}

/// Commands set apart from what they answer.
fn console(text: &str) -> String {
    let mut html = String::new();
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => html.push_str(&format!(
                "<span class=\"prompt\" aria-hidden=\"true\">$ </span><span class=\"command\">{}</span>\n",
                escape(command)
            )),
            None => html.push_str(&format!("{}\n", escape(line))),
        }
    }
    html
}
