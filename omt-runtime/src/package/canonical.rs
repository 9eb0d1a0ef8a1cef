//! Canonical CBOR of whatever serde can describe, and of the part of it that is behaviour.
//!
//! Records and maps are one thing to CBOR. They are two to serde, and the rule of the hash needs the difference: a
//! *field* called `meta` of a structure of the IR is left out of the protocol id, a message field, a struct or a state
//! that somebody has named `meta` is not.

use crate::wire::Encoder;
use serde::ser::{self, Serialize};
use std::fmt;

/// Field of the IR's structures that the protocol id does not cover.
const META: &str = "meta";

/// Which part of a value is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// Without structure fields called `meta`, at any depth.
    Behaviour,
}

/// RFC 8949 core deterministic CBOR (4.2.1): shortest forms, definite lengths, keys in bytewise order.
pub(super) fn encode<T: Serialize>(value: &T, part: Part) -> Result<Vec<u8>, EncodeError> {
    let mut out = Encoder::new();
    value.serialize(Canonical { out: &mut out, part })?;
    Ok(out.into_bytes())
}

/// A value that has no place in a package.
#[derive(Debug)]
pub(super) struct EncodeError(String);

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EncodeError {}

impl ser::Error for EncodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        EncodeError(message.to_string())
    }
}

struct Canonical<'e> {
    out: &'e mut Encoder,
    part: Part,
}

/// Items of an array or entries of a map, encoded one by one: their number is known, and their order decided, at the
/// end.
struct Container<'e> {
    out: &'e mut Encoder,
    part: Part,
    /// Name of the variant that the container is the content of.
    variant: Option<&'static str>,
    items: Vec<Vec<u8>>,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<'e> Canonical<'e> {
    fn container(self, variant: Option<&'static str>) -> Container<'e> {
        Container { out: self.out, part: self.part, variant, items: Vec::new(), entries: Vec::new() }
    }
}

impl Container<'_> {
    fn begin(&mut self) {
        if let Some(variant) = self.variant {
            self.out.map(1);
            self.out.text(variant);
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let mut out = Encoder::new();
        value.serialize(Canonical { out: &mut out, part: self.part })?;
        self.items.push(out.into_bytes());
        Ok(())
    }

    fn end_array(mut self) {
        self.begin();
        self.out.array(self.items.len());
        for item in &self.items {
            self.out.raw(item);
        }
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), EncodeError> {
        if name == META && self.part == Part::Behaviour {
            return Ok(());
        }
        self.entry(name, value)
    }

    fn entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.item(key)?;
        self.item(value)?;
        if let (Some(value), Some(key)) = (self.items.pop(), self.items.pop()) {
            self.entries.push((key, value));
        }
        Ok(())
    }

    fn end_map(mut self) {
        self.begin();
        self.entries.sort();
        self.out.map(self.entries.len());
        for (key, value) in &self.entries {
            self.out.raw(key);
            self.out.raw(value);
        }
    }
}

impl<'e> ser::Serializer for Canonical<'e> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Container<'e>;
    type SerializeTuple = Container<'e>;
    type SerializeTupleStruct = Container<'e>;
    type SerializeTupleVariant = Container<'e>;
    type SerializeMap = Container<'e>;
    type SerializeStruct = Container<'e>;
    type SerializeStructVariant = Container<'e>;

    fn is_human_readable(&self) -> bool {
        false
    }
    fn serialize_bool(self, value: bool) -> Result<(), EncodeError> {
        self.out.bool(value);
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_i128(self, value: i128) -> Result<(), EncodeError> {
        self.out.i128(value);
        Ok(())
    }
    fn serialize_u8(self, value: u8) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<(), EncodeError> {
        self.serialize_i128(value.into())
    }
    fn serialize_f32(self, value: f32) -> Result<(), EncodeError> {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Result<(), EncodeError> {
        if !value.is_finite() {
            return Err(EncodeError("a float that is not finite".to_owned()));
        }
        self.out.f64(value);
        Ok(())
    }
    fn serialize_char(self, value: char) -> Result<(), EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Result<(), EncodeError> {
        self.out.text(value);
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), EncodeError> {
        self.out.bytes(value);
        Ok(())
    }
    fn serialize_none(self) -> Result<(), EncodeError> {
        self.out.null();
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), EncodeError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), EncodeError> {
        self.out.null();
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), EncodeError> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), EncodeError> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.out.map(1);
        self.out.text(variant);
        value.serialize(self)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(None))
    }
    fn serialize_tuple(self, _: usize) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(None))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(None))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(Some(variant)))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(None))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(None))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Container<'e>, EncodeError> {
        Ok(self.container(Some(variant)))
    }
}

impl ser::SerializeSeq for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.item(value)
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_array();
        Ok(())
    }
}

impl ser::SerializeTuple for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.item(value)
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_array();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.item(value)
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_array();
        Ok(())
    }
}

impl ser::SerializeTupleVariant for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.item(value)
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_array();
        Ok(())
    }
}

impl ser::SerializeMap for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.item(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.item(value)?;
        if let (Some(value), Some(key)) = (self.items.pop(), self.items.pop()) {
            self.entries.push((key, value));
        }
        Ok(())
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_map();
        Ok(())
    }
}

impl ser::SerializeStruct for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.field(name, value)
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_map();
        Ok(())
    }
}

impl ser::SerializeStructVariant for Container<'_> {
    type Ok = ();
    type Error = EncodeError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.field(name, value)
    }
    fn end(self) -> Result<(), EncodeError> {
        self.end_map();
        Ok(())
    }
}
