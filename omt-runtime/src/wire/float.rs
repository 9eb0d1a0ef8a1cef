//! Shortest floats (RFC 8949, 4.2.1 and 4.1): the narrowest of binary16, binary32, binary64 that keeps the value.

/// The shortest form of a float.
pub(super) enum Shortest {
    /// Bits of a binary16.
    Half(u16),
    /// A binary32.
    Single(f32),
    /// A binary64.
    Double(f64),
}

/// The shortest form that keeps the value; −0 is 0, and every NaN is the one that RFC 8949 calls canonical.
pub(super) fn shortest(value: f64) -> Shortest {
    if value.is_nan() {
        return Shortest::Half(0x7e00);
    }
    // −0 == 0, so this is the case of both.
    if value == 0.0 {
        return Shortest::Half(0);
    }
    let single = value as f32;
    if f64::from(single) != value {
        return Shortest::Double(value);
    }
    match half_from_single(single) {
        Some(bits) => Shortest::Half(bits),
        None => Shortest::Single(single),
    }
}

/// The binary16 of the same value, if there is one.
fn half_from_single(value: f32) -> Option<u16> {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let exponent = ((bits >> 23) & 0xff) as i32;
    let mantissa = bits & 0x007f_ffff;
    if exponent == 0xff {
        return (mantissa == 0).then_some(sign | 0x7c00);
    }
    // Unbiased exponent of a normal binary32; its subnormals are far below what binary16 can hold.
    let unbiased = exponent - 127;
    if (-14..=15).contains(&unbiased) {
        let fits = mantissa & 0x1fff == 0;
        return fits.then_some(sign | (((unbiased + 15) as u16) << 10) | ((mantissa >> 13) as u16));
    }
    if (-24..-14).contains(&unbiased) {
        // A subnormal binary16 counts units of 2^-24.
        let significand = mantissa | 0x0080_0000;
        let shift = (-unbiased - 1) as u32;
        let fits = significand & ((1 << shift) - 1) == 0;
        return fits.then_some(sign | (significand >> shift) as u16);
    }
    None
}

/// The value of a binary16.
pub(super) fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let mantissa = f64::from(bits & 0x03ff);
    match exponent {
        0 => sign * mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_its_own_shortest_form() {
        for bits in 0..=u16::MAX {
            let value = from_half(bits);
            if value.is_nan() || bits == 0x8000 {
                continue;
            }
            assert!(matches!(shortest(value), Shortest::Half(back) if back == bits), "{bits:#x}");
        }
    }
}
