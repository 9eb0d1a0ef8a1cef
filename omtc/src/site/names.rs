//! Where names of a protocol are explained, so that wherever one stands it can be a link.

use super::html::{self, escape, file_name};
use crate::syntax::ast::Decl;
use crate::syntax::highlight::{Class, pieces};
use omt_runtime::ir::Protocol;
use std::collections::BTreeMap;

/// Where the pages of one transaction lie.
#[derive(Clone, Debug)]
pub struct Paths {
    /// `protocols/transactions/00_escrow_lock/`
    pub folder: String,
}

impl Paths {
    /// Of a transaction with this name below the protocol folder: `transactions/00_escrow_lock/transaction`.
    pub fn of(name: &str) -> Paths {
        let place = name.strip_suffix("/transaction").unwrap_or(name);
        let parts: Vec<String> = place.split('/').map(file_name).collect();
        Paths { folder: format!("protocols/{}/", parts.join("/")) }
    }

    /// The first page.
    pub fn overview(&self) -> String {
        format!("{}index.html", self.folder)
    }

    /// The page of an actor.
    pub fn actor(&self, name: &str) -> String {
        format!("{}actors/{}.html", self.folder, file_name(name))
    }

    /// The list of scenarios.
    pub fn scenarios(&self) -> String {
        format!("{}scenarios/index.html", self.folder)
    }

    /// The page of a scenario. One that is called `index` keeps its own page.
    pub fn scenario(&self, name: &str) -> String {
        let name = file_name(name);
        let name = if name == "index" { "index_".to_owned() } else { name };
        format!("{}scenarios/{name}.html", self.folder)
    }
}

/// The page that shows a source file, by its name below the protocol folder.
pub fn source_page(name: &str) -> String {
    let parts: Vec<String> = name.split('/').map(file_name).collect();
    format!("source/{}.html", parts.join("/"))
}

/// Names of one transaction with the pages and anchors that explain them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    global: BTreeMap<String, String>,
    actors: BTreeMap<String, BTreeMap<String, String>>,
    /// Scenarios and properties: texts speak of them, source never does.
    told: BTreeMap<String, String>,
}

impl Names {
    /// All names of a protocol.
    pub fn of(protocol: &Protocol, paths: &Paths) -> Names {
        let mut names = Names::default();
        let overview = paths.overview();
        // Later ones do not replace earlier ones: a name of two kinds means the first of them here.
        let mut add = |kind: &str, name: &str| {
            names.global.entry(name.to_owned()).or_insert_with(|| format!("{overview}#{kind}-{name}"));
        };
        protocol.messages.keys().for_each(|name| add("message", name));
        protocol.enums.keys().for_each(|name| add("enum", name));
        protocol.structs.keys().for_each(|name| add("struct", name));
        protocol.blocks.keys().for_each(|name| add("block", name));
        protocol.views.keys().for_each(|name| add("view", name));
        protocol.parameters.keys().for_each(|name| add("parameter", name));
        for name in protocol.functions.keys() {
            add("function", plain_function(name));
        }
        protocol.natives.keys().for_each(|name| add("native", name));
        protocol.tasks.keys().for_each(|name| add("task", name));
        for (of, declared) in &protocol.enums {
            for value in declared.values.keys() {
                let target = format!("{overview}#enum-{of}");
                names.global.entry(value.clone()).or_insert(target);
            }
        }
        for (name, actor) in &protocol.actors {
            let page = paths.actor(name);
            names.global.entry(name.clone()).or_insert_with(|| page.clone());
            let own = names.actors.entry(name.clone()).or_default();
            let mut add = |kind: &str, name: &str| {
                own.entry(name.to_owned()).or_insert_with(|| format!("{page}#{kind}-{name}"));
            };
            actor.states.keys().for_each(|name| add("state", name));
            actor.triggers.keys().for_each(|name| add("trigger", name));
            for name in actor.store.keys().chain(actor.shared.keys()).filter(|name| !name.contains('$')) {
                add("field", name);
            }
        }
        names
    }

    /// The same with the scenarios and properties that a transaction declares.
    pub fn with_told(mut self, decls: &[Decl], paths: &Paths) -> Names {
        for decl in decls {
            let (name, target) = if let Decl::Scenario(scenario) = decl {
                (&scenario.name.text, paths.scenario(&scenario.name.text))
            } else if let Decl::Property(property) = decl {
                let name = &property.name.text;
                (name, format!("{}#property-{name}", paths.overview()))
            } else {
                continue;
            };
            self.told.entry(name.clone()).or_insert(target);
        }
        self
    }

    /// Where a name is explained that stands in an actor, or in none.
    pub fn find(&self, actor: Option<&str>, name: &str) -> Option<&str> {
        let own = actor.and_then(|actor| self.actors.get(actor)?.get(name));
        own.or_else(|| self.global.get(name)).map(String::as_str)
    }

    /// Where a name is explained that no actor, or one actor only, has.
    pub fn find_anywhere(&self, name: &str) -> Option<&str> {
        let mut own = self.actors.values().filter_map(|names| names.get(name));
        match self.global.get(name) {
            Some(target) => Some(target),
            None => own.next().filter(|_| own.next().is_none()).map(String::as_str),
        }
    }
}

/// A function without the types that an instance of a generic one carries.
pub fn plain_function(name: &str) -> &str {
    name.split_once('<').map_or(name, |(plain, _)| plain)
}

/// What a piece of source is shown with: where it stands, and whose names it has.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The page on which it is shown.
    pub page: &'a str,
    /// Names that are links; none for code of no protocol.
    pub names: Option<&'a Names>,
    /// The actor that it stands in.
    pub actor: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// Code of no protocol.
    pub fn plain(page: &'a str) -> Scope<'a> {
        Scope { page, names: None, actor: None }
    }

    /// The same within an actor.
    pub fn within(self, actor: &'a str) -> Scope<'a> {
        Scope { actor: Some(actor), ..self }
    }

    fn target(&self, name: &str) -> Option<String> {
        let names = self.names?;
        let found = match self.actor {
            Some(actor) => names.find(Some(actor), name),
            None => names.find_anywhere(name),
        };
        found.map(|target| html::relative(self.page, target))
    }

    /// A name, as a link when it is known.
    pub fn name(&self, name: &str) -> String {
        let text = escape(name);
        match self.target(name) {
            Some(href) => html::link(&href, &format!("<code>{text}</code>")),
            None => format!("<code>{text}</code>"),
        }
    }

    /// A name in a text, which may be that of a scenario or a property, too.
    pub fn mention(&self, name: &str) -> String {
        let told = self.names.and_then(|names| names.told.get(name));
        match told.filter(|_| self.target(name).is_none()) {
            Some(target) => {
                html::link(&html::relative(self.page, target), &format!("<code>{}</code>", escape(name)))
            }
            None => self.name(name),
        }
    }

    /// Names, one after the other.
    pub fn list<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> String {
        names.into_iter().map(|name| self.name(name.as_ref())).collect::<Vec<_>>().join(", ")
    }

    /// Source as HTML: classes for what it is, links for names.
    pub fn highlight(&self, text: &str) -> String {
        let mut html = String::new();
        let mut at = 0;
        for piece in pieces(text) {
            let Some(part) = text.get(piece.start..piece.end) else { continue };
            html.push_str(&escape(text.get(at..piece.start).unwrap_or_default()));
            at = piece.end;
            let class = match piece.class {
                Class::Keyword => "k",
                Class::Number => "n",
                Class::Text => "s",
                Class::Doc => "d",
                Class::Comment => "c",
                Class::Sign => "o",
                Class::Member => "m",
                Class::Name => {
                    match self.target(part) {
                        Some(href) => html.push_str(&html::link(&href, &escape(part))),
                        None => html.push_str(&escape(part)),
                    }
                    continue;
                }
            };
            html.push_str(&format!("<span class=\"{class}\">{}</span>", escape(part)));
        }
        html.push_str(&escape(text.get(at..).unwrap_or_default()));
        html
    }

    /// Source within a line.
    pub fn code(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { format!("<code>{}</code>", self.highlight(text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_escaped_whatever_it_is() {
        let shown = Scope::plain("index.html").highlight("a < \"<b>\" # <i>\n§<u>");
        assert!(!shown.contains("<b>") && !shown.contains("<i>") && !shown.contains("<u>"), "{shown}");
        assert!(shown.contains("§"));
    }
}
