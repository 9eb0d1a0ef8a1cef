//! What a step may ask its host, with every answer recorded, and what it writes, staged until the commit.

use super::chains::ChainCache;
use super::limits::VIEW_CACHE_MAX;
use super::natives::Natives;
use super::typed;
use crate::chain::{ChainError, Equivocation, EvidenceStore, RawBlock, Segment};
use crate::crypto::{Keypair, VerifiedCache};
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId, Signature};
use crate::library::SeededRng;
use crate::machine::{Env, PeerHead, ViewCache, ViewKey};
use crate::package::Package;
use crate::wire::{ELEMENT_COUNT_MAX, SIZE_MAX};
use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// A shared store and the version of it that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedStore {
    pub version: u64,
    pub fields: BTreeMap<String, Vec<u8>>,
}

/// What all instances of a peer have in common.
#[derive(Debug)]
pub(crate) struct Books {
    pub key: Keypair,
    pub me: PeerId,
    pub chain: Segment,
    pub shared: BTreeMap<(Hash, String), SharedStore>,
    pub chains: ChainCache,
    pub evidence: EvidenceStore,
    pub verified: VerifiedCache,
    pub views: ViewMemory,
    pub natives: Natives,
}

/// View states that outlive a step; the oldest is forgotten first.
#[derive(Debug, Default)]
pub(crate) struct ViewMemory(Mutex<Views>);

#[derive(Debug, Default)]
struct Views {
    states: BTreeMap<ViewKey, Arc<dyn Any + Send + Sync>>,
    order: VecDeque<ViewKey>,
}

impl ViewCache for ViewMemory {
    fn get(&self, key: &ViewKey) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).states.get(key).map(Arc::clone)
    }

    fn put(&self, key: ViewKey, state: Arc<dyn Any + Send + Sync>) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.states.insert(key.clone(), state).is_none() {
            views.order.push_back(key);
        }
        if views.states.len() > VIEW_CACHE_MAX
            && let Some(oldest) = views.order.pop_front()
        {
            views.states.remove(&oldest);
        }
    }
}

/// Name, arguments, answer of a native function.
type NativeAnswer = (String, Vec<Vec<u8>>, Result<Vec<u8>, FaultKind>);

/// Answers that a step was given, so that it is given the same when it is run again.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    random: Vec<Vec<u8>>,
    natives: Vec<NativeAnswer>,
}

/// What a step wrote, and what it looked at.
#[derive(Debug)]
pub(crate) struct Staged {
    pub shared: BTreeMap<String, Vec<u8>>,
    pub chain: Segment,
    pub appended: Vec<Arc<RawBlock>>,
    pub touched_shared: bool,
    pub touched_chain: bool,
}

/// The environment of one run of one step.
pub(crate) struct StepEnv<'a> {
    books: &'a Books,
    package: &'a Package,
    store: Option<&'a SharedStore>,
    now: i64,
    rng: &'a mut SeededRng,
    recording: &'a mut Recording,
    randoms_given: usize,
    natives_given: usize,
    shared: BTreeMap<String, Vec<u8>>,
    chain: Segment,
    appended: Vec<Arc<RawBlock>>,
    touched_shared: Cell<bool>,
    touched_chain: Cell<bool>,
}

impl<'a> StepEnv<'a> {
    pub(crate) fn new(
        books: &'a Books,
        package: &'a Package,
        actor: &str,
        now: i64,
        rng: &'a mut SeededRng,
        recording: &'a mut Recording,
    ) -> Self {
        StepEnv {
            books,
            package,
            store: books.shared.get(&(package.id, actor.to_owned())),
            now,
            rng,
            recording,
            randoms_given: 0,
            natives_given: 0,
            shared: BTreeMap::new(),
            chain: books.chain.clone(),
            appended: Vec::new(),
            touched_shared: Cell::new(false),
            touched_chain: Cell::new(false),
        }
    }

    pub(crate) fn finish(self) -> Staged {
        Staged {
            shared: self.shared,
            chain: self.chain,
            appended: self.appended,
            touched_shared: self.touched_shared.get(),
            touched_chain: self.touched_chain.get(),
        }
    }

    fn ask(&self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        let failed = || FaultKind::Native(name.into());
        let native = self.package.protocol.natives.get(name).ok_or_else(failed)?;
        let function = self.books.natives.get(&native.library).ok_or_else(failed)?;
        let answer = function(arguments).map_err(|_| failed())?;
        typed::value(&self.package.protocol, self.package.id, &native.returns, &answer)
            .map_err(|_| failed())?;
        Ok(answer)
    }
}

/// `count` octets of a generator, from whole draws.
pub(crate) fn random_bytes(rng: &mut SeededRng, count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count.min(SIZE_MAX));
    while bytes.len() < count.min(SIZE_MAX) {
        // The key stream ends after 2^35 draws; a host is restarted, with another seed, long before.
        let Ok(draw) = rng.next_u64() else { break };
        bytes.extend(draw.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

impl Env for StepEnv<'_> {
    fn now(&self) -> i64 {
        self.now
    }

    fn peer_id(&self) -> PeerId {
        self.books.me
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        let given =
            self.recording.random.get(self.randoms_given).filter(|bytes| bytes.len() == count).cloned();
        let bytes = given.unwrap_or_else(|| {
            self.recording.random.truncate(self.randoms_given);
            let bytes = random_bytes(self.rng, count);
            self.recording.random.push(bytes.clone());
            bytes
        });
        self.randoms_given += 1;
        bytes
    }

    fn sign(&mut self, digest: &Hash) -> Signature {
        self.books.key.sign(digest)
    }

    fn native(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        let given = self.recording.natives.get(self.natives_given);
        let given = given.filter(|(asked, with, _)| asked == name && with == arguments);
        let answer = match given {
            Some((_, _, answer)) => answer.clone(),
            None => {
                let answer = self.ask(name, arguments);
                self.recording.natives.truncate(self.natives_given);
                self.recording.natives.push((name.to_owned(), arguments.to_vec(), answer.clone()));
                answer
            }
        };
        self.natives_given += 1;
        answer
    }

    fn shared(&self, field: &str) -> Option<Vec<u8>> {
        self.touched_shared.set(true);
        let staged = self.shared.get(field);
        staged.or_else(|| self.store.and_then(|store| store.fields.get(field))).cloned()
    }

    fn set_shared(&mut self, field: &str, value: Vec<u8>) {
        self.touched_shared.set(true);
        self.shared.insert(field.to_owned(), value);
    }

    fn chain(&self) -> Segment {
        self.touched_chain.set(true);
        self.chain.clone()
    }

    fn append(&mut self, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        self.touched_chain.set(true);
        if self.appended.len() >= ELEMENT_COUNT_MAX {
            return Err(FaultKind::TooLarge);
        }
        let block = Arc::new(self.chain.next(self.now, kind, payload).signed_by(&self.books.key));
        self.chain = self.chain.append(Arc::clone(&block)).map_err(|error| {
            if error == ChainError::Full {
                FaultKind::TooLarge
            } else {
                FaultKind::InvalidChain(error.to_string())
            }
        })?;
        self.appended.push(Arc::clone(&block));
        Ok(block)
    }

    fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        if *peer != self.books.me {
            return self.books.chains.read(peer);
        }
        self.touched_chain.set(true);
        let head = self.chain.head()?;
        Some(PeerHead { head: head.hash(), height: head.height(), last_seen: self.now })
    }

    fn equivocation(&self, peer: &PeerId) -> Option<Arc<Equivocation>> {
        self.books.evidence.proof(peer).map(Arc::clone)
    }

    fn views(&self) -> &dyn ViewCache {
        &self.books.views
    }
}
