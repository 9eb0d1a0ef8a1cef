//! What makes a step durable before it is visible.
//!
//! A journal is a handful of ordered tables of bytes and one operation: commit a batch of writes in one
//! transaction, if the rows that the batch was computed from still stand. State, shared store, chain, ids taken,
//! timers and outbox of a step are one batch. `redb` fits as it is: a table a [`Table`], a transaction a commit.
//!
//! After any error but [`CommitError::Conflict`] nobody knows whether the batch is in. So the peer stops, and
//! whoever owns it opens another one on the same journal.

use super::chains::blocks_of;
use super::outbox::OutboxRow;
use crate::chain::Segment;
use crate::id::PeerId;
use crate::wire;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Kinds of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// The clock, the head of the own chain, counters.
    Meta,
    /// Snapshots of instances, with their timers; tombstones.
    Instance,
    /// Ids taken, by instance and sender.
    Taken,
    /// Deferred messages, by instance and order of arrival.
    Deferred,
    /// Signed messages that were taken, for evidence.
    Statement,
    /// Messages to be sent, triggers to be fired, in order.
    Outbox,
    /// Versions of shared stores, by protocol and actor.
    SharedVersion,
    /// Fields of shared stores.
    Shared,
    /// Blocks of the own chain, by height.
    Chain,
    /// Blocks of cached chains, by author and height.
    PeerChain,
    /// Tasks that run, by instance and name.
    Task,
    /// Proofs of equivocation, by author.
    Evidence,
    /// The gossip set, by id.
    Gossip,
    /// Idempotency keys of triggers.
    Request,
}

/// A row: table and key.
pub type Row = (Table, Vec<u8>);

/// Key and value of a row.
pub type Pair = (Vec<u8>, Vec<u8>);

/// What is written in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Rows that must hold exactly this, or the commit is a conflict.
    pub expect: Vec<(Row, Option<Vec<u8>>)>,
    /// Rows that are written, or removed. The last write of a row counts.
    pub writes: Vec<(Row, Option<Vec<u8>>)>,
}

impl Commit {
    /// Writes a row.
    pub fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.writes.push(((table, key), Some(value)));
    }

    /// Removes a row.
    pub fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.writes.push(((table, key), None));
    }
}

/// Why a commit did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A row that the commit was computed from has moved; nothing was written. Compute it again.
    #[error("what the step was computed from has changed")]
    Conflict,
    /// The journal failed. Whether the commit is in, only reading the journal anew can tell.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The journal cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("journal: {0}")]
pub struct JournalError(pub String);

/// Durable tables.
pub trait Journal: Send {
    /// Writes a batch in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// [`CommitError`].
    fn commit(&mut self, commit: &Commit) -> Result<(), CommitError>;

    /// A row.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, JournalError>;

    /// All rows whose key begins so, in the order of their keys.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn scan(&self, table: Table, prefix: &[u8]) -> Result<Vec<Pair>, JournalError>;

    /// Keeps all other writers out until [`Journal::release`], for a step that lost too many races.
    ///
    /// # Errors
    /// The journal cannot be reached.
    fn exclusive(&mut self) -> Result<(), JournalError> {
        Ok(())
    }

    /// Ends [`Journal::exclusive`].
    fn release(&mut self) {}
}

/// Where chains are kept.
pub trait ChainStore {
    /// The own chain.
    ///
    /// # Errors
    /// The journal cannot be read, or holds blocks that are no chain.
    fn own_chain(&self, author: PeerId) -> Result<Segment, JournalError>;

    /// The cached chains of other peers.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn peer_chains(&self) -> Result<Vec<Segment>, JournalError>;
}

/// Where effects wait until they have happened.
pub trait OutboxStore {
    /// What has not been acknowledged, in order.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn outstanding(&self) -> Result<Vec<(u64, OutboxRow)>, JournalError>;
}

impl<J: Journal + ?Sized> ChainStore for J {
    fn own_chain(&self, author: PeerId) -> Result<Segment, JournalError> {
        blocks_of(author, self.scan(Table::Chain, &[])?)
    }

    fn peer_chains(&self) -> Result<Vec<Segment>, JournalError> {
        let mut by_author: BTreeMap<PeerId, Vec<Pair>> = BTreeMap::new();
        for (key, value) in self.scan(Table::PeerChain, &[])? {
            let author = key.get(..PeerId::LEN).and_then(|bytes| PeerId::from_slice(bytes).ok());
            let author = author.ok_or_else(|| JournalError("a cached block without an author".to_owned()))?;
            by_author.entry(author).or_default().push((key, value));
        }
        by_author.into_iter().map(|(author, rows)| blocks_of(author, rows)).collect()
    }
}

impl<J: Journal + ?Sized> OutboxStore for J {
    fn outstanding(&self) -> Result<Vec<(u64, OutboxRow)>, JournalError> {
        let row = |(key, value): Pair| {
            let order = <[u8; 8]>::try_from(key.as_slice()).map(u64::from_be_bytes);
            let order = order.map_err(|_| JournalError("an outbox row without an order".to_owned()))?;
            Ok((order, read_row(&value)?))
        };
        self.scan(Table::Outbox, &[])?.into_iter().map(row).collect()
    }
}

/// Decodes a row that this host wrote.
pub(crate) fn read_row<T: wire::Wire>(bytes: &[u8]) -> Result<T, JournalError> {
    wire::decode_checked(bytes).map_err(|error| JournalError(error.to_string()))
}

type Tables = BTreeMap<Table, BTreeMap<Vec<u8>, Vec<u8>>>;

/// A journal in memory. Clones are handles of one journal, so it outlives the peer that writes it.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    tables: Arc<Mutex<Tables>>,
}

impl MemoryJournal {
    /// An empty one.
    pub fn new() -> Self {
        MemoryJournal::default()
    }

    fn with<T>(&self, f: impl FnOnce(&mut Tables) -> T) -> T {
        // A poisoned lock means that a test panicked while holding it; the tables are whole between operations.
        f(&mut self.tables.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Number of rows of a table.
    pub fn len(&self, table: Table) -> usize {
        self.with(|tables| tables.get(&table).map_or(0, BTreeMap::len))
    }

    /// Has no rows at all?
    pub fn is_empty(&self) -> bool {
        self.with(|tables| tables.values().all(BTreeMap::is_empty))
    }
}

impl Journal for MemoryJournal {
    fn commit(&mut self, commit: &Commit) -> Result<(), CommitError> {
        self.with(|tables| {
            for ((table, key), expected) in &commit.expect {
                if tables.get(table).and_then(|rows| rows.get(key)) != expected.as_ref() {
                    return Err(CommitError::Conflict);
                }
            }
            for ((table, key), value) in &commit.writes {
                let rows = tables.entry(*table).or_default();
                match value {
                    Some(value) => rows.insert(key.clone(), value.clone()),
                    None => rows.remove(key),
                };
            }
            Ok(())
        })
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.with(|tables| tables.get(&table).and_then(|rows| rows.get(key)).cloned()))
    }

    fn scan(&self, table: Table, prefix: &[u8]) -> Result<Vec<Pair>, JournalError> {
        Ok(self.with(|tables| {
            let Some(rows) = tables.get(&table) else { return Vec::new() };
            rows.range(prefix.to_vec()..)
                .take_while(|(key, _)| key.starts_with(prefix))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        }))
    }
}

/// When a [`FaultyJournal`] fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultPoint {
    /// Before anything is written.
    Before,
    /// In the middle: half of the batch was written and must be rolled back, as a database does on opening.
    During,
    /// After everything is written, before the caller hears of it.
    After,
}

/// A journal in memory that fails at one commit, for tests of recovery.
#[derive(Clone, Debug)]
pub struct FaultyJournal {
    inner: MemoryJournal,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    commits: u64,
    fail: Option<(u64, FaultPoint)>,
}

impl FaultyJournal {
    /// Fails at the n-th commit, counted from 0 over all handles; `None` only counts.
    pub fn new(inner: MemoryJournal, fail: Option<(u64, FaultPoint)>) -> Self {
        FaultyJournal { inner, plan: Arc::new(Mutex::new(Plan { commits: 0, fail })) }
    }

    /// Commits tried so far.
    pub fn commits(&self) -> u64 {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).commits
    }

    /// Has it failed as planned?
    pub fn has_failed(&self) -> bool {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.fail.is_some_and(|(at, _)| plan.commits > at)
    }
}

impl Journal for FaultyJournal {
    fn commit(&mut self, commit: &Commit) -> Result<(), CommitError> {
        let due = {
            let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
            let number = plan.commits;
            plan.commits += 1;
            plan.fail.filter(|(at, _)| *at == number).map(|(_, point)| point)
        };
        let failed = |point: &str| Err(JournalError(format!("injected fault {point} the commit")).into());
        match due {
            None => self.inner.commit(commit),
            Some(FaultPoint::Before) => failed("before"),
            Some(FaultPoint::During) => {
                // The torn half is written to a copy, which the crash then throws away: what a database rolls back.
                let torn =
                    MemoryJournal { tables: Arc::new(Mutex::new(self.inner.with(|tables| tables.clone()))) };
                let half = commit.writes.len().div_ceil(2);
                let writes = commit.writes.iter().take(half).cloned().collect();
                torn.clone().commit(&Commit { expect: commit.expect.clone(), writes })?;
                failed("during")
            }
            Some(FaultPoint::After) => {
                self.inner.commit(commit)?;
                failed("after")
            }
        }
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, JournalError> {
        self.inner.get(table, key)
    }

    fn scan(&self, table: Table, prefix: &[u8]) -> Result<Vec<Pair>, JournalError> {
        self.inner.scan(table, prefix)
    }
}
