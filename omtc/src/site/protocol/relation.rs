//! What a transaction uses and is used by, and what it allows itself.

use crate::site::html::{escape, inline, link, relative, table};
use crate::site::names::{Paths, source_page};
use crate::site::{Maker, Subject};
use omt_runtime::ir::{After, Protocol};

/// The transaction that stands in `uses` under a path.
fn used<'s, 'a>(all: &'s [Subject<'a>], path: &str) -> Option<&'s Subject<'a>> {
    let folder = Paths::of(path).folder;
    all.iter().find(|subject| subject.paths.folder == folder)
}

/// `after Alias.Actor at STATE` as a sentence, with a link if that actor has a page: in a transaction with errors none has.
pub fn after(maker: &Maker<'_>, protocol: &Protocol, page: &str, after: &After) -> String {
    // The number alone names the other one; its path is that of the alias which has such a page.
    let words = format!(
        "transaction {}: {} enters {}",
        escape(&after.transaction),
        escape(&after.actor),
        escape(&after.state)
    );
    let mut paths = protocol.meta.uses.values();
    let path = match (paths.next(), paths.next()) {
        (Some(only), None) => Some(only),
        _ => protocol.meta.uses.values().find(|path| {
            let folder = path.strip_suffix("/transaction").unwrap_or(path);
            let name = folder.rsplit('/').next().unwrap_or(folder);
            name.split('_').next() == Some(after.transaction.as_str())
        }),
    };
    let there = path.map(|path| Paths::of(path).actor(&after.actor)).filter(|t| maker.actors.contains(t));
    match there {
        Some(there) => link(&relative(page, &format!("{there}#state-{}", after.state)), &words),
        None => words,
    }
}

/// Which transactions it uses, and which use it.
pub fn section(maker: &Maker<'_>, subject: &Subject<'_>, all: &[Subject<'_>], page: &str) -> String {
    let to = |other: &Subject<'_>| link(&relative(page, &other.paths.overview()), &escape(&other.title));
    let mut lines = Vec::new();
    if let Some(package) = &subject.package {
        let protocol = &package.protocol;
        for (alias, path) in &protocol.meta.uses {
            let name = used(all, path).map_or_else(|| format!("<code>{}</code>", escape(path)), to);
            lines.push(format!("Uses {name} as <code>{}</code>.", escape(alias)));
        }
        for actor in protocol.actors.values() {
            for (trigger, declared) in &actor.triggers {
                if let Some(cause) = &declared.after {
                    lines.push(format!(
                        "Trigger <code>{}</code> fires after {}.",
                        escape(trigger),
                        after(maker, protocol, page, cause)
                    ));
                }
            }
        }
    }
    for other in all.iter().filter(|other| other.paths.folder != subject.paths.folder) {
        let uses = other.package.iter().flat_map(|p| p.protocol.meta.uses.values());
        if uses.into_iter().any(|path| Paths::of(path).folder == subject.paths.folder) {
            lines.push(format!("Used by {}.", to(other)));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{line}</li>")).collect();
    format!("<ul class=\"relations\" aria-label=\"Other transactions\">{items}</ul>\n")
}

/// Findings that its files allow, each with its reason.
pub fn allowances(maker: &Maker<'_>, subject: &Subject<'_>, page: &str) -> String {
    let reported = maker.input.reported;
    let rows: Vec<Vec<String>> = reported
        .allowances
        .iter()
        .filter_map(|allowance| {
            let file = subject.unit.files.iter().find(|file| file.id == allowance.span.file)?;
            let line = reported.sources.get(file.id)?.position(allowance.span.start).line;
            let code = allowance.code.id;
            let explained = maker.input.book.and_then(|b| b.find(&format!("diagnostics/{code}.md")));
            let code = match explained {
                Some(target) => link(&relative(page, &target), code),
                None => code.to_owned(),
            };
            Some(vec![
                code,
                escape(allowance.code.title),
                inline(&allowance.reason),
                link(
                    &relative(page, &format!("{}#L{line}", source_page(&file.name))),
                    &escape(&format!("{}.omt:{line}", file.name.rsplit('/').next().unwrap_or(&file.name))),
                ),
            ])
        })
        .collect();
    table(&["Finding", "What it says", "Why it is allowed here", "Where"], &rows)
}
