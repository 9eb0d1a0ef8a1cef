//! What programs read: JSON, SARIF, GitHub, exit status, summary. All with the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

mod common;
#[path = "common/schema.rs"]
mod schema;

use common::{PING, Place, Run};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../docs/schema/diagnostics.schema.json");

/// A place with one finding of every kind of text: an error with a fix, a warning, an allowance, several files.
fn mixed() -> Place {
    let place = Place::new();
    place.write(
        "p/ä b/a,1:%.omt",
        "# é\nfunction f(a bool, b bool) -> bool ( return a && b )\r\nenum ( X )\n",
    );
    place.write(
        "p/b.omt",
        "function f(a bool, b bool) -> bool (\n\treturn IF a THEN b ELSE b AND a\n)\n\
         function g(a bool, b bool) -> bool (\n\treturn IF a THEN b ELSE b AND a # allow W0002: as it \"was\"\n)\n",
    );
    place
}

fn json(run: &Run) -> Value {
    let value: Value = serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}", run.out));
    let found = schema::errors(&serde_json::from_str(SCHEMA).unwrap(), &value);
    assert!(found.is_empty(), "{found:#?}");
    value
}

/// Every place of a value with its text must be what its offsets say.
fn places(place: &Place, value: &Value, seen: &mut usize) {
    match value {
        Value::Object(members) => {
            if let (Some(file), Some(start), Some(end)) =
                (members.get("file"), members.get("start"), members.get("end"))
            {
                let text = place.read(file.as_str().unwrap());
                for position in [start, end] {
                    let before = &text[..position["offset"].as_u64().unwrap() as usize];
                    let line = before.matches('\n').count() + 1;
                    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                    assert_eq!(position["line"], line);
                    assert_eq!(position["column"], column);
                }
                *seen += 1;
            }
            members.values().for_each(|member| places(place, member, seen));
        }
        Value::Array(items) => items.iter().for_each(|item| places(place, item, seen)),
        _ => {}
    }
}

#[test]
fn json_follows_its_schema_and_its_places_are_those_of_the_text() {
    let place = mixed();
    for verb in [&["check"][..], &["check", "--syntax-only"], &["lint"], &["build"]] {
        let run = place.run(&[verb, &["--format", "json", "p"]].concat()).ends(1);
        assert_eq!(run.err, "");
        let found = json(&run);
        let mut seen = 0;
        places(&place, &found, &mut seen);
        assert!(seen >= 6, "{seen}");
        let of = |severity: &str| {
            found["diagnostics"].as_array().unwrap().iter().filter(|d| d["severity"] == severity).count()
        };
        assert_eq!(found["summary"]["errors"], of("error"));
        assert_eq!(found["summary"]["warnings"], of("warning"));
        assert!(of("error") >= 2 && of("warning") >= 1, "{found}");
        assert_eq!((&found["summary"]["allowed"], &found["summary"]["hidden"]), (&1.into(), &0.into()));
        assert_eq!(found["allowances"][0]["reason"], "as it \"was\"");
        assert_eq!(found["allowances"][0]["silenced"].as_array().unwrap().len(), 1);
        assert_eq!(found["files"].as_array().unwrap().len(), 2);
        assert!(found["diagnostics"][0]["fixes"][0]["edits"][0]["replacement"].is_string());
    }
}

#[test]
fn json_of_nothing_wrong_and_of_packages_is_an_object_too() {
    let place = Place::with_ping();
    let clean = json(&place.run(&["check", "--format", "json", "--matrix"]).ends(0));
    assert_eq!(clean["diagnostics"], serde_json::json!([]));
    assert!(clean["matrix"][0]["actors"][0]["states"].is_array());
    json(&place.run(&["build", "--format", "json", "protocols"]).ends(0));
    // Once more: nothing to do.
    assert_eq!(
        json(&place.run(&["build", "--format", "json", "protocols"]).ends(0))["build"]["up_to_date"],
        true
    );
    place.write("bad.omtp", "no package");
    let refused = json(&place.run(&["check", "--format", "json", "bad.omtp"]).ends(1));
    assert!(refused["packages"][0]["refused"].is_string());
}

#[test]
fn trouble_leaves_standard_output_to_those_who_parse_it() {
    let place = Place::new();
    for form in ["json", "sarif", "github"] {
        for verb in ["check", "lint", "build"] {
            let run = place.run(&[verb, "--format", form, "nowhere"]).ends(2).complains("nowhere");
            assert_eq!(run.out, "");
        }
    }
}

#[test]
fn columns_count_characters_whatever_ends_a_line() {
    let place = Place::new();
    let at = |text: &str| {
        place.write("a.omt", text);
        let found = json(&place.run(&["check", "--syntax-only", "--format", "json", "a.omt"]).ends(1));
        let start = &found["diagnostics"][0]["start"];
        [&start["line"], &start["column"], &start["offset"]].map(|n| n.as_u64().unwrap())
    };
    assert_eq!(at("enum E ( A )\nstruct S ( 1 )"), [2, 12, 24]);
    assert_eq!(at("enum E ( A )\r\nstruct S ( 1 )"), [2, 12, 25]);
    assert_eq!(at("enum E ( A )\rstruct S ( 1 )"), [2, 12, 24]);
    assert_eq!(at("\u{FEFF}struct S ( 1 )"), [1, 12, 14]);
    assert_eq!(at("enum E \"🦀é\" ( 1 )"), [1, 15, 18]);
    assert_eq!(at("struct S (\t1 )"), [1, 12, 11]);
    assert_eq!(at("\n\n\nstruct S ("), [4, 10, 12]);
}

fn sarif(run: &Run) -> Value {
    let log: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    log["runs"][0].clone()
}

#[test]
fn sarif_has_rules_places_fixes_and_suppressions() {
    let place = mixed();
    let log = sarif(&place.run(&["check", "--syntax-only", "--format", "sarif", "p"]).ends(1));
    assert_eq!(log["columnKind"], "unicodeCodePoints");
    let rules = log["tool"]["driver"]["rules"].as_array().unwrap();
    let results = log["results"].as_array().unwrap();
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("# Why it matters"));
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let place = &result["locations"][0]["physicalLocation"];
        let index = place["artifactLocation"]["index"].as_u64().unwrap() as usize;
        assert_eq!(log["artifacts"][index]["location"]["uri"], place["artifactLocation"]["uri"]);
        assert!(place["region"]["startLine"].as_u64() > Some(0));
    }
    // RFC 3986: everything that means something in a URI is encoded, separators are kept.
    let foreign = results.iter().find(|r| r["ruleId"] == "E0003").unwrap();
    let uri = &foreign["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "p/%C3%A4%20b/a%2C1%3A%25.omt");
    let fix = &foreign["fixes"][0];
    assert_eq!(fix["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], " AND ");
    let suppressed: Vec<&Value> = results.iter().filter(|r| r["suppressions"].is_array()).collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["suppressions"][0]["kind"], "inSource");
    assert_eq!(suppressed[0]["suppressions"][0]["justification"], "as it \"was\"");
}

#[cfg(unix)]
#[test]
fn paths_are_uris_also_when_they_are_absolute_or_hold_a_backslash() {
    let place = Place::new();
    place.write("a\\b.omt", "enum (");
    let path = place.path().join("a\\b.omt");
    let log = sarif(&place.run(&["check", "--syntax-only", "--format", "sarif", path.to_str().unwrap()]));
    let uri = log["artifacts"][0]["location"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("file:///") && uri.ends_with("/a%5Cb.omt"), "{uri}");
    let log = sarif(&place.run(&["check", "--syntax-only", "--format", "sarif", "."]));
    assert!(log["artifacts"][0]["location"]["uri"].as_str().unwrap().ends_with("a%5Cb.omt"));
}

#[test]
fn github_commands_cannot_be_broken_by_names_or_texts() {
    let place = mixed();
    let run = place.run(&["check", "--syntax-only", "--format", "github", "p"]).ends(1);
    let commands: Vec<&str> = run.out.lines().filter(|line| line.starts_with("::")).collect();
    let error = "::error file=p/ä b/a%2C1%3A%25.omt,line=2,endLine=2,col=";
    assert!(commands.iter().any(|c| c.starts_with(error)), "{commands:?}");
    assert!(commands.iter().any(|c| c.starts_with("::warning file=p/b.omt,line=2,")));
    for command in &commands {
        let (properties, message) = command[2..].split_once("::").unwrap();
        assert!(properties.contains(",title=") && !message.is_empty());
    }
    let last = run.out.lines().last().unwrap();
    assert!(last.ends_with("in 2 files (1 allowed)"), "{last}");
    assert_eq!(run.out.lines().count(), commands.len() + 1);
}

#[test]
fn a_name_with_a_line_end_begins_no_command() {
    let place = Place::new();
    let name = "a\n::error::injected.omt";
    if std::fs::write(place.path().join(name), "enum (").is_err() {
        return;
    }
    let run = place.run(&["check", "--syntax-only", "--format", "github", "."]).ends(1);
    assert!(run.out.lines().all(|line| !line.starts_with("::error::")), "{}", run.out);
}

#[test]
fn what_is_denied_fails() {
    let place = Place::new();
    let doubtful = "function f(a bool, b bool) -> bool (\n return IF a THEN b ELSE b AND a\n)\n";
    place.write("a.omt", doubtful);
    let check = |deny: &[&str]| place.run(&[&["check", "--syntax-only", "a.omt"], deny].concat());
    check(&[]).ends(0).says("1 warning in 1 file");
    check(&["--deny", "warnings"]).ends(1);
    check(&["--deny", "W0002"]).ends(1);
    check(&["--deny", "w0001,w0002"]).ends(1);
    check(&["--deny", "notes", "--deny", "security"]).ends(0);
    check(&["--deny", "W0001"]).ends(0);
    check(&["--deny", "warning"]).ends(2).complains("did you mean warnings?");
    check(&["--deny", "W0O02"]).ends(2).complains("did you mean W0002?");
    place.write("a.omt", doubtful.replace("AND a", "AND a # allow W0002: the tests want it"));
    check(&["--deny", "warnings"]).ends(0).says("no findings in 1 file (1 allowed)");
    // An allowance that is none fails like any other warning.
    place.write("a.omt", doubtful.replace("AND a", "AND a # allow W0002"));
    check(&["--deny", "warnings"]).ends(1).says("2 warnings in 1 file");
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let place = Place::new();
    place.write("a.omt", "struct S ( 1 )\n".repeat(300));
    let all = json(&place.run(&["check", "--syntax-only", "--format", "json", "a.omt"]).ends(1));
    let errors = all["summary"]["errors"].as_u64().unwrap();
    assert!(errors >= 300);
    let few = json(
        &place.run(&["check", "--syntax-only", "--format", "json", "--max-findings", "3", "a.omt"]).ends(1),
    );
    assert_eq!(few["diagnostics"].as_array().unwrap().len(), 3);
    assert_eq!(few["summary"]["errors"], errors);
    assert_eq!(few["summary"]["hidden"], errors - 3);
    let shown = place.run(&["check", "--syntax-only", "--max-findings", "3", "a.omt"]).ends(1);
    assert_eq!(shown.out.matches("Error:").count(), 3);
    shown.says(&format!("{errors} errors in 1 file; {} of them not shown", errors - 3));
    place.run(&["check", "--max-findings", "0", "a.omt"]).ends(1).says("errors in 1 file");
}

/// More mistakes than anybody reads: the answer is short, says how many there are, and comes soon.
#[test]
fn a_million_mistakes_are_counted_and_few_are_shown() {
    let place = Place::new();
    place.write("a.omt", "§ § \n".repeat(500_000));
    let run = place.run(&["check", "--syntax-only", "--format", "json", "a.omt"]).ends(1);
    assert!(run.out.len() < 1_000_000, "{}", run.out.len());
    let found = json(&run);
    assert_eq!(found["summary"]["errors"].as_u64().unwrap() / 100_000, 10);
    let listed = found["diagnostics"].as_array().unwrap().len() as u64;
    assert_eq!(found["summary"]["hidden"], found["summary"]["errors"].as_u64().unwrap() - listed);
}

#[test]
fn the_transaction_of_the_harness_is_clean() {
    assert!(PING.contains("transaction"));
    Place::with_ping().run(&["check"]).ends(0).says("no findings in 1 file\n");
}
