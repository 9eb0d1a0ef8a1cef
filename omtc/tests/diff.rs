//! `omtc::diff`: every kind of change has an edit of `diff/base` that makes it, and a near one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "diff/cases.rs"]
mod cases;
#[path = "diff/laws.rs"]
mod laws;

use cases::{analyzed, base, told};
use omtc::diff::{Category, Outcome, Report, Severity, Side, Subject, compare, kind};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// From the base to what an edit makes of it.
fn after(edit: &str) -> Report {
    let new = analyzed(&cases::edited(&cases::edits(edit)));
    compare(Side::of(base()), Side::of(&new))
}

fn kinds(report: &Report) -> BTreeSet<&'static str> {
    report.changes().map(|change| change.kind.name).collect()
}

/// A report as a snapshot shows it.
fn shown(report: &Report) -> String {
    let mut out = String::new();
    for change in report.changes() {
        let place = |p: &Option<omtc::diff::Place>| {
            p.as_ref().map_or("-".to_owned(), |p| {
                format!("{}:{}:{}", p.file.trim_start_matches("protocols/"), p.line, p.column)
            })
        };
        let _ = writeln!(out, "{} {}: {}", change.severity().word(), change.kind.name, change.line());
        let _ = writeln!(out, "    {} | {}", place(&change.old), place(&change.new));
        for (name, direction) in [("old/new", &change.old_with_new), ("new/old", &change.new_with_old)] {
            let outcome = match direction.outcome {
                Outcome::Works => "works",
                Outcome::Depends => "depends",
                Outcome::Fails => "fails",
            };
            let _ = writeln!(out, "    {name} {outcome}: {}", direction.text);
        }
        for text in &change.affects {
            let _ = writeln!(out, "    reaches {text}");
        }
    }
    out
}

fn of(category: Category) -> String {
    let mut out = String::new();
    for case in told().iter().filter(|case| case.kind.category == category) {
        let (kind, report) = (case.kind, &case.report);
        let _ = writeln!(out, "== {}: {}\n{}", kind.name, kind.title, shown(report));
    }
    out
}

#[test]
fn every_kind_has_a_case_and_is_told_by_it_and_not_by_its_neighbour() {
    let cases = told();
    let told: BTreeSet<&str> = cases.iter().map(|case| case.kind.name).collect();
    let known: BTreeSet<&str> = kind::ALL.iter().map(|kind| kind.name).collect();
    // Whoever finds an edit that only this kind tells has found a kind that is missing.
    let without: Vec<&&str> = known.difference(&told).collect();
    assert_eq!(without, [&"other"], "kinds without a case");
    assert_eq!(known.len(), kind::ALL.len(), "a name is used twice");
    for case in cases {
        let found = &case.report;
        assert!(kinds(found).contains(case.kind.name), "{} is not told: {}", case.kind.name, shown(found));
        let quiet = &case.quiet;
        assert!(!kinds(quiet).contains(case.kind.name), "{} is told: {}", case.kind.name, shown(quiet));
        assert!(!kinds(found).contains("other"), "{}: {}", case.kind.name, shown(found));
    }
}

#[test]
fn changes_on_the_wire() {
    insta::assert_snapshot!(of(Category::Wire));
}

#[test]
fn changes_of_sources() {
    insta::assert_snapshot!(of(Category::Source));
}

#[test]
fn changes_of_behaviour() {
    insta::assert_snapshot!(of(Category::Behaviour));
}

#[test]
fn severity_is_that_of_the_worse_direction_and_both_are_told() {
    for case in told() {
        for change in case.report.changes() {
            let worst = change.old_with_new.outcome.max(change.new_with_old.outcome);
            let severity = [Severity::Compatible, Severity::Risky, Severity::Breaking][worst as usize];
            assert_eq!(change.severity(), severity);
            assert!(!change.why.is_empty() && !change.old_with_new.text.is_empty());
            assert!(!change.new_with_old.text.is_empty(), "{change:?}");
            assert!(change.old.is_some() || change.new.is_some(), "nowhere: {change:?}");
        }
    }
}

#[test]
fn a_session_that_is_in_flight_keeps_its_package() {
    let changed = after("- ANSWER_LIMIT = 10\n+ ANSWER_LIMIT = 9");
    let lease = changed.comparisons.iter().find(|c| c.subject == Subject::Transaction).unwrap();
    assert!(lease.ids_differ());
    let id = lease.old.as_ref().unwrap().id.clone().unwrap();
    let told = lease.consequences.join("\n");
    assert!(told.contains(&format!("sessions in flight end under {}", &id[..16])), "{told}");
    assert!(told.contains("refuse each other's messages"), "{told}");
    assert!(told.contains("reads what the old one wrote"), "{told}");
    assert!(told.contains("that of Owner begins empty"), "{told}");
    let block = after(
        "- block PAID by [Tenant] ( owner peer_id  total uint )\n+ block PAID by [Tenant] ( owner peer_id  total int )",
    );
    let told = block.comparisons[0].consequences.join("\n");
    assert!(told.contains("may not read all blocks that the old one wrote"), "{told}");
}

#[test]
fn what_keeps_the_protocol_id_says_so() {
    let report = after("- property honest\n+ property fair");
    assert!(!report.comparisons[0].ids_differ());
    assert!(report.comparisons[0].consequences[0].contains("the protocol id stays"));
}

#[test]
fn a_rename_is_nothing_but_a_rename() {
    // Everything that says the name is the same as before: one change, not one for each place.
    for (edit, kind) in [
        ("- NEWS\n+ REPORT", "message-renamed"),
        ("- accepted\n+ agreed", "field-renamed"),
        ("- UNPAID\n+ DEFAULTED", "state-renamed"),
        ("- Voter\n+ Citizen", "actor-renamed"),
        ("- chair\n+ head", "store-field-renamed"),
        ("- evict\n+ expel", "trigger-renamed"),
        ("- PAY_LIMIT\n+ LATE_LIMIT", "name-changed"),
        ("- ALLOWED\n+ PERMITTED", "name-changed"),
        ("- MEDIUM\n+ MIDDLE", "enum-value-renamed"),
    ] {
        let report = after(edit);
        let transactions = report.comparisons.iter().filter(|c| c.subject == Subject::Transaction);
        let found: Vec<&str> = transactions.flat_map(|c| &c.changes).map(|c| c.kind.name).collect();
        assert_eq!(found, [kind], "{edit}: {}", shown(&report));
    }
}

#[test]
fn one_line_for_several_states_is_one_change() {
    let both = "- AGREED -> DECLINED on evict\n+ AGREED, EXAMINING -> DECLINED on evict\n- in [AGREED] \"The\n+ in [AGREED, EXAMINING] \"The";
    let old = analyzed(&cases::edited(&cases::edits(both)));
    let edit =
        format!("{both}\n- AGREED, EXAMINING -> DECLINED on evict\n+ AGREED, EXAMINING -> UNPAID on evict");
    let new = analyzed(&cases::edited(&cases::edits(&edit)));
    let report = compare(Side::of(&old), Side::of(&new));
    let changes: Vec<String> = report.changes().map(|c| c.line()).collect();
    assert_eq!(changes, ["Owner in AGREED, EXAMINING: `on evict -> UNPAID`, was to DECLINED"]);
}
