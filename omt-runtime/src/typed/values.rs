//! Values that only generated code has.

use crate::fault::FaultKind;
use crate::wire::{Decoder, Encoder, Wire, WireError};
use std::cmp::Ordering;
use std::fmt;

/// The type `secret<T>`: stored and passed on, hashed and compared, and never shown.
#[derive(Clone, PartialEq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Secret(value)
    }

    /// `REVEAL(x)`: the one way out.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Wire> Wire for Secret<T> {
    const ORDER_IS_BYTES: bool = T::ORDER_IS_BYTES;

    fn encode(&self, encoder: &mut Encoder) {
        self.0.encode(encoder);
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        T::decode(decoder).map(Secret)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.0.order(&other.0)
    }
}

/// An exact decimal: a parameter such as `0.67`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    scale: u32,
}

impl Decimal {
    /// `digits / 10^scale`.
    pub const fn new(digits: i64, scale: u32) -> Self {
        Decimal { digits, scale }
    }

    /// How `numerator / denominator` compares with it, exactly.
    ///
    /// # Errors
    /// The denominator is 0.
    pub fn compare_with_quotient(self, numerator: i128, denominator: i128) -> Result<Ordering, FaultKind> {
        crate::library::compare_fraction(numerator, denominator, self.digits, self.scale)
    }

    /// The nearest float.
    ///
    /// # Errors
    /// Never for a parameter of a checked package.
    pub fn to_float(self) -> Result<f64, FaultKind> {
        crate::library::decimal_to_float(self.digits, self.scale)
    }
}
