//! A story as lines of text: when, who, what, and what changed by it.

use super::Run;
use super::show::{Names, seconds};
use super::story::{Cause, Entry, EntryKind, Way};
use omt_runtime::machine::Taken;

/// A line of a story, in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Seconds after the start.
    pub time: String,
    /// `alice`, `alice → bob`
    pub parties: String,
    /// What happened.
    pub what: String,
    /// What came of it.
    pub outcome: String,
}

/// Widest column of parties; longer names move the rest of their line.
const PARTIES_WIDTH_MAX: usize = 24;
/// Widest column of what happened.
const WHAT_WIDTH_MAX: usize = 40;

/// The story of a run, a line each, at most `most` of them: the last ones.
pub fn lines(run: &Run, most: usize) -> Vec<String> {
    let all: Vec<Columns> = run.story.iter().filter_map(|entry| columns(run, entry)).collect();
    let hidden = all.len().saturating_sub(most);
    let shown = all.get(hidden..).unwrap_or_default();
    let width = |of: fn(&Columns) -> &str, max: usize| {
        shown.iter().map(|line| of(line).chars().count()).filter(|width| *width <= max).max().unwrap_or(0)
    };
    let times = shown.iter().map(|line| line.time.len()).max().unwrap_or(0);
    let parties = width(|line| &line.parties, PARTIES_WIDTH_MAX);
    let what = width(|line| &line.what, WHAT_WIDTH_MAX);
    let mut lines = Vec::new();
    if hidden > 0 {
        lines.push(format!("{:times$}  … {hidden} lines before", ""));
    }
    for line in shown {
        let text = format!(
            "{:>times$}  {:parties$}  {:what$}  {}",
            line.time, line.parties, line.what, line.outcome
        );
        lines.push(text.trim_end().to_owned());
    }
    lines
}

/// One entry; `None` for what is told with another one.
fn columns(run: &Run, entry: &Entry) -> Option<Columns> {
    let names = Names::of(&run.names);
    let (parties, what, outcome) = match &entry.kind {
        EntryKind::Said { from, to, message, payload, injected, way, .. } => {
            let to = to.as_deref().unwrap_or("network");
            let fields = names.fields(payload);
            let what =
                if fields.is_empty() { message.name.clone() } else { format!("{}  {fields}", message.name) };
            let by_script = if *injected { "said by the scenario" } else { "" };
            let fate = fate(way);
            let outcome =
                [by_script, fate.as_str()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>();
            (format!("{from} → {to}"), what, outcome.join(", "))
        }
        EntryKind::Stepped { peer, actor, cause, taken, state, .. } => {
            (peer.clone(), reason(cause), format!("{actor} {}", path(taken, state)))
        }
        EntryKind::Refused { peer, from, what, reason, detail } => {
            let what = if peer == from { what.clone() } else { format!("{what} from {from}") };
            let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            (peer.clone(), what, format!("no effect: {reason}{detail}"))
        }
        EntryKind::Waits { peer, from, message, early } => {
            let why = if *early { "kept until its session begins" } else { "kept for a later state" };
            (peer.clone(), format!("{message} from {from}"), why.to_owned())
        }
        EntryKind::Faulted { peer, fault, stopped } => {
            let stopped = if *stopped { ", the instance stops" } else { "" };
            (peer.clone(), "fault".to_owned(), format!("{fault}{stopped}"))
        }
        EntryKind::Appended { peer, block, height } => {
            (peer.clone(), format!("block {block}"), format!("at height {height}"))
        }
        EntryKind::TaskStarted { peer, task } => (peer.clone(), format!("starts {task}"), String::new()),
        EntryKind::Proof { peer, author } => {
            (peer.clone(), "proof".to_owned(), format!("{author} contradicts itself"))
        }
        EntryKind::Unknown { peer, by } => {
            (peer.clone(), "no effect".to_owned(), format!("{by} does not run this transaction"))
        }
        EntryKind::Fired { peer, trigger, refused: Some(why) } => {
            (peer.clone(), trigger.clone(), why.clone())
        }
        EntryKind::Fired { refused: None, .. } => return None,
        EntryKind::Crashed(peer) => (peer.clone(), "crashes".to_owned(), String::new()),
        EntryKind::Restarted(peer) => (peer.clone(), "starts again".to_owned(), String::new()),
        EntryKind::Parted(one, other) => {
            (String::new(), format!("cut: {} | {}", one.join(", "), other.join(", ")), String::new())
        }
        EntryKind::Healed => (String::new(), "healed".to_owned(), String::new()),
    };
    Some(Columns { time: seconds(entry.at), parties, what, outcome })
}

/// What becomes of a message, if anything unusual.
pub(super) fn fate(way: &Way) -> String {
    let mut parts = Vec::new();
    if way.dropped {
        parts.push("dropped".to_owned());
    } else {
        if way.cut {
            parts.push("cut off".to_owned());
        }
        if way.delay > 0 {
            parts.push(format!("{} s late", seconds(way.delay)));
        }
        if way.twice {
            parts.push("twice".to_owned());
        }
    }
    parts.join(", ")
}

/// `on PING from alice`
pub(super) fn reason(cause: &Cause) -> String {
    match cause {
        Cause::Message { message, from } if from.is_empty() => format!("on {message}"),
        Cause::Message { message, from } => format!("on {message} from {from}"),
        Cause::Trigger(name) => format!("on {name}"),
        Cause::Timeout(limit) => format!("on timeout({limit})"),
        Cause::Period(period) => format!("on every({period})"),
        Cause::Task(task) => format!("on {task}, a task"),
    }
}

/// The way through the states: `IDLE → WAITING`.
pub(super) fn path(taken: &[Taken], state: &str) -> String {
    let mut way: Vec<&str> = Vec::new();
    for step in taken {
        for state in [step.from.as_str(), step.to.as_str()] {
            if way.last() != Some(&state) {
                way.push(state);
            }
        }
    }
    match way.as_slice() {
        [] => state.to_owned(),
        [only] => format!("stays in {only}"),
        _ => way.join(" → "),
    }
}
