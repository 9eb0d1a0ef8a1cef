//! A world for one peer, without a host: what tests of executors run machines in.
//!
//! [`TestEnv`] answers everything a step may ask from memory and from a seed, so a test says what is known and sees
//! what was asked. Two of one seed answer alike, which is how executors are compared:
//!
//! ```
//! # use omt_runtime::testing::TestEnv;
//! # use omt_runtime::machine::Env;
//! let (mut a, mut b) = (TestEnv::new(7), TestEnv::new(7));
//! assert_eq!(a.peer_id(), b.peer_id());
//! assert_eq!(a.random_bytes(4), b.random_bytes(4));
//! assert_eq!(a.asked(), b.asked());
//! ```

#[cfg(test)]
pub(crate) mod build;
pub mod random;

use crate::chain::{Equivocation, RawBlock, Segment};
use crate::crypto::Keypair;
use crate::envelope::Envelope;
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId, SessionId, Signature};
use crate::library::SeededRng;
use crate::machine::{Env, Fault, Incoming, Input, Machine, PeerHead, Reaction, ViewCache, ViewKey};
use crate::wire::Bytes;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Something that a step asked or did, in order, with the answer where it was not given by the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Random octets.
    Random(Vec<u8>),
    /// A signature of that digest.
    Signed(Hash),
    /// A native function with those arguments.
    Native(String, Vec<Vec<u8>>),
    /// A block of that kind and payload was appended.
    Appended(String, Vec<u8>),
}

/// An environment in memory. What a step stages becomes so when it fires, and is dropped otherwise.
pub struct TestEnv {
    /// The instant of the next step, microseconds.
    pub now: i64,
    /// Answers of native functions by name, whatever their arguments; a missing one is [`FaultKind::Native`].
    pub natives: BTreeMap<String, Vec<u8>>,
    /// What `READ` knows.
    pub heads: BTreeMap<PeerId, PeerHead>,
    /// What `EQUIVOCATION` knows.
    pub proofs: BTreeMap<PeerId, Arc<Equivocation>>,
    /// The shared store.
    pub shared: BTreeMap<String, Vec<u8>>,
    /// The own chain.
    pub chain: Segment,
    key: Keypair,
    random: SeededRng,
    views: MemoryViews,
    asked: Vec<Asked>,
    /// Envelopes sent so far by [`TestEnv::message`].
    sequence: u64,
}

impl TestEnv {
    /// The world of a peer whose key and random numbers follow from the seed.
    pub fn new(seed: u64) -> TestEnv {
        let key = keypair(seed);
        TestEnv {
            now: 1_700_000_000_000_000,
            natives: BTreeMap::new(),
            heads: BTreeMap::new(),
            proofs: BTreeMap::new(),
            shared: BTreeMap::new(),
            chain: Segment::empty(key.peer_id()),
            key,
            random: SeededRng::new(&seed),
            views: MemoryViews::default(),
            asked: Vec::new(),
            sequence: 0,
        }
    }

    /// The key of this peer.
    pub fn key(&self) -> &Keypair {
        &self.key
    }

    /// Everything that steps asked and appended so far; what they shared is in [`TestEnv::shared`].
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// Runs a step. What it staged stays only if it fired.
    ///
    /// # Errors
    /// The step faulted.
    #[allow(clippy::result_large_err, reason = "as Machine::step")]
    pub fn step(&mut self, machine: &dyn Machine, input: &Input) -> Result<Reaction, Fault> {
        let before = (self.chain.clone(), self.shared.clone());
        let result = machine.step(input, self);
        if !matches!(result, Ok(Reaction::Fired(_))) {
            (self.chain, self.shared) = before;
        }
        result
    }

    /// Forgets the views that were folded: everything must be the same without.
    pub fn forget_views(&mut self) {
        self.views = MemoryViews::default();
    }

    /// A message to this peer, signed by the sender, sent now.
    pub fn message(
        &mut self,
        protocol: Hash,
        session: SessionId,
        from: &Keypair,
        message: &str,
        payload: Vec<u8>,
    ) -> Input {
        let envelope = Envelope {
            from: from.peer_id(),
            session,
            protocol,
            message: message.into(),
            sequence: self.sequence,
            time: self.now,
            payload: Bytes::from(payload),
            signature: None,
        };
        self.sequence += 1;
        let envelope = envelope.signed_by(from);
        Input::Message(Arc::new(Incoming { sender: from.peer_id(), envelope }))
    }
}

/// The key of the peer with that seed.
pub fn keypair(seed: u64) -> Keypair {
    Keypair::from_seed(&crate::crypto::hash(&(seed, "test key".to_owned())).0)
}

impl Env for TestEnv {
    fn now(&self) -> i64 {
        self.now
    }

    fn peer_id(&self) -> PeerId {
        self.key.peer_id()
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            // The generator ends after 2^35 draws; no test comes near.
            bytes.extend(self.random.next_u64().unwrap_or_default().to_le_bytes());
        }
        bytes.truncate(count);
        self.asked.push(Asked::Random(bytes.clone()));
        bytes
    }

    fn sign(&mut self, digest: &Hash) -> Signature {
        self.asked.push(Asked::Signed(*digest));
        self.key.sign(digest)
    }

    fn native(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        self.asked.push(Asked::Native(name.to_owned(), arguments.to_vec()));
        self.natives.get(name).cloned().ok_or_else(|| FaultKind::Native(name.into()))
    }

    fn shared(&self, field: &str) -> Option<Vec<u8>> {
        self.shared.get(field).cloned()
    }

    fn set_shared(&mut self, field: &str, value: Vec<u8>) {
        self.shared.insert(field.to_owned(), value);
    }

    fn chain(&self) -> Segment {
        self.chain.clone()
    }

    fn append(&mut self, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        self.asked.push(Asked::Appended(kind.to_owned(), payload.clone()));
        let block = Arc::new(self.chain.next(self.now, kind, payload).signed_by(&self.key));
        let longer = self.chain.append(Arc::clone(&block));
        self.chain = longer.map_err(|error| FaultKind::InvalidChain(error.to_string()))?;
        Ok(block)
    }

    fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        self.heads.get(peer).copied()
    }

    fn equivocation(&self, peer: &PeerId) -> Option<Arc<Equivocation>> {
        self.proofs.get(peer).cloned()
    }

    fn views(&self) -> &dyn ViewCache {
        &self.views
    }
}

/// Remembers every view; for tests, and for hosts that live shortly.
#[derive(Default)]
pub struct MemoryViews {
    states: Mutex<BTreeMap<ViewKey, Arc<dyn Any + Send + Sync>>>,
}

impl ViewCache for MemoryViews {
    fn get(&self, key: &ViewKey) -> Option<Arc<dyn Any + Send + Sync>> {
        self.states.lock().ok()?.get(key).cloned()
    }

    fn put(&self, key: ViewKey, state: Arc<dyn Any + Send + Sync>) {
        if let Ok(mut states) = self.states.lock() {
            states.insert(key, state);
        }
    }
}
