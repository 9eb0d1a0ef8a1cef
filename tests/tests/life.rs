//! A session's whole life, on every executor: what was promised, and not a µOMC more or less.

// Tests of the whole: what is not as expected ends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omerta_tests::executor::Executor;
use omerta_tests::ledger::Money;
use omerta_tests::life::{Case, LOCKED, Life, Outcome, RATE, RENTED, TOP_UP};
use omerta_tests::settlement::parts;
use omt_runtime::host::limits::SECOND;

fn lived(executor: Executor, case: Case) -> Outcome {
    let outcome = Life::play(executor, 1, case, |_| {}).unwrap();
    assert!(outcome.problems.is_empty(), "{case:?} on {executor}: {:#?}", outcome.problems);
    outcome
}

fn total(outcome: &Outcome) -> Money {
    let accounts = outcome.life.accounts();
    Money::total(accounts.iter().map(|(_, money)| money.as_ref().unwrap()))
}

#[test]
fn the_rented_time_is_paid_to_the_last_coin_the_top_up_included() {
    for executor in Executor::ALL {
        let outcome = lived(executor, Case::Normal);
        let body = outcome.life.settlement(&outcome.session).unwrap();
        let seconds = u64::try_from(RENTED / SECOND).unwrap();
        let trust = outcome.life.trust();
        assert!(trust > 0);
        let expected = parts(LOCKED + TOP_UP, seconds, RATE, trust);
        assert_eq!((body.provider_payment, body.burn_amount, body.consumer_refund), expected);
        assert!(body.provider_payment + body.burn_amount > LOCKED, "the top-up was needed");
        assert_eq!(total(&outcome).earned, expected.0);
        assert_eq!(total(&outcome).burned, expected.1);
    }
}

#[test]
fn a_machine_that_dies_is_paid_for_as_long_as_it_was_seen() {
    for executor in Executor::ALL {
        let outcome = lived(executor, Case::Abort);
        let body = outcome.life.settlement(&outcome.session).unwrap();
        let whole =
            parts(LOCKED + TOP_UP, u64::try_from(RENTED / SECOND).unwrap(), RATE, outcome.life.trust());
        assert!(body.provider_payment > 0 && body.provider_payment < whole.0, "{body:?}");
    }
}

#[test]
fn without_a_quorum_all_comes_back_a_day_after_the_expiry() {
    {
        let outcome = lived(Executor::Rust, Case::Expiry);
        assert!(outcome.life.settlement(&outcome.session).is_none());
        let money = total(&outcome);
        assert_eq!((money.burned, money.paid, money.reserved), (0, 0, 0));
        assert_eq!(money.free, i128::from(money.granted));
    }
}

#[test]
fn a_member_that_signs_what_it_likes_changes_nothing() {
    for executor in Executor::ALL {
        let outcome = lived(executor, Case::Byzantine);
        let body = outcome.life.settlement(&outcome.session).unwrap();
        assert!(body.burn_amount > 0 && body.consumer_refund > 0, "{body:?}");
    }
}

#[test]
fn both_executors_live_the_same_life() {
    let traces = Executor::ALL.map(|executor| lived(executor, Case::Normal).life.lock.world.trace());
    assert_eq!(traces[0], traces[1]);
}
