//! Checks of what the parties say to each other (LANGUAGE 5.6): messages, payloads, blocks. Codes E055x and W055x–W057x.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a check names the forms that it knows something about; of any other it says nothing"
)]

use super::Check;

mod crossed;
mod left_out;
mod left_over;
mod never_assigned;
mod nobody_plays;
mod older_value;
mod other_value;
mod overwritten;
mod race;
mod reads;
mod role_names;
mod roles;
mod same_branches;
mod session_id;
mod silent_sender;
mod slots;
mod stale;
mod timing;
mod unaddressed;
mod unappended;
mod uncounted;
mod unhandled;
mod unlike;
mod unproduced;
mod unread_field;
mod unread_store;
mod unsent;
mod unset;
mod weaker;
mod writes;
mod wrong_pair;
mod wrong_peer;

/// Errors first, each range ascending.
pub const CHECKS: &[Check] = &[
    unsent::CHECK,
    unhandled::CHECK,
    wrong_peer::CHECK,
    silent_sender::CHECK,
    unaddressed::CHECK,
    left_over::CHECK,
    stale::CHECK,
    race::CHECK,
    unread_field::CHECK,
    other_value::CHECK,
    older_value::CHECK,
    crossed::CHECK,
    wrong_pair::CHECK,
    unappended::CHECK,
    role_names::CHECK,
    unread_store::CHECK,
    overwritten::CHECK,
    never_assigned::CHECK,
    uncounted::CHECK,
    unset::CHECK,
    unproduced::CHECK,
    unlike::CHECK,
    nobody_plays::CHECK,
    left_out::CHECK,
    same_branches::CHECK,
    weaker::CHECK,
    session_id::CHECK,
];
