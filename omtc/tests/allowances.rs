//! Comments that silence findings: what they cover, what they need, and what happens to those that silence nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::diagnostic::{Applicability, Diagnostic, render_all};
use omtc::report::{Reported, codes, report};
use omtc::sema::Options;
use omtc::source::MemorySources;
use std::path::PathBuf;

const PATH: &str = "protocols/example.omt";

/// A sound transaction; `{parameters}` and so on are places where something can be added.
const SOUND: &str = "transaction 90 \"Example\"
{header}
parameters ( PATIENCE = 10 seconds {parameters} )
message ASK from Alice to [Bob] signed ( question uint )
message ANSWER from Bob to [Alice] signed ( answer uint )
{declaration}
actor Alice (
    store ( bob peer_id  question uint  answer uint )
    peers ( Bob bob )
    trigger ask(bob peer_id, question uint) in [IDLE]
    state IDLE initial
    state WAITING
    state DONE terminal{state}
    IDLE -> WAITING on ask ( store bob, question  SEND(bob, ASK) )
    WAITING -> DONE on ANSWER ( store answer )
    WAITING -> DONE on timeout(PATIENCE)
)
actor Bob (
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on ASK ( SEND(message.sender, ANSWER { answer message.question }) )
)
";

/// The sound transaction with additions.
fn with(additions: &[(&str, &str)]) -> String {
    let mut text = SOUND.to_owned();
    for (place, addition) in additions {
        text = text.replace(&format!("{{{place}}}"), addition);
    }
    ["header", "parameters", "declaration", "state"]
        .iter()
        .fold(text, |text, place| text.replace(&format!("{{{place}}}"), ""))
}

fn run(files: &[(&str, &str)]) -> Reported {
    let sources = files.iter().fold(MemorySources::new(), |all, (path, text)| all.with(*path, *text));
    let roots: Vec<PathBuf> = files.iter().map(|(path, _)| PathBuf::from(path)).collect();
    report(&sources, &roots, &Options::default())
}

fn one(text: &str) -> Reported {
    run(&[(PATH, text)])
}

fn ids(reported: &Reported) -> Vec<&str> {
    reported.diagnostics.iter().map(|d| d.code.id).collect()
}

fn shown(reported: &Reported) -> String {
    render_all(&reported.sources, &reported.diagnostics, false)
}

/// The text with the edits of the first fix of every finding applied.
fn fixed(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut edits: Vec<_> = diagnostics.iter().flat_map(|d| d.fixes.first()).flat_map(|f| &f.edits).collect();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.replacement);
    }
    text
}

#[test]
fn the_transaction_of_these_tests_is_sound() {
    assert_eq!(shown(&one(&with(&[]))), "");
    assert_eq!(ids(&one(&with(&[("state", "\n    state LOST terminal")]))), ["W0450"]);
    assert_eq!(ids(&one(&with(&[("parameters", "\nOLD = 1 count")]))), ["W0101"]);
}

#[test]
fn at_the_end_of_a_line_it_covers_what_begins_there() {
    let text = with(&[("state", "\n    state LOST terminal   # allow W0450: for later")]);
    let reported = one(&text);
    assert_eq!(shown(&reported), "");
    let allowance = &reported.allowances[0];
    assert_eq!((allowance.code.id, allowance.reason.as_str()), ("W0450", "for later"));
    assert_eq!(reported.sources.slice(allowance.span), "# allow W0450: for later");
    assert_eq!(allowance.silenced[0].code.id, "W0450");

    for elsewhere in [
        "\n    state LOST terminal\n    state GONE terminal   # allow W0450: for later",
        "\n    # allow W0450: for later\n    state LOST terminal\n    state GONE terminal",
    ] {
        assert_eq!(ids(&one(&with(&[("state", elsewhere)]))), ["W0450"], "{elsewhere}");
    }
}

#[test]
fn alone_it_covers_the_next_line_of_code_and_what_begins_there() {
    let lost = |before: &str| with(&[("state", &format!("\n    {before}\n    state LOST terminal"))]);
    for before in [
        "# allow W0450: for later",
        "# allow W0450: for later\n\n",
        "# allow W0450: for later\r\n# more about it\r\n",
        "## What LOST is.\n# allow W0450: for later",
        "# allow W0450: for later\n## What LOST is.",
        "#allow w0450:for later",
    ] {
        assert_eq!(shown(&one(&lost(before))), "", "{before}");
    }
    // Before the actor: everything in it.
    let text = with(&[
        ("declaration", "# allow W0450, W0101: a draft"),
        ("state", "\n    state LOST\n    state GONE rest\n    trigger never() in [IDLE]"),
    ]);
    let reported = one(&text);
    let silenced: Vec<&str> =
        reported.allowances.iter().flat_map(|a| &a.silenced).map(|d| d.code.id).collect();
    assert_eq!(silenced, ["W0450", "W0450", "W0101"], "{}", shown(&reported));
    assert!(reported.diagnostics.iter().all(|d| d.code.id != "W0450"), "{}", shown(&reported));
    // A line that is no declaration: that line alone.
    let parameters = "\n# allow W0101: old hosts ask for it\nOLD = 1 count\nOLDER = 2 count";
    let reported = one(&with(&[("parameters", parameters)]));
    assert_eq!(ids(&reported), ["W0101"]);
    assert!(reported.diagnostics[0].message.contains("OLDER"));
}

#[test]
fn the_innermost_one_silences_and_the_others_silence_nothing() {
    let text = with(&[
        ("declaration", "# allow W0450: outer"),
        ("state", "\n    state LOST terminal # allow W0450: inner"),
    ]);
    let reported = one(&text);
    assert_eq!(ids(&reported), ["W0902"]);
    assert_eq!(reported.sources.slice(reported.diagnostics[0].span()), "# allow W0450: outer");
    assert_eq!(reported.allowances[1].silenced.len(), 1);
}

#[test]
fn another_code_is_not_covered() {
    let text = with(&[("state", "\n    state LOST terminal # allow W0451: wrong code")]);
    assert_eq!(ids(&one(&text)), ["W0450", "W0902"]);
}

#[test]
fn what_silences_nothing_is_reported_and_its_removal_is_safe() {
    let sound = with(&[]);
    for (place, comment, without) in [
        ("state", "\n    # allow W0450: for later", ""),
        ("state", "   # allow W0450, W0451: for later", ""),
        ("parameters", "\n    # allow W0101: for later\n", "\n"),
        (
            "state",
            "\n    state LOST terminal # allow W0450, W0451: x",
            "\n    state LOST terminal # allow W0450: x",
        ),
        (
            "state",
            "\n    state LOST terminal # allow W0451 , W0450: x",
            "\n    state LOST terminal # allow W0450: x",
        ),
        (
            "state",
            "\n    state LOST terminal # allow W0452, W0450, W0453: x",
            "\n    state LOST terminal # allow W0450: x",
        ),
    ] {
        let text = with(&[(place, comment)]);
        let reported = one(&text);
        assert!(!reported.diagnostics.is_empty());
        for d in &reported.diagnostics {
            assert_eq!(d.code, codes::SUPERFLUOUS, "{}", shown(&reported));
            assert_eq!(d.fixes[0].applicability, Applicability::Safe);
        }
        let fixed = fixed(&text, &reported.diagnostics);
        assert_eq!(fixed, with(&[(place, without)]));
        assert_eq!(shown(&one(&fixed)), "");
    }
    assert_eq!(sound, with(&[("state", "")]));
}

#[test]
fn whether_it_silences_anything_is_not_judged_while_errors_hide_findings() {
    let allowance = ("state", "\n    # allow W0450: for later");
    for (place, error) in [
        ("declaration", "struct S ( a nothing )"),
        ("declaration", "struct S ( 1 )"),
        ("header", "imports nowhere"),
    ] {
        let reported = one(&with(&[allowance, (place, error)]));
        assert!(reported.has_errors() && !ids(&reported).contains(&"W0902"), "{}", shown(&reported));
    }
}

#[test]
fn a_library_is_judged_with_whom_it_serves() {
    let library = "# allow W0101: for those who import it\nstruct Hint ( hint uint )\n";
    let user = with(&[("header", "imports hints")]);
    let alone = run(&[("protocols/hints.omt", library)]);
    assert_eq!(shown(&alone), "");
    let served = report(
        &MemorySources::new().with(PATH, user.as_str()).with("protocols/hints.omt", library),
        &[PathBuf::from(PATH)],
        &Options::default(),
    );
    assert!(!ids(&served).contains(&"W0902"), "{}", shown(&served));
    let both = run(&[(PATH, &user), ("protocols/hints.omt", library)]);
    assert!(ids(&both).contains(&"W0902"), "{}", shown(&both));
}

#[test]
fn findings_of_the_words_alone_can_be_allowed_also_in_files_that_nobody_imports() {
    let doubtful = "function f(a bool, b bool) -> bool (\n\
                    return IF a THEN b ELSE b AND a   # allow W0002: as it was\n)\n";
    let text = with(&[("header", "uses other as Other")]);
    let sources = MemorySources::new().with(PATH, text).with("protocols/other.omt", doubtful);
    let reported = report(&sources, &[PathBuf::from(PATH)], &Options::default());
    assert!(!ids(&reported).iter().any(|id| id.starts_with("W000")), "{}", shown(&reported));
}

#[test]
fn a_comment_that_is_no_allowance_says_why() {
    let mut said = String::new();
    for comment in [
        "# allow W0450",
        "# allow W0450:",
        "# allow(W0450): for later",
        "# Allow W0450: for later",
        "# ignore W0450: for later",
        "## allow W0450: for later",
        "# allow W0450 S0701: for later",
        "# allow W045O: for later",
        "# allow W9999: for later",
        "# allow W0450, X0451: for later",
        "# allow E0402: for later",
        "# allow W0902: for later",
    ] {
        let reported = one(&with(&[("state", &format!("\n    {comment}\n    state LOST terminal"))]));
        let about = reported.diagnostics.iter().filter(|d| codes::ALL.contains(&d.code));
        said.push_str(&render_all(&reported.sources, about, false));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn the_repair_of_a_malformed_one_is_one() {
    for comment in ["# allow(w0450) for later", "# Allow: W0450 - for later", "## disable W0450: for later"] {
        let text = with(&[("state", &format!("\n    {comment}\n    state LOST terminal"))]);
        let reported = one(&text);
        let wrong: Vec<_> = reported.diagnostics.into_iter().filter(|d| d.code == codes::MALFORMED).collect();
        assert_eq!(wrong[0].fixes[0].applicability, Applicability::Unsafe);
        let repaired = fixed(&text, &wrong);
        assert!(repaired.contains("# allow W0450: for later\n"), "{repaired}");
        assert_eq!(shown(&one(&repaired)), "");
    }
}

#[test]
fn an_allowance_documents_nothing() {
    let parameters = "\nOLD = 1 count # allow W0101: for later\nMORE = 1 count # the doc\n";
    let declaration = "function f() -> uint ( return MORE )";
    let reported = one(&with(&[("parameters", parameters), ("declaration", declaration)]));
    let docs = format!("{:?}", reported.files[0].tree);
    assert!(!docs.contains("allow W0101") && docs.contains("the doc"));
}

/// Many allowances and findings of one code: neither is looked for among all of the other.
#[test]
fn a_hundred_thousand_allowances_are_matched_in_one_pass() {
    let count = 100_000;
    let values: String = (0..count).map(|n| format!("V{n} # allow W0101: kept for old hosts\n")).collect();
    let reported =
        one(&with(&[("declaration", &format!("struct Held ( kind Kind )\nenum Kind (\n{values} )"))]));
    let allowed: usize = reported.allowances.iter().map(|a| a.silenced.len()).sum();
    assert_eq!(allowed, count);
}
