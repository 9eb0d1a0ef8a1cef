//! Which parts of a message are tied to what the receiver knows without it.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed ties nothing together")]

use super::value::{Atom, Kind, Op, Root, Value, atoms, part, walk_all};
use omt_runtime::ir::{BinaryOp, Builtin};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The parts of a message that are tied to something known: compared with it, found in a list of the receiver's, verified with a key
/// that is known, or compared with another part that is.
pub(in crate::check::security) struct Known<'a> {
    tied: BTreeSet<Atom<'a>>,
    /// A session id that comes with the message says what its sender wants.
    session: bool,
}

impl<'a> Known<'a> {
    /// From everything that is asked. `creating`: the message opens the session, so the session id is its sender's choice.
    pub fn of(asked: &[Value<'a>], creating: bool) -> Known<'a> {
        let mut known = Known { tied: BTreeSet::new(), session: !creating };
        let mut pairs: Vec<(BTreeSet<Atom<'a>>, BTreeSet<Atom<'a>>)> = Vec::new();
        for value in asked {
            // What a later step or a host asks about is left to them.
            if let Some(atom) = part(value) {
                known.tied.insert(atom);
            }
        }
        walk_all(asked, &mut |v| {
            known.gather(v, &mut pairs);
            true
        });
        loop {
            let before = known.tied.len();
            for (one, other) in &pairs {
                if known.all(one) {
                    known.tied.extend(other.iter().cloned());
                }
                if known.all(other) {
                    known.tied.extend(one.iter().cloned());
                }
            }
            if known.tied.len() == before {
                return known;
            }
        }
    }

    fn gather(&mut self, v: &Value<'a>, pairs: &mut Vec<(BTreeSet<Atom<'a>>, BTreeSet<Atom<'a>>)>) {
        match &v.kind {
            Kind::Compare(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, a, b) => {
                pairs.push((atoms(a), atoms(b)));
            }
            Kind::Item(of, Some(key)) if part(of).is_some_and(|atom| atom.root != Root::Payload) => {
                self.tied.extend(atoms(key));
            }
            Kind::Op(Op::Native(_), operands) => self.tied.extend(operands.iter().flat_map(atoms)),
            Kind::Op(Op::Builtin(builtin), operands) => match (builtin, operands.as_slice()) {
                (Builtin::HasKey, [map, key]) => pairs.push((atoms(map), atoms(key))),
                (Builtin::VerifySig, [peer, value, signature]) => {
                    let mut covered = atoms(value);
                    covered.extend(atoms(signature));
                    pairs.push((atoms(peer), covered));
                }
                (Builtin::VerifyMulti, [value, signatures, members, _]) => {
                    let mut covered = atoms(value);
                    covered.extend(atoms(signatures));
                    pairs.push((atoms(members), covered));
                }
                (Builtin::ChainContainsHash | Builtin::ChainStateAt, [chain, hash]) => {
                    pairs.push((atoms(chain), atoms(hash)));
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn all(&self, atoms: &BTreeSet<Atom<'a>>) -> bool {
        !atoms.is_empty() && atoms.iter().all(|atom| self.has(atom))
    }

    /// Is it known?
    pub fn has(&self, atom: &Atom<'a>) -> bool {
        match atom.root {
            Root::Payload => self.tied.iter().any(|tied| tied.covers(Root::Payload, &atom.path)),
            Root::Session => self.session,
            _ => true,
        }
    }

    /// Is that part of the message known?
    pub fn payload(&self, path: &[&'a str]) -> bool {
        self.has(&Atom { root: Root::Payload, path: path.to_vec() })
    }

    /// Is a value made of nothing but what the message says and nobody has tied to anything?
    pub fn is_claim(&self, value: &Value<'a>) -> bool {
        let atoms = atoms(value);
        !atoms.is_empty() && atoms.iter().all(|atom| atom.root == Root::Payload && !self.has(atom))
    }
}

/// The calls of a built-in in values.
pub(in crate::check::security) fn calls<'a>(values: &[Value<'a>], wanted: Builtin) -> Vec<Value<'a>> {
    let mut found: Vec<Value<'a>> = Vec::new();
    walk_all(values, &mut |v| {
        if matches!(v.kind, Kind::Op(Op::Builtin(builtin), _) if builtin == wanted) {
            found.push(Arc::clone(v));
        }
        true
    });
    found
}
