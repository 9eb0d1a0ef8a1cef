//! What one honest peer is in: its instances, its shared stores, its chain, what it has said so far, its clock.

use omt_runtime::id::Hash;
use omt_runtime::machine::{Incoming, Timer};
use omt_runtime::wire::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The state of one honest peer. Its parts are numbers of tables, so that comparing two is quick.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Local {
    /// Which peer.
    pub peer: u32,
    /// How far it is, microseconds of true time.
    pub clock: i64,
    /// Its instances, in the order of their creation; what is over stays, as a tombstone.
    pub instances: Vec<u32>,
    /// Its shared stores.
    pub shared: u32,
    /// Its chain.
    pub chain: u32,
    /// Every message it has sent to others.
    pub sent: u32,
    /// What it remembers of those who may contradict themselves.
    pub heard: u32,
    /// Random values drawn so far.
    pub draws: u32,
    /// The fault that stopped an instance, or that a trigger came to: its number, from 1; 0 if there was none.
    pub fault: u32,
    /// Properties that a step here has violated by itself, a bit each.
    pub broken: u64,
}

/// How an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Status {
    /// It can react.
    Running,
    /// In a terminal state.
    Completed,
    /// Stopped by a fault.
    Faulted,
}

/// A machine and what its host keeps for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Instance {
    /// Index of its transaction.
    pub protocol: u32,
    /// Its role.
    pub actor: Arc<str>,
    /// Its session.
    pub session: Hash,
    /// State and store.
    pub machine: u32,
    /// Is it over?
    pub status: Status,
    /// Armed timers, sorted.
    pub timers: Vec<Deadline>,
    /// Outstanding tasks by name, with their arguments.
    pub tasks: BTreeMap<String, Vec<Vec<u8>>>,
    /// Messages that it has taken.
    pub taken: u32,
    /// Messages to itself that wait for a later state, oldest first.
    pub held: Vec<u32>,
    /// Sequence number of its next message, where that can be told apart.
    pub next_sequence: u64,
}

/// The instant of every timer beyond the horizon.
pub(super) const FAR: i64 = i64::MAX;

/// The instant of a timer that may fire at any time.
pub(super) const ANY_TIME: i64 = i64::MIN;

/// An armed timer, in microseconds of the peer's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Deadline {
    /// When; [`ANY_TIME`] if that is left open.
    pub at: i64,
    /// Which limit of the state.
    pub limit: u32,
    /// Its period, if it comes again.
    pub period: Option<i64>,
}

impl From<Timer> for Deadline {
    fn from(timer: Timer) -> Self {
        Deadline { at: timer.at, limit: timer.limit, period: timer.period }
    }
}

/// What tells a machine from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MachineKey {
    /// Index of its transaction.
    pub protocol: u32,
    /// Its role.
    pub actor: Arc<str>,
    /// What it saved.
    pub snapshot: Vec<u8>,
}

/// Fields of the shared stores of a peer, by transaction and actor.
pub(super) type Shared = BTreeMap<(u32, String), BTreeMap<String, Vec<u8>>>;

/// What tells a message from others. The time of its envelope is left out: no machine can read it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MessageKey {
    /// Who sent it.
    pub from: u32,
    /// Who gets it; nobody in particular for gossip.
    pub to: Option<u32>,
    /// Index of its transaction.
    pub protocol: u32,
    /// Its session.
    pub session: Hash,
    /// Its name.
    pub name: Arc<str>,
    /// Canonical CBOR.
    pub payload: Bytes,
    /// Its number among those of its sender and session.
    pub sequence: u64,
}

/// A message as machines get it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// What tells it from others.
    pub key: Arc<MessageKey>,
    /// What is offered.
    pub incoming: Arc<Incoming>,
}
