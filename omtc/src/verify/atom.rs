//! What a byzantine member cannot make by itself: signatures, blocks, messages of honest peers, and octets that only
//! they know. It has them once somebody has shown them to it.

use super::engine::Engine;
use super::table::{Interner, index};
use omt_runtime::chain::RawBlock;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::value::Value;
use std::collections::BTreeSet;

/// Something that only its maker can make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    /// A signature.
    Signature(Signature),
    /// A block, by its hash.
    Block(Hash),
    /// A signed message, by its id.
    Signed(Hash),
    /// Octets.
    Bytes(Vec<u8>),
}

/// Numbers of atoms.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    numbers: Interner<Atom>,
}

impl Atoms {
    /// The number of an atom.
    pub fn number(&mut self, atom: Atom) -> u32 {
        self.numbers.add(atom).0
    }

    /// Atoms of honest peers that a value contains. `whole` also those that it shows beside what it is: all blocks of
    /// a segment.
    pub fn of(&mut self, engine: &Engine<'_>, value: &Value, whole: bool) -> BTreeSet<u32> {
        let mut atoms = BTreeSet::new();
        collect(engine, value, whole, &mut atoms);
        atoms.into_iter().map(|atom| self.number(atom)).collect()
    }
}

fn collect(engine: &Engine<'_>, value: &Value, whole: bool, atoms: &mut BTreeSet<Atom>) {
    match value {
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Hash(_)
        | Value::Peer(_)
        | Value::Enum(_)
        | Value::Rng(_) => {}
        Value::Bytes(bytes) => {
            atoms.insert(Atom::Bytes(bytes.to_vec()));
        }
        Value::Signature(signature) => {
            let maker = engine.model.signatures.maker(signature);
            if maker.is_some_and(|maker| honest(engine, &maker)) {
                atoms.insert(Atom::Signature(**signature));
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(engine, item, whole, atoms)),
        Value::Map(map) => map.iter().for_each(|(key, item)| {
            collect(engine, key, whole, atoms);
            collect(engine, item, whole, atoms);
        }),
        Value::Record(record) => record.iter().for_each(|(_, item)| collect(engine, item, whole, atoms)),
        Value::Block(block) => of_block(engine, block.raw(), atoms),
        Value::Segment(segment) if whole => {
            segment.blocks().into_iter().for_each(|block| of_block(engine, block, atoms));
        }
        Value::Segment(segment) => {
            segment.head().into_iter().for_each(|block| of_block(engine, block, atoms))
        }
        Value::Signed(signed) => {
            if honest(engine, &signed.sender()) {
                atoms.insert(Atom::Signed(signed.envelope().id()));
            }
            if whole {
                collect(engine, &signed.payload, whole, atoms);
            }
        }
        Value::Equivocation(_) => {}
    }
}

fn of_block(engine: &Engine<'_>, block: &RawBlock, atoms: &mut BTreeSet<Atom>) {
    if honest(engine, &block.author()) {
        atoms.insert(Atom::Block(block.hash()));
    }
}

fn honest(engine: &Engine<'_>, peer: &PeerId) -> bool {
    let known = engine.model.by_id.get(peer).and_then(|number| engine.model.peers.get(*number));
    known.is_some_and(|peer| peer.honest)
}

/// A set of atoms, as bits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AtomSet(Vec<u64>);

impl AtomSet {
    /// Adds an atom.
    pub fn add(&mut self, atom: u32) {
        let word = index(atom) / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (atom % 64);
        }
    }

    /// Adds all of another.
    pub fn join(&mut self, other: &AtomSet) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Is all of it in another?
    pub fn within(&self, other: &AtomSet) -> bool {
        let have = |at: usize| other.0.get(at).copied().unwrap_or(0);
        self.0.iter().enumerate().all(|(at, word)| word & !have(at) == 0)
    }

    /// Is nothing in it?
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}
