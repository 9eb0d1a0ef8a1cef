//! Exact integers: 128 bits while computing, checked against their type where they are kept (LANGUAGE 5.3).

use std::cmp::Ordering;

use crate::fault::FaultKind;

/// `a + b`.
pub fn add(a: i128, b: i128) -> Result<i128, FaultKind> {
    a.checked_add(b).ok_or(FaultKind::Overflow)
}

/// `a - b`.
pub fn sub(a: i128, b: i128) -> Result<i128, FaultKind> {
    a.checked_sub(b).ok_or(FaultKind::Overflow)
}

/// `a * b`.
pub fn mul(a: i128, b: i128) -> Result<i128, FaultKind> {
    a.checked_mul(b).ok_or(FaultKind::Overflow)
}

/// `-a`.
pub fn neg(a: i128) -> Result<i128, FaultKind> {
    a.checked_neg().ok_or(FaultKind::Overflow)
}

/// `a // b`: the quotient, rounded down.
pub fn div_floor(a: i128, b: i128) -> Result<i128, FaultKind> {
    if b == 0 {
        return Err(FaultKind::DivisionByZero);
    }
    let quotient = a.checked_div(b).ok_or(FaultKind::Overflow)?;
    // Rust rounds towards zero. `a % b` cannot overflow here, since `a / b` did not.
    let inexact = a % b != 0;
    Ok(if inexact && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// `a % b`: what `//` leaves; it has the sign of `b`.
pub fn rem_floor(a: i128, b: i128) -> Result<i128, FaultKind> {
    if b == 0 {
        return Err(FaultKind::DivisionByZero);
    }
    // The one overflow of division, i128::MIN // −1, has remainder 0.
    let remainder = a.checked_rem(b).unwrap_or(0);
    Ok(if remainder != 0 && (remainder < 0) != (b < 0) { remainder + b } else { remainder })
}

/// An exact integer as `uint`.
pub fn narrow_u64(value: i128) -> Result<u64, FaultKind> {
    u64::try_from(value).map_err(|_| FaultKind::Overflow)
}

/// An exact integer as `int`, `timestamp` or `duration`.
pub fn narrow_i64(value: i128) -> Result<i64, FaultKind> {
    i64::try_from(value).map_err(|_| FaultKind::Overflow)
}

/// `ABS(a)`.
pub fn abs(a: i128) -> Result<i128, FaultKind> {
    a.checked_abs().ok_or(FaultKind::Overflow)
}

/// `MIN(a, b)`, of exact integers or floats; `MIN` of more is a fold.
pub fn min<T: PartialOrd>(a: T, b: T) -> T {
    if b < a { b } else { a }
}

/// `MAX(a, b)`, of exact integers or floats; `MAX` of more is a fold.
pub fn max<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

/// `CLAMP(x, low, high)`: `MAX(low, MIN(x, high))`, so `low` wins when the bounds are crossed.
pub fn clamp<T: PartialOrd>(x: T, low: T, high: T) -> T {
    max(low, min(x, high))
}

/// `SUM` of integers.
pub fn sum(values: impl IntoIterator<Item = i128>) -> Result<i128, FaultKind> {
    values.into_iter().try_fold(0, add)
}

/// `SUM` of floats, left to right.
pub fn sum_floats(values: impl IntoIterator<Item = f64>) -> Result<f64, FaultKind> {
    values.into_iter().try_fold(0.0, super::float_add)
}

/// `numerator / denominator` compared with `digits / 10^scale`, exactly. A zero denominator is a fault.
///
/// ```
/// # use omt_runtime::library::compare_fraction;
/// use std::cmp::Ordering;
/// // 2 of 3 against 0.67
/// assert_eq!(compare_fraction(2, 3, 67, 2), Ok(Ordering::Less));
/// ```
pub fn compare_fraction(
    numerator: i128,
    denominator: i128,
    digits: i64,
    scale: u32,
) -> Result<Ordering, FaultKind> {
    if denominator == 0 {
        return Err(FaultKind::DivisionByZero);
    }
    // n / d ? p / q, where q > 0: compare whole parts, then n' * q with p' * d, whose factors are small enough not to
    // be limited by what the parties put in: |n'| < |d|, 0 ≤ p' < q ≤ 10^18.
    let scale_overflows = FaultKind::Overflow;
    let q = 10i128.checked_pow(scale).ok_or(scale_overflows)?;
    let p = i128::from(digits);
    let whole = div_floor(numerator, denominator)?.cmp(&div_floor(p, q)?);
    if whole != Ordering::Equal {
        return Ok(whole);
    }
    let (n_rest, p_rest) = (rem_floor(numerator, denominator)?, rem_floor(p, q)?);
    // Both rests are fractions in [0, 1): n_rest / d with the sign of d on both, and p_rest / q.
    let left = wide_mul(n_rest.unsigned_abs(), q.unsigned_abs());
    let right = wide_mul(p_rest.unsigned_abs(), denominator.unsigned_abs());
    Ok(left.cmp(&right))
}

/// The 256-bit product, high part first, so that it compares as a pair.
fn wide_mul(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low, b_high, b_low) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let low = a_low * b_low;
    let (cross, cross_carry) = (a_high * b_low).overflowing_add(a_low * b_high);
    let (low, low_carry) = low.overflowing_add(cross << 64);
    let high = a_high * b_high + (cross >> 64) + (u128::from(cross_carry) << 64) + u128::from(low_carry);
    (high, low)
}
