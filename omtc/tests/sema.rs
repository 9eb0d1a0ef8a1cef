//! From sources to the typed IR: what is built, what is refused, and with which words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::sema::{Options, analyze, analyze_with};
use omtc::source::{DiskSources, MemorySources};
use std::path::{Path, PathBuf};

fn protocols() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols")
}

/// Every protocol of the tree is without findings that are errors, and its IR is well-formed.
#[test]
fn the_protocols_of_the_tree_become_packages() {
    let analyzed = analyze_with(&DiskSources, &[protocols()], &specified());
    let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).collect();
    let rendered = omtc::diagnostic::render_all(&analyzed.sources, errors.iter().copied(), false);
    assert!(errors.is_empty(), "{rendered}");
    let mut packages = 0;
    for unit in analyzed.units.iter().filter(|u| u.is_transaction) {
        assert!(unit.specification.is_some(), "{}", unit.path.display());
        let protocol = unit.protocol.clone().expect("a transaction without errors has a protocol");
        omt_runtime::package::Package::from_protocol(protocol).expect("well-formed");
        packages += 1;
    }
    assert!(packages >= 2);
}

/// Every file of `sema/err` with everything that is said about it.
#[test]
fn broken_sources_and_what_is_said_about_them() {
    insta::glob!("sema/err/*.omt", |path| {
        let source = std::fs::read_to_string(path).unwrap();
        let name = format!("protocols/{}", path.file_name().unwrap().to_str().unwrap());
        let sources = MemorySources::new()
            .with(&name, source.as_str())
            .with("protocols/shared/nothing.omt", "struct Nothing ( a uint )");
        insta::assert_snapshot!(said(&sources, &[&name]));
    });
}

/// Every file of `sema/ok` is accepted without a word, and what is made of it is well-formed.
#[test]
fn sound_sources_are_accepted() {
    let mut seen = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sema/ok")).unwrap() {
        let analyzed = analyze_with(&DiskSources, &[entry.unwrap().path()], &specified());
        let rendered = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
        assert_eq!(rendered, "");
        for unit in analyzed.units.iter().filter(|unit| unit.is_transaction) {
            omt_runtime::package::Package::from_protocol(unit.protocol.clone().unwrap()).unwrap();
            assert!(unit.specification.is_some());
        }
        seen += 1;
    }
    assert!(seen > 0);
}

/// With properties and scenarios.
fn specified() -> Options {
    Options { specify: true, ..Options::default() }
}

fn said(sources: &MemorySources, roots: &[&str]) -> String {
    let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
    let analyzed = analyze(sources, &roots);
    for unit in &analyzed.units {
        assert!(unit.protocol.is_none() || !analyzed.has_errors() || roots.len() > 1);
    }
    omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false)
}

const LOCK: &str = "transaction 7 \"Lock\" session lock_id
imports shared/types
actor Holder (
    store ( lock_id hash  owner peer_id  terms Terms  note string )
    trigger lock(owner peer_id, terms Terms) in [IDLE]
    state IDLE initial
    state HELD rest
    state DONE terminal
    IDLE -> HELD on lock ( store owner, terms )
    HELD -> DONE on timeout(terms.until)
)";
const TYPES: &str = "struct Terms ( amount uint  until timestamp )";

fn tree(files: &[(&str, &str)]) -> MemorySources {
    files.iter().fold(MemorySources::new(), |all, (name, text)| all.with(format!("protocols/{name}"), *text))
}

#[test]
fn imports_that_are_missing_or_misspelt() {
    let sources = tree(&[
        (
            "a.omt",
            "imports shared/typs\nimports nowhere\nuses transactions/07_lok as Lock\nstruct A ( t Terms )",
        ),
        ("shared/types.omt", TYPES),
        ("transactions/07_lock/transaction.omt", LOCK),
    ]);
    insta::assert_snapshot!(said(&sources, &["protocols/a.omt"]));
}

#[test]
fn a_cycle_of_imports_is_shown() {
    let sources = tree(&[
        ("a.omt", "imports b\nstruct A ( b B )"),
        ("b.omt", "imports c/d\nstruct B ( n uint )"),
        ("c/d.omt", "imports a\nstruct D ( a A )"),
        ("e.omt", "imports e\n"),
    ]);
    insta::assert_snapshot!(said(&sources, &["protocols/a.omt", "protocols/e.omt"]));
}

#[test]
fn an_import_that_says_something_else() {
    let sources = tree(&[
        (
            "a.omt",
            "imports shared/types\nstruct Terms (\n  amount uint # same but for white space\n  until timestamp )\nstruct Other ( a uint )\nfunction F(n uint) -> uint ( return n )",
        ),
        (
            "shared/types.omt",
            "struct Terms ( amount uint until timestamp )\nstruct Other ( a int )\nfunction F(n uint) -> uint ( return n + 1 )",
        ),
    ]);
    insta::assert_snapshot!(said(&sources, &["protocols/a.omt"]));
}

#[test]
fn two_headers_and_none() {
    let sources = tree(&[
        ("a.omt", "transaction 1 \"A\"\ntransaction 2 \"B\""),
        ("b.omt", "actor A ( state IDLE initial )"),
    ]);
    insta::assert_snapshot!(said(&sources, &["protocols/a.omt", "protocols/b.omt"]));
}

#[test]
fn triggers_after_another_transaction() {
    let user = "transaction 8 \"Use\"
uses transactions/07_lock as Lock
imports shared/types
actor User (
    store ( session_id hash  owner peer_id  terms Terms )
    trigger good(session_id hash, owner peer_id, terms Terms) in [IDLE] after Lock.Holder at HELD
    trigger early(session_id hash, owner peer_id) in [IDLE] after Lock.Holder at IDLE
    trigger typed(session_id hash, owner hash, terms Terms, notes string) in [IDLE] after Lock.Holder at HELD
    trigger unset(session_id hash, note string, owner peer_id?) in [IDLE] after Lock.Holder at HELD
    trigger keyless(owner peer_id) in [IDLE] after Lock.Holder at HELD
    trigger names(session_id hash) in [IDLE] after Lok.Holder at HELD
    trigger more(session_id hash) in [IDLE] after Lock.Holdr at HELD
    trigger most(session_id hash) in [IDLE] after Lock.Holder at HEDL
    state IDLE initial
)";
    let sources =
        tree(&[("shared/types.omt", TYPES), ("transactions/07_lock/transaction.omt", LOCK), ("u.omt", user)]);
    insta::assert_snapshot!(said(&sources, &["protocols/u.omt"]));
    // Cycles of `uses` are allowed, and what `after` names reaches the protocol.
    let back = LOCK.replace("imports", "uses u as User\nimports");
    let good =
        user.lines().filter(|l| !l.contains("trigger") || l.contains("good")).collect::<Vec<_>>().join("\n");
    let sources = tree(&[
        ("shared/types.omt", TYPES),
        ("transactions/07_lock/transaction.omt", &back),
        ("u.omt", &good),
    ]);
    let protocol = protocol_of(&sources, "protocols/u.omt");
    let after = protocol.actors["User"].triggers["good"].after.clone().unwrap();
    assert_eq!(
        (after.transaction.as_str(), after.actor.as_str(), after.state.as_str()),
        ("7", "Holder", "HELD")
    );
}

/// One broken declaration does not make everything that names it wrong, and hides nothing else.
#[test]
fn a_syntax_error_does_not_spread() {
    let source = "transaction 1 \"One\"
struct Terms ( amount uint, , until timestamp )
message M from A to [A] ( terms Terms )
actor A (
    store ( session_id hash  terms Terms  n uint )
    trigger go(terms Terms) in [IDLE]
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on go ( store terms  n = terms.amount  n = nothing )
)";
    insta::assert_snapshot!(said(&tree(&[("a.omt", source)]), &["protocols/a.omt"]));
}

#[test]
fn long_and_deep_expressions_are_refused_or_accepted_but_never_overflow() {
    let chain = |n: usize| format!("function F(a uint) -> uint ( return {} )", vec!["a"; n].join(" + "));
    let long = said(&tree(&[("a.omt", &chain(10_000))]), &["protocols/a.omt"]);
    assert!(long.contains("E0216") || long.contains("E0013"), "{long}");
    assert_eq!(said(&tree(&[("a.omt", &chain(200))]), &["protocols/a.omt"]), "");
    let nested = format!("function F(a bool) -> bool ( return {}a )", "not ".repeat(100));
    assert_eq!(said(&tree(&[("a.omt", &nested)]), &["protocols/a.omt"]), "");
}

#[test]
fn missing_files_and_folders_without_sources() {
    let sources = tree(&[("a.txt", "nothing")]);
    insta::assert_snapshot!(said(&sources, &["protocols/b.omt", "protocols"]));
}

fn protocol_of(sources: &MemorySources, root: &str) -> omt_runtime::ir::Protocol {
    let analyzed = analyze(sources, &[PathBuf::from(root)]);
    let rendered = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    analyzed.units[0].protocol.clone().unwrap_or_else(|| panic!("{rendered}"))
}

/// Work must not double with every level of nesting.
#[test]
fn nested_trials_end_in_reasonable_time() {
    let nest =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(30), close.repeat(30));
    for body in [
        nest("REDUCE([1], 0, a => x => a + ", "1", ")"),
        nest("MAP(", "[1]", ", x => x)"),
        nest("(", "1", " in [1, 2])"),
        nest("{ ...", "1", " }"),
    ] {
        said(
            &tree(&[("a.omt", &format!("function F(a uint) -> list<uint> ( return {body} )"))]),
            &["protocols/a.omt"],
        );
    }
}

/// A code that nothing shows would go unnoticed when it breaks.
#[test]
fn every_code_has_a_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut shown = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("sema__") {
            shown.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    // The parser refuses what E0216 would; E0599 is what no source brings about; the readings of old files, which
    // strict reading does not know, are shown by their pages.
    let missing: Vec<_> = omtc::sema::codes::ALL
        .iter()
        .map(|c| c.id)
        .filter(|id| !id.starts_with("W08"))
        .filter(|id| !["E0216", "E0599"].contains(id) && !shown.contains(&format!("[{id}]")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
