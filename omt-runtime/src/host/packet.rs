//! What hosts say to each other below the protocols: carried messages, acknowledgements, parts of chains.
//!
//! On the wire a packet is a canonical CBOR array whose first element names it.

use crate::chain::Segment;
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId};
use crate::wire::{Decoder, Encoder, Reason, Wire, WireError};

/// Ids in one acknowledgement.
pub const ACK_IDS_MAX: usize = 1_024;
/// Protocol ids in one refusal.
pub const MISMATCH_IDS_MAX: usize = 64;

/// One datagram between hosts. The connection that carries it is authenticated: the receiver knows who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A message to the receiver.
    Message(Envelope),
    /// A message that everybody should have.
    Gossip(Envelope),
    /// These messages need not be sent again: they are taken, or will never be.
    Ack(Vec<Hash>),
    /// The blocks of `author` from a height up to the block with that hash are wanted.
    Want {
        /// Whose chain.
        author: PeerId,
        /// Height of the first block wanted.
        from: u64,
        /// Hash of the last block wanted.
        to: Hash,
    },
    /// Blocks of somebody's chain.
    Have(Segment),
    /// A message of this protocol came, and this host runs those.
    Mismatch {
        /// The protocol that is not loaded here.
        protocol: Hash,
        /// What is loaded here instead.
        loaded: Vec<Hash>,
    },
}

impl Wire for Packet {
    fn encode(&self, e: &mut Encoder) {
        match self {
            Packet::Message(envelope) => (text("message"), Plain(envelope)).encode(e),
            Packet::Gossip(envelope) => (text("gossip"), Plain(envelope)).encode(e),
            Packet::Ack(ids) => (text("ack"), Plain(ids)).encode(e),
            Packet::Want { author, from, to } => (text("want"), *author, *from, *to).encode(e),
            Packet::Have(segment) => (text("have"), Plain(segment)).encode(e),
            Packet::Mismatch { protocol, loaded } => (text("mismatch"), *protocol, Plain(loaded)).encode(e),
        }
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, WireError> {
        d.array(|d, len| {
            let at = d.at();
            let kind = d.text()?;
            let expected = match kind {
                "message" | "gossip" | "ack" | "have" => 2,
                "mismatch" => 3,
                "want" => 4,
                _ => return Err(WireError::new(at, Reason::UnknownVariant(kind.to_owned()))),
            };
            if len != expected {
                return Err(WireError::new(at, Reason::Expected("another number of parts")));
            }
            let packet = match kind {
                "message" => Packet::Message(d.value()?),
                "gossip" => Packet::Gossip(d.value()?),
                "have" => Packet::Have(d.value()?),
                "ack" => Packet::Ack(limited(d.value()?, at, ACK_IDS_MAX)?),
                "mismatch" => Packet::Mismatch {
                    protocol: d.value()?,
                    loaded: limited(d.value()?, at, MISMATCH_IDS_MAX)?,
                },
                _ => Packet::Want { author: d.value()?, from: d.value()?, to: d.value()? },
            };
            Ok(packet)
        })
    }
}

fn limited(ids: Vec<Hash>, at: usize, max: usize) -> Result<Vec<Hash>, WireError> {
    if ids.len() > max { Err(WireError::new(at, Reason::TooManyElements(max))) } else { Ok(ids) }
}

fn text(name: &'static str) -> String {
    name.to_owned()
}

/// Encodes a reference.
struct Plain<'a, T>(&'a T);

impl<T: Wire> Wire for Plain<'_, T> {
    fn encode(&self, encoder: &mut Encoder) {
        self.0.encode(encoder);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        Err(decoder.error(Reason::Expected("an owned value")))
    }
}
