//! Wire forms of the types that every protocol has.

use std::cmp::Ordering;
use std::ops::Deref;
use std::sync::Arc;

use super::record::name_order;
use super::{Decoder, Encoder, Wire, WireError};
use crate::id::{Hash, PeerId, Signature};

/// The type `bytes`: a byte string. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Arc<[u8]>);

impl Default for Bytes {
    fn default() -> Self {
        Bytes(Arc::from([]))
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes.into())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.into())
    }
}

impl Wire for u64 {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u64(*self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.u64()
    }
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Wire for i64 {
    const ORDER_IS_BYTES: bool = false;
    fn encode(&self, encoder: &mut Encoder) {
        encoder.i64(*self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.i64()
    }
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

/// An exact integer, as `HASH` and `SORT` see it; no declared type is one.
impl Wire for i128 {
    const ORDER_IS_BYTES: bool = false;
    fn encode(&self, encoder: &mut Encoder) {
        encoder.i128(*self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.integer()
    }
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Wire for f64 {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.f64(*self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.f64()
    }
}

impl Wire for bool {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.bool(*self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.bool()
    }
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Wire for String {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.text(self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.text().map(str::to_owned)
    }
    fn order(&self, other: &Self) -> Ordering {
        name_order(self, other)
    }
}

impl Wire for Arc<str> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.text(self);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.text().map(Arc::from)
    }
    fn order(&self, other: &Self) -> Ordering {
        name_order(self, other)
    }
}

impl Wire for Bytes {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.0);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.bytes().map(Bytes::from)
    }
    fn order(&self, other: &Self) -> Ordering {
        (self.len(), &self.0).cmp(&(other.len(), &other.0))
    }
}

macro_rules! fixed_bytes {
    ($($type:ident),*) => {$(
        impl Wire for $type {
            fn encode(&self, encoder: &mut Encoder) {
                encoder.bytes(&self.0);
            }
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
                decoder.fixed().map($type)
            }
            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }
        }
    )*};
}
fixed_bytes!(Hash, PeerId, Signature);

impl<T: Wire> Wire for Vec<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.array(self.len());
        for value in self {
            value.encode(encoder);
        }
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.array(|d, len| {
            // An element may be large in memory and one byte on the wire: reserve little, grow as they come.
            let mut list = Vec::with_capacity(d.capacity(len).min(1024));
            for _ in 0..len {
                list.push(T::decode(d)?);
            }
            Ok(list)
        })
    }
}

impl<T: Wire> Wire for Option<T> {
    const ORDER_IS_BYTES: bool = T::ORDER_IS_BYTES;
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Some(value) => value.encode(encoder),
            None => encoder.null(),
        }
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        if decoder.null()? { Ok(None) } else { T::decode(decoder).map(Some) }
    }
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(a), Some(b)) => a.order(b),
            _ => super::to_bytes(self).cmp(&super::to_bytes(other)),
        }
    }
}

impl<T: Wire> Wire for Box<T> {
    const ORDER_IS_BYTES: bool = T::ORDER_IS_BYTES;
    fn encode(&self, encoder: &mut Encoder) {
        (**self).encode(encoder);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        T::decode(decoder).map(Box::new)
    }
    fn order(&self, other: &Self) -> Ordering {
        (**self).order(other)
    }
}

impl<T: Wire> Wire for Arc<T> {
    const ORDER_IS_BYTES: bool = T::ORDER_IS_BYTES;
    fn encode(&self, encoder: &mut Encoder) {
        (**self).encode(encoder);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        T::decode(decoder).map(Arc::new)
    }
    fn order(&self, other: &Self) -> Ordering {
        (**self).order(other)
    }
}

/// The payload of nothing: no fields.
impl Wire for () {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.map(0);
    }
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.record(|_, _| Ok(false))
    }
}

/// An argument list: an array of values of several types.
macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        impl<$($name: Wire),+> Wire for ($($name,)+) {
            fn encode(&self, encoder: &mut Encoder) {
                encoder.array([$($index),+].len());
                $(self.$index.encode(encoder);)+
            }
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
                decoder.array(|d, len| {
                    if len != [$($index),+].len() {
                        return Err(d.error(super::Reason::Expected("another number of values")));
                    }
                    Ok(($($name::decode(d)?,)+))
                })
            }
        }
    )*};
}
tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
