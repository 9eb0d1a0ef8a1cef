//! Documentation as a person sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omt_runtime::ir::Protocol;
use omtc::backend::markdown::{Around, Page, Quoted, UnknownPlaceholder, page};
use omtc::sema;
use omtc::source::MemorySources;
use std::path::PathBuf;

fn protocol(source: &str) -> Protocol {
    let sources = MemorySources::new().with("protocols/example/transaction.omt", source);
    let mut analyzed = sema::analyze(&sources, &[PathBuf::from("protocols/example/transaction.omt")]);
    let found = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    analyzed.units.remove(0).protocol.expect(&found)
}

fn written(protocol: &Protocol, commentary: Option<&str>) -> Result<String, Vec<UnknownPlaceholder>> {
    around(protocol, commentary, Around::default())
}

fn around(
    protocol: &Protocol,
    commentary: Option<&str>,
    around: Around<'_>,
) -> Result<String, Vec<UnknownPlaceholder>> {
    let quoted = |name: &str, verdict: &str, chart: &str| Quoted {
        name: name.to_owned(),
        title: None,
        source: format!("# of {name}\n## {name}\n"),
        verdicts: Some(verdict.to_owned()).into_iter().filter(|v| !v.is_empty()).collect(),
        chart: Some(chart.to_owned()).filter(|chart| !chart.is_empty()),
    };
    let known = around.graphs.is_some();
    let properties = if known { vec![quoted("claim", "*not verified*", "")] } else { Vec::new() };
    let scenarios = if known { vec![quoted("story", "", "sequenceDiagram\n")] } else { Vec::new() };
    let id = "0123456789abcdef";
    page(&Page { protocol, id, commentary, properties: &properties, scenarios: &scenarios, around })
}

const PING: &str = include_str!("../../protocols/examples/ping_pong/transaction.omt");

#[test]
fn a_page_without_a_commentary_has_everything() {
    insta::assert_snapshot!(written(&protocol(PING), None).unwrap());
}

#[test]
fn a_commentary_decides_what_stands_where() {
    let protocol = protocol(PING);
    let text = written(
        &protocol,
        Some("# Mine\n\nFirst.\n\n{{ENUMS}}\n\nBetween.\n\n{{ PARAMETERS }}\n{{STRUCTS}}\nLast.\n"),
    )
    .unwrap();
    let places: Vec<usize> = ["# Mine", "First.", "## Enums", "Between.", "## Parameters", "Last."]
        .iter()
        .map(|part| text.find(part).unwrap_or_else(|| panic!("{part} is missing:\n{text}")))
        .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(!text.contains("## Messages") && !text.contains("{{"), "{text}");
}

/// Diagrams, charts, verdicts, relations and allowances stand where a reader looks for them, and contents lead there.
#[test]
fn a_page_shows_what_lies_around_it() {
    let protocol = protocol(PING);
    let whole = || Around {
        graphs: Some("../graphs/ping".to_owned()),
        relations: vec!["Uses [Lock](lock.md) as `lock`.".to_owned()],
        allowances: vec![["W0405", "a | b", "it is meant", "transaction.omt:7"].map(str::to_owned)],
        built_in: vec![("no-faults".to_owned(), vec!["*holds*".to_owned()])],
        place: None,
    };
    for commentary in [None, Some("# Mine\n\n{{STATE_MACHINES}}\n\n## More of it\n")] {
        let text = around(&protocol, commentary, whole()).unwrap();
        for part in [
            "### Requester\n\nAsks one question\n\n[![State diagram of Requester](../graphs/ping/Requester.svg)](../graphs/ping/Requester.svg)\n",
            "* Uses [Lock](lock.md) as `lock`.\n",
            "## Allowed findings\n",
            "| `W0405` | a \\| b | it is meant | `transaction.omt:7` |",
            "[Actors](#actors) ([Requester](#requester), [Responder](#responder)) · ",
        ] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
        assert!(!text.contains('\0') && !text.contains("(#claim)"), "{text}");
    }
    let text = around(&protocol, None, whole()).unwrap();
    assert!(text.contains("**claim**\n\n* *not verified*\n\n```omt\n# of claim"), "{text}");
    assert!(text.contains("**story**\n\n```mermaid\nsequenceDiagram\n```\n\n```omt\n"), "{text}");
    assert!(text.contains("### Properties of every transaction\n\n* `no-faults`: *holds*\n"), "{text}");
    assert!(text.contains("(../graphs/ping/conversation.svg)"), "{text}");
    let text = around(&protocol, Some("# Mine\n\n{{STATE_MACHINES}}\n\n## More of it\n"), whole()).unwrap();
    assert!(
        text.contains(" · [More of it](#more-of-it) · [Allowed findings](#allowed-findings)\n"),
        "{text}"
    );
}

#[test]
fn unknown_placeholders_are_found_where_they_stand() {
    let commentary = "# é\n{{ENUMS}}\n{{NUMES}} {{MESSAGES}} {{}}";
    let unknown = written(&protocol(PING), Some(commentary)).unwrap_err();
    let found: Vec<&str> = unknown.iter().map(|u| &commentary[u.start..u.end]).collect();
    assert_eq!(found, ["{{NUMES}}", "{{}}"]);
}

#[test]
fn conditions_read_as_they_were_written() {
    for guard in [
        "a + b * 2 > 3",
        "(a + b) * 2 > 3",
        "a - (b - 1) > 3",
        "not (a > 1 and b > 1)",
        "a > 1 or b > 1 and a < 5",
        "(a > 1 or b > 1) and a < 5",
        "a in [1, 2, 3]",
        "ANY([a, b], x => x > LIMIT)",
        "IS_FINE(a, b)",
        "a // 2 == 1",
    ] {
        let source = format!(
            "transaction 90 \"E\"\nparameters ( LIMIT = 2 count )\n\
             function IS_FINE(a uint, b uint) -> bool ( return a > b )\n\
             actor A ( trigger go(a uint, b uint) in [S] state S initial state T terminal S -> T on go when {guard} )\n"
        );
        let text = written(&protocol(&source), None).unwrap();
        assert!(text.contains(&format!("`{guard}`")), "`{guard}` is shown otherwise:\n{text}");
    }
}

#[test]
fn what_a_function_reads_of_the_store_is_part_of_its_signature() {
    let source = "transaction 90 \"E\"\n\
        function QUORUM() -> bool ( return LOAD(count) != null and LOAD(count) > 3 )\n\
        function ENOUGH() -> bool ( return QUORUM() )\n\
        actor A ( store ( count uint ) trigger go(count uint) in [S] trigger on_() in [W]\n\
        state S initial state W rest state T terminal\n\
        S -> W on go ( store count ) W -> T on on_ when ENOUGH() )\n";
    let text = written(&protocol(source), None).unwrap();
    assert!(text.contains("`ENOUGH() -> bool loads count`"), "{text}");
}
