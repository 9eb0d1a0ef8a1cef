//! The book and the explanations of codes are tests: what they show is parsed.

use omtc::diagnostic::{Code, codes};
use omtc::format::format_source;
use omtc::source::FileId;
use omtc::syntax::parse;

/// The texts between ` ```omt ` and ` ``` `.
fn blocks(markdown: &str) -> Vec<&str> {
    markdown.split("```omt\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

fn found(source: &str) -> Vec<&'static str> {
    parse(FileId(0), source).diagnostics.iter().map(|d| d.code.id).collect()
}

#[test]
fn the_chapter_on_the_grammar_is_true() {
    let chapter = std::fs::read_to_string("../docs/language/grammar.md").unwrap();
    let blocks = blocks(&chapter);
    assert!(blocks.len() > 8);
    for block in blocks {
        let expected: Vec<&str> = block.lines().filter_map(|l| l.strip_prefix("# error ")).collect();
        assert_eq!(found(block), expected, "{block}");
        if expected.is_empty() {
            assert!(format_source(block).is_ok());
        }
    }
}

/// Codes that no text of a page brings about, and the test that does.
const NOT_BY_A_TEXT: [(&str, &str); 2] = [
    ("E0006", "tests/syntax/hostile.rs, what_is_not_utf8_is_reported_where_it_stands"),
    ("E0007", "tests/syntax/hostile.rs, a_file_that_is_too_large_is_not_read"),
];

fn own() -> Vec<Code> {
    let own: Vec<Code> =
        codes::all().filter(|c| c.id < "E0100" || ("W0000".."W0010").contains(&c.id)).collect();
    assert!(own.len() > 20);
    own
}

/// What stands under a heading of a page.
fn section<'p>(code: Code, heading: &str) -> &'p str {
    let page: &'static str = code.explanation;
    let after = page
        .split_once(&format!("# {heading}\n\n"))
        .unwrap_or_else(|| panic!("{} lacks {heading}", code.id))
        .1;
    after.split("\n# ").next().unwrap()
}

#[test]
fn every_page_has_five_headings() {
    for code in own() {
        let headings: Vec<&str> = ["What it checks", "Why it matters", "Example", "Instead", "Fix"].to_vec();
        for heading in &headings {
            assert!(section(code, heading).trim().len() > 10, "{} says nothing under {heading}", code.id);
        }
        let places: Vec<usize> =
            headings.iter().map(|h| code.explanation.find(&format!("# {h}\n\n")).unwrap()).collect();
        assert!(places.is_sorted(), "{} has them in another order", code.id);
    }
}

/// The example of a page has the finding and no error of another code, and the text under *Instead* has none at all.
#[test]
fn examples_of_explanations_are_true() {
    for code in own().into_iter().filter(|c| NOT_BY_A_TEXT.iter().all(|(id, _)| *id != c.id)) {
        let examples = blocks(section(code, "Example"));
        assert!(!examples.is_empty(), "{} has no example", code.id);
        for example in examples {
            let parsed = parse(FileId(0), example);
            assert!(
                parsed.diagnostics.iter().any(|d| d.code == code),
                "{} is not found in\n{example}",
                code.id
            );
            for d in parsed.diagnostics {
                // Too many findings are findings of another kind.
                assert!(
                    d.code == code || code.id == "E0008",
                    "{} has {} too:\n{example}",
                    code.id,
                    d.code.id
                );
                assert!(!d.primary.message.is_empty(), "{} points nowhere: {}", code.id, d.message);
                // What was expected says itself what to write.
                let helps = d.help.is_some() || !d.fixes.is_empty() || d.message.starts_with("expected ");
                assert!(helps, "{} gives no help: {}", code.id, d.message);
            }
        }
        let repairs = blocks(section(code, "Instead"));
        assert!(!repairs.is_empty(), "{} has no repair", code.id);
        for repair in repairs {
            assert_eq!(found(repair), Vec::<&str>::new(), "{}:\n{repair}", code.id);
        }
    }
}
