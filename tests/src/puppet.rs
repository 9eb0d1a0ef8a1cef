//! A consumer that a test plays by hand: whatever it puts on its chain, whatever it shows.

use crate::forge::{Forgery, sign};
use crate::lock::LockWorld;
use crate::records::{DrawTicket, LockIntent, LockOpen, Offer, SessionTerms, WitnessRequest};
use omt_runtime::chain::{Block, Segment};
use omt_runtime::crypto::{self, Keypair};
use omt_runtime::envelope::{Envelope, Signed};
use omt_runtime::host::limits::{MINUTE, SECOND};
use omt_runtime::id::{Hash, PeerId, SessionId};
use omt_runtime::ir::Protocol;
use omt_runtime::wire::{self, Bytes, Wire};
use std::sync::Arc;

/// From the opening to the last moment of the counter-signature.
pub const SIGN_WINDOW: i64 = 240 * SECOND;
/// Within it consumer and provider have one nonce for each other.
pub const DRAW_EPOCH: i64 = 10 * MINUTE;

/// A consumer without a machine.
pub struct Puppet {
    /// Its key.
    pub key: Keypair,
    /// Its chain, as it shows it.
    pub chain: Segment,
    /// Its nonce for everybody.
    pub nonce: Bytes,
}

/// An opening of a puppet.
pub struct Opening {
    /// The terms.
    pub terms: SessionTerms,
    /// The block.
    pub open: Block<LockOpen>,
    /// The chain up to it.
    pub history: Segment,
    /// The session that follows from it.
    pub session: SessionId,
    /// The nonce that it commits to.
    pub nonce: Bytes,
}

impl Puppet {
    /// Plays somebody of the cast, from its chain on.
    pub fn of(lock: &LockWorld, name: &str) -> Puppet {
        Puppet::new(lock.key(name), lock.chain(name))
    }

    /// Somebody with that key and chain.
    pub fn new(key: Keypair, chain: Segment) -> Puppet {
        let nonce = Bytes::from(crypto::hash(&("a nonce".to_owned(), key.peer_id())).0.to_vec());
        Puppet { key, chain, nonce }
    }

    /// Appends any block.
    pub fn append(&mut self, time: i64, kind: &str, payload: &impl Wire) {
        let block = self.chain.next(time, kind, wire::to_bytes(payload)).signed_by(&self.key);
        self.chain = self.chain.append(block).expect("it follows the head");
    }

    /// The head of a peer that the chain recorded last.
    pub fn met(&self, peer: &PeerId) -> Hash {
        let block = self.chain.last_peer_hash(peer).expect("they have met");
        wire::from_bytes::<crate::records::PeerHash>(block.payload()).expect("a meeting").head
    }

    /// Appends an opening, altered at will.
    pub fn open(
        &mut self,
        now: i64,
        terms: &SessionTerms,
        amount: u64,
        alter: impl FnOnce(&mut LockOpen),
    ) -> Opening {
        let terms_hash = crypto::hash(&(terms.clone(),));
        let nonce_commitment = crypto::hash(&(self.nonce.clone(),));
        let height = self.chain.next_height();
        let session_id =
            crypto::hash(&(self.key.peer_id(), terms.provider, height, nonce_commitment, terms_hash));
        let mut opening = LockOpen {
            session_id,
            provider: terms.provider,
            amount,
            terms_hash,
            nonce_commitment,
            checkpoint: self.met(&terms.provider),
            sign_by: now + SIGN_WINDOW,
            expires_at: terms.expires_at,
        };
        alter(&mut opening);
        self.append(now, "LOCK_OPEN", &opening);
        let open = Block::from_raw(Arc::clone(self.chain.head().expect("the opening"))).expect("an opening");
        Opening {
            terms: terms.clone(),
            open,
            history: self.chain.clone(),
            session: session_id,
            nonce: self.nonce.clone(),
        }
    }
}

impl Opening {
    /// What the provider is asked.
    pub fn intent(&self) -> LockIntent {
        LockIntent {
            terms: self.terms.clone(),
            open: self.open.clone(),
            history: self.history.clone(),
            sources: Vec::new(),
        }
    }

    /// The ticket that goes with a nonce of the provider.
    pub fn ticket(&self, provider_nonce: &Bytes) -> DrawTicket {
        DrawTicket {
            provider: self.terms.provider,
            consumer: self.open.author(),
            epoch: u64::try_from(self.open.time() / DRAW_EPOCH).expect("after 1970"),
            nonce: provider_nonce.clone(),
        }
    }

    /// An offer as an honest provider with that chain would make it.
    pub fn offer(&self, ir: &Protocol, provider: &Keypair, nonce: &Bytes, chain: &Segment) -> Offer {
        Offer {
            open_hash: self.open.hash(),
            terms_hash: self.open.payload.terms_hash,
            provider_nonce: nonce.clone(),
            ticket_signature: sign(ir, provider, "DrawTicket", &self.ticket(nonce)),
            history: chain.prefix(&self.open.payload.checkpoint).expect("the checkpoint"),
        }
    }

    /// What a witness is asked, with an offer that the provider signed.
    pub fn request(&self, offer: &Signed<Offer>) -> WitnessRequest {
        WitnessRequest {
            terms: self.terms.clone(),
            open: self.open.clone(),
            offer: offer.clone(),
            nonce: self.nonce.clone(),
            consumer_history: self.history.clone(),
            sources: Vec::new(),
            recruitment_round: 0,
            existing_votes: Vec::new(),
        }
    }

    /// An offer as data.
    pub fn signed_offer(&self, lock: &LockWorld, provider: &str, offer: &Offer) -> Signed<Offer> {
        let key = lock.key(provider);
        let envelope = Forgery::new(
            lock.protocol,
            self.session,
            lock.world.now(),
            "WITNESS_SELECTION_COMMITMENT",
            offer,
        )
        .signed(&key);
        Signed::new(Arc::new(envelope), offer.clone())
    }

    /// A message of the puppet in this session.
    pub fn says(&self, lock: &LockWorld, key: &Keypair, message: &str, payload: &impl Wire) -> Envelope {
        Forgery::new(lock.protocol, self.session, lock.world.now(), message, payload).by(lock.ir(), key)
    }
}
