//! What carries a message.
//!
//! The id of a message is the hash of its envelope without the signature: signing again does not make another
//! message of it. The signature of a `signed` message is over that id, hence over everything.

use std::sync::Arc;

use crate::crypto::{self, Keypair, VerifiedCache};
use crate::id::{Hash, PeerId, SessionId, Signature};
use crate::wire::{Bytes, Decoder, Encoder, Reason, Record, Wire, WireError};
use crate::wire_record;

/// First item of what the id of a message hashes.
pub const ENVELOPE_DOMAIN: &str = "omt-envelope-1";

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who sent it.
    pub from: PeerId,
    /// Which session it belongs to.
    pub session: SessionId,
    /// Protocol id.
    pub protocol: Hash,
    /// Name of the message.
    pub message: Arc<str>,
    /// Counts what the sender sent in this session of this protocol, from 0.
    pub sequence: u64,
    /// When it was sent, microseconds.
    pub time: i64,
    /// Canonical encoding of the payload record.
    pub payload: Bytes,
    /// The sender's signature of the id, for `signed` messages.
    pub signature: Option<Signature>,
}

wire_record!(Envelope { from, session, protocol, message, sequence, time, payload, signature });

/// Why an envelope is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// A `signed` message without a signature.
    #[error("the message is not signed")]
    Unsigned,
    /// A signature that is not the sender's signature of this.
    #[error("the signature is not the sender's")]
    Signature,
}

impl Envelope {
    /// The id of the message.
    pub fn id(&self) -> Hash {
        crypto::hash_args(8, |encoder| {
            encoder.text(ENVELOPE_DOMAIN);
            self.from.encode(encoder);
            self.session.encode(encoder);
            self.protocol.encode(encoder);
            encoder.text(&self.message);
            encoder.u64(self.sequence);
            encoder.i64(self.time);
            encoder.bytes(&self.payload);
        })
    }

    /// The same message, signed. The key must be that of `from`, or nobody will accept it.
    pub fn signed_by(mut self, key: &Keypair) -> Self {
        self.signature = Some(key.sign(&self.id()));
        self
    }

    /// Whether the signature is there and the sender's.
    pub fn verify(&self) -> Result<(), EnvelopeError> {
        let signature = self.signature.as_ref().ok_or(EnvelopeError::Unsigned)?;
        if crypto::verify(&self.from, &self.id(), signature) { Ok(()) } else { Err(EnvelopeError::Signature) }
    }

    /// As [`Envelope::verify`], remembering what was found valid.
    pub fn verify_with(&self, cache: &mut VerifiedCache) -> Result<(), EnvelopeError> {
        let signature = self.signature.as_ref().ok_or(EnvelopeError::Unsigned)?;
        if cache.verify(&self.from, &self.id(), signature) { Ok(()) } else { Err(EnvelopeError::Signature) }
    }
}

/// The type `signed<M>`: a whole signed message as data. On the wire it is its envelope.
///
/// Whoever decodes one from outside verifies the envelope (the host does, before a machine sees it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<M> {
    envelope: Arc<Envelope>,
    /// `.payload`.
    pub payload: M,
}

impl<M> Signed<M> {
    /// From an envelope and its decoded payload, which the caller vouches for.
    pub fn new(envelope: Arc<Envelope>, payload: M) -> Self {
        Signed { envelope, payload }
    }

    /// The envelope.
    pub fn envelope(&self) -> &Arc<Envelope> {
        &self.envelope
    }

    /// `.sender`.
    pub fn sender(&self) -> PeerId {
        self.envelope.from
    }

    /// `.session`.
    pub fn session(&self) -> SessionId {
        self.envelope.session
    }

    /// `.sequence`.
    pub fn sequence(&self) -> u64 {
        self.envelope.sequence
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.envelope.encode(encoder);
    }
}

impl<M: Record> Wire for Signed<M> {
    fn encode(&self, encoder: &mut Encoder) {
        Signed::encode(self, encoder);
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = decoder.at();
        let envelope = Envelope::decode(decoder)?;
        if &*envelope.message != M::NAME {
            return Err(WireError::new(
                at,
                Reason::Invalid(format!("message `{}` is not `{}`", envelope.message, M::NAME)),
            ));
        }
        let payload = decoder.embedded(at, &envelope.payload, M::decode)?;
        Ok(Signed { envelope: Arc::new(envelope), payload })
    }
}
