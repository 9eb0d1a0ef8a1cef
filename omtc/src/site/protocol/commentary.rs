//! The text of an overview: the commentary with its placeholders filled, or all sections in their order.

use super::declare::{self, Section};
use super::{actor, message, property, scenario};
use crate::backend::markdown::{PLACEHOLDERS, Part, definitions, parts};
use crate::site::html::{Slugs, escape, relative};
use crate::site::markdown::{Context, Passage, Rendered, plain, render};
use crate::site::names::Scope;
use crate::site::place::Beside;
use crate::site::{Heading, Maker, Subject};

/// How Markdown of a commentary is shown on the overview.
pub struct OnOverview<'a, 'b> {
    /// Names of the transaction are links.
    pub scope: Scope<'a>,
    /// Where its own links lead.
    pub beside: &'b mut Beside<'a>,
}

impl Context for OnOverview<'_, '_> {
    fn link(&mut self, target: &str) -> Option<String> {
        self.beside.link(self.scope.page, target)
    }

    fn image(&mut self, target: &str) -> Option<String> {
        self.beside.image(self.scope.page, target)
    }

    fn code(&mut self, text: &str) -> String {
        // A single name is a link; anything else is only shown as what it is.
        if text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return self.scope.mention(text);
        }
        format!("<code>{}</code>", escape(text))
    }

    fn block(&mut self, language: &str, text: &str) -> String {
        if language.split_whitespace().next() == Some("omt") {
            return crate::site::markdown::block("omt", &self.scope.highlight(text));
        }
        plain(text)
    }
}

/// A target that only leads somewhere: nothing that runs.
pub fn safe(target: &str) -> String {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let relative = |scheme: &str| scheme.contains(['/', '#', '?']);
    match scheme.as_deref() {
        None | Some("http" | "https" | "mailto") => target.to_owned(),
        Some(scheme) if relative(scheme) => target.to_owned(),
        Some(_) => "#".to_owned(),
    }
}

/// Everything below the facts of an overview.
pub fn body(maker: &mut Maker<'_>, subject: &Subject<'_>, all: &[Subject<'_>], scope: Scope<'_>) -> Rendered {
    let mut beside = Beside::of(subject, all, maker.input.book);
    let mut rendered = Rendered::default();
    let sections: String = PLACEHOLDERS.iter().map(|name| format!("{{{{{name}}}}}\n\n")).collect();
    let text = subject.beside.commentary.as_deref().unwrap_or(&sections);
    // The title is there already.
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("# ") => rest,
        _ => text,
    };
    let mut slugs = Slugs::default();
    // Anchors of sections are known before those of the text: links from elsewhere lead to them.
    for name in PLACEHOLDERS {
        for (_, id, _) in section(subject, name, scope).headings {
            slugs.unique(&id);
        }
    }
    // What the text does not place stands behind it, so that every name has a place where it is explained.
    let placed = parts(text);
    let definitions = definitions(text);
    let is_placed =
        |wanted: &str| placed.iter().any(|p| matches!(p, Part::Section { name, .. } if *name == wanted));
    let rest = PLACEHOLDERS.iter().filter(|name| !is_placed(name));
    let rest: Vec<Part<'_>> = rest.map(|name| Part::Section { name, start: 0, end: 0 }).collect();
    for part in placed.iter().copied().chain(rest) {
        match part {
            Part::Text(text) => {
                let part = render(
                    &format!("{text}\n\n{definitions}"),
                    &mut slugs,
                    &mut OnOverview { scope, beside: &mut beside },
                );
                rendered.html.push_str(&part.html);
                rendered.headings.extend(part.headings);
                rendered.passages.extend(part.passages);
            }
            // An unknown one is among the findings.
            Part::Section { name, .. } => {
                let section = section(subject, name, scope);
                rendered.html.push_str(&section.html);
                let headings =
                    section.headings.into_iter().map(|(level, id, text)| Heading { level, id, text });
                rendered.headings.extend(headings);
            }
        }
    }
    let file = beside.file();
    let Beside { broken, anchored, pictures, .. } = beside;
    maker.site.broken.extend(broken.into_iter().map(|target| (file.clone(), target)));
    maker.anchored.extend(anchored);
    for (to, path) in pictures {
        if let Some(bytes) = subject.beside.pictures.get(&path) {
            maker.site.files.insert(to, bytes.clone());
        }
    }
    declarations(maker, subject, scope.page);
    rendered.passages.retain(|passage| passage != &Passage::default());
    rendered
}

fn section(subject: &Subject<'_>, name: &str, scope: Scope<'_>) -> Section {
    let Some(package) = &subject.package else {
        // Without a checked protocol only what needs none.
        return match name {
            "SCENARIOS" => scenario::summary(subject, scope),
            _ => Section::default(),
        };
    };
    let protocol = &package.protocol;
    match name {
        "PARAMETERS" => declare::parameters(protocol),
        "ENUMS" => declare::enums(subject, protocol, scope),
        "STRUCTS" => declare::structs(subject, protocol, scope),
        "BLOCKS" => declare::blocks(subject, protocol, scope),
        "MESSAGES" => message::messages(subject, protocol, scope),
        "FUNCTIONS" => declare::functions(subject, protocol, scope),
        "STATE_MACHINES" => actor::summary(package, subject, scope),
        "FLOWS" => message::flows(protocol, scope),
        "PROPERTIES" => property::properties(subject, scope),
        "SCENARIOS" => scenario::summary(subject, scope),
        _ => Section::default(),
    }
}

/// What the search finds of the declarations of a transaction.
fn declarations(maker: &mut Maker<'_>, subject: &Subject<'_>, page: &str) {
    let Some(package) = &subject.package else { return };
    let protocol = &package.protocol;
    let mut add = |kind: &str, name: &str, meta: &omt_runtime::ir::Meta, more: &str| {
        let text = format!("{} {} {more}", meta.title.as_deref().unwrap_or_default(), meta.doc);
        let target = format!("{page}#{kind}-{name}");
        maker.index.add(target, name, &format!("{kind} of {}", subject.title), &text);
    };
    for (name, p) in &protocol.parameters {
        let written = format!("{} {}", p.meta.written, p.meta.unit.as_deref().unwrap_or_default());
        add("parameter", name, &p.meta.base, &written);
    }
    for (name, e) in &protocol.enums {
        let values: Vec<&str> = e.values.keys().map(String::as_str).collect();
        add("enum", name, &e.meta, &values.join(" "));
    }
    let fields = |fields: &omt_runtime::ir::Fields| fields.keys().cloned().collect::<Vec<_>>().join(" ");
    protocol.structs.iter().for_each(|(name, s)| add("struct", name, &s.meta, &fields(&s.fields)));
    protocol.blocks.iter().for_each(|(name, b)| add("block", name, &b.meta, &fields(&b.fields)));
    protocol.views.iter().for_each(|(name, v)| add("view", name, &v.meta, &fields(&v.fields)));
    protocol.messages.iter().for_each(|(name, m)| add("message", name, &m.meta, &fields(&m.fields)));
    for (name, f) in &protocol.functions {
        add("function", crate::site::names::plain_function(name), &f.meta, "");
    }
    protocol.natives.iter().for_each(|(name, n)| add("native", name, &n.meta, &n.library));
    protocol.tasks.iter().for_each(|(name, t)| add("task", name, &t.meta, &t.library));
}

/// A link on an overview to another page of the site.
pub fn to(page: &str, target: &str, inner: &str) -> String {
    crate::site::html::link(&relative(page, target), inner)
}
