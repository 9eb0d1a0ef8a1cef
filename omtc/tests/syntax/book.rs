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

/// The example of an explanation has the finding, the text under *Instead* has none.
#[test]
fn examples_of_explanations_are_true() {
    let own: Vec<Code> =
        codes::all().filter(|c| c.id < "E0100" || ("W0000".."W0010").contains(&c.id)).collect();
    assert!(own.len() > 15);
    for code in own {
        let (before, instead) = code.explanation.split_once("# Instead").unwrap();
        for example in blocks(before) {
            assert!(
                found(example).contains(&code.id),
                "{} is not found in\n{example}{:?}",
                code.id,
                found(example)
            );
        }
        for example in blocks(instead) {
            assert_eq!(found(example), Vec::<&str>::new(), "{}:\n{example}", code.id);
        }
    }
}
