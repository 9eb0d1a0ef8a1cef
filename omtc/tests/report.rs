//! What is shown of all that is found: one finding for one cause, the gravest first.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::diagnostic::{Severity, render_all};
use omtc::report::{Reported, report};
use omtc::sema::Options;
use omtc::source::MemorySources;
use std::fmt::Write as _;
use std::path::PathBuf;

fn run(files: &[(&str, &str)]) -> Reported {
    let sources = files.iter().fold(MemorySources::new(), |all, (path, text)| all.with(*path, *text));
    let roots: Vec<PathBuf> = files.iter().map(|(path, _)| PathBuf::from(path)).collect();
    report(&sources, &roots, &Options::default())
}

fn one(text: &str) -> Reported {
    run(&[("protocols/example.omt", text)])
}

fn ids(reported: &Reported) -> Vec<&str> {
    reported.diagnostics.iter().map(|d| d.code.id).collect()
}

fn shown(reported: &Reported) -> String {
    render_all(&reported.sources, &reported.diagnostics, false)
}

/// A transaction with what is to be added to the first actor.
fn with(items: &str, declarations: &str) -> String {
    format!(
        "transaction 90 \"Example\"
parameters ( PATIENCE = 10 seconds )
message ASK from Alice to [Bob] signed ( question uint )
message ANSWER from Bob to [Alice] signed ( answer uint )
{declarations}
actor Alice (
    store ( bob peer_id  question uint )
    peers ( Bob bob )
    trigger ask(bob peer_id, question uint) in [IDLE]
    state IDLE initial
    state WAITING
    state DONE terminal
    IDLE -> WAITING on ask ( store bob, question  SEND(bob, ASK) )
    WAITING -> DONE on ANSWER when message.answer != 0
    WAITING -> DONE on timeout(PATIENCE)
{items}
)
actor Bob (
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on ASK ( SEND(message.sender, ANSWER {{ answer message.question }}) )
)
"
    )
}

/// A transaction that is written in several files is one transaction; a library is everybody's.
#[test]
fn a_file_beside_the_transaction_is_checked_as_a_part_of_it() {
    let messages = "parameters ( IDLE_TIME = 5 seconds )
message ASK from Alice to [Bob] signed ( question uint  mood uint )
";
    let transaction = with("", "imports pair/messages")
        .replace("message ASK from Alice to [Bob] signed ( question uint )\n", "")
        .replace("SEND(bob, ASK)", "SEND(bob, ASK { mood 1 })");
    let found = |library: &str, transaction: &str| {
        let reported = run(&[
            (library, messages),
            ("protocols/pair/transaction.omt", &transaction.replace("pair/messages", library_path(library))),
        ]);
        ids(&reported).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("protocols/pair/messages.omt", &transaction), ["W0101", "W0556"]);
    assert_eq!(found("protocols/shared/messages.omt", &transaction), Vec::<String>::new());
}

fn library_path(file: &str) -> &str {
    file.trim_start_matches("protocols/").trim_end_matches(".omt")
}

#[test]
fn a_name_that_is_unknown_in_many_places_is_one_finding_with_a_fix_for_all() {
    let reported = one(&with("", "struct S ( a peerid  b list<peerid>  c map<peerid, uint> )"));
    let d = &reported.diagnostics[0];
    assert_eq!((d.code.id, d.secondary.len()), ("E0102", 2), "{}", shown(&reported));
    assert_eq!(d.fixes[0].edits.len(), 3);
    assert_eq!(reported.diagnostics.iter().filter(|d| d.code.id == "E0102").count(), 1);

    // The same word in two actors is two mistakes: each has names of its own.
    let item = "    DONE -> GONE on ASK\n    WAITING -> GONE on timeout(PATIENCE)";
    let text = with(item, "").replace("actor Bob (", &format!("actor Bob (\n{item}"));
    let unknown = one(&text).diagnostics.iter().filter(|d| d.message.contains("GONE")).count();
    assert_eq!(unknown, 2);
}

#[test]
fn many_places_of_one_mistake_are_counted_and_not_listed() {
    let fields: String = (0..500).map(|n| format!("  f{n} peerid\n")).collect();
    let reported = one(&with("", &format!("struct S (\n{fields})")));
    let d = reported.diagnostics.iter().find(|d| d.code.id == "E0102").unwrap();
    assert_eq!(d.secondary.len(), 10);
    assert_eq!(d.fixes[0].edits.len(), 500);
    assert!(d.note.as_ref().unwrap().contains("489 further places"), "{:?}", d.note);
}

#[test]
fn what_follows_from_an_unreachable_state_is_left_out() {
    // Alone, a transition behind one without a guard would be told of.
    let lost = "    state LOST
    LOST -> DONE on timeout(PATIENCE)
    LOST -> DONE on ANSWER
    LOST -> DONE on ANSWER when message.answer != 1";
    assert_eq!(ids(&one(&with(lost, ""))), ["W0450"]);
    let entered = format!("{lost}\n    WAITING -> LOST on ANSWER");
    assert!(ids(&one(&with(&entered, ""))).contains(&"W0452"));
    // A transition that leaves a living state, too, is not explained.
    let shared = "    state LOST
    WAITING, LOST -> DONE on ANSWER when message.answer == 7
    LOST -> DONE on timeout(PATIENCE)
    WAITING -> DONE on ANSWER
    WAITING, LOST -> DONE on ANSWER when message.answer == 8";
    let found = one(&with(shared, ""));
    assert!(ids(&found).contains(&"W0450") && ids(&found).contains(&"W0452"), "{}", shown(&found));
    // Allowing the cause brings none of its consequences back.
    let allowed = lost.replace("state LOST", "state LOST # allow W0450: for later");
    assert_eq!(shown(&one(&with(&allowed, ""))), "");
}

#[test]
fn what_is_never_used_is_not_told_of_its_parts() {
    let reported = one(&with("", "struct S ( a uint  b uint )\nenum E ( X Y )"));
    assert_eq!(ids(&reported), ["W0101", "W0101"], "{}", shown(&reported));
    let reported = one(&with("", "message HINT from Alice to [Bob] ( hint uint )"));
    assert!(ids(&reported).iter().all(|id| id.starts_with('E')), "{}", shown(&reported));
}

#[test]
fn a_mistake_in_a_shared_file_is_told_once() {
    let shared = "struct Shared ( a nothing )";
    let user = |n: u32| with("", "imports shared").replace("transaction 90", &format!("transaction {n}"));
    let reported = run(&[
        ("protocols/a.omt", &user(1)),
        ("protocols/b.omt", &user(2)),
        ("protocols/shared.omt", shared),
    ]);
    assert_eq!(ids(&reported).iter().filter(|id| **id == "E0102").count(), 1, "{}", shown(&reported));
}

#[test]
fn the_gravest_come_first() {
    let reported = one(&with(
        "    state LOST terminal\n    DONE -> GONE on ASK",
        "function f(a bool, b bool) -> bool ( return IF a THEN b ELSE b AND a )",
    ));
    let rank = |d: &omtc::diagnostic::Diagnostic| {
        (d.severity, d.severity != Severity::Error && !d.code.is_security(), d.span())
    };
    assert!(reported.diagnostics.len() >= 3, "{}", shown(&reported));
    assert!(reported.diagnostics.is_sorted_by_key(rank), "{}", shown(&reported));
    assert!(reported.diagnostics[0].is_error() && !reported.diagnostics.last().unwrap().is_error());
}

/// Numbers of mistakes that no person makes: the time must not grow with their square.
#[test]
fn a_hundred_thousand_mistakes_of_meaning_are_reported() {
    let mut fields = String::new();
    for n in 0..100_000 {
        writeln!(fields, "  f{n} unknown_{n}").unwrap();
    }
    let reported = one(&with("", &format!("struct S (\n{fields})")));
    assert_eq!(reported.diagnostics.iter().filter(|d| d.code.id == "E0102").count(), 100_000);
    let same: String = (0..100_000).map(|_| "  twice uint\n").collect();
    let reported = one(&with("", &format!("struct S (\n{same})")));
    assert_eq!(ids(&reported)[..1], ["E0104"]);
}
