//! Values of any type: seen before, made up, or seen and spoilt.

#![allow(clippy::wildcard_enum_match_arm, reason = "a generator names the kinds that it has a recipe for")]

use super::scratch::key;
use omt_runtime::chain::{Block, Segment};
use omt_runtime::envelope::{Envelope, Signed};
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::{Fields, Protocol, Type};
use omt_runtime::library::SeededRng;
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Bytes, Types};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values of one type that are kept; newer ones replace older ones at random.
const KEPT_MAX: usize = 48;

/// Nested made-up values end here.
const DEPTH_MAX: u32 = 6;

/// Numbers at random.
pub struct Dice(SeededRng);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(SeededRng::new(&seed))
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0.below(n.max(1)).unwrap_or(0)
    }

    /// True that often of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.next_u64().unwrap_or(0)
    }

    /// One of them.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        if list.is_empty() { None } else { list.get(self.below(list.len() as u64) as usize) }
    }
}

/// Values seen, by type.
pub struct Pool<'p> {
    protocol: &'p Protocol,
    id: Hash,
    kept: BTreeMap<Type, Vec<Value>>,
}

impl<'p> Pool<'p> {
    /// Nothing seen.
    pub fn new(protocol: &'p Protocol, id: Hash) -> Pool<'p> {
        Pool { protocol, id, kept: BTreeMap::new() }
    }

    /// Keeps a value and everything in it.
    pub fn see_bytes(&mut self, dice: &mut Dice, ty: &Type, bytes: &[u8]) {
        if let Ok(value) = Types::new(self.protocol, self.id).decode(ty, bytes) {
            self.see(dice, ty, &value);
        }
    }

    fn see(&mut self, dice: &mut Dice, ty: &Type, value: &Value) {
        let ty = ty.plain();
        if value.is_null() {
            return;
        }
        let kept = self.kept.entry(ty.clone()).or_default();
        if kept.len() < KEPT_MAX {
            kept.push(value.clone());
        } else {
            let place = dice.below(KEPT_MAX as u64) as usize;
            kept[place] = value.clone();
        }
        match (ty, value) {
            (Type::List(item), Value::List(list)) => {
                for value in list.iter().take(8) {
                    self.see(dice, item, value);
                }
            }
            (Type::Map(key_type, value_type), Value::Map(map)) => {
                for (key, value) in map.iter().take(8) {
                    self.see(dice, key_type, key);
                    self.see(dice, value_type, value);
                }
            }
            (Type::Secret(inner), value) => self.see(dice, inner, value),
            (Type::Block(name), Value::Block(block)) => {
                self.see(dice, &Type::BlockPayload(name.clone()), &block.payload);
                self.see(dice, &Type::Hash, &Value::Hash(block.hash()));
                self.see(dice, &Type::PeerId, &Value::Peer(block.author()));
            }
            (Type::Signed(name), Value::Signed(signed)) => {
                self.see(dice, &Type::Message(name.clone()), &signed.payload);
                self.see(dice, &Type::PeerId, &Value::Peer(signed.sender()));
            }
            (Type::Segment, Value::Segment(segment)) => {
                self.see(dice, &Type::Hash, &Value::Hash(segment.head_hash()));
            }
            (record, Value::Record(fields)) => {
                let Some(declared) = self.fields(record) else { return };
                for (name, field) in declared {
                    if let Some(value) = fields.get(name) {
                        self.see(dice, &field.ty, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn fields(&self, ty: &Type) -> Option<&'p Fields> {
        match ty {
            Type::Struct(name) => self.protocol.structs.get(name).map(|record| &record.fields),
            Type::Message(name) => self.protocol.messages.get(name).map(|record| &record.fields),
            Type::BlockPayload(name) => self.protocol.blocks.get(name).map(|record| &record.fields),
            Type::View(name) => self.protocol.views.get(name).map(|record| &record.fields),
            _ => None,
        }
    }

    /// A value of the type; `None` when none can be made up (a proof needs two keys that nobody has).
    pub fn value(&self, dice: &mut Dice, ty: &Type, depth: u32) -> Option<Value> {
        if let Type::Optional(inner) = ty {
            return if dice.chance(30) { Some(Value::Null) } else { self.value(dice, inner, depth) };
        }
        if dice.chance(if depth == 0 { 60 } else { 75 })
            && let Some(value) = self.kept.get(ty).and_then(|kept| dice.pick(kept))
        {
            let value = value.clone();
            return if dice.chance(25) { self.spoil(dice, ty, value, depth) } else { Some(value) };
        }
        self.invent(dice, ty, depth)
    }

    fn invent(&self, dice: &mut Dice, ty: &Type, depth: u32) -> Option<Value> {
        if depth > DEPTH_MAX {
            return self.kept.get(ty).and_then(|kept| dice.pick(kept)).cloned();
        }
        let depth = depth + 1;
        Some(match ty {
            Type::Uint => Value::Int(i128::from(number(dice))),
            Type::Int | Type::Duration => Value::Int(i128::from(number(dice) as i64)),
            Type::Timestamp => match dice.below(4) {
                0 => Value::Int(i128::from(number(dice) as i64)),
                _ => {
                    Value::Int(1_800_000_000_000_000 + i128::from(dice.below(7_200_000_000)) - 3_600_000_000)
                }
            },
            Type::Float => Value::Float([0.0, 1.0, -2.5, 1e300][dice.below(4) as usize]),
            Type::Bool => Value::Bool(dice.chance(50)),
            Type::String => Value::text(["", "a", "Z", "long enough to matter"][dice.below(4) as usize]),
            Type::Bytes => {
                let length = [0, 1, 16, 32, 200][dice.below(5) as usize];
                let bytes: Vec<u8> = (0..length).map(|_| dice.any() as u8).collect();
                Value::Bytes(Bytes::from(bytes))
            }
            Type::Hash => Value::Hash(Hash(octets(dice))),
            Type::PeerId => Value::Peer(key(dice.below(6)).peer_id()),
            Type::Signature => {
                let digest = Hash(octets(dice));
                Value::from(key(dice.below(6)).sign(&digest))
            }
            Type::Any => Value::Int(i128::from(dice.below(9))),
            Type::Dict => Value::record([("a", Value::Int(1))]),
            Type::List(item) => {
                let count = dice.below(4);
                Value::list((0..count).map(|_| self.value(dice, item, depth)).collect::<Option<Vec<_>>>()?)
            }
            Type::Map(key_type, value_type) => {
                let mut map = omt_runtime::value::Map::new();
                for _ in 0..dice.below(4) {
                    map.insert(self.value(dice, key_type, depth)?, self.value(dice, value_type, depth)?);
                }
                Value::Map(map)
            }
            Type::Enum(name) => {
                let values: Vec<&String> = self.protocol.enums.get(name)?.values.keys().collect();
                Value::Enum(dice.pick(&values)?.as_str().into())
            }
            Type::Secret(inner) => self.value(dice, inner, depth)?,
            Type::Block(name) => {
                let payload = self.value(dice, &Type::BlockPayload(name.clone()), depth)?;
                let author = key(dice.below(6));
                let chain = Segment::empty(author.peer_id());
                let body = chain.next(1_800_000_000_000_000, name.as_str(), wire::to_bytes(&payload));
                Value::Block(Arc::new(Block::new(Arc::new(body.signed_by(&author)), payload)))
            }
            Type::Signed(name) => {
                let payload = self.value(dice, &Type::Message(name.clone()), depth)?;
                let sender = key(dice.below(6));
                let envelope = Envelope {
                    from: sender.peer_id(),
                    session: Hash(octets(dice)),
                    protocol: self.id,
                    message: name.as_str().into(),
                    sequence: dice.below(9),
                    time: 1_800_000_000_000_000,
                    payload: wire::to_bytes(&payload).into(),
                    signature: None,
                };
                Value::Signed(Arc::new(Signed::new(Arc::new(envelope.signed_by(&sender)), payload)))
            }
            Type::Segment => Value::Segment(Segment::empty(key(dice.below(6)).peer_id())),
            record => {
                let fields = self.fields(record)?;
                let values = fields
                    .iter()
                    .map(|(name, field)| Some((name.as_str(), self.value(dice, &field.ty, depth)?)))
                    .collect::<Option<Vec<_>>>()?;
                Value::record(values)
            }
        })
    }

    /// The value with one part of it changed.
    pub fn spoil(&self, dice: &mut Dice, ty: &Type, value: Value, depth: u32) -> Option<Value> {
        match (ty, &value) {
            (Type::Optional(inner), value) => {
                if value.is_null() || dice.chance(20) {
                    self.value(dice, ty, depth)
                } else {
                    self.spoil(dice, inner, value.clone(), depth)
                }
            }
            (Type::List(_), Value::List(list)) if !list.is_empty() => {
                let mut items = list.to_vec();
                match dice.below(3) {
                    0 => drop(items.pop()),
                    1 => items.push(items.first()?.clone()),
                    _ => items.reverse(),
                }
                Some(Value::list(items))
            }
            (Type::Segment, Value::Segment(segment)) => {
                let blocks = segment.blocks();
                let to = dice.pick(&blocks).map(|block| block.hash());
                Some(Value::Segment(to.and_then(|to| segment.prefix(&to)).unwrap_or_else(|| segment.clone())))
            }
            (Type::Uint, Value::Int(number)) => {
                let near = number + i128::from(dice.below(3)) - 1;
                Some(Value::Int(near.clamp(0, i128::from(u64::MAX))))
            }
            (Type::Int | Type::Timestamp | Type::Duration, Value::Int(number)) => {
                let near = number + i128::from(dice.below(3)) - 1;
                Some(Value::Int(near.clamp(i128::from(i64::MIN), i128::from(i64::MAX))))
            }
            (record, Value::Record(fields)) => {
                let Some(declared) = self.fields(record) else { return Some(value) };
                let names: Vec<&String> = declared.keys().collect();
                let chosen = dice.pick(&names).copied();
                let parts = declared
                    .iter()
                    .map(|(name, field)| {
                        let part = fields.get(name)?.clone();
                        let changed = Some(name) == chosen;
                        let part = match changed {
                            true if dice.chance(50) => self.spoil(dice, &field.ty, part, depth + 1)?,
                            true => self.value(dice, &field.ty, depth + 1)?,
                            false => part,
                        };
                        Some((name.as_str(), part))
                    })
                    .collect::<Option<Vec<_>>>()?;
                Some(Value::record(parts))
            }
            _ => self.invent(dice, ty, depth),
        }
    }

    /// Peers that were seen.
    pub fn peers(&self) -> Vec<PeerId> {
        let kept = self.kept.get(&Type::PeerId);
        kept.into_iter()
            .flatten()
            .filter_map(|value| if let Value::Peer(peer) = value { Some(*peer) } else { None })
            .collect()
    }
}

fn number(dice: &mut Dice) -> u64 {
    match dice.below(8) {
        0 => 0,
        1 => 1,
        2 => dice.below(10),
        3 => dice.below(1_000_000_000),
        4 => u64::MAX,
        5 => u64::MAX - dice.below(3),
        6 => (i64::MAX as u64).wrapping_add(dice.below(3)),
        _ => dice.any(),
    }
}

fn octets(dice: &mut Dice) -> [u8; 32] {
    let mut bytes = [0; 32];
    for byte in &mut bytes {
        *byte = dice.any() as u8;
    }
    bytes
}

/// A signature that nobody checks.
pub fn unchecked_signature() -> Signature {
    Signature([7; 64])
}
