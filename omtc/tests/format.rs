//! The laws of the formatter, on everything that is a source here: it settles at once, keeps every comment, the tree
//! and the protocol id, and what stands in `protocols/` is as it writes it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omt_runtime::package::Package;
use omtc::format::format_source;
use omtc::fuzz::fuzz_format;
use omtc::sema::analyze;
use omtc::source::{DiskSources, FileId, SourceError, SourceProvider};
use omtc::syntax::parse;
use std::path::{Path, PathBuf};

/// Folders with sources, below the root of the repository. Not all exist from the beginning.
const FOLDERS: [&str; 5] =
    ["protocols", "omtc/tests", "tests/conformance", "tests/mutation/corpus", "omtc/src"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "omt") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_source_of_the_tree_obeys_the_laws() {
    let sources = sources(&FOLDERS);
    assert!(sources.len() > 40, "{}", sources.len());
    for path in sources {
        // Idempotent, same comments, same tree; panics with the text otherwise. Files with errors are left alone.
        fuzz_format(&std::fs::read(path).unwrap());
    }
}

#[test]
fn our_sources_are_formatted_by_our_formatter() {
    for path in sources(&["protocols", "tests/mutation/corpus"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(format_source(&text).unwrap(), text, "{}: run `omtc fmt`", path.display());
    }
}

/// The disk, with every source rewritten by some function.
struct Rewritten(fn(&str) -> Option<String>);

impl SourceProvider for Rewritten {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        let bytes = DiskSources.read(path)?;
        let text = std::str::from_utf8(&bytes).ok().and_then(self.0);
        Ok(text.map_or(bytes, String::into_bytes))
    }

    fn is_file(&self, path: &Path) -> bool {
        DiskSources.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        DiskSources.is_folder(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<std::ffi::OsString>, SourceError> {
        DiskSources.list(path)
    }
}

fn ids(provider: &dyn SourceProvider, roots: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let units = analyze(provider, roots).units;
    let of = |p| Package::from_protocol(p).unwrap().id.to_string();
    units.into_iter().filter_map(|u| u.protocol.map(|p| (u.path, of(p)))).collect()
}

/// Everything on as few lines as it goes: comments end theirs.
fn squeezed(text: &str) -> Option<String> {
    let lines: Vec<String> =
        text.lines().map(|l| format!("{}{}", l.trim(), if l.contains('#') { "\n" } else { " " })).collect();
    let text = lines.concat();
    // A string may hold a `#`, and a few constructs ask for a line end: such a file stays as it is.
    (!omtc::diagnostic::has_errors(&parse(FileId(0), &text).diagnostics)).then_some(text)
}

#[test]
fn formatting_keeps_the_protocol_id() {
    let folders = ["protocols", "tests/mutation/corpus", "omtc/tests/checks/ok", "omtc/tests/sema/ok"];
    let roots = sources(&folders);
    let before = ids(&DiskSources, &roots);
    assert!(before.len() >= 6, "{}", before.len());
    assert_eq!(ids(&Rewritten(|t| format_source(t).ok()), &roots), before);
    assert_eq!(ids(&Rewritten(|t| squeezed(t).and_then(|t| format_source(&t).ok())), &roots), before);
}

#[test]
fn line_ends_of_any_system_and_a_byte_order_mark_become_plain() {
    let unix = "# c\nenum E (\n    A  # first\n    B\n)\n\n\n\n## doc\nstruct S ( a E )\n";
    let wanted = format_source(unix).unwrap();
    assert!(
        !wanted.contains("\n\n\n") && wanted.contains("\n\n## doc\n"),
        "one empty line is kept: {wanted}"
    );
    let windows = unix.replace('\n', "\r\n");
    assert_eq!(format_source(&windows).unwrap(), wanted);
    assert_eq!(format_source(&format!("\u{FEFF}{unix}")).unwrap(), wanted);
    for path in sources(&["protocols"]) {
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(format_source(&text.replace('\n', "\r\n")).unwrap(), text);
    }
}

#[test]
fn columns_are_aligned_as_people_do_it() {
    let ugly = "parameters (\n A = 5 seconds \"first\" # one\n LONGER = 0.67 fraction \"second\"\n\n B = -1\n)\n\
        message M from A to [B] (\n id hash # which\n values map<peer_id, uint>\n # apart\n x uint # last\n)\n\
        struct S ( a uint   b hash )\n\
        enum E (\n ONE # 1\n\n  THREE # 3\n)\n";
    let neat = "parameters (\n    A      = 5 seconds     \"first\"   # one\n    LONGER = 0.67 fraction \"second\"\n\n    B = -1\n)\n\
        message M from A to [B] (\n    id      hash                # which\n    values  map<peer_id, uint>\n    # apart\n    x  uint  # last\n)\n\
        struct S ( a uint  b hash )\n\
        enum E (\n    ONE  # 1\n\n    THREE  # 3\n)\n";
    assert_eq!(format_source(ugly).unwrap(), neat);
}
