//! What can go wrong inside a step (LANGUAGE 6.5).
//!
//! A fault undoes the whole step. Which fault it is, and where, is part of the semantics: the executors must agree
//! on both.

use serde::{Deserialize, Serialize};

/// Why a step was undone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Null where a value is needed.
    #[error("null where a value is needed")]
    Null,
    /// A result beyond 128 bits, or beyond its type where it is stored, sent, passed or returned.
    #[error("the number does not fit its type")]
    Overflow,
    /// `/`, `//` or `%` by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// `m[k]` where the map has no `k`.
    #[error("the map has no such key")]
    MissingKey,
    /// `l[i]` beyond the ends of the list.
    #[error("the index is outside the list")]
    Index,
    /// A float that would be NaN or infinite.
    #[error("the result is not a finite number")]
    NotANumber,
    /// `ABORT(text)`.
    #[error("aborted: {0}")]
    Abort(String),
    /// More automatic transitions in one step than the language allows.
    #[error("too many automatic transitions in one step")]
    AutoLimit,
    /// `CHAIN_SEGMENT(c, to)` where `to` is not a block of `c`.
    #[error("the chain has no such block")]
    NotOnChain,
    /// A block that breaks the rules of the chain, or a view that faults on one of its blocks.
    #[error("the chain is invalid: {0}")]
    InvalidChain(String),
    /// A list, map, text or byte string that would exceed what the wire can carry.
    #[error("the value is larger than a message may be")]
    TooLarge,
    /// A native function that the host could not answer.
    #[error("the host could not answer `{0}`")]
    Native(String),
    /// The executor met what the checker excludes: a defect of this program, not of the protocol.
    #[error("internal: {0}")]
    Internal(String),
}

impl FaultKind {
    /// An [`FaultKind::Internal`] with the given text.
    pub fn internal(text: impl Into<String>) -> Self {
        FaultKind::Internal(text.into())
    }

    /// An [`FaultKind::Abort`] with the given text.
    pub fn abort(text: impl Into<String>) -> Self {
        FaultKind::Abort(text.into())
    }
}
