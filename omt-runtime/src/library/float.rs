//! Floats: IEEE 754 binary64, round to nearest even; NaN and infinity are faults, −0 is 0 (LANGUAGE 5.3).

use crate::fault::FaultKind;

/// A float as the language has it: finite, 0 for −0.
pub fn float(value: f64) -> Result<f64, FaultKind> {
    // −0 + 0 is 0; every other value stays.
    if value.is_finite() { Ok(value + 0.0) } else { Err(FaultKind::NotANumber) }
}

/// `a + b`.
pub fn float_add(a: f64, b: f64) -> Result<f64, FaultKind> {
    float(a + b)
}

/// `a - b`.
pub fn float_sub(a: f64, b: f64) -> Result<f64, FaultKind> {
    float(a - b)
}

/// `a * b`.
pub fn float_mul(a: f64, b: f64) -> Result<f64, FaultKind> {
    float(a * b)
}

/// `a / b`.
pub fn float_div(a: f64, b: f64) -> Result<f64, FaultKind> {
    if b == 0.0 { Err(FaultKind::DivisionByZero) } else { float(a / b) }
}

/// `-a`.
pub fn float_neg(a: f64) -> Result<f64, FaultKind> {
    float(-a)
}

/// `ABS(a)`.
pub fn float_abs(a: f64) -> f64 {
    a.abs()
}

/// An integer as a float, where that is exact; elsewhere a fault.
pub fn int_to_float(value: i128) -> Result<f64, FaultKind> {
    let result = value as f64;
    // 2^127 is the one float that i128 values round to and that does not fit back.
    if result < 2f64.powi(127) && result as i128 == value { float(result) } else { Err(FaultKind::Overflow) }
}

/// A decimal parameter `digits / 10^scale` as the nearest float.
pub fn decimal_to_float(digits: i64, scale: u32) -> Result<f64, FaultKind> {
    // The standard library reads decimals correctly rounded; dividing would round twice.
    format!("{digits}e-{scale}").parse().map_err(|_| FaultKind::NotANumber).and_then(float)
}
