//! Plain Markdown: what a person needs to know of a transaction without reading its source.
//!
//! A page is made of sections. A `commentary.md` beside the source decides which of them stand where, by
//! placeholders such as `{{MESSAGES}}`; without one all of them follow each other. Nothing here depends on a
//! renderer: tables and code spans only.

mod declarations;
mod expression;
mod flows;
mod links;
mod machine;
mod table;

pub(crate) use declarations::{appenders, loads};
pub(crate) use expression::{local as local_name, text};
pub(crate) use flows::ends;
pub use links::{Targets, between, definitions, targets};
pub(crate) use machine::actions;
use omt_runtime::ir::Protocol;

/// What a page is made from.
pub struct Page<'a> {
    /// The transaction.
    pub protocol: &'a Protocol,
    /// Its protocol id, as text.
    pub id: &'a str,
    /// The text of its `commentary.md`.
    pub commentary: Option<&'a str>,
    /// Its properties, as the source has them.
    pub properties: &'a [Quoted],
    /// Its scenarios, as the source has them.
    pub scenarios: &'a [Quoted],
    /// What lies around it.
    pub around: Around<'a>,
}

/// What lies around a page.
#[derive(Default)]
pub struct Around<'a> {
    /// Path from the page to the folder of its diagrams, if there are any.
    pub graphs: Option<String>,
    /// A sentence for each transaction that it uses or is used by.
    pub relations: Vec<String>,
    /// Findings that its sources allow: code, title, reason, place.
    pub allowances: Vec<[String; 4]>,
    /// What is known of the properties that every transaction has: name, verdicts.
    pub built_in: Vec<(String, Vec<String>)>,
    /// Where links of the commentary lead from here; those that it does not know stay what they are.
    pub place: Option<&'a dyn Fn(&str) -> Option<String>>,
}

/// A declaration that is not part of the IR, because no machine needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub title: Option<String>,
    /// Its source.
    pub source: String,
    /// What is known of it: sentences, the most important one first.
    pub verdicts: Vec<String>,
    /// What happens, as Mermaid.
    pub chart: Option<String>,
}

/// A placeholder of a commentary that stands for no section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlaceholder {
    /// What stands between the braces.
    pub name: String,
    /// First byte of `{{` in the commentary.
    pub start: usize,
    /// One past the last byte of `}}`.
    pub end: usize,
}

/// Placeholders of LANGUAGE section 8, in the order of a page that has no commentary.
pub const PLACEHOLDERS: &[&str] = &[
    "PARAMETERS",
    "ENUMS",
    "STRUCTS",
    "BLOCKS",
    "MESSAGES",
    "FUNCTIONS",
    "STATE_MACHINES",
    "FLOWS",
    "PROPERTIES",
    "SCENARIOS",
];

/// First line of every page that is written.
const MARK: &str = "<!-- Written by `omtc build`. Edit the .omt file and its commentary.md instead. -->\n";

/// The page of a transaction.
///
/// # Errors
/// All placeholders of the commentary that stand for nothing.
pub fn page(page: &Page<'_>) -> Result<String, Vec<UnknownPlaceholder>> {
    let body = match page.commentary {
        Some(commentary) => fill(page, commentary)?,
        None => {
            let mut text = format!("# {}\n\n", page.protocol.meta.name);
            text.push_str(&facts(page));
            if let Some(description) = &page.protocol.meta.description {
                text.push_str(&format!("{description}\n\n"));
            }
            if !page.protocol.meta.doc.is_empty() {
                text.push_str(&format!("{}\n\n", page.protocol.meta.doc));
            }
            text.push_str(&relations(page));
            text.push_str(&format!("{CONTENTS}\n\n"));
            for name in PLACEHOLDERS {
                text.push_str(&section(page, name).unwrap_or_default());
                text.push('\n');
            }
            text
        }
    };
    let body = format!("{body}\n\n{}", allowances(page));
    let body = body.replacen(CONTENTS, &contents(&body), 1);
    Ok(format!("{MARK}\n{}", tidy(&body)))
}

/// An entry of the index.
pub struct Entry<'a> {
    /// The transaction.
    pub protocol: &'a Protocol,
    /// Its protocol id, as text.
    pub id: &'a str,
    /// Path of its page, relative to the index.
    pub page: &'a str,
}

/// The page that leads to all others.
pub fn index(entries: &[Entry<'_>]) -> String {
    let mut rows = Vec::new();
    for entry in entries {
        let meta = &entry.protocol.meta;
        let actors: Vec<&str> = entry.protocol.actors.keys().map(String::as_str).collect();
        rows.push(vec![
            entry.protocol.number.clone(),
            format!("[{}]({})", table::cell(&meta.name), entry.page),
            table::cell(meta.description.as_deref().unwrap_or_default()),
            actors.join(", "),
            format!("`{}`", short(entry.id)),
        ]);
    }
    let head = ["Number", "Transaction", "What it does", "Actors", "Protocol id"];
    tidy(&format!("{MARK}\n# Transactions\n\n{}", table::table(&head, &rows)))
}

/// The first characters of a protocol id: enough to compare by eye.
fn short(id: &str) -> &str {
    id.get(..16).unwrap_or(id)
}

fn facts(page: &Page<'_>) -> String {
    let meta = &page.protocol.meta;
    let mut text = format!("Transaction {} · source `{}.omt` · ", page.protocol.number, meta.path);
    text.push_str(&format!("session key `{}` · protocol id `{}`\n\n", page.protocol.session_key, page.id));
    text
}

fn relations(page: &Page<'_>) -> String {
    let items = page.around.relations.iter().map(|line| format!("* {line}\n"));
    format!("{}\n", items.collect::<String>())
}

fn allowances(page: &Page<'_>) -> String {
    let rows: Vec<Vec<String>> = page
        .around
        .allowances
        .iter()
        .map(|[code, title, reason, place]| {
            vec![table::code(code), table::cell(title), table::cell(reason), table::code(place)]
        })
        .collect();
    let head = ["Finding", "What it says", "Why it is allowed here", "Where"];
    declarations::with_heading("Allowed findings", &table::table(&head, &rows))
}

/// Stands for the contents until all headings are there.
const CONTENTS: &str = "\u{0}contents\u{0}";

/// Links to the sections of a page; below the actors, links to each of them.
fn contents(body: &str) -> String {
    let mut slugs = crate::site::html::Slugs::plain();
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    let mut fenced = false;
    for line in body.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let hashes = line.chars().take_while(|c| *c == '#').count();
        let Some(title) = line.get(hashes..).and_then(|rest| rest.strip_prefix(' ')) else { continue };
        if fenced || hashes == 0 || hashes > 6 {
            continue;
        }
        let link = format!("[{}](#{})", title.replace('`', ""), slugs.unique(title));
        let of_actors = entries.last().is_some_and(|(last, _)| last.starts_with("[Actors]"));
        if hashes == 2 {
            entries.push((link, Vec::new()));
        } else if hashes == 3
            && of_actors
            && let Some((_, below)) = entries.last_mut()
        {
            below.push(link);
        }
    }
    let entry = |(link, below): (String, Vec<String>)| {
        if below.is_empty() { link } else { format!("{link} ({})", below.join(", ")) }
    };
    format!("{}\n\n", entries.into_iter().map(entry).collect::<Vec<_>>().join(" · "))
}

/// A diagram of this page, if there is one: a picture that leads to itself at its full size.
fn picture(page: &Page<'_>, name: &str, about: &str) -> String {
    match &page.around.graphs {
        Some(graphs) => format!("[![{about}]({graphs}/{name}.svg)]({graphs}/{name}.svg)\n\n"),
        None => String::new(),
    }
}

fn section(page: &Page<'_>, name: &str) -> Option<String> {
    let protocol = page.protocol;
    Some(match name {
        "PARAMETERS" => declarations::parameters(protocol),
        "ENUMS" => declarations::enums(protocol),
        "STRUCTS" => declarations::structs(protocol),
        "BLOCKS" => declarations::blocks(protocol),
        "MESSAGES" => declarations::messages(protocol),
        "FUNCTIONS" => declarations::functions(protocol),
        "STATE_MACHINES" => {
            machine::machines(protocol, &|actor| picture(page, actor, &format!("State diagram of {actor}")))
        }
        "FLOWS" => flows::flows(protocol, &picture(page, "conversation", "Who says what to whom")),
        "PROPERTIES" => {
            format!("{}{}", quoted("Properties", page.properties), built_in(&page.around.built_in))
        }
        "SCENARIOS" => quoted("Scenarios", page.scenarios),
        _ => return None,
    })
}

fn quoted(heading: &str, list: &[Quoted]) -> String {
    if list.is_empty() {
        return String::new();
    }
    let mut text = format!("## {heading}\n\n");
    for item in list {
        match &item.title {
            Some(title) => text.push_str(&format!("**{}**: {title}\n\n", item.name)),
            None => text.push_str(&format!("**{}**\n\n", item.name)),
        }
        let verdicts: String = item.verdicts.iter().map(|verdict| format!("* {verdict}\n")).collect();
        text.push_str(&format!("{verdicts}\n"));
        if let Some(chart) = &item.chart {
            text.push_str(&format!("```mermaid\n{}\n```\n\n", chart.trim_end()));
        }
        text.push_str(&format!("```omt\n{}\n```\n\n", item.source.trim_end()));
    }
    text
}

fn built_in(list: &[(String, Vec<String>)]) -> String {
    let item = |(name, verdicts): &(String, Vec<String>)| format!("* `{name}`: {}\n", verdicts.join("; "));
    let items: String = list.iter().map(item).collect();
    if items.is_empty() { items } else { format!("### Properties of every transaction\n\n{items}\n") }
}

/// A part of a commentary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text.
    Text(&'a str),
    /// A placeholder.
    Section {
        /// What stands between the braces.
        name: &'a str,
        /// First byte of `{{`.
        start: usize,
        /// One past the last byte of `}}`.
        end: usize,
    },
}

/// A commentary as text and placeholders, in order.
pub fn parts(commentary: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = commentary;
    let mut offset = 0_usize;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        let start = offset.saturating_add(before.len());
        let end = start.saturating_add(name.len()).saturating_add("{{}}".len());
        parts.push(Part::Text(before));
        parts.push(Part::Section { name: name.trim(), start, end });
        rest = behind;
        offset = end;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The placeholders of a commentary that stand for nothing.
pub fn unknown_placeholders(commentary: &str) -> Vec<UnknownPlaceholder> {
    let unknown = parts(commentary).into_iter().filter_map(|part| match part {
        Part::Section { name, start, end } if !PLACEHOLDERS.contains(&name) => {
            Some(UnknownPlaceholder { name: name.to_owned(), start, end })
        }
        Part::Section { .. } | Part::Text(_) => None,
    });
    unknown.collect()
}

/// The commentary with its placeholders filled, and the facts under its first heading.
fn fill(page: &Page<'_>, commentary: &str) -> Result<String, Vec<UnknownPlaceholder>> {
    let unknown = unknown_placeholders(commentary);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let nowhere = |_: &str| None;
    let commentary = links::moved(commentary, page.around.place.unwrap_or(&nowhere));
    let mut text = String::new();
    for part in parts(&commentary) {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Section { name, .. } => text.push_str(&section(page, name).unwrap_or_default()),
        }
    }
    let (heading, body) = match text.split_once('\n') {
        Some((first, body)) if first.starts_with("# ") => (first.to_owned(), body.to_owned()),
        _ => (format!("# {}", page.protocol.meta.name), text),
    };
    Ok(format!("{heading}\n\n{}{}{CONTENTS}\n\n{body}", facts(page), relations(page)))
}

/// No runs of blank lines, no white space at line ends, one line end at the end.
fn tidy(text: &str) -> String {
    let mut tidied = String::new();
    let mut blank = true;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        tidied.push_str(line);
        tidied.push('\n');
    }
    format!("{}\n", tidied.trim_end())
}
