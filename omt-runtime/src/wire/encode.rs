//! Writing canonical CBOR.

use super::{Wire, float};

/// Writes canonical CBOR into memory. Writing cannot fail.
#[derive(Debug)]
pub struct Encoder(minicbor::Encoder<Vec<u8>>);

impl Default for Encoder {
    fn default() -> Self {
        Encoder::new()
    }
}

// minicbor reports what its writer reports, and writing to a `Vec` reports nothing.
impl Encoder {
    /// An empty encoder.
    pub fn new() -> Self {
        Encoder(minicbor::Encoder::new(Vec::new()))
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_writer()
    }

    /// An unsigned integer.
    pub fn u64(&mut self, value: u64) {
        let _infallible = self.0.u64(value);
    }

    /// A signed integer.
    pub fn i64(&mut self, value: i64) {
        let _infallible = self.0.i64(value);
    }

    /// Any integer. Beyond −2^64 … 2^64−1 it becomes a big number (RFC 8949, 3.4.3), which hashes well but which
    /// no declared type accepts from the wire.
    pub fn i128(&mut self, value: i128) {
        if let Ok(value) = u64::try_from(value) {
            self.u64(value);
        } else if let Ok(value) = i64::try_from(value) {
            self.i64(value);
        } else {
            let _infallible = self.0.i128(value);
        }
    }

    /// A float, in the shortest form that keeps its value; −0 as 0.
    pub fn f64(&mut self, value: f64) {
        match float::shortest(value) {
            float::Shortest::Half(bits) => {
                let [high, low] = bits.to_be_bytes();
                self.raw(&[0xf9, high, low]);
            }
            float::Shortest::Single(value) => {
                let _infallible = self.0.f32(value);
            }
            float::Shortest::Double(value) => {
                let _infallible = self.0.f64(value);
            }
        }
    }

    /// A truth value.
    pub fn bool(&mut self, value: bool) {
        let _infallible = self.0.bool(value);
    }

    /// Null.
    pub fn null(&mut self) {
        let _infallible = self.0.null();
    }

    /// A text.
    pub fn text(&mut self, value: &str) {
        let _infallible = self.0.str(value);
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        let _infallible = self.0.bytes(value);
    }

    /// The head of an array; that many values must follow.
    pub fn array(&mut self, len: usize) {
        let _infallible = self.0.array(len as u64);
    }

    /// The head of a map; that many pairs must follow, keys in canonical order.
    pub fn map(&mut self, len: usize) {
        let _infallible = self.0.map(len as u64);
    }

    /// One value.
    pub fn value<T: Wire>(&mut self, value: &T) {
        value.encode(self);
    }

    /// Bytes that are the encoding of a value already.
    pub fn raw(&mut self, encoded: &[u8]) {
        self.0.writer_mut().extend_from_slice(encoded);
    }
}
