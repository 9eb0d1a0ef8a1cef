//! What the library takes and gives, and what the fields of built-in records are, in the IR's terms.
//!
//! The compiler, the validator and the back ends ask here, so they cannot disagree. In the table `T`, `K`, `V`
//! are any types, `exact` is [`Type::Exact`] of any dimension, *data* is every type but functions, generators and
//! parameters of type fraction.
//!
//! | built-in | arguments | result |
//! |---|---|---|
//! | `NOW` | | timestamp |
//! | `DAY` | timestamp | uint |
//! | `SECONDS` | duration | int |
//! | `HASH` | *data* … | hash |
//! | `SIGN` | struct | signature |
//! | `VERIFY_SIG` | peer_id, struct, signature | bool |
//! | `VERIFY_MULTI` | struct, map<peer_id, signature>, list<peer_id>, uint | bool |
//! | `EQUIVOCATION` | peer_id | equivocation? |
//! | `RANDOM_BYTES` | uint | bytes |
//! | `GENERATE_ID` | | hash |
//! | `REVEAL` | secret<T> | T |
//! | `SEEDED_RNG` | *data* | rng |
//! | `SEEDED_SAMPLE` | a local of type rng, list<T>, uint | list<T> |
//! | `SEEDED_SHUFFLE` | a local of type rng, list<T> | list<T> |
//! | `READ` | peer_id, one of the texts `head_hash` `height` `last_seen` | hash?, uint?, timestamp? |
//! | `CHAIN_STATE_AT` | segment, hash | ChainState? |
//! | `CHAIN_CONTAINS_HASH` | segment, hash | bool |
//! | `CHAIN_SEGMENT` | segment, hash | segment |
//! | `VERIFY_CHAIN_SEGMENT` | segment | bool |
//! | `CHAIN_HEIGHT` | segment | int |
//! | `LAST_PEER_HASH` | segment, peer_id | payload of the block `PEER_HASH`, or null |
//! | `LENGTH` | list, map, string, bytes | uint |
//! | `FILTER` | list<T>, function<T, bool> | list<T> |
//! | `MAP` | list<T>, function<T, V> | list<V> |
//! | `FIND` | list<T>, function<T, bool> | T? |
//! | `ANY` `ALL` | list<T>, function<T, bool> | bool |
//! | `COUNT` | list<T>, function<T, bool> | uint |
//! | `SUM` | list of an integer type or of float | exact of its dimension, or float |
//! | `REDUCE` | list<T>, V, function<V, T, V> | V |
//! | `CONCAT` | list<T> … (at least one) | list<T> |
//! | `SORT` `UNIQUE` | list<T> | list<T> |
//! | `SORT_BY` | list<T>, function<T, K> | list<T> |
//! | `KEYS` `VALUES` | map<K, V> | list<K>, list<V> |
//! | `HAS_KEY` | map<K, V>, K | bool |
//! | `GET` | map<K, V>, K | V? |
//! | `GET` | map<K, V>, K, V | V |
//! | `WITH` | map<K, V>, K, V | map<K, V> |
//! | `WITHOUT` | map<K, V>, K | map<K, V> |
//! | `ABS` | exact or float | the same |
//! | `MIN` `MAX` | one or more, all exact or all float | the same |
//! | `CLAMP` | three, all exact or all float: value, low, high | the same |
//! | `TO_STRING` | integer, exact, float, bool, string, bytes, hash, signature, peer_id, enum | string |

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed does not fit, nor would a new kind")]

use super::{Builtin, Dimension, Expr, ExprKind, Protocol, Type};

/// Kind of block that `LAST_PEER_HASH` and `CHAIN_STATE_AT` look for.
pub const PEER_HASH_BLOCK: &str = "PEER_HASH";

/// What `READ` can be asked.
pub const READ_QUERIES: &[&str] = &["head_hash", "height", "last_seen"];

/// Type of a field of a record, declared or built in; `None` if the type has no such field.
pub fn field_type(protocol: &Protocol, record: &Type, name: &str) -> Option<Type> {
    let declared = |fields: Option<&super::Fields>| fields?.get(name).map(|field| field.ty.clone());
    match (record, name) {
        (Type::Struct(record), _) => declared(protocol.structs.get(record).map(|r| &r.fields)),
        (Type::Message(record), _) => declared(protocol.messages.get(record).map(|r| &r.fields)),
        (Type::BlockPayload(record), _) => declared(protocol.blocks.get(record).map(|r| &r.fields)),
        (Type::View(record), _) => declared(protocol.views.get(record).map(|r| &r.fields)),
        (Type::Dict, _) => Some(Type::Any),
        (Type::Signed(_), "sender") | (Type::Block(_) | Type::Segment | Type::Equivocation, "author") => {
            Some(Type::PeerId)
        }
        (Type::Signed(_), "session") | (Type::Block(_), "previous" | "hash") | (Type::Segment, "head") => {
            Some(Type::Hash)
        }
        (Type::Signed(_), "sequence") | (Type::Block(_), "height") => Some(Type::Uint),
        (Type::Signed(message), "payload") => Some(Type::Message(message.clone())),
        (Type::Block(block), "payload") => Some(Type::BlockPayload(block.clone())),
        (Type::Block(_), "time") => Some(Type::Timestamp),
        // −1 for an empty chain, like CHAIN_HEIGHT.
        (Type::Segment, "height") => Some(Type::Int),
        (Type::ChainState, "block_hash") => Some(Type::Hash),
        (Type::ChainState, "sequence") => Some(Type::Uint),
        (Type::ChainState, "known_peers") => Some(list(Type::PeerId)),
        (Type::ChainState, "peer_hashes") => Some(map(Type::PeerId, Type::Hash)),
        _ => None,
    }
}

/// Type that a call of a built-in has with these arguments.
///
/// # Errors
/// The arguments do not fit: what was expected, for a message that begins with the name of the built-in.
pub fn builtin_type(builtin: Builtin, arguments: &[Expr]) -> Result<Type, String> {
    let types: Vec<&Type> = arguments.iter().map(|argument| &argument.ty).collect();
    result(builtin, arguments, &types).ok_or_else(|| {
        let found: Vec<String> = types.iter().map(ToString::to_string).collect();
        format!("{} does not take ({})", builtin.name(), found.join(", "))
    })
}

fn list(item: Type) -> Type {
    Type::List(Box::new(item))
}

fn map(key: Type, value: Type) -> Type {
    Type::Map(Box::new(key), Box::new(value))
}

/// The parameter types and the result of a function type.
fn function(ty: &Type) -> Option<(&[Type], &Type)> {
    match ty {
        Type::Function(parameters, returns) => Some((parameters, returns)),
        _ => None,
    }
}

/// Is it a predicate over `item`?
fn predicate(ty: &Type, item: &Type) -> bool {
    matches!(function(ty), Some(([parameter], Type::Bool)) if parameter == item)
}

/// Can a value of this type be encoded, hashed, stored?
pub fn is_data(ty: &Type) -> bool {
    match ty {
        Type::Function(..) | Type::Rng | Type::Decimal => false,
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => is_data(inner),
        Type::Map(key, value) => is_data(key) && is_data(value),
        Type::Uint
        | Type::Int
        | Type::Float
        | Type::Bool
        | Type::String
        | Type::Bytes
        | Type::Hash
        | Type::Signature
        | Type::PeerId
        | Type::Timestamp
        | Type::Duration
        | Type::Any
        | Type::Dict
        | Type::Enum(_)
        | Type::Struct(_)
        | Type::Message(_)
        | Type::BlockPayload(_)
        | Type::Signed(_)
        | Type::Block(_)
        | Type::Segment
        | Type::View(_)
        | Type::ChainState
        | Type::Equivocation
        | Type::Exact(_)
        | Type::Null => true,
    }
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Exact(_) | Type::Float)
}

fn has_text(ty: &Type) -> bool {
    ty.dimension().is_some()
        || matches!(
            ty,
            Type::Float
                | Type::Bool
                | Type::String
                | Type::Bytes
                | Type::Hash
                | Type::Signature
                | Type::PeerId
                | Type::Enum(_)
        )
}

fn result(builtin: Builtin, arguments: &[Expr], types: &[&Type]) -> Option<Type> {
    use Builtin as B;
    let rng_local = || matches!(arguments.first().map(|a| &a.kind), Some(ExprKind::Local(_)));
    match (builtin, types) {
        (B::Now, []) => Some(Type::Timestamp),
        (B::Day, [Type::Timestamp]) => Some(Type::Uint),
        (B::Seconds, [Type::Duration]) => Some(Type::Int),
        (B::Hash, all) => all.iter().all(|ty| is_data(ty)).then_some(Type::Hash),
        (B::Sign, [Type::Struct(_)]) => Some(Type::Signature),
        (B::VerifySig, [Type::PeerId, Type::Struct(_), Type::Signature]) => Some(Type::Bool),
        (B::VerifyMulti, [Type::Struct(_), signatures, members, Type::Uint]) => {
            (**signatures == map(Type::PeerId, Type::Signature) && **members == list(Type::PeerId))
                .then_some(Type::Bool)
        }
        (B::Equivocation, [Type::PeerId]) => Some(Type::Equivocation.optional()),
        (B::RandomBytes, [Type::Uint]) => Some(Type::Bytes),
        (B::GenerateId, []) => Some(Type::Hash),
        (B::Reveal, [Type::Secret(inner)]) => Some((**inner).clone()),
        (B::SeededRng, [seed]) => is_data(seed).then_some(Type::Rng),
        (B::SeededSample, [Type::Rng, Type::List(item), Type::Uint]) => {
            rng_local().then(|| list((**item).clone()))
        }
        (B::SeededShuffle, [Type::Rng, Type::List(item)]) => rng_local().then(|| list((**item).clone())),
        (B::Read, [Type::PeerId, Type::String]) => match arguments.get(1).map(|a| &a.kind) {
            Some(ExprKind::Text(query)) => match query.as_str() {
                "head_hash" => Some(Type::Hash.optional()),
                "height" => Some(Type::Uint.optional()),
                "last_seen" => Some(Type::Timestamp.optional()),
                _ => None,
            },
            _ => None,
        },
        (B::ChainStateAt, [Type::Segment, Type::Hash]) => Some(Type::ChainState.optional()),
        (B::ChainContainsHash, [Type::Segment, Type::Hash]) => Some(Type::Bool),
        (B::ChainSegment, [Type::Segment, Type::Hash]) => Some(Type::Segment),
        (B::VerifyChainSegment, [Type::Segment]) => Some(Type::Bool),
        (B::ChainHeight, [Type::Segment]) => Some(Type::Int),
        (B::LastPeerHash, [Type::Segment, Type::PeerId]) => {
            Some(Type::BlockPayload(PEER_HASH_BLOCK.to_owned()).optional())
        }
        (B::Length, [Type::List(_) | Type::Map(..) | Type::String | Type::Bytes]) => Some(Type::Uint),
        (B::Filter, [Type::List(item), f]) => predicate(f, item).then(|| list((**item).clone())),
        (B::Map, [Type::List(item), f]) => match function(f) {
            Some(([parameter], returns)) if *parameter == **item => Some(list(returns.clone())),
            _ => None,
        },
        (B::Find, [Type::List(item), f]) => predicate(f, item).then(|| (**item).clone().optional()),
        (B::Any | B::All, [Type::List(item), f]) => predicate(f, item).then_some(Type::Bool),
        (B::Count, [Type::List(item), f]) => predicate(f, item).then_some(Type::Uint),
        (B::Sum, [Type::List(item)]) => match &**item {
            Type::Float => Some(Type::Float),
            other => other.dimension().map(Type::Exact),
        },
        (B::Reduce, [Type::List(item), init, f]) => match function(f) {
            Some(([state, parameter], returns))
                if state == *init && *parameter == **item && returns == *init =>
            {
                Some((*init).clone())
            }
            _ => None,
        },
        (B::Concat, [first @ Type::List(_), rest @ ..]) => {
            rest.iter().all(|other| other == first).then(|| (*first).clone())
        }
        (B::Sort | B::Unique, [Type::List(item)]) => is_data(item).then(|| list((**item).clone())),
        (B::SortBy, [Type::List(item), f]) => match function(f) {
            Some(([parameter], key)) if *parameter == **item && is_data(key) => Some(list((**item).clone())),
            _ => None,
        },
        (B::Keys, [Type::Map(key, _)]) => Some(list((**key).clone())),
        (B::Values, [Type::Map(_, value)]) => Some(list((**value).clone())),
        (B::HasKey, [Type::Map(key, _), wanted]) => (**key == **wanted).then_some(Type::Bool),
        (B::Get, [Type::Map(key, value), wanted]) => {
            (**key == **wanted).then(|| (**value).clone().optional())
        }
        (B::Get, [Type::Map(key, value), wanted, default]) => {
            (**key == **wanted && **value == **default).then(|| (**value).clone())
        }
        (B::With, [whole @ Type::Map(key, value), new_key, new_value]) => {
            (**key == **new_key && **value == **new_value).then(|| (*whole).clone())
        }
        (B::Without, [whole @ Type::Map(key, _), old_key]) => (**key == **old_key).then(|| (*whole).clone()),
        (B::Abs, [number]) => is_number(number).then(|| (*number).clone()),
        (B::Min | B::Max, [first, rest @ ..]) => {
            (is_number(first) && rest.iter().all(|other| other == first)).then(|| (*first).clone())
        }
        (B::Clamp, [value, low, high]) => {
            (is_number(value) && low == value && high == value).then(|| (*value).clone())
        }
        (B::ToString, [value]) => has_text(value).then_some(Type::String),
        _ => None,
    }
}

/// Result dimension of an operator on exact integers, where it has a meaning: an instant and a span make an instant,
/// two instants differ by a span, a span may be scaled or divided.
pub fn exact_dimension(op: super::BinaryOp, left: Dimension, right: Dimension) -> Option<Dimension> {
    use super::BinaryOp as Op;
    use Dimension::{Count, Instant, Span};
    match (op, left, right) {
        (Op::Add | Op::Subtract | Op::Multiply | Op::FloorDivide | Op::Remainder, Count, Count) => {
            Some(Count)
        }
        (Op::Add | Op::Subtract | Op::Remainder, Span, Span) => Some(Span),
        (Op::Add, Instant, Span) | (Op::Add, Span, Instant) | (Op::Subtract, Instant, Span) => Some(Instant),
        (Op::Subtract, Instant, Instant) => Some(Span),
        (Op::Multiply, Span, Count) | (Op::Multiply, Count, Span) | (Op::FloorDivide, Span, Count) => {
            Some(Span)
        }
        (Op::Remainder, Span, Count) => Some(Span),
        (Op::FloorDivide, Span, Span) => Some(Count),
        _ => None,
    }
}
