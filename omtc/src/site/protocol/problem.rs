//! What is wrong with a transaction, on its page.

use super::count;
use crate::diagnostic::{Diagnostic, Severity};
use crate::site::html::{escape, inline, link, relative};
use crate::site::names::source_page;
use crate::site::{Maker, Subject};

/// Findings that are shown on a page; the command line tells all of them.
const SHOWN_MAX: usize = 100;

/// All findings of a transaction; with errors, what that means for the page.
pub fn list(maker: &Maker<'_>, subject: &Subject<'_>, page: &str) -> String {
    if subject.findings.is_empty() && subject.package.is_some() {
        return String::new();
    }
    let errors = subject.findings.iter().filter(|d| d.is_error()).count();
    let mut html = String::from("<section class=\"problems\" aria-label=\"Findings\">\n");
    if subject.package.is_none() {
        html.push_str(&format!(
            "<p><strong>This transaction has {}.</strong> What could be read of it is shown; its machines, messages and \
             properties are not known until it is repaired.</p>\n",
            if errors == 0 { "errors in what it imports or uses".to_owned() } else { count(errors, "error") }
        ));
    } else {
        html.push_str(&format!("<p>{}:</p>\n", count(subject.findings.len(), "finding")));
    }
    html.push_str("<ul>\n");
    for finding in subject.findings.iter().take(SHOWN_MAX) {
        html.push_str(&one(maker, finding, page));
    }
    html.push_str("</ul>\n");
    if subject.findings.len() > SHOWN_MAX {
        html.push_str("<p><code>omtc check</code> shows the rest.</p>\n");
    }
    html.push_str("</section>\n");
    html
}

fn one(maker: &Maker<'_>, finding: &Diagnostic, page: &str) -> String {
    let reported = maker.input.reported;
    let class = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let file = reported.files.iter().find(|file| file.id == finding.primary.span.file);
    let line =
        reported.sources.get(finding.primary.span.file).map(|f| f.position(finding.primary.span.start).line);
    let place = match (file, line) {
        (Some(file), Some(line)) => link(
            &relative(page, &format!("{}#L{line}", source_page(&file.name))),
            &escape(&format!("{}.omt:{line}", file.name)),
        ),
        _ => escape(&reported.sources.place(finding.primary.span)),
    };
    let code = finding.code.id;
    let code = match maker.input.book.and_then(|book| book.find(&format!("diagnostics/{code}.md"))) {
        Some(target) => link(&relative(page, &target), code),
        None => code.to_owned(),
    };
    let more: String = [finding.note.as_deref(), finding.help.as_deref()]
        .into_iter()
        .flatten()
        .map(|text| format!("<br>{}", inline(text)))
        .collect();
    format!(
        "<li class=\"problem {class}\"><b>{class} {code}</b> {} <span class=\"place\">{place}</span>{more}</li>\n",
        inline(&finding.message)
    )
}
