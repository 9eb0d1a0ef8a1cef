//! The drafts of three protocols are the first users of the grammar.

use omtc::source::SourceMap;

#[test]
fn sketches_parse_without_a_finding() {
    let mut count = 0;
    for entry in std::fs::read_dir("tests/fixtures/sketches").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut map = SourceMap::new();
        let id = map.add(path.display().to_string(), text.as_str());
        let parsed = omtc::syntax::parse(id, &text);
        assert!(
            parsed.diagnostics.is_empty(),
            "{}",
            omtc::diagnostic::render_all(&map, &parsed.diagnostics, false)
        );
        assert!(parsed.file.decls.len() > 5);
        count += 1;
    }
    assert_eq!(count, 4);
}
