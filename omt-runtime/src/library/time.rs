//! Time: integer microseconds since 1970-01-01T00:00:00Z, without leap seconds.

use crate::fault::FaultKind;

/// Microseconds of a second.
pub const MICROS_PER_SECOND: i128 = 1_000_000;

/// Microseconds of a day.
pub const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;

/// `DAY(t)`: number of the calendar day (UTC), from 1970-01-01. An instant before that has none: a fault.
pub fn day(instant: i64) -> Result<u64, FaultKind> {
    super::narrow_u64(super::div_floor(instant.into(), MICROS_PER_DAY)?)
}

/// `SECONDS(d)`: whole seconds, rounded down.
pub fn seconds(duration: i64) -> i64 {
    duration.div_euclid(1_000_000)
}
