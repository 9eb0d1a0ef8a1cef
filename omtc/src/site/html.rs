//! Pieces of HTML.

/// Text as content of an element or of a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A link.
pub fn link(href: &str, inner: &str) -> String {
    format!("<a href=\"{}\">{inner}</a>", escape(href))
}

/// A small label.
pub fn badge(class: &str, text: &str) -> String {
    format!("<span class=\"badge {class}\">{}</span>", escape(text))
}

/// A table that becomes a list of its rows on a narrow screen, where each cell needs the name of its column. Columns that
/// are empty in every row are left out. Cells are HTML.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let used: Vec<bool> =
        (0..head.len()).map(|i| rows.iter().any(|row| row.get(i).is_some_and(|c| !c.is_empty()))).collect();
    let kept = |cells: &mut dyn Iterator<Item = String>| -> String {
        cells.zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect()
    };
    let mut html = String::from("<div class=\"scroll\" tabindex=\"0\"><table class=\"rows\"><thead><tr>");
    html.push_str(&kept(&mut head.iter().map(|text| format!("<th scope=\"col\">{text}</th>"))));
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        html.push_str(&kept(&mut row.iter().zip(head).enumerate().map(|(column, (cell, name))| {
            // The first one is what the row is about.
            let label = if column == 0 { String::new() } else { format!(" data-label=\"{name}\"") };
            format!("<td{label}>{cell}</td>")
        })));
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// A sentence for each non-empty part: title and documentation of a declaration.
pub fn about(title: Option<&str>, doc: &str) -> String {
    let parts =
        [title.unwrap_or_default(), doc].map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut text = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push_str(if text.ends_with(['.', '!', '?', ':']) { " " } else { ". " });
        }
        text.push_str(part);
    }
    inline(&text)
}

/// Plain text in which `` `code` `` is code, as comments of sources have it.
pub fn inline(text: &str) -> String {
    let mut html = String::new();
    for (i, part) in text.split('`').enumerate() {
        // A last backtick without a partner is a backtick.
        let closed = text.split('`').count() > i.saturating_add(1);
        if i % 2 == 1 && closed {
            html.push_str(&format!("<code>{}</code>", escape(part)));
        } else {
            if i % 2 == 1 {
                html.push('`');
            }
            html.push_str(&escape(part));
        }
    }
    html
}

/// The path from one page to another, both below the root of the site.
pub fn relative(from: &str, to: &str) -> String {
    let (path, anchor) = to.split_once('#').map_or((to, ""), |(path, anchor)| (path, anchor));
    let hash = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    if path == from && !hash.is_empty() {
        return hash;
    }
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = path.split('/').collect();
    let folders = from.len().saturating_sub(1);
    let common = from.iter().zip(&to).take(folders).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folders.saturating_sub(common));
    format!("{up}{}{hash}", to.get(common..).unwrap_or_default().join("/"))
}

/// A name as part of a path: what may stand in a file name everywhere, and no longer than that allows.
pub fn file_name(name: &str) -> String {
    /// Most file systems take 255 bytes; extensions and temporary names want some of them.
    const NAME_CHARS_MAX: usize = 120;
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    if plain.len() <= NAME_CHARS_MAX && plain == name {
        return plain;
    }
    let digest = omt_runtime::crypto::sha256(name.as_bytes()).to_string();
    format!("{}-{}", plain.get(..NAME_CHARS_MAX).unwrap_or(&plain), digest.get(..8).unwrap_or_default())
}

/// Ids of headings: as forges make them, each once.
#[derive(Debug)]
pub struct Slugs {
    taken: std::collections::BTreeMap<String, usize>,
}

/// Ids of what stands around the text of every page.
const OF_THE_PAGE: [&str; 12] = [
    "top",
    "menu",
    "find",
    "colours",
    "pages",
    "content",
    "contents",
    "search",
    "query",
    "found",
    "count",
    "allowances",
];

impl Default for Slugs {
    fn default() -> Slugs {
        Slugs { taken: OF_THE_PAGE.iter().map(|id| ((*id).to_owned(), 1)).collect() }
    }
}

impl Slugs {
    /// Those of a text with nothing around it.
    pub fn plain() -> Slugs {
        Slugs { taken: std::collections::BTreeMap::new() }
    }

    /// An id that nothing on the page has yet.
    pub fn unique(&mut self, text: &str) -> String {
        let mut slug = String::new();
        for c in text.to_lowercase().chars() {
            if c.is_alphanumeric() || c == '-' || c == '_' {
                slug.push(c);
            } else if c == ' ' {
                slug.push('-');
            }
        }
        if slug.is_empty() {
            slug.push_str("section");
        }
        let count = self.taken.entry(slug.clone()).or_insert(0);
        *count = count.saturating_add(1);
        if *count == 1 {
            return slug;
        }
        let numbered = format!("{slug}-{}", count.saturating_sub(1));
        self.taken.insert(numbered.clone(), 1);
        numbered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_between_pages_are_relative() {
        assert_eq!(relative("a/b/c.html", "a/d/e.html#x"), "../d/e.html#x");
        assert_eq!(relative("index.html", "a/b.html"), "a/b.html");
        assert_eq!(relative("a/b.html", "style.css"), "../style.css");
        assert_eq!(relative("a/b.html", "a/b.html#y"), "#y");
        assert_eq!(relative("a/b.html", "a/c.html"), "c.html");
    }

    #[test]
    fn an_id_is_given_once() {
        let mut slugs = Slugs::default();
        let ids: Vec<String> =
            ["What it `is`", "What it is", "What it is", "¿"].map(|t| slugs.unique(t)).to_vec();
        assert_eq!(ids, ["what-it-is", "what-it-is-1", "what-it-is-2", "section"]);
    }

    #[test]
    fn a_name_of_any_length_is_a_file_name() {
        assert_eq!(file_name("Consumer"), "Consumer");
        let long = file_name(&"a".repeat(300));
        assert!(long.len() < 140 && long != file_name(&"a".repeat(301)));
    }

    #[test]
    fn backticks_without_a_partner_stay() {
        assert_eq!(inline("a `b` < c` d"), "a <code>b</code> &lt; c` d");
    }
}
