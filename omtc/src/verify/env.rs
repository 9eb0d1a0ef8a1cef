//! What a step may ask: the environment of the checker. Every answer depends on the local state alone.

use super::model::{Model, PeerModel};
use super::table::QuickMap;
use omt_runtime::chain::{Equivocation, RawBlock, Segment};
use omt_runtime::crypto;
use omt_runtime::fault::FaultKind;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::Expr;
use omt_runtime::machine::{Env, PeerHead, ViewCache, ViewKey};
use omt_runtime::value::{Map, Value};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// States of views that are remembered between steps; all are forgotten when there are too many.
const VIEWS_MAX: usize = 262_144;

/// View states, by the block they were folded to.
#[derive(Debug, Default)]
pub(super) struct Views(Mutex<BTreeMap<ViewKey, Arc<dyn Any + Send + Sync>>>);

impl ViewCache for Views {
    fn get(&self, key: &ViewKey) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(Arc::clone)
    }

    fn put(&self, key: ViewKey, state: Arc<dyn Any + Send + Sync>) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= VIEWS_MAX {
            views.clear();
        }
        views.insert(key, state);
    }
}

/// All signatures there are: whoever is not asked here for one cannot have it. So verifying is looking up, and nobody
/// forges.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    made: RefCell<QuickMap<(PeerId, Hash), Signature>>,
    makers: RefCell<BTreeMap<Signature, (PeerId, Hash)>>,
}

impl Signatures {
    /// The signature of a peer, made once.
    pub fn sign(&self, peer: &PeerModel, digest: &Hash) -> Signature {
        self.made(peer, digest).unwrap_or_else(|| {
            let signature = peer.key.sign(digest);
            self.made.borrow_mut().insert((peer.id, *digest), signature);
            self.makers.borrow_mut().insert(signature, (peer.id, *digest));
            signature
        })
    }

    /// The signature of a peer, if it has made it.
    pub fn made(&self, peer: &PeerModel, digest: &Hash) -> Option<Signature> {
        self.made.borrow().get(&(peer.id, *digest)).copied()
    }

    /// Who made a signature, and over what.
    pub fn of(&self, signature: &Signature) -> Option<(PeerId, Hash)> {
        let maker = self.maker(signature)?;
        let made = self.made.borrow();
        made.iter().find(|((peer, _), known)| *peer == maker && *known == signature).map(|(key, _)| *key)
    }

    /// Who made a signature.
    pub fn maker(&self, signature: &Signature) -> Option<PeerId> {
        self.made_by(signature).map(|(maker, _)| maker)
    }

    /// Who made a signature, and over what.
    pub fn made_by(&self, signature: &Signature) -> Option<(PeerId, Hash)> {
        self.makers.borrow().get(signature).copied()
    }

    /// Was it made?
    pub fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        self.made.borrow().get(&(*peer, *digest)).is_some_and(|known| known == signature)
    }
}

/// The environment of one step.
pub(super) struct StepEnv<'a> {
    pub model: &'a Model,
    pub peer: usize,
    pub protocol: usize,
    /// The instant of the step, on the peer's clock.
    pub now: i64,
    pub shared: Option<&'a BTreeMap<String, Vec<u8>>>,
    pub chain: Segment,
    pub draws: u32,
    pub evidence: &'a dyn Fn(&PeerId) -> Option<Arc<Equivocation>>,
    /// What the step wrote to the shared store.
    pub written: BTreeMap<String, Vec<u8>>,
    /// Has it appended a block?
    pub appended: bool,
    /// Was anything asked that another local state with the same machine may answer otherwise?
    pub asked: Cell<bool>,
}

impl StepEnv<'_> {
    fn me(&self) -> Option<&PeerModel> {
        self.model.peers.get(self.peer)
    }
}

impl Env for StepEnv<'_> {
    fn now(&self) -> i64 {
        self.asked.set(true);
        self.now
    }

    fn peer_id(&self) -> PeerId {
        self.me().map_or(PeerId([0; 32]), |me| me.id)
    }

    /// Each draw of a peer is a value that nobody else has; the same draw of the same peer is the same in every run, so
    /// that runs which differ in the past alone meet again.
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.asked.set(true);
        let me = self.me().map_or(PeerId([0; 32]), |me| me.source);
        let mut bytes = Vec::with_capacity(count);
        let mut part = 0u64;
        while bytes.len() < count {
            let seed = ("omt-verify-random".to_owned(), me, u64::from(self.draws), part);
            bytes.extend(crypto::hash(&seed).0);
            part += 1;
        }
        bytes.truncate(count);
        self.draws = self.draws.saturating_add(1);
        bytes
    }

    fn sign(&mut self, digest: &Hash) -> Signature {
        self.me().map_or(Signature([0; 64]), |me| self.model.signatures.sign(me, digest))
    }

    fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        self.model.signatures.verify(peer, digest, signature)
    }

    fn quorum(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        self.model.certificates.asked(digest, members, enough);
    }

    fn looks_into(&self, expr: &Expr, signatures: &Map<Value, Value>, counts: bool) {
        self.model.certificates.looked_into(&self.model.signatures, expr, signatures, counts);
    }

    fn native(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        self.model.native(self.peer, self.protocol, name, arguments)
    }

    fn shared(&self, field: &str) -> Option<Vec<u8>> {
        self.asked.set(true);
        let written = self.written.get(field);
        written.or_else(|| self.shared.and_then(|fields| fields.get(field))).cloned()
    }

    fn set_shared(&mut self, field: &str, value: Vec<u8>) {
        self.written.insert(field.to_owned(), value);
    }

    fn chain(&self) -> Segment {
        self.asked.set(true);
        self.chain.clone()
    }

    fn append(&mut self, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        let payload = self.model.normal_block(self.protocol, kind, payload);
        let body = self.chain.next(self.now, kind, payload);
        let digest = body.hash();
        let signature = self.sign(&digest);
        let block = Arc::new(body.with_signature(signature));
        let longer = self.chain.append(Arc::clone(&block));
        self.chain = longer.map_err(|error| FaultKind::InvalidChain(error.to_string()))?;
        self.appended = true;
        Ok(block)
    }

    /// Only the own chain is known; the cached chains of others are not part of the model.
    fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        self.asked.set(true);
        if *peer != self.peer_id() {
            return None;
        }
        let head = self.chain.head()?;
        Some(PeerHead { head: head.hash(), height: head.height(), last_seen: self.now })
    }

    fn equivocation(&self, peer: &PeerId) -> Option<Arc<Equivocation>> {
        self.asked.set(true);
        (self.evidence)(peer)
    }

    fn views(&self) -> &dyn ViewCache {
        &self.model.views
    }
}
