//! Effects that wait until they have happened: messages until their receiver acknowledges them, triggers of other
//! transactions until they are fired. Every entry is a row of the journal, written by the step that caused it.

use super::limits::{RETRY_FIRST, RETRY_MAX};
use crate::chain::Segment;
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId};
use crate::wire::Bytes;
use crate::wire_record;
use std::collections::{BTreeMap, BTreeSet};

/// An effect that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Who gets it; oneself for triggers.
    pub to: PeerId,
    /// The message, if it is one.
    pub envelope: Option<Envelope>,
    /// Is the message gossip?
    pub gossip: bool,
    /// The trigger, if it is one.
    pub firing: Option<Firing>,
    /// Given up after this.
    pub expires: i64,
}

wire_record!(OutboxRow { to, envelope, gossip, firing, expires });

/// A trigger of another transaction that is to be fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// Protocol id.
    pub protocol: Hash,
    /// Actor.
    pub actor: String,
    /// Trigger.
    pub trigger: String,
    /// Arguments in order, canonical.
    pub arguments: Vec<Bytes>,
}

wire_record!(Firing { protocol, actor, trigger, arguments });

/// An entry, and when it is tried again.
#[derive(Debug)]
pub(crate) struct Entry {
    pub row: OutboxRow,
    pub attempts: u32,
    next_at: i64,
    /// Segments inside, so that an acknowledgement tells what the receiver has.
    pub segments: Vec<Segment>,
}

/// The entries by order.
#[derive(Debug)]
pub(crate) struct Outbox {
    me: PeerId,
    entries: BTreeMap<u64, Entry>,
    by_id: BTreeMap<(PeerId, Hash), u64>,
    /// (when, order) of what goes to other peers.
    remote: BTreeSet<(i64, u64)>,
    /// (when, order) of what stays here.
    local: BTreeSet<(i64, u64)>,
    next: u64,
}

impl Outbox {
    pub(crate) fn new(me: PeerId) -> Self {
        Outbox {
            me,
            entries: BTreeMap::new(),
            by_id: BTreeMap::new(),
            remote: BTreeSet::new(),
            local: BTreeSet::new(),
            next: 0,
        }
    }

    /// The order that the next entry gets.
    pub(crate) fn next_order(&self) -> u64 {
        self.next
    }

    pub(crate) fn add(&mut self, order: u64, row: OutboxRow, segments: Vec<Segment>, at: i64) {
        if let Some(envelope) = &row.envelope {
            self.by_id.insert((row.to, envelope.id()), order);
        }
        self.next = self.next.max(order.saturating_add(1));
        self.queue(row.to == self.me).insert((at, order));
        self.entries.insert(order, Entry { row, attempts: 0, next_at: at, segments });
    }

    fn queue(&mut self, local: bool) -> &mut BTreeSet<(i64, u64)> {
        if local { &mut self.local } else { &mut self.remote }
    }

    pub(crate) fn remove(&mut self, order: u64) -> Option<Entry> {
        let entry = self.entries.remove(&order)?;
        self.queue(entry.row.to == self.me).remove(&(entry.next_at, order));
        if let Some(envelope) = &entry.row.envelope {
            self.by_id.remove(&(entry.row.to, envelope.id()));
        }
        Some(entry)
    }

    /// The entry that an acknowledgement is about.
    pub(crate) fn find(&self, to: &PeerId, id: &Hash) -> Option<u64> {
        self.by_id.get(&(*to, *id)).copied()
    }

    /// The next entry for another peer that is due, its next attempt scheduled.
    pub(crate) fn due_remote(&mut self, now: i64) -> Option<(u64, &Entry)> {
        let order = self.remote.first().filter(|(at, _)| *at <= now).map(|(_, order)| *order)?;
        self.postpone(order, now);
        self.entries.get(&order).map(|entry| (order, entry))
    }

    /// The next entry for oneself that is due, its next attempt scheduled.
    pub(crate) fn due_local(&mut self, now: i64) -> Option<(u64, &Entry)> {
        let order = self.local.first().filter(|(at, _)| *at <= now).map(|(_, order)| *order)?;
        self.postpone(order, now);
        self.entries.get(&order).map(|entry| (order, entry))
    }

    fn postpone(&mut self, order: u64, now: i64) {
        let Some(entry) = self.entries.get_mut(&order) else { return };
        let factor = 1i64 << entry.attempts.min(16);
        let (was, pause) = (entry.next_at, RETRY_FIRST.saturating_mul(factor).min(RETRY_MAX));
        entry.attempts = entry.attempts.saturating_add(1);
        entry.next_at = now.saturating_add(pause);
        let (next_at, local) = (entry.next_at, entry.row.to == self.me);
        let queue = self.queue(local);
        queue.remove(&(was, order));
        queue.insert((next_at, order));
    }

    /// When something is due next.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        let first = |queue: &BTreeSet<(i64, u64)>| queue.first().map(|(at, _)| *at);
        [first(&self.remote), first(&self.local)].into_iter().flatten().min()
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (u64, &OutboxRow)> {
        self.entries.iter().map(|(order, entry)| (*order, &entry.row))
    }
}
