//! The drafts of three protocols are the first users of the grammar, the protocols of the tree the next.

use std::path::{Path, PathBuf};

use omtc::format::format_source;
use omtc::source::SourceMap;

fn sources_under(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources_under(&path, found);
        } else if path.extension().is_some_and(|e| e == "omt") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources_under(Path::new("tests/fixtures/sketches"), &mut found);
    assert_eq!(found.len(), 4);
    sources_under(Path::new("../protocols"), &mut found);
    found.sort();
    found.iter().map(|p| (p.display().to_string(), std::fs::read_to_string(p).unwrap())).collect()
}

#[test]
fn protocols_parse_without_a_finding() {
    for (name, text) in all_sources() {
        let mut map = SourceMap::new();
        let id = map.add(name, text.as_str());
        let parsed = omtc::syntax::parse(id, &text);
        assert!(
            parsed.diagnostics.is_empty(),
            "{}",
            omtc::diagnostic::render_all(&map, &parsed.diagnostics, false)
        );
        assert!(!parsed.file.decls.is_empty());
    }
}

#[test]
fn protocols_survive_the_formatter() {
    for (name, text) in all_sources() {
        // Idempotent, with every comment and the same meaning; a failure shows the text.
        omtc::fuzz::fuzz_format(text.as_bytes());
        let formatted = format_source(&text).unwrap();
        let too_long = formatted.lines().find(|l| l.chars().count() > 120 && !l.contains(['"', '#']));
        assert_eq!(too_long, None, "{name}: only strings and comments may be longer than a line");
    }
}
