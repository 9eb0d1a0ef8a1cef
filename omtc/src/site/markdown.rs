//! Markdown as HTML: chapters of the book and commentaries. What is HTML in the source is text here, so that no
//! commentary brings a script along; comments are left out.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of the events of a text those are named that look different here; all others are what the library makes of them"
)]

use super::html::{self, Slugs, escape};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// How the parts of a text are shown that depend on where it stands.
pub trait Context {
    /// Where a link of the text leads; nowhere, then its text stands there alone.
    fn link(&mut self, target: &str) -> Option<String>;
    /// Where an image lies; nowhere, then its description stands there.
    fn image(&mut self, target: &str) -> Option<String>;
    /// Code within a line.
    fn code(&mut self, text: &str) -> String;
    /// A block of code in a language.
    fn block(&mut self, language: &str, text: &str) -> String;
}

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its anchor.
    pub id: String,
    /// Plain text.
    pub text: String,
}

/// A piece of a page that the search finds: what stands under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// Anchor of the heading; empty before the first one.
    pub id: String,
    /// The heading.
    pub title: String,
    /// Plain text under it.
    pub text: String,
}

/// What became of a text.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// HTML.
    pub html: String,
    /// Its headings, in order.
    pub headings: Vec<Heading>,
    /// What the search finds.
    pub passages: Vec<Passage>,
}

fn level(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Renders a text.
pub fn render(text: &str, slugs: &mut Slugs, context: &mut dyn Context) -> Rendered {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut made =
        Made { slugs, context, rendered: Rendered::default(), events: Vec::new(), open: Vec::new() };
    made.rendered.passages.push(Passage::default());
    let mut parser = Parser::new_ext(text, options);
    while let Some(event) = parser.next() {
        made.event(event, &mut parser);
    }
    let mut rendered = made.rendered;
    pulldown_cmark::html::push_html(&mut rendered.html, made.events.into_iter());
    rendered
}

struct Made<'a, 'c> {
    slugs: &'c mut Slugs,
    context: &'c mut dyn Context,
    rendered: Rendered,
    events: Vec<Event<'a>>,
    /// Links that have begun and not ended: do they lead somewhere?
    open: Vec<bool>,
}

impl<'a> Made<'a, '_> {
    fn raw(&mut self, html: String) {
        self.events.push(Event::InlineHtml(CowStr::from(html)));
    }

    fn found(&mut self, text: &str) {
        let text = text.trim();
        if let Some(passage) = self.rendered.passages.last_mut().filter(|_| !text.is_empty()) {
            if !passage.text.is_empty() {
                passage.text.push(' ');
            }
            passage.text.push_str(text);
        }
    }

    fn event(&mut self, event: Event<'a>, rest: &mut Parser<'a>) {
        match event {
            Event::Start(Tag::Heading { level: size, .. }) => self.heading(level(size), rest),
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                let mut text = String::new();
                for event in rest.by_ref() {
                    match event {
                        Event::End(TagEnd::CodeBlock) => break,
                        Event::Text(part) => text.push_str(&part),
                        _ => {}
                    }
                }
                self.found(&text);
                let html = self.context.block(&language, &text);
                self.events.push(Event::Html(CowStr::from(html)));
            }
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                let href = self.context.link(&dest_url);
                self.open.push(href.is_some());
                if let Some(href) = href {
                    let title = if title.is_empty() {
                        String::new()
                    } else {
                        format!(" title=\"{}\"", escape(&title))
                    };
                    self.raw(format!("<a href=\"{}\"{title}>", escape(&href)));
                }
            }
            Event::End(TagEnd::Link) => {
                if self.open.pop() == Some(true) {
                    self.raw("</a>".to_owned());
                }
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                let mut alternative = String::new();
                for event in rest.by_ref() {
                    match event {
                        Event::End(TagEnd::Image) => break,
                        Event::Text(part) | Event::Code(part) => alternative.push_str(&part),
                        _ => {}
                    }
                }
                let alternative = escape(&alternative);
                let html = match self.context.image(&dest_url) {
                    Some(src) => {
                        format!("<img src=\"{}\" alt=\"{alternative}\" loading=\"lazy\">", escape(&src))
                    }
                    None => alternative,
                };
                self.raw(html);
            }
            Event::Start(Tag::Table(columns)) => {
                self.events.push(Event::Html(CowStr::from("<div class=\"scroll\" tabindex=\"0\">")));
                self.events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(Event::End(TagEnd::Table));
                self.events.push(Event::Html(CowStr::from("</div>\n")));
            }
            Event::Code(text) => {
                self.found(&text);
                let html = self.context.code(&text);
                self.raw(html);
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                if !text.trim_start().starts_with("<!--") {
                    self.found(&text);
                    self.events.push(Event::Text(text));
                }
            }
            Event::Text(text) => {
                self.found(&text);
                self.events.push(Event::Text(text));
            }
            other => self.events.push(other),
        }
    }

    /// Everything up to its end, with an anchor that is a link to itself.
    fn heading(&mut self, level: u8, rest: &mut Parser<'a>) {
        let outer = std::mem::take(&mut self.events);
        let mut text = String::new();
        while let Some(event) = rest.next() {
            match &event {
                Event::End(TagEnd::Heading(_)) => break,
                Event::Text(part) | Event::Code(part) => text.push_str(part),
                _ => {}
            }
            self.event(event, rest);
        }
        let mut inner = String::new();
        pulldown_cmark::html::push_html(&mut inner, std::mem::replace(&mut self.events, outer).into_iter());
        let id = self.slugs.unique(&text);
        self.events.push(Event::Html(CowStr::from(heading(level, &id, &inner))));
        self.rendered.headings.push(Heading { level, id: id.clone(), text: text.clone() });
        self.rendered.passages.push(Passage { id, title: text, text: String::new() });
    }
}

/// A heading with its anchor.
pub fn heading(level: u8, id: &str, inner: &str) -> String {
    if level == 1 {
        return format!("<h1 id=\"{}\">{inner}</h1>\n", escape(id));
    }
    let id = escape(id);
    format!("<h{level} id=\"{id}\"><a class=\"anchor\" href=\"#{id}\">{inner}</a></h{level}>\n")
}

/// A block of code.
pub fn block(class: &str, inner: &str) -> String {
    format!("<pre class=\"{class}\" tabindex=\"0\"><code>{inner}</code></pre>\n")
}

/// Code of no language that is known here.
pub fn plain(text: &str) -> String {
    block("plain", &html::escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl Context for Nowhere {
        fn link(&mut self, target: &str) -> Option<String> {
            (target != "nowhere.md").then(|| format!("to/{target}"))
        }
        fn image(&mut self, target: &str) -> Option<String> {
            (target != "nowhere.png").then(|| target.to_owned())
        }
        fn code(&mut self, text: &str) -> String {
            format!("<code>{}</code>", escape(text))
        }
        fn block(&mut self, _: &str, text: &str) -> String {
            plain(text)
        }
    }

    fn html(text: &str) -> Rendered {
        render(text, &mut Slugs::default(), &mut Nowhere)
    }

    #[test]
    fn html_of_a_text_is_text() {
        for evil in ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<b>x</b>"] {
            let shown = html(evil).html;
            assert!(
                !shown.contains("<script") && !shown.contains("<img") && !shown.contains("<b>"),
                "{shown}"
            );
        }
        assert_eq!(html("<!-- made by a program -->\n\ntext").html.trim(), "<p>text</p>");
    }

    #[test]
    fn a_link_that_would_run_something_leads_nowhere() {
        let shown = html("[x](y.md \"a\\\"b\")").html;
        assert!(shown.contains("href=\"to/y.md\"") && shown.contains("title=\"a&quot;b\""), "{shown}");
    }

    #[test]
    fn what_leads_nowhere_is_its_text() {
        let shown = html("a [b `c`](nowhere.md) ![a & b](nowhere.png) [d](e.md)").html;
        assert_eq!(shown.trim(), "<p>a b <code>c</code> a &amp; b <a href=\"to/e.md\">d</a></p>");
    }

    #[test]
    fn headings_have_anchors_and_passages() {
        let rendered = html("# A `b`\n\nfirst\n\n## C\n\nsecond `third`\n");
        assert_eq!(rendered.headings.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), ["a-b", "c"]);
        assert!(rendered.html.contains("<h2 id=\"c\">"));
        let last = rendered.passages.last().map(|p| p.text.as_str());
        assert_eq!(last, Some("second third"));
    }
}
