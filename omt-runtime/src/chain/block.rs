//! Blocks.

use std::sync::Arc;

use crate::crypto::{self, Keypair, VerifiedCache};
use crate::id::{Hash, PeerId, Signature};
use crate::wire::{Bytes, Decoder, Encoder, Reason, Record, Wire, WireError};
use crate::wire_record;

/// First item of what the hash of a block hashes.
pub const BLOCK_DOMAIN: &str = "omt-block-1";

/// What the author of a block signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockBody {
    /// Whose chain it belongs to.
    pub author: PeerId,
    /// Number of blocks before it.
    pub height: u64,
    /// Hash of the block before it; 32 zero bytes at height 0.
    pub previous: Hash,
    /// When it was appended, microseconds; never less than the time of the block before it.
    pub time: i64,
    /// Name of the kind of block.
    pub kind: Arc<str>,
    /// Canonical encoding of the payload record. Bytes, so that a block of a kind that the reader does not know
    /// verifies like any other.
    pub payload: Bytes,
}

impl BlockBody {
    /// The hash of the block. It does not cover the signature: signing again does not make another block of it.
    pub fn hash(&self) -> Hash {
        crypto::hash_args(7, |encoder| {
            encoder.text(BLOCK_DOMAIN);
            self.author.encode(encoder);
            encoder.u64(self.height);
            self.previous.encode(encoder);
            encoder.i64(self.time);
            encoder.text(&self.kind);
            encoder.bytes(&self.payload);
        })
    }

    /// The block, with its author's signature of [`BlockBody::hash`].
    pub fn with_signature(self, signature: Signature) -> RawBlock {
        let hash = self.hash();
        RawBlock { body: self, signature, hash }
    }

    /// The block, signed. The key must be the author's, or nobody will accept it.
    pub fn signed_by(self, key: &Keypair) -> RawBlock {
        let signature = key.sign(&self.hash());
        self.with_signature(signature)
    }
}

/// A block whose payload is still bytes. Its hash is always the hash of its contents; its signature is whatever
/// came with it until [`RawBlock::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBlock {
    body: BlockBody,
    signature: Signature,
    hash: Hash,
}

impl RawBlock {
    /// What the author signed.
    pub fn body(&self) -> &BlockBody {
        &self.body
    }

    /// Whose chain it belongs to.
    pub fn author(&self) -> PeerId {
        self.body.author
    }

    /// Number of blocks before it.
    pub fn height(&self) -> u64 {
        self.body.height
    }

    /// Hash of the block before it.
    pub fn previous(&self) -> Hash {
        self.body.previous
    }

    /// When it was appended, microseconds.
    pub fn time(&self) -> i64 {
        self.body.time
    }

    /// Name of the kind of block.
    pub fn kind(&self) -> &str {
        &self.body.kind
    }

    /// Canonical encoding of the payload record.
    pub fn payload(&self) -> &Bytes {
        &self.body.payload
    }

    /// The author's signature of the hash.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// The hash.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Whether the signature is the author's.
    pub fn verify(&self) -> bool {
        crypto::verify(&self.body.author, &self.hash, &self.signature)
    }

    /// As [`RawBlock::verify`], remembering what was found valid.
    pub fn verify_with(&self, cache: &mut VerifiedCache) -> bool {
        cache.verify(&self.body.author, &self.hash, &self.signature)
    }
}

/// How a block is written. Its hash is not: whoever reads it computes it.
struct BlockForm {
    author: PeerId,
    height: u64,
    previous: Hash,
    time: i64,
    kind: Arc<str>,
    payload: Bytes,
    signature: Signature,
}

wire_record!(BlockForm "block" { author, height, previous, time, kind, payload, signature });

impl Wire for RawBlock {
    fn encode(&self, encoder: &mut Encoder) {
        let BlockBody { author, height, previous, time, kind, payload } = self.body.clone();
        BlockForm { author, height, previous, time, kind, payload, signature: self.signature }
            .encode(encoder);
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let BlockForm { author, height, previous, time, kind, payload, signature } =
            BlockForm::decode(decoder)?;
        Ok(BlockBody { author, height, previous, time, kind, payload }.with_signature(signature))
    }
}

/// The type `block<B>`. On the wire it is the raw block.
///
/// Whoever decodes one from outside verifies its signature (the host does, before a machine sees it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block<B> {
    raw: Arc<RawBlock>,
    /// `.payload`.
    pub payload: B,
}

impl<B> Block<B> {
    /// From a raw block and its decoded payload, which the caller vouches for.
    pub fn new(raw: Arc<RawBlock>, payload: B) -> Self {
        Block { raw, payload }
    }

    /// The raw block.
    pub fn raw(&self) -> &Arc<RawBlock> {
        &self.raw
    }

    /// `.author`.
    pub fn author(&self) -> PeerId {
        self.raw.author()
    }

    /// `.height`.
    pub fn height(&self) -> u64 {
        self.raw.height()
    }

    /// `.previous`.
    pub fn previous(&self) -> Hash {
        self.raw.previous()
    }

    /// `.time`, microseconds.
    pub fn time(&self) -> i64 {
        self.raw.time()
    }

    /// `.hash`.
    pub fn hash(&self) -> Hash {
        self.raw.hash()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.raw.encode(encoder);
    }
}

impl<B: Record> Block<B> {
    /// Types a raw block: its kind must be `B`'s, its payload a canonical `B`.
    pub fn from_raw(raw: Arc<RawBlock>) -> Result<Self, WireError> {
        Block::typed(raw, &Decoder::new(&[]), 0)
    }

    fn typed(raw: Arc<RawBlock>, decoder: &Decoder<'_>, at: usize) -> Result<Self, WireError> {
        if raw.kind() != B::NAME {
            let text = format!("block `{}` is not `{}`", raw.kind(), B::NAME);
            return Err(WireError::new(at, Reason::Invalid(text)));
        }
        let payload = decoder.embedded(at, raw.payload(), B::decode)?;
        Ok(Block { raw, payload })
    }
}

impl<B: Record> Wire for Block<B> {
    fn encode(&self, encoder: &mut Encoder) {
        Block::encode(self, encoder);
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = decoder.at();
        let raw = Arc::new(RawBlock::decode(decoder)?);
        Block::typed(raw, decoder, at)
    }
}
