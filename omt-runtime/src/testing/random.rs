//! Random values and inputs of a protocol: well-typed, canonical, signed where they must be, and otherwise as hostile
//! as types allow. For differential tests and fuzzing.

use super::keypair;
use crate::chain::{Block, ChainState, Equivocation, RawBlock, Segment};
use crate::crypto::Keypair;
use crate::envelope::{Envelope, Signed};
use crate::id::{Hash, PeerId, SessionId, Signature};
use crate::ir::{Actor, Fields, LimitKind, Protocol, Type};
use crate::library::SeededRng;
use crate::machine::{Incoming, Input};
use crate::package::Package;
use crate::value::{Map, Value};
use crate::wire::{self, Bytes};
use std::sync::Arc;

/// Values inside each other; deeper ones are as small as their type allows.
const DEPTH_MAX: u32 = 4;

/// Elements of a random list, entries of a random map.
const ELEMENTS_MAX: u64 = 4;

/// Blocks of a random segment.
const BLOCKS_MAX: u64 = 5;

/// Seeds 1 to this are the peers that occur in random values; [`super::TestEnv::new`] with one of them is one of them.
pub const PEERS: u64 = 5;

/// A source of random values of one protocol.
pub struct Random<'p> {
    package: &'p Package,
    rng: SeededRng,
    /// Session of random messages.
    pub session: SessionId,
    /// Instant of random messages and blocks, microseconds.
    pub now: i64,
    sequence: u64,
}

impl<'p> Random<'p> {
    /// Everything follows from the package and the seed.
    pub fn new(package: &'p Package, seed: u64, session: SessionId, now: i64) -> Random<'p> {
        Random { package, rng: SeededRng::new(&seed), session, now, sequence: 0 }
    }

    /// A number below `n`, 0 for 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.rng.below(n).unwrap_or_default()
    }

    /// Does something of this probability happen, in percent?
    pub fn percent(&mut self, probability: u64) -> bool {
        self.below(100) < probability
    }

    /// One of a list.
    pub fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.below(list.len() as u64);
        usize::try_from(index).ok().and_then(|index| list.get(index))
    }

    /// Key of one of the peers.
    pub fn key(&mut self) -> Keypair {
        keypair(1 + self.below(PEERS))
    }

    fn peer(&mut self) -> PeerId {
        self.key().peer_id()
    }

    fn hash(&mut self) -> Hash {
        match self.below(4) {
            0 => self.session,
            1 => Hash::ZERO,
            number => Hash([u8::try_from(number).unwrap_or_default(); 32]),
        }
    }

    /// A value of a type.
    pub fn value(&mut self, ty: &Type) -> Value {
        self.at_depth(ty, 0)
    }

    /// Its canonical bytes.
    pub fn bytes(&mut self, ty: &Type) -> Vec<u8> {
        wire::to_bytes(&self.value(ty))
    }

    fn at_depth(&mut self, ty: &Type, depth: u32) -> Value {
        let deeper = depth + 1;
        let protocol = &self.package.protocol;
        match ty {
            Type::Uint => Value::from(self.uint()),
            Type::Int => Value::from(self.int()),
            Type::Duration => Value::from(i64::try_from(self.uint()).unwrap_or(i64::MAX)),
            Type::Timestamp => {
                let offset = self.int();
                Value::from(self.now.saturating_add(offset))
            }
            Type::Exact(_) => Value::Int(self.int().into()),
            Type::Float => {
                Value::Float(f64::from(u32::try_from(self.below(1_000)).unwrap_or_default()) / 8.0)
            }
            Type::Bool => Value::Bool(self.percent(50)),
            Type::String => Value::text(*self.one(&["", "a", "b", "ä≤", "a longer text"]).unwrap_or(&"")),
            Type::Bytes => {
                let len = usize::try_from(self.below(5) * 8).unwrap_or_default();
                let fill = u8::try_from(self.below(3)).unwrap_or_default();
                Value::Bytes(Bytes::from(vec![fill; len]))
            }
            Type::Hash => Value::Hash(self.hash()),
            Type::PeerId => Value::Peer(self.peer()),
            Type::Signature => {
                let digest = self.hash();
                Value::from(if self.percent(50) { self.key().sign(&digest) } else { Signature([1; 64]) })
            }
            Type::Any => {
                let ty = self.one(&[Type::Uint, Type::String, Type::Bool, Type::Hash]).cloned();
                self.at_depth(&ty.unwrap_or(Type::Bool), deeper)
            }
            Type::Dict => Value::record([("a", Value::from(self.uint())), ("b", Value::Bool(true))]),
            Type::List(item) => {
                let count = self.count(depth);
                Value::list((0..count).map(|_| self.at_depth(item, deeper)).collect::<Vec<_>>())
            }
            Type::Map(key, value) => {
                let count = self.count(depth);
                let entry = |_| (self.at_depth(key, deeper), self.at_depth(value, deeper));
                Value::Map((0..count).map(entry).collect())
            }
            Type::Optional(inner) => {
                if depth >= DEPTH_MAX || self.percent(30) {
                    Value::Null
                } else {
                    self.at_depth(inner, depth)
                }
            }
            Type::Secret(inner) => self.at_depth(inner, depth),
            Type::Enum(name) => {
                let names: Vec<&String> =
                    protocol.enums.get(name).into_iter().flat_map(|e| e.values.keys()).collect();
                Value::Enum(self.one(&names).map_or("", |name| name.as_str()).into())
            }
            Type::Struct(name) => self.record(protocol.structs.get(name).map(|r| &r.fields), depth),
            Type::Message(name) => self.record(protocol.messages.get(name).map(|m| &m.fields), depth),
            Type::BlockPayload(name) => self.record(protocol.blocks.get(name).map(|b| &b.fields), depth),
            Type::View(name) => self.record(protocol.views.get(name).map(|v| &v.fields), depth),
            Type::Signed(name) => {
                let key = self.key();
                let payload = self.at_depth(&Type::Message(name.clone()), deeper);
                let envelope = self.envelope(&key, name, &payload);
                Value::Signed(Arc::new(Signed::new(Arc::new(envelope), payload)))
            }
            Type::Block(kind) => {
                let key = self.key();
                let payload = self.at_depth(&Type::BlockPayload(kind.clone()), deeper);
                let body =
                    Segment::empty(key.peer_id()).next(self.now, kind.as_str(), wire::to_bytes(&payload));
                Value::Block(Arc::new(Block::new(Arc::new(body.signed_by(&key)), payload)))
            }
            Type::Segment => {
                let key = self.key();
                Value::Segment(self.segment(&key, depth))
            }
            Type::ChainState => Value::from(ChainState {
                block_hash: self.hash(),
                sequence: self.uint(),
                known_peers: Vec::new(),
                peer_hashes: Map::new(),
            }),
            Type::Equivocation => self.equivocation(),
            Type::Rng | Type::Function(..) | Type::Decimal | Type::Null => Value::Null,
        }
    }

    fn count(&mut self, depth: u32) -> u64 {
        if depth >= DEPTH_MAX { 0 } else { self.below(ELEMENTS_MAX) }
    }

    fn uint(&mut self) -> u64 {
        const EDGES: &[u64] = &[0, 1, 2, 3, 5, 10, 100, 1_000_000, u64::MAX >> 1, u64::MAX];
        // Small ones meet each other, and so guards, more often.
        if self.percent(70) { self.below(4) } else { self.one(EDGES).copied().unwrap_or_default() }
    }

    fn int(&mut self) -> i64 {
        let number = i64::try_from(self.uint()).unwrap_or(i64::MAX);
        if self.percent(20) { -number } else { number }
    }

    fn record(&mut self, fields: Option<&Fields>, depth: u32) -> Value {
        let fields = fields.into_iter().flatten();
        let record: Vec<(&str, Value)> =
            fields.map(|(name, field)| (name.as_str(), self.at_depth(&field.ty, depth + 1))).collect();
        Value::record(record)
    }

    fn segment(&mut self, key: &Keypair, depth: u32) -> Segment {
        let kinds: Vec<&String> = self.package.protocol.blocks.keys().collect();
        let mut chain = Segment::empty(key.peer_id());
        for _ in 0..self.below(BLOCKS_MAX) {
            let block = self.block(&chain, key, &kinds, depth);
            // A block that follows its chain is accepted.
            chain = chain.append(block).unwrap_or(chain);
        }
        chain
    }

    fn block(&mut self, chain: &Segment, key: &Keypair, kinds: &[&String], depth: u32) -> RawBlock {
        let kind = self.one(kinds).map_or("UNKNOWN", |kind| kind.as_str());
        // One in ten does not hold what its kind says.
        let payload = if self.percent(10) {
            vec![0xa0]
        } else {
            wire::to_bytes(&self.at_depth(&Type::BlockPayload(kind.to_owned()), depth + 1))
        };
        chain.next(self.now, kind, payload).signed_by(key)
    }

    fn equivocation(&mut self) -> Value {
        let key = self.key();
        let chain = Segment::empty(key.peer_id());
        let block = |number: u8| Arc::new(chain.next(self.now, "FORK", vec![number]).signed_by(&key));
        match Equivocation::of_blocks(block(1), block(2)) {
            Ok(proof) => Value::Equivocation(Arc::new(proof)),
            Err(_) => Value::Null,
        }
    }

    fn envelope(&mut self, key: &Keypair, message: &str, payload: &Value) -> Envelope {
        self.sequence += 1;
        let envelope = Envelope {
            from: key.peer_id(),
            session: self.session,
            protocol: self.package.id,
            message: message.into(),
            sequence: self.sequence,
            time: self.now,
            payload: Bytes::from(wire::to_bytes(payload)),
            signature: None,
        };
        envelope.signed_by(key)
    }

    /// A message with that payload, from a peer.
    pub fn message(&mut self, from: &Keypair, name: &str, payload: &Value) -> Input {
        let envelope = self.envelope(from, name, payload);
        Input::Message(Arc::new(Incoming { sender: from.peer_id(), envelope }))
    }

    /// A snapshot of an instance in any state with anything in its store, as [`crate::machine::Machine::save`] writes
    /// it: so that tests begin where guards would not let them.
    pub fn snapshot(&mut self, actor: &str) -> Vec<u8> {
        let Some(declared) = self.package.protocol.actors.get(actor) else { return Vec::new() };
        let waiting =
            |state: &&String| declared.states.get(*state).is_some_and(|state| !state.passed_through());
        let states: Vec<&String> = declared.states.keys().filter(waiting).collect();
        let state = self.one(&states).map_or("", |state| state.as_str());
        let mut store = Vec::new();
        for (name, field) in &declared.store {
            let unset = !field.ty.begins_empty() && self.percent(15);
            let value = match name {
                key if *key == self.package.protocol.session_key => Value::Hash(self.session),
                _ if unset => Value::Null,
                _ => self.value(&field.ty),
            };
            store.push((name.as_str(), value));
        }
        wire::to_bytes(&Value::record([
            ("session", Value::Hash(self.session)),
            ("state", Value::text(state)),
            ("store", Value::record(store)),
        ]))
    }

    /// Something that can happen to an actor in a state: mostly what the state reacts to, sometimes anything.
    pub fn input(&mut self, actor: &str, state: &str) -> Input {
        let protocol: &'p Protocol = &self.package.protocol;
        let Some(declared) = protocol.actors.get(actor) else { return Input::Timeout { limit: 0 } };
        match self.below(10) {
            0 => self.limit(declared, state),
            1 => self.task(protocol),
            2 | 3 => self.trigger(declared),
            _ => {
                let to_actor = |to: &[String]| to.iter().any(|to| to == actor);
                let mut names: Vec<&String> =
                    protocol.messages.iter().filter(|(_, m)| to_actor(&m.to)).map(|(name, _)| name).collect();
                if let Some(state) = declared.states.get(state)
                    && self.percent(80)
                {
                    let handled = state.handled_messages();
                    if !handled.is_empty() {
                        names.retain(|name| handled.contains(name.as_str()));
                    }
                }
                let Some(name) = self.one(&names).map(|name| (*name).clone()) else {
                    return self.trigger(declared);
                };
                let key = self.key();
                let payload = self.value(&Type::Message(name.clone()));
                self.message(&key, &name, &payload)
            }
        }
    }

    fn limit(&mut self, actor: &Actor, state: &str) -> Input {
        let limits = actor.states.get(state).map_or(&[][..], |state| &state.limits);
        let index = self.below((limits.len() as u64).max(1));
        let limit = u32::try_from(index).unwrap_or_default();
        match usize::try_from(index).ok().and_then(|index| limits.get(index)).map(|limit| limit.kind) {
            Some(LimitKind::Period) => Input::Period { limit },
            Some(LimitKind::Timeout) | None => Input::Timeout { limit },
        }
    }

    fn task(&mut self, protocol: &Protocol) -> Input {
        let tasks: Vec<_> = protocol.tasks.iter().collect();
        let Some((name, task)) = self.one(&tasks).copied() else { return Input::Timeout { limit: 0 } };
        let result = if self.percent(80) { Some(self.bytes(&task.returns)) } else { None };
        Input::TaskResult { task: name.clone(), result }
    }

    fn trigger(&mut self, actor: &Actor) -> Input {
        let triggers: Vec<_> = actor.triggers.iter().collect();
        let Some((name, trigger)) = self.one(&triggers).copied() else { return Input::Timeout { limit: 0 } };
        let arguments = trigger.arguments.iter().map(|argument| self.bytes(&argument.ty)).collect();
        Input::Trigger { name: name.clone(), arguments }
    }
}
