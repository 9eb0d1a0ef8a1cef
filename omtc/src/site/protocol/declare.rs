//! Parameters, types, blocks, views, functions.

use super::{act, by_source, count, to_source};
use crate::backend::human;
use crate::backend::markdown::{appenders, loads, text};
use crate::site::Subject;
use crate::site::html::{about, badge, escape, inline, table};
use crate::site::names::{Scope, plain_function};
use omt_runtime::ir::{Fields, Local, Meta, Native, Protocol, in_order};
use std::collections::BTreeMap;

/// A section of the overview: anchors of what is in it, and HTML.
#[derive(Default)]
pub struct Section {
    /// Level, anchor, text.
    pub headings: Vec<(u8, String, String)>,
    /// What it shows.
    pub html: String,
}

impl Section {
    /// A section; it stays empty until something is in it.
    pub fn heading(&mut self, id: &str, title: &str) {
        self.headings.push((2, id.to_owned(), title.to_owned()));
        self.html.push_str(&crate::site::markdown::heading(2, id, &escape(title)));
    }

    /// A declaration in the section.
    pub fn item(&mut self, id: String, name: &str, more: &str) {
        let id_text = escape(&id);
        self.html.push_str(&format!(
            "<h3 id=\"{id_text}\"><a class=\"anchor\" href=\"#{id_text}\"><code>{}</code></a> {more}</h3>\n",
            escape(name)
        ));
        self.headings.push((3, id, name.to_owned()));
    }

    /// Title and documentation of a declaration.
    pub fn introduction(&mut self, meta: &Meta) {
        for part in [meta.title.as_deref().unwrap_or_default(), &meta.doc] {
            if !part.is_empty() {
                self.html.push_str(&format!("<p>{}</p>\n", inline(part)));
            }
        }
    }
}

/// A table of fields, without the compiler's own. With `anchors`, each row can be linked to.
pub fn fields(fields: &Fields, scope: Scope<'_>, anchors: bool) -> String {
    let rows: Vec<Vec<String>> = in_order(fields)
        .into_iter()
        .filter(|(name, _)| !name.contains('$'))
        .map(|(name, field)| {
            let id = if anchors { format!(" id=\"field-{}\"", escape(name)) } else { String::new() };
            vec![
                format!("<code{id}>{}</code>", escape(name)),
                scope.code(&field.ty.to_string()),
                about(field.meta.title.as_deref(), &field.meta.doc),
            ]
        })
        .collect();
    table(&["Field", "Type", "Meaning"], &rows)
}

pub fn parameters(protocol: &Protocol) -> Section {
    let mut section = Section::default();
    let rows: Vec<Vec<String>> = by_source(&protocol.parameters, |p| &p.meta.base)
        .into_iter()
        .map(|(name, parameter)| {
            let (unit, base) = (parameter.meta.unit.as_deref(), &parameter.meta.base);
            let said = human::value(&parameter.value, &parameter.meta.written, unit);
            // What is only counted has no unit that says anything, and is read in groups of three digits.
            let (unit, value, besides) = match (unit, said) {
                (Some("count"), said) => (None, said.unwrap_or_else(|| parameter.meta.written.clone()), None),
                (unit, said) => (unit, parameter.meta.written.clone(), said),
            };
            let unit = unit.map(|unit| format!(" {}", escape(unit)));
            let besides = besides.map(|said| format!(" <span class=\"say\">({})</span>", escape(&said)));
            vec![
                format!("<code id=\"parameter-{0}\">{0}</code>", escape(name)),
                format!(
                    "<span class=\"number\">{}{}</span>{}",
                    escape(&value),
                    unit.unwrap_or_default(),
                    besides.unwrap_or_default()
                ),
                about(base.title.as_deref(), &base.doc),
            ]
        })
        .collect();
    if !rows.is_empty() {
        section.heading("parameters", "Parameters");
        section.html.push_str(&table(&["Parameter", "Value", "Meaning"], &rows));
    }
    section
}

pub fn enums(subject: &Subject<'_>, protocol: &Protocol, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    if protocol.enums.is_empty() {
        return section;
    }
    section.heading("enums", "Enums");
    for (name, declared) in by_source(&protocol.enums, |e| &e.meta) {
        section.item(format!("enum-{name}"), name, &to_source(subject, scope.page, declared.meta.at, name));
        section.introduction(&declared.meta);
        let mut values: Vec<_> = declared.values.iter().collect();
        values.sort_by_key(|(_, value)| value.meta.order);
        let rows: Vec<Vec<String>> = values
            .into_iter()
            .map(|(name, value)| {
                vec![
                    format!("<code>{}</code>", escape(name)),
                    about(value.meta.title.as_deref(), &value.meta.doc),
                ]
            })
            .collect();
        section.html.push_str(&table(&["Value", "Meaning"], &rows));
    }
    section
}

pub fn structs(subject: &Subject<'_>, protocol: &Protocol, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    if protocol.structs.is_empty() {
        return section;
    }
    section.heading("structs", "Structs");
    for (name, declared) in by_source(&protocol.structs, |s| &s.meta) {
        section.item(format!("struct-{name}"), name, &to_source(subject, scope.page, declared.meta.at, name));
        section.introduction(&declared.meta);
        section.html.push_str(&fields(&declared.fields, scope, false));
    }
    section
}

pub fn blocks(subject: &Subject<'_>, protocol: &Protocol, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    if protocol.blocks.is_empty() && protocol.views.is_empty() {
        return section;
    }
    section.heading("blocks", "Blocks and views");
    for (name, block) in by_source(&protocol.blocks, |b| &b.meta) {
        section.item(
            format!("block-{name}"),
            name,
            &format!("{} {}", badge("kind", "block"), to_source(subject, scope.page, block.meta.at, name)),
        );
        section.introduction(&block.meta);
        let appended = appenders(protocol, name);
        let here = if appended.is_empty() {
            "not appended by this transaction".to_owned()
        } else {
            format!("appended here by {}", scope.list(&appended))
        };
        section.html.push_str(&format!("<p>Declared for {}; {here}.</p>\n", scope.list(&block.by)));
        section.html.push_str(&fields(&block.fields, scope, false));
    }
    for (name, view) in by_source(&protocol.views, |v| &v.meta) {
        section.item(
            format!("view-{name}"),
            name,
            &format!("{} {}", badge("kind", "view"), to_source(subject, scope.page, view.meta.at, name)),
        );
        section.introduction(&view.meta);
        section.html.push_str(&fields(&view.fields, scope, false));
        let rows: Vec<Vec<String>> = view
            .handlers
            .iter()
            .map(|handler| {
                let guard = handler.guard.as_ref().map(|g| text(g, &handler.frame)).unwrap_or_default();
                vec![
                    scope.name(&handler.block),
                    scope.code(&guard),
                    act::list(&handler.actions, &handler.frame, scope),
                ]
            })
            .collect();
        section.html.push_str(&table(&["Block", "When", "Effect"], &rows));
    }
    section
}

fn parameter_list(parameters: &[Local]) -> String {
    parameters.iter().map(|p| format!("{} {}", p.meta.name, p.ty)).collect::<Vec<_>>().join(", ")
}

pub fn functions(subject: &Subject<'_>, protocol: &Protocol, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    if protocol.functions.is_empty() && protocol.natives.is_empty() && protocol.tasks.is_empty() {
        return section;
    }
    section.heading("functions", "Functions");
    section.html.push_str("<dl class=\"functions\">\n");
    let mut anchored = std::collections::BTreeSet::new();
    for (name, function) in by_source(&protocol.functions, |f| &f.meta) {
        let plain = plain_function(name);
        let listed = function.frame.get(..function.parameters as usize).unwrap_or_default();
        let signature = format!("{plain}({}) -> {}", parameter_list(listed), function.returns);
        // Instances of a generic function share its anchor.
        let id = if anchored.insert(plain) {
            format!(" id=\"function-{}\"", escape(plain))
        } else {
            String::new()
        };
        let loads = loads(protocol, function);
        let reads = if loads.is_empty() {
            String::new()
        } else {
            format!("<br><span class=\"reads\">reads of the store: {}</span>", scope.list(&loads))
        };
        section.html.push_str(&format!(
            "<dt{id}>{} {}</dt><dd>{}{reads}</dd>\n",
            scope.code(&signature),
            to_source(subject, scope.page, function.meta.at, plain),
            about(function.meta.title.as_deref(), &function.meta.doc),
        ));
    }
    section.html.push_str("</dl>\n");
    natives(&mut section, subject, scope, "native", &protocol.natives);
    natives(&mut section, subject, scope, "task", &protocol.tasks);
    section
}

fn natives(
    section: &mut Section,
    subject: &Subject<'_>,
    scope: Scope<'_>,
    kind: &str,
    list: &BTreeMap<String, Native>,
) {
    if list.is_empty() {
        return;
    }
    let (id, title, what) = if kind == "native" {
        ("natives", "Native functions", "answered by the host, at once")
    } else {
        ("tasks", "Native tasks", "done by the host; their end is an input")
    };
    section.html.push_str(&format!(
        "<h3 id=\"{id}\"><a class=\"anchor\" href=\"#{id}\">{title}</a></h3>\n<p>{}, {what}.</p>\n<dl class=\"functions\">\n",
        count(list.len(), if kind == "native" { "native function" } else { "task" }),
    ));
    section.headings.push((3, id.to_owned(), title.to_owned()));
    for (name, native) in by_source(list, |n| &n.meta) {
        let signature = format!("{name}({}) -> {}", parameter_list(&native.parameters), native.returns);
        section.html.push_str(&format!(
            "<dt id=\"{kind}-{}\">{} {}</dt><dd>{} <span class=\"reads\">library <code>{}</code></span></dd>\n",
            escape(name),
            scope.code(&signature),
            to_source(subject, scope.page, native.meta.at, name),
            about(native.meta.title.as_deref(), &native.meta.doc),
            escape(&native.library),
        ));
    }
    section.html.push_str("</dl>\n");
}
