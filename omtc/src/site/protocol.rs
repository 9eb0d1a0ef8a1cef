//! The pages of a transaction: overview, one for each actor, one for each scenario; and the list of all transactions.

mod act;
mod actor;
mod commentary;
mod declare;
mod message;
mod problem;
mod property;
mod relation;
mod scenario;

pub use commentary::safe;

use super::html::{about, escape, link, relative};
use super::names::{Scope, source_page};
use super::page::{Entry, Page};
use super::{Maker, PROTOCOLS, Subject};
use crate::sema::Unit;
use crate::syntax::ast::{Decl, Transaction, TransactionNumber};
use omt_runtime::ir::{At, Meta};
use std::collections::BTreeMap;

/// The header of a transaction, also of one with errors.
fn header(unit: &Unit) -> Option<&Transaction> {
    let mut decls = unit.files.iter().flat_map(|file| &file.tree.decls);
    decls.find_map(|decl| if let Decl::Transaction(header) = decl { Some(header) } else { None })
}

/// The title of a transaction; the name of its file if it has none.
pub fn title(unit: &Unit) -> String {
    let title = header(unit).map(|header| header.title.text.clone()).filter(|title| !title.is_empty());
    title.or_else(|| Some(unit.files.first()?.name.clone())).unwrap_or_default()
}

/// Its number.
fn number(unit: &Unit) -> String {
    match header(unit).map(|header| &header.number) {
        Some(TransactionNumber::Number(number)) => number.text.clone(),
        Some(TransactionNumber::Name(name)) => name.text.clone(),
        None => String::new(),
    }
}

/// Its description.
fn description(unit: &Unit) -> String {
    let text = header(unit).and_then(|header| header.description.as_ref());
    text.map(|text| text.text.clone()).unwrap_or_default()
}

/// Its part of the navigation.
pub fn entry(subject: &Subject<'_>) -> Entry {
    let leaf = |title: &str, target: String| Entry {
        title: title.to_owned(),
        target: Some(target),
        below: Vec::new(),
    };
    let mut below = Vec::new();
    if let Some(package) = &subject.package {
        let protocol = &package.protocol;
        for (name, _) in by_source(&protocol.actors, |actor| &actor.meta) {
            below.push(leaf(name, subject.paths.actor(name)));
        }
    }
    if !scenario::all(subject).is_empty() {
        below.push(leaf("Scenarios", subject.paths.scenarios()));
    }
    for file in &subject.unit.files {
        let name = file.name.rsplit('/').next().unwrap_or(&file.name);
        below.push(leaf(&format!("{name}.omt"), source_page(&file.name)));
    }
    Entry { title: subject.title.clone(), target: Some(subject.paths.overview()), below }
}

/// Declarations in the order of the source, those of imported files last.
pub fn by_source<T>(map: &BTreeMap<String, T>, meta: impl Fn(&T) -> &Meta) -> Vec<(&str, &T)> {
    let mut list: Vec<_> = map.iter().map(|(name, item)| (name.as_str(), item)).collect();
    list.sort_by_key(|(name, item)| (meta(item).at, *name));
    list
}

/// A link from a page to a place in the sources of a transaction.
pub fn to_source(subject: &Subject<'_>, page: &str, at: At, what: &str) -> String {
    let Some(file) = subject.unit.files.get(at.file as usize) else { return String::new() };
    let target = relative(page, &format!("{}#L{}", source_page(&file.name), at.line));
    format!(
        "<a class=\"to-source\" href=\"{}\" aria-label=\"Source of {}\">{}:{}</a>",
        escape(&target),
        escape(what),
        escape(file.name.rsplit('/').next().unwrap_or(&file.name)),
        at.line
    )
}

/// The pages above those of a transaction.
fn above(subject: &Subject<'_>) -> Vec<(String, String)> {
    vec![("Protocols".to_owned(), PROTOCOLS.to_owned()), (subject.title.clone(), subject.paths.overview())]
}

/// All pages of a transaction.
pub fn pages(maker: &mut Maker<'_>, subject: &Subject<'_>, all: &[Subject<'_>]) {
    overview(maker, subject, all);
    if let Some(package) = &subject.package {
        for (name, declared) in by_source(&package.protocol.actors, |actor| &actor.meta) {
            actor::page(maker, subject, package, name, declared);
        }
    }
    scenario::pages(maker, subject);
}

fn overview(maker: &mut Maker<'_>, subject: &Subject<'_>, all: &[Subject<'_>]) {
    let path = subject.paths.overview();
    let scope = Scope { page: &path, names: Some(&subject.names), actor: None };
    let rendered = commentary::body(maker, subject, all, scope);
    let mut body = String::new();
    body.push_str(&format!("<h1 id=\"top\">{}</h1>\n", escape(&subject.title)));
    let about = description(subject.unit);
    if !about.is_empty() {
        body.push_str(&format!("<p class=\"lead\">{}</p>\n", escape(&about)));
    }
    body.push_str(&facts(subject));
    body.push_str(&problem::list(maker, subject, &path));
    body.push_str(&relation::section(maker, subject, all, &path));
    body.push_str(&rendered.html);
    let mut headings = rendered.headings;
    let allowances = relation::allowances(maker, subject, &path);
    if !allowances.is_empty() {
        body.push_str(&super::markdown::heading(2, "allowances", "Allowed findings"));
        body.push_str(&allowances);
        headings.push(super::Heading {
            level: 2,
            id: "allowances".to_owned(),
            text: "Allowed findings".to_owned(),
        });
    }
    maker.index.add(path.clone(), &subject.title, "protocol", &about);
    maker.index.passages(&path, &subject.title, &rendered.passages);
    maker.put(&Page {
        title: subject.title.clone(),
        body,
        headings,
        above: vec![("Protocols".to_owned(), PROTOCOLS.to_owned())],
        path,
        ..Page::default()
    });
}

fn facts(subject: &Subject<'_>) -> String {
    let mut facts = vec![("Transaction", escape(&number(subject.unit)))];
    if let Some(package) = &subject.package {
        facts.push(("Session key", format!("<code>{}</code>", escape(&package.protocol.session_key))));
        facts.push(("Protocol id", format!("<code class=\"id\">{}</code>", package.id)));
    }
    let list: String =
        facts.iter().map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>")).collect();
    format!("<dl class=\"facts\">{list}</dl>\n")
}

/// The page of all transactions.
pub fn list(maker: &mut Maker<'_>, subjects: &[Subject<'_>]) {
    let mut body = String::from(
        "<h1>Protocols</h1>\n<p class=\"lead\">Each is written once, as communicating Mealy machines; these pages \
         are made from that source.</p>\n",
    );
    body.push_str(&cards(subjects, PROTOCOLS));
    maker.put(&Page { path: PROTOCOLS.to_owned(), title: "Protocols".to_owned(), body, ..Page::default() });
}

/// The first page of a site without a book.
pub fn front(maker: &mut Maker<'_>, subjects: &[Subject<'_>]) {
    let title = maker.input.title.to_owned();
    let body = format!(
        "<h1>{}</h1>\n<p class=\"lead\">What the parties say to each other, and what each of them does. \
         Press <kbd>/</kbd> to search.</p>\n{}",
        escape(&title),
        cards(subjects, "index.html")
    );
    maker.put(&Page { path: "index.html".to_owned(), title, body, ..Page::default() });
}

/// A card for each transaction.
pub fn cards(subjects: &[Subject<'_>], page: &str) -> String {
    let mut html = String::from("<ul class=\"cards\">\n");
    for subject in subjects {
        html.push_str(&format!(
            "<li><h2>{}</h2><p>{}</p>",
            link(&relative(page, &subject.paths.overview()), &escape(&subject.title)),
            escape(&description(subject.unit))
        ));
        let errors = subject.findings.iter().filter(|d| d.is_error()).count();
        if let Some(package) = &subject.package {
            let protocol = &package.protocol;
            let actors: Vec<String> = by_source(&protocol.actors, |actor| &actor.meta)
                .into_iter()
                .map(|(name, actor)| {
                    let title = about(actor.meta.title.as_deref(), &actor.meta.doc);
                    let link = link(&relative(page, &subject.paths.actor(name)), &escape(name));
                    if title.is_empty() { link } else { format!("{link} <span>{title}</span>") }
                })
                .collect();
            html.push_str(&format!(
                "<ul class=\"actors\">{}</ul>",
                actors.iter().map(|a| format!("<li>{a}</li>")).collect::<String>()
            ));
            html.push_str(&format!(
                "<p class=\"facts\">{} · {} · {}</p>",
                count(protocol.messages.len(), "message"),
                count(protocol.actors.values().map(|a| a.states.len()).sum(), "state"),
                count(scenario::all(subject).len(), "scenario"),
            ));
        } else if errors > 0 {
            html.push_str(&format!("<p><span class=\"badge bad\">{}</span></p>", count(errors, "error")));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n");
    html
}

/// `1 state`, `2 states`
pub fn count(number: usize, of: &str) -> String {
    if number == 1 { format!("1 {of}") } else { format!("{number} {of}s") }
}
