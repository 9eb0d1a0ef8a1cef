//! Checks of one machine (LANGUAGE 5.5): states, exits, guards, time limits. Codes E045x and W045x–W047x.

use super::Check;

mod auto_cycle;
mod auto_on_world;
mod guard_effect;
mod never_fires;
mod no_end;
mod one_peer;
mod stuck;
mod unreachable;
mod waits_forever;

/// Errors first, each range ascending.
pub const CHECKS: &[Check] = &[
    stuck::CHECK,
    one_peer::CHECK,
    auto_cycle::CHECK,
    auto_on_world::CHECK,
    guard_effect::CHECK,
    unreachable::CHECK,
    waits_forever::CHECK,
    never_fires::CHECK,
    no_end::CHECK,
];
