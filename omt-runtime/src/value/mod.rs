//! Dynamic values: what the interpreter computes with, and what `any` holds.
//!
//! Values are cheap to clone (everything large is shared). Their order, and so their equality, is that of the
//! language: integers by value, everything else by canonical bytes.

mod map;
mod record;

use std::cmp::Ordering;
use std::sync::Arc;

pub use map::Map;
pub use record::RecordValue;

use crate::chain::{Block, Equivocation, Segment};
use crate::envelope::Signed;
use crate::id::{Hash, PeerId, Signature};
use crate::library::SeededRng;
use crate::wire::{self, Bytes, Decoder, Encoder, Reason, Wire, WireError};

/// A value whose type is known to the program that computes with it, not to Rust.
#[derive(Debug, Clone)]
pub enum Value {
    /// No value.
    Null,
    /// `bool`.
    Bool(bool),
    /// Any integer type; exact while computing, within its type where it is kept.
    Int(i128),
    /// `float`; never NaN, infinite or −0.
    Float(f64),
    /// `string`.
    Text(Arc<str>),
    /// `bytes`.
    Bytes(Bytes),
    /// `hash`.
    Hash(Hash),
    /// `peer_id`.
    Peer(PeerId),
    /// `signature`.
    Signature(Box<Signature>),
    /// A value of an enum: its name.
    Enum(Arc<str>),
    /// `list<T>`.
    List(Arc<Vec<Value>>),
    /// `map<K, V>`.
    Map(Map<Value, Value>),
    /// A struct, the payload of a message or block, a view.
    Record(Arc<RecordValue>),
    /// `block<B>`.
    Block(Arc<Block<Value>>),
    /// `signed<M>`.
    Signed(Arc<Signed<Value>>),
    /// `segment`, and the own chain.
    Segment(Segment),
    /// `equivocation`.
    Equivocation(Arc<Equivocation>),
    /// A seeded generator, local to a function.
    Rng(Box<SeededRng>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    /// A list.
    pub fn list(values: impl IntoIterator<Item = Value>) -> Value {
        Value::List(Arc::new(values.into_iter().collect()))
    }

    /// A record; of fields with one name the last is kept.
    pub fn record<N: Into<Arc<str>>>(fields: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Record(Arc::new(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// What kind of value it is, for messages about defects.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "integer",
            Value::Float(_) => "float",
            Value::Text(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Hash(_) => "hash",
            Value::Peer(_) => "peer_id",
            Value::Signature(_) => "signature",
            Value::Enum(_) => "enum",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Record(_) => "record",
            Value::Block(_) => "block",
            Value::Signed(_) => "signed",
            Value::Segment(_) => "segment",
            Value::Equivocation(_) => "equivocation",
            Value::Rng(_) => "rng",
        }
    }
}

impl Wire for Value {
    const ORDER_IS_BYTES: bool = false;

    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Value::Null => encoder.null(),
            Value::Bool(value) => encoder.bool(*value),
            Value::Int(value) => encoder.i128(*value),
            Value::Float(value) => encoder.f64(*value),
            Value::Text(text) | Value::Enum(text) => encoder.text(text),
            Value::Bytes(bytes) => encoder.bytes(bytes),
            Value::Hash(hash) => hash.encode(encoder),
            Value::Peer(peer) => peer.encode(encoder),
            Value::Signature(signature) => signature.encode(encoder),
            Value::List(list) => list.encode(encoder),
            Value::Map(map) => map.encode(encoder),
            Value::Record(record) => record.encode(encoder),
            Value::Block(block) => block.encode(encoder),
            Value::Signed(signed) => signed.encode(encoder),
            Value::Segment(segment) => segment.encode(encoder),
            Value::Equivocation(proof) => proof.encode(encoder),
            Value::Rng(rng) => rng.encode(encoder),
        }
    }

    /// Decodes without a type (`any`): byte strings stay `bytes`, texts stay `string`, a map with text keys is a
    /// record. Encodes to the same bytes, and is equal to the typed value.
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        use minicbor::data::Type as Cbor;
        match decoder.kind()? {
            Cbor::Null => decoder.null().map(|_| Value::Null),
            Cbor::Bool => decoder.bool().map(Value::Bool),
            Cbor::U8
            | Cbor::U16
            | Cbor::U32
            | Cbor::U64
            | Cbor::I8
            | Cbor::I16
            | Cbor::I32
            | Cbor::I64
            | Cbor::Int => decoder.integer().map(Value::Int),
            Cbor::F16 | Cbor::F32 | Cbor::F64 => decoder.f64().map(Value::Float),
            Cbor::String => decoder.text().map(Value::text),
            Cbor::Bytes => Bytes::decode(decoder).map(Value::Bytes),
            Cbor::Array => Vec::decode(decoder).map(|list| Value::List(Arc::new(list))),
            Cbor::Map => Map::<Value, Value>::decode(decoder).map(record_or_map),
            Cbor::Undefined
            | Cbor::Simple
            | Cbor::BytesIndef
            | Cbor::StringIndef
            | Cbor::ArrayIndef
            | Cbor::MapIndef
            | Cbor::Tag
            | Cbor::Break
            | Cbor::Unknown(_) => Err(decoder.error(Reason::Expected("a value"))),
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Text(a) | Value::Enum(a), Value::Text(b) | Value::Enum(b)) => a.order(b),
            (Value::Bytes(a), Value::Bytes(b)) => a.order(b),
            (Value::Hash(a), Value::Hash(b)) => a.cmp(b),
            (Value::Peer(a), Value::Peer(b)) => a.cmp(b),
            (Value::Signature(a), Value::Signature(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Value::Record(a), Value::Record(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Value::Segment(a), Value::Segment(b)) => a.order(b),
            (a, b) => wire::to_bytes(a).cmp(&wire::to_bytes(b)),
        }
    }
}

fn record_or_map(map: Map<Value, Value>) -> Value {
    let mut record = RecordValue::default();
    for (key, value) in map.iter() {
        if let Value::Text(name) = key {
            record.set(Arc::clone(name), value.clone());
        }
    }
    if record.len() < map.len() {
        return Value::Map(map);
    }
    Value::Record(Arc::new(record))
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(other)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Int(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value.into())
    }
}

impl From<Hash> for Value {
    fn from(hash: Hash) -> Self {
        Value::Hash(hash)
    }
}

impl From<PeerId> for Value {
    fn from(peer: PeerId) -> Self {
        Value::Peer(peer)
    }
}

impl From<Signature> for Value {
    fn from(signature: Signature) -> Self {
        Value::Signature(Box::new(signature))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
