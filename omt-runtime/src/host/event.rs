//! What a host tells whoever watches it: events in order, and counters by reason and sender.

use super::limits::{COUNTED_SENDERS_MAX, EVENT_MAX};
use super::task::TaskKey;
use crate::chain::Segment;
use crate::id::{Hash, PeerId, SessionId};
use crate::machine::{Fault, Taken};
use crate::wire::Bytes;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

/// Why something that came from outside had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Larger than 1 MiB, deeper than 32, or more than 65,536 elements.
    Size,
    /// Not canonical CBOR.
    Encoding,
    /// Fields or types that are not those of the message; a message that the protocol does not have.
    Fields,
    /// A payload field with the name of the session key that differs from the session.
    Session,
    /// A protocol that is not loaded here.
    Protocol,
    /// A signature that does not hold: the envelope's, or one of a block, segment, message or proof inside.
    Signature,
    /// An unsigned message that claims to be of somebody else than who brought it.
    Sender,
    /// Older than 24 h, or more than 10 min ahead.
    Time,
    /// Seen before.
    Replay,
    /// Another message with this (sender, session, sequence) was taken: kept as evidence.
    Equivocation,
    /// The peer plays another role in this session.
    SecondRole,
    /// The table of instances is full.
    InstanceMax,
    /// The sender has created too many instances.
    InstancePerPeerMax,
    /// The session is over.
    Completed,
    /// The instance stopped by a fault.
    Faulted,
    /// The roster names somebody else.
    Stranger,
    /// No guard held and there is no `else`.
    Guard,
    /// The sender was collected already.
    Repeated,
    /// The sender was collected already, with something else: evidence.
    RepeatedDifferent,
    /// A trigger outside its `in` list.
    NotHere,
    /// The state neither handles nor defers it.
    Discarded,
    /// The step faulted.
    Fault,
    /// Given up for a newer message of the same sender.
    Displaced,
    /// No room to wait for a later state.
    DeferredMax,
    /// No room to wait for the session to begin.
    EarlyMax,
    /// Waited 60 s for a session that did not begin.
    EarlyExpired,
    /// The lower part of a segment was not to be had.
    Incomplete,
    /// A message that is neither signed nor carries a certificate was gossiped.
    GossipUnproven,
    /// A result for a task that does not run, or was replaced.
    StaleTask,
    /// A task result that is not of its declared type.
    TaskResult,
    /// A trigger of another transaction whose target is not loaded.
    NotLoaded,
    /// A trigger of another transaction that was refused.
    TriggerRefused,
    /// The host has just started and asks for its own head.
    Starting,
    /// Sent again for 24 h, never acknowledged.
    Unacknowledged,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Reason::Size => "size",
            Reason::Encoding => "encoding",
            Reason::Fields => "fields",
            Reason::Session => "session",
            Reason::Protocol => "protocol",
            Reason::Signature => "signature",
            Reason::Sender => "sender",
            Reason::Time => "time",
            Reason::Replay => "replay",
            Reason::Equivocation => "equivocation",
            Reason::SecondRole => "second_role",
            Reason::InstanceMax => "instance_max",
            Reason::InstancePerPeerMax => "instance_per_peer_max",
            Reason::Completed => "completed",
            Reason::Faulted => "faulted",
            Reason::Stranger => "stranger",
            Reason::Guard => "guard",
            Reason::Repeated => "repeated",
            Reason::RepeatedDifferent => "repeated_different",
            Reason::NotHere => "not_here",
            Reason::Discarded => "discarded",
            Reason::Fault => "fault",
            Reason::Displaced => "displaced",
            Reason::DeferredMax => "deferred_max",
            Reason::EarlyMax => "early_max",
            Reason::EarlyExpired => "early_expired",
            Reason::Incomplete => "incomplete",
            Reason::GossipUnproven => "gossip_unproven",
            Reason::StaleTask => "stale_task",
            Reason::TaskResult => "task_result",
            Reason::NotLoaded => "not_loaded",
            Reason::TriggerRefused => "trigger_refused",
            Reason::Starting => "starting",
            Reason::Unacknowledged => "unacknowledged",
        })
    }
}

impl From<crate::machine::Refusal> for Reason {
    fn from(refusal: crate::machine::Refusal) -> Self {
        use crate::machine::Refusal;
        match refusal {
            Refusal::Stranger => Reason::Stranger,
            Refusal::Guard => Reason::Guard,
            Refusal::Repeated { differs: false } => Reason::Repeated,
            Refusal::Repeated { differs: true } => Reason::RepeatedDifferent,
            Refusal::NotHere => Reason::NotHere,
        }
    }
}

/// Which instance: the protocol id and the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Protocol id.
    pub protocol: Hash,
    /// Session id.
    pub session: SessionId,
}

/// What a step left behind, for whoever must see every step and not only the last one of an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The instance: [`Machine::save`](crate::machine::Machine::save).
    pub snapshot: Vec<u8>,
    /// The shared store of its actor: canonical bytes of the fields that were ever written.
    pub shared: BTreeMap<String, Vec<u8>>,
    /// The own chain.
    pub chain: Segment,
}

/// Something that happened on a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When, microseconds of the peer's clock.
    pub at: i64,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// A message, or a part of one, had no effect.
    Refused {
        /// Who brought it; oneself for what no peer brought.
        from: PeerId,
        /// Name of the message or trigger, as far as it was read.
        what: String,
        /// The session, as far as it was read.
        session: Option<SessionId>,
        /// Why.
        reason: Reason,
        /// For people: what exactly is wrong.
        detail: String,
    },
    /// A message was taken by an instance: a step fired.
    Accepted {
        /// The instance.
        key: Key,
        /// Its sender.
        from: PeerId,
        /// Its name.
        message: String,
    },
    /// A message waits for a later state.
    Deferred {
        /// The instance.
        key: Key,
        /// Its sender.
        from: PeerId,
        /// Its name.
        message: String,
    },
    /// A message waits for its session to begin.
    Early {
        /// Where it belongs.
        key: Key,
        /// Its sender.
        from: PeerId,
        /// Its name.
        message: String,
    },
    /// An instance came to exist.
    Created {
        /// The instance.
        key: Key,
        /// Its actor.
        actor: String,
    },
    /// A step fired and is durable.
    Stepped {
        /// The instance.
        key: Key,
        /// Its actor.
        actor: String,
        /// The input: `on MESSAGE`, `timeout 2`, ….
        cause: String,
        /// What was taken.
        taken: Vec<Taken>,
        /// The state it rests in.
        state: String,
        /// How often it was run.
        attempts: u32,
        /// What there was afterwards, if the host was asked to tell ([`PeerConfig::watched`](super::PeerConfig)).
        seen: Option<Arc<Seen>>,
    },
    /// A time limit or period passed.
    Timer {
        /// The instance.
        key: Key,
        /// Index of the limit in its state.
        limit: u32,
    },
    /// A step faulted and was undone.
    Fault {
        /// The instance; without one, where it would have been.
        key: Key,
        /// What went wrong, and where.
        fault: Fault,
        /// Did it stop the instance?
        stopped: bool,
    },
    /// A message was put into the outbox.
    Sent {
        /// The instance.
        key: Key,
        /// The receiver.
        to: PeerId,
        /// Its name.
        message: String,
        /// Its id.
        id: Hash,
        /// What it says, canonical.
        payload: Bytes,
    },
    /// A message was handed to gossip.
    Gossiped {
        /// The instance, or where the item belongs.
        key: Key,
        /// Its name.
        message: String,
        /// Its id.
        id: Hash,
        /// What it says, canonical.
        payload: Bytes,
    },
    /// A block was appended to the own chain.
    Appended {
        /// Its kind.
        kind: String,
        /// Its height.
        height: u64,
        /// Its hash.
        hash: Hash,
    },
    /// A task was started.
    TaskStarted {
        /// Which.
        task: TaskKey,
    },
    /// A task has ended.
    TaskEnded {
        /// Which.
        task: TaskKey,
        /// With a result?
        result: bool,
    },
    /// The state is terminal.
    Completed {
        /// The instance.
        key: Key,
        /// Its actor.
        actor: String,
        /// The state.
        state: String,
    },
    /// A transaction fired a trigger of another one.
    TriggerFired {
        /// The instance that was entered by it.
        key: Key,
        /// Name of the trigger.
        trigger: String,
    },
    /// A peer contradicted itself; the proof is kept.
    Equivocation {
        /// Who.
        author: PeerId,
    },
    /// Another peer does not have a protocol of ours.
    ProtocolRefused {
        /// Who says so.
        by: PeerId,
        /// Ours.
        ours: Hash,
        /// What it has instead, as far as it says.
        theirs: Vec<Hash>,
    },
}

/// Events in order, and how often each reason came up.
#[derive(Debug, Default)]
pub struct Log {
    events: VecDeque<Event>,
    counters: BTreeMap<(Reason, Option<PeerId>), u64>,
    senders: BTreeSet<PeerId>,
}

impl Log {
    /// Adds an event.
    pub(crate) fn push(&mut self, at: i64, kind: EventKind) {
        if self.events.len() >= EVENT_MAX {
            self.events.pop_front();
        }
        self.events.push_back(Event { at, kind });
    }

    /// Adds a refusal and counts it.
    pub(crate) fn refused(&mut self, at: i64, refused: Refused) {
        let Refused { from, what, session, reason, detail } = refused;
        self.count(reason, from);
        self.push(at, EventKind::Refused { from, what, session, reason, detail });
    }

    fn count(&mut self, reason: Reason, from: PeerId) {
        let known = self.senders.contains(&from)
            || (self.senders.len() < COUNTED_SENDERS_MAX && self.senders.insert(from));
        let count = self.counters.entry((reason, known.then_some(from))).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes all events out.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        self.events.drain(..).collect()
    }

    /// How often, by reason and sender; `None` are the senders beyond the limit together.
    pub(crate) fn counters(&self) -> &BTreeMap<(Reason, Option<PeerId>), u64> {
        &self.counters
    }

    /// How often, from whomever.
    pub(crate) fn total(&self, reason: Reason) -> u64 {
        self.counters.iter().filter(|((counted, _), _)| *counted == reason).map(|(_, count)| count).sum()
    }
}

/// A refusal on its way to the log.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub from: PeerId,
    pub what: String,
    pub session: Option<SessionId>,
    pub reason: Reason,
    pub detail: String,
}

impl Refused {
    pub(crate) fn new(from: PeerId, reason: Reason, detail: impl Into<String>) -> Self {
        Refused { from, what: String::new(), session: None, reason, detail: detail.into() }
    }

    pub(crate) fn of(mut self, what: &Arc<str>, session: SessionId) -> Self {
        self.what = what.to_string();
        self.session = Some(session);
        self
    }
}
