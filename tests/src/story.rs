//! What happens in a world, told line by line: who says what to whom, when, and what changes by it.

use omt_runtime::host::{Event, EventKind, WORLD_START, World};
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::machine::Taken;
use std::collections::{BTreeMap, BTreeSet};

/// Tells the events of a world in the order in which they happen.
#[derive(Debug)]
pub struct Story {
    names: BTreeMap<PeerId, String>,
    begins: i64,
    /// Sender and name of the message whose step is told next.
    accepted: Option<(PeerId, String)>,
    gossiped: BTreeSet<Hash>,
}

impl Story {
    /// A story of this cast that begins now.
    pub fn new(world: &World, cast: &[String]) -> Story {
        let names = cast.iter().map(|name| (world.id(name), name.clone())).collect();
        Story { names, begins: world.now(), accepted: None, gossiped: BTreeSet::new() }
    }

    fn name(&self, id: &PeerId) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.short())
    }

    /// A line about an event on a peer; `None` for what is told with another one, or not worth a line.
    pub fn tell(&mut self, who: &str, event: &Event) -> Option<String> {
        let at = event.at;
        let (parties, what, outcome) = match &event.kind {
            EventKind::Accepted { from, message, .. } => {
                self.accepted = Some((*from, message.clone()));
                return None;
            }
            EventKind::Stepped { cause, taken, state, .. } => {
                let (parties, what) = match self.accepted.take() {
                    Some((from, message)) => (format!("{} → {who}", self.name(&from)), message),
                    None => (who.to_owned(), cause.clone()),
                };
                (parties, what, changes(taken, state))
            }
            EventKind::Deferred { from, message, .. } | EventKind::Early { from, message, .. } => {
                (format!("{} → {who}", self.name(from)), message.clone(), "kept for later".to_owned())
            }
            EventKind::Refused { from, what, reason, .. } => {
                (format!("{} → {who}", self.name(from)), what.clone(), format!("no effect: {reason}"))
            }
            EventKind::Gossiped { message, id, .. } => {
                if !self.gossiped.insert(*id) {
                    return None;
                }
                (format!("{who} → network"), message.clone(), String::new())
            }
            EventKind::Appended { kind, height, hash } => {
                (who.to_owned(), kind.clone(), format!("block {height}, {}", hash.short()))
            }
            EventKind::Equivocation { author } => {
                (who.to_owned(), "proof".to_owned(), format!("{} contradicts itself", self.name(author)))
            }
            EventKind::Fault { fault, .. } => (who.to_owned(), "fault".to_owned(), fault.to_string()),
            EventKind::Timer { .. }
            | EventKind::Created { .. }
            | EventKind::Sent { .. }
            | EventKind::TaskStarted { .. }
            | EventKind::TaskEnded { .. }
            | EventKind::Completed { .. }
            | EventKind::TriggerFired { .. }
            | EventKind::ProtocolRefused { .. } => return None,
            // Whatever else an observer may learn one day is not part of this story.
            _ => return None,
        };
        let seconds = self.since(at);
        Some(format!("{seconds} s  {parties:<16}  {what:<28}  {outcome}").trim_end().to_owned())
    }

    /// Seconds since the story began, to the millisecond.
    fn since(&self, at: i64) -> String {
        let micros = at.saturating_sub(self.begins.max(WORLD_START)).max(0);
        format!("{:>4}.{:03}", micros / 1_000_000, micros / 1_000 % 1_000)
    }
}

/// The way through the states.
fn changes(taken: &[Taken], state: &str) -> String {
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
        [only] => format!("in {only}"),
        _ => way.join(" → "),
    }
}
