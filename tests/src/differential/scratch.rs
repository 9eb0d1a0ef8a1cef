//! The environment that both executors see: what was known when a step began, and answers that are the same for both.

use omt_runtime::chain::{BlockBody, Equivocation, RawBlock, Segment};
use omt_runtime::crypto::{Keypair, hash};
use omt_runtime::fault::FaultKind;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::library::SeededRng;
use omt_runtime::machine::{Env, PeerHead, ViewCache};
use omt_runtime::package::Package;
use omt_runtime::wire::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What a step asked of its environment, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Random octets: how many.
    Random(usize),
    /// A signature.
    Sign(Hash),
    /// A native function.
    Native(String, Vec<Vec<u8>>),
    /// A shared field was written.
    Shared(String, Vec<u8>),
    /// A block was appended.
    Append(String, Vec<u8>),
}

/// What was answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Octets.
    Random(Vec<u8>),
    /// A signature.
    Sign(Signature),
    /// Of a native function.
    Native(Result<Vec<u8>, FaultKind>),
    /// The block.
    Append(Result<Arc<RawBlock>, FaultKind>),
}

/// What a step can see before it begins.
#[derive(Clone)]
pub struct Known {
    /// The instant.
    pub now: i64,
    /// Who runs it.
    pub peer: PeerId,
    /// The own chain.
    pub chain: Segment,
    /// The shared store.
    pub shared: BTreeMap<String, Vec<u8>>,
    /// Chains of others.
    pub heads: BTreeMap<PeerId, PeerHead>,
    /// Proofs against others.
    pub proofs: BTreeMap<PeerId, Arc<Equivocation>>,
}

impl Known {
    /// A peer of whom nothing is known but its name.
    pub fn nothing(seed: u64) -> Known {
        let peer = key(seed).peer_id();
        Known {
            now: 1_800_000_000_000_000,
            peer,
            chain: Segment::empty(peer),
            shared: BTreeMap::new(),
            heads: BTreeMap::new(),
            proofs: BTreeMap::new(),
        }
    }

    /// What an environment knows before a step of that actor.
    pub fn of(env: &dyn Env, package: &Package, actor: &str, peers: &[PeerId]) -> Known {
        let fields = package.protocol.actors.get(actor).map(|actor| &actor.shared);
        let shared = fields
            .into_iter()
            .flat_map(|fields| fields.keys())
            .filter_map(|name| env.shared(name).map(|value| (name.clone(), value)));
        Known {
            now: env.now(),
            peer: env.peer_id(),
            chain: env.chain(),
            shared: shared.collect(),
            heads: peers.iter().filter_map(|peer| env.read(peer).map(|head| (*peer, head))).collect(),
            proofs: peers
                .iter()
                .filter_map(|peer| env.equivocation(peer).map(|proof| (*peer, proof)))
                .collect(),
        }
    }
}

/// The throw-away key of that number.
pub fn key(seed: u64) -> Keypair {
    Keypair::from_seed(&hash(&(seed, "differential".to_owned())).0)
}

/// Where answers come from.
enum Source<'e> {
    /// What another executor was told, in its order; the rest from the environment that told it.
    Recorded(VecDeque<Answer>, &'e dyn Env),
    /// From a seed, and for native functions from what was ever answered.
    Seeded(SeededRng, u64, &'e BTreeMap<String, Vec<Vec<u8>>>, &'e dyn ViewCache),
}

/// An environment for one step.
pub struct Scratch<'e> {
    known: Known,
    source: Source<'e>,
    /// What was asked so far.
    pub asked: Vec<Asked>,
}

impl<'e> Scratch<'e> {
    /// One that answers as another did.
    pub fn replay(known: Known, answers: Vec<Answer>, env: &'e dyn Env) -> Scratch<'e> {
        Scratch { known, source: Source::Recorded(answers.into(), env), asked: Vec::new() }
    }

    /// One that answers from a seed.
    pub fn seeded(
        known: Known,
        seed: u64,
        natives: &'e BTreeMap<String, Vec<Vec<u8>>>,
        views: &'e dyn ViewCache,
    ) -> Scratch<'e> {
        Scratch {
            known,
            source: Source::Seeded(SeededRng::new(&seed), seed, natives, views),
            asked: Vec::new(),
        }
    }

    /// What is known after the step, with what it wrote.
    pub fn known(self) -> (Known, Vec<Asked>) {
        (self.known, self.asked)
    }
}

impl Env for Scratch<'_> {
    fn now(&self) -> i64 {
        self.known.now
    }

    fn peer_id(&self) -> PeerId {
        self.known.peer
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.asked.push(Asked::Random(count));
        match &mut self.source {
            Source::Recorded(answers, _) => match answers.pop_front() {
                Some(Answer::Random(bytes)) => bytes,
                _ => Vec::new(),
            },
            Source::Seeded(rng, ..) => {
                let mut bytes = Vec::with_capacity(count);
                while bytes.len() < count {
                    bytes.extend(rng.next_u64().unwrap_or_default().to_le_bytes());
                }
                bytes.truncate(count);
                bytes
            }
        }
    }

    fn sign(&mut self, digest: &Hash) -> Signature {
        self.asked.push(Asked::Sign(*digest));
        match &mut self.source {
            Source::Recorded(answers, _) => match answers.pop_front() {
                Some(Answer::Sign(signature)) => signature,
                _ => Signature([0; 64]),
            },
            Source::Seeded(_, seed, ..) => key(*seed).sign(digest),
        }
    }

    fn native(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        self.asked.push(Asked::Native(name.to_owned(), arguments.to_vec()));
        let none = || FaultKind::Native(name.into());
        match &mut self.source {
            Source::Recorded(answers, _) => match answers.pop_front() {
                Some(Answer::Native(answer)) => answer,
                _ => Err(none()),
            },
            Source::Seeded(_, seed, natives, _) => {
                // The same question has the same answer.
                let choice = hash(&(*seed, name.to_owned(), Bytes::from(arguments.concat()))).0[0];
                let known = natives.get(name).ok_or_else(none)?;
                let count = known.len().max(1);
                if choice >= 250 {
                    Err(none())
                } else {
                    known.get(usize::from(choice) % count).cloned().ok_or_else(none)
                }
            }
        }
    }

    fn shared(&self, field: &str) -> Option<Vec<u8>> {
        self.known.shared.get(field).cloned()
    }

    fn set_shared(&mut self, field: &str, value: Vec<u8>) {
        self.asked.push(Asked::Shared(field.to_owned(), value.clone()));
        self.known.shared.insert(field.to_owned(), value);
    }

    fn chain(&self) -> Segment {
        self.known.chain.clone()
    }

    fn append(&mut self, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        self.asked.push(Asked::Append(kind.to_owned(), payload.clone()));
        let block = match &mut self.source {
            Source::Recorded(answers, _) => match answers.pop_front() {
                Some(Answer::Append(block)) => block?,
                _ => return Err(FaultKind::internal("nothing was appended")),
            },
            Source::Seeded(_, seed, ..) => {
                let body: BlockBody = self.known.chain.next(self.known.now, kind, payload);
                let signature = key(*seed).sign(&body.hash());
                Arc::new(body.with_signature(signature))
            }
        };
        self.known.chain = self
            .known
            .chain
            .append(Arc::clone(&block))
            .map_err(|error| FaultKind::internal(error.to_string()))?;
        Ok(block)
    }

    fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        match &self.source {
            Source::Recorded(_, env) => env.read(peer),
            Source::Seeded(..) => self.known.heads.get(peer).copied(),
        }
    }

    fn equivocation(&self, peer: &PeerId) -> Option<Arc<Equivocation>> {
        match &self.source {
            Source::Recorded(_, env) => env.equivocation(peer),
            Source::Seeded(..) => self.known.proofs.get(peer).cloned(),
        }
    }

    fn views(&self) -> &dyn ViewCache {
        match &self.source {
            Source::Recorded(_, env) => env.views(),
            Source::Seeded(_, _, _, views) => *views,
        }
    }
}

/// Passes questions on to an environment and keeps the answers.
pub struct Recorder<'e> {
    env: &'e mut dyn Env,
    /// What was asked.
    pub asked: Vec<Asked>,
    /// What was answered.
    pub answers: Vec<Answer>,
}

impl<'e> Recorder<'e> {
    /// Around an environment.
    pub fn new(env: &'e mut dyn Env) -> Recorder<'e> {
        Recorder { env, asked: Vec::new(), answers: Vec::new() }
    }
}

impl Env for Recorder<'_> {
    fn now(&self) -> i64 {
        self.env.now()
    }

    fn peer_id(&self) -> PeerId {
        self.env.peer_id()
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        let bytes = self.env.random_bytes(count);
        self.asked.push(Asked::Random(count));
        self.answers.push(Answer::Random(bytes.clone()));
        bytes
    }

    fn sign(&mut self, digest: &Hash) -> Signature {
        let signature = self.env.sign(digest);
        self.asked.push(Asked::Sign(*digest));
        self.answers.push(Answer::Sign(signature));
        signature
    }

    fn native(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        let answer = self.env.native(name, arguments);
        self.asked.push(Asked::Native(name.to_owned(), arguments.to_vec()));
        self.answers.push(Answer::Native(answer.clone()));
        answer
    }

    fn shared(&self, field: &str) -> Option<Vec<u8>> {
        self.env.shared(field)
    }

    fn set_shared(&mut self, field: &str, value: Vec<u8>) {
        self.asked.push(Asked::Shared(field.to_owned(), value.clone()));
        self.env.set_shared(field, value);
    }

    fn chain(&self) -> Segment {
        self.env.chain()
    }

    fn append(&mut self, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        self.asked.push(Asked::Append(kind.to_owned(), payload.clone()));
        let block = self.env.append(kind, payload);
        self.answers.push(Answer::Append(block.clone()));
        block
    }

    fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        self.env.read(peer)
    }

    fn equivocation(&self, peer: &PeerId) -> Option<Arc<Equivocation>> {
        self.env.equivocation(peer)
    }

    fn views(&self) -> &dyn ViewCache {
        self.env.views()
    }
}
