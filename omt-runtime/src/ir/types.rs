//! Types of the IR.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed does not fit, nor would a new kind")]

use serde::{Deserialize, Serialize};
use std::fmt;

/// What an exact integer expression counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dimension {
    /// A plain number.
    Count,
    /// A point in time, in microseconds.
    Instant,
    /// A span of time, in microseconds.
    Span,
}

/// A type. Every expression of the IR has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Type {
    /// 0 … 2^64−1.
    Uint,
    /// −2^63 … 2^63−1.
    Int,
    /// IEEE 754 binary64 without NaN, infinity and −0.
    Float,
    /// `true`, `false`.
    Bool,
    /// Text.
    String,
    /// Octets.
    Bytes,
    /// 32 octets.
    Hash,
    /// 64 octets, Ed25519.
    Signature,
    /// 32 octets, an Ed25519 public key.
    PeerId,
    /// Microseconds, range of `int`.
    Timestamp,
    /// Microseconds, range of `int`.
    Duration,
    /// Anything that the wire can hold.
    Any,
    /// A record with names that are not declared.
    Dict,
    /// A list.
    List(Box<Type>),
    /// A map.
    Map(Box<Type>, Box<Type>),
    /// A value or null. Never nested.
    Optional(Box<Type>),
    /// A declared enum.
    Enum(String),
    /// A declared struct.
    Struct(String),
    /// Payload of a message.
    Message(String),
    /// Payload of a block.
    BlockPayload(String),
    /// A whole signed message: `.sender .session .sequence .payload`.
    Signed(String),
    /// A whole block: `.author .height .previous .time .hash .payload`.
    Block(String),
    /// Consecutive blocks of one author: `.author .head .height`. The own chain is one.
    Segment,
    /// State of a view: a record of its fields.
    View(String),
    /// Result of `CHAIN_STATE_AT`: `.block_hash .sequence .known_peers .peer_hashes`.
    ChainState,
    /// A proof that verifies stand-alone: `.author`.
    Equivocation,
    /// A value that leaves only through `HASH`, `SIGN`, `==`, `REVEAL`.
    Secret(Box<Type>),
    /// State of a seeded generator; only ever a local of a function.
    Rng,
    /// A lambda: parameters, result. Only ever a parameter of a function or an argument.
    Function(Vec<Type>, Box<Type>),
    /// An exact integer of 128 bits; never stored, sent, passed or returned.
    Exact(Dimension),
    /// An exact decimal: a parameter only.
    Decimal,
    /// Type of `null` alone.
    Null,
}

impl Type {
    /// `T?`, without nesting.
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Null => self,
            other => Type::Optional(Box::new(other)),
        }
    }

    /// `T` of `T?`, else the type itself.
    pub fn plain(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    /// Is it `T?`?
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// Does it begin empty rather than unset (LANGUAGE 5.4)?
    pub fn begins_empty(&self) -> bool {
        matches!(self, Type::List(_) | Type::Map(..))
    }

    /// Does a field of a view or of the shared store begin at zero: 0, `false`, `""`, empty, null? A field of another
    /// type has no value until it is written, so a shared one reads as `T?`, and a view may not have one.
    pub fn has_zero(&self) -> bool {
        matches!(
            self,
            Type::Uint
                | Type::Int
                | Type::Float
                | Type::Bool
                | Type::String
                | Type::Timestamp
                | Type::Duration
                | Type::List(_)
                | Type::Map(..)
                | Type::Optional(_)
        )
    }

    /// Dimension of the exact form of an integer type.
    pub fn dimension(&self) -> Option<Dimension> {
        match self {
            Type::Uint | Type::Int => Some(Dimension::Count),
            Type::Timestamp => Some(Dimension::Instant),
            Type::Duration => Some(Dimension::Span),
            Type::Exact(dimension) => Some(*dimension),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Uint => f.write_str("uint"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Bool => f.write_str("bool"),
            Type::String => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Hash => f.write_str("hash"),
            Type::Signature => f.write_str("signature"),
            Type::PeerId => f.write_str("peer_id"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Duration => f.write_str("duration"),
            Type::Any => f.write_str("any"),
            Type::Dict => f.write_str("dict"),
            Type::List(item) => write!(f, "list<{item}>"),
            Type::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Type::Optional(inner) => write!(f, "{inner}?"),
            Type::Enum(name) | Type::Struct(name) | Type::Message(name) | Type::BlockPayload(name) => {
                f.write_str(name)
            }
            Type::Signed(name) => write!(f, "signed<{name}>"),
            Type::Block(name) => write!(f, "block<{name}>"),
            Type::Segment => f.write_str("segment"),
            Type::View(name) => f.write_str(name),
            Type::ChainState => f.write_str("ChainState"),
            Type::Equivocation => f.write_str("equivocation"),
            Type::Secret(inner) => write!(f, "secret<{inner}>"),
            Type::Rng => f.write_str("rng"),
            Type::Function(parameters, returns) => {
                f.write_str("function<")?;
                for parameter in parameters {
                    write!(f, "{parameter}, ")?;
                }
                write!(f, "{returns}>")
            }
            Type::Exact(Dimension::Count) => f.write_str("int"),
            Type::Exact(Dimension::Instant) => f.write_str("timestamp"),
            Type::Exact(Dimension::Span) => f.write_str("duration"),
            Type::Decimal => f.write_str("fraction"),
            Type::Null => f.write_str("null"),
        }
    }
}
