//! Checks of one machine (LANGUAGE 5.5): states, exits, guards, time limits. Codes E045x and W045x–W047x.

use super::Check;

mod auto_cycle;
mod auto_on_world;
mod constant;
mod deadline;
mod entry;
mod gap;
mod guard_effect;
mod guards;
mod late_limit;
mod never_fires;
mod never_waits;
mod no_end;
mod one_peer;
mod over_at_once;
mod overlap;
mod rearmed;
mod stuck;
mod task_gap;
mod task_lost;
mod trigger_refused;
mod unreachable;
mod waits_forever;

pub(super) use never_fires::branches as never_taken;

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
    constant::CHECK,
    gap::CHECK,
    overlap::CHECK,
    never_waits::CHECK,
    rearmed::CHECK,
    over_at_once::CHECK,
    late_limit::CHECK,
    trigger_refused::CHECK,
    task_lost::CHECK,
    task_gap::CHECK,
];
