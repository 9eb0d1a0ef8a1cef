//! Consecutive blocks of one author.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::block::{BlockBody, RawBlock};
use crate::crypto::VerifiedCache;
use crate::id::{Hash, PeerId, Signature};
use crate::wire::{self, Bytes, Decoder, Encoder, Reason, Wire, WireError};
use crate::wire_record;

/// Blocks of one segment. (LANGUAGE 5.3)
pub const SEGMENT_BLOCK_COUNT_MAX: usize = 65_536;

/// Why blocks are not a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A block of somebody else.
    #[error("block {height} has another author")]
    Author {
        /// Height of the block.
        height: u64,
    },
    /// A block at the wrong height.
    #[error("expected block {expected}, found {found}")]
    Height {
        /// The next height.
        expected: u64,
        /// Height of the block.
        found: u64,
    },
    /// A block that does not follow the one before it.
    #[error("block {height} does not link to the block before it")]
    Link {
        /// Height of the block.
        height: u64,
    },
    /// A block that is older than the one before it.
    #[error("block {height} is older than the block before it")]
    Time {
        /// Height of the block.
        height: u64,
    },
    /// A block whose hash is not that of its contents.
    #[error("block {height} has a false hash")]
    Hash {
        /// Height of the block.
        height: u64,
    },
    /// A block that its author did not sign.
    #[error("block {height} is not signed by its author")]
    Signature {
        /// Height of the block.
        height: u64,
    },
    /// More blocks than a segment may have.
    #[error("more than {SEGMENT_BLOCK_COUNT_MAX} blocks")]
    Full,
    /// A segment that does not begin at genesis, where the lower part is not known.
    #[error("the blocks below {from} are missing")]
    Incomplete {
        /// Height of the lowest block.
        from: u64,
    },
}

/// The types `chain` and `segment`: consecutive blocks of one author, whose links, heights, times and hashes hold;
/// signatures hold after [`Segment::verify`].
///
/// A persistent list: a clone and an append cost nothing, prefixes share their blocks.
#[derive(Clone)]
pub struct Segment {
    author: PeerId,
    /// Height of the lowest block.
    from: u64,
    /// Hash of the block below the lowest; zero at genesis.
    base: Hash,
    tip: Option<Arc<Node>>,
}

struct Node {
    block: Arc<RawBlock>,
    /// Number of nodes up to this one.
    count: usize,
    previous: Option<Arc<Node>>,
}

impl Drop for Node {
    /// Unwinds the list in a loop: the recursion that the compiler would write has a frame per block.
    fn drop(&mut self) {
        let mut next = self.previous.take();
        while let Some(node) = next {
            next = Arc::into_inner(node).and_then(|mut node| node.previous.take());
        }
    }
}

impl Segment {
    /// The empty chain of a peer.
    pub fn empty(author: PeerId) -> Self {
        Segment { author, from: 0, base: Hash::ZERO, tip: None }
    }

    /// `.author`.
    pub fn author(&self) -> PeerId {
        self.author
    }

    /// Height of the lowest block: 0, unless the segment came from the wire and is not completed yet.
    pub fn from_height(&self) -> u64 {
        self.from
    }

    /// Hash of the block below the lowest.
    pub fn base(&self) -> Hash {
        self.base
    }

    /// Whether it begins at genesis.
    pub fn is_complete(&self) -> bool {
        self.from == 0
    }

    /// Number of blocks.
    pub fn len(&self) -> usize {
        self.tip.as_ref().map_or(0, |node| node.count)
    }

    /// Whether it has no blocks.
    pub fn is_empty(&self) -> bool {
        self.tip.is_none()
    }

    /// The newest block.
    pub fn head(&self) -> Option<&Arc<RawBlock>> {
        self.tip.as_ref().map(|node| &node.block)
    }

    /// `.head`: hash of the newest block; zero when there is none.
    pub fn head_hash(&self) -> Hash {
        self.head().map_or(self.base, |block| block.hash())
    }

    /// `CHAIN_HEIGHT`, `.height`: height of the newest block, −1 when there is none.
    pub fn height(&self) -> i64 {
        i64::try_from(self.next_height()).map_or(i64::MAX, |next| next - 1)
    }

    /// Height of the next block.
    pub fn next_height(&self) -> u64 {
        self.from.saturating_add(self.len() as u64)
    }

    /// What the next block would be; its author signs it. Its time is never less than the head's.
    pub fn next(&self, time: i64, kind: impl Into<Arc<str>>, payload: impl Into<Bytes>) -> BlockBody {
        BlockBody {
            author: self.author,
            height: self.next_height(),
            previous: self.head_hash(),
            time: self.head().map_or(time, |head| head.time().max(time)),
            kind: kind.into(),
            payload: payload.into(),
        }
    }

    /// The segment with one more block, which must follow the head. Its signature is not looked at.
    pub fn append(&self, block: impl Into<Arc<RawBlock>>) -> Result<Segment, ChainError> {
        let block = block.into();
        self.check_next(&block)?;
        if self.len() >= SEGMENT_BLOCK_COUNT_MAX {
            return Err(ChainError::Full);
        }
        let node = Node { block, count: self.len() + 1, previous: self.tip.clone() };
        Ok(Segment { tip: Some(Arc::new(node)), ..self.clone() })
    }

    fn check_next(&self, block: &RawBlock) -> Result<(), ChainError> {
        let height = block.height();
        if block.author() != self.author {
            return Err(ChainError::Author { height });
        }
        if height != self.next_height() {
            return Err(ChainError::Height { expected: self.next_height(), found: height });
        }
        if block.previous() != self.head_hash() {
            return Err(ChainError::Link { height });
        }
        if self.head().is_some_and(|head| block.time() < head.time()) {
            return Err(ChainError::Time { height });
        }
        Ok(())
    }

    /// `VERIFY_CHAIN_SEGMENT`: hash, link, height, time and signature of every block, from genesis.
    pub fn verify(&self) -> Result<(), ChainError> {
        self.verify_by(|block| block.verify())
    }

    /// As [`Segment::verify`], remembering signatures that were found valid.
    pub fn verify_with(&self, cache: &mut VerifiedCache) -> Result<(), ChainError> {
        self.verify_by(|block| block.verify_with(cache))
    }

    fn verify_by(&self, mut signature_holds: impl FnMut(&RawBlock) -> bool) -> Result<(), ChainError> {
        if !self.is_complete() {
            return Err(ChainError::Incomplete { from: self.from });
        }
        self.verify_blocks(&mut signature_holds)
    }

    /// As [`Segment::verify_with`], of a segment that need not begin at genesis.
    pub fn verify_part_with(&self, cache: &mut VerifiedCache) -> Result<(), ChainError> {
        self.verify_blocks(&mut |block| block.verify_with(cache))
    }

    fn verify_blocks(&self, signature_holds: &mut dyn FnMut(&RawBlock) -> bool) -> Result<(), ChainError> {
        let mut below = Segment { tip: None, ..self.clone() };
        for block in self.blocks() {
            let height = block.height();
            below.check_next(block)?;
            if block.body().hash() != block.hash() {
                return Err(ChainError::Hash { height });
            }
            if !signature_holds(block) {
                return Err(ChainError::Signature { height });
            }
            below = below.append(Arc::clone(block))?;
        }
        Ok(())
    }

    /// The blocks, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Arc<RawBlock>> {
        let mut next = self.tip.as_deref();
        std::iter::from_fn(move || {
            let node = next?;
            next = node.previous.as_deref();
            Some(&node.block)
        })
    }

    /// The blocks, oldest first.
    pub fn blocks(&self) -> Vec<&Arc<RawBlock>> {
        let mut blocks = Vec::with_capacity(self.len());
        blocks.extend(self.newest_first());
        blocks.reverse();
        blocks
    }

    /// The blocks above the newest one for which `known` holds, oldest first, and that one. For folds that
    /// remember where they were.
    pub fn blocks_above(
        &self,
        mut known: impl FnMut(&RawBlock) -> bool,
    ) -> (Option<&Arc<RawBlock>>, Vec<&Arc<RawBlock>>) {
        let mut blocks = Vec::new();
        let mut found = None;
        for block in self.newest_first() {
            if known(block) {
                found = Some(block);
                break;
            }
            blocks.push(block);
        }
        blocks.reverse();
        (found, blocks)
    }

    /// The block of that hash.
    pub fn find(&self, hash: &Hash) -> Option<&Arc<RawBlock>> {
        self.newest_first().find(|block| block.hash() == *hash)
    }

    /// `CHAIN_CONTAINS_HASH`.
    pub fn contains(&self, hash: &Hash) -> bool {
        self.find(hash).is_some()
    }

    /// The block at a height.
    pub fn at(&self, height: u64) -> Option<&Arc<RawBlock>> {
        self.newest_first().find(|block| block.height() == height)
    }

    /// The newest block of a kind.
    pub fn last_of_kind(&self, kind: &str) -> Option<&Arc<RawBlock>> {
        self.newest_first().find(|block| block.kind() == kind)
    }

    /// `CHAIN_SEGMENT(c, to)`: the blocks up to that one, inclusive; `None` when it is not here.
    pub fn prefix(&self, to: &Hash) -> Option<Segment> {
        let mut node = self.tip.as_ref();
        while let Some(here) = node {
            if here.block.hash() == *to {
                return Some(Segment { tip: Some(Arc::clone(here)), ..self.clone() });
            }
            node = here.previous.as_ref();
        }
        None
    }

    /// The blocks from a height on, as a sender shortens a segment for a receiver that has the rest.
    pub fn from_height_on(&self, from: u64) -> Segment {
        if from <= self.from {
            return self.clone();
        }
        let from = from.min(self.next_height());
        let (below, blocks) = self.blocks_above(|block| block.height() < from);
        let base = below.map_or(self.base, |block| block.hash());
        let mut part = Segment { author: self.author, from, base, tip: None };
        for block in blocks {
            part.push(Arc::clone(block));
        }
        part
    }

    /// Puts the missing lower blocks under a segment from the wire. `known` must hold the block it builds on.
    pub fn complete(&self, known: &Segment) -> Result<Segment, ChainError> {
        if self.is_complete() {
            return Ok(self.clone());
        }
        let missing = ChainError::Incomplete { from: self.from };
        if known.author != self.author || !known.is_complete() {
            return Err(missing);
        }
        let mut whole = known.prefix(&self.base).ok_or(missing)?;
        for block in self.blocks() {
            whole = whole.append(Arc::clone(block))?;
        }
        Ok(whole)
    }

    /// Appends a block that is known to fit.
    fn push(&mut self, block: Arc<RawBlock>) {
        let node = Node { block, count: self.len() + 1, previous: self.tip.take() };
        self.tip = Some(Arc::new(node));
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("author", &self.author)
            .field("from", &self.from)
            .field("height", &self.height())
            .field("head", &self.head_hash())
            .finish()
    }
}

/// The hash of the head settles everything below it but the signatures, which are equally valid.
impl PartialEq for Segment {
    fn eq(&self, other: &Self) -> bool {
        (self.author, self.from, self.base, self.len(), self.head_hash())
            == (other.author, other.from, other.base, other.len(), other.head_hash())
    }
}

impl Eq for Segment {}

/// How a segment is written: what its blocks have in common once, and of each block the rest.
struct SegmentForm {
    author: PeerId,
    from: u64,
    base: Hash,
    blocks: Vec<BlockRest>,
}

/// Time, kind, payload, signature.
type BlockRest = (i64, Arc<str>, Bytes, Signature);

wire_record!(SegmentForm "segment" { author, from, base, blocks });

/// On the wire: `{author, base, from, blocks}`, a block being `[time, kind, payload, signature]`. Author, height and
/// link follow from where it stands, so a segment whose links do not hold cannot even be written.
impl Wire for Segment {
    fn encode(&self, encoder: &mut Encoder) {
        let rest = |block: &RawBlock| {
            let body = block.body();
            (body.time, Arc::clone(&body.kind), body.payload.clone(), block.signature())
        };
        let blocks = self.blocks().into_iter().map(|block| rest(block)).collect();
        SegmentForm { author: self.author, from: self.from, base: self.base, blocks }.encode(encoder);
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = decoder.at();
        let invalid = |text: String| WireError::new(at, Reason::Invalid(text));
        let SegmentForm { author, from, base, blocks } = SegmentForm::decode(decoder)?;
        if from == 0 && base != Hash::ZERO {
            return Err(invalid("a segment from genesis builds on nothing".to_owned()));
        }
        if from.checked_add(SEGMENT_BLOCK_COUNT_MAX as u64).is_none() {
            return Err(invalid("the segment is too high".to_owned()));
        }
        let mut segment = Segment { author, from, base, tip: None };
        for (time, kind, payload, signature) in blocks {
            let body = BlockBody {
                author,
                height: segment.next_height(),
                previous: segment.head_hash(),
                time,
                kind,
                payload,
            };
            segment =
                segment.append(body.with_signature(signature)).map_err(|error| invalid(error.to_string()))?;
        }
        Ok(segment)
    }

    fn order(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { wire::to_bytes(self).cmp(&wire::to_bytes(other)) }
    }
}
