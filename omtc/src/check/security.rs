//! Checks of what a dishonest party could do (LANGUAGE 5.7). Codes S07xx.

use super::Check;

/// Ascending.
pub const CHECKS: &[Check] = &[];
