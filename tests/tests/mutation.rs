//! A sample of the study of mechanical mistakes (`cargo xtask mutants` runs the whole one). How many are caught is a
//! figure, not a promise; that the study is what it says, and that some kinds can never pass, is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use omerta_tests::mutation::{
    Kind, Mutant, Reached, Row, SEED, SITES, Subject, Trial, Verdict, families, holes, judge, kinds, named,
    on_all_cores, semantic, study, subjects, subjects_with_shared,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Nobody survives these: the compiler would have to forget what a name is.
const ALWAYS_CAUGHT: [&str; 2] = ["rename-field", "swap-roles"];

fn ours() -> Vec<Subject> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    subjects(&[root.join("protocols")]).unwrap()
}

/// Protocols of other domains, so that checks are not fitted to ours.
fn others() -> Vec<Subject> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "mutation", "corpus"].iter().collect();
    subjects(&[folder]).unwrap()
}

fn all(names: impl Fn(&str) -> bool) -> Vec<&'static Kind> {
    kinds().filter(|k| names(k.name)).collect()
}

/// What was drawn, without what became of it.
fn drawn(rows: &[Row]) -> Vec<(&'static str, usize, String)> {
    let one = |r: &Row| {
        r.outcomes.iter().map(|o| (r.kind.name, o.subject, o.mutant.what.clone())).collect::<Vec<_>>()
    };
    rows.iter().flat_map(one).collect()
}

#[test]
fn every_kind_has_a_place_and_a_seed_draws_the_same_ones_again() {
    let kinds = all(|_| true);
    assert!(kinds.len() >= 24, "{} kinds", kinds.len());
    let unseen = |_: &Subject, _: &Mutant| Verdict::Survived(Reached::default());
    let subjects = ours();
    let rows = study(&kinds, &subjects, SEED, SITES, &unseen);
    for row in &rows {
        assert!(row.places > 0, "{} has no place in our protocols", row.kind.name);
        assert_eq!(row.outcomes.len(), row.places.min(SITES), "{}", row.kind.name);
    }
    let again = drawn(&study(&kinds, &subjects, SEED, SITES, &unseen));
    assert_eq!(drawn(&rows), again);
    assert_ne!(again, drawn(&study(&kinds, &subjects, SEED + 1, SITES, &unseen)));
}

#[test]
fn a_mutant_is_a_source_that_parses_and_is_not_what_it_was() {
    let kinds = all(|_| true);
    let parses = |subject: &Subject, mutant: &Mutant| {
        let text = mutant.text(subject);
        assert_ne!(text, subject.text, "{}", mutant.what);
        let found = omtc::syntax::parse(omtc::source::FileId(0), &text).diagnostics;
        let errors: Vec<_> = found.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
        assert!(errors.is_empty(), "{}: {errors:?}\n{}", mutant.what, mutant.diff(subject));
        Verdict::Survived(Reached::default())
    };
    for subjects in [ours(), others()] {
        study(&kinds, &subjects, SEED, SITES, &parses);
    }
}

#[test]
fn mutants_obey_the_laws_of_the_formatter() {
    let kinds = all(|_| true);
    let formats = |subject: &Subject, mutant: &Mutant| {
        // Panics with the text when it does not settle, or loses a comment or a token.
        omtc::fuzz::fuzz_format(mutant.text(subject).as_bytes());
        Verdict::Survived(Reached::default())
    };
    study(&kinds, &others(), SEED, 1, &formats);
}

#[test]
fn some_kinds_of_mistake_are_always_caught() {
    let kinds = all(|name| ALWAYS_CAUGHT.contains(&name));
    assert_eq!(kinds.len(), ALWAYS_CAUGHT.len());
    for subjects in [ours(), others()] {
        for row in study(&kinds, &subjects, SEED, SITES, &judge) {
            for outcome in &row.outcomes {
                let what = &outcome.mutant.what;
                assert!(
                    matches!(outcome.verdict, Verdict::Caught(_)),
                    "{}: {what}: {:?}",
                    row.kind.name,
                    outcome.verdict
                );
            }
        }
    }
}

/// A roster that only the message that begins a session needs is missed by nobody but a scenario that asks who it was.
#[test]
fn a_roster_that_is_gone_is_noticed_by_the_checks_or_by_a_scenario() {
    let kinds = all(|name| name == "drop-roster");
    assert_eq!(kinds.len(), 1);
    for subjects in [ours(), others()] {
        let trial = Trial::new(&subjects, Vec::new()).unwrap();
        let judge = |subject: &Subject, mutant: &Mutant| trial.judge(kinds[0], subject, mutant, None);
        for row in study(&kinds, &subjects, SEED, SITES, &judge) {
            for outcome in &row.outcomes {
                let noticed = matches!(outcome.verdict, Verdict::Caught(_) | Verdict::Failed(_));
                assert!(noticed, "{}: {:?}", outcome.mutant.what, outcome.verdict);
            }
        }
    }
}

#[test]
fn protocols_of_other_domains_have_no_finding() {
    let subjects = others();
    assert!(subjects.len() >= 4);
    for subject in &subjects {
        assert!(subject.said.is_empty(), "{}: {:?}", subject.path.display(), subject.said);
    }
}

fn transactions() -> Vec<Subject> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    subjects_with_shared(&[root.join("protocols/transactions")]).unwrap()
}

fn listed(name: &str) -> Vec<named::Named> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "mutation", name].iter().collect();
    named::read(&path).unwrap()
}

/// A sample of what `cargo xtask mutants --semantic` finds out: each mistake is noticed by one scenario, and a scenario that is dropped is
/// missed here.
#[test]
fn a_mistake_that_no_check_notices_is_noticed_by_the_scenario_that_is_there_for_it() {
    let subjects = transactions();
    let trial = Trial::new(&subjects, Vec::new()).unwrap();
    let sample = listed("noticed.json");
    let families: BTreeSet<&str> = families()
        .filter(|(_, names)| sample.iter().any(|mistake| names.contains(&mistake.kind.as_str())))
        .map(|(family, _)| family)
        .collect();
    assert!(sample.len() >= 20 && families.len() >= 6, "{} mistakes of {families:?}", sample.len());
    let missed = on_all_cores(&sample, &|mistake| {
        let found = mistake.find(&subjects);
        let noticed = found
            .first()
            .is_some_and(|(subject, mutant)| trial.notices(&mistake.because, subject, &mutant.text(subject)));
        (!noticed).then(|| format!("{mistake:?}, {} places", found.len()))
    });
    let missed: Vec<String> = missed.into_iter().flatten().collect();
    assert!(missed.is_empty(), "nobody notices\n{}", missed.join("\n"));
}

#[test]
fn what_nobody_can_notice_is_a_mistake_that_can_be_made_and_has_a_reason() {
    let subjects = transactions();
    let semantic: Vec<&str> = semantic().map(|kind| kind.name).collect();
    for argued in listed("equivalent.json") {
        assert!(semantic.contains(&argued.kind.as_str()) && argued.because.len() > 40, "{argued:?}");
        assert!(!argued.find(&subjects).is_empty(), "there is no such place: {argued:?}");
    }
}

/// Of these every so-manieth is removed here; `cargo xtask soak holes` removes them all.
const HOLES_EACH: usize = 6;

/// `docs/protocols/holes.md` says of each hole of the first version what closes it and who notices when that is gone.
#[test]
fn a_defence_that_is_removed_is_missed_by_the_scenario_that_is_named_for_its_hole() {
    let subjects = transactions();
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "mutation", "holes.json"].iter().collect();
    let list = holes::read(&path).unwrap();
    assert!(list.len() >= 50, "{} defences", list.len());
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/protocols/holes.md");
    let chapter = std::fs::read_to_string(chapter).unwrap();
    for hole in &list {
        assert!(hole.open(&subjects).is_some(), "what is removed is not there: {hole:?}");
        let told = format!("`{}`", hole.scenario);
        assert!(chapter.contains(&told), "docs/protocols/holes.md does not tell of {told}");
    }
    let sample: Vec<_> = list.into_iter().step_by(HOLES_EACH).collect();
    let trial = Trial::new(&subjects, Vec::new()).unwrap();
    let noticed = holes::try_all(&sample, &subjects, &trial);
    for (hole, noticed) in sample.iter().zip(noticed) {
        assert!(noticed, "without {} the scenario {} does not fail", hole.removed, hole.scenario);
    }
}
