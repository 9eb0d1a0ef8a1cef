//! A peer: one key, some protocols, their instances. No clock, no socket, no thread: time and datagrams go in,
//! datagrams and tasks come out.

use super::buffers::{AwaitingBuffer, EarlyBuffer, GossipSet, Recent, Wants};
use super::env::Books;
use super::event::{Event, EventKind, Key, Log, Reason, Refused};
use super::hold::Hold;
use super::instance::{Instance, Status};
use super::journal::{Commit, CommitError, Journal, JournalError, Table};
use super::limits::PeerConfig;
use super::outbox::{Outbox, OutboxRow};
use super::packet::{ACK_IDS_MAX, Packet};
use super::task::{TaskKey, TaskStart};
use super::typed;
use crate::chain::{Equivocation, RawBlock, Segment};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::ir::Protocol;
use crate::library::SeededRng;
use crate::machine::{Fault, Program, Timer};
use crate::wire;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What comes to a peer from outside.
#[derive(Clone, Debug)]
pub enum PeerInput<'a> {
    /// Bytes over an authenticated connection.
    Datagram {
        /// Who is at the other end.
        from: PeerId,
        /// What came.
        bytes: &'a [u8],
    },
    /// A task that [`Output::StartTask`] asked for has ended.
    TaskEnded {
        /// Which.
        task: TaskKey,
        /// Canonical result; `None` when it failed.
        result: Option<Vec<u8>>,
    },
    /// Everything that arrived by this instant has been handed over: timers may fire.
    Tick,
}

/// What a peer wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Bytes to a peer. They may be lost; the peer sends again what matters.
    Datagram {
        /// The receiver.
        to: PeerId,
        /// What to send.
        bytes: Vec<u8>,
    },
    /// Begin a task; its end is a [`PeerInput::TaskEnded`]. May come again after a restart.
    StartTask(TaskStart),
    /// The result of this task is of no use any more.
    CancelTask(TaskKey),
}

/// A trigger fired from outside.
#[derive(Clone, Debug)]
pub struct TriggerCall {
    /// Protocol id.
    pub protocol: Hash,
    /// Actor.
    pub actor: String,
    /// Trigger.
    pub trigger: String,
    /// Canonical arguments in declared order.
    pub arguments: Vec<Vec<u8>>,
    /// The session, if no argument names it. Without one a new instance gets a random one.
    pub session: Option<SessionId>,
    /// Idempotency key: a call that was taken is not taken again, not even after a restart.
    pub request: Option<Hash>,
}

/// Why a trigger did not fire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// The protocol is not loaded.
    #[error("protocol {0} is not loaded")]
    NotLoaded(Hash),
    /// The actor has no such trigger.
    #[error("{actor} has no trigger {trigger}")]
    Unknown {
        /// The actor.
        actor: String,
        /// What was asked for.
        trigger: String,
    },
    /// The arguments are not those of the declaration.
    #[error("arguments of {trigger}: {detail}")]
    Arguments {
        /// The trigger.
        trigger: String,
        /// What is wrong.
        detail: String,
    },
    /// The machine or the host refused it; nothing changed.
    #[error("refused: {0}")]
    Refused(Reason),
    /// The step faulted; nothing changed.
    #[error(transparent)]
    Fault(Box<Fault>),
    /// The host stopped.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// The host cannot go on: open another peer on the same journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The journal failed. Whether the last step is durable, only reading it anew can tell.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It has just started and asks for its own head; nothing happened, try again later.
    #[error("the host has just started and asks for the head of its own chain")]
    Starting,
}

/// Why a protocol, or a journal, cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The host lacks natives or tasks that the protocol names.
    #[error("protocol {number} needs what this host does not have: {}", missing.join(", "))]
    MissingNatives {
        /// Number of the protocol.
        number: String,
        /// Paths in the host's library.
        missing: Vec<String>,
    },
    /// A row of the journal does not fit its program.
    #[error("the journal does not fit: {0}")]
    Snapshot(String),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A protocol, and what was computed once about it.
pub(crate) struct Loaded {
    pub program: Arc<dyn Program>,
    /// Messages whose payload may hold a segment.
    pub segments: BTreeSet<String>,
    /// Messages that prove something without a signature of their own.
    pub proving: BTreeSet<String>,
}

impl Loaded {
    pub(crate) fn new(program: Arc<dyn Program>) -> Self {
        let protocol = &program.package().protocol;
        let with = |test: fn(&Protocol, &crate::ir::Fields) -> bool| {
            let messages = protocol.messages.iter().filter(|(_, message)| test(protocol, &message.fields));
            messages.map(|(name, _)| name.clone()).collect()
        };
        let (segments, proving) = (with(typed::has_segments), with(typed::proves));
        Loaded { program, segments, proving }
    }

    pub(crate) fn protocol(&self) -> &Protocol {
        &self.program.package().protocol
    }

    pub(crate) fn id(&self) -> Hash {
        self.program.package().id
    }
}

/// One peer. See the [module documentation](super).
pub struct Peer {
    pub(crate) config: PeerConfig,
    pub(crate) me: PeerId,
    pub(crate) programs: BTreeMap<Hash, Loaded>,
    pub(crate) books: Books,
    pub(crate) rng: SeededRng,
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) instances: BTreeMap<Key, Instance>,
    /// (deadline, instance, limit) of every armed timer.
    pub(crate) timers: BTreeSet<(i64, Key, u32)>,
    /// (when, instance) of every tombstone.
    pub(crate) tombstones: BTreeSet<(i64, Key)>,
    pub(crate) running: usize,
    pub(crate) created_by: BTreeMap<PeerId, usize>,
    pub(crate) early: EarlyBuffer,
    pub(crate) awaiting: AwaitingBuffer,
    pub(crate) wants: Wants,
    pub(crate) hold: Option<Hold>,
    pub(crate) recent: Recent,
    pub(crate) gossip: GossipSet,
    pub(crate) outbox: Outbox,
    pub(crate) requests: BTreeMap<Hash, (SessionId, i64)>,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) acks: BTreeMap<PeerId, Vec<Hash>>,
    pub(crate) log: Log,
    pub(crate) clock: i64,
    /// Writes that may wait for the next commit: losing them costs repetition, never correctness.
    pub(crate) pending: Commit,
    pub(crate) failed: Option<JournalError>,
}

/// What a peer shows of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceView {
    /// Protocol and session.
    pub key: Key,
    /// Number of the protocol.
    pub number: String,
    /// Its actor.
    pub actor: String,
    /// Its state.
    pub state: String,
    /// Does it still take inputs?
    pub status: Status,
    /// What stopped it.
    pub fault: Option<String>,
    /// Armed timers.
    pub timers: Vec<Timer>,
    /// Messages that wait.
    pub deferred: usize,
}

impl Peer {
    /// Takes in something from outside. Timers with a deadline before `now` fire first; those at `now` fire at the next
    /// [`PeerInput::Tick`], so that whatever arrived by then is heard first (LANGUAGE 6.6).
    ///
    /// `now` is microseconds since 1970 by a clock that a host advances monotonically; what lies before an earlier
    /// `now` counts as that one.
    ///
    /// # Errors
    /// The journal failed; see [`HostError`].
    pub fn handle(&mut self, now: i64, input: PeerInput<'_>) -> Result<(), HostError> {
        self.advance(now)?;
        match input {
            PeerInput::Datagram { from, bytes } => self.datagram(from, bytes)?,
            PeerInput::TaskEnded { task, result } => {
                if let Some((task, result)) = self.hold_task(task, result) {
                    self.task_ended(task, result)?;
                }
            }
            PeerInput::Tick => {
                self.settle()?;
                self.fire_due(self.clock)?;
                self.housekeep()?;
            }
        }
        self.end_hold()?;
        self.settle()
    }

    /// The next thing to be done outside, if there is one. Effects of a step come out in their order, after the step is
    /// durable; what is not acknowledged comes again.
    pub fn poll_output(&mut self, now: i64) -> Option<Output> {
        if self.failed.is_some() {
            return None;
        }
        if let Some((to, mut ids)) = self.acks.pop_first() {
            if ids.len() > ACK_IDS_MAX {
                self.acks.insert(to, ids.split_off(ACK_IDS_MAX));
            }
            return Some(Output::Datagram { to, bytes: wire::to_bytes(&Packet::Ack(ids)) });
        }
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        self.resend(now.max(self.clock))
    }

    /// When the peer wants a [`PeerInput::Tick`] or to be polled, if nothing happens before.
    pub fn next_deadline(&self) -> Option<i64> {
        // While the host asks for its own head, timers wait.
        let timers = self.timers.first().map(|(at, _, _)| *at).filter(|_| self.hold.is_none());
        let deadlines =
            [timers, self.outbox.next_deadline(), self.early.next_deadline(), self.awaiting.next_deadline()];
        deadlines.into_iter().flatten().chain(self.hold.as_ref().map(|hold| hold.until)).min()
    }

    /// When the next timer of an instance fires.
    pub fn next_timer(&self) -> Option<i64> {
        self.timers.first().map(|(at, _, _)| *at)
    }

    /// Who this is.
    pub fn peer_id(&self) -> PeerId {
        self.me
    }

    /// `NOW()` of the last step.
    pub fn now(&self) -> i64 {
        self.clock
    }

    /// All instances, tombstones included.
    pub fn instances(&self) -> Vec<InstanceView> {
        self.instances.iter().map(|(key, instance)| self.view(*key, instance)).collect()
    }

    /// One instance.
    pub fn instance(&self, key: &Key) -> Option<InstanceView> {
        self.instances.get(key).map(|instance| self.view(*key, instance))
    }

    fn view(&self, key: Key, instance: &Instance) -> InstanceView {
        InstanceView {
            key,
            number: self
                .programs
                .get(&key.protocol)
                .map_or_else(String::new, |l| l.protocol().number.clone()),
            actor: instance.meta.actor.clone(),
            state: instance.machine.state().to_owned(),
            status: instance.meta.status,
            fault: instance.meta.fault.clone(),
            timers: instance.meta.timers.clone(),
            deferred: instance.meta.deferred.len(),
        }
    }

    /// Canonical bytes of a store field; `None` if there is none, or it is unset.
    pub fn field(&self, key: &Key, name: &str) -> Option<Vec<u8>> {
        self.instances.get(key).and_then(|instance| instance.machine.field(name))
    }

    /// The snapshot of an instance, for comparison.
    pub fn snapshot(&self, key: &Key) -> Option<Vec<u8>> {
        self.instances.get(key).map(|instance| instance.machine.save())
    }

    /// Canonical bytes of a field of a shared store.
    pub fn shared(&self, protocol: &Hash, actor: &str, field: &str) -> Option<Vec<u8>> {
        self.books
            .shared
            .get(&(*protocol, actor.to_owned()))
            .and_then(|store| store.fields.get(field))
            .cloned()
    }

    /// The own chain.
    pub fn chain(&self) -> &Segment {
        &self.books.chain
    }

    /// What is cached of another peer's chain.
    pub fn cached_chain(&self, author: &PeerId) -> Option<&Segment> {
        self.books.chains.get(author)
    }

    /// Proofs of equivocation that this peer has.
    pub fn proofs(&self) -> Vec<Arc<Equivocation>> {
        self.books.evidence.proofs().map(|(_, proof)| Arc::clone(proof)).collect()
    }

    /// The gossip set, by id.
    pub fn gossip(&self) -> Vec<(Hash, Arc<Envelope>)> {
        self.gossip.iter().map(|(id, envelope)| (*id, Arc::clone(envelope))).collect()
    }

    /// What waits to be acknowledged or fired.
    pub fn outbox(&self) -> impl Iterator<Item = (u64, &OutboxRow)> {
        self.outbox.entries()
    }

    /// Messages that wait for their session to begin.
    pub fn early_count(&self) -> usize {
        self.early.len()
    }

    /// Refusals by reason and sender; `None` are the senders beyond the limit together.
    pub fn counters(&self) -> &BTreeMap<(Reason, Option<PeerId>), u64> {
        self.log.counters()
    }

    /// Refusals for a reason, from whomever.
    pub fn count(&self, reason: Reason) -> u64 {
        self.log.total(reason)
    }

    /// Takes out the events since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.log.take()
    }

    /// Ids of the protocols that are loaded.
    pub fn protocols(&self) -> impl Iterator<Item = (&Hash, &str)> {
        self.programs.iter().map(|(id, loaded)| (id, loaded.protocol().number.as_str()))
    }

    /// The program of a protocol.
    pub fn program(&self, protocol: &Hash) -> Option<&Arc<dyn Program>> {
        self.programs.get(protocol).map(|loaded| &loaded.program)
    }

    /// Replaces the peers that gossip is handed to.
    pub fn set_neighbours(&mut self, neighbours: Vec<PeerId>) {
        self.config.neighbours = neighbours;
    }

    /// Writes a field of a shared store, as a host does before the first instance.
    ///
    /// # Errors
    /// No such field, or a value of another type; or the journal failed.
    pub fn set_shared(
        &mut self,
        protocol: &Hash,
        actor: &str,
        field: &str,
        value: Vec<u8>,
    ) -> Result<(), TriggerError> {
        self.alive()?;
        let loaded = self.programs.get(protocol).ok_or(TriggerError::NotLoaded(*protocol))?;
        let unknown = || TriggerError::Unknown { actor: actor.to_owned(), trigger: field.to_owned() };
        let declared =
            loaded.protocol().actors.get(actor).and_then(|a| a.shared.get(field)).ok_or_else(unknown)?;
        typed::value(loaded.protocol(), loaded.id(), &declared.ty, &value)
            .map_err(|m| TriggerError::Arguments { trigger: field.to_owned(), detail: m.detail })?;
        let store = (*protocol, actor.to_owned());
        let version = self.books.shared.get(&store).map_or(0, |store| store.version);
        let mut commit = Commit::default();
        super::step::write_shared(&mut commit, &store, version, [(field.to_owned(), value.clone())].iter());
        self.commit_now(commit)?;
        let store = self.books.shared.entry(store).or_default();
        store.version = version + 1;
        store.fields.insert(field.to_owned(), value);
        Ok(())
    }

    /// Appends a block to the own chain outside any transaction, as a host does for what has none: a grant, a peer met.
    ///
    /// # Errors
    /// The journal failed, or the chain is full (also a [`JournalError`]).
    pub fn append(&mut self, now: i64, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, HostError> {
        self.advance(now)?;
        if self.hold.is_some() {
            return Err(HostError::Starting);
        }
        let block = Arc::new(self.books.chain.next(self.clock, kind, payload).signed_by(&self.books.key));
        let chain = self.books.chain.append(Arc::clone(&block)).map_err(|e| JournalError(e.to_string()))?;
        let mut commit = Commit::default();
        super::step::write_chain(&mut commit, &self.books.chain, &chain, &[Arc::clone(&block)]);
        self.commit_now(commit)?;
        self.books.chain = chain;
        let (kind, height, hash) = (block.kind().to_owned(), block.height(), block.hash());
        self.log.push(self.clock, EventKind::Appended { kind, height, hash });
        Ok(block)
    }

    /// Verifies a chain of another peer and keeps it. `false` when it does not verify.
    pub fn learn_chain(&mut self, chain: &Segment) -> bool {
        if chain.verify_with(&mut self.books.verified).is_err() {
            return false;
        }
        self.learn(chain);
        true
    }

    /// Moves the clock, and fires what was due before.
    pub(crate) fn advance(&mut self, now: i64) -> Result<(), HostError> {
        self.alive()?;
        if now > self.clock {
            // What was due earlier is not overtaken by what arrives now.
            let before = now.saturating_sub(1);
            self.clock = now;
            self.end_hold()?;
            self.fire_due(before)?;
        }
        Ok(())
    }

    pub(crate) fn alive(&self) -> Result<(), HostError> {
        self.failed.clone().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Remembers that the journal failed: nothing leaves any more.
    pub(crate) fn fail(&mut self, error: JournalError) -> HostError {
        self.failed = Some(error.clone());
        self.outputs.clear();
        self.acks.clear();
        error.into()
    }

    /// Commits together with what waits. On conflict everything stays as it was.
    pub(crate) fn try_commit(&mut self, mut commit: Commit) -> Result<bool, HostError> {
        if commit.writes.is_empty() && commit.expect.is_empty() {
            return Ok(true);
        }
        let waiting = self.pending.writes.len();
        // First what waited, so that the step has the last word about a row.
        let own = std::mem::take(&mut commit.writes);
        commit.writes.clone_from(&self.pending.writes);
        commit.writes.extend(own);
        commit.put(Table::Meta, b"clock".to_vec(), wire::to_bytes(&self.clock));
        match self.journal.commit(&commit) {
            Ok(()) => {
                self.pending.writes.drain(..waiting);
                Ok(true)
            }
            Err(CommitError::Conflict) => Ok(false),
            Err(CommitError::Journal(error)) => Err(self.fail(error)),
        }
    }

    /// Commits what nobody else can have moved.
    pub(crate) fn commit_now(&mut self, commit: Commit) -> Result<(), HostError> {
        if self.try_commit(commit)? {
            return Ok(());
        }
        Err(self.fail(JournalError("another writer holds the rows of this peer".to_owned())))
    }

    pub(crate) fn refuse(&mut self, refused: Refused) {
        self.log.refused(self.clock, refused);
    }

    pub(crate) fn ack(&mut self, to: PeerId, id: Hash) {
        if to == self.me {
            self.acknowledged(self.me, &[id]);
        } else {
            self.acks.entry(to).or_default().push(id);
        }
    }
}
