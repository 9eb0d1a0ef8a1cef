// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Workbench.

use omt_runtime::typed::prelude::*;

/// How long an answer may take.
///
/// As written: 30 seconds, in microseconds.
pub const WAIT: i64 = 30_000_000;

/// How often the bench looks around.
///
/// As written: 5 seconds, in microseconds.
pub const TICK: i64 = 5_000_000;

/// What counts as most.
///
/// As written: 0.67 fraction.
pub const SHARE: Decimal = Decimal::new(67, 2);

/// Tools on the bench.
///
/// As written: 3 count.
pub const ROOM: u64 = 3;

/// `GREETING`.
///
/// As written: hello.
pub const GREETING: &str = "hello";

/// `BELOW`.
///
/// As written: -7.
pub const BELOW: i64 = -7;
