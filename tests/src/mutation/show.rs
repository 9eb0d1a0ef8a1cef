//! The result of a study, for people and for machines.

use super::kinds::families;
use super::scopes::Reached;
use super::study::{Outcome, Row, Verdict};
use super::subject::{Said, Subject};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn said(outcome: &Outcome) -> &[Said] {
    match &outcome.verdict {
        Verdict::Caught(said) | Verdict::Broken(said) => said,
        Verdict::Failed(_)
        | Verdict::Refuted(_)
        | Verdict::Argued(..)
        | Verdict::Survived(_)
        | Verdict::Equivalent => &[],
    }
}

/// Caught by nothing graver than a note.
fn by_notes(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Caught(_)) && said(outcome).iter().all(|s| s.severity == "note")
}

/// Who noticed how many.
#[derive(Default)]
struct Tally {
    tried: usize,
    check: usize,
    test: usize,
    verify: usize,
    argued: usize,
    none: usize,
}

impl Tally {
    fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Tally {
        let mut tally = Tally::default();
        for outcome in outcomes {
            tally.tried += 1;
            match outcome.verdict {
                Verdict::Caught(_) => tally.check += 1,
                Verdict::Failed(_) => tally.test += 1,
                Verdict::Refuted(_) => tally.verify += 1,
                Verdict::Argued(..) => tally.argued += 1,
                Verdict::Survived(_) | Verdict::Equivalent | Verdict::Broken(_) => tally.none += 1,
            }
        }
        tally
    }

    fn killed(&self) -> usize {
        self.check + self.test + self.verify
    }

    /// `tried  check  test  verify  none  killed  argued`: the share is that of those about which something can be noticed.
    fn line(&self) -> String {
        let Tally { tried, check, test, verify, argued, none } = self;
        let share = percent(self.killed(), tried - argued);
        format!("{tried:>6} {check:>6} {test:>6} {verify:>6} {none:>6} {share:>7} {argued:>7}")
    }
}

const HEAD: &str = " tried  check   test verify   none  killed  argued";

fn percent(part: usize, whole: usize) -> String {
    (part * 100).checked_div(whole).map_or("–".to_owned(), |p| format!("{p} %"))
}

/// `protocols/…/transaction.omt:12`, below a folder.
fn place(outcome: &Outcome, subjects: &[Subject], root: &Path) -> String {
    let subject = &subjects[outcome.subject];
    let path = subject.path.strip_prefix(root).unwrap_or(&subject.path);
    format!("{}:{}", path.display(), subject.line(outcome.mutant.site))
}

/// The tables by kind, by family and by file, and every survivor by name; every mutant when `all`.
pub fn text(rows: &[Row], subjects: &[Subject], root: &Path, all: bool) -> String {
    let mut out = String::new();
    let outcomes: Vec<&Outcome> = rows.iter().flat_map(|r| &r.outcomes).collect();
    let files: Vec<String> =
        subjects.iter().map(|s| s.path.strip_prefix(root).unwrap_or(&s.path).display().to_string()).collect();
    let names = rows.iter().map(|r| r.kind.name).chain(files.iter().map(String::as_str));
    let width = names.map(str::len).max().unwrap_or(0);
    let mut line = |name: &str, of: Vec<&Outcome>, more: &str| {
        if !of.is_empty() {
            out.push_str(&format!("{name:width$} {}{more}\n", Tally::of(of).line()));
        }
    };
    for row in rows {
        let codes: BTreeSet<&str> =
            row.outcomes.iter().flat_map(|o| said(o).iter().map(|s| s.code)).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        line(
            row.kind.name,
            row.outcomes.iter().collect(),
            &format!("  {:>6} {}", row.places, codes.join(" ")),
        );
    }
    for (family, names) in families() {
        line(
            family,
            rows.iter().filter(|r| names.contains(&r.kind.name)).flat_map(|r| &r.outcomes).collect(),
            "",
        );
    }
    for (index, file) in files.iter().enumerate() {
        line(file, outcomes.iter().copied().filter(|o| o.subject == index).collect(), "");
    }
    let notes = outcomes.iter().filter(|o| by_notes(o)).count();
    line("all", outcomes.clone(), &format!("  by a note alone: {notes}"));
    let out = format!("{:width$} {HEAD}  places by\n{out}", "");
    let listed = |title: &str, wanted: &dyn Fn(&Verdict) -> bool| list(title, rows, subjects, root, wanted);
    let mut parts = vec![
        out,
        listed("broken by the kind itself", &|v| matches!(v, Verdict::Broken(_))),
        listed("survivors", &|v| matches!(v, Verdict::Survived(_) | Verdict::Equivalent)),
    ];
    if all {
        parts.push(listed("nobody can notice", &|v| matches!(v, Verdict::Argued(..))));
        let noticed =
            |v: &Verdict| matches!(v, Verdict::Caught(_) | Verdict::Failed(_) | Verdict::Refuted(_));
        parts.push(listed("noticed", &noticed));
    }
    parts.concat()
}

/// Mutants with their lines.
fn list(
    title: &str,
    rows: &[Row],
    subjects: &[Subject],
    root: &Path,
    wanted: &dyn Fn(&Verdict) -> bool,
) -> String {
    let all = rows.iter().flat_map(|r| r.outcomes.iter().map(move |o| (r, o)));
    let listed: Vec<(&Row, &Outcome)> = all.filter(|(_, o)| wanted(&o.verdict)).collect();
    if listed.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{title}: {}\n", listed.len());
    for (row, outcome) in listed {
        let place = place(outcome, subjects, root);
        let subject = &subjects[outcome.subject];
        let within = subject.within(outcome.mutant.site);
        out.push_str(&format!("\n{} {place} in {within}: {}\n", row.kind.name, outcome.mutant.what));
        for line in outcome.mutant.diff(subject).lines() {
            out.push_str(&format!("  {line}\n"));
        }
        match &outcome.verdict {
            Verdict::Failed(by) => out.push_str(&format!("  scenario {by}\n")),
            Verdict::Refuted(by) => out.push_str(&format!("  property {by}\n")),
            Verdict::Argued(why, _) => out.push_str(&format!("  {why}\n")),
            Verdict::Caught(_) | Verdict::Survived(_) | Verdict::Equivalent | Verdict::Broken(_) => {}
        }
        if let Verdict::Argued(_, reached) | Verdict::Survived(reached) = &outcome.verdict {
            out.push_str(&states(reached));
        }
        for said in said(outcome).iter().take(2) {
            out.push_str(&format!("  {} {}: {}\n", said.severity, said.code, said.message));
        }
    }
    out
}

/// What the scopes say to a mistake that breaks no property in them.
fn states(reached: &Reached) -> String {
    let line = |what: &str, scopes: &[String]| match scopes {
        [] => String::new(),
        scopes => format!("  {what}: {}\n", scopes.join(", ")),
    };
    line("as many states as without it", &reached.same) + &line("other states", &reached.other)
}

/// The same as one object.
pub fn json(rows: &[Row], subjects: &[Subject], root: &Path, seed: u64) -> Value {
    let counts = |of: Tally| {
        json!({
            "tried": of.tried, "check": of.check, "test": of.test, "verify": of.verify, "argued": of.argued,
            "none": of.none,
        })
    };
    let mutants = |row: &Row| -> Vec<Value> {
        let one = |o: &Outcome| {
            let codes: BTreeSet<&str> = said(o).iter().map(|s| s.code).collect();
            let (verdict, by) = match &o.verdict {
                Verdict::Caught(_) => ("check", None),
                Verdict::Failed(scenario) => ("test", Some(scenario)),
                Verdict::Refuted(property) => ("verify", Some(property)),
                Verdict::Argued(why, _) => ("argued", Some(why)),
                Verdict::Survived(_) | Verdict::Equivalent => ("none", None),
                Verdict::Broken(_) => ("broken", None),
            };
            let reached = match &o.verdict {
                Verdict::Argued(_, reached) | Verdict::Survived(reached) => reached.clone(),
                _ => Reached::default(),
            };
            let subject = &subjects[o.subject];
            json!({
                "place": place(o, subjects, root),
                "within": subject.within(o.mutant.site),
                "what": o.mutant.what,
                "diff": o.mutant.diff(subject),
                "verdict": verdict,
                "by": by,
                "codes": codes,
                "same_states": reached.same,
                "other_states": reached.other,
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
                "counts": counts(Tally::of(&row.outcomes)),
                "mutants": mutants(row),
            })
        })
        .collect();
    let outcomes: Vec<&Outcome> = rows.iter().flat_map(|r| &r.outcomes).collect();
    json!({
        "version": 3,
        "seed": seed,
        "counts": counts(Tally::of(outcomes.iter().copied())),
        "by_notes_alone": outcomes.iter().filter(|o| by_notes(o)).count(),
        "kinds": kinds,
    })
}
