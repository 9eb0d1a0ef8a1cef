//! What this host knows of chains: its own, those of others, and who has which part already.

use super::journal::{JournalError, read_row};
use crate::chain::{RawBlock, Segment};
use crate::id::{Hash, PeerId};
use crate::machine::PeerHead;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::limits::CHAIN_CACHE_AUTHORS_MAX;

/// Blocks cached in all, some 400 bytes each.
pub const CHAIN_CACHE_BLOCKS_MAX: usize = 1_048_576;
/// Pairs of (receiver, author) of which it is remembered how far the receiver is; forgetting one costs bytes.
pub const KNOWN_BY_MAX: usize = 65_536;

/// A chain from its rows, in the order of their keys.
pub(crate) fn blocks_of(author: PeerId, rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Segment, JournalError> {
    let mut chain = Segment::empty(author);
    for (_, row) in rows {
        let block: RawBlock = read_row(&row)?;
        chain = chain.append(block).map_err(|error| JournalError(error.to_string()))?;
    }
    Ok(chain)
}

/// Key of a block of a cached chain.
pub(crate) fn block_key(author: &PeerId, height: u64) -> Vec<u8> {
    let mut key = author.0.to_vec();
    key.extend(height.to_be_bytes());
    key
}

/// Chains of other peers, from verified segments.
#[derive(Debug, Default)]
pub(crate) struct ChainCache {
    chains: BTreeMap<PeerId, Segment>,
    blocks: usize,
    last_seen: BTreeMap<PeerId, i64>,
    known_by: BTreeMap<(PeerId, PeerId), (u64, Hash)>,
}

impl ChainCache {
    pub(crate) fn get(&self, author: &PeerId) -> Option<&Segment> {
        self.chains.get(author)
    }

    /// Takes a chain whose blocks are verified, if it is longer than the cached one and continues it. A branch is
    /// not taken: the proof of it is. Gives the blocks that are new.
    pub(crate) fn learn(&mut self, segment: &Segment) -> Vec<Arc<RawBlock>> {
        if !segment.is_complete() || segment.is_empty() {
            return Vec::new();
        }
        let author = segment.author();
        let known = self.chains.get(&author);
        if known.is_none() && self.chains.len() >= CHAIN_CACHE_AUTHORS_MAX {
            return Vec::new();
        }
        let head = known.map_or(Hash::ZERO, Segment::head_hash);
        if known.is_some_and(|known| segment.next_height() <= known.next_height()) {
            return Vec::new();
        }
        let (found, new) = segment.blocks_above(|block| block.hash() == head);
        if (known.is_some() && found.is_none()) || self.blocks + new.len() > CHAIN_CACHE_BLOCKS_MAX {
            return Vec::new();
        }
        let new: Vec<Arc<RawBlock>> = new.into_iter().map(Arc::clone).collect();
        self.blocks += new.len();
        self.chains.insert(author, segment.clone());
        new
    }

    /// The peer was heard of.
    pub(crate) fn seen(&mut self, peer: PeerId, at: i64) {
        if self.last_seen.len() < KNOWN_BY_MAX || self.last_seen.contains_key(&peer) {
            self.last_seen.insert(peer, at);
        }
    }

    /// Answer of `READ`.
    pub(crate) fn read(&self, peer: &PeerId) -> Option<PeerHead> {
        let chain = self.chains.get(peer)?;
        let head = chain.head()?;
        let last_seen = self.last_seen.get(peer).copied().unwrap_or_else(|| head.time());
        Some(PeerHead { head: head.hash(), height: head.height(), last_seen })
    }

    /// A peer has this much of a chain: it acknowledged it, or sent it.
    pub(crate) fn has(&mut self, peer: PeerId, segment: &Segment) {
        let Some(head) = segment.head() else { return };
        let entry = (peer, segment.author());
        if self.known_by.len() >= KNOWN_BY_MAX && !self.known_by.contains_key(&entry) {
            self.known_by.pop_first();
        }
        let known = self.known_by.entry(entry).or_insert((head.height(), head.hash()));
        if known.0 < head.height() {
            *known = (head.height(), head.hash());
        }
    }

    /// It does not, after all.
    pub(crate) fn has_not(&mut self, peer: PeerId, author: PeerId) {
        self.known_by.remove(&(peer, author));
    }

    /// Does the peer have a part of the segment?
    pub(crate) fn cuts_for(&self, peer: &PeerId, segment: &Segment) -> bool {
        self.known_by.contains_key(&(*peer, segment.author()))
    }

    /// The part of a segment that the peer does not have.
    pub(crate) fn cut_for(&self, peer: &PeerId, segment: &Segment) -> Segment {
        let Some((height, hash)) = self.known_by.get(&(*peer, segment.author())) else {
            return segment.clone();
        };
        let height = (*height).min(segment.next_height().saturating_sub(1));
        // Of a segment that ends below what the peer has, it has everything, if it is the same branch.
        let same = match segment.at(height) {
            Some(block) if segment.next_height() > height + 1 || block.hash() == *hash => {
                block.hash() == *hash
            }
            Some(block) => self
                .chains
                .get(&segment.author())
                .is_some_and(|chain| chain.at(height).is_some_and(|known| known.hash() == block.hash())),
            None => false,
        };
        if same { segment.from_height_on(height + 1) } else { segment.clone() }
    }
}
