//! Several peers in one process, over virtual time and a network that loses, delays, doubles and reorders.
//!
//! Everything that happens is drawn from one seed and happens in one order, so a run can be repeated to the byte
//! ([`World::trace`]). Nothing here knows a protocol.

mod network;
mod summary;

pub use network::{Fate, Network, Passing};
pub use summary::{ChainSummary, InstanceSummary, PeerSummary, Summary};

use super::event::{Event, EventKind};
use super::journal::{Journal, MemoryJournal};
use super::natives::Natives;
use super::packet::Packet;
use super::peer::{HostError, OpenError, Output, Peer, PeerInput, TriggerCall, TriggerError};
use super::task::{TaskKey, TaskStart};
use super::{PeerConfig, limits};
use crate::crypto::{self, Keypair};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::library::SeededRng;
use crate::machine::Program;
use crate::wire;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where virtual time begins: a day in 2026, so that calendar days are days.
pub const WORLD_START: i64 = 1_767_225_600 * limits::SECOND;
/// How long a peer is down whose journal failed.
pub const RESTART_AFTER: i64 = 50_000;

/// Gives a handle of a peer's journal, one for every run of the peer.
pub type JournalFactory = Arc<dyn Fn() -> Box<dyn Journal> + Send + Sync>;

/// What a scripted task does: how long it takes, and what it results in.
pub type TaskScript = Arc<dyn Fn(&TaskStart) -> (i64, Option<Vec<u8>>) + Send + Sync>;

/// Someone in the cast.
#[derive(Clone)]
pub struct Cast {
    /// What it runs.
    pub programs: Vec<Arc<dyn Program>>,
    /// What its host can do; tasks are bound by [`World::task`].
    pub natives: Natives,
    /// Its journal; in memory if not given.
    pub journal: Option<JournalFactory>,
    /// How far its clock is ahead, microseconds.
    pub clock: i64,
    /// Changes of its limits.
    pub limits: Option<(usize, usize)>,
    /// Whose key it runs under; its own name's if not given.
    pub identity: Option<String>,
    /// Scripts of its own tasks, by path; they come before those of [`World::task`].
    pub tasks: BTreeMap<String, TaskScript>,
    /// Tell with every step what it left behind ([`Seen`](super::Seen)).
    pub watched: bool,
}

impl Cast {
    /// Runs these programs on a journal in memory.
    pub fn new(programs: Vec<Arc<dyn Program>>) -> Self {
        Cast {
            programs,
            natives: Natives::new(),
            journal: None,
            clock: 0,
            limits: None,
            identity: None,
            tasks: BTreeMap::new(),
            watched: false,
        }
    }

    /// With this library.
    #[must_use]
    pub fn natives(mut self, natives: Natives) -> Self {
        self.natives = natives;
        self
    }

    /// Its tasks of that path take that long and result in that; `None` is a failure. Without a script, also a
    /// general one, a task that [`Natives::task`] binds never ends.
    #[must_use]
    pub fn task(
        mut self,
        library: &str,
        script: impl Fn(&TaskStart) -> (i64, Option<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.tasks.insert(library.to_owned(), Arc::new(script));
        self.natives = self.natives.task(library);
        self
    }

    /// With a clock that is that far ahead, microseconds.
    #[must_use]
    pub fn clock(mut self, ahead: i64) -> Self {
        self.clock = ahead;
        self
    }

    /// Its steps tell what they left behind.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self
    }

    /// On this journal.
    #[must_use]
    pub fn journal(mut self, journal: impl Fn() -> Box<dyn Journal> + Send + Sync + 'static) -> Self {
        self.journal = Some(Arc::new(journal));
        self
    }

    /// Under the key of that name: a second process of one peer, as a cheater or a restored backup runs it. What is
    /// sent to the key arrives at both.
    #[must_use]
    pub fn identity(mut self, name: &str) -> Self {
        self.identity = Some(name.to_owned());
        self
    }
}

struct Node {
    name: String,
    id: PeerId,
    key_seed: [u8; 32],
    cast: Cast,
    journal: JournalFactory,
    peer: Option<Peer>,
    /// It runs nothing: what is sent to it is lost, and it is never started.
    mute: bool,
    boots: u64,
    /// Triggers that came while it was down.
    waiting: Vec<TriggerCall>,
    events: Vec<Event>,
}

enum Happening {
    Arrive { from: PeerId, to: usize, bytes: Vec<u8> },
    Trigger { who: usize, call: TriggerCall },
    TaskEnd { who: usize, boots: u64, task: TaskKey, result: Option<Vec<u8>> },
    Crash(usize),
    Restart(usize),
    Cut(BTreeSet<PeerId>, BTreeSet<PeerId>),
    Heal,
}

/// A message as it was sent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, microseconds since [`WORLD_START`].
    pub at: i64,
    /// Name of the sender.
    pub from: String,
    /// Name of the receiver; `network` for gossip.
    pub to: String,
    /// Name of the message.
    pub message: String,
    /// Its session.
    pub session: SessionId,
    /// Its id.
    pub id: Hash,
}

/// Hears every event as it happens: name of the peer, event.
pub type Observer = Box<dyn FnMut(&str, &Event) + Send>;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Nothing more will happen by itself.
    Quiet,
    /// The time was up.
    Limit,
}

/// The world. See the [module documentation](self).
pub struct World {
    seed: u64,
    now: i64,
    ticked: i64,
    rng: SeededRng,
    network: Network,
    filter: Option<network::Filter>,
    nodes: Vec<Node>,
    by_id: BTreeMap<PeerId, Vec<usize>>,
    queue: BTreeMap<(i64, u64), Happening>,
    order: u64,
    cuts: Vec<(BTreeSet<PeerId>, BTreeSet<PeerId>)>,
    tasks: BTreeMap<String, TaskScript>,
    cancelled: BTreeSet<(PeerId, TaskKey)>,
    lines: Vec<Line>,
    triggered: Vec<(String, String, Result<SessionId, TriggerError>)>,
    observer: Option<Observer>,
    trace: Hash,
    datagrams: u64,
    restarts: u64,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64, network: Network) -> Self {
        World {
            seed,
            now: WORLD_START,
            ticked: i64::MIN,
            rng: SeededRng::new(&("omt-world".to_owned(), seed)),
            network,
            filter: None,
            nodes: Vec::new(),
            by_id: BTreeMap::new(),
            queue: BTreeMap::new(),
            order: 0,
            cuts: Vec::new(),
            tasks: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            lines: Vec::new(),
            triggered: Vec::new(),
            observer: None,
            trace: Hash::ZERO,
            datagrams: 0,
            restarts: 0,
        }
    }

    /// The key pair of a name in this world, whether or not it is in the cast: attackers sign with it.
    pub fn key(&self, name: &str) -> Keypair {
        Keypair::from_seed(&self.key_seed(name))
    }

    fn key_seed(&self, name: &str) -> [u8; 32] {
        crypto::hash(&("omt-world-key".to_owned(), self.seed, name.to_owned())).0
    }

    /// Adds a peer. All peers of the world are each other's neighbours for gossip.
    ///
    /// # Errors
    /// A native is missing, or the journal does not fit.
    pub fn add(&mut self, name: &str, cast: Cast) -> Result<PeerId, OpenError> {
        let journal = cast.journal.clone().unwrap_or_else(|| {
            let memory = MemoryJournal::new();
            Arc::new(move || Box::new(memory.clone()))
        });
        let key_seed = self.key_seed(cast.identity.as_deref().unwrap_or(name));
        let id = Keypair::from_seed(&key_seed).peer_id();
        let node = Node {
            name: name.to_owned(),
            id,
            key_seed,
            cast,
            journal,
            peer: None,
            mute: false,
            boots: 0,
            waiting: Vec::new(),
            events: Vec::new(),
        };
        let index = self.nodes.len();
        self.nodes.push(node);
        if let Err(error) = self.boot(index) {
            self.nodes.pop();
            return Err(error);
        }
        self.introduce(id, index);
        Ok(id)
    }

    /// Adds somebody who has a key and runs nothing: what it says is what [`World::say`] says for it.
    pub fn add_mute(&mut self, name: &str) -> PeerId {
        let key_seed = self.key_seed(name);
        let id = Keypair::from_seed(&key_seed).peer_id();
        let index = self.nodes.len();
        self.nodes.push(Node {
            name: name.to_owned(),
            id,
            key_seed,
            cast: Cast::new(Vec::new()),
            journal: Arc::new(|| Box::new(MemoryJournal::new())),
            peer: None,
            mute: true,
            boots: 0,
            waiting: Vec::new(),
            events: Vec::new(),
        });
        self.introduce(id, index);
        id
    }

    fn introduce(&mut self, id: PeerId, index: usize) {
        self.by_id.entry(id).or_default().push(index);
        let ids: Vec<PeerId> = self.by_id.keys().copied().collect();
        for node in &mut self.nodes {
            if let Some(peer) = &mut node.peer {
                peer.set_neighbours(ids.clone());
            }
        }
    }

    fn boot(&mut self, index: usize) -> Result<(), OpenError> {
        let neighbours: Vec<PeerId> = self.by_id.keys().copied().collect();
        let Some(node) = self.nodes.get(index) else { return Ok(()) };
        let random_seed =
            crypto::hash(&("omt-world-random".to_owned(), self.seed, node.name.clone(), node.boots));
        let mut config = PeerConfig::new(node.key_seed, random_seed.0);
        config.neighbours = neighbours;
        config.watched = node.cast.watched;
        if let Some((instance_max, instance_per_peer_max)) = node.cast.limits {
            (config.instance_max, config.instance_per_peer_max) = (instance_max, instance_per_peer_max);
        }
        let natives = self.tasks.keys().fold(node.cast.natives.clone(), |natives, path| natives.task(path));
        let now = self.now.saturating_add(node.cast.clock);
        let peer = Peer::open(config, node.cast.programs.clone(), natives, (node.journal)(), now)?;
        if let Some(node) = self.nodes.get_mut(index) {
            node.peer = Some(peer);
            node.boots += 1;
        }
        self.pump(index);
        Ok(())
    }

    /// Scripts the tasks of a library path. Bind before adding who needs it.
    pub fn task(
        &mut self,
        library: &str,
        script: impl Fn(&TaskStart) -> (i64, Option<Vec<u8>>) + Send + Sync + 'static,
    ) {
        self.tasks.insert(library.to_owned(), Arc::new(script));
    }

    /// Decides about every datagram before the network does: what is dropped, delayed, doubled, seen.
    pub fn filter(&mut self, filter: impl FnMut(&Passing<'_>) -> Fate + Send + 'static) {
        self.filter = Some(Box::new(filter));
    }

    /// Takes the filter away.
    pub fn unfilter(&mut self) {
        self.filter = None;
    }

    /// Replaces the properties of the network.
    pub fn set_network(&mut self, network: Network) {
        self.network = network;
    }

    /// Hears every event as it happens.
    pub fn observe(&mut self, observer: impl FnMut(&str, &Event) + Send + 'static) {
        self.observer = Some(Box::new(observer));
    }

    /// Virtual time, microseconds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The id of a name; zero for nobody.
    pub fn id(&self, name: &str) -> PeerId {
        self.index(name).and_then(|index| self.nodes.get(index)).map_or(PeerId([0; 32]), |node| node.id)
    }

    /// The name of an id; its short form for nobody.
    pub fn name(&self, id: &PeerId) -> String {
        let first = self.by_id.get(id).and_then(|indices| indices.first());
        let node = first.and_then(|index| self.nodes.get(*index));
        node.map_or_else(|| id.short(), |node| node.name.clone())
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }

    /// A peer, while it is up.
    pub fn peer(&self, name: &str) -> Option<&Peer> {
        self.index(name).and_then(|index| self.nodes.get(index)).and_then(|node| node.peer.as_ref())
    }

    /// Does something with a peer, at this instant; what it says goes out. `None` while it is down.
    pub fn with<T>(&mut self, name: &str, f: impl FnOnce(&mut Peer, i64) -> T) -> Option<T> {
        let index = self.index(name)?;
        let node = self.nodes.get_mut(index)?;
        let now = self.now.saturating_add(node.cast.clock);
        let result = node.peer.as_mut().map(|peer| f(peer, now));
        self.pump(index);
        result
    }

    /// Events of a peer so far, over its restarts.
    pub fn events(&self, name: &str) -> &[Event] {
        self.index(name).and_then(|index| self.nodes.get(index)).map_or(&[], |node| &node.events)
    }

    /// Messages in the order in which they were sent first.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What became of the triggers: name, trigger, result.
    pub fn triggered(&self) -> &[(String, String, Result<SessionId, TriggerError>)] {
        &self.triggered
    }

    /// Hash of every datagram that arrived, with its time: two runs are the same if and only if this is.
    pub fn trace(&self) -> Hash {
        self.trace
    }

    fn schedule(&mut self, at: i64, happening: Happening) {
        self.queue.insert((at.max(self.now), self.order), happening);
        self.order += 1;
    }

    /// Fires a trigger after that long. It is fired once even if the peer crashes meanwhile.
    pub fn trigger(&mut self, after: i64, name: &str, mut call: TriggerCall) {
        let Some(who) = self.index(name) else { return };
        if call.request.is_none() {
            call.request = Some(crypto::hash(&("omt-world-request".to_owned(), self.seed, self.order)));
        }
        self.schedule(self.now.saturating_add(after), Happening::Trigger { who, call });
    }

    /// Bytes from whoever's connection, after that long: an attacker's.
    pub fn inject(&mut self, after: i64, from: PeerId, to: &str, bytes: Vec<u8>) {
        let Some(to) = self.index(to) else { return };
        self.schedule(self.now.saturating_add(after), Happening::Arrive { from, to, bytes });
    }

    /// A message from whoever's connection, after that long.
    pub fn inject_message(&mut self, after: i64, from: PeerId, to: &str, envelope: Envelope) {
        self.inject(after, from, to, wire::to_bytes(&Packet::Message(envelope)));
    }

    /// Somebody says something now, whatever its machine thinks of it: the message takes its way through the network
    /// like any other, but is sent once only.
    pub fn say(&mut self, from: &PeerId, to: &PeerId, envelope: Envelope) {
        self.transmit(*from, *to, wire::to_bytes(&Packet::Message(envelope)));
    }

    /// The peer's process is killed after that long; its journal stays.
    pub fn crash(&mut self, after: i64, name: &str) {
        let Some(who) = self.index(name) else { return };
        self.schedule(self.now.saturating_add(after), Happening::Crash(who));
    }

    /// The peer is started again from its journal after that long.
    pub fn restart(&mut self, after: i64, name: &str) {
        let Some(who) = self.index(name) else { return };
        self.schedule(self.now.saturating_add(after), Happening::Restart(who));
    }

    /// Nothing passes between the two groups from then on.
    pub fn partition(&mut self, after: i64, one: &[&str], other: &[&str]) {
        let ids = |names: &[&str]| names.iter().map(|name| self.id(name)).collect();
        let (one, other) = (ids(one), ids(other));
        self.schedule(self.now.saturating_add(after), Happening::Cut(one, other));
    }

    /// All partitions end after that long.
    pub fn heal(&mut self, after: i64) {
        self.schedule(self.now.saturating_add(after), Happening::Heal);
    }

    /// Runs for that long, or until nothing more will happen by itself: nothing under way, no timer armed, nothing
    /// unacknowledged by a peer that is up.
    pub fn run(&mut self, for_at_most: i64) -> RunEnd {
        let limit = self.now.saturating_add(for_at_most);
        loop {
            if let Some(end) = self.step(limit) {
                return end;
            }
        }
    }

    /// Lets that much time pass, whether or not something happens.
    pub fn pass(&mut self, duration: i64) {
        let until = self.now.saturating_add(duration);
        while self.step(until).is_none() {}
        self.now = self.now.max(until);
    }

    /// Runs through the next instant at which something happens, if that is not after `limit`. The end of the run if
    /// there was none.
    pub fn step(&mut self, limit: i64) -> Option<RunEnd> {
        if self.is_quiet() {
            return Some(RunEnd::Quiet);
        }
        let Some(next) = self.next_instant() else { return Some(RunEnd::Quiet) };
        if next > limit {
            self.now = self.now.max(limit);
            return Some(RunEnd::Limit);
        }
        self.now = self.now.max(next);
        self.arrivals();
        self.timers();
        None
    }

    /// The next instant at which something happens by itself, if anything will.
    pub fn next(&self) -> Option<i64> {
        let next = if self.is_quiet() { None } else { self.next_instant() };
        next.map(|at| at.max(self.now))
    }

    /// Goes to the beginning of an instant: everything before it has happened, and whatever arrives at it, but no
    /// timer of it has fired yet.
    pub fn approach(&mut self, at: i64) {
        while self.next().is_some_and(|next| next < at) {
            self.step(at.saturating_sub(1));
        }
        self.now = self.now.max(at);
        self.arrivals();
    }

    /// Whatever arrives at this instant.
    fn arrivals(&mut self) {
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > self.now {
                return;
            }
            let happening = entry.remove();
            self.happen(happening);
        }
    }

    /// Timers at this instant. What a timer says may arrive at the same instant, and is then heard first.
    fn timers(&mut self) {
        self.ticked = self.now;
        for index in 0..self.nodes.len() {
            let due = self.nodes.get(index).and_then(|node| {
                let deadline = node.peer.as_ref()?.next_deadline()?;
                Some(deadline.saturating_sub(node.cast.clock) <= self.now)
            });
            if due == Some(true) {
                self.feed(index, PeerInput::Tick);
                self.arrivals();
            }
        }
    }

    fn next_instant(&self) -> Option<i64> {
        let arrival = self.queue.first_key_value().map(|((at, _), _)| *at);
        let deadlines = self.nodes.iter().filter_map(|node| {
            let deadline = node.peer.as_ref()?.next_deadline()?.saturating_sub(node.cast.clock);
            // A deadline that is still there after its tick may not stop time.
            Some(deadline.max(self.ticked.saturating_add(1)))
        });
        arrival.into_iter().chain(deadlines).min()
    }

    fn is_quiet(&self) -> bool {
        let up = |id: &PeerId| {
            let mut indices = self.by_id.get(id).into_iter().flatten();
            indices.any(|index| self.nodes.get(*index).is_some_and(|node| node.peer.is_some()))
        };
        self.queue.is_empty()
            && self
                .nodes
                .iter()
                .filter_map(|node| node.peer.as_ref())
                .all(|peer| peer.next_timer().is_none() && !peer.outbox().any(|(_, row)| up(&row.to)))
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrive { from, to, bytes } => {
                self.datagrams += 1;
                let receiver = self.nodes.get(to).map_or(from, |node| node.id);
                let trace = (self.trace, self.now, from, receiver, crypto::sha256(&bytes));
                self.trace = crypto::hash(&trace);
                self.feed(to, PeerInput::Datagram { from, bytes: &bytes });
            }
            Happening::TaskEnd { who, boots, task, result } => {
                let current = self.nodes.get(who).is_some_and(|node| node.boots == boots);
                let id = self.nodes.get(who).map(|node| node.id);
                let cancelled = id.is_some_and(|id| self.cancelled.remove(&(id, task.clone())));
                // A task dies with its process; the next run starts it again.
                if current && !cancelled {
                    self.feed(who, PeerInput::TaskEnded { task, result });
                }
            }
            Happening::Trigger { who, call } => self.fire(who, call),
            Happening::Crash(who) => {
                if let Some(node) = self.nodes.get_mut(who) {
                    node.peer = None;
                }
            }
            Happening::Restart(who) => self.start_again(who),
            Happening::Cut(one, other) => self.cuts.push((one, other)),
            Happening::Heal => self.cuts.clear(),
        }
    }

    fn start_again(&mut self, who: usize) {
        if self.nodes.get(who).is_none_or(|node| node.mute || node.peer.is_some()) {
            return;
        }
        self.restarts += 1;
        if self.boot(who).is_err() {
            return;
        }
        let waiting =
            self.nodes.get_mut(who).map(|node| std::mem::take(&mut node.waiting)).unwrap_or_default();
        for call in waiting {
            self.fire(who, call);
        }
    }

    fn fire(&mut self, who: usize, call: TriggerCall) {
        let Some(node) = self.nodes.get_mut(who) else { return };
        let now = self.now.saturating_add(node.cast.clock);
        let Some(peer) = node.peer.as_mut() else {
            node.waiting.push(call);
            return;
        };
        let result = peer.trigger(now, call.clone());
        if let Err(TriggerError::Host(_)) = result {
            // Whether it was taken, the idempotency key will tell.
            node.waiting.push(call);
            self.fall(who);
            return;
        }
        let name = node.name.clone();
        self.triggered.push((name, call.trigger, result));
        self.pump(who);
    }

    fn feed(&mut self, who: usize, input: PeerInput<'_>) {
        let Some(node) = self.nodes.get_mut(who) else { return };
        let now = self.now.saturating_add(node.cast.clock);
        let result: Result<(), HostError> = node.peer.as_mut().map_or(Ok(()), |peer| peer.handle(now, input));
        if result.is_err() {
            self.fall(who);
        } else {
            self.pump(who);
        }
    }

    /// The journal failed: the process ends, and is started again.
    fn fall(&mut self, who: usize) {
        self.pump(who);
        if let Some(node) = self.nodes.get_mut(who) {
            node.peer = None;
        }
        self.schedule(self.now.saturating_add(RESTART_AFTER), Happening::Restart(who));
    }

    /// Collects what a peer says.
    fn pump(&mut self, who: usize) {
        loop {
            let Some(node) = self.nodes.get_mut(who) else { return };
            let (now, id) = (self.now.saturating_add(node.cast.clock), node.id);
            let Some(peer) = node.peer.as_mut() else { return };
            let (output, events) = (peer.poll_output(now), peer.take_events());
            self.note(who, events);
            match output {
                None => return,
                Some(Output::Datagram { to, bytes }) => self.transmit(id, to, bytes),
                Some(Output::StartTask(start)) => self.start_task(who, start),
                Some(Output::CancelTask(task)) => {
                    self.cancelled.insert((id, task));
                }
            }
        }
    }

    fn start_task(&mut self, who: usize, start: TaskStart) {
        let Some(node) = self.nodes.get(who) else { return };
        let boots = node.boots;
        let script = node.cast.tasks.get(&start.library).or_else(|| self.tasks.get(&start.library));
        let Some((delay, result)) = script.map(|script| script(&start)) else { return };
        self.schedule(
            self.now.saturating_add(delay.max(0)),
            Happening::TaskEnd { who, boots, task: start.key, result },
        );
    }

    fn note(&mut self, who: usize, events: Vec<Event>) {
        for event in events {
            let Some(name) = self.nodes.get(who).map(|node| node.name.clone()) else { return };
            let at = self.now.saturating_sub(WORLD_START);
            #[allow(clippy::wildcard_enum_match_arm, reason = "only what is sent is a line")]
            let line = match &event.kind {
                EventKind::Sent { key, to, message, id, .. } => {
                    Some((self.name(to), key.session, message, *id))
                }
                EventKind::Gossiped { key, message, id, .. }
                    if !self.lines.iter().any(|line| line.id == *id) =>
                {
                    Some(("network".to_owned(), key.session, message, *id))
                }
                _ => None,
            };
            if let Some((to, session, message, id)) = line {
                self.lines.push(Line { at, from: name.clone(), to, message: message.clone(), session, id });
            }
            if let Some(observer) = &mut self.observer {
                observer(&name, &event);
            }
            if let Some(node) = self.nodes.get_mut(who) {
                node.events.push(event);
            }
        }
    }
}
