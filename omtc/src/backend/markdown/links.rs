//! Links and raw HTML of a commentary: a page that is made of it lies elsewhere, and nothing of it is a page by itself.

use pulldown_cmark::{Event, Options, Parser, Tag};
use std::ops::Range;

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS)
}

/// What a commentary links to, and what it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Of links.
    pub links: Vec<String>,
    /// Of pictures.
    pub pictures: Vec<String>,
}

/// All targets of a commentary, as they are written.
pub fn targets(text: &str) -> Targets {
    let mut targets = Targets::default();
    for event in parser(text) {
        if let Event::Start(Tag::Link { dest_url, .. }) = event {
            targets.links.push(dest_url.into_string());
        } else if let Event::Start(Tag::Image { dest_url, .. }) = event {
            targets.pictures.push(dest_url.into_string());
        }
    }
    targets
}

/// The definitions of links that a text has (`[name]: target`), a line each: where a part of it is read alone, they are missing.
pub fn definitions(text: &str) -> String {
    let parser = parser(text);
    let mut spans: Vec<Range<usize>> =
        parser.reference_definitions().iter().map(|(_, definition)| definition.span.clone()).collect();
    spans.sort_by_key(|span| span.start);
    spans.into_iter().map(|span| format!("{}\n", text.get(span).unwrap_or_default().trim())).collect()
}

/// The same text with other targets, where `place` knows one, and with raw HTML as text.
pub fn moved(text: &str, place: &dyn Fn(&str) -> Option<String>) -> String {
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    let parser = parser(text);
    for (_, definition) in parser.reference_definitions().iter() {
        let range = definition.span.clone();
        // `[name]: target`
        let after = text.get(range.clone()).and_then(|t| t.find("]:")).map_or(0, |at| at.saturating_add(2));
        changes.extend(change(text, range.start.saturating_add(after), range.end, &definition.dest, place));
    }
    for (event, range) in parser.into_offset_iter() {
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = &event {
            // The last one: a picture may stand in the text of a link.
            let after = text.get(range.clone()).and_then(|t| t.rfind("](")).map(|at| at.saturating_add(2));
            if let Some(after) = after {
                changes.extend(change(text, range.start.saturating_add(after), range.end, dest_url, place));
            }
        } else if let Event::Html(html) | Event::InlineHtml(html) = &event
            && !html.trim_start().starts_with("<!--")
        {
            changes.push((range, html.replace('<', "&lt;")));
        }
    }
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    let mut moved = String::with_capacity(text.len());
    let mut at = 0;
    for (range, with) in changes {
        if range.start >= at {
            moved.push_str(text.get(at..range.start).unwrap_or_default());
            moved.push_str(&with);
            at = range.end;
        }
    }
    moved.push_str(text.get(at..).unwrap_or_default());
    moved
}

/// What is to stand in the place of a target that is written somewhere between two places.
fn change(
    text: &str,
    from: usize,
    to: usize,
    target: &str,
    place: &dyn Fn(&str) -> Option<String>,
) -> Option<(Range<usize>, String)> {
    let written = text.get(from..to)?;
    let open = written
        .len()
        .saturating_sub(written.trim_start_matches(|c: char| c.is_whitespace() || c == '<').len());
    let start = from.saturating_add(open);
    // One that is written with escapes is left as it is.
    text.get(start..to)?.starts_with(target).then_some(())?;
    (!target.is_empty()).then_some(())?;
    Some((start..start.saturating_add(target.len()), place(target)?))
}

/// The path from one file to another one, both relative to the same folder or both from the root; they may begin with `..`.
pub fn between(from: &str, to: &str) -> Option<String> {
    if from.starts_with('/') != to.starts_with('/') {
        return None;
    }
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    let to: Vec<&str> = to.split('/').collect();
    let common = folders.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let rest = folders.get(common..).unwrap_or_default();
    // What lies above is not known by name.
    if rest.contains(&"..") {
        return None;
    }
    Some(format!("{}{}", "../".repeat(rest.len()), to.get(common..).unwrap_or_default().join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_move_wherever_they_are_written() {
        let place = |target: &str| target.strip_prefix("../b/").map(|rest| format!("b/{rest}"));
        for (text, wanted) in [
            ("a [x](../b/c.md) d", "a [x](b/c.md) d"),
            ("[x](../b/c.md#d \"../b/t\")", "[x](b/c.md#d \"../b/t\")"),
            ("[x](<../b/c d.md>)", "[x](<b/c d.md>)"),
            ("[![p](../b/p.png)](../b/c.md)", "[![p](b/p.png)](b/c.md)"),
            ("[x][1]\n\n[1]: ../b/c.md\n", "[x][1]\n\n[1]: b/c.md\n"),
            ("| a |\n|---|\n| [x](../b/c.md) |\n", "| a |\n|---|\n| [x](b/c.md) |\n"),
            ("`[x](../b/c.md)` [y](elsewhere.md)", "`[x](../b/c.md)` [y](elsewhere.md)"),
            ("```\n[x](../b/c.md)\n```\n", "```\n[x](../b/c.md)\n```\n"),
        ] {
            assert_eq!(moved(text, &place), wanted);
        }
    }

    #[test]
    fn raw_html_is_text() {
        let nowhere = |_: &str| None;
        assert_eq!(moved("a <b>c</b> `<i>` <!-- d -->", &nowhere), "a &lt;b>c&lt;/b> `<i>` <!-- d -->");
        assert_eq!(moved("<script>\nx\n</script>\n", &nowhere), "&lt;script>\nx\n&lt;/script>\n");
        assert_eq!(moved("<https://example.org>", &nowhere), "<https://example.org>");
    }

    #[test]
    fn paths_between_files() {
        for (from, to, wanted) in [
            ("generated/docs/a/b.md", "generated/docs/a/c.md", Some("c.md")),
            ("generated/docs/a/b.md", "docs/x.md", Some("../../../docs/x.md")),
            ("../out/docs/b.md", "docs/x.md", None),
            ("../out/docs/b.md", "../docs/x.md", Some("../../docs/x.md")),
            ("/tmp/docs/b.md", "docs/x.md", None),
        ] {
            assert_eq!(between(from, to).as_deref(), wanted, "{from} {to}");
        }
    }
}
