//! Bounded memories of a host: messages that came too early, ids of messages that changed nothing, gossip.

use super::event::Key;
use super::limits::{
    AWAITING_MAX, AWAITING_PER_PEER_MAX, EARLY_MAX, EARLY_PER_SENDER_MAX, GOSSIP_MAX, RECENT_MAX, SECOND,
    WANTS_PER_SECOND_MAX,
};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId};
use crate::machine::Incoming;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A message for a session that has not begun.
#[derive(Clone, Debug)]
pub(crate) struct Early {
    pub key: Key,
    pub id: Hash,
    /// Who brought it, and gets the acknowledgement.
    pub carrier: PeerId,
    pub incoming: Arc<Incoming>,
    pub until: i64,
}

/// Messages for sessions that have not begun, oldest first.
///
/// They are not acknowledged, so it is no loss when one is dropped, or the host restarts: it comes again.
#[derive(Debug, Default)]
pub(crate) struct EarlyBuffer {
    waiting: VecDeque<Early>,
    ids: BTreeSet<Hash>,
}

impl EarlyBuffer {
    pub(crate) fn contains(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    /// Keeps a message. Gives those that there is no room for: the sender's oldest, or this one when the buffer is full.
    pub(crate) fn push(&mut self, early: Early) -> Option<Early> {
        let same = |other: &Early| other.key == early.key && other.incoming.sender == early.incoming.sender;
        let mut displaced = None;
        if self.waiting.iter().filter(|other| same(other)).count() >= EARLY_PER_SENDER_MAX
            && let Some(oldest) = self.waiting.iter().position(same)
        {
            displaced = self.waiting.remove(oldest);
        }
        if let Some(displaced) = &displaced {
            self.ids.remove(&displaced.id);
        }
        if self.waiting.len() >= EARLY_MAX {
            return Some(early);
        }
        self.ids.insert(early.id);
        self.waiting.push_back(early);
        displaced
    }

    /// Takes the messages for a session out, oldest first.
    pub(crate) fn take(&mut self, key: &Key) -> Vec<Early> {
        let (taken, kept): (VecDeque<Early>, _) = self.waiting.drain(..).partition(|early| early.key == *key);
        self.waiting = kept;
        for early in &taken {
            self.ids.remove(&early.id);
        }
        taken.into()
    }

    /// Takes out what has waited long enough.
    pub(crate) fn expired(&mut self, now: i64) -> Vec<Early> {
        let mut expired = Vec::new();
        while self.waiting.front().is_some_and(|early| early.until <= now) {
            expired.extend(self.waiting.pop_front());
        }
        for early in &expired {
            self.ids.remove(&early.id);
        }
        expired
    }

    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.waiting.front().map(|early| early.until)
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

/// Ids of messages that were refused without a trace in any instance.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    ids: BTreeSet<Hash>,
    order: VecDeque<Hash>,
}

impl Recent {
    pub(crate) fn contains(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn insert(&mut self, id: Hash) {
        if !self.ids.insert(id) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > RECENT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

/// Gossip that this host has, each item once.
#[derive(Debug, Default)]
pub(crate) struct GossipSet {
    items: BTreeMap<Hash, Arc<Envelope>>,
    by_time: BTreeSet<(i64, Hash)>,
}

impl GossipSet {
    pub(crate) fn contains(&self, id: &Hash) -> bool {
        self.items.contains_key(id)
    }

    /// Adds an item. Gives the ids that were forgotten for it.
    pub(crate) fn insert(&mut self, id: Hash, envelope: Arc<Envelope>) -> Option<Hash> {
        self.by_time.insert((envelope.time, id));
        self.items.insert(id, envelope);
        if self.items.len() <= GOSSIP_MAX {
            return None;
        }
        let (_, oldest) = self.by_time.pop_first()?;
        self.items.remove(&oldest);
        Some(oldest)
    }

    /// Forgets items older than that. Nobody takes them any more.
    pub(crate) fn forget_before(&mut self, time: i64) -> Vec<Hash> {
        let mut forgotten = Vec::new();
        while self.by_time.first().is_some_and(|(at, _)| *at < time) {
            if let Some((_, id)) = self.by_time.pop_first() {
                self.items.remove(&id);
                forgotten.push(id);
            }
        }
        forgotten
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Hash, &Arc<Envelope>)> {
        self.items.iter()
    }
}

/// How often a peer asked for blocks in the current second.
#[derive(Debug, Default)]
pub(crate) struct Wants {
    second: i64,
    counts: BTreeMap<PeerId, u32>,
}

impl Wants {
    /// May it be answered?
    pub(crate) fn admit(&mut self, peer: PeerId, now: i64) -> bool {
        let second = now.div_euclid(SECOND);
        if second != self.second {
            self.second = second;
            self.counts.clear();
        }
        let count = self.counts.entry(peer).or_default();
        *count = count.saturating_add(1);
        *count <= WANTS_PER_SECOND_MAX
    }
}

/// A message whose segment waits for its lower part.
#[derive(Clone, Debug)]
pub(crate) struct Awaiting {
    pub carrier: PeerId,
    pub envelope: Envelope,
    pub gossip: bool,
    pub author: PeerId,
    pub until: i64,
}

/// Messages that wait for lower parts of segments.
#[derive(Debug, Default)]
pub(crate) struct AwaitingBuffer(Vec<Awaiting>);

impl AwaitingBuffer {
    /// Keeps a message; one that is there already is not kept twice. `false` when there is no room.
    pub(crate) fn push(&mut self, awaiting: Awaiting) -> bool {
        if self.0.iter().any(|other| other.carrier == awaiting.carrier && other.envelope == awaiting.envelope)
        {
            return true;
        }
        let of_carrier = self.0.iter().filter(|other| other.carrier == awaiting.carrier).count();
        if self.0.len() >= AWAITING_MAX || of_carrier >= AWAITING_PER_PEER_MAX {
            return false;
        }
        self.0.push(awaiting);
        true
    }

    /// Takes out what waits for a chain.
    pub(crate) fn take(&mut self, author: &PeerId) -> Vec<Awaiting> {
        let (taken, kept) = self.0.drain(..).partition(|awaiting| awaiting.author == *author);
        self.0 = kept;
        taken
    }

    pub(crate) fn expired(&mut self, now: i64) -> Vec<Awaiting> {
        let (expired, kept) = self.0.drain(..).partition(|awaiting| awaiting.until <= now);
        self.0 = kept;
        expired
    }

    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.0.iter().map(|awaiting| awaiting.until).min()
    }
}
