//! Opening a peer on a journal: an empty one, or one that another run of the peer left, at whatever instruction.

use super::buffers::{AwaitingBuffer, EarlyBuffer, GossipSet, Recent, Wants};
use super::chains::ChainCache;
use super::env::{Books, SharedStore, ViewMemory};
use super::event::{EventKind, Key, Log, Reason, Refused};
use super::instance::{self, Instance, Meta, Status, Taken};
use super::journal::{ChainStore, Commit, Journal, JournalError, OutboxStore, Table, read_row};
use super::limits::PeerConfig;
use super::natives::Natives;
use super::outbox::Outbox;
use super::peer::{Loaded, OpenError, Output, Peer};
use super::step::{read_held, read_version};
use super::task::{TaskKey, TaskRow, TaskStart};
use crate::chain::{Equivocation, EvidenceStore};
use crate::crypto::{Keypair, VerifiedCache};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::library::SeededRng;
use crate::machine::Program;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

impl Peer {
    /// Opens a peer. An empty journal begins it; any other continues where the last durable step ended: tasks are
    /// started again, what was not acknowledged is sent again, time limits that passed meanwhile fire at the first
    /// [`PeerInput::Tick`](super::PeerInput::Tick).
    ///
    /// # Errors
    /// A native that a protocol needs is missing, or the journal does not fit.
    pub fn open(
        config: PeerConfig,
        programs: Vec<Arc<dyn Program>>,
        natives: Natives,
        journal: Box<dyn Journal>,
        now: i64,
    ) -> Result<Peer, OpenError> {
        let key = Keypair::from_seed(&config.key_seed);
        let me = key.peer_id();
        let mut loaded = BTreeMap::new();
        for program in programs {
            let program = Loaded::new(program);
            let missing = natives.missing(program.protocol());
            if !missing.is_empty() {
                return Err(OpenError::MissingNatives { number: program.protocol().number.clone(), missing });
            }
            loaded.insert(program.id(), program);
        }
        let rng = SeededRng::new(&(me, Hash(config.random_seed)));
        let chain = journal.own_chain(me)?;
        let books = Books {
            key,
            me,
            chain,
            shared: BTreeMap::new(),
            chains: ChainCache::default(),
            evidence: EvidenceStore::new(),
            verified: VerifiedCache::default(),
            views: ViewMemory::default(),
            natives,
        };
        let mut peer = Peer {
            config,
            me,
            programs: loaded,
            books,
            rng,
            journal,
            instances: BTreeMap::new(),
            timers: BTreeSet::new(),
            tombstones: BTreeSet::new(),
            running: 0,
            created_by: BTreeMap::new(),
            early: EarlyBuffer::default(),
            awaiting: AwaitingBuffer::default(),
            wants: Wants::default(),
            hold: None,
            recent: Recent::default(),
            gossip: GossipSet::default(),
            outbox: Outbox::new(me),
            requests: BTreeMap::new(),
            outputs: VecDeque::new(),
            acks: BTreeMap::new(),
            log: Log::default(),
            clock: now,
            pending: Commit::default(),
            failed: None,
        };
        peer.restore()?;
        peer.ask_for_own_head();
        Ok(peer)
    }

    fn restore(&mut self) -> Result<(), OpenError> {
        if let Some(clock) = self.journal.get(Table::Meta, b"clock")? {
            // NOW() never decreases for a peer, whatever its clock says after a restart.
            self.clock = self.clock.max(read_row::<i64>(&clock)?);
        }
        self.restore_shared()?;
        self.restore_instances()?;
        for segment in self.journal.peer_chains()? {
            self.books.evidence.observe_segment(&segment);
            self.books.chains.learn(&segment);
        }
        for (_, row) in self.journal.scan(Table::Statement, &[])? {
            self.books.evidence.observe_message(&Arc::new(read_row::<Envelope>(&row)?));
        }
        for (_, row) in self.journal.scan(Table::Evidence, &[])? {
            self.books.evidence.observe_proof(&Arc::new(read_row::<Equivocation>(&row)?));
        }
        for (_, row) in self.journal.scan(Table::Gossip, &[])? {
            let envelope: Envelope = read_row(&row)?;
            self.gossip.insert(envelope.id(), Arc::new(envelope));
        }
        for (key, row) in self.journal.scan(Table::Request, &[])? {
            let request = Hash::from_slice(&key).map_err(|error| JournalError(error.to_string()))?;
            let taken: (SessionId, i64) = read_row(&row)?;
            self.requests.insert(request, taken);
        }
        for (order, row) in self.journal.outstanding()? {
            let segments = row.envelope.as_ref().map_or_else(Vec::new, |envelope| self.segments_of(envelope));
            self.outbox.add(order, row, segments, self.clock);
        }
        Ok(())
    }

    fn restore_shared(&mut self) -> Result<(), OpenError> {
        let short = || JournalError("a shared store without a name".to_owned());
        for (key, version) in self.journal.scan(Table::SharedVersion, &[])? {
            let (protocol, actor) = split_store(&key).ok_or_else(short)?;
            let store = SharedStore { version: read_version(Some(&version)), fields: BTreeMap::new() };
            self.books.shared.insert((protocol, actor), store);
        }
        for (key, value) in self.journal.scan(Table::Shared, &[])? {
            let (protocol, rest) = split_store(&key).ok_or_else(short)?;
            let (actor, field) = rest.split_once('\0').ok_or_else(short)?;
            let store = self.books.shared.entry((protocol, actor.to_owned())).or_default();
            store.fields.insert(field.to_owned(), value);
        }
        Ok(())
    }

    fn restore_instances(&mut self) -> Result<(), OpenError> {
        for (row, value) in self.journal.scan(Table::Instance, &[])? {
            let (key, _) = Key::of_row(&row)?;
            let (snapshot, mut meta, mut taken) = instance::from_row(&value)?;
            let Some(loaded) = self.programs.get(&key.protocol) else {
                // Its rows stay: a run that has the protocol again goes on with it.
                let detail = format!("protocol {} of an unfinished session", key.protocol);
                self.refuse(Refused::new(self.me, Reason::NotLoaded, detail));
                continue;
            };
            let machine = loaded
                .program
                .restore(&meta.actor, &snapshot)
                .map_err(|error| OpenError::Snapshot(error.to_string()))?;
            self.restore_taken(&key, &mut taken)?;
            self.restore_waiting(&key, &mut meta)?;
            self.index(key, &meta);
            self.instances.insert(key, Instance { machine, meta, taken });
        }
        Ok(())
    }

    fn index(&mut self, key: Key, meta: &Meta) {
        self.timers.extend(meta.timers.iter().map(|timer| (timer.at, key, timer.limit)));
        self.tombstones.extend(meta.forget_at().map(|at| (at, key)));
        if meta.status == Status::Running {
            self.running += 1;
            if let Some(creator) = meta.creator {
                *self.created_by.entry(creator).or_default() += 1;
            }
        }
    }

    fn restore_taken(&self, key: &Key, taken: &mut Taken) -> Result<(), OpenError> {
        for (row, value) in self.journal.scan(Table::Taken, &key.row())? {
            let (_, rest) = Key::of_row(&row)?;
            let short = || JournalError("an id taken without its sender".to_owned());
            let (sender, id) = rest.split_at_checked(PeerId::LEN).ok_or_else(short)?;
            let (time, sequence): (i64, u64) = read_row(&value)?;
            let sender = PeerId::from_slice(sender).map_err(|error| JournalError(error.to_string()))?;
            let id = Hash::from_slice(id).map_err(|error| JournalError(error.to_string()))?;
            taken.insert(sender, id, time, sequence);
        }
        Ok(())
    }

    fn restore_waiting(&mut self, key: &Key, meta: &mut Meta) -> Result<(), OpenError> {
        for (row, value) in self.journal.scan(Table::Deferred, &key.row())? {
            let (_, order) = Key::of_row(&row)?;
            let order = <[u8; 8]>::try_from(order).map(u64::from_be_bytes);
            let order = order.map_err(|_| JournalError("a deferred message without an order".to_owned()))?;
            meta.deferred.insert(order, read_held(&value)?);
        }
        for (row, value) in self.journal.scan(Table::Task, &key.row())? {
            let (_, name) = Key::of_row(&row)?;
            let name = String::from_utf8(name.to_vec());
            let name = name.map_err(|_| JournalError("a task without a name".to_owned()))?;
            let task: TaskRow = read_row(&value)?;
            let native = self.programs.get(&key.protocol).and_then(|l| l.protocol().tasks.get(&name));
            if let Some(native) = native {
                let key = TaskKey {
                    protocol: key.protocol,
                    session: key.session,
                    task: name.clone(),
                    generation: task.generation,
                };
                let arguments = task.arguments.iter().map(|bytes| bytes.to_vec()).collect();
                let start = TaskStart { key: key.clone(), library: native.library.clone(), arguments };
                self.outputs.push_back(Output::StartTask(start));
                self.log.push(self.clock, EventKind::TaskStarted { task: key });
            }
            meta.tasks.insert(name, task);
        }
        Ok(())
    }
}

fn split_store(key: &[u8]) -> Option<(Hash, String)> {
    let (protocol, rest) = key.split_at_checked(Hash::LEN)?;
    Some((Hash::from_slice(protocol).ok()?, String::from_utf8(rest.to_vec()).ok()?))
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("id", &self.me).field("instances", &self.instances.len()).finish()
    }
}
