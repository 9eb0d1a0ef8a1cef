//! Text.

use std::sync::Arc;

use crate::id::{Hash, PeerId, Signature};
use crate::value::{Map, Value};
use crate::wire::Bytes;

/// `a + b` of texts.
pub fn concat_text(a: &str, b: &str) -> String {
    [a, b].concat()
}

/// `TO_STRING(v)`.
pub fn to_string<T: ToText>(value: &T) -> String {
    let mut text = String::new();
    value.write(&mut text);
    text
}

/// What `TO_STRING` says of a value: numbers in decimal; a text, and the name of an enum value, as it is; a hash,
/// signature or byte string in hexadecimal; a peer id in its text form; `null`; `[a, b]`; `{key: value}`.
pub trait ToText {
    /// Appends the text.
    fn write(&self, text: &mut String);
}

macro_rules! by_display {
    ($($type:ty),*) => {$(
        impl ToText for $type {
            fn write(&self, text: &mut String) {
                text.push_str(&self.to_string());
            }
        }
    )*};
}
by_display!(u64, i64, i128, bool, String, Arc<str>, Hash, PeerId, Signature);

impl ToText for f64 {
    fn write(&self, text: &mut String) {
        // The shortest decimal that reads back, never with an exponent.
        text.push_str(&self.to_string());
    }
}

impl ToText for Bytes {
    fn write(&self, text: &mut String) {
        text.push_str(&data_encoding::HEXLOWER.encode(self));
    }
}

impl<T: ToText> ToText for Option<T> {
    fn write(&self, text: &mut String) {
        match self {
            Some(value) => value.write(text),
            None => text.push_str("null"),
        }
    }
}

impl<T: ToText> ToText for Vec<T> {
    fn write(&self, text: &mut String) {
        text.push('[');
        for (i, value) in self.iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            value.write(text);
        }
        text.push(']');
    }
}

impl<K: ToText, V: ToText> ToText for Map<K, V> {
    fn write(&self, text: &mut String) {
        write_entries(text, self.iter());
    }
}

fn write_entries<'v, K: ToText + 'v, V: ToText + 'v>(
    text: &mut String,
    entries: impl Iterator<Item = (&'v K, &'v V)>,
) {
    text.push('{');
    for (i, (key, value)) in entries.enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        key.write(text);
        text.push_str(": ");
        value.write(text);
    }
    text.push('}');
}

impl ToText for Value {
    fn write(&self, text: &mut String) {
        match self {
            Value::Null => text.push_str("null"),
            Value::Bool(value) => value.write(text),
            Value::Int(value) => value.write(text),
            Value::Float(value) => value.write(text),
            Value::Text(value) | Value::Enum(value) => text.push_str(value),
            Value::Bytes(value) => value.write(text),
            Value::Hash(value) => value.write(text),
            Value::Peer(value) => value.write(text),
            Value::Signature(value) => value.write(text),
            Value::List(list) => list.write(text),
            Value::Map(map) => map.write(text),
            Value::Record(record) => write_entries(text, record.iter()),
            Value::Block(block) => block.hash().write(text),
            Value::Signed(signed) => signed.envelope().id().write(text),
            Value::Segment(segment) => segment.head_hash().write(text),
            Value::Equivocation(proof) => proof.author().write(text),
            Value::Rng(_) => text.push_str("rng"),
        }
    }
}
