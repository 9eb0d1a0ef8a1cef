//! Repairs of findings, allowances, imports.

use super::{Action, At, Sort};
use crate::ide::diagnostics::{Finding, of_file};
use crate::ide::rename::Edits;
use crate::ide::{Edit, Range};
use omtc::diagnostic::Severity;
use omtc::syntax::ast::Decl;

/// What the findings at the place say can be done.
pub(super) fn fixes(at: &At<'_>) -> Vec<Action> {
    let mut found = Vec::new();
    for finding in of_file(at.analysis, at.path).iter().filter(|f| f.range.meets(at.range)) {
        for repair in &finding.repairs {
            found.push(Action {
                title: sentence(&repair.title),
                sort: Sort::Fix,
                preferred: repair.safe,
                about: Some((finding.code, finding.range)),
                edits: repair.edits.clone(),
            });
        }
    }
    found
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `# allow W0123: reason` above the line of each finding that is no error.
pub(super) fn allowances(at: &At<'_>) -> Vec<Action> {
    let allowed =
        |f: &&Finding| f.severity != Severity::Error && f.range.meets(at.range) && !f.code.starts_with("W09");
    let mut found: Vec<Action> = Vec::new();
    for finding in of_file(at.analysis, at.path).iter().filter(allowed) {
        let line = at.text.line(at.text.line_of(finding.range.start));
        let indent = at.text.indent_of(finding.range.start);
        let comment = format!("{indent}# allow {}: TODO say why this is right here\n", finding.code);
        let edits = at.edit(Range::new(line.start, line.start), comment);
        let title = format!("Allow {} here, with a reason", finding.code);
        if !found.iter().any(|action| action.title == title) {
            let action = at.action(title, Sort::Fix, edits);
            found.push(Action { about: Some((finding.code, finding.range)), ..action });
        }
    }
    found
}

/// All repairs that are certain, at once, as far as they do not overlap.
pub(super) fn fix_all(at: &At<'_>) -> Option<Action> {
    let mut edits = Edits::new();
    let mut count = 0;
    for finding in of_file(at.analysis, at.path) {
        let Some(repair) = finding.repairs.iter().find(|repair| repair.safe) else { continue };
        let only_here = repair.edits.keys().all(|path| path == at.path);
        let Some(list) = repair.edits.get(at.path).filter(|_| only_here) else { continue };
        let taken = edits.entry(at.path.to_owned()).or_default();
        let free = |edit: &Edit| {
            taken.iter().all(|t: &Edit| t.range.end < edit.range.start || edit.range.end < t.range.start)
        };
        if list.iter().all(free) {
            taken.extend(list.iter().cloned());
            count += 1;
        }
    }
    if count == 0 {
        return None;
    }
    let title = if count == 1 {
        "Repair what is certain".to_owned()
    } else {
        format!("Repair all {count} findings that are certain")
    };
    Some(at.action(title, Sort::FixAll, edits))
}

/// Imports in order, each once, without those that nothing uses.
pub(super) fn organize_imports(at: &At<'_>) -> Option<Action> {
    let unused: Vec<Range> =
        of_file(at.analysis, at.path).iter().filter(|f| f.code == "W0101").map(|f| f.range).collect();
    let imports: Vec<(Range, String)> = at
        .tree
        .decls
        .iter()
        .filter_map(|decl| match decl {
            Decl::Imports(d) => Some((Range::from(d.span), d.path.text())),
            _ => None,
        })
        .collect();
    let mut wanted: Vec<String> = imports
        .iter()
        .filter(|(range, _)| !unused.iter().any(|u| range.holds(*u)))
        .map(|(_, path)| path.clone())
        .collect();
    wanted.sort();
    wanted.dedup();
    let now: Vec<&String> = imports.iter().map(|(_, path)| path).collect();
    if imports.is_empty() || now.iter().copied().eq(&wanted) {
        return None;
    }
    let mut edits = Vec::new();
    let mut names = wanted.into_iter();
    for (range, path) in &imports {
        match names.next() {
            Some(name) if name == *path => {}
            Some(name) => edits.push(Edit { range: *range, text: format!("imports {name}") }),
            None => {
                // The line goes with it, unless something else stands there.
                let line = at.text.line(at.text.line_of(range.start));
                let alone = line == *range;
                let next = at.text.line(at.text.line_of(range.start) + 1).start;
                let range = if alone { Range::new(line.start, next.max(line.end)) } else { *range };
                edits.push(Edit { range, text: String::new() });
            }
        }
    }
    let edits = [(at.path.to_owned(), edits)].into_iter().collect();
    Some(at.action("Organize imports".to_owned(), Sort::OrganizeImports, edits))
}
