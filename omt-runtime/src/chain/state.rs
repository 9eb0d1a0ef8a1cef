//! Whom a chain knew.

use std::sync::Arc;

use super::block::RawBlock;
use super::segment::Segment;
use crate::id::{Hash, PeerId};
use crate::value::{Map, Value};
use crate::wire;
use crate::wire_record;

/// Kind of the blocks that record the head of another peer's chain; payload fields `peer` and `head` at least.
pub const PEER_HASH: &str = "PEER_HASH";

/// `CHAIN_STATE_AT`: what a chain says of other peers, up to a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainState {
    /// Hash of the block.
    pub block_hash: Hash,
    /// Its height.
    pub sequence: u64,
    /// Peers of whom a head was recorded, sorted.
    pub known_peers: Vec<PeerId>,
    /// The newest head recorded of each.
    pub peer_hashes: Map<PeerId, Hash>,
}

wire_record!(ChainState { block_hash, sequence, known_peers, peer_hashes });

/// The record that the interpreter computes with.
impl From<ChainState> for Value {
    fn from(state: ChainState) -> Self {
        let peers = state.known_peers.into_iter().map(Value::Peer);
        let heads = state.peer_hashes.iter().map(|(peer, head)| (Value::Peer(*peer), Value::Hash(*head)));
        Value::record([
            ("block_hash", Value::Hash(state.block_hash)),
            ("sequence", state.sequence.into()),
            ("known_peers", Value::list(peers)),
            ("peer_hashes", Value::Map(heads.collect())),
        ])
    }
}

/// Peer and head that a `PEER_HASH` block records; `None` for another kind, or a payload without them.
fn peer_hash(block: &RawBlock) -> Option<(PeerId, Hash)> {
    if block.kind() != PEER_HASH {
        return None;
    }
    let Value::Record(payload) = wire::from_bytes::<Value>(block.payload()).ok()? else { return None };
    let bytes = |name: &str| match payload.get(name) {
        Some(Value::Bytes(bytes)) => Some(bytes.clone()),
        _ => None,
    };
    let peer = PeerId::from_slice(&bytes("peer")?).ok()?;
    let head = Hash::from_slice(&bytes("head")?).ok()?;
    Some((peer, head))
}

impl Segment {
    /// `CHAIN_STATE_AT(c, hash)`; `None` when the block is not here.
    pub fn state_at(&self, hash: &Hash) -> Option<ChainState> {
        let prefix = self.prefix(hash)?;
        let head = prefix.head()?;
        let peer_hashes: Map<PeerId, Hash> =
            prefix.blocks().into_iter().filter_map(|block| peer_hash(block)).collect();
        Some(ChainState {
            block_hash: head.hash(),
            sequence: head.height(),
            known_peers: peer_hashes.keys().copied().collect(),
            peer_hashes,
        })
    }

    /// `LAST_PEER_HASH(c, peer)`: the newest block that records a head of that peer.
    pub fn last_peer_hash(&self, peer: &PeerId) -> Option<&Arc<RawBlock>> {
        self.newest_first().find(|block| peer_hash(block).is_some_and(|(recorded, _)| recorded == *peer))
    }
}
