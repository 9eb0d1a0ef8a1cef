//! Why bytes are refused.

/// Bytes that are refused, with the place and the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {reason}")]
pub struct WireError {
    /// Offset of the item at fault, from the start of the bytes that were given.
    pub at: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

impl WireError {
    /// An error at an offset.
    pub fn new(at: usize, reason: Reason) -> Self {
        WireError { at, reason }
    }
}

/// What is wrong with bytes from the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More bytes than a message may have.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// Arrays and maps nested deeper than the limit.
    #[error("nested deeper than {0}")]
    TooDeep(usize),
    /// An array or map with more elements than the limit.
    #[error("more than {0} elements")]
    TooManyElements(usize),
    /// The bytes end inside an item.
    #[error("the bytes end inside a value")]
    Truncated,
    /// Bytes after the value.
    #[error("bytes follow the value")]
    Trailing,
    /// An initial byte that RFC 8949 reserves.
    #[error("not well-formed CBOR")]
    Malformed,
    /// An integer or a length in more bytes than it needs.
    #[error("a number in more bytes than it needs")]
    NotShortest,
    /// An array, map or string of indefinite length.
    #[error("indefinite length")]
    Indefinite,
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8")]
    Utf8,
    /// A tag.
    #[error("tags are not used")]
    Tag,
    /// A simple value other than `false`, `true` and `null`.
    #[error("a simple value that is not used")]
    Simple,
    /// NaN or infinity.
    #[error("not a finite number")]
    NotFinite,
    /// −0, which is written as 0.
    #[error("negative zero")]
    NegativeZero,
    /// Map keys out of order.
    #[error("map keys out of order")]
    KeyOrder,
    /// A map key that occurs twice.
    #[error("a map key occurs twice")]
    DuplicateKey,
    /// Another type of value than the declared one.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A byte string of another length than its type has.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// Bytes that the type has.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// An integer outside its type.
    #[error("the number does not fit its type")]
    Range,
    /// A record without one of its fields.
    #[error("field `{0}` is missing")]
    MissingField(String),
    /// A record with a field that its type does not have.
    #[error("unknown field `{0}`")]
    UnknownField(String),
    /// A text that is no value of the enum.
    #[error("`{0}` is not a value of the enum")]
    UnknownVariant(String),
    /// The payload of a message or block inside, which is at fault at an offset of its own.
    #[error("payload: {0}")]
    Payload(Box<WireError>),
    /// A well-typed value that breaks a rule of its type: a link, a signature, a hash.
    #[error("{0}")]
    Invalid(String),
}
