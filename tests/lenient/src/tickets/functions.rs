// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Tickets.

use super::parameters::SEATS;

/// `FREE`.
pub fn free(count: u64, sold: u64) -> bool {
    i128::from(count) + i128::from(sold) <= i128::from(SEATS)
}
