//! What holds for all sources.

use super::cases::{BASE, analyzed, base, edited, edits, told};
use omtc::diff::{Report, Side, compare};
use omtc::format::format_source;
use omtc::sema::{Analyzed, analyze};
use omtc::source::{DiskSources, MemorySources};

fn against(old: &Analyzed, new: &Analyzed) -> Report {
    compare(Side::of(old), Side::of(new))
}

fn ours() -> Analyzed {
    analyze(&DiskSources, &[concat!(env!("CARGO_MANIFEST_DIR"), "/../protocols").into()])
}

#[test]
fn nothing_differs_from_itself() {
    for all in [base(), &ours()] {
        let report = against(all, all);
        assert!(report.comparisons.is_empty(), "{report:#?}");
        assert_eq!(report.unchanged, all.units.len());
    }
}

#[test]
fn layout_comments_and_titles_are_without_effect() {
    let squeezed: Vec<(String, String)> = edited(&[])
        .into_iter()
        .map(|(path, text)| {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let text = lines.join("\n").replace("\"Rents\"", "\"Pays a rent\"");
            (path, format!("# a comment\n{text}\n"))
        })
        .collect();
    let report = against(base(), &analyzed(&squeezed));
    assert!(report.is_empty(), "{report:#?}");
    assert_eq!(report.comparisons.len(), BASE.len());
    assert!(report.comparisons.iter().all(|c| c.text_only && !c.ids_differ()));
    let formatted: Vec<(String, String)> =
        squeezed.iter().map(|(path, text)| (path.clone(), format_source(text).unwrap())).collect();
    assert!(against(&analyzed(&squeezed), &analyzed(&formatted)).is_empty());
}

#[test]
fn names_of_locals_are_without_effect() {
    let edit = "- let receipt = Receipt\n+ let bill = Receipt\n- { receipt receipt, proof SIGN(receipt) }\n+ { receipt bill, proof SIGN(bill) }";
    let report = against(base(), &analyzed(&edited(&edits(edit))));
    assert!(report.is_empty(), "{report:#?}");
}

#[test]
fn a_difference_is_one_from_either_side_and_another_protocol_id_is_never_without_a_change() {
    for case in told() {
        let [old, new] = case.sides();
        let (there, back) = (&case.report, against(new, old));
        assert_eq!(there.is_empty(), back.is_empty(), "{}", case.kind.name);
        assert_eq!(*there, against(old, new), "not the same twice");
        for comparison in there.comparisons.iter().chain(&back.comparisons) {
            assert!(!comparison.ids_differ() || !comparison.changes.is_empty(), "{}", case.kind.name);
        }
    }
}

/// Small mistakes, by words: what stands there, and what is written instead.
const SLIPS: &[(&str, &str)] = &[
    (" AND ", " OR "),
    (" == ", " != "),
    (" <= ", " < "),
    (" > ", " >= "),
    (" + ", " - "),
    ("not ", ""),
    ("true", "false"),
    ("0", "1"),
    ("1", "2"),
    ("2", "3"),
    (" signed", ""),
    ("owner,", "peer_id,"),
    ("[Owner]", "[Tenant]"),
    ("uint", "int"),
    ("TOO_DEAR", "BUSY"),
    ("DECLINED on", "UNPAID on"),
    ("SEND(tenant", "SEND(peer_id"),
    ("HIGH", "LOW"),
    ("every(", "timeout("),
    ("terminal ", ""),
    ("when message.why == \"\"", ""),
];

/// Sources with one slip, or without one of their lines.
fn slips() -> Vec<(String, Vec<(String, String)>)> {
    let base = edited(&[]);
    let mut found = Vec::new();
    for (index, (path, text)) in base.iter().enumerate() {
        let mut with = |what: String, text: String| {
            let mut files = base.clone();
            files[index].1 = text;
            found.push((what, files));
        };
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let rest = lines.iter().enumerate().filter(|(n, _)| *n != number).map(|(_, line)| *line);
            with(format!("{path} without `{line}`"), rest.collect::<Vec<_>>().join("\n"));
        }
        for (from, to) in SLIPS {
            for (at, _) in text.match_indices(from) {
                let slipped = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
                with(format!("{path}:{at} `{from}` as `{to}`"), slipped);
            }
        }
    }
    found
}

#[test]
fn no_slip_that_makes_another_protocol_goes_unseen() {
    let mut seen = 0;
    for (what, files) in slips() {
        let sources = files.iter().fold(MemorySources::new(), |s, (path, text)| s.with(path, text.as_str()));
        let slipped = analyze(&sources, &["protocols".into()]);
        if slipped.has_errors() {
            continue;
        }
        let report = against(base(), &slipped);
        for comparison in report.comparisons.iter().filter(|c| c.ids_differ()) {
            seen += 1;
            assert!(!comparison.changes.is_empty(), "{what}");
            assert!(comparison.changes.iter().all(|c| c.kind.name != "other"), "{what}: {comparison:#?}");
        }
    }
    assert!(seen > 100, "only {seen} slips made another protocol");
}
