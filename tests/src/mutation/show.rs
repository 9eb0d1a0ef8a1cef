//! The result of a study, for people and for machines.

use super::kinds::families;
use super::study::{Outcome, Row, Verdict};
use super::subject::{Said, Subject};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn said(outcome: &Outcome) -> &[Said] {
    match &outcome.verdict {
        Verdict::Caught(said) | Verdict::Broken(said) => said,
        Verdict::Failed(_) | Verdict::Survived | Verdict::Equivalent => &[],
    }
}

fn caught(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Caught(_))
}

/// The scenario that it does not fulfil.
fn failed(outcome: &Outcome) -> Option<&str> {
    match &outcome.verdict {
        Verdict::Failed(scenario) => Some(scenario),
        Verdict::Caught(_) | Verdict::Survived | Verdict::Equivalent | Verdict::Broken(_) => None,
    }
}

/// Caught by nothing graver than a note.
fn by_notes(outcome: &Outcome) -> bool {
    caught(outcome) && said(outcome).iter().all(|s| s.severity == "note")
}

fn percent(part: usize, whole: usize) -> String {
    (part * 100).checked_div(whole).map_or("–".to_owned(), |p| format!("{p} %"))
}

/// `protocols/…/transaction.omt:12`, below a folder.
fn place(outcome: &Outcome, subjects: &[Subject], root: &Path) -> String {
    let subject = &subjects[outcome.subject];
    let path = subject.path.strip_prefix(root).unwrap_or(&subject.path);
    format!("{}:{}", path.display(), subject.line(outcome.mutant.site))
}

/// The table by kind, the total, and every survivor by name; every mutant when `all`.
pub fn text(rows: &[Row], subjects: &[Subject], root: &Path, all: bool) -> String {
    let mut out = String::new();
    let width = rows.iter().map(|r| r.kind.name.len()).max().unwrap_or(0);
    out.push_str(&format!("{:width$}  places  tried  caught         failed  by\n", "kind"));
    for row in rows {
        let hits = row.outcomes.iter().filter(|o| caught(o)).count();
        let failures = row.outcomes.iter().filter(|o| failed(o).is_some()).count();
        let codes: BTreeSet<&str> =
            row.outcomes.iter().flat_map(|o| said(o).iter().map(|s| s.code)).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        out.push_str(&format!(
            "{:width$}  {:>6}  {:>5}  {:>6} {:>6}  {failures:>6}  {}\n",
            row.kind.name,
            row.places,
            row.outcomes.len(),
            hits,
            percent(hits, row.outcomes.len()),
            codes.join(" ")
        ));
    }
    out.push('\n');
    for (family, names) in families() {
        let of: Vec<&Outcome> =
            rows.iter().filter(|r| names.contains(&r.kind.name)).flat_map(|r| &r.outcomes).collect();
        let hits = of.iter().filter(|o| caught(o)).count();
        if !of.is_empty() {
            let share = percent(hits, of.len());
            let failures = of.iter().filter(|o| failed(o).is_some()).count();
            out.push_str(&format!(
                "{family:width$}          {:>5}  {hits:>6} {share:>6}  {failures:>6}\n",
                of.len()
            ));
        }
    }
    let outcomes: Vec<&Outcome> = rows.iter().flat_map(|r| &r.outcomes).collect();
    let hits = outcomes.iter().filter(|o| caught(o)).count();
    let notes = outcomes.iter().filter(|o| by_notes(o)).count();
    let failures = outcomes.iter().filter(|o| failed(o).is_some()).count();
    out.push_str(&format!(
        "{:width$}  {:>6}  {:>5}  {:>6} {:>6}  {failures:>6}  caught by a note alone: {notes}; caught or failed: {}\n",
        "all",
        rows.iter().map(|r| r.places).sum::<usize>(),
        outcomes.len(),
        hits,
        percent(hits, outcomes.len()),
        percent(hits + failures, outcomes.len()),
    ));
    for (title, wanted) in [("broken by the kind itself", 2), ("survivors", 1), ("caught or failed", 0)] {
        let of = |o: &Outcome| match o.verdict {
            Verdict::Caught(_) | Verdict::Failed(_) => 0,
            Verdict::Survived | Verdict::Equivalent => 1,
            Verdict::Broken(_) => 2,
        };
        let listed: Vec<(&Row, &Outcome)> = rows
            .iter()
            .flat_map(|r| r.outcomes.iter().map(move |o| (r, o)))
            .filter(|(_, o)| of(o) == wanted && (wanted > 0 || all))
            .collect();
        if listed.is_empty() {
            continue;
        }
        out.push_str(&format!("\n{title}: {}\n", listed.len()));
        for (row, outcome) in listed {
            let place = place(outcome, subjects, root);
            out.push_str(&format!("\n{} {place}: {}\n", row.kind.name, outcome.mutant.what));
            for line in outcome.mutant.diff(&subjects[outcome.subject]).lines() {
                out.push_str(&format!("  {line}\n"));
            }
            if let Some(scenario) = failed(outcome) {
                out.push_str(&format!("  scenario {scenario}\n"));
            }
            for said in said(outcome).iter().take(2) {
                out.push_str(&format!("  {} {}: {}\n", said.severity, said.code, said.message));
            }
        }
    }
    out
}

/// The same as one object.
pub fn json(rows: &[Row], subjects: &[Subject], root: &Path, seed: u64) -> Value {
    let outcomes: Vec<&Outcome> = rows.iter().flat_map(|r| &r.outcomes).collect();
    let mutants = |row: &Row| -> Vec<Value> {
        let one = |o: &Outcome| {
            let codes: BTreeSet<&str> = said(o).iter().map(|s| s.code).collect();
            json!({
                "place": place(o, subjects, root),
                "what": o.mutant.what,
                "diff": o.mutant.diff(&subjects[o.subject]),
                "caught": caught(o),
                "failed": failed(o),
                "codes": codes,
            })
        };
        row.outcomes.iter().map(one).collect()
    };
    let kinds: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "kind": row.kind.name,
                "what": row.kind.what,
                "places": row.places,
                "tried": row.outcomes.len(),
                "caught": row.outcomes.iter().filter(|o| caught(o)).count(),
                "mutants": mutants(row),
            })
        })
        .collect();
    json!({
        "version": 1,
        "seed": seed,
        "tried": outcomes.len(),
        "caught": outcomes.iter().filter(|o| caught(o)).count(),
        "failed": outcomes.iter().filter(|o| failed(o).is_some()).count(),
        "by_notes_alone": outcomes.iter().filter(|o| by_notes(o)).count(),
        "kinds": kinds,
    })
}
