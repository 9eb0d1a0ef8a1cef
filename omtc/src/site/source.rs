//! Sources: one page for each file, every name a link to where it is explained, every line an anchor.

use super::html::{escape, link, relative};
use super::names::{Names, Scope, source_page};
use super::page::Page;
use super::{Maker, PROTOCOLS, Subject};
use crate::diagnostic::Severity;
use crate::sema::UnitFile;
use crate::source::Position;
use crate::syntax::ast::Decl;

/// The pages of all files.
pub fn pages(maker: &mut Maker<'_>, subjects: &[Subject<'_>]) {
    let files: Vec<&UnitFile> = maker.input.reported.files.iter().collect();
    for file in files {
        // Its own transaction explains its names best; a library has whoever imports it.
        let owner = subjects
            .iter()
            .find(|s| s.unit.files.first().is_some_and(|first| first.id == file.id))
            .or_else(|| subjects.iter().find(|s| s.unit.files.iter().any(|f| f.id == file.id)));
        page(maker, file, owner);
    }
}

fn page(maker: &mut Maker<'_>, file: &UnitFile, owner: Option<&Subject<'_>>) {
    let path = source_page(&file.name);
    let Some(source) = maker.input.reported.sources.get(file.id) else { return };
    let nothing = Names::default();
    let names = owner.map_or(&nothing, |owner| &owner.names);
    // A path is broken between its parts, and a name between its words, if at all.
    let name = escape(&file.name).replace('/', "/<wbr>").replace('_', "_<wbr>");
    let mut body = format!("<h1><code>{name}<wbr>.omt</code></h1>\n");
    let users: Vec<String> = maker
        .input
        .reported
        .units
        .iter()
        .filter(|unit| unit.is_transaction && unit.files.iter().any(|f| f.id == file.id))
        .map(|unit| {
            let name = unit.files.first().map(|f| f.name.as_str()).unwrap_or_default();
            let target = super::names::Paths::of(name).overview();
            link(&relative(&path, &target), &escape(&super::protocol::title(unit)))
        })
        .collect();
    if !users.is_empty() {
        body.push_str(&format!("<p class=\"facts\">Part of {}</p>\n", users.join(", ")));
    }
    let findings: Vec<_> =
        maker.input.reported.diagnostics.iter().filter(|d| d.primary.span.file == file.id).collect();
    body.push_str("<pre class=\"source\" tabindex=\"0\"><code>");
    let html = by_actor(file, source.text(), &path, names);
    for (number, line) in (1u32..).zip(html.lines()) {
        let marked = findings.iter().find(|d| source.position(d.primary.span.start).line == number);
        let class = match marked.map(|d| d.severity) {
            Some(Severity::Error) => " class=\"error\"",
            Some(Severity::Warning | Severity::Note) => " class=\"warning\"",
            None => "",
        };
        body.push_str(&format!(
            "<span id=\"L{number}\"{class}><a class=\"line\" href=\"#L{number}\" aria-label=\"Line {number}\">{number}</a>{line}\n</span>"
        ));
    }
    body.push_str("</code></pre>\n");
    for decl in &file.tree.decls {
        if let Some(name) = decl.name()
            && matches!(decl, Decl::Function(_) | Decl::Property(_))
        {
            let Position { line, .. } = source.position(name.span.start);
            let kind = format!("in {}.omt", file.name);
            maker.index.add(format!("{path}#L{line}"), &name.text, &kind, "");
        }
    }
    let above = match owner {
        Some(owner) => vec![
            ("Protocols".to_owned(), PROTOCOLS.to_owned()),
            (owner.title.clone(), owner.paths.overview()),
        ],
        None => vec![("Protocols".to_owned(), PROTOCOLS.to_owned())],
    };
    maker.put(&Page {
        title: format!("{}.omt", file.name),
        stands_for: owner.map(|owner| owner.paths.overview()),
        path,
        body,
        above,
        ..Page::default()
    });
}

/// The text as HTML, in which a name within an actor means that actor's.
fn by_actor(file: &UnitFile, text: &str, page: &str, names: &Names) -> String {
    let scope = Scope { page, names: Some(names), actor: None };
    let mut html = String::new();
    let mut at = 0;
    for decl in &file.tree.decls {
        let Decl::Actor(actor) = decl else { continue };
        let (start, end) = (actor.span.start as usize, actor.span.end as usize);
        if start < at {
            continue;
        }
        html.push_str(&scope.highlight(text.get(at..start).unwrap_or_default()));
        html.push_str(&scope.within(&actor.name.text).highlight(text.get(start..end).unwrap_or_default()));
        at = end;
    }
    html.push_str(&scope.highlight(text.get(at..).unwrap_or_default()));
    html
}
