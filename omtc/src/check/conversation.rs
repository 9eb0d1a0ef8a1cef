//! Checks of what the parties say to each other (LANGUAGE 5.6): messages, payloads, blocks. Codes E055x and W055x–W057x.

use super::Check;

mod unhandled;
mod unsent;

/// Errors first, each range ascending.
pub const CHECKS: &[Check] = &[unsent::CHECK, unhandled::CHECK];
