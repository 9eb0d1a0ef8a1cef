//! Reading CBOR into types.

use minicbor::data::Type as Cbor;

use super::{ELEMENT_COUNT_MAX, NEST_DEPTH_MAX, Reason, Wire, WireError, float, record::name_order};

/// Reads CBOR from memory. Nothing is allocated before the bytes for it are there; nesting is limited.
#[derive(Debug)]
pub struct Decoder<'b> {
    inner: minicbor::Decoder<'b>,
    depth: usize,
}

impl<'b> Decoder<'b> {
    /// Reads from the start of the bytes.
    pub fn new(bytes: &'b [u8]) -> Self {
        Decoder { inner: minicbor::Decoder::new(bytes), depth: 0 }
    }

    /// Offset of the next item.
    pub fn at(&self) -> usize {
        self.inner.position()
    }

    /// An error at the next item.
    pub fn error(&self, reason: Reason) -> WireError {
        WireError::new(self.at(), reason)
    }

    /// Nothing may be left.
    pub fn finish(&self) -> Result<(), WireError> {
        if self.at() < self.inner.input().len() { Err(self.error(Reason::Trailing)) } else { Ok(()) }
    }

    /// What kind of item comes next.
    pub fn kind(&self) -> Result<Cbor, WireError> {
        self.inner.datatype().map_err(|error| self.convert(self.at(), &error, "a value"))
    }

    fn convert(&self, at: usize, error: &minicbor::decode::Error, expected: &'static str) -> WireError {
        let reason = if error.is_end_of_input() { Reason::Truncated } else { Reason::Expected(expected) };
        WireError::new(at, reason)
    }

    fn read<T>(
        &mut self,
        expected: &'static str,
        read: impl FnOnce(&mut minicbor::Decoder<'b>) -> Result<T, minicbor::decode::Error>,
    ) -> Result<T, WireError> {
        let at = self.at();
        read(&mut self.inner).map_err(|error| self.convert(at, &error, expected))
    }

    /// Any integer that CBOR has without tags.
    pub fn integer(&mut self) -> Result<i128, WireError> {
        self.read("an integer", |d| d.int().map(i128::from))
    }

    /// An integer of `uint`.
    pub fn u64(&mut self) -> Result<u64, WireError> {
        let at = self.at();
        u64::try_from(self.integer()?).map_err(|_| WireError::new(at, Reason::Range))
    }

    /// An integer of `int`, `timestamp` or `duration`.
    pub fn i64(&mut self) -> Result<i64, WireError> {
        let at = self.at();
        i64::try_from(self.integer()?).map_err(|_| WireError::new(at, Reason::Range))
    }

    /// A finite float of any width.
    pub fn f64(&mut self) -> Result<f64, WireError> {
        let at = self.at();
        let value = if self.kind()? == Cbor::F16 {
            let bytes: Option<[u8; 2]> =
                self.inner.input().get(at + 1..at + 3).and_then(|slice| slice.try_into().ok());
            let bytes = bytes.ok_or(WireError::new(at, Reason::Truncated))?;
            self.inner.set_position(at + 3);
            float::from_half(u16::from_be_bytes(bytes))
        } else {
            self.read("a float", minicbor::Decoder::f64)?
        };
        if !value.is_finite() {
            return Err(WireError::new(at, Reason::NotFinite));
        }
        // −0 + 0 is 0.
        Ok(value + 0.0)
    }

    /// A truth value.
    pub fn bool(&mut self) -> Result<bool, WireError> {
        self.read("true or false", minicbor::Decoder::bool)
    }

    /// Reads null if it is next.
    pub fn null(&mut self) -> Result<bool, WireError> {
        if self.kind()? != Cbor::Null {
            return Ok(false);
        }
        self.read("null", minicbor::Decoder::null).map(|()| true)
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'b str, WireError> {
        self.read("a text", minicbor::Decoder::str)
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'b [u8], WireError> {
        self.read("a byte string", minicbor::Decoder::bytes)
    }

    /// A byte string of a fixed length.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let at = self.at();
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| WireError::new(at, Reason::Length { expected: N, found: bytes.len() }))
    }

    /// An array: `body` gets the number of elements and must read them.
    pub fn array<T>(
        &mut self,
        body: impl FnOnce(&mut Self, usize) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let at = self.at();
        let len = self.read("a list", minicbor::Decoder::array)?;
        self.nested(at, len, body)
    }

    /// A map: `body` gets the number of entries and must read them.
    pub fn map<T>(
        &mut self,
        body: impl FnOnce(&mut Self, usize) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let at = self.at();
        let len = self.read("a map", minicbor::Decoder::map)?;
        self.nested(at, len, body)
    }

    fn nested<T>(
        &mut self,
        at: usize,
        len: Option<u64>,
        body: impl FnOnce(&mut Self, usize) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let len = len.ok_or(WireError::new(at, Reason::Indefinite))?;
        let len = usize::try_from(len)
            .ok()
            .filter(|len| *len <= ELEMENT_COUNT_MAX)
            .ok_or(WireError::new(at, Reason::TooManyElements(ELEMENT_COUNT_MAX)))?;
        if self.depth >= NEST_DEPTH_MAX {
            return Err(WireError::new(at, Reason::TooDeep(NEST_DEPTH_MAX)));
        }
        self.depth += 1;
        let result = body(self, len);
        self.depth -= 1;
        result
    }

    /// A record: `field` is called with each name in turn and must read the value, or say that it knows no such
    /// field. Names must come in canonical order, so none comes twice.
    pub fn record(
        &mut self,
        mut field: impl FnMut(&mut Self, &str) -> Result<bool, WireError>,
    ) -> Result<(), WireError> {
        self.map(|d, len| {
            let mut previous: Option<&str> = None;
            for _ in 0..len {
                let at = d.at();
                let name = d.text()?;
                if let Some(previous) = previous {
                    match name_order(previous, name) {
                        std::cmp::Ordering::Less => {}
                        std::cmp::Ordering::Equal => return Err(WireError::new(at, Reason::DuplicateKey)),
                        std::cmp::Ordering::Greater => return Err(WireError::new(at, Reason::KeyOrder)),
                    }
                }
                previous = Some(name);
                if !field(d, name)? {
                    return Err(WireError::new(at, Reason::UnknownField(name.to_owned())));
                }
            }
            Ok(())
        })
    }

    /// Reads a byte string that holds the encoding of a value. It must be canonical by itself, and its nesting counts
    /// together with what it is in, so that a message in a message in a message … ends. Errors are placed at `at`.
    pub fn embedded<T>(
        &self,
        at: usize,
        bytes: &[u8],
        body: impl FnOnce(&mut Decoder<'_>) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        // The innermost payload at fault is named, not the way to it; the limit of nesting is that of the whole.
        let place = |error: WireError| {
            let reason = if matches!(error.reason, Reason::TooDeep(_)) {
                Reason::TooDeep(NEST_DEPTH_MAX)
            } else if matches!(error.reason, Reason::Payload(_)) {
                error.reason
            } else {
                Reason::Payload(Box::new(error))
            };
            WireError::new(at, reason)
        };
        let nest_depth_max = NEST_DEPTH_MAX.saturating_sub(self.depth);
        super::check(bytes, &super::Limits { nest_depth_max, ..super::Limits::MESSAGE }).map_err(place)?;
        let mut inner = Decoder { inner: minicbor::Decoder::new(bytes), depth: self.depth };
        let value = body(&mut inner).map_err(place)?;
        inner.finish().map_err(place)?;
        Ok(value)
    }

    /// One value.
    pub fn value<T: Wire>(&mut self) -> Result<T, WireError> {
        T::decode(self)
    }

    /// Steps over one value of any type and gives its bytes.
    pub fn skip(&mut self) -> Result<&'b [u8], WireError> {
        let at = self.at();
        self.read("a value", minicbor::Decoder::skip)?;
        Ok(self.inner.input().get(at..self.at()).unwrap_or_default())
    }

    /// How much to allocate for that many elements: never more than the bytes that are left could hold.
    pub fn capacity(&self, len: usize) -> usize {
        len.min(self.inner.input().len().saturating_sub(self.at()))
    }
}
