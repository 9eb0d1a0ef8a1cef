//! One step: run the machine, put everything it did into one commit, and only then let it be seen.
//!
//! What a step read of the shared store and the chain is part of the commit's expectations. If somebody else moved
//! them meanwhile the step is run again with the same input, `NOW()`, random and native answers (LANGUAGE 6.10).

use super::env::{Recording, StepEnv};
use super::event::{EventKind, Key, Reason, Seen};
use super::instance::{HeldRow, Instance, Meta, Status, Taken};
use super::journal::{ChainStore, Commit, JournalError, Table, read_row};
use super::limits::COMMIT_ATTEMPTS_MAX;
use super::peer::{HostError, Peer};
use super::plan::{Plan, Planner, taken_rest};
use crate::chain::{RawBlock, Segment};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::machine::{Fault, Incoming, Input, Machine};
use crate::wire;
use std::sync::Arc;

/// A machine that is not an instance yet.
pub(crate) struct Fresh {
    pub actor: String,
    pub creator: Option<PeerId>,
    pub machine: Box<dyn Machine>,
}

/// Where an input came from, and what is used up by it.
pub(crate) enum Source {
    /// A message; `held` if it was deferred.
    Message { incoming: Arc<Incoming>, id: Hash, held: Option<u64> },
    /// A time limit or period.
    Timer { limit: u32 },
    /// A task result.
    Task { name: String },
    /// A trigger from outside.
    Trigger { request: Option<Hash> },
    /// A trigger from another transaction, from the outbox.
    Firing { order: u64 },
}

/// What an input came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A step fired; the session it rests in (the creating step may assign it).
    Fired(SessionId),
    /// Nothing changed.
    Refused(Reason),
    /// It waits for a later state, or would have to.
    Deferred,
    /// Undone.
    Faulted(Box<Fault>),
}

/// Writes fields of a shared store over a known version.
pub(crate) fn write_shared<'f>(
    commit: &mut Commit,
    store: &(Hash, String),
    version: u64,
    fields: impl Iterator<Item = &'f (String, Vec<u8>)>,
) {
    expect_shared(commit, store, version);
    let row = shared_row(store);
    commit.put(Table::SharedVersion, row.clone(), (version + 1).to_be_bytes().to_vec());
    for (field, value) in fields {
        let mut key = row.clone();
        key.push(0);
        key.extend(field.as_bytes());
        commit.put(Table::Shared, key, value.clone());
    }
}

/// Key of the version of a shared store.
pub(crate) fn shared_row((protocol, actor): &(Hash, String)) -> Vec<u8> {
    let mut row = protocol.0.to_vec();
    row.extend(actor.as_bytes());
    row
}

pub(crate) fn expect_shared(commit: &mut Commit, store: &(Hash, String), version: u64) {
    let known = (version > 0).then(|| version.to_be_bytes().to_vec());
    commit.expect.push(((Table::SharedVersion, shared_row(store)), known));
}

/// Appends blocks over a known head.
pub(crate) fn write_chain(commit: &mut Commit, known: &Segment, new: &Segment, blocks: &[Arc<RawBlock>]) {
    expect_chain(commit, known);
    for block in blocks {
        commit.put(Table::Chain, block.height().to_be_bytes().to_vec(), wire::to_bytes(&**block));
    }
    commit.put(Table::Meta, b"head".to_vec(), new.head_hash().0.to_vec());
}

pub(crate) fn expect_chain(commit: &mut Commit, known: &Segment) {
    let head = known.head().map(|block| block.hash().0.to_vec());
    commit.expect.push(((Table::Meta, b"head".to_vec()), head));
}

impl Peer {
    /// Runs a step and commits it. `fresh` is the machine when there is no instance of `key`.
    pub(crate) fn step(
        &mut self,
        key: Key,
        fresh: Option<Fresh>,
        input: &Input,
        source: &Source,
    ) -> Result<Outcome, HostError> {
        let mut recording = Recording::default();
        let mut attempts = 0u32;
        let mut exclusive = false;
        let plan = loop {
            attempts += 1;
            if attempts > COMMIT_ATTEMPTS_MAX && !exclusive {
                self.journal.exclusive().map_err(|error| self.fail(error))?;
                exclusive = true;
                self.refresh(&key, fresh.as_ref())?;
            }
            let mut plan = match self.run(key, fresh.as_ref(), input, source, &mut recording) {
                Some(plan) => plan,
                // Nobody asks for a step of what is not there.
                None => return Ok(Outcome::Refused(Reason::Discarded)),
            };
            match self.try_commit(std::mem::take(&mut plan.commit)) {
                Ok(true) => break plan,
                Ok(false) => self.refresh(&key, fresh.as_ref())?,
                Err(error) => {
                    self.journal.release();
                    return Err(error);
                }
            }
        };
        if exclusive {
            self.journal.release();
        }
        Ok(self.apply(plan, attempts))
    }

    /// Reads anew what a step may have been computed from.
    fn refresh(&mut self, key: &Key, fresh: Option<&Fresh>) -> Result<(), HostError> {
        let actor = match (fresh, self.instances.get(key)) {
            (Some(fresh), _) => fresh.actor.clone(),
            (None, Some(instance)) => instance.meta.actor.clone(),
            (None, None) => return Ok(()),
        };
        self.read_books(&(key.protocol, actor)).map_err(|error| self.fail(error))
    }

    fn read_books(&mut self, store: &(Hash, String)) -> Result<(), JournalError> {
        self.books.chain = self.journal.own_chain(self.me)?;
        let row = shared_row(store);
        let version = self.journal.get(Table::SharedVersion, &row)?;
        let known = self.books.shared.entry(store.clone()).or_default();
        known.version = read_version(version.as_deref());
        let mut prefix = row;
        prefix.push(0);
        for (field, value) in self.journal.scan(Table::Shared, &prefix)? {
            let name = field.get(prefix.len()..).and_then(|name| std::str::from_utf8(name).ok());
            let name = name.ok_or_else(|| JournalError("a shared field without a name".to_owned()))?;
            known.fields.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn run(
        &mut self,
        key: Key,
        fresh: Option<&Fresh>,
        input: &Input,
        source: &Source,
        recording: &mut Recording,
    ) -> Option<Plan> {
        let loaded = self.programs.get(&key.protocol)?;
        let instance = self.instances.get(&key);
        let machine = match (fresh, instance) {
            (Some(fresh), _) => &fresh.machine,
            (None, Some(instance)) => &instance.machine,
            (None, None) => return None,
        };
        let package = loaded.program.package();
        let mut env =
            StepEnv::new(&self.books, package, machine.actor(), self.clock, &mut self.rng, recording);
        let result = machine.step(input, &mut env);
        let staged = env.finish();
        let planner = Planner { peer: self, loaded, key, fresh, instance, source, input, staged };
        Some(planner.plan(result))
    }

    /// Makes what is durable visible.
    fn apply(&mut self, plan: Plan, attempts: u32) -> Outcome {
        let key = plan.key;
        if let Some(chain) = plan.chain {
            self.books.chain = chain;
        }
        if let Some((store, fields)) = plan.shared {
            let store = self.books.shared.entry(store).or_default();
            store.version += 1;
            store.fields.extend(fields);
        }
        if let Some(order) = plan.used_up {
            self.outbox.remove(order);
        }
        if let Some(request) = plan.request {
            self.requests.insert(request, (key.session, self.clock));
        }
        match (plan.created, plan.machine, plan.meta) {
            (true, Some(machine), Some(meta)) => self.create(key, machine, meta),
            (false, machine, Some(meta)) => self.replace(key, machine, meta),
            _ => {}
        }
        if let (Some((sender, id, time, sequence)), Some(instance)) =
            (plan.take, self.instances.get_mut(&key))
            && let Some(forgotten) = instance.taken.insert(sender, id, time, sequence)
        {
            self.pending.remove(Table::Taken, key.row_of(&taken_rest(&sender, &forgotten)));
        }
        for mut event in plan.events {
            if let EventKind::Stepped { attempts: counted, seen, .. } = &mut event {
                *counted = attempts;
                *seen = self.config.watched.then(|| self.seen(&key)).flatten();
            }
            self.log.push(self.clock, event);
        }
        for refused in plan.refused {
            self.log.refused(self.clock, refused);
        }
        // One message to several peers is one envelope; what is in it is looked up once.
        let mut last: Option<(Envelope, Vec<Segment>)> = None;
        for (order, row) in plan.outbox {
            let segments = match (&row.envelope, &last) {
                (Some(envelope), Some((same, segments))) if envelope == same => segments.clone(),
                (Some(envelope), _) => {
                    let segments = self.segments_of(envelope);
                    last = Some((envelope.clone(), segments.clone()));
                    segments
                }
                (None, _) => Vec::new(),
            };
            self.outbox.add(order, row, segments, self.clock);
        }
        for envelope in plan.gossip {
            self.keep_gossip(envelope);
        }
        self.outputs.extend(plan.outputs);
        plan.outcome
    }

    fn seen(&self, key: &Key) -> Option<Arc<Seen>> {
        let instance = self.instances.get(key)?;
        let store = self.books.shared.get(&(key.protocol, instance.meta.actor.clone()));
        Some(Arc::new(Seen {
            snapshot: instance.machine.save(),
            shared: store.map(|store| store.fields.clone()).unwrap_or_default(),
            chain: self.books.chain.clone(),
        }))
    }

    fn create(&mut self, key: Key, machine: Box<dyn Machine>, meta: Meta) {
        self.running += 1;
        if let Some(creator) = meta.creator {
            *self.created_by.entry(creator).or_default() += 1;
        }
        let blank = Meta { timers: Vec::new(), status: Status::Running, ended: None, ..meta.clone() };
        self.instances.insert(key, Instance { machine, meta: blank, taken: Taken::default() });
        self.replace(key, None, meta);
    }

    /// Puts a new meta in place and keeps the indices of timers, tombstones and counts in step with it.
    fn replace(&mut self, key: Key, machine: Option<Box<dyn Machine>>, meta: Meta) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        for timer in &instance.meta.timers {
            self.timers.remove(&(timer.at, key, timer.limit));
        }
        for timer in &meta.timers {
            self.timers.insert((timer.at, key, timer.limit));
        }
        if instance.meta.status == Status::Running && meta.status != Status::Running {
            self.running = self.running.saturating_sub(1);
            if let Some(count) = meta.creator.and_then(|creator| self.created_by.get_mut(&creator)) {
                *count = count.saturating_sub(1);
            }
            self.created_by.retain(|_, count| *count > 0);
            self.tombstones.extend(meta.forget_at().map(|at| (at, key)));
        }
        instance.meta = meta;
        if let Some(machine) = machine {
            instance.machine = machine;
        }
    }
}

pub(crate) fn read_version(row: Option<&[u8]>) -> u64 {
    row.and_then(|row| <[u8; 8]>::try_from(row).ok()).map_or(0, u64::from_be_bytes)
}

/// A deferred message from its row.
pub(crate) fn read_held(row: &[u8]) -> Result<Arc<Incoming>, JournalError> {
    let HeldRow { sender, envelope } = read_row(row)?;
    Ok(Arc::new(Incoming { envelope, sender }))
}
