//! Results as JSON; `docs/testing.md` describes them, `docs/schema/test.schema.json` defines them.

use crate::cli::json::{finding, place};
use crate::scenario::batch::{Result, Suite};
use crate::scenario::coverage::{Coverage, Part};
use crate::scenario::lines;
use crate::source::SourceMap;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What `omtc test` adds to the object of findings.
pub fn members(
    sources: &SourceMap,
    results: &[Result<'_>],
    coverage: &[(&Suite, Coverage)],
    skipped: &[PathBuf],
) -> Vec<(&'static str, Value)> {
    let failed = results.iter().filter(|result| !result.run.passed()).count();
    vec![
        ("scenarios", results.iter().map(|result| scenario(sources, result)).collect()),
        ("coverage", coverage.iter().map(|(suite, coverage)| covered(sources, suite, coverage)).collect()),
        ("skipped", skipped.iter().map(|path| json!(path.display().to_string())).collect()),
        ("tests", json!({ "scenarios": results.len(), "passed": results.len() - failed, "failed": failed })),
    ]
}

fn scenario(sources: &SourceMap, result: &Result<'_>) -> Value {
    let run = &result.run;
    let deviation = run.deviation.as_ref().map(|deviation| {
        json!({
            "kind": deviation.kind.word(),
            "at": deviation.at,
            "finding": finding(sources, &deviation.diagnostic(sources)),
            "facts": deviation.facts,
        })
    });
    let story = if run.passed() { Vec::new() } else { lines(run, usize::MAX) };
    json!({
        "transaction": result.suite.name(),
        "scenario": result.scenario.name,
        "title": result.scenario.title,
        "place": place(sources, result.scenario.at),
        "passed": run.passed(),
        "elapsed": run.elapsed,
        "messages": run.messages,
        "steps": run.steps,
        "digest": run.digest.to_string(),
        "deviation": deviation,
        "story": story,
    })
}

fn covered(sources: &SourceMap, suite: &Suite, coverage: &Coverage) -> Value {
    let part = |part: &Part| {
        let missing: Vec<Value> = part
            .missing
            .iter()
            .map(|missing| json!({ "what": missing.what, "place": place(sources, missing.at) }))
            .collect();
        json!({ "covered": part.covered, "total": part.total, "missing": missing })
    };
    let mut value = Map::new();
    value.insert("transaction".to_owned(), json!(suite.name()));
    for (name, of) in coverage.parts() {
        value.insert(name.to_owned(), part(of));
    }
    Value::Object(value)
}
