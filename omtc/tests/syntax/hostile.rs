//! Input that was not written by a person: deep, large, or no text at all.

use omtc::diagnostic::{Renderer, codes};
use omtc::source::{FileId, SourceMap};
use omtc::syntax::{NEST_DEPTH_MAX, decode, parse};

fn first_code(text: &str) -> Option<&'static str> {
    parse(FileId(0), text).diagnostics.first().map(|d| d.code.id)
}

/// `prefix`, then `count` times `open`, the middle, `count` times `close`, `suffix`.
fn nested(prefix: &str, open: &str, middle: &str, close: &str, suffix: &str, count: usize) -> String {
    format!("{prefix}{}{middle}{}{suffix}", open.repeat(count), close.repeat(count))
}

const FUNCTION: &str = "function f() -> uint ( RETURN ";

#[test]
fn ten_thousand_levels_of_anything_are_one_finding() {
    let cases = [
        nested(FUNCTION, "(", "1", ")", " )", 10_000),
        nested(FUNCTION, "[", "1", "]", " )", 10_000),
        nested(FUNCTION, "{ a ", "1", "}", " )", 10_000),
        nested(FUNCTION, "f(", "1", ")", " )", 10_000),
        nested(FUNCTION, "a[", "1", "]", " )", 10_000),
        nested(FUNCTION, "-", "1", "", " )", 10_000),
        nested(FUNCTION, "NOT ", "a", "", " )", 10_000),
        nested(FUNCTION, "x => ", "a", "", " )", 10_000),
        nested(FUNCTION, "IF a THEN b ELSE ", "a", "", " )", 10_000),
        nested(FUNCTION, "IF ", "a", " THEN b ELSE c", " )", 10_000),
        nested(FUNCTION, "a", "", "+ a", " )", 10_000),
        nested(FUNCTION, "a", "", " AND a", " )", 10_000),
        nested(FUNCTION, "a", "", ".a", " )", 10_000),
        nested("function f() -> uint ", "( ", "RETURN 1", " )", "", 10_000),
        nested("function f() -> uint ( ", "FOR a IN b ", "RETURN 1", "", " )", 10_000),
        nested("function f() -> uint ( ", "IF a THEN ", "RETURN 1", "", " )", 10_000),
        nested("struct S ( a ", "list<", "uint", ">", " )", 10_000),
        nested("actor A ( S -> S auto ( ", "IF a THEN ( ", "x = 1", " )", " ) )", 10_000),
        nested("actor A ( S -> S auto ( ", "FOR a IN b ( ", "x = 1", " )", " ) )", 10_000),
    ];
    for text in cases {
        let parsed = parse(FileId(0), &format!("{text}\nenum Last ( A )"));
        let shown: String = text.chars().take(60).collect();
        assert!(
            parsed.diagnostics.iter().any(|d| d.code == codes::TOO_DEEP),
            "{shown}: {:?}",
            parsed.diagnostics
        );
        let name = parsed.file.decls.last().and_then(|d| d.name()).map(|n| n.text.clone());
        assert_eq!(name.as_deref(), Some("Last"), "what follows is read: {shown}");
    }
}

#[test]
fn the_allowed_depth_is_allowed() {
    let depth = NEST_DEPTH_MAX as usize;
    let actions = "actor A ( S -> S auto ";
    // What stands around the nested part, and how many levels of its kind are open there already.
    let cases = [
        (FUNCTION, "(", "1", ")", " )", 0),
        (FUNCTION, "[", "1", "]", " )", 0),
        (FUNCTION, "f(", "1", ")", " )", 0),
        (FUNCTION, "{ a ", "1", "}", " )", 0),
        (FUNCTION, "a[", "1", "]", " )", 0),
        (FUNCTION, "1 + ", "1", "", " )", 0),
        (FUNCTION, "-", "1", "", " )", 0),
        (FUNCTION, "NOT ", "a", "", " )", 0),
        (FUNCTION, "x => ", "1", "", " )", 0),
        (FUNCTION, "IF a THEN b ELSE ", "1", "", " )", 0),
        ("function f() -> uint ", "(", "RETURN 1", ")", "", 0),
        ("function f() -> uint (", "FOR a IN b ", "RETURN 1", "", ")", 1),
        ("function f() -> uint (", "IF a THEN ", "RETURN 1", "", ")", 1),
        ("struct S ( a ", "list<", "uint", ">", " )", 0),
        (actions, "(IF a THEN ", "()", ")", " )", 1),
        (actions, "(FOR a IN b ", "()", ")", " )", 1),
    ];
    for (prefix, open, middle, close, suffix, around) in cases {
        let allowed = nested(prefix, open, middle, close, suffix, depth - around);
        assert_eq!(first_code(&allowed), None, "{prefix}{open}");
        let too_many = nested(prefix, open, middle, close, suffix, depth - around + 1);
        assert_eq!(first_code(&too_many), Some("E0013"), "{prefix}{open}");
    }
    // Blocks and expressions are counted apart.
    let deep = nested("", "(", "1", ")", "", depth);
    assert_eq!(
        first_code(&nested("function f() -> uint ", "(", &format!("RETURN {deep}"), ")", "", depth)),
        None
    );
}

#[test]
fn unclosed_brackets_by_the_thousand() {
    for text in [
        "(",
        "[",
        "{",
        "f(",
        "function f() -> uint ((",
        "actor A (S -> S auto ((",
        "IF ",
        "a, ",
        "<",
        "when f (IF ",
    ] {
        let parsed = parse(FileId(0), &text.repeat(10_000));
        assert!(!parsed.diagnostics.is_empty(), "{text}");
    }
    for text in ["(", "[", "{ a ", "f(", "f (IF a THEN ", "IF "] {
        let parsed = parse(FileId(0), &format!("{FUNCTION}{}", text.repeat(10_000)));
        assert!(!parsed.diagnostics.is_empty(), "{text}");
    }
}

/// In a debug build this takes seconds only if the time is linear in the size.
#[test]
fn ten_megabytes_of_anything_are_read() {
    const SIZE: usize = 10 << 20;
    for part in ["(", "a", "§ \n"] {
        read_and_render(part.repeat(SIZE / part.len()));
    }
    let parts = [
        "(",
        " a",
        "\"",
        "a,\n",
        "( ) ",
        "state A\n",
        "x = a[1] ",
        "A -> B on M ( ",
        "1 ",
        "trigger t({ a ",
        "[a,",
    ];
    for part in parts {
        for prefix in ["", "actor A (\n", FUNCTION] {
            read_and_render(format!("{prefix}{}", part.repeat((1 << 18) / part.len())));
        }
    }
}

fn read_and_render(text: String) {
    let parsed = parse(FileId(0), &text);
    assert!(parsed.diagnostics.len() <= 501, "noise does not become a flood");
    let mut map = SourceMap::new();
    map.add("big.omt", text);
    if let Some(first) = parsed.diagnostics.first() {
        assert!(
            Renderer::new(&map, false).render(first).len() < 10_000,
            "a line without an end is not printed"
        );
    }
}

#[test]
fn what_is_not_utf8_is_reported_where_it_stands() {
    let bytes = b"enum A ( X )\nenum B ( \xFF\xFE Y )";
    let mut map = SourceMap::new();
    let (text, diagnostic) = decode(FileId(0), bytes);
    let id = map.add("bad.omt", text.as_str());
    let diagnostic = diagnostic.expect("the bytes are not UTF-8");
    assert_eq!(map.place(diagnostic.span()), "bad.omt:2:10");
    assert!(diagnostic.primary.message.contains("0xFF"));
    assert_eq!(parse(id, &text).file.decls.len(), 2, "the rest is read nevertheless");
    assert_eq!(decode(FileId(0), "enum Ä".as_bytes()), ("enum Ä".to_owned(), None));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let text = " ".repeat((64 << 20) + 1);
    assert_eq!(first_code(&text), Some("E0007"));
    assert_eq!(first_code(&text[1..]), None);
}

/// Formatting what nests takes no more time than its size (it once doubled with every IF).
#[test]
fn nested_actions_are_formatted_once() {
    let depth = NEST_DEPTH_MAX as usize - 2;
    for open in ["(IF true THEN ", "(FOR a IN b ", "(IF true THEN () ELSE "] {
        let source = nested("actor A ( S -> S auto ", open, "( x = 1 )", ")", " )", depth);
        omtc::fuzz::fuzz_format(source.as_bytes());
    }
}

/// What nests as deep as it may, blocks and expressions alike, passes through everything that walks over trees.
#[test]
fn the_allowed_depth_is_walked_over() {
    let depth = NEST_DEPTH_MAX as usize;
    let deep = nested("", "(", "1", ")", "", depth);
    let sources = [
        nested("function f() -> uint ", "(", &format!("RETURN {deep}"), ")", "", depth),
        nested("actor A ( S -> S auto ", "(IF true THEN ", &format!("( x = {deep} )"), ")", " )", depth - 2),
    ];
    for source in sources {
        assert_eq!(first_code(&source), None);
        let path = std::path::PathBuf::from("protocols/deep.omt");
        let provider = omtc::source::MemorySources::new().with("protocols/deep.omt", source.as_str());
        let reported = omtc::report::report(&provider, &[path], &omtc::sema::Options::default());
        assert!(reported.diagnostics.len() < 20);
        omtc::fuzz::fuzz_format(source.as_bytes());
    }
}

/// A file that an editor saved as UTF-16 has one finding, and is read.
#[test]
fn utf16_is_one_finding() {
    for swapped in [false, true] {
        let units = "\u{FEFF}enum E ( A )\n".encode_utf16();
        let bytes: Vec<u8> =
            units.flat_map(|u| if swapped { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
        let (text, diagnostic) = decode(FileId(0), &bytes);
        assert!(diagnostic.unwrap().message.contains("UTF-16"));
        assert!(parse(FileId(0), &text).diagnostics.is_empty());
    }
}

/// `×` is taken for `*`, and `/×` then for the beginning of a comment; it is three bytes long.
#[test]
fn a_sign_of_several_bytes_in_a_foreign_comment_keeps_its_span() {
    for text in ["\"\"/×", "/× a ×/", "−− a", "a /× b\nc"] {
        omtc::fuzz::fuzz_parse(text.as_bytes());
    }
}
