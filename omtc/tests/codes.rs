//! Every code has a page: what stands under *Example* has that finding, what stands under *Instead* has none at all.
//!
//! The source of a page is its block of `omt`. Where more than one file is needed, a block names its file on the
//! line that opens it (` ```omt protocols/shared/x.omt `); the block without a name, or else the first, is what is
//! compiled, and the others are there to be found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::build::{self, Emit, MemoryFiles, Request};
use omtc::diagnostic::page::{self, Block};
use omtc::diagnostic::{Code, Diagnostic, codes, render_all};
use omtc::report::report;
use omtc::sema::Options;
use omtc::source::MemorySources;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Codes that no text of a page brings about, and where their test is.
const NOT_BY_A_SOURCE: &[(&str, &str)] = &[
    (
        "E0110",
        "a file that the system refuses to read; tests/sema.rs, missing_files_and_folders_without_sources",
    ),
    (
        "E0216",
        "the parser refuses such a source with E0013; src/sema/depth.rs, the_limit_is_that_of_operators",
    ),
    (
        "E0599",
        "a defect of the compiler itself; src/sema/emit.rs, a_protocol_that_the_validator_refuses_is_reported",
    ),
];

fn is_syntax(code: Code) -> bool {
    code.id < "E0100" || ("W0001".."W0100").contains(&code.id)
}

fn is_lenient(code: Code) -> bool {
    ("W0801".."W0820").contains(&code.id)
}

/// Codes whose pages are sources. Those of words and grammar show fragments, and are run by tests/syntax/book.rs.
fn shown() -> impl Iterator<Item = Code> {
    codes::all().filter(|code| !is_syntax(*code) && NOT_BY_A_SOURCE.iter().all(|(id, _)| *id != code.id))
}

/// The files under a heading, that which is compiled first.
fn files(code: Code, heading: &str) -> Vec<(String, String)> {
    let sections = page::sections(code.explanation);
    let section = sections.iter().find(|s| s.heading == heading).expect(code.id);
    let mut found: Vec<(String, String)> = Vec::new();
    for block in &section.blocks {
        let Block::Code { file, lines, .. } = block else { continue };
        let text = lines.join("\n") + "\n";
        match file {
            Some(name) => found.push(((*name).to_owned(), text)),
            None => found.insert(0, ("protocols/example.omt".to_owned(), text)),
        }
    }
    assert!(!found.is_empty(), "{} shows nothing under {heading}", code.id);
    found
}

/// Everything found in what stands under a heading, and how it is shown.
fn findings(code: Code, heading: &str) -> (Vec<Diagnostic>, String) {
    let files = files(code, heading);
    let sources = files.iter().fold(MemorySources::new(), |all, (name, text)| all.with(name, text.as_str()));
    let root = PathBuf::from(&files[0].0);
    let (map, found) = if build::codes::ALL.contains(&code) {
        let request = Request {
            paths: vec![root],
            out: "generated".into(),
            emit: [Emit::Docs].into(),
            check: false,
            protocol_folder: None,
            lenient: false,
            compiler: String::new(),
            suffix: String::new(),
        };
        let made = build::build(&request, &sources, &mut MemoryFiles::default(), &|| Duration::ZERO).unwrap();
        (made.sources, made.diagnostics)
    } else {
        // A lenient reading is one of an old file; its repair is as strict as everything else.
        let lenient = is_lenient(code) && heading == "Example";
        let reported = report(&sources, &[root], &Options { lenient, ..Options::default() });
        (reported.sources, reported.diagnostics)
    };
    let shown = render_all(&map, &found, false);
    (found, shown)
}

#[test]
fn every_page_has_all_headings() {
    for code in codes::all().filter(|code| !is_syntax(*code)) {
        let sections = page::sections(code.explanation);
        let headings: Vec<&str> = sections.iter().map(|s| s.heading).collect();
        assert_eq!(
            headings,
            ["What it checks", "Why it matters", "Example", "Instead", "Fix"],
            "{}",
            code.id
        );
    }
}

#[test]
fn every_example_fires_its_code_and_no_other_error() {
    let mut wrong = String::new();
    for code in shown() {
        let (found, shown) = findings(code, "Example");
        let fires = found.iter().any(|d| d.code == code);
        let alone = found.iter().all(|d| d.code == code || !d.is_error());
        if !fires || !alone {
            wrong.push_str(&format!("the example of {} does not fire it alone:\n{shown}\n", code.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_repair_is_clean() {
    let mut wrong = String::new();
    for code in shown() {
        let (found, shown) = findings(code, "Instead");
        if !found.is_empty() {
            wrong.push_str(&format!("the repair of {} has findings:\n{shown}\n", code.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_finding_has_a_label_a_reason_and_help() {
    let mut wrong = String::new();
    for code in shown() {
        let (found, shown) = findings(code, "Example");
        for d in found.iter().filter(|d| d.code == code) {
            if d.primary.message.is_empty() || d.span().is_empty() {
                wrong.push_str(&format!("{} points nowhere:\n{shown}\n", code.id));
            }
            if d.help.is_none() {
                wrong.push_str(&format!("{} gives no help:\n{shown}\n", code.id));
            }
            if d.note.is_none() {
                wrong.push_str(&format!("{} gives no reason:\n{shown}\n", code.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn findings_look_like_this() {
    for code in shown() {
        insta::assert_snapshot!(code.id, findings(code, "Example").1);
    }
}

#[test]
fn exceptions_name_codes_that_exist_and_say_why() {
    for (id, reason) in NOT_BY_A_SOURCE {
        assert!(codes::find(id).is_some() && reason.len() > 20, "{id}");
    }
}

/// `docs/diagnostics` is what `cargo xtask generate` makes of the pages.
#[test]
fn the_chapter_of_the_book_is_fresh() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics");
    let made = omtc::diagnostic::book::files();
    let names: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names,
        made.keys().cloned().collect(),
        "run `cargo xtask generate`, or `omtc explain --out docs/diagnostics`"
    );
    for (name, text) in made {
        let there = std::fs::read_to_string(folder.join(&name)).unwrap();
        assert!(
            there == text,
            "docs/diagnostics/{name} is stale: run `cargo xtask generate`, or `omtc explain --out docs/diagnostics`"
        );
    }
}

#[test]
fn a_page_on_a_terminal() {
    let code = codes::find("E0107").unwrap();
    insta::assert_snapshot!("page_on_a_terminal", omtc::diagnostic::book::text(code, 72, false));
}
