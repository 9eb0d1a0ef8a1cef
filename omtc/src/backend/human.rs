//! Values of parameters as people say them: `604800 seconds` is 7 days.

use omt_runtime::ir::ParameterValue;

const MICROSECOND_UNITS: &[(i64, &str)] = &[
    (86_400_000_000, "day"),
    (3_600_000_000, "hour"),
    (60_000_000, "minute"),
    (1_000_000, "second"),
    (1_000, "millisecond"),
    (1, "microsecond"),
];

/// Numbers from which on digits are set off in groups of three.
const GROUPED_FROM: u64 = 10_000;

/// A duration in at most two units, exactly: `1 hour 30 minutes`; `None` when two do not suffice.
fn duration(microseconds: i64) -> Option<String> {
    if microseconds == 0 {
        return None;
    }
    let mut rest = microseconds.unsigned_abs();
    let mut parts = Vec::new();
    for (size, name) in MICROSECOND_UNITS {
        let count = rest / size.unsigned_abs();
        rest %= size.unsigned_abs();
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{} {name}{plural}", grouped(count)));
        }
    }
    if parts.len() > 2 {
        return None;
    }
    let sign = if microseconds < 0 { "−" } else { "" };
    Some(format!("{sign}{}", parts.join(" ")))
}

/// Digits in groups of three, if there are many.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if number < GROUPED_FROM {
        return digits;
    }
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && digits.len().saturating_sub(i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as per cent, without zeros that say nothing.
fn share(numerator: i64, scale: u32) -> String {
    let digits = format!("{numerator:0>width$}", width = (scale as usize).saturating_add(1));
    // Two places move from behind the point to before it.
    let behind = (scale as usize).saturating_sub(2);
    let padded = if scale < 2 {
        format!("{digits}{}", "0".repeat(2usize.saturating_sub(scale as usize)))
    } else {
        digits
    };
    let split = padded.len().saturating_sub(behind);
    let (whole, fraction) = padded.split_at_checked(split).unwrap_or((&padded, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{whole} %") } else { format!("{whole}.{fraction} %") }
}

/// A value as people say it, when that differs from how it is written (value and unit).
pub fn value(value: &ParameterValue, written: &str, unit: Option<&str>) -> Option<String> {
    let said = match value {
        ParameterValue::Duration(microseconds) => duration(*microseconds)?,
        ParameterValue::Uint(number) => {
            let unit =
                unit.filter(|unit| *unit != "count").map(|unit| format!(" {unit}")).unwrap_or_default();
            format!("{}{unit}", grouped(*number))
        }
        ParameterValue::Decimal { numerator, scale } if unit == Some("fraction") && *numerator >= 0 => {
            share(*numerator, *scale)
        }
        ParameterValue::Int(_) | ParameterValue::Decimal { .. } | ParameterValue::Text(_) => return None,
    };
    let as_written = match unit {
        Some(unit) if unit != "count" => format!("{written} {unit}"),
        _ => written.to_owned(),
    };
    let same = said == as_written || said.trim_end_matches('s') == as_written.trim_end_matches('s');
    (!same).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_the_largest_units() {
        let said = |seconds: i64| {
            value(&ParameterValue::Duration(seconds * 1_000_000), &seconds.to_string(), Some("seconds"))
        };
        assert_eq!(said(604_800).as_deref(), Some("7 days"));
        assert_eq!(said(5_400).as_deref(), Some("1 hour 30 minutes"));
        assert_eq!(said(5), None);
        assert_eq!(said(1), None);
        assert_eq!(said(90_061), None, "four units are no easier to read than seconds");
    }

    #[test]
    fn shares_are_per_cent() {
        let said =
            |numerator, scale| value(&ParameterValue::Decimal { numerator, scale }, "x", Some("fraction"));
        assert_eq!(said(67, 2).as_deref(), Some("67 %"));
        assert_eq!(said(5, 1).as_deref(), Some("50 %"));
        assert_eq!(said(1, 0).as_deref(), Some("100 %"));
        assert_eq!(said(125, 3).as_deref(), Some("12.5 %"));
        assert_eq!(said(1, 4).as_deref(), Some("0.01 %"));
        assert_eq!(said(0, 1).as_deref(), Some("0 %"));
    }

    #[test]
    fn large_numbers_have_groups() {
        let said = |n: u64, unit| value(&ParameterValue::Uint(n), &n.to_string(), unit);
        assert_eq!(said(1_000_000, Some("count")).as_deref(), Some("1,000,000"));
        assert_eq!(said(65_536, None).as_deref(), Some("65,536"));
        assert_eq!(said(9_999, Some("count")), None);
        assert_eq!(said(65_536, Some("bytes")).as_deref(), Some("65,536 bytes"));
    }
}
