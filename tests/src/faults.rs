//! Journals that fail at every commit of a lock, one after the other.

use crate::executor::Executor;
use crate::lock::{LockWorld, OMC, Spec};
use crate::records::LockBody;
use omt_runtime::host::limits::SECOND;
use omt_runtime::host::{
    Commit, CommitError, EventKind, FaultyJournal, Journal, JournalError, MemoryJournal, Table,
};
use omt_runtime::id::SessionId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

pub use omt_runtime::host::FaultPoint as Point;

/// The n-th commit of a party's journal fails at that point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose.
    pub party: String,
    /// Which commit, counted from 0.
    pub commit: u64,
    /// When.
    pub point: Point,
}

/// What a lock comes to. Times, and so hashes, differ when a party was away for a moment; this may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// States by party.
    pub states: BTreeMap<String, String>,
    /// Kinds of the blocks that each appended.
    pub appended: BTreeMap<String, Vec<String>>,
    /// Balance, reserved and reservations of each.
    pub money: BTreeMap<String, (u64, u64, usize)>,
    /// Amount and cabal in each party's body.
    pub bodies: BTreeMap<String, (u64, Vec<String>)>,
    /// Gossip items that each has.
    pub gossip: BTreeMap<String, usize>,
    /// Messages, by receiver, that a party took from one sender more than once.
    pub taken_twice: Vec<String>,
    /// What still waits to be said.
    pub outbox: usize,
}

/// A lock without faults, to compare with, and where faults can be.
pub struct Campaign {
    executor: Executor,
    seed: u64,
    expected: Outcome,
    commits: BTreeMap<String, std::ops::Range<u64>>,
}

struct Run {
    lock: LockWorld,
    session: SessionId,
    begun: BTreeMap<String, u64>,
    journals: BTreeMap<String, FaultyJournal>,
}

/// A journal that breaks its promise once: of one commit it keeps half. To see that a campaign would notice.
#[derive(Clone)]
struct Torn {
    inner: MemoryJournal,
    /// Commits until it happens.
    left: Arc<Mutex<u64>>,
}

impl Journal for Torn {
    fn commit(&mut self, commit: &Commit) -> Result<(), CommitError> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let now = *left == 0;
        *left = left.checked_sub(1).unwrap_or(u64::MAX);
        if !now {
            return self.inner.commit(commit);
        }
        let half = commit.writes.iter().take(commit.writes.len().div_ceil(2)).cloned().collect();
        self.inner.commit(&Commit { expect: commit.expect.clone(), writes: half })?;
        Err(JournalError("torn".to_owned()).into())
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, JournalError> {
        self.inner.get(table, key)
    }

    fn scan(&self, table: Table, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, JournalError> {
        self.inner.scan(table, prefix)
    }
}

fn run(executor: Executor, seed: u64, fault: Option<&Fault>, torn: bool) -> Run {
    let mut spec = Spec::clean(executor, seed);
    let mut journals = BTreeMap::new();
    for party in &mut spec.parties {
        let fail = fault.filter(|fault| fault.party == party.name).map(|fault| (fault.commit, fault.point));
        let journal = FaultyJournal::new(MemoryJournal::new(), fail);
        journals.insert(party.name.clone(), journal.clone());
        party.journal = Some(match fail.filter(|_| torn) {
            Some((commit, _)) => {
                let journal = Torn { inner: MemoryJournal::new(), left: Arc::new(Mutex::new(commit)) };
                Arc::new(move || Box::new(journal.clone()))
            }
            None => Arc::new(move || Box::new(journal.clone())),
        });
    }
    let mut lock = LockWorld::build(spec).expect("the world is set up before the first fault");
    let begun = journals.iter().map(|(name, journal)| (name.clone(), journal.commits())).collect();
    let session = lock.open("alice", "bob", 80 * OMC).expect("the lock begins");
    // A message to a party that was down comes again after two seconds, and four.
    lock.world.pass(15 * SECOND);
    Run { lock, session, begun, journals }
}

fn outcome(lock: &LockWorld, session: &SessionId) -> Outcome {
    let mut outcome = Outcome {
        states: BTreeMap::new(),
        appended: BTreeMap::new(),
        money: BTreeMap::new(),
        bodies: BTreeMap::new(),
        gossip: BTreeMap::new(),
        taken_twice: Vec::new(),
        outbox: 0,
    };
    for name in lock.names() {
        if lock.world.peer(name).is_none() {
            outcome.states.insert(name.clone(), "down".to_owned());
            continue;
        }
        outcome.states.insert(name.clone(), lock.state(name, session));
        outcome.appended.insert(name.clone(), lock.appended(name));
        if let Ok(money) = lock.money(name) {
            outcome.money.insert(name.clone(), (money.balance, money.reserved, money.reservations));
        }
        if let Some(body) = lock.field::<LockBody>(name, session, "body") {
            let cabal = body.cabal.iter().map(|id| lock.world.name(id)).collect();
            outcome.bodies.insert(name.clone(), (body.amount, cabal));
        }
        outcome.gossip.insert(name.clone(), lock.peer(name).gossip().len());
        outcome.outbox += lock.peer(name).outbox().count();
        let mut taken = BTreeSet::new();
        for event in lock.world.events(name) {
            if let EventKind::Accepted { from, message, .. } = &event.kind
                && !taken.insert((*from, message.clone()))
            {
                outcome.taken_twice.push(format!("{name} took {message} of {} twice", lock.world.name(from)));
            }
        }
    }
    outcome
}

impl Campaign {
    /// Runs the lock without a fault.
    pub fn new(executor: Executor, seed: u64) -> Campaign {
        let clean = run(executor, seed, None, false);
        let expected = outcome(&clean.lock, &clean.session);
        assert_eq!(expected.states.get("alice").map(String::as_str), Some("LOCKED"));
        assert_eq!((expected.outbox, expected.taken_twice.len()), (0, 0));
        let range = |(name, journal): (&String, &FaultyJournal)| {
            let begun = clean.begun.get(name).copied().unwrap_or(0);
            (name.clone(), begun..journal.commits())
        };
        let commits = clean.journals.iter().map(range).collect();
        Campaign { executor, seed, expected, commits }
    }

    /// Every commit of everybody who has a part in the lock, and of one who only passes gossip on.
    pub fn points(&self, point: Point) -> Vec<Fault> {
        let part = |name: &&String| self.expected.states.get(*name).is_some_and(|state| state != "-");
        let bystander = self.commits.keys().find(|name| !part(name));
        self.faults(self.commits.keys().filter(part).chain(bystander), point)
    }

    /// Every commit of everybody.
    pub fn all_points(&self, point: Point) -> Vec<Fault> {
        self.faults(self.commits.keys(), point)
    }

    fn faults<'a>(&'a self, parties: impl Iterator<Item = &'a String>, point: Point) -> Vec<Fault> {
        let faults = |party: &String| {
            let range = self.commits.get(party).cloned().unwrap_or(0..0);
            let party = party.clone();
            range.map(move |commit| Fault { party: party.clone(), commit, point })
        };
        parties.flat_map(faults).collect()
    }

    /// Runs the lock with that fault.
    ///
    /// # Errors
    /// It came out differently.
    pub fn check(&self, fault: Fault) -> Result<(), String> {
        let run = run(self.executor, self.seed, Some(&fault), false);
        let failed = run.journals.get(&fault.party).is_some_and(FaultyJournal::has_failed);
        if !failed {
            return Err(format!("{fault:?}: the commit was never reached"));
        }
        self.compare(&run, &fault)
    }

    /// Runs the lock on a journal that keeps half of that commit, against its promise.
    ///
    /// # Errors
    /// It came out differently, as it should for most of them.
    pub fn check_torn(&self, fault: &Fault) -> Result<(), String> {
        let run = run(self.executor, self.seed, Some(fault), true);
        self.compare(&run, fault)
    }

    fn compare(&self, run: &Run, fault: &Fault) -> Result<(), String> {
        let found = outcome(&run.lock, &run.session);
        if found == self.expected {
            return Ok(());
        }
        Err(format!("{fault:?}: it came out differently\nexpected {:#?}\nfound {found:#?}", self.expected))
    }
}
