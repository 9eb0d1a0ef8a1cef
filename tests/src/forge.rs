//! What an attacker makes: messages in anybody's name for whom one has a key, with any content.

use omt_runtime::crypto::{self, Keypair};
use omt_runtime::envelope::Envelope;
use omt_runtime::host::Packet;
use omt_runtime::id::{Hash, PeerId, SessionId, Signature};
use omt_runtime::ir::Protocol;
use omt_runtime::wire::{self, Wire, struct_fields_hash};

/// Sequence numbers of forged messages begin here, so that a forgery in an honest peer's name contradicts nothing
/// unless a test wants it to.
pub const FORGED_SEQUENCE: u64 = 1_000_000;

/// A message in the making.
#[derive(Clone, Debug)]
pub struct Forgery {
    envelope: Envelope,
}

impl Forgery {
    /// A message of that name and payload, for a session, sent now.
    pub fn new(protocol: Hash, session: SessionId, now: i64, message: &str, payload: &impl Wire) -> Forgery {
        Forgery::raw(protocol, session, now, message, wire::to_bytes(payload))
    }

    /// A message with any bytes for a payload.
    pub fn raw(protocol: Hash, session: SessionId, now: i64, message: &str, payload: Vec<u8>) -> Forgery {
        Forgery {
            envelope: Envelope {
                from: PeerId([0; 32]),
                session,
                protocol,
                message: message.into(),
                sequence: FORGED_SEQUENCE,
                time: now,
                payload: payload.into(),
                signature: None,
            },
        }
    }

    /// A copy of a message, to be altered.
    pub fn of(envelope: &Envelope) -> Forgery {
        Forgery { envelope: envelope.clone() }
    }

    /// With this sequence number.
    #[must_use]
    pub fn sequence(mut self, sequence: u64) -> Forgery {
        self.envelope.sequence = sequence;
        self
    }

    /// As if sent at that time.
    #[must_use]
    pub fn time(mut self, time: i64) -> Forgery {
        self.envelope.time = time;
        self
    }

    /// With another payload.
    #[must_use]
    pub fn payload(mut self, payload: &impl Wire) -> Forgery {
        self.envelope.payload = wire::to_bytes(payload).into();
        self
    }

    /// For another session.
    #[must_use]
    pub fn session(mut self, session: SessionId) -> Forgery {
        self.envelope.session = session;
        self
    }

    /// In the name of a key, unsigned.
    pub fn unsigned(mut self, from: PeerId) -> Envelope {
        self.envelope.from = from;
        self.envelope.signature = None;
        self.envelope
    }

    /// Signed.
    pub fn signed(mut self, key: &Keypair) -> Envelope {
        self.envelope.from = key.peer_id();
        self.envelope.signed_by(key)
    }

    /// Signed if the protocol wants it.
    pub fn by(self, protocol: &Protocol, key: &Keypair) -> Envelope {
        let signed = protocol.messages.get(&*self.envelope.message).is_some_and(|message| message.signed);
        if signed { self.signed(key) } else { self.unsigned(key.peer_id()) }
    }
}

/// The datagram that carries a message.
pub fn carried(envelope: &Envelope) -> Vec<u8> {
    wire::to_bytes(&Packet::Message(envelope.clone()))
}

/// What `SIGN(value)` gives, of a struct of the protocol.
pub fn sign<T: Wire>(protocol: &Protocol, key: &Keypair, name: &str, value: &T) -> Signature {
    key.sign(&crypto::sign_digest(name, &struct_fields_hash(protocol, name), value))
}
