//! Properties: what they claim, and what is known of that.

use super::declare::Section;
use crate::site::Subject;
use crate::site::html::{badge, escape, inline};
use crate::site::names::Scope;
use crate::syntax::ast::{Claim, Decl, Property};
use crate::verdict;
use crate::verified::Known;

fn kind(claim: &Claim) -> &'static str {
    match claim {
        Claim::Always(_) => "always",
        Claim::Never(_) => "never",
        Claim::Eventually(_) => "eventually",
        Claim::Sometimes(_) => "sometimes",
        Claim::Leads { .. } => "leads to",
    }
}

fn declared<'a>(subject: &'a Subject<'_>) -> Vec<&'a Property> {
    let own = subject.unit.files.first().into_iter();
    own.flat_map(|file| &file.tree.decls)
        .filter_map(|decl| if let Decl::Property(property) = decl { Some(property) } else { None })
        .collect()
}

pub fn properties(subject: &Subject<'_>, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    let list = declared(subject);
    let verified = subject.beside.verified.as_ref();
    let built_in = verified.map(verdict::built_in).unwrap_or_default();
    if list.is_empty() && built_in.is_empty() {
        return section;
    }
    section.heading("properties", "Properties");
    section.html.push_str(
        "<p>What must hold in every run. The verdict is that of the last recorded exploration \
         (<code>omtc verify --record</code>), with how far it went.</p>\n",
    );
    for property in list {
        let name = &property.name.text;
        let known = verified.map(|v| v.of(&subject.protocols, &subject.texts, name)).unwrap_or_default();
        let more = format!("{} {}", badge("kind", kind(&property.claim)), overall(&known));
        section.item(format!("property-{name}"), name, &more);
        if let Some(title) = &property.text {
            section.html.push_str(&format!("<p>{}</p>\n", inline(&title.text)));
        }
        if let Some(doc) = &property.doc {
            section.html.push_str(&format!("<p>{}</p>\n", inline(&doc.text)));
        }
        section.html.push_str(&verdicts(&known));
        section
            .html
            .push_str(&crate::site::markdown::block("omt", &scope.highlight(&claim_text(subject, property))));
    }
    if !built_in.is_empty() {
        section.heading("built-in-properties", "Properties of every transaction");
        section.html.push_str("<ul>\n");
        for name in built_in {
            let known = verified.map(|v| v.of(&subject.protocols, &subject.texts, name)).unwrap_or_default();
            section.html.push_str(&format!(
                "<li><code>{}</code> {}{}</li>\n",
                escape(name),
                overall(&known),
                verdicts(&known)
            ));
        }
        section.html.push_str("</ul>\n");
    }
    section
}

fn claim_text(subject: &Subject<'_>, property: &Property) -> String {
    let span = |claim: &Claim| match claim {
        Claim::Always(e) | Claim::Never(e) | Claim::Eventually(e) | Claim::Sometimes(e) => e.span,
        Claim::Leads { from, to } => from.span.to(to.span),
    };
    let whole = subject.text(span(&property.claim));
    dedent(&whole)
}

/// Lines after the first without the white space that all of them begin with.
pub fn dedent(text: &str) -> String {
    let rest = || text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let least = rest().map(|line| line.chars().take_while(|c| *c == ' ').count()).min().unwrap_or(0);
    let lines: Vec<&str> = text
        .lines()
        .enumerate()
        .map(|(i, line)| if i == 0 { line } else { line.get(least..).unwrap_or(line.trim_start()) })
        .collect();
    lines.join("\n")
}

/// One word for everything that is known.
fn overall(known: &[Known<'_>]) -> String {
    let (class, words) = verdict::overall(known);
    badge(class, words)
}

fn verdicts(known: &[Known<'_>]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let row = |k: &Known<'_>| {
        format!(
            "<li>{} in <code>{}</code>: {}</li>",
            verdict::result(k),
            escape(k.name),
            escape(&verdict::how_far(k))
        )
    };
    let rows: String = known.iter().map(row).collect();
    format!("<ul class=\"verdicts\">{rows}</ul>\n")
}
