// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Paxos.

use super::messages::Promise;
use omt_runtime::typed::prelude::*;

/// More than half.
pub fn majority(members: &[PeerId]) -> Result<u64, Raised> {
    library::narrow_u64(
            library::add(
                    library::div_floor(i128::from(library::length(members)), 2)
                        .at(26, 12)?,
                    1,
                )
                .at(26, 12)?,
        )
        .at(26, 12)
}

/// How many come before this one; all of them if it is none of them.
pub fn position(members: &[PeerId], one: PeerId) -> Result<u64, Raised> {
    let mut before: i128 = 0;
    let mut is_found = false;
    for &member in members {
        if member == one {
            is_found = true;
        }
        if !is_found {
            before = library::add(before, 1).at(35, 39)?;
        }
    }
    library::narrow_u64(before).at(37, 12)
}

/// What has been accepted in the highest ballot of which these acceptors tell; what the proposer itself wants if none has accepted anything.
pub fn free_or_bound(promises: &[Promise], wanted: u64) -> Result<u64, Raised> {
    let mut highest: i128 = 0;
    let mut value = wanted;
    for promise in promises {
        if promise.accepted.is_some()
            && i128::from(promise.accepted.as_ref().needed().at(45, 41)?.ballot)
                > highest
        {
            highest = i128::from(promise.accepted.as_ref().needed().at(46, 23)?.ballot);
            value = promise.accepted.as_ref().needed().at(47, 21)?.value;
        }
    }
    Ok(value)
}
