//! A story as a Mermaid sequence chart.

use super::Run;
use super::chart::{fate, path, reason};
use super::show::seconds;
use super::story::EntryKind;
use crate::source::SourceMap;
use crate::spec::Scenario;
use std::fmt::Write as _;

/// The chart of a run, with a lifeline for every member of the cast. Ends with where the run deviated, if it did.
pub fn mermaid(scenario: &Scenario, run: &Run, sources: &SourceMap) -> String {
    let mut chart = Chart { text: "sequenceDiagram\n".to_owned(), members: Vec::new() };
    chart.members = scenario.cast.iter().map(|member| member.name.as_str()).collect();
    for (index, member) in scenario.cast.iter().enumerate() {
        let kind = if member.byzantine { "byzantine" } else { member.actor.as_str() };
        chart.line(&format!("participant p{index} as {}<br/>{}", safe(&member.name), safe(kind)));
    }
    for entry in &run.story {
        let at = seconds(entry.at);
        match &entry.kind {
            EntryKind::Said { from, to, message, injected, way, .. } => {
                let note = if *injected { " (scenario)" } else { "" };
                let fate = Some(fate(way)).filter(|fate| !fate.is_empty());
                let fate = fate.map_or_else(String::new, |fate| format!(", {fate}"));
                let text = format!("{}{note} {at} s{fate}", message.name);
                let (from, to) = (chart.place(from), to.as_deref().map(|to| chart.place(to)));
                match (from, to) {
                    (Some(from), Some(Some(to))) => {
                        let arrow = if way.dropped || way.cut { "-x" } else { "->>" };
                        chart.line(&format!("p{from}{arrow}p{to}: {}", safe(&text)));
                    }
                    (Some(from), _) => {
                        chart.line(&format!("Note over p{from}: {} to the network", safe(&text)));
                    }
                    (None, _) => {}
                }
            }
            EntryKind::Stepped { peer, cause, taken, state, .. } => {
                chart.note(peer, &format!("{at} s {}: {}", reason(cause), path(taken, state)));
            }
            EntryKind::Refused { peer, what, reason, .. } => {
                chart.note(peer, &format!("{at} s {what}: no effect, {reason}"));
            }
            EntryKind::Faulted { peer, .. } => chart.note(peer, &format!("{at} s fault")),
            EntryKind::Crashed(peer) => chart.note(peer, &format!("{at} s crashes")),
            EntryKind::Restarted(peer) => chart.note(peer, &format!("{at} s starts again")),
            EntryKind::Parted(one, other) => {
                chart.all(&format!("{at} s cut {} from {}", one.join(", "), other.join(", ")));
            }
            EntryKind::Healed => chart.all(&format!("{at} s healed")),
            EntryKind::Waits { .. }
            | EntryKind::Appended { .. }
            | EntryKind::TaskStarted { .. }
            | EntryKind::Proof { .. }
            | EntryKind::Unknown { .. }
            | EntryKind::Fired { .. } => {}
        }
    }
    if let Some(deviation) = &run.deviation {
        chart.all(&format!("{} s {}", seconds(deviation.at), deviation.sentence(sources)));
    }
    chart.text
}

struct Chart<'a> {
    text: String,
    members: Vec<&'a str>,
}

impl Chart<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "    {line}");
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| *member == name)
    }

    fn note(&mut self, peer: &str, text: &str) {
        if let Some(place) = self.place(peer) {
            self.line(&format!("Note over p{place}: {}", safe(text)));
        }
    }

    fn all(&mut self, text: &str) {
        match self.members.len() {
            0 => {}
            1 => self.line(&format!("Note over p0: {}", safe(text))),
            n => self.line(&format!("Note over p0,p{}: {}", n - 1, safe(text))),
        }
    }
}

/// Mermaid ends a statement at `;` and a line end, and begins a comment at `#`.
fn safe(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ';' | '#' | '\n' | '\r') { ' ' } else { c }).collect()
}
