//! Bytes from outside against the types of a protocol.

use std::sync::Arc;

use super::{Decoder, Limits, Reason, Wire, WireError, check, name_order};
use crate::chain::{Block, ChainState, Equivocation, RawBlock, Segment};
use crate::crypto::{self, VerifiedCache};
use crate::envelope::{Envelope, Signed};
use crate::id::{Hash, PeerId, Signature};
use crate::ir::{Fields, Protocol, Type};
use crate::value::{RecordValue, Value};
use crate::wire::{Bytes, Encoder};

/// The types of a protocol, to decode with.
#[derive(Debug, Clone, Copy)]
pub struct Types<'p> {
    protocol: &'p Protocol,
    id: Hash,
}

impl<'p> Types<'p> {
    /// The types of a protocol of that id.
    pub fn new(protocol: &'p Protocol, id: Hash) -> Self {
        Types { protocol, id }
    }

    /// Decides about bytes from outside: canonical, within the limits, of that type, and true. Every `signed<M>` in it
    /// is a message of this protocol with its sender's signature, every block and every block of a segment has its
    /// author's, every link holds, every equivocation is one. What fails here never reaches a machine.
    pub fn validate(
        &self,
        ty: &Type,
        bytes: &[u8],
        verified: &mut VerifiedCache,
    ) -> Result<Value, WireError> {
        check(bytes, &Limits::MESSAGE)?;
        self.read(ty, bytes, Some(verified))
    }

    /// The payload of a message, as [`Types::validate`].
    pub fn validate_payload(
        &self,
        message: &str,
        bytes: &[u8],
        verified: &mut VerifiedCache,
    ) -> Result<Value, WireError> {
        self.validate(&Type::Message(message.to_owned()), bytes, verified)
    }

    /// Decodes bytes that [`Types::validate`] has accepted: a second, structural look.
    pub fn decode(&self, ty: &Type, bytes: &[u8]) -> Result<Value, WireError> {
        self.read(ty, bytes, None)
    }

    fn read(
        &self,
        ty: &Type,
        bytes: &[u8],
        verified: Option<&mut VerifiedCache>,
    ) -> Result<Value, WireError> {
        let mut decoder = Decoder::new(bytes);
        let value = Reader { types: *self, verified }.value(ty, &mut decoder)?;
        decoder.finish()?;
        Ok(value)
    }
}

struct Reader<'p, 'c> {
    types: Types<'p>,
    /// Where signatures that were found valid are remembered; `None` where nothing is to be verified.
    verified: Option<&'c mut VerifiedCache>,
}

impl Reader<'_, '_> {
    fn value(&mut self, ty: &Type, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        match ty {
            Type::Uint => d.u64().map(Value::from),
            Type::Int | Type::Timestamp | Type::Duration => d.i64().map(Value::from),
            Type::Exact(_) => d.integer().map(Value::Int),
            Type::Float => d.f64().map(Value::Float),
            Type::Bool => d.bool().map(Value::Bool),
            Type::String => d.text().map(Value::text),
            Type::Bytes => Bytes::decode(d).map(Value::Bytes),
            Type::Hash => Hash::decode(d).map(Value::Hash),
            Type::Signature => Signature::decode(d).map(Value::from),
            Type::PeerId => PeerId::decode(d).map(Value::Peer),
            Type::Any => Value::decode(d),
            Type::Dict => self.dict(d),
            Type::List(item) => self.list(item, d),
            Type::Map(key, value) => self.map(key, value, d),
            Type::Optional(inner) => {
                if d.null()? {
                    Ok(Value::Null)
                } else {
                    self.value(inner, d)
                }
            }
            Type::Secret(inner) => self.value(inner, d),
            Type::Enum(name) => self.enum_value(name, d),
            Type::Struct(name) => {
                let fields = self.types.protocol.structs.get(name).map(|record| &record.fields);
                self.record(fields, d)
            }
            Type::Message(name) => {
                let fields = self.types.protocol.messages.get(name).map(|message| &message.fields);
                self.record(fields, d)
            }
            Type::BlockPayload(name) => {
                let fields = self.types.protocol.blocks.get(name).map(|block| &block.fields);
                self.record(fields, d)
            }
            Type::View(name) => {
                let fields = self.types.protocol.views.get(name).map(|view| &view.fields);
                self.record(fields, d)
            }
            Type::ChainState => ChainState::decode(d).map(Value::from),
            Type::Signed(message) => self.signed(message, d),
            Type::Block(kind) => self.block(kind, d),
            Type::Segment => self.segment(d),
            // Decoding a proof verifies it.
            Type::Equivocation => Equivocation::decode(d).map(|proof| Value::Equivocation(Arc::new(proof))),
            Type::Null => {
                if d.null()? {
                    Ok(Value::Null)
                } else {
                    Err(d.error(Reason::Expected("null")))
                }
            }
            Type::Rng | Type::Function(..) | Type::Decimal => {
                Err(d.error(Reason::Expected("a value of data type")))
            }
        }
    }

    fn list(&mut self, item: &Type, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        d.array(|d, len| {
            let mut list = Vec::with_capacity(d.capacity(len).min(1024));
            for _ in 0..len {
                list.push(self.value(item, d)?);
            }
            Ok(Value::List(Arc::new(list)))
        })
    }

    fn map(&mut self, key: &Type, value: &Type, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        d.map(|d, len| {
            let mut entries = Vec::with_capacity(d.capacity(len).min(1024));
            for _ in 0..len {
                entries.push((self.value(key, d)?, self.value(value, d)?));
            }
            let map: crate::value::Map<Value, Value> = entries.into_iter().collect();
            if map.len() == len { Ok(Value::Map(map)) } else { Err(d.error(Reason::DuplicateKey)) }
        })
    }

    fn dict(&mut self, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        let at = d.at();
        let value = Value::decode(d)?;
        if matches!(value, Value::Record(_)) {
            Ok(value)
        } else {
            Err(WireError::new(at, Reason::Expected("a record")))
        }
    }

    fn enum_value(&mut self, name: &str, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        let at = d.at();
        let value = d.text()?;
        let declared = self.types.protocol.enums.get(name).is_some_and(|e| e.values.contains_key(value));
        if declared {
            Ok(Value::Enum(value.into()))
        } else {
            Err(WireError::new(at, Reason::UnknownVariant(value.to_owned())))
        }
    }

    fn record(&mut self, fields: Option<&Fields>, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        let fields = fields.ok_or(d.error(Reason::Expected("a value of a type that is declared")))?;
        let at = d.at();
        let mut record = RecordValue::default();
        d.record(|d, name| {
            let Some(field) = fields.get(name) else { return Ok(false) };
            let value = self.value(&field.ty, d)?;
            record.set(name, value);
            Ok(true)
        })?;
        match fields.keys().find(|name| record.get(name).is_none()) {
            Some(missing) => Err(WireError::new(at, Reason::MissingField(missing.clone()))),
            None => Ok(Value::Record(Arc::new(record))),
        }
    }

    fn signed(&mut self, message: &str, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        let at = d.at();
        let invalid = |text: String| WireError::new(at, Reason::Invalid(text));
        let envelope = Envelope::decode(d)?;
        if &*envelope.message != message {
            return Err(invalid(format!("message `{}` is not `{message}`", envelope.message)));
        }
        if let Some(verified) = self.verified.as_deref_mut() {
            // The envelope covers the protocol so that a message means the same wherever it is shown.
            if envelope.protocol != self.types.id {
                return Err(invalid(format!("the message is of protocol {}", envelope.protocol.short())));
            }
            envelope.verify_with(verified).map_err(|error| invalid(error.to_string()))?;
        }
        let payload_type = Type::Message(message.to_owned());
        let payload = d.embedded(at, &envelope.payload, |d| self.value(&payload_type, d))?;
        Ok(Value::Signed(Arc::new(Signed::new(Arc::new(envelope), payload))))
    }

    fn block(&mut self, kind: &str, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        let at = d.at();
        let invalid = |text: String| WireError::new(at, Reason::Invalid(text));
        let raw = RawBlock::decode(d)?;
        if raw.kind() != kind {
            return Err(invalid(format!("block `{}` is not `{kind}`", raw.kind())));
        }
        if let Some(verified) = self.verified.as_deref_mut()
            && !raw.verify_with(verified)
        {
            return Err(invalid("the block is not signed by its author".to_owned()));
        }
        let payload_type = Type::BlockPayload(kind.to_owned());
        let payload = d.embedded(at, raw.payload(), |d| self.value(&payload_type, d))?;
        Ok(Value::Block(Arc::new(Block::new(Arc::new(raw), payload))))
    }

    fn segment(&mut self, d: &mut Decoder<'_>) -> Result<Value, WireError> {
        let at = d.at();
        let segment = Segment::decode(d)?;
        if let Some(verified) = self.verified.as_deref_mut() {
            segment
                .verify_part_with(verified)
                .map_err(|error| WireError::new(at, Reason::Invalid(error.to_string())))?;
        }
        Ok(Value::Segment(segment))
    }
}

/// The hash of a struct's field names and types that `SIGN` covers: SHA-256 of the canonical encoding of its
/// description, in which structs inside are described the same way and enums by their values. Two transactions that
/// import one struct get one hash; a changed field gives another.
pub fn struct_fields_hash(protocol: &Protocol, name: &str) -> Hash {
    let mut encoder = Encoder::new();
    describe_struct(protocol, name, &mut Vec::new(), &mut encoder);
    crypto::sha256(&encoder.into_bytes())
}

fn describe_struct<'p>(protocol: &'p Protocol, name: &'p str, inside: &mut Vec<&'p str>, e: &mut Encoder) {
    let fields = protocol.structs.get(name).map(|record| &record.fields);
    // A struct inside itself is its name alone: it is being described already.
    let fields = fields.filter(|_| !inside.contains(&name));
    let Some(fields) = fields else { return e.text(name) };
    inside.push(name);
    describe_fields(protocol, fields, inside, e);
    inside.pop();
}

fn describe_fields<'p>(
    protocol: &'p Protocol,
    fields: &'p Fields,
    inside: &mut Vec<&'p str>,
    e: &mut Encoder,
) {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| name_order(a, b));
    e.map(sorted.len());
    for (name, field) in sorted {
        e.text(name);
        describe_type(protocol, &field.ty, inside, e);
    }
}

fn describe_type<'p>(protocol: &'p Protocol, ty: &'p Type, inside: &mut Vec<&'p str>, e: &mut Encoder) {
    match ty {
        Type::List(item) => {
            e.array(2);
            e.text("list");
            describe_type(protocol, item, inside, e);
        }
        Type::Map(key, value) => {
            e.array(3);
            e.text("map");
            describe_type(protocol, key, inside, e);
            describe_type(protocol, value, inside, e);
        }
        Type::Optional(inner) => {
            e.array(2);
            e.text("?");
            describe_type(protocol, inner, inside, e);
        }
        Type::Struct(name) => {
            e.array(3);
            e.text("struct");
            e.text(name);
            describe_struct(protocol, name, inside, e);
        }
        Type::Enum(name) => {
            e.array(3);
            e.text("enum");
            e.text(name);
            let values = protocol.enums.get(name).map(|e| e.values.keys().cloned().collect::<Vec<_>>());
            values.unwrap_or_default().encode(e);
        }
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
        | Type::Message(_)
        | Type::BlockPayload(_)
        | Type::Signed(_)
        | Type::Block(_)
        | Type::Segment
        | Type::View(_)
        | Type::ChainState
        | Type::Equivocation
        | Type::Secret(_)
        | Type::Rng
        | Type::Function(..)
        | Type::Exact(_)
        | Type::Decimal
        | Type::Null => e.text(&ty.to_string()),
    }
}
