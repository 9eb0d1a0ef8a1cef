//! What all pages have in common: head, navigation, contents, search.

use super::html::{escape, link, relative};
use super::markdown::Heading;

/// A page of the site.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Path below the root of the site.
    pub path: String,
    /// Title of the window.
    pub title: String,
    /// Everything below the header.
    pub body: String,
    /// What the contents beside the text show: headings of the second and third level.
    pub headings: Vec<Heading>,
    /// Titles and paths of the pages above this one.
    pub above: Vec<(String, String)>,
    /// The page before and the page after, in a book: title and path.
    pub around: [Option<(String, String)>; 2],
    /// The page that the navigation shows as the current one, when this one is not in it.
    pub stands_for: Option<String>,
}

/// An entry of the navigation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub title: String,
    /// Where it leads; a heading leads nowhere.
    pub target: Option<String>,
    /// What lies below it, shown when the current page is one of them.
    pub below: Vec<Entry>,
}

impl Entry {
    fn holds(&self, path: &str) -> bool {
        self.target.as_deref() == Some(path) || self.below.iter().any(|entry| entry.holds(path))
    }
}

/// What stands around the body of every page.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Title of the site.
    pub title: String,
    /// Its navigation.
    pub entries: Vec<Entry>,
}

/// The style sheet.
pub const STYLE: &str = include_str!("assets/style.css");
/// The script: search, keys, colours.
pub const SCRIPT: &str = include_str!("assets/site.js");
/// Runs before anything is drawn: the colours that were chosen.
pub const EARLY: &str = include_str!("assets/early.js");

impl Shell {
    /// A whole page.
    pub fn page(&self, page: &Page) -> String {
        let to = |target: &str| escape(&relative(&page.path, target));
        let title = if page.title == self.title {
            escape(&self.title)
        } else {
            format!("{} · {}", escape(&page.title), escape(&self.title))
        };
        let root = "../".repeat(page.path.matches('/').count());
        let contents = contents(&page.headings);
        let class = if contents.is_empty() { "plain" } else { "with-contents" };
        format!(
            "<!doctype html>\n<html lang=\"en\" data-root=\"{root}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"{style}\">\n\
             <script src=\"{early}\"></script>\n<script src=\"{script}\" defer></script>\n</head>\n\
             <body class=\"{class}\">\n<a class=\"skip\" href=\"#content\">Skip to the text</a>\n{header}\
             <nav id=\"pages\" aria-label=\"Pages\">\n{entries}</nav>\n\
             <main id=\"content\" tabindex=\"-1\">\n{above}{body}{around}</main>\n{contents}{search}</body>\n</html>\n",
            style = to("style.css"),
            early = to("early.js"),
            script = to("site.js"),
            header = self.header(page),
            entries = self::entries(&self.entries, page),
            above = above(page),
            body = page.body,
            around = around(page),
            search = SEARCH,
        )
    }

    fn header(&self, page: &Page) -> String {
        format!(
            "<header>\n<button id=\"menu\" type=\"button\" aria-expanded=\"false\" aria-controls=\"pages\">\
             <span aria-hidden=\"true\">☰</span> Pages</button>\n<a class=\"home\" href=\"{}\">{}</a>\n\
             <button id=\"find\" type=\"button\" aria-keyshortcuts=\"/\"><span>Search</span> <kbd>/</kbd></button>\n\
             <button id=\"colours\" type=\"button\">Colours</button>\n</header>\n",
            escape(&relative(&page.path, "index.html")),
            escape(&self.title)
        )
    }
}

/// The navigation, open where one reads.
fn entries(entries: &[Entry], page: &Page) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let current = page.stands_for.as_deref().unwrap_or(&page.path);
    let mut html = String::from("<ul>\n");
    for entry in entries {
        let title = escape(&entry.title);
        html.push_str("<li>");
        match &entry.target {
            Some(target) if target == current => html.push_str(&format!(
                "<a aria-current=\"page\" href=\"{}\">{title}</a>",
                escape(&relative(&page.path, target))
            )),
            Some(target) => html.push_str(&link(&relative(&page.path, target), &title)),
            None => html.push_str(&format!("<span class=\"part\">{title}</span>")),
        }
        // Parts are always open; a chapter is when one reads in it.
        if entry.target.is_none() || entry.holds(current) {
            html.push_str(&self::entries(&entry.below, page));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n");
    html
}

fn above(page: &Page) -> String {
    if page.above.is_empty() {
        return String::new();
    }
    let links: Vec<String> =
        page.above.iter().map(|(title, path)| link(&relative(&page.path, path), &escape(title))).collect();
    format!(
        "<nav class=\"above\" aria-label=\"Above\">{}</nav>\n",
        links.join(" <span aria-hidden=\"true\">/</span> ")
    )
}

fn around(page: &Page) -> String {
    let [before, after] = &page.around;
    if before.is_none() && after.is_none() {
        return String::new();
    }
    let one = |at: &Option<(String, String)>, rel: &str, arrow: [&str; 2]| match at {
        Some((title, path)) => format!(
            "<a rel=\"{rel}\" href=\"{}\">{}{}{}</a>",
            escape(&relative(&page.path, path)),
            arrow[0],
            escape(title),
            arrow[1]
        ),
        None => "<span></span>".to_owned(),
    };
    format!(
        "<nav class=\"around\" aria-label=\"Before and after\">{}{}</nav>\n",
        one(before, "prev", ["← ", ""]),
        one(after, "next", ["", " →"])
    )
}

/// Contents with fewer entries than this help nobody.
const CONTENTS_MIN: usize = 3;

fn contents(headings: &[Heading]) -> String {
    let shown: Vec<&Heading> = headings.iter().filter(|h| (2..=3).contains(&h.level)).collect();
    if shown.len() < CONTENTS_MIN {
        return String::new();
    }
    let mut html = String::from(
        "<aside aria-label=\"On this page\"><nav id=\"contents\" aria-label=\"On this page\"><p>On this page</p>\n<ul>\n",
    );
    for heading in shown {
        html.push_str(&format!(
            "<li class=\"h{}\"><a href=\"#{}\">{}</a></li>\n",
            heading.level,
            escape(&heading.id),
            // A name is broken between its words, if at all.
            escape(&heading.text).replace('_', "_<wbr>")
        ));
    }
    html.push_str("</ul></nav></aside>\n");
    html
}

/// The dialog of the search; its script fills it.
const SEARCH: &str = "<dialog id=\"search\" aria-label=\"Search\">\n<form method=\"dialog\" role=\"search\">\n\
    <input id=\"query\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" aria-label=\"Search all pages\" \
    placeholder=\"Search all pages\" role=\"combobox\" aria-expanded=\"false\" aria-controls=\"found\" aria-autocomplete=\"list\">\n\
    <button type=\"submit\" value=\"close\">Close</button>\n</form>\n\
    <p id=\"count\" role=\"status\"></p>\n<ul id=\"found\" role=\"listbox\" aria-label=\"Found\"></ul>\n</dialog>\n";
