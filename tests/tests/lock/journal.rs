//! Journals that fail: before, during and after every commit of a whole lock, of every party. Whoever's journal failed
//! comes back on what is durable, and the lock ends as if nothing had happened.

use omerta_tests::executor::Executor;
use omerta_tests::faults::{Campaign, Point};

on_every_executor!(
    a_journal_that_fails_before_any_commit_of_a_lock_changes_nothing,
    a_journal_that_fails_during_any_commit_of_a_lock_changes_nothing,
    a_journal_that_fails_after_any_commit_of_a_lock_changes_nothing,
    a_journal_that_keeps_half_of_a_commit_is_found_out,
);

/// With one seed, and one of those who only pass gossip on; `cargo xtask soak journal` has the rest.
fn every_commit(executor: Executor, point: Point) {
    let campaign = Campaign::new(executor, 1);
    let points = campaign.points(point);
    assert!(points.len() > 100, "a lock is more than {} commits", points.len());
    for fault in points {
        campaign.check(fault).unwrap();
    }
}

fn a_journal_that_fails_before_any_commit_of_a_lock_changes_nothing(executor: Executor) {
    every_commit(executor, Point::Before);
}

fn a_journal_that_fails_during_any_commit_of_a_lock_changes_nothing(executor: Executor) {
    every_commit(executor, Point::During);
}

fn a_journal_that_fails_after_any_commit_of_a_lock_changes_nothing(executor: Executor) {
    every_commit(executor, Point::After);
}

/// The tests above would notice a host, or a journal, for which a commit is not one thing.
fn a_journal_that_keeps_half_of_a_commit_is_found_out(executor: Executor) {
    let campaign = Campaign::new(executor, 1);
    let faults = campaign.points(Point::During);
    let of_bob: Vec<_> = faults.iter().filter(|fault| fault.party == "bob").collect();
    let noticed = of_bob.iter().filter(|fault| campaign.check_torn(fault).is_err()).count();
    assert!(noticed > 0, "none of {} torn commits was noticed", of_bob.len());
}
