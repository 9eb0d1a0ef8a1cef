//! Equivocations: two signed statements of one author that contradict each other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::block::RawBlock;
use super::segment::Segment;
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::wire::{Decoder, Encoder, Reason, Wire, WireError};

/// Statements of one author that are remembered: the longest chain. One who floods forgets only its own.
pub const STATEMENTS_PER_AUTHOR_MAX: usize = 65_536;

/// Statements remembered in all, some 500 bytes each.
pub const STATEMENTS_MAX: usize = 1_048_576;

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

/// What an author may fill only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    /// A height of its chain.
    Height(u64),
    /// A sequence number in a session of a protocol.
    Sequence(Hash, SessionId, u64),
}

fn message_slot(envelope: &Envelope) -> (PeerId, Slot) {
    (envelope.from, Slot::Sequence(envelope.protocol, envelope.session, envelope.sequence))
}

#[derive(Debug, Clone)]
enum Statement {
    Block(Arc<RawBlock>),
    Message(Arc<Envelope>),
}

#[derive(Debug, Default)]
struct Author {
    statements: BTreeMap<Slot, Statement>,
    /// In the order they came; the oldest is forgotten first.
    order: VecDeque<Slot>,
}

/// Finds equivocations in everything that was verified here.
#[derive(Debug, Default)]
pub struct EvidenceStore {
    authors: BTreeMap<PeerId, Author>,
    count: usize,
    proofs: BTreeMap<PeerId, Arc<Equivocation>>,
}

impl EvidenceStore {
    /// Knows nothing yet.
    pub fn new() -> Self {
        EvidenceStore::default()
    }

    /// The first proof found against a peer.
    pub fn proof(&self, peer: &PeerId) -> Option<&Arc<Equivocation>> {
        self.proofs.get(peer)
    }

    /// All proofs, by author.
    pub fn proofs(&self) -> impl Iterator<Item = (&PeerId, &Arc<Equivocation>)> {
        self.proofs.iter()
    }

    /// Takes note of a block that verified. Gives the proof if it is the first against its author.
    pub fn observe_block(&mut self, block: &Arc<RawBlock>) -> Option<Arc<Equivocation>> {
        let slot = Slot::Height(block.height());
        match self.known(&block.author(), &slot) {
            Some(Statement::Block(known)) => {
                if known.hash() == block.hash() {
                    return None;
                }
                let proof = Equivocation::of_blocks(Arc::clone(known), Arc::clone(block)).ok()?;
                self.keep(proof)
            }
            _ => {
                self.remember(block.author(), slot, Statement::Block(Arc::clone(block)));
                None
            }
        }
    }

    /// Takes note of a segment that verified, from its head down to what is known already.
    pub fn observe_segment(&mut self, segment: &Segment) -> Option<Arc<Equivocation>> {
        let mut found = None;
        for block in segment.newest_first() {
            if let Some(Statement::Block(known)) = self.known(&block.author(), &Slot::Height(block.height()))
                && known.hash() == block.hash()
            {
                // The hash settles everything below, and it was observed together with this block.
                break;
            }
            found = self.observe_block(block).or(found);
        }
        found
    }

    /// Takes note of a signed message that verified. Gives the proof if it is the first against its sender.
    pub fn observe_message(&mut self, envelope: &Arc<Envelope>) -> Option<Arc<Equivocation>> {
        envelope.signature?;
        let (author, slot) = message_slot(envelope);
        match self.known(&author, &slot) {
            Some(Statement::Message(known)) => {
                if known.id() == envelope.id() {
                    return None;
                }
                let proof = Equivocation::of_messages(Arc::clone(known), Arc::clone(envelope)).ok()?;
                self.keep(proof)
            }
            _ => {
                self.remember(author, slot, Statement::Message(Arc::clone(envelope)));
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

    fn known(&self, author: &PeerId, slot: &Slot) -> Option<&Statement> {
        self.authors.get(author).and_then(|known| known.statements.get(slot))
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

    fn remember(&mut self, author: PeerId, slot: Slot, statement: Statement) {
        if self.count >= STATEMENTS_MAX {
            self.forget_oldest_of_loudest();
        }
        let entry = self.authors.entry(author).or_default();
        if entry.order.len() >= STATEMENTS_PER_AUTHOR_MAX
            && let Some(oldest) = entry.order.pop_front()
        {
            entry.statements.remove(&oldest);
            self.count -= 1;
        }
        entry.statements.insert(slot, statement);
        entry.order.push_back(slot);
        self.count += 1;
    }

    /// Makes room at the expense of whoever takes most of it.
    fn forget_oldest_of_loudest(&mut self) {
        let loudest = self.authors.iter().max_by_key(|(_, author)| author.order.len()).map(|(peer, _)| *peer);
        let Some(peer) = loudest else { return };
        if let Some(author) = self.authors.get_mut(&peer)
            && let Some(oldest) = author.order.pop_front()
        {
            author.statements.remove(&oldest);
            self.count -= 1;
            if author.order.is_empty() {
                self.authors.remove(&peer);
            }
        }
    }
}
