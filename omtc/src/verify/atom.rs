//! What a byzantine member cannot make by itself: signatures, blocks, messages of honest peers, and octets that only
//! they know. It has them once somebody has shown them to it.

use super::model::Model;
use super::table::{Interner, index};
use super::universe::types_in;
use omt_runtime::chain::RawBlock;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::{Fields, Protocol, Type};
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
}

/// Atoms of honest peers that a value contains and byzantine members have a use for. `whole` also those that it shows
/// beside what it is: all blocks of a segment.
pub(super) fn of(model: &Model, value: &Value, whole: bool) -> BTreeSet<Atom> {
    let mut atoms = BTreeSet::new();
    collect(model, value, whole, &mut atoms);
    atoms.retain(|atom| model.of_use.has(atom));
    atoms
}

/// What byzantine members can put into what they say, beside signatures.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OfUse {
    bytes: bool,
    blocks: bool,
    signed: bool,
}

impl OfUse {
    /// By the messages of their roles.
    pub fn of<'p>(messages: impl Iterator<Item = (&'p Protocol, &'p Fields)>) -> OfUse {
        let mut of_use = OfUse::default();
        let mut types = BTreeSet::new();
        for (protocol, fields) in messages {
            fields.values().for_each(|field| types_in(protocol, &field.ty, &mut types));
        }
        for ty in types {
            of_use.bytes |= matches!(ty, Type::Bytes | Type::Any | Type::Dict);
            of_use.blocks |= matches!(ty, Type::Block(_) | Type::Segment | Type::Any | Type::Dict);
            of_use.signed |= matches!(ty, Type::Signed(_) | Type::Any | Type::Dict);
        }
        of_use
    }

    fn has(self, atom: &Atom) -> bool {
        match atom {
            Atom::Signature(_) => true,
            Atom::Block(_) => self.blocks,
            Atom::Signed(_) => self.signed,
            Atom::Bytes(_) => self.bytes,
        }
    }

    /// Are signed messages?
    pub fn signed(self) -> bool {
        self.signed
    }
}

fn collect(model: &Model, value: &Value, whole: bool, atoms: &mut BTreeSet<Atom>) {
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
            let maker = model.signatures.maker(signature);
            if maker.is_some_and(|maker| runs(model, &maker)) {
                atoms.insert(Atom::Signature(**signature));
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(model, item, whole, atoms)),
        Value::Map(map) => map.iter().for_each(|(key, item)| {
            collect(model, key, whole, atoms);
            collect(model, item, whole, atoms);
        }),
        Value::Record(record) => record.iter().for_each(|(_, item)| collect(model, item, whole, atoms)),
        Value::Block(block) => of_block(model, block.raw(), atoms),
        Value::Segment(segment) if whole => {
            segment.blocks().into_iter().for_each(|block| of_block(model, block, atoms));
        }
        Value::Segment(segment) => segment.head().into_iter().for_each(|block| of_block(model, block, atoms)),
        Value::Signed(signed) => {
            if runs(model, &signed.sender()) {
                atoms.insert(Atom::Signed(signed.envelope().id()));
            }
            if whole {
                collect(model, &signed.payload, whole, atoms);
            }
        }
        Value::Equivocation(_) => {}
    }
}

fn of_block(model: &Model, block: &RawBlock, atoms: &mut BTreeSet<Atom>) {
    if runs(model, &block.author()) {
        atoms.insert(Atom::Block(block.hash()));
    }
}

fn runs(model: &Model, peer: &PeerId) -> bool {
    let known = model.by_id.get(peer).and_then(|number| model.peers.get(*number));
    known.is_some_and(|peer| peer.runs)
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

    /// It, without all of another.
    pub fn without(&self, other: &AtomSet) -> AtomSet {
        let have = |at: usize| other.0.get(at).copied().unwrap_or(0);
        let mut left: Vec<u64> = self.0.iter().enumerate().map(|(at, word)| word & !have(at)).collect();
        while left.last() == Some(&0) {
            left.pop();
        }
        AtomSet(left)
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
