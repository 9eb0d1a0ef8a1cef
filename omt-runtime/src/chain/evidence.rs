//! Equivocations: two signed statements of one author that contradict each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::block::RawBlock;
use super::segment::{SEGMENT_BLOCK_COUNT_MAX, Segment};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::wire::{Decoder, Encoder, Reason, Wire, WireError};

/// Messages of one sender that are remembered; the oldest is forgotten first. Blocks are remembered apart from them,
/// all that a chain may have, so that nobody can flush its own fork out of memory by talking.
pub const MESSAGES_PER_SENDER_MAX: usize = 65_536;

/// Statements remembered in all, some 500 bytes each. Beyond it whoever takes most room loses some.
pub const STATEMENT_COUNT_MAX: usize = 1_048_576;

/// Authors of whom a proof is kept. Proofs are what survives; a peer that is convicted once needs no second one.
pub const PROOF_COUNT_MAX: usize = 65_536;

/// Two blocks by one author at one height, or two messages by one sender with one sequence number in one session of
/// one protocol. Verifies from its own bytes alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Equivocation {
    /// Two blocks.
    Blocks(Arc<RawBlock>, Arc<RawBlock>),
    /// Two messages.
    Messages(Arc<Envelope>, Arc<Envelope>),
}

/// Why two statements are no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EquivocationError {
    /// They are one statement.
    #[error("both statements are the same")]
    Same,
    /// They do not exclude each other.
    #[error("the statements do not contradict each other")]
    NoConflict,
    /// One of them is not signed by its author.
    #[error("a statement is not signed by its author")]
    Signature,
}

impl Equivocation {
    /// The proof that two blocks give, in one order whichever comes first.
    pub fn of_blocks(a: Arc<RawBlock>, b: Arc<RawBlock>) -> Result<Self, EquivocationError> {
        let proof =
            if a.hash() <= b.hash() { Equivocation::Blocks(a, b) } else { Equivocation::Blocks(b, a) };
        proof.verify().map(|()| proof)
    }

    /// The proof that two messages give, in one order whichever comes first.
    pub fn of_messages(a: Arc<Envelope>, b: Arc<Envelope>) -> Result<Self, EquivocationError> {
        let proof =
            if a.id() <= b.id() { Equivocation::Messages(a, b) } else { Equivocation::Messages(b, a) };
        proof.verify().map(|()| proof)
    }

    /// `.author`: who contradicted itself.
    pub fn author(&self) -> PeerId {
        match self {
            Equivocation::Blocks(a, _) => a.author(),
            Equivocation::Messages(a, _) => a.from,
        }
    }

    /// Whether it proves what it says.
    pub fn verify(&self) -> Result<(), EquivocationError> {
        match self {
            Equivocation::Blocks(a, b) => {
                if a.hash() == b.hash() {
                    return Err(EquivocationError::Same);
                }
                if (a.author(), a.height()) != (b.author(), b.height()) {
                    return Err(EquivocationError::NoConflict);
                }
                if a.verify() && b.verify() { Ok(()) } else { Err(EquivocationError::Signature) }
            }
            Equivocation::Messages(a, b) => {
                if a.id() == b.id() {
                    return Err(EquivocationError::Same);
                }
                if message_slot(a) != message_slot(b) {
                    return Err(EquivocationError::NoConflict);
                }
                let signed = a.verify().is_ok() && b.verify().is_ok();
                if signed { Ok(()) } else { Err(EquivocationError::Signature) }
            }
        }
    }
}

/// On the wire: `["blocks", a, b]` or `["messages", a, b]`, the one with the smaller hash first.
impl Wire for Equivocation {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.array(3);
        match self {
            Equivocation::Blocks(a, b) => {
                encoder.text("blocks");
                a.encode(encoder);
                b.encode(encoder);
            }
            Equivocation::Messages(a, b) => {
                encoder.text("messages");
                a.encode(encoder);
                b.encode(encoder);
            }
        }
    }

    /// Decodes and verifies: a false proof is refused, also inside generated types.
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = decoder.at();
        let invalid = |text: String| WireError::new(at, Reason::Invalid(text));
        let proof = decoder.array(|d, len| {
            if len != 3 {
                return Err(invalid("a proof has three parts".to_owned()));
            }
            match d.text()? {
                "blocks" => {
                    Ok(Equivocation::Blocks(Arc::new(RawBlock::decode(d)?), Arc::new(RawBlock::decode(d)?)))
                }
                "messages" => {
                    Ok(Equivocation::Messages(Arc::new(Envelope::decode(d)?), Arc::new(Envelope::decode(d)?)))
                }
                other => Err(invalid(format!("`{other}` is no kind of proof"))),
            }
        })?;
        let in_order = match &proof {
            Equivocation::Blocks(a, b) => a.hash() <= b.hash(),
            Equivocation::Messages(a, b) => a.id() <= b.id(),
        };
        if !in_order {
            return Err(invalid("the statements of the proof are out of order".to_owned()));
        }
        proof.verify().map_err(|error| invalid(error.to_string()))?;
        Ok(proof)
    }
}

/// What a sender may fill only once: a sequence number in a session of a protocol.
type MessageSlot = (Hash, SessionId, u64);

fn message_slot(envelope: &Envelope) -> (PeerId, MessageSlot) {
    (envelope.from, (envelope.protocol, envelope.session, envelope.sequence))
}

/// What one author said.
#[derive(Debug, Default)]
struct Statements {
    blocks: BTreeMap<u64, Arc<RawBlock>>,
    /// Heights of blocks that came with everything below them.
    settled: BTreeSet<u64>,
    messages: BTreeMap<MessageSlot, Arc<Envelope>>,
    /// Messages in the order they came.
    order: VecDeque<MessageSlot>,
}

impl Statements {
    fn len(&self) -> usize {
        self.blocks.len() + self.messages.len()
    }

    fn forget_highest_block(&mut self) -> bool {
        let Some((height, _)) = self.blocks.pop_last() else { return false };
        self.settled.remove(&height);
        true
    }

    fn forget_oldest_message(&mut self) -> bool {
        self.order.pop_front().is_some_and(|slot| self.messages.remove(&slot).is_some())
    }
}

/// Finds equivocations in everything that was verified here.
#[derive(Debug)]
pub struct EvidenceStore {
    authors: BTreeMap<PeerId, Statements>,
    /// Authors by how much they said.
    loudness: BTreeSet<(usize, PeerId)>,
    count: usize,
    count_max: usize,
    proofs: BTreeMap<PeerId, Arc<Equivocation>>,
}

impl Default for EvidenceStore {
    fn default() -> Self {
        EvidenceStore::with_limit(STATEMENT_COUNT_MAX)
    }
}

impl EvidenceStore {
    /// Knows nothing yet.
    pub fn new() -> Self {
        EvidenceStore::default()
    }

    /// Remembers at most that many statements.
    pub fn with_limit(count_max: usize) -> Self {
        EvidenceStore {
            authors: BTreeMap::new(),
            loudness: BTreeSet::new(),
            count: 0,
            count_max,
            proofs: BTreeMap::new(),
        }
    }

    /// Number of statements remembered.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first proof found against a peer.
    pub fn proof(&self, peer: &PeerId) -> Option<&Arc<Equivocation>> {
        self.proofs.get(peer)
    }

    /// All proofs, by author.
    pub fn proofs(&self) -> impl Iterator<Item = (&PeerId, &Arc<Equivocation>)> {
        self.proofs.iter()
    }

    /// The block of an author at a height, if one was observed: what a peer is asked for that signed on the other branch.
    pub fn block(&self, author: &PeerId, height: u64) -> Option<&Arc<RawBlock>> {
        self.authors.get(author).and_then(|said| said.blocks.get(&height))
    }

    /// Takes note of a block that verified. Gives the proof if it is the first against its author.
    pub fn observe_block(&mut self, block: &Arc<RawBlock>) -> Option<Arc<Equivocation>> {
        let (author, height) = (block.author(), block.height());
        // Nothing that high is ever on a segment that is accepted.
        if height >= SEGMENT_BLOCK_COUNT_MAX as u64 {
            return None;
        }
        match self.block(&author, height) {
            Some(known) if known.hash() == block.hash() => None,
            Some(known) => {
                let proof = Equivocation::of_blocks(Arc::clone(known), Arc::clone(block)).ok()?;
                self.keep(proof)
            }
            None => {
                self.remember(author, |said| said.blocks.insert(height, Arc::clone(block)).is_none());
                None
            }
        }
    }

    /// Takes note of a segment that verified, from its head down to what is known already.
    pub fn observe_segment(&mut self, segment: &Segment) -> Option<Arc<Equivocation>> {
        // The hash of a block settles everything below it; but only of what came with it that is known to have been
        // observed. A block may have come alone before, and its chain may fork further down.
        let (_, new) = segment.blocks_above(|block| self.settles(block));
        let mut found = None;
        for block in &new {
            found = self.observe_block(block).or(found);
        }
        if segment.is_complete() {
            for block in new {
                self.settle(block);
            }
        }
        found
    }

    /// Was this block observed, and everything below it?
    fn settles(&self, block: &RawBlock) -> bool {
        let Some(said) = self.authors.get(&block.author()) else { return false };
        let known = said.blocks.get(&block.height()).is_some_and(|known| known.hash() == block.hash());
        known && said.settled.contains(&block.height())
    }

    fn settle(&mut self, block: &RawBlock) {
        let Some(said) = self.authors.get_mut(&block.author()) else { return };
        if said.blocks.get(&block.height()).is_some_and(|known| known.hash() == block.hash()) {
            said.settled.insert(block.height());
        }
    }

    /// Takes note of a signed message that verified. Gives the proof if it is the first against its sender.
    pub fn observe_message(&mut self, envelope: &Arc<Envelope>) -> Option<Arc<Equivocation>> {
        envelope.signature?;
        let (author, slot) = message_slot(envelope);
        match self.authors.get(&author).and_then(|said| said.messages.get(&slot)) {
            Some(known) if known.id() == envelope.id() => None,
            Some(known) => {
                let proof = Equivocation::of_messages(Arc::clone(known), Arc::clone(envelope)).ok()?;
                self.keep(proof)
            }
            None => {
                self.remember(author, |said| {
                    let full = said.order.len() >= MESSAGES_PER_SENDER_MAX;
                    let forgot = full && said.forget_oldest_message();
                    said.order.push_back(slot);
                    said.messages.insert(slot, Arc::clone(envelope));
                    !forgot
                });
                None
            }
        }
    }

    /// Takes note of a proof from somebody else. Gives it if it verifies and is the first against its author.
    pub fn observe_proof(&mut self, proof: &Arc<Equivocation>) -> Option<Arc<Equivocation>> {
        if self.proofs.contains_key(&proof.author()) || proof.verify().is_err() {
            return None;
        }
        self.keep(Equivocation::clone(proof))
    }

    fn keep(&mut self, proof: Equivocation) -> Option<Arc<Equivocation>> {
        let author = proof.author();
        if self.proofs.contains_key(&author) || self.proofs.len() >= PROOF_COUNT_MAX {
            return None;
        }
        let proof = Arc::new(proof);
        self.proofs.insert(author, Arc::clone(&proof));
        Some(proof)
    }

    /// Adds a statement of an author; `add` says whether there is one more now.
    fn remember(&mut self, author: PeerId, add: impl FnOnce(&mut Statements) -> bool) {
        let said = self.authors.entry(author).or_default();
        self.loudness.remove(&(said.len(), author));
        self.count += usize::from(add(said));
        self.loudness.insert((said.len(), author));
        while self.count > self.count_max && self.forget_something() {}
    }

    /// Makes room at the expense of whoever takes most of it: its oldest message, else its highest block.
    fn forget_something(&mut self) -> bool {
        let Some((_, author)) = self.loudness.pop_last() else { return false };
        let Some(said) = self.authors.get_mut(&author) else { return false };
        let forgot = said.forget_oldest_message() || said.forget_highest_block();
        self.count -= usize::from(forgot);
        if said.len() == 0 {
            self.authors.remove(&author);
        } else {
            self.loudness.insert((said.len(), author));
        }
        forgot
    }
}
