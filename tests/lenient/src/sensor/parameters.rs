// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Sensor.

use omt_runtime::typed::prelude::*;

/// `WAIT`.
///
/// As written: 20 seconds, in microseconds.
pub const WAIT: i64 = 20_000_000;

/// `SHARE`.
///
/// As written: 0.5 fraction.
pub const SHARE: Decimal = Decimal::new(5, 1);
