//! Scopes of the transactions whose states are known to the last one: explored again and compared.

use crate::command;
use serde_json::Value;

/// Where the figures stand.
const TABLE: &str = "omtc/tests/verify/pinned.json";
/// The compiler that explores, made for it.
const OMTC: [&str; 5] = ["run", "--quiet", "--release", "--package", "omtc"];
/// What must be the same.
const FIGURES: [&str; 3] = ["states", "transitions", "depth"];

/// Explores every row of the table, and says states, time and memory of each. Is everything as it stands there?
///
/// # Errors
/// The table cannot be read, or the compiler not be started.
pub fn run() -> Result<bool, String> {
    let text = std::fs::read(command::root().join(TABLE)).map_err(|error| format!("{TABLE}: {error}"))?;
    let table: Value = serde_json::from_slice(&text).map_err(|error| format!("{TABLE}: {error}"))?;
    let rows = table.get("rows").and_then(Value::as_array).filter(|rows| !rows.is_empty());
    let mut same = true;
    for row in rows.ok_or_else(|| format!("{TABLE}: no rows"))? {
        same &= compare(row)?;
    }
    Ok(same)
}

fn compare(row: &Value) -> Result<bool, String> {
    let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (path, scope) = (word(row.get("path")), word(row.get("scope")));
    let mut arguments: Vec<String> = OMTC.map(str::to_owned).to_vec();
    arguments.extend(["--", "verify", &path, "--scope", &scope, "--format", "json"].map(str::to_owned));
    let more = row.get("arguments").and_then(Value::as_array).into_iter().flatten();
    arguments.extend(more.map(|argument| word(Some(argument))));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = command::cargo(&arguments).output("verify")?;
    let found: Value =
        serde_json::from_str(&output).map_err(|error| format!("{scope}: {error}\n{output}"))?;
    let Some(found) = found.pointer("/scopes/0") else { return Err(format!("{scope} was not explored")) };
    let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_u64);
    let mut wrong: Vec<String> = Vec::new();
    for name in FIGURES {
        let (pinned, now) = (number(row, name), number(found, name));
        if pinned != now {
            wrong.push(format!("{name}: {now:?}, pinned are {pinned:?}"));
        }
    }
    let ended = found.get("limit").is_some_and(Value::is_null);
    let by_depth = word(row.get("limit")) == "depth" && word(found.get("limit")) == "depth";
    if !ended && !by_depth {
        wrong.push(format!("ended by {}", found.get("limit").unwrap_or(&Value::Null)));
    }
    for property in found.get("properties").and_then(Value::as_array).into_iter().flatten() {
        let result = word(property.get("result"));
        let fine =
            result == "holds" || (by_depth && ["not_refuted", "not_decided"].contains(&result.as_str()));
        if !fine && !excepted(row, property) {
            wrong.push(format!("{} {result}", word(property.get("property"))));
        }
    }
    println!(
        "{scope} {}: {} states, {} transitions, depth {}, {:.1} s, {} MiB{}",
        row.get("arguments").map(ToString::to_string).unwrap_or_default(),
        number(found, "states").unwrap_or(0),
        number(found, "transitions").unwrap_or(0),
        number(found, "depth").unwrap_or(0),
        found.get("seconds").and_then(Value::as_f64).unwrap_or(0.0),
        number(found, "memory_bytes").unwrap_or(0) >> 20,
        if wrong.is_empty() { "" } else { ": NOT AS PINNED" }
    );
    wrong.iter().for_each(|line| println!("  {line}"));
    Ok(wrong.is_empty())
}

/// Does the table say that this property comes to something else in this row?
fn excepted(row: &Value, property: &Value) -> bool {
    let name = property.get("property").and_then(Value::as_str).unwrap_or_default();
    let excepted = row.get("otherwise").and_then(|other| other.get(name));
    excepted.is_some() && excepted == property.get("result")
}
