//! Scenarios: a list, and a page for each with its chart, its story and its source.

use super::declare::Section;
use super::{above, commentary, count, property};
use crate::scenario::{Run, lines, seconds};
use crate::site::html::{badge, escape, inline, link, relative, table};
use crate::site::names::Scope;
use crate::site::page::Page;
use crate::site::{Heading, Maker, Subject, picture};
use crate::syntax::ast::{Decl, Scenario};

/// Of a story, this many lines are shown: the last ones.
const STORY_LINES_MAX: usize = 400;

/// The scenarios of a transaction, in the order of the source.
pub fn all<'a>(subject: &'a Subject<'_>) -> Vec<&'a Scenario> {
    let own = subject.unit.files.first().into_iter();
    own.flat_map(|file| &file.tree.decls)
        .filter_map(|decl| if let Decl::Scenario(scenario) = decl { Some(scenario) } else { None })
        .collect()
}

fn verdict(run: Option<&Run>) -> String {
    match run {
        Some(run) if run.passed() => badge("good", "fulfilled"),
        Some(_) => badge("bad", "not fulfilled"),
        None => badge("unknown", "not run"),
    }
}

fn rows(subject: &Subject<'_>, page: &str) -> String {
    let rows: Vec<Vec<String>> = all(subject)
        .into_iter()
        .map(|scenario| {
            let name = &scenario.name.text;
            let run = subject.beside.runs.get(name).map(AsRef::as_ref);
            let link = link(
                &relative(page, &subject.paths.scenario(name)),
                &format!("<code>{}</code>", escape(name)),
            );
            let title = scenario.text.as_ref().map(|t| inline(&t.text)).unwrap_or_default();
            // Broken after the comma, if anywhere.
            let size = run.map(|run| {
                format!("{} s, {}", seconds(run.elapsed), count(run.messages, "message"))
                    .replace(' ', "\u{a0}")
                    .replace(",\u{a0}", ", ")
            });
            vec![link, title, size.unwrap_or_default(), verdict(run)]
        })
        .collect();
    table(&["Scenario", "What it shows", "Takes", "Result"], &rows)
}

/// The list on the overview.
pub fn summary(subject: &Subject<'_>, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    let all = all(subject);
    if all.is_empty() {
        return section;
    }
    section.heading("scenarios", "Scenarios");
    section.html.push_str(&format!(
        "<p>{} that the source describes, run on virtual time. {}</p>\n",
        count(all.len(), "run"),
        commentary::to(scope.page, &subject.paths.scenarios(), "All of them with their results"),
    ));
    section.html.push_str(&rows(subject, scope.page));
    section
}

/// The list as a page of its own, and a page for each.
pub fn pages(maker: &mut Maker<'_>, subject: &Subject<'_>) {
    let list = all(subject);
    if list.is_empty() {
        return;
    }
    let path = subject.paths.scenarios();
    let body = format!(
        "<h1>Scenarios of {}</h1>\n<p class=\"lead\">Each is a run with an expectation: who takes part, what happens \
         when, and what must come of it.</p>\n{}",
        escape(&subject.title),
        rows(subject, &path)
    );
    maker.put(&Page {
        title: format!("Scenarios of {}", subject.title),
        above: above(subject),
        body,
        path,
        ..Page::default()
    });
    for (i, scenario) in list.iter().enumerate() {
        let near = |i: Option<usize>| {
            let name = &list.get(i?)?.name.text;
            Some((name.clone(), subject.paths.scenario(name)))
        };
        let around = [near(i.checked_sub(1)), near(i.checked_add(1))];
        page(maker, subject, scenario, around);
    }
}

fn page(
    maker: &mut Maker<'_>,
    subject: &Subject<'_>,
    scenario: &Scenario,
    around: [Option<(String, String)>; 2],
) {
    let name = &scenario.name.text;
    let path = subject.paths.scenario(name);
    let scope = Scope { page: &path, names: Some(&subject.names), actor: None };
    let run = subject.beside.runs.get(name).map(AsRef::as_ref);
    let title = scenario.text.as_ref().map(|t| t.text.as_str()).unwrap_or(name);
    let mut section = Section::default();
    section.html.push_str(&format!(
        "<h1>{}</h1>\n<p class=\"facts\"><code>{}</code> {}{}</p>\n",
        inline(title),
        escape(name),
        verdict(run),
        run.map(|run| {
            format!(
                " {} s of virtual time, {}, {}",
                seconds(run.elapsed),
                count(run.messages, "message"),
                count(run.steps, "step")
            )
        })
        .unwrap_or_default()
    ));
    if let Some(doc) = &scenario.doc {
        section.html.push_str(&format!("<p>{}</p>\n", inline(&doc.text)));
    }
    if let Some(deviation) = run.and_then(|run| run.deviation.as_ref()) {
        let sentence = deviation.sentence(&maker.input.reported.sources);
        section.html.push_str(&format!("<p class=\"problem error\">{}</p>\n", inline(&sentence)));
    }
    let drawn = run.and_then(|run| {
        let specification = subject.unit.specification.as_ref()?;
        let declared = specification.scenarios.iter().find(|s| s.name == *name)?;
        picture::chart(specification, declared, run, &maker.input.reported.sources)
    });
    if let Some(svg) = drawn {
        section.heading("chart", "What happens");
        section.html.push_str(&picture::details(&svg, &format!("Sequence chart of {name}"), ""));
    }
    section.heading("source", "Source");
    let source = property::dedent(&subject.text(scenario.span));
    section.html.push_str(&crate::site::markdown::block("omt", &scope.highlight(&source)));
    if let Some(run) = run {
        section.heading("story", "Story");
        let story = lines(run, STORY_LINES_MAX).join("\n");
        section.html.push_str(&crate::site::markdown::block("plain story", &escape(&story)));
    }
    let of = format!("scenario of {}", subject.title);
    maker.index.add(path.clone(), name, &of, title);
    let headings =
        section.headings.into_iter().map(|(level, id, text)| Heading { level, id, text }).collect();
    let mut above = above(subject);
    above.push(("Scenarios".to_owned(), subject.paths.scenarios()));
    maker.put(&Page {
        title: format!("{name} ({})", subject.title),
        body: section.html,
        headings,
        above,
        around,
        stands_for: Some(subject.paths.scenarios()),
        path,
    });
}
