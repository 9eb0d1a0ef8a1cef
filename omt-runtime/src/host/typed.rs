//! What is inside a value that came from outside: blocks, segments, messages and proofs that must be verified, and
//! segments that must be completed.
//!
//! On the wire a segment may lack its lower blocks; ids and signatures are always over the complete form. So the
//! sender's host cuts, the receiver's host completes, and nobody else ever sees a part.

use super::event::Reason;
use crate::chain::{BlockBody, Equivocation, RawBlock, Segment};
use crate::crypto::VerifiedCache;
use crate::envelope::{Envelope, Signed};
use crate::id::{Hash, SessionId};
use crate::ir::{Fields, Protocol, Type};
use crate::value::{RecordValue, Value};
use crate::wire::{self, Bytes, Limits, Types, WireError};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something inside a value that proves itself.
#[derive(Clone, Debug)]
pub(crate) enum Embedded {
    /// `block<B>`.
    Block(Arc<RawBlock>),
    /// `segment`.
    Segment(Segment),
    /// `signed<M>`.
    Signed(Arc<Envelope>),
    /// `equivocation`; verified already.
    Proof(Arc<Equivocation>),
}

/// Why a value is refused.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    pub reason: Reason,
    pub detail: String,
}

impl From<WireError> for Mismatch {
    fn from(error: WireError) -> Self {
        Mismatch { reason: classify(&error.reason), detail: error.to_string() }
    }
}

/// Which of the checks of LANGUAGE 6.2 bytes failed.
pub(crate) fn classify(reason: &wire::Reason) -> Reason {
    use wire::Reason as W;
    match reason {
        W::Payload(inner) => classify(&inner.reason),
        W::TooLarge(_) | W::TooDeep(_) | W::TooManyElements(_) => Reason::Size,
        W::Truncated
        | W::Trailing
        | W::Malformed
        | W::NotShortest
        | W::Indefinite
        | W::Utf8
        | W::Tag
        | W::Simple
        | W::NotFinite
        | W::NegativeZero
        | W::KeyOrder
        | W::DuplicateKey => Reason::Encoding,
        W::Expected(_)
        | W::Length { .. }
        | W::Range
        | W::MissingField(_)
        | W::UnknownField(_)
        | W::UnknownVariant(_)
        | W::Invalid(_) => Reason::Fields,
    }
}

/// What a value holds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What must be verified.
    pub embedded: Vec<Embedded>,
    /// Segments that the hook left without their lower blocks.
    pub incomplete: Vec<Segment>,
    /// Value of the field that is named like the session key, if the record has one.
    pub session: Option<SessionId>,
    /// A message inside that belongs to another protocol.
    pub foreign: Option<Hash>,
}

/// Rewrites segments; gives back what it cannot improve.
pub(crate) type Rewrite<'a> = &'a mut dyn FnMut(Segment) -> Segment;

/// Checks the canonical payload of a message, gathers what is inside and rewrites its segments.
pub(crate) fn payload(
    protocol: &Protocol,
    id: Hash,
    message: &str,
    bytes: &Bytes,
    rewrite: Rewrite<'_>,
) -> Result<(Bytes, Found), Mismatch> {
    let (value, mut found, changed) = read(protocol, id, &Type::Message(message.to_owned()), bytes, rewrite)?;
    if let Value::Record(record) = &value
        && let Some(Value::Hash(session)) = record.get(&protocol.session_key)
    {
        found.session = Some(*session);
    }
    let bytes = if changed { wire::to_bytes(&value).into() } else { bytes.clone() };
    Ok((bytes, found))
}

/// Checks one canonical value: a task result, an argument of a trigger, the answer of a native function.
pub(crate) fn value(protocol: &Protocol, id: Hash, ty: &Type, bytes: &[u8]) -> Result<Found, Mismatch> {
    read(protocol, id, ty, bytes, &mut |segment| segment).map(|(_, found, _)| found)
}

fn read(
    protocol: &Protocol,
    id: Hash,
    ty: &Type,
    bytes: &[u8],
    rewrite: Rewrite<'_>,
) -> Result<(Value, Found, bool), Mismatch> {
    wire::check(bytes, &Limits::MESSAGE)?;
    let value = Types::new(protocol, id).decode(ty, bytes)?;
    let mut walk = Walk { id, rewrite, found: Found::default() };
    let changed = walk.value(&value);
    let found = walk.found;
    Ok(match changed {
        Some(value) => (value, found, true),
        None => (value, found, false),
    })
}

/// A walk over a value; every function gives the value anew if a segment in it was rewritten.
struct Walk<'a> {
    id: Hash,
    rewrite: Rewrite<'a>,
    found: Found,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value) -> Option<Value> {
        match value {
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Hash(_)
            | Value::Peer(_)
            | Value::Signature(_)
            | Value::Enum(_)
            | Value::Rng(_) => None,
            Value::List(items) => {
                let new = self.each(&items.iter().collect::<Vec<_>>())?;
                Some(Value::List(Arc::new(new)))
            }
            Value::Map(map) => {
                let new = self.each(&map.values().collect::<Vec<_>>())?;
                Some(Value::Map(map.keys().cloned().zip(new).collect()))
            }
            Value::Record(record) => {
                let new = self.each(&record.iter().map(|(_, value)| value).collect::<Vec<_>>())?;
                let names = record.iter().map(|(name, _)| Arc::clone(name));
                let record: RecordValue = names.zip(new).collect();
                Some(Value::Record(Arc::new(record)))
            }
            Value::Block(block) => {
                let payload = self.value(&block.payload);
                let raw = match &payload {
                    Some(payload) => {
                        let body = block.raw().body().clone();
                        let body = BlockBody { payload: wire::to_bytes(payload).into(), ..body };
                        Arc::new(body.with_signature(block.raw().signature()))
                    }
                    None => Arc::clone(block.raw()),
                };
                self.found.embedded.push(Embedded::Block(Arc::clone(&raw)));
                payload.map(|payload| Value::Block(Arc::new(crate::chain::Block::new(raw, payload))))
            }
            Value::Signed(signed) => {
                let payload = self.value(&signed.payload);
                let envelope = match &payload {
                    Some(payload) => Arc::new(Envelope {
                        payload: wire::to_bytes(payload).into(),
                        ..Envelope::clone(signed.envelope())
                    }),
                    None => Arc::clone(signed.envelope()),
                };
                if envelope.protocol != self.id {
                    self.found.foreign = Some(envelope.protocol);
                }
                self.found.embedded.push(Embedded::Signed(Arc::clone(&envelope)));
                payload.map(|payload| Value::Signed(Arc::new(Signed::new(envelope, payload))))
            }
            Value::Segment(segment) => {
                let new = (self.rewrite)(segment.clone());
                if !new.is_complete() {
                    self.found.incomplete.push(new.clone());
                }
                self.found.embedded.push(Embedded::Segment(new.clone()));
                (new != *segment).then_some(Value::Segment(new))
            }
            Value::Equivocation(proof) => {
                self.found.embedded.push(Embedded::Proof(Arc::clone(proof)));
                None
            }
        }
    }

    /// All values of a container, if any of them changed.
    fn each(&mut self, values: &[&Value]) -> Option<Vec<Value>> {
        let changed: Vec<Option<Value>> = values.iter().map(|value| self.value(value)).collect();
        if changed.iter().all(Option::is_none) {
            return None;
        }
        let new = values.iter().zip(changed);
        Some(new.map(|(old, new)| new.unwrap_or_else(|| Value::clone(old))).collect())
    }
}

/// Verifies signatures and links of everything that a walk found.
///
/// # Errors
/// What does not hold, for people.
pub(crate) fn verify(embedded: &[Embedded], cache: &mut VerifiedCache) -> Result<(), String> {
    for item in embedded {
        match item {
            Embedded::Block(block) => {
                if !block.verify_with(cache) {
                    return Err(format!(
                        "block {} of {} is not signed by it",
                        block.height(),
                        block.author().short()
                    ));
                }
            }
            Embedded::Segment(segment) => {
                segment
                    .verify_with(cache)
                    .map_err(|error| format!("segment of {}: {error}", segment.author().short()))?;
            }
            Embedded::Signed(envelope) => {
                envelope
                    .verify_with(cache)
                    .map_err(|error| format!("{} inside: {error}", envelope.message))?;
            }
            Embedded::Proof(_) => {}
        }
    }
    Ok(())
}

/// Does a value of this type prove something by itself: a signature, a block, a chain, a signed message, a proof?
pub(crate) fn proves(protocol: &Protocol, fields: &Fields) -> bool {
    let test = |ty: &Type| {
        matches!(ty, Type::Signature | Type::Signed(_) | Type::Block(_) | Type::Segment | Type::Equivocation)
    };
    fields.values().any(|field| holds(protocol, &field.ty, &test, &mut BTreeSet::new()))
}

/// May a value of this type hold a segment?
pub(crate) fn has_segments(protocol: &Protocol, fields: &Fields) -> bool {
    let test = |ty: &Type| matches!(ty, Type::Segment);
    fields.values().any(|field| holds(protocol, &field.ty, &test, &mut BTreeSet::new()))
}

fn holds(protocol: &Protocol, ty: &Type, test: &dyn Fn(&Type) -> bool, seen: &mut BTreeSet<Type>) -> bool {
    if test(ty) {
        return true;
    }
    if !seen.insert(ty.clone()) {
        return false;
    }
    let fields = match ty {
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => {
            return holds(protocol, inner, test, seen);
        }
        Type::Map(key, item) => return holds(protocol, key, test, seen) || holds(protocol, item, test, seen),
        Type::Struct(name) => protocol.structs.get(name).map(|declared| &declared.fields),
        Type::Message(name) | Type::Signed(name) => {
            protocol.messages.get(name).map(|declared| &declared.fields)
        }
        Type::BlockPayload(name) | Type::Block(name) => {
            protocol.blocks.get(name).map(|declared| &declared.fields)
        }
        Type::View(name) => protocol.views.get(name).map(|declared| &declared.fields),
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
        | Type::Segment
        | Type::ChainState
        | Type::Equivocation
        | Type::Rng
        | Type::Function(..)
        | Type::Exact(_)
        | Type::Decimal
        | Type::Null => None,
    };
    fields.is_some_and(|fields| fields.values().any(|field| holds(protocol, &field.ty, test, seen)))
}
