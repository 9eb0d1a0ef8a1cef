//! What the host tells, taken in: into the story, the picture, and the judgement of every property.

use super::{Drive, Outcome};
use crate::scenario::deviation::{Deviation, Kind};
use crate::scenario::facts;
use crate::scenario::picture::Changed;
use crate::scenario::stage::lock;
use crate::scenario::story::{Cause, Entry, EntryKind, Way};
use crate::spec::{Claim, MessageName};
use omt_runtime::crypto;
use omt_runtime::host::{Event as Heard, EventKind, Key, Seen};
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::ir::{self, Handler, Type, describe};
use omt_runtime::machine::Taken;
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Types};

impl Drive<'_> {
    pub(super) fn tell(&mut self, kind: EntryKind) {
        self.story.push(Entry { at: self.at(), kind });
    }

    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "events may be added; what nobody tells is no part of the story"
    )]
    pub(super) fn hear(&mut self, who: &str, event: Heard) -> Outcome {
        let peer = who.to_owned();
        let name = |drive: &Self, id: &PeerId| drive.picture().name(id);
        match event.kind {
            EventKind::Accepted { from, message, .. } => self.accepted = Some((from, message)),
            EventKind::Stepped { key, actor, taken, state, seen: Some(seen), .. } => {
                return self.stepped(peer, &key, actor, taken, state, &seen);
            }
            EventKind::Sent { key, to, message, id, payload } => {
                let (from, receiver) = (peer, name(self, &to));
                let way = lock(&self.stage.rules).way(&id, &to);
                self.said(from, Some(receiver), &key, message, id, &payload, way, false);
            }
            EventKind::Gossiped { key, message, id, payload } if self.gossiped.insert(id) => {
                self.said(peer, None, &key, message, id, &payload, Way::default(), false);
            }
            // What a trigger of the scenario came to is told with the trigger.
            EventKind::Refused { what, .. } if self.firing.as_ref() == Some(&what) => {}
            EventKind::Refused { from, what, reason, detail, .. } => {
                let from = name(self, &from);
                self.tell(EntryKind::Refused { peer, from, what, reason, detail });
            }
            EventKind::Deferred { from, message, .. } => {
                let from = name(self, &from);
                self.tell(EntryKind::Waits { peer, from, message, early: false });
            }
            EventKind::Early { from, message, .. } => {
                let from = name(self, &from);
                self.tell(EntryKind::Waits { peer, from, message, early: true });
            }
            EventKind::Fault { fault, stopped, .. } => {
                let text = fault.to_string();
                self.tell(EntryKind::Faulted { peer: peer.clone(), fault: text.clone(), stopped });
                // What the fault may come from has a better explanation.
                self.missing_native()?;
                if stopped {
                    let message = format!("a fault stopped an instance of {peer}: {}", fault.kind);
                    let deviation = self.deviation(Kind::Fault, message).label("during this step");
                    return Err(Box::new(deviation.facts(vec![text])));
                }
            }
            EventKind::Appended { kind, height, .. } => {
                self.tell(EntryKind::Appended { peer, block: kind, height });
            }
            EventKind::TaskStarted { task } => {
                self.tell(EntryKind::TaskStarted { peer, task: task.task });
            }
            EventKind::Equivocation { author } => {
                let author = name(self, &author);
                self.tell(EntryKind::Proof { peer, author });
            }
            EventKind::ProtocolRefused { by, .. } => {
                let by = name(self, &by);
                self.tell(EntryKind::Unknown { peer, by });
            }
            // Told with the step that they belong to, or with what follows from them.
            _ => {}
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one entry")]
    pub(super) fn said(
        &mut self,
        from: String,
        to: Option<String>,
        key: &Key,
        message: String,
        id: Hash,
        payload: &[u8],
        way: Way,
        injected: bool,
    ) {
        let Some(transaction) = self.picture().transaction(&key.protocol) else { return };
        let Some(package) = self.picture().packages().get(transaction) else { return };
        let types = Types::new(&package.protocol, package.id);
        let payload = types.decode(&Type::Message(message.clone()), payload).unwrap_or(Value::Null);
        self.messages += 1;
        let message = MessageName { transaction, name: message };
        self.covered.said(&message);
        self.tell(EntryKind::Said { from, to, message, session: key.session, id, payload, injected, way });
    }

    fn stepped(
        &mut self,
        peer: String,
        key: &Key,
        actor: String,
        taken: Vec<Taken>,
        state: String,
        seen: &Seen,
    ) -> Outcome {
        self.steps += 1;
        let Some(player) = self.picture().index(&peer) else { return Ok(()) };
        let known = self.picture().figures.len();
        let changed = self.stage.picture.take(player, key, &actor, &state, seen);
        let changed = changed.map_err(|error| {
            Box::new(self.deviation(Kind::Fault, format!("the instance of {peer} cannot be read: {error}")))
        })?;
        let Some(transaction) = self.picture().transaction(&key.protocol) else { return Ok(()) };
        self.covered.took(transaction, &actor, &taken);
        let accepted = self.accepted.take().map(|(from, message)| (self.picture().name(&from), message));
        let package = self.picture().packages().get(transaction);
        let cause = package.and_then(|package| cause(package, &actor, taken.first()?, accepted));
        let digest = digest(seen);
        let session = key.session;
        let cause = cause.unwrap_or_else(|| Cause::Trigger(String::new()));
        self.tell(EntryKind::Stepped { peer, transaction, actor, session, cause, taken, state, digest });
        if known < self.picture().figures.len() && known >= self.options.instance_count_max {
            let message = format!("{} instances have come to exist", known.saturating_add(1));
            return Err(Box::new(self.deviation(Kind::Limit, message).label("still not done here")));
        }
        self.properties(Some(&changed))
    }

    /// Every property that is about every instant; with a change, only those that it may have altered.
    pub(super) fn properties(&self, changed: Option<&Changed>) -> Outcome {
        for property in &self.specification.properties {
            let (query, wanted) = match &property.claim {
                Claim::Always(query) => (query, true),
                Claim::Never(query) => (query, false),
                Claim::Eventually(_) | Claim::Sometimes(_) | Claim::Leads(..) => continue,
            };
            let touched = changed.is_none_or(|changed| {
                query.reads_now
                    || query.roles().any(|role| changed.roles.contains(role))
                    || (changed.chains && query.reads_peers())
            });
            if !touched {
                continue;
            }
            let result = self.stage.library.evaluator.holds(query, self.picture());
            if result == Ok(wanted) {
                continue;
            }
            let name = &property.name;
            let (message, label) = match &result {
                Err(fault) => {
                    (format!("the property {name} has no value: {}", fault.kind), fault.kind.to_string())
                }
                Ok(true) => {
                    (format!("the property {name} does not hold"), "this must never be true".to_owned())
                }
                Ok(false) => {
                    (format!("the property {name} does not hold"), "this must always be true".to_owned())
                }
            };
            let facts = facts::of(self.specification, query, self.picture());
            let deviation = Deviation::new(Kind::Property, self.at(), query.at, message).label(label);
            let deviation = match changed {
                Some(_) => deviation.also(self.here, "broken during this step"),
                None => deviation.also(self.here, "before anything has happened"),
            };
            return Err(Box::new(deviation.facts(facts)));
        }
        Ok(())
    }
}

/// What a step reacted to.
fn cause(package: &Package, actor: &str, first: &Taken, accepted: Option<(String, String)>) -> Option<Cause> {
    if let Some((from, message)) = accepted {
        return Some(Cause::Message { message, from });
    }
    let state = package.protocol.actors.get(actor)?.states.get(&first.from)?;
    let limit = |index: &u32| {
        let limit = usize::try_from(*index).ok().and_then(|index| state.limits.get(index));
        limit.map(|limit| describe::path(&limit.value)).unwrap_or_default()
    };
    match state.handlers.get(usize::try_from(first.handler).ok()?)? {
        Handler::Collect(collect) => {
            Some(Cause::Message { message: collect.message.clone(), from: String::new() })
        }
        Handler::Transition(transition) => Some(match &transition.cause {
            ir::Cause::Trigger(name) => Cause::Trigger(name.clone()),
            ir::Cause::Task(name) => Cause::Task(name.clone()),
            ir::Cause::Timeout(index) => Cause::Timeout(limit(index)),
            ir::Cause::Period(index) => Cause::Period(limit(index)),
            ir::Cause::Message(message) => Cause::Message { message: message.clone(), from: String::new() },
            ir::Cause::Auto => return None,
        }),
    }
}

/// Everything that a step left behind, in one hash.
fn digest(seen: &Seen) -> Hash {
    let mut shared = Vec::new();
    for (field, value) in &seen.shared {
        shared.extend(wire::to_bytes(field));
        shared.extend(value);
    }
    let parts = (crypto::sha256(&seen.snapshot), crypto::sha256(&shared), seen.chain.head_hash());
    crypto::hash(&parts)
}
