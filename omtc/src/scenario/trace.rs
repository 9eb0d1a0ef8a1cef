//! A story as JSON lines; `docs/testing.md` describes them.

use super::Run;
use super::show::Names;
use super::story::{Cause, Entry, EntryKind};
use crate::source::SourceMap;
use crate::spec::{Scenario, Specification};
use serde_json::{Map, Value, json};

/// Version of the form. Members and events may be added in a version; none is removed or changes its meaning.
const VERSION: u32 = 1;

/// One line for the scenario, one for everything that happened, one for how it ended.
pub fn trace(
    specification: &Specification,
    scenario: &Scenario,
    run: &Run,
    sources: &SourceMap,
) -> Vec<Value> {
    let transaction = |index: usize| {
        let transaction = specification.transactions.get(index);
        json!(transaction.map_or("", |transaction| transaction.name.as_str()))
    };
    let mut lines = vec![json!({
        "event": "scenario",
        "version": VERSION,
        "transaction": transaction(0),
        "scenario": scenario.name,
        "title": scenario.title,
        "cast": scenario.cast.iter().map(|member| json!({
            "name": member.name,
            "actor": member.actor,
            "byzantine": member.byzantine,
        })).collect::<Vec<_>>(),
    })];
    lines.extend(run.story.iter().map(|entry| line(run, entry, &transaction)));
    lines.push(json!({
        "event": "end",
        "at": run.elapsed,
        "outcome": if run.passed() { "passed" } else { "failed" },
        "deviation": run.deviation.as_ref().map(|deviation| json!({
            "kind": deviation.kind.word(),
            "message": deviation.sentence(sources),
            "facts": deviation.facts,
        })),
        "messages": run.messages,
        "steps": run.steps,
        "digest": run.digest.to_string(),
    }));
    lines
}

fn line(run: &Run, entry: &Entry, transaction: &dyn Fn(usize) -> Value) -> Value {
    let names = Names::of(&run.names);
    let (event, members) = match &entry.kind {
        EntryKind::Said { from, to, message, session, id, payload, injected, way } => (
            "message",
            json!({
                "from": from,
                "to": to,
                "transaction": transaction(message.transaction),
                "message": message.name,
                "session": session.to_string(),
                "id": id.to_string(),
                "payload": names.json(payload),
                "injected": injected,
                "dropped": way.dropped,
                "cut": way.cut,
                "delay": way.delay,
                "twice": way.twice,
            }),
        ),
        EntryKind::Stepped { peer, transaction: of, actor, session, cause, taken, state, digest } => {
            let (cause, name, from) = cause_of(cause);
            let taken: Vec<Value> = taken
                .iter()
                .map(|t| json!({ "from": t.from, "to": t.to, "handler": t.handler, "else": t.otherwise }))
                .collect();
            (
                "step",
                json!({
                    "peer": peer,
                    "transaction": transaction(*of),
                    "actor": actor,
                    "session": session.to_string(),
                    "cause": cause,
                    "on": name,
                    "from": from,
                    "taken": taken,
                    "state": state,
                    "digest": digest.to_string(),
                }),
            )
        }
        EntryKind::Refused { peer, from, what, reason, detail } => (
            "refused",
            json!({ "peer": peer, "from": from, "what": what, "reason": reason.to_string(), "detail": detail }),
        ),
        EntryKind::Waits { peer, from, message, early } => {
            ("waits", json!({ "peer": peer, "from": from, "message": message, "early": early }))
        }
        EntryKind::Faulted { peer, fault, stopped } => {
            ("fault", json!({ "peer": peer, "fault": fault, "stopped": stopped }))
        }
        EntryKind::Appended { peer, block, height } => {
            ("block", json!({ "peer": peer, "block": block, "height": height }))
        }
        EntryKind::TaskStarted { peer, task } => ("task", json!({ "peer": peer, "task": task })),
        EntryKind::Proof { peer, author } => ("proof", json!({ "peer": peer, "author": author })),
        EntryKind::Unknown { peer, by } => ("unknown", json!({ "peer": peer, "by": by })),
        EntryKind::Fired { peer, trigger, refused } => {
            ("trigger", json!({ "peer": peer, "trigger": trigger, "refused": refused }))
        }
        EntryKind::Crashed(peer) => ("crash", json!({ "peer": peer })),
        EntryKind::Restarted(peer) => ("restart", json!({ "peer": peer })),
        EntryKind::Parted(one, other) => ("partition", json!({ "one": one, "other": other })),
        EntryKind::Healed => ("heal", json!({})),
    };
    let mut line = Map::new();
    line.insert("event".to_owned(), json!(event));
    line.insert("at".to_owned(), json!(entry.at));
    if let Value::Object(members) = members {
        line.extend(members);
    }
    Value::Object(line)
}

/// Kind of a cause, its name, and who brought it.
fn cause_of(cause: &Cause) -> (&'static str, &str, Option<&str>) {
    match cause {
        Cause::Message { message, from } => ("message", message, Some(from.as_str())),
        Cause::Trigger(name) => ("trigger", name, None),
        Cause::Timeout(limit) => ("timeout", limit, None),
        Cause::Period(period) => ("period", period, None),
        Cause::Task(task) => ("task", task, None),
    }
}
