//! Charts from traces, as `omtc test --trace` writes them and `docs/testing.md` describes them.

use super::{Chart, FIELDS_MAX, Lifeline, Matters, Receiver, Row, Tone, What};
use crate::graph::text::elide;
use serde_json::Value;
use std::collections::BTreeMap;

/// Columns of a value.
const VALUE_COLUMNS: usize = 22;
/// Items of a list that are told one by one.
const ITEMS: usize = 3;
/// Version of the form that is understood.
const VERSION: u64 = 1;

/// Why a trace cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A line is no JSON object.
    #[error("line {line} is no JSON object: {reason}")]
    NoObject {
        /// From 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// It does not begin with a scenario.
    #[error("line {0} comes before any scenario: this is no trace of `omtc test`")]
    NoScenario(usize),
    /// It was written by something newer.
    #[error("line {line} has version {version} of the form; this reads version {VERSION}")]
    Version {
        /// From 1.
        line: usize,
        /// What it says.
        version: u64,
    },
    /// It holds nothing.
    #[error("the trace is empty")]
    Empty,
}

/// The lines of a trace.
///
/// # Errors
/// It is no trace.
pub fn read(text: &str) -> Result<Vec<Value>, ReadError> {
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_number = number + 1;
        let value: Value = serde_json::from_str(line)
            .map_err(|error| ReadError::NoObject { line: line_number, reason: error.to_string() })?;
        if !value.is_object() {
            return Err(ReadError::NoObject { line: line_number, reason: "it is another value".to_owned() });
        }
        if word(&value, "event") == "scenario" {
            let version = value.get("version").and_then(Value::as_u64).unwrap_or(0);
            if version != VERSION {
                return Err(ReadError::Version { line: line_number, version });
            }
        } else if lines.is_empty() {
            return Err(ReadError::NoScenario(line_number));
        }
        lines.push(value);
    }
    if lines.is_empty() { Err(ReadError::Empty) } else { Ok(lines) }
}

/// The charts of a trace, one for each scenario in it.
pub fn traced(lines: &[Value], matters: &Matters) -> Vec<Chart> {
    let mut charts: Vec<Reader<'_>> = Vec::new();
    for line in lines {
        if word(line, "event") == "scenario" {
            charts.push(Reader::begin(line, matters));
        } else if let Some(reader) = charts.last_mut() {
            reader.event(line);
        }
    }
    charts.into_iter().map(Reader::end).collect()
}

fn word<'a>(line: &'a Value, member: &str) -> &'a str {
    line.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn truth(line: &Value, member: &str) -> bool {
    line.get(member).and_then(Value::as_bool).unwrap_or_default()
}

fn number(line: &Value, member: &str) -> i64 {
    line.get(member).and_then(Value::as_i64).unwrap_or_default()
}

struct Reader<'a> {
    chart: Chart,
    matters: &'a Matters,
    /// What a peer last said in a field of a message.
    said: BTreeMap<(usize, String, String), String>,
    /// What came of a step that is told later, by peer.
    early: BTreeMap<usize, Vec<String>>,
}

impl<'a> Reader<'a> {
    fn begin(line: &Value, matters: &'a Matters) -> Reader<'a> {
        let mut chart = Chart {
            name: word(line, "scenario").to_owned(),
            transaction: word(line, "transaction").to_owned(),
            ..Chart::default()
        };
        let title = line.get("title").and_then(Value::as_str).unwrap_or(&chart.name);
        chart.about = format!("Scenario of {}: {title}", chart.transaction);
        for member in line.get("cast").and_then(Value::as_array).into_iter().flatten() {
            let byzantine = truth(member, "byzantine");
            let role = if byzantine { "byzantine" } else { word(member, "actor") };
            chart.lifelines.push(Lifeline { name: word(member, "name").to_owned(), role: role.to_owned() });
        }
        Reader { chart, matters, said: BTreeMap::new(), early: BTreeMap::new() }
    }

    fn end(mut self) -> Chart {
        // A step that a fault undid leaves nothing to be told with.
        self.early.clear();
        self.chart
    }

    fn note(&mut self, line: &Value, text: String, tone: Tone) {
        let who = self.chart.lifeline(word(line, "peer"));
        self.chart.push(Row { at: number(line, "at"), what: What::Note { who, text, tone } });
    }

    fn across(&mut self, line: &Value, text: String, tone: Tone) {
        self.chart.push(Row { at: number(line, "at"), what: What::Across { text, tone } });
    }

    fn event(&mut self, line: &Value) {
        let from = word(line, "from");
        let by = |what: &str| {
            if from.is_empty() || from == word(line, "peer") {
                what.to_owned()
            } else {
                format!("{what} from {from}")
            }
        };
        match word(line, "event") {
            "message" => self.message(line),
            "step" => self.step(line),
            "refused" => {
                let text = format!("{}: no effect, {}", by(word(line, "what")), word(line, "reason"));
                self.note(line, text, Tone::Refused);
            }
            "trigger" if !word(line, "refused").is_empty() => {
                let text = format!("trigger {}: {}", word(line, "trigger"), word(line, "refused"));
                self.note(line, text, Tone::Refused);
            }
            "waits" => {
                let until = if truth(line, "early") { "its session begins" } else { "a later state" };
                self.note(line, format!("keeps {} until {until}", by(word(line, "message"))), Tone::Plain);
            }
            "fault" => {
                let stopped = if truth(line, "stopped") { ", the instance stops" } else { "" };
                self.note(line, format!("fault: {}{stopped}", word(line, "fault")), Tone::Bad);
            }
            "block" => {
                self.change(line, format!("appends {} at {}", word(line, "block"), number(line, "height")));
            }
            "task" => self.change(line, format!("starts {}", word(line, "task"))),
            "proof" => self.note(line, format!("has a proof against {}", word(line, "author")), Tone::Plain),
            "unknown" => {
                self.note(line, format!("{} does not run this", word(line, "by")), Tone::Refused);
            }
            "crash" => self.note(line, "crashes".to_owned(), Tone::Bad),
            "restart" => self.note(line, "starts again".to_owned(), Tone::Plain),
            "partition" => {
                let group = |member: &str| {
                    let names = line.get(member).and_then(Value::as_array).into_iter().flatten();
                    names.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
                };
                let text = format!("cut: {} | {}", group("one"), group("other"));
                self.across(line, text, Tone::Refused);
            }
            "heal" => self.across(line, "healed".to_owned(), Tone::Plain),
            "end" => {
                if let Some(message) = line.pointer("/deviation/message").and_then(Value::as_str) {
                    self.across(line, message.to_owned(), Tone::Bad);
                }
            }
            // Readers ignore what they do not know.
            _ => {}
        }
    }

    fn message(&mut self, line: &Value) {
        let from = self.chart.lifeline(word(line, "from"));
        let message = word(line, "message").to_owned();
        let receiver = line.get("to").and_then(Value::as_str).map(|to| Receiver {
            who: self.chart.lifeline(to),
            lost: truth(line, "dropped"),
            pending: false,
            cut: truth(line, "cut"),
            late: number(line, "delay"),
            twice: truth(line, "twice"),
        });
        let (mut fields, mut whole) = (Vec::new(), Vec::new());
        let payload = line.get("payload").and_then(Value::as_object);
        for (name, value) in payload.into_iter().flatten() {
            let text = format!("{name} {}", shown(value));
            whole.push(text.clone());
            let known = (from, message.clone(), name.clone());
            let old = self.said.insert(known, text.clone());
            if self.matters.contains(&message, name) && old.as_ref() != Some(&text) {
                fields.push(text);
            }
        }
        fields.truncate(FIELDS_MAX);
        let injected = truth(line, "injected");
        let what = What::Said { from, to: receiver.into_iter().collect(), message, fields, whole, injected };
        self.chart.push(Row { at: number(line, "at"), what });
    }

    fn step(&mut self, line: &Value) {
        let who = self.chart.lifeline(word(line, "peer"));
        if let Some(lifeline) = self.chart.lifelines.get_mut(who)
            && lifeline.role.is_empty()
        {
            word(line, "actor").clone_into(&mut lifeline.role);
        }
        let on = word(line, "on");
        let cause = match word(line, "cause") {
            "timeout" => format!("timeout({on})"),
            "period" => format!("every({on})"),
            "task" => format!("task {on} ends"),
            "trigger" => format!("trigger {on}"),
            _ => match line.get("from").and_then(Value::as_str) {
                Some(from) if !from.is_empty() => format!("on {on} from {from}"),
                _ => format!("on {on}"),
            },
        };
        let mut way: Vec<String> = Vec::new();
        for taken in line.get("taken").and_then(Value::as_array).into_iter().flatten() {
            for state in [word(taken, "from"), word(taken, "to")] {
                if way.last().map(String::as_str) != Some(state) {
                    way.push(state.to_owned());
                }
            }
        }
        if way.is_empty() {
            way.push(word(line, "state").to_owned());
        }
        let changes = self.early.remove(&who).unwrap_or_default();
        self.chart.push(Row { at: number(line, "at"), what: What::Moved { who, cause, way, changes } });
    }

    /// What came of a step is told with it, whichever of them the trace tells first.
    fn change(&mut self, line: &Value, text: String) {
        let peer = self.chart.lifeline(word(line, "peer"));
        let now = number(line, "at");
        let step = self.chart.rows.iter_mut().rev().take_while(|row| row.at == now).find_map(|row| {
            match &mut row.what {
                What::Moved { who, changes, .. } if *who == peer => Some(changes),
                What::Moved { .. } | What::Said { .. } | What::Note { .. } | What::Across { .. } => None,
            }
        });
        match step {
            Some(changes) => changes.push(text),
            None => self.early.entry(peer).or_default().push(text),
        }
    }
}

/// A value for people.
fn shown(value: &Value) -> String {
    elide(&text(value), VALUE_COLUMNS)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(text) => {
            let long = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if long { format!("{}…", text.chars().take(8).collect::<String>()) } else { text.clone() }
        }
        Value::Array(items) if items.len() > ITEMS => format!("{} items", items.len()),
        Value::Array(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            if let (Some(author), Some(blocks)) = (members.get("author"), members.get("blocks")) {
                return format!("{} blocks of {}", text(blocks), text(author));
            }
            if let (Some(sender), Some(_)) = (members.get("sender"), members.get("payload")) {
                return format!("signed by {}", text(sender));
            }
            let members =
                members.iter().take(ITEMS + 1).map(|(name, value)| format!("{name} {}", text(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}
