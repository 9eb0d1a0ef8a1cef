//! Laws that hold for every input, tried on random ones.

use omtc::fuzz::{fuzz_format, fuzz_parse};
use proptest::prelude::*;

/// Words that the grammar knows, and some that it does not.
fn word() -> impl Strategy<Value = String> {
    let words = "transaction imports uses as parameters enum struct message from to signed block by view actor store \
        shared peers trigger in after at state initial terminal rest auto on timeout every when else lookup let collect \
        into ignore defer function native task property scenario STORE SEND BROADCAST APPEND START ABORT chain return \
        RETURN for if then IF THEN ELSE and OR not true null seconds any always leads eventually cast expect sequence \
        within drop crash partition byzantine a b C x1 _y ( ) [ ] { } < > <= >= == != = + - * / // % , . ... ? -> => \
        1 0.5 007 \"text\" # ## && ; : ' \" § é";
    let words: Vec<&str> = words.split_whitespace().collect();
    (
        prop::sample::select(words),
        prop::sample::select(vec![" ", " ", "\n", "", " # c\n", "\n## d\n", "\n\n"]),
    )
        .prop_map(|(word, gap)| format!("{word}{gap}"))
}

/// Sources without errors: the table of accepted cases is their seed.
fn fragments() -> impl Strategy<Value = String> {
    let parts = vec![
        "enum E ( A B )\n",
        "enum E (\nA # a\nB\n)\n",
        "struct S ( a uint  b list<E>? )\n",
        "struct S (\n a uint\n)\n",
        "message M from A to [B] signed ( a uint )\n",
        "# c\n",
        "## doc\n",
        "\n\n",
        "function f() -> int ( RETURN ",
        "1",
        "a + b * c",
        "(",
        ")",
        "f(a, b)",
        "[a, b]",
        "{ a 1, ...b }",
        "IF a THEN b ELSE c",
        " AND ",
        " - ",
        "x => x",
        ")\n",
        "actor A (\n",
        "state S initial\n",
        "S -> T on M when a (\n",
        "x = 1\n",
        "SEND(a, M { b 1 })\n",
        "a # t\n",
        "IF a THEN ( x = 1 ) ELSE ( )\n",
        "FOR a IN b ( )\n",
        "if a then x = 1 else ( y = 2 )\n",
        "for a in b x = a\n",
        "property p always ( a )\n",
        "scenario s ( at 1 a.b({ c 1 }) expect a within 1 days )\n",
        "\"t\"",
        " ",
        "()",
    ];
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|p| p.concat())
}

/// A protocol with some of its tokens removed, doubled or replaced.
fn mutilated() -> impl Strategy<Value = String> {
    let source = std::fs::read_to_string("tests/fixtures/sketches/mesh_invite_admission.omt").unwrap();
    let pieces: Vec<String> = source.split_inclusive([' ', '\n']).map(str::to_owned).collect();
    let count = pieces.len();
    prop::collection::vec((0..count, 0..3_usize, word()), 0..6).prop_map(move |changes| {
        let mut pieces = pieces.clone();
        for (at, kind, word) in changes {
            match kind {
                0 => pieces[at].clear(),
                1 => pieces[at] = pieces[at].repeat(2),
                _ => pieces[at] = word,
            }
        }
        pieces.concat()
    })
}

proptest! {
    // A quarter of the usual number, so that PROPTEST_CASES still scales it.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        fuzz_parse(&bytes);
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        fuzz_parse(text.as_bytes());
    }

    #[test]
    fn soup_of_tokens(words in prop::collection::vec(word(), 0..120)) {
        fuzz_parse(words.concat().as_bytes());
    }

    #[test]
    fn sources_from_fragments(source in fragments()) {
        fuzz_format(source.as_bytes());
    }

    #[test]
    fn mutilated_protocols(source in mutilated()) {
        fuzz_parse(source.as_bytes());
    }
}

/// Comments between any two tokens survive, and the formatter settles at once.
#[test]
fn a_comment_between_any_two_tokens() {
    let source = std::fs::read_to_string("tests/fixtures/sketches/mesh_invite_admission.omt").unwrap();
    let bare: String = source.lines().map(|l| l.split('#').next().unwrap()).collect::<Vec<_>>().join("\n");
    let places: Vec<usize> = bare
        .match_indices(' ')
        .map(|(i, _)| i)
        .filter(|i| {
            // Not within strings.
            bare[..*i].rsplit('\n').next().unwrap().matches('"').count().is_multiple_of(2)
        })
        .collect();
    for place in places.iter().step_by(13) {
        for comment in [" # here\n", "\n# here\n", "\n\n## here\n"] {
            let (before, after) = bare.split_at(*place);
            fuzz_format(format!("{before}{comment}{after}").as_bytes());
        }
    }
}
