//! What a function of the language may ask while a step is taken.

use super::view::{self, Fold};
use crate::chain::{Equivocation, Segment};
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId, Signature};
use crate::machine::{Effect, Env, PeerHead, Raised, rules};
use crate::package::Package;
use crate::value::Map;
use crate::wire::{self, Encoder, Record, Wire};
use crate::{crypto, machine};
use std::cell::RefCell;
use std::sync::Arc;

/// A value that can be encoded, of whatever type.
pub trait Encode {
    /// Appends its canonical encoding.
    fn encode_into(&self, encoder: &mut Encoder);
}

impl<T: Wire> Encode for T {
    fn encode_into(&self, encoder: &mut Encoder) {
        self.encode(encoder);
    }
}

impl Encode for &str {
    fn encode_into(&self, encoder: &mut Encoder) {
        encoder.text(self);
    }
}

impl<T: Wire> Encode for &[T] {
    fn encode_into(&self, encoder: &mut Encoder) {
        encoder.array(self.len());
        for value in *self {
            value.encode(encoder);
        }
    }
}

fn encoded(value: &dyn Encode) -> Vec<u8> {
    let mut encoder = Encoder::new();
    value.encode_into(&mut encoder);
    encoder.into_bytes()
}

/// Whom a broadcast goes to.
pub trait Recipients {
    /// The peers, in order; one that comes twice is meant once.
    fn peers(&self) -> Vec<PeerId>;
}

impl Recipients for [PeerId] {
    fn peers(&self) -> Vec<PeerId> {
        self.to_vec()
    }
}

impl Recipients for Vec<PeerId> {
    fn peers(&self) -> Vec<PeerId> {
        self.clone()
    }
}

impl<V> Recipients for Map<PeerId, V> {
    fn peers(&self) -> Vec<PeerId> {
        self.keys().copied().collect()
    }
}

/// The environment of a step, its effects so far, and the package.
pub struct Context<'e> {
    env: RefCell<&'e mut dyn Env>,
    package: &'e Arc<Package>,
    effects: RefCell<Vec<Effect>>,
}

impl<'e> Context<'e> {
    pub(super) fn new(env: &'e mut dyn Env, package: &'e Arc<Package>) -> Self {
        Context { env: RefCell::new(env), package, effects: RefCell::default() }
    }

    pub(super) fn with_env<T>(&self, ask: impl FnOnce(&mut dyn Env) -> T) -> T {
        ask(&mut **self.env.borrow_mut())
    }

    pub(super) fn take_effects(&self) -> Vec<Effect> {
        self.effects.take()
    }

    pub(super) fn push(&self, effect: Effect) {
        self.effects.borrow_mut().push(effect);
    }

    /// The package of the protocol.
    pub fn package(&self) -> &Arc<Package> {
        self.package
    }

    /// `NOW()`.
    pub fn now(&self) -> i64 {
        self.env.borrow().now()
    }

    /// `peer_id`.
    pub fn peer_id(&self) -> PeerId {
        self.env.borrow().peer_id()
    }

    /// `chain`, with what this step has appended.
    pub fn chain(&self) -> Segment {
        self.env.borrow().chain()
    }

    /// `RANDOM_BYTES(n)`.
    ///
    /// # Errors
    /// More than a message can carry.
    pub fn random_bytes(&self, count: u64) -> Result<wire::Bytes, FaultKind> {
        let count = rules::random_count(count)?;
        Ok(self.env.borrow_mut().random_bytes(count).into())
    }

    /// `GENERATE_ID()`.
    pub fn generate_id(&self) -> Hash {
        let bytes = self.env.borrow_mut().random_bytes(32);
        Hash::from_slice(&bytes).unwrap_or(Hash::ZERO)
    }

    fn digest<T: Record>(&self, value: &T) -> Hash {
        let fields = wire::struct_fields_hash(&self.package.protocol, T::NAME);
        crypto::sign_digest(T::NAME, &fields, value)
    }

    /// `SIGN(v)`.
    pub fn sign<T: Record>(&self, value: &T) -> Signature {
        let digest = self.digest(value);
        self.env.borrow_mut().sign(&digest)
    }

    /// `VERIFY_SIG(peer, v, signature)`.
    pub fn verify_signature<T: Record>(&self, peer: &PeerId, value: &T, signature: &Signature) -> bool {
        self.env.borrow().verify(peer, &self.digest(value), signature)
    }

    /// `VERIFY_MULTI(v, signatures, members, n)`.
    pub fn verify_multi<T: Record>(
        &self,
        value: &T,
        signatures: &Map<PeerId, Signature>,
        members: &[PeerId],
        count: u64,
    ) -> bool {
        let (digest, env) = (self.digest(value), self.env.borrow());
        crypto::verify_multi_by(signatures, members, count, |by, signature| {
            env.verify(by, &digest, signature)
        })
    }

    /// `EQUIVOCATION(peer)`.
    pub fn equivocation(&self, peer: &PeerId) -> Option<Equivocation> {
        self.env.borrow().equivocation(peer).map(|proof| (*proof).clone())
    }

    /// `READ(peer, …)`.
    pub fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        self.env.borrow().read(peer)
    }

    /// A native function.
    ///
    /// # Errors
    /// The host has no answer, or not one of that type.
    pub fn native<R: Wire>(&self, name: &str, arguments: &[&dyn Encode]) -> Result<R, FaultKind> {
        let arguments: Vec<Vec<u8>> = arguments.iter().map(|argument| encoded(*argument)).collect();
        let answer = self.env.borrow_mut().native(name, &arguments)?;
        wire::decode_checked(&answer).map_err(|error| FaultKind::internal(error.to_string()))
    }

    /// `VIEW(V, c)`.
    ///
    /// # Errors
    /// A block made the view fault: the chain is invalid.
    pub fn view<V: Fold>(&self, chain: &Segment) -> Result<Arc<V>, Raised> {
        view::fold(self, chain)
    }

    /// `SEND(to, M {…})`.
    ///
    /// # Errors
    /// The message is larger than a message may be.
    pub fn send<M: Record>(&self, to: PeerId, payload: &M) -> Result<(), FaultKind> {
        let payload = rules::payload_bytes(payload)?;
        self.push(Effect::Send { to, message: M::NAME.to_owned(), payload });
        Ok(())
    }

    /// `BROADCAST(peers, M {…})`.
    ///
    /// # Errors
    /// The message is larger than a message may be.
    pub fn broadcast<M: Record, R: Recipients + ?Sized>(&self, to: &R, payload: &M) -> Result<(), FaultKind> {
        let bytes = rules::payload_bytes(payload)?;
        let mut done = std::collections::BTreeSet::new();
        for peer in to.peers() {
            if done.insert(peer) {
                self.push(Effect::Send { to: peer, message: M::NAME.to_owned(), payload: bytes.clone() });
            }
        }
        Ok(())
    }

    /// `BROADCAST(network, M {…})`.
    ///
    /// # Errors
    /// The message is larger than a message may be.
    pub fn gossip<M: Record>(&self, payload: &M) -> Result<(), FaultKind> {
        let payload = rules::payload_bytes(payload)?;
        self.push(Effect::Gossip { message: M::NAME.to_owned(), payload });
        Ok(())
    }

    /// `START(f(…))`.
    pub fn start(&self, task: &str, arguments: &[&dyn Encode]) {
        let arguments = arguments.iter().map(|argument| encoded(*argument)).collect();
        self.push(Effect::Start { task: task.to_owned(), arguments });
    }

    /// `APPEND(chain, B {…})`.
    ///
    /// # Errors
    /// The chain is full.
    pub fn append<B: Record>(&self, payload: B) -> Result<crate::chain::Block<B>, FaultKind> {
        let raw = self.env.borrow_mut().append(B::NAME, rules::payload_bytes(&payload)?)?;
        Ok(crate::chain::Block::new(raw, payload))
    }

    /// Remembered states of views.
    pub(super) fn cached(&self, key: &machine::ViewKey) -> Option<Arc<dyn std::any::Any + Send + Sync>> {
        self.env.borrow().views().get(key)
    }

    /// Remembers a state of a view.
    pub(super) fn remember(&self, key: machine::ViewKey, state: Arc<dyn std::any::Any + Send + Sync>) {
        self.env.borrow().views().put(key, state);
    }
}
