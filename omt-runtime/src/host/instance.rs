//! An instance as a host keeps it: the machine, and what belongs to it but not to its state: timers, deferred
//! messages, ids taken, tasks. And its rows in the journal.

use super::event::Key;
use super::journal::{JournalError, read_row};
use super::limits::{DEFERRED_MAX, DEFERRED_PER_SENDER_MAX, TAKEN_PER_SENDER_MAX, TOMBSTONE_AFTER};
use super::task::TaskRow;
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId};
use crate::machine::{Incoming, Machine, Timer};
use crate::wire::Bytes;
use crate::{wire, wire_enum, wire_record};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an instance can still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Takes inputs.
    Running,
    /// Reached a terminal state; what is left is a tombstone.
    Completed,
    /// Stopped by a fault that no other peer caused: a defect of the protocol.
    Faulted,
}

wire_enum!(Status { running => Running, completed => Completed, faulted => Faulted });

/// An instance.
pub(crate) struct Instance {
    pub machine: Box<dyn Machine>,
    pub meta: Meta,
    pub taken: Taken,
}

/// Everything about an instance that is small enough to be copied for each step.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    pub actor: String,
    pub status: Status,
    /// The peer whose message created it; `None` for a trigger.
    pub creator: Option<PeerId>,
    pub timers: Vec<Timer>,
    /// The latest deadline it ever had.
    pub last_deadline: i64,
    /// Sequence number of the next message.
    pub next_sequence: u64,
    /// Tasks started so far.
    pub tasks_started: u64,
    /// Messages deferred so far: the order of the next one.
    pub arrivals: u64,
    /// When it completed or faulted.
    pub ended: Option<i64>,
    /// The fault that stopped it.
    pub fault: Option<String>,
    /// Messages that wait, by arrival.
    pub deferred: BTreeMap<u64, Arc<Incoming>>,
    /// Tasks that run, by name.
    pub tasks: BTreeMap<String, TaskRow>,
}

/// What there is to do with a message that is to wait.
pub(crate) enum Room {
    /// It waits.
    Free,
    /// It waits, and this one of the same sender goes.
    Displaces(u64),
    /// There is no room.
    Full,
}

impl Meta {
    pub(crate) fn new(actor: &str, creator: Option<PeerId>) -> Self {
        Meta {
            actor: actor.to_owned(),
            status: Status::Running,
            creator,
            timers: Vec::new(),
            last_deadline: i64::MIN,
            next_sequence: 0,
            tasks_started: 0,
            arrivals: 0,
            ended: None,
            fault: None,
            deferred: BTreeMap::new(),
            tasks: BTreeMap::new(),
        }
    }

    /// Room for one more deferred message of a sender (LANGUAGE 6.3): the sender's oldest goes first.
    pub(crate) fn room(&self, sender: &PeerId) -> Room {
        let mut own =
            self.deferred.iter().filter(|(_, held)| held.sender == *sender).map(|(order, _)| *order);
        let oldest = own.next();
        let count = own.count() + usize::from(oldest.is_some());
        if count < DEFERRED_PER_SENDER_MAX && self.deferred.len() < DEFERRED_MAX {
            return Room::Free;
        }
        oldest.map_or(Room::Full, Room::Displaces)
    }

    /// When the tombstone may go; `None` while it runs.
    pub(crate) fn forget_at(&self) -> Option<i64> {
        // A repeated first message may be as old as the end of the session, so that counts as a deadline too.
        self.ended.map(|ended| ended.max(self.last_deadline).saturating_add(TOMBSTONE_AFTER))
    }

    pub(crate) fn stop(&mut self, status: Status, now: i64) {
        self.status = status;
        self.ended = Some(now);
        self.timers.clear();
        self.deferred.clear();
        self.tasks.clear();
    }
}

/// Ids that an instance has taken, by sender. Never forgets in a way that lets a message in twice.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    senders: BTreeMap<PeerId, TakenOf>,
}

#[derive(Debug, Default)]
struct TakenOf {
    ids: BTreeMap<Hash, (i64, u64)>,
    sequences: BTreeMap<u64, Hash>,
    by_time: BTreeSet<(i64, Hash)>,
    /// Ids of messages with a time up to this one may have been forgotten.
    floor: Option<i64>,
}

/// What an instance knows of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    New,
    /// It was taken, or is older than what is remembered.
    Taken,
    /// Another one with the same sequence number was taken.
    Contradicts,
}

impl Taken {
    pub(crate) fn look(&self, envelope: &Envelope, id: &Hash) -> Known {
        let Some(of) = self.senders.get(&envelope.from) else { return Known::New };
        if of.ids.contains_key(id) || of.floor.is_some_and(|floor| envelope.time <= floor) {
            Known::Taken
        } else if of.sequences.contains_key(&envelope.sequence) {
            Known::Contradicts
        } else {
            Known::New
        }
    }

    /// Remembers an id. Gives the one that is forgotten for it.
    pub(crate) fn insert(&mut self, sender: PeerId, id: Hash, time: i64, sequence: u64) -> Option<Hash> {
        let of = self.senders.entry(sender).or_default();
        of.ids.insert(id, (time, sequence));
        of.sequences.insert(sequence, id);
        of.by_time.insert((time, id));
        if of.ids.len() <= TAKEN_PER_SENDER_MAX {
            return None;
        }
        let (time, oldest) = of.by_time.pop_first()?;
        if let Some((_, sequence)) = of.ids.remove(&oldest) {
            of.sequences.remove(&sequence);
        }
        of.floor = Some(of.floor.map_or(time, |floor| floor.max(time)));
        Some(oldest)
    }

    fn floors(&self) -> Vec<(PeerId, i64)> {
        self.senders.iter().filter_map(|(sender, of)| of.floor.map(|floor| (*sender, floor))).collect()
    }

    pub(crate) fn set_floor(&mut self, sender: PeerId, floor: i64) {
        self.senders.entry(sender).or_default().floor = Some(floor);
    }
}

/// The row of an instance.
pub(crate) struct InstanceRow {
    actor: String,
    snapshot: Bytes,
    status: Status,
    creator: Option<PeerId>,
    timers: Vec<(i64, u64, Option<i64>)>,
    last_deadline: i64,
    next_sequence: u64,
    tasks_started: u64,
    arrivals: u64,
    ended: Option<i64>,
    fault: Option<String>,
    floors: Vec<(PeerId, i64)>,
}

wire_record!(InstanceRow {
    actor,
    snapshot,
    status,
    creator,
    timers,
    last_deadline,
    next_sequence,
    tasks_started,
    arrivals,
    ended,
    fault,
    floors,
});

/// The row of an instance.
pub(crate) fn row(machine: &dyn Machine, meta: &Meta, taken: &Taken) -> Vec<u8> {
    let timer = |timer: &Timer| (timer.at, u64::from(timer.limit), timer.period);
    wire::to_bytes(&InstanceRow {
        actor: meta.actor.clone(),
        snapshot: machine.save().into(),
        status: meta.status,
        creator: meta.creator,
        timers: meta.timers.iter().map(timer).collect(),
        last_deadline: meta.last_deadline,
        next_sequence: meta.next_sequence,
        tasks_started: meta.tasks_started,
        arrivals: meta.arrivals,
        ended: meta.ended,
        fault: meta.fault.clone(),
        floors: taken.floors(),
    })
}

/// Actor, snapshot, meta and the floors of ids taken, from a row.
pub(crate) fn from_row(bytes: &[u8]) -> Result<(Bytes, Meta, Taken), JournalError> {
    let row: InstanceRow = read_row(bytes)?;
    let timer = |(at, limit, period): (i64, u64, Option<i64>)| {
        let limit = u32::try_from(limit).map_err(|_| JournalError("a timer without a limit".to_owned()))?;
        Ok(Timer { at, limit, period })
    };
    let mut taken = Taken::default();
    for (sender, floor) in row.floors {
        taken.set_floor(sender, floor);
    }
    let meta = Meta {
        actor: row.actor,
        status: row.status,
        creator: row.creator,
        timers: row.timers.into_iter().map(timer).collect::<Result<_, JournalError>>()?,
        last_deadline: row.last_deadline,
        next_sequence: row.next_sequence,
        tasks_started: row.tasks_started,
        arrivals: row.arrivals,
        ended: row.ended,
        fault: row.fault,
        deferred: BTreeMap::new(),
        tasks: BTreeMap::new(),
    };
    Ok((row.snapshot, meta, taken))
}

/// A deferred message in the journal.
pub(crate) struct HeldRow {
    pub sender: PeerId,
    pub envelope: Envelope,
}

wire_record!(HeldRow { sender, envelope });

impl Key {
    /// The key of its row.
    pub(crate) fn row(&self) -> Vec<u8> {
        let mut key = self.protocol.0.to_vec();
        key.extend(self.session.0);
        key
    }

    /// The key of a row that belongs to it.
    pub(crate) fn row_of(&self, rest: &[u8]) -> Vec<u8> {
        let mut key = self.row();
        key.extend(rest);
        key
    }

    /// The instance that a row belongs to, and the rest of its key.
    pub(crate) fn of_row(key: &[u8]) -> Result<(Key, &[u8]), JournalError> {
        let short = || JournalError("a row without its instance".to_owned());
        let (protocol, rest) = key.split_at_checked(Hash::LEN).ok_or_else(short)?;
        let (session, rest) = rest.split_at_checked(Hash::LEN).ok_or_else(short)?;
        let hash = |bytes| Hash::from_slice(bytes).map_err(|error| JournalError(error.to_string()));
        Ok((Key { protocol: hash(protocol)?, session: hash(session)? }, rest))
    }
}
