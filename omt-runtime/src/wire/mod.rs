//! The one encoding of everything that is sent, stored, hashed or signed: RFC 8949 CBOR in its core deterministic
//! form (section 4.2.1).
//!
//! | value | on the wire |
//! |---|---|
//! | `uint`, `int`, `timestamp`, `duration` | integer, in as few bytes as it needs |
//! | `float` | the shortest of binary16/32/64 that keeps the value; no NaN, no infinity, no −0 |
//! | `string`, an enum value (its name) | text, UTF-8, definite length |
//! | `bytes`, `hash`, `peer_id`, `signature` | byte string |
//! | `list<T>` | array, definite length |
//! | `map<K, V>` | map, keys in bytewise order of their encoding, none twice |
//! | struct, message, block | map by field name; every field, no other; an unset `T?` is null |
//!
//! No tags, no indefinite lengths, no `undefined`. So a value has exactly one encoding, and bytes can be compared,
//! hashed and signed in place of values. [`check`] decides whether bytes are of that form; [`from_bytes`] checks
//! and decodes; [`to_bytes`] encodes.
//!
//! ```
//! use omt_runtime::{wire, wire_record};
//!
//! #[derive(Debug, PartialEq)]
//! struct Offer { price: u64, note: Option<String> }
//! wire_record!(Offer { price, note });
//!
//! let bytes = wire::to_bytes(&Offer { price: 5, note: None });
//! assert_eq!(wire::from_bytes::<Offer>(&bytes), Ok(Offer { price: 5, note: None }));
//! ```

mod decode;
mod encode;
mod error;
mod float;
mod impls;
mod record;
mod scan;
mod typed;

use std::cmp::Ordering;

pub use decode::Decoder;
pub use encode::Encoder;
pub use error::{Reason, WireError};
pub use impls::Bytes;
pub use record::{Record, canonical_names, name_order, sort_fields};
pub use scan::{Limits, check};
pub use typed::{Types, struct_fields_hash};

/// Bytes of the largest message, argument list, snapshot: what a peer must buffer before it can refuse. (LANGUAGE 6.2)
pub const SIZE_MAX: usize = 1024 * 1024;

/// Arrays and maps inside each other. Enough for every declared type; recursion over input stays shallow. (LANGUAGE 6.2)
pub const NEST_DEPTH_MAX: usize = 32;

/// Elements of one array, entries of one map. (LANGUAGE 6.2)
pub const ELEMENT_COUNT_MAX: usize = 65_536;

/// A value that has a canonical encoding.
///
/// Generated types implement it with [`wire_record!`](crate::wire_record) and [`wire_enum!`](crate::wire_enum).
pub trait Wire: Sized {
    /// Whether [`Wire::order`] is the order of the encodings. False for integers alone (and what wraps them), whose
    /// negative values CBOR sorts after the others.
    const ORDER_IS_BYTES: bool = true;

    /// Appends the encoding of the value.
    fn encode(&self, encoder: &mut Encoder);

    /// Reads one value. The form is not checked here beyond what keeps decoding safe: use [`from_bytes`].
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError>;

    /// The order of map keys and of `SORT`: integers by value, everything else by canonical bytes.
    fn order(&self, other: &Self) -> Ordering {
        to_bytes(self).cmp(&to_bytes(other))
    }
}

/// The canonical encoding of a value.
pub fn to_bytes<T: Wire>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::new();
    value.encode(&mut encoder);
    encoder.into_bytes()
}

/// Decodes exactly one value from bytes that must be canonical and within the limits of a message.
pub fn from_bytes<T: Wire>(bytes: &[u8]) -> Result<T, WireError> {
    check(bytes, &Limits::MESSAGE)?;
    decode_checked(bytes)
}

/// Decodes exactly one value from bytes that [`check`] has accepted already. On other bytes it is safe, but may
/// accept what is not canonical.
pub fn decode_checked<T: Wire>(bytes: &[u8]) -> Result<T, WireError> {
    let mut decoder = Decoder::new(bytes);
    let value = T::decode(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod typed_tests;
