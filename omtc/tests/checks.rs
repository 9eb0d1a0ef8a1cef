//! Further cases of codes beside their pages: `checks/fires/CODE_what.omt` has that finding, a near miss
//! `checks/ok/CODE_what.omt` has no finding of any kind; nor has `checks/ok/protocol_what.omt`, a whole transaction as people
//! write them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::diagnostic::{codes, render_all};
use omtc::report::report;
use omtc::sema::Options;
use omtc::source::MemorySources;
use std::path::{Path, PathBuf};

/// Runs every file of a folder; `wrong` says what is wrong with the ids that were found in the file of a code.
fn each(folder: &str, wrong: impl Fn(&str, &[&str]) -> Option<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks").join(folder);
    let mut names: Vec<String> = std::fs::read_dir(folder.as_path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".omt"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    let mut all = String::new();
    for name in names {
        let (id, _) = name.split_once('_').expect("CODE_what.omt");
        assert!(id == "protocol" || codes::find(id).is_some(), "there is no code {id}");
        let path = PathBuf::from("protocols").join(&name);
        let source = std::fs::read(folder.join(&name)).unwrap();
        let reported = report(&MemorySources::new().with(&path, source), &[path], &Options::default());
        let found: Vec<&str> = reported.diagnostics.iter().map(|d| d.code.id).collect();
        if let Some(why) = wrong(id, &found) {
            let shown = render_all(&reported.sources, &reported.diagnostics, false);
            all.push_str(&format!("{name}: {why}\n{shown}\n"));
        }
    }
    assert!(all.is_empty(), "{all}");
}

#[test]
fn what_must_be_found_is_found() {
    each("fires", |id, found| (!found.contains(&id)).then(|| format!("{id} is not found")));
}

#[test]
fn what_is_right_has_no_finding() {
    each("ok", |_, found| (!found.is_empty()).then(|| "has findings".to_owned()));
}
