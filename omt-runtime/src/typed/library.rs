//! [`crate::library`] as generated code calls it: lambdas give [`Raised`], so that their errors need no annotation, and
//! what only generated code needs is added.

pub use crate::library::{
    abs, add, clamp, concat, concat_text, contains, day, div_floor, entry, entry_mut, float_add, float_div,
    float_mul, float_neg, float_sub, get, get_or, index, index_mut, int_to_float, keys, length, length_map,
    length_text, mul, narrow_i64, narrow_u64, neg, rem_floor, seconds, sort, sub, sum, sum_floats, to_string,
    unique, values, with, without,
};

use super::context::Encode;
use crate::chain::{Block, RawBlock, Segment};
use crate::crypto;
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId};
use crate::machine::{Raised, rules};
use crate::value::Value;
use crate::wire::{self, Record, Wire};
use std::cmp::Ordering;
use std::sync::Arc;

/// `HASH(a, b, …)`.
pub fn hash(parts: &[&dyn Encode]) -> Hash {
    crypto::hash_args(parts.len(), |encoder| {
        for part in parts {
            part.encode_into(encoder);
        }
    })
}

/// `FILTER` with a predicate that may fault.
///
/// # Errors
/// The predicate faulted.
pub fn filter<T: Clone>(list: &[T], keep: impl FnMut(&T) -> Result<bool, Raised>) -> Result<Vec<T>, Raised> {
    crate::library::filter(list, keep)
}

/// `MAP` with a function that may fault.
///
/// # Errors
/// The function faulted.
pub fn map<T, U>(list: &[T], function: impl FnMut(&T) -> Result<U, Raised>) -> Result<Vec<U>, Raised> {
    crate::library::map(list, function)
}

/// `FIND` with a predicate that may fault.
///
/// # Errors
/// The predicate faulted.
pub fn find<T: Clone>(list: &[T], fits: impl FnMut(&T) -> Result<bool, Raised>) -> Result<Option<T>, Raised> {
    crate::library::find(list, fits)
}

/// `ANY` with a predicate that may fault.
///
/// # Errors
/// The predicate faulted.
pub fn any<T>(list: &[T], holds: impl FnMut(&T) -> Result<bool, Raised>) -> Result<bool, Raised> {
    crate::library::any(list, holds)
}

/// `ALL` with a predicate that may fault.
///
/// # Errors
/// The predicate faulted.
pub fn all<T>(list: &[T], holds: impl FnMut(&T) -> Result<bool, Raised>) -> Result<bool, Raised> {
    crate::library::all(list, holds)
}

/// `COUNT` with a predicate that may fault.
///
/// # Errors
/// The predicate faulted.
pub fn count<T>(list: &[T], holds: impl FnMut(&T) -> Result<bool, Raised>) -> Result<u64, Raised> {
    crate::library::count(list, holds)
}

/// `REDUCE`.
///
/// # Errors
/// The function faulted.
pub fn reduce<T, A>(list: &[T], init: A, step: impl FnMut(A, &T) -> Result<A, Raised>) -> Result<A, Raised> {
    crate::library::reduce(list, init, step)
}

/// `SORT_BY`.
///
/// # Errors
/// The function that gives the keys faulted.
pub fn sort_by<T: Clone, K: Wire>(
    list: &[T],
    key: impl FnMut(&T) -> Result<K, Raised>,
) -> Result<Vec<T>, Raised> {
    crate::library::sort_by(list, key)
}

/// A number of things.
pub fn number(count: usize) -> u64 {
    count as u64
}

/// The order of texts: by their code points.
pub fn compare_text(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

/// `ABORT(text)`.
///
/// # Errors
/// Always.
pub fn abort(reason: &str) -> Result<(), FaultKind> {
    Err(FaultKind::abort(reason))
}

/// The end of a function that no path reaches.
///
/// # Errors
/// Always.
pub fn no_return<T>() -> Result<T, FaultKind> {
    Err(FaultKind::internal("a function ended without a value"))
}

/// A call that no checked package has.
///
/// # Errors
/// Always.
pub fn impossible<T>(name: &str) -> Result<T, FaultKind> {
    Err(FaultKind::internal(format!("{name} does not take these arguments")))
}

/// `CHAIN_SEGMENT(c, to)`.
///
/// # Errors
/// The chain has no such block.
pub fn chain_segment(chain: &Segment, to: &Hash) -> Result<Segment, FaultKind> {
    chain.prefix(to).ok_or(FaultKind::NotOnChain)
}

/// `VERIFY_CHAIN_SEGMENT(s)`.
pub fn verify_chain_segment(segment: &Segment) -> bool {
    segment.verify().is_ok()
}

/// `LAST_PEER_HASH(c, peer)`.
///
/// # Errors
/// The block does not fit the declared one.
pub fn last_peer_hash<B: Record>(chain: &Segment, peer: &PeerId) -> Result<Option<B>, FaultKind> {
    chain.last_peer_hash(peer).map(|block| block_payload(block)).transpose()
}

/// Payload of a block that came from somewhere.
///
/// # Errors
/// It is not what its kind says.
pub fn block_payload<B: Record>(block: &RawBlock) -> Result<B, FaultKind> {
    wire::from_bytes(block.payload()).map_err(|_| rules::unreadable_block(block))
}

/// A block that came from somewhere, typed.
///
/// # Errors
/// Its payload is not what its kind says.
pub fn block<B: Record>(raw: &Arc<RawBlock>) -> Result<Block<B>, FaultKind> {
    Ok(Block::new(Arc::clone(raw), block_payload(raw)?))
}

/// A time limit that is read through a field that may be unset: then it is not armed.
///
/// # Errors
/// Another fault than null.
pub fn if_set<T>(limit: impl FnOnce() -> Result<T, Raised>) -> Result<Option<T>, Raised> {
    match limit() {
        Ok(value) => Ok(Some(value)),
        Err(Raised { kind: FaultKind::Null, .. }) => Ok(None),
        Err(raised) => Err(raised),
    }
}

/// A value without its type.
///
/// # Errors
/// Never for a value that the language can hold.
pub fn to_any<T: Wire>(value: &T) -> Result<Value, FaultKind> {
    wire::decode_checked(&wire::to_bytes(value)).map_err(|error| FaultKind::internal(error.to_string()))
}

/// A value with the type that it should have.
///
/// # Errors
/// It has another.
pub fn from_any<T: Wire>(value: &Value, ty: &str) -> Result<T, FaultKind> {
    wire::decode_checked(&wire::to_bytes(value))
        .map_err(|_| FaultKind::abort(format!("the value is no {ty}")))
}

/// What a value of unknown type must look like where Rust's type does not say it: a `dict` is a [`Value`] there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The Rust type says it all.
    Plain,
    /// A record.
    Dict,
    /// A list of such.
    List(&'static Shape),
    /// A map to such.
    Map(&'static Shape),
    /// Such, or null.
    Optional(&'static Shape),
}

impl Shape {
    fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Shape::Plain, _) | (Shape::Dict, Value::Record(_)) | (Shape::Optional(_), Value::Null) => true,
            (Shape::List(item), Value::List(list)) => list.iter().all(|value| item.fits(value)),
            (Shape::Map(item), Value::Record(record)) => record.iter().all(|(_, value)| item.fits(value)),
            (Shape::Map(item), Value::Map(map)) => map.iter().all(|(_, value)| item.fits(value)),
            (Shape::Optional(inner), value) => inner.fits(value),
            (Shape::Dict | Shape::List(_) | Shape::Map(_), _) => false,
        }
    }
}

/// As [`from_any`], where there is a `dict` in the type.
///
/// # Errors
/// It has another type.
pub fn from_any_shaped<T: Wire>(value: &Value, ty: &str, shape: Shape) -> Result<T, FaultKind> {
    let bytes = wire::to_bytes(value);
    // Without its types a value has one form only.
    let plain: Value =
        wire::decode_checked(&bytes).map_err(|error| FaultKind::internal(error.to_string()))?;
    if !shape.fits(&plain) {
        return Err(FaultKind::abort(format!("the value is no {ty}")));
    }
    wire::decode_checked(&bytes).map_err(|_| FaultKind::abort(format!("the value is no {ty}")))
}

/// What is kept in a field of type `any`: null is unset.
pub fn any_field(value: Value) -> Option<Value> {
    (!value.is_null()).then_some(value)
}

/// A field of type `any`: what is unset is null, which `any` holds like every other value.
pub fn any_or_null(field: &Option<Value>) -> Value {
    field.clone().unwrap_or(Value::Null)
}

/// A member of a record whose names are not declared.
///
/// # Errors
/// There is none of that name.
pub fn member(value: &Value, name: &str) -> Result<Value, FaultKind> {
    let Value::Record(record) = value else { return Err(FaultKind::MissingKey) };
    record.get(name).cloned().ok_or(FaultKind::MissingKey)
}

/// Names a peer where nobody is named yet. Was there such a place?
pub fn bind(place: &mut Option<PeerId>, peer: PeerId) -> bool {
    let unset = place.is_none();
    place.get_or_insert(peer);
    unset
}

/// For a collect into a list: was the sender collected before, and does its message differ from the first?
pub fn repeats_in_list<M: PartialEq>(
    senders: &[PeerId],
    list: &[M],
    sender: &PeerId,
    payload: &M,
) -> Option<bool> {
    let place = senders.binary_search(sender).ok()?;
    Some(list.get(place) != Some(payload))
}

/// Collects into a list that is ordered by sender.
pub fn collect_in_list<M>(senders: &mut Vec<PeerId>, list: &mut Vec<M>, sender: PeerId, payload: M) {
    let place = senders.binary_search(&sender).unwrap_or_else(|place| place);
    senders.insert(place, sender);
    list.insert(place.min(list.len()), payload);
}
