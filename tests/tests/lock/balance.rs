//! Money that is not there, on one branch.

use crate::support::{SETTLED, assert_sound, is_locked, locked, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC, Party, Spec, candidates, provider};
use omerta_tests::puppet::Puppet;
use omt_runtime::host::limits::SECOND;
use omt_runtime::wire::Bytes;

on_every_executor!(
    insufficient_balance_opens_nothing,
    of_two_locks_of_80_on_100_the_consumer_refuses_the_second_itself,
    of_two_openings_on_one_branch_every_reader_refuses_the_second,
    two_locks_that_the_balance_covers_both_stand,
);

/// Alice with 100, and two providers who know the same candidates.
fn two_providers(executor: Executor, seed: u64) -> LockWorld {
    let known = candidates(1..=8);
    let mut parties: Vec<Party> = vec![provider("bob", &known), provider("carol", &known)];
    parties.push(Party::new("alice", 100 * OMC).met(["bob".to_owned(), "carol".to_owned()], 1));
    parties.extend(known.iter().map(|name| Party::new(name, OMC)));
    let spec = Spec { parties, ..Spec::clean(executor, seed) };
    LockWorld::build(spec).unwrap()
}

fn insufficient_balance_opens_nothing(executor: Executor) {
    let mut lock = world(executor, 1);
    let session = lock.open("alice", "bob", 101 * OMC).unwrap();
    lock.world.pass(SECOND);
    assert_eq!(lock.state("alice", &session), "FAILED");
    assert_eq!(lock.word("alice", &session, "reject_reason"), "INSUFFICIENT_BALANCE");
    assert!(lock.appended("alice").is_empty());
    assert!(lock.world.lines().is_empty(), "nobody was asked");
}

fn of_two_locks_of_80_on_100_the_consumer_refuses_the_second_itself(executor: Executor) {
    let mut lock = two_providers(executor, 1);
    let first = lock.open("alice", "bob", 80 * OMC).unwrap();
    let second = lock.open("alice", "carol", 80 * OMC).unwrap();
    lock.run_until(30 * SECOND, |lock| is_locked(lock, &first));
    assert!(is_locked(&lock, &first), "{}", told(&lock, &first));
    assert_eq!(lock.state("alice", &second), "FAILED");
    assert_eq!(lock.word("alice", &second, "reject_reason"), "INSUFFICIENT_BALANCE");
    // The same again once the first is locked.
    let third = lock.open("alice", "carol", 80 * OMC).unwrap();
    assert_eq!(lock.word("alice", &third, "reject_reason"), "INSUFFICIENT_BALANCE");
    assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK"]);
}

fn of_two_openings_on_one_branch_every_reader_refuses_the_second(executor: Executor) {
    let mut lock = two_providers(executor, 1);
    // A consumer that asks nobody whether it may: two openings of 80 on one chain.
    let mut mallory = Puppet::of(&lock, "alice");
    let now = lock.world.now();
    mallory.open(now, &lock.terms("alice", "bob"), 80 * OMC, |_| {});
    let second = mallory.open(now, &lock.terms("alice", "carol"), 80 * OMC, |_| {});

    // The provider reads it from the chain.
    let intent = second.says(&lock, &mallory.key, "LOCK_INTENT", &second.intent());
    lock.deliver("carol", &intent);
    assert_eq!(lock.state("carol", &second.session), "REFUSED");
    assert_eq!(lock.word("carol", &second.session, "reason"), "INSUFFICIENT_BALANCE");

    // So do the witnesses, if the provider helps the consumer and asks them all the same.
    let nonce = Bytes::from(vec![7; 32]);
    let offer = second.offer(lock.ir(), &lock.key("carol"), &nonce, &lock.chain("carol"));
    let signed = second.signed_offer(&lock, "carol", &offer);
    let request = second.says(&lock, &mallory.key, "WITNESS_REQUEST", &second.request(&signed));
    let mut asked = 0;
    for name in candidates(1..=8) {
        lock.deliver(&name, &request);
        if lock.state(&name, &second.session) == "REFUSED" {
            assert_eq!(lock.word(&name, &second.session, "reject_reason"), "NOT_DRAWN");
            continue;
        }
        asked += 1;
        assert_eq!(lock.word(&name, &second.session, "verdict"), "REJECT", "{name}");
        assert_eq!(lock.word(&name, &second.session, "reject_reason"), "INSUFFICIENT_BALANCE", "{name}");
    }
    assert_eq!(asked, 5, "the cabal");
    lock.world.pass(SETTLED);
    for name in candidates(1..=8) {
        let state = lock.state(&name, &second.session);
        assert!(["DONE", "REFUSED"].contains(&state.as_str()), "{name} is in {state}");
        assert!(lock.appended(&name).is_empty(), "{name} committed to nothing");
    }
}

fn two_locks_that_the_balance_covers_both_stand(executor: Executor) {
    let (mut lock, first) = locked(executor, 5);
    let second = lock.open("alice", "bob", 20 * OMC).unwrap();
    assert!(lock.run_until(60 * SECOND, |lock| is_locked(lock, &second)), "{}", told(&lock, &second));
    assert!(is_locked(&lock, &first));
    assert_sound(&lock);
    let money = lock.money("alice").unwrap();
    assert_eq!((money.balance, money.reserved, money.reservations), (100 * OMC, 100 * OMC, 2));
    assert_eq!(lock.cabal("alice", &first), lock.cabal("alice", &second), "one epoch, one cabal");
}
