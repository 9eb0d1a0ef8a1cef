//! The library of the language (LANGUAGE 7) as typed Rust functions: what generated code calls, and what the
//! interpreter calls with [`crate::value::Value`]s, so that both mean the same.
//!
//! Integers come in as 128-bit values and go out through [`narrow_u64`] or [`narrow_i64`] where they are stored,
//! sent, passed or returned. Whatever can fail gives a [`FaultKind`](crate::fault::FaultKind); functions that take
//! a lambda are generic over its error, so that a fault inside keeps its position.

mod float;
mod integer;
mod list;
mod map;
mod rng;
mod text;
mod time;

pub use float::{
    decimal_to_float, float, float_abs, float_add, float_div, float_mul, float_neg, float_sub, int_to_float,
};
pub use integer::{
    abs, add, clamp, compare_fraction, div_floor, max, min, mul, narrow_i64, narrow_u64, neg, rem_floor, sub,
    sum, sum_floats,
};
pub use list::{
    all, any, concat, contains, count, filter, find, index, index_mut, length, length_map, length_text, map,
    reduce, sort, sort_by, unique,
};
pub use map::{entry, entry_mut, get, get_or, has_key, keys, values, with, without};
pub use rng::SeededRng;
pub use text::{ToText, concat_text, to_string};
pub use time::{MICROS_PER_DAY, MICROS_PER_SECOND, day, seconds};

use crate::fault::FaultKind;

/// The value of a `T?` where a value is needed: null is a fault.
pub fn some<T>(value: Option<T>) -> Result<T, FaultKind> {
    value.ok_or(FaultKind::Null)
}

#[cfg(test)]
mod tests;
