//! The lock as it should be.

use crate::support::{SETTLED, assert_sound, is_locked, locked, opened, told};
use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC, Spec};
use omerta_tests::records::{LockBody, LockCertificate};
use omt_runtime::host::Network;
use omt_runtime::host::limits::SECOND;
use std::collections::BTreeSet;

on_every_executor!(
    a_clean_lock_ends_locked_in_service_and_active,
    a_clean_lock_takes_the_promised_messages,
    a_large_lock_has_nine_witnesses,
    the_same_seed_gives_the_same_bytes,
    a_network_that_loses_doubles_and_reorders_changes_nothing_but_time,
    a_witness_that_is_down_does_not_prevent_a_lock,
    a_provider_whose_owner_says_no_refuses,
);

fn a_clean_lock_ends_locked_in_service_and_active(executor: Executor) {
    let (lock, session) = locked(executor, 1);
    assert!(is_locked(&lock, &session), "{}", told(&lock, &session));
    assert_sound(&lock);

    let cabal = lock.cabal("alice", &session);
    assert_eq!(cabal.iter().collect::<BTreeSet<_>>().len(), 5);
    assert_eq!(cabal, lock.cabal("bob", &session), "both drew the same");
    assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK"]);
    assert!(lock.appended("bob").is_empty());
    for name in lock.names().iter().filter(|name| name.starts_with('w')) {
        let drawn = cabal.contains(name);
        let expected: &[&str] = if drawn { &["WITNESS_COMMITMENT"] } else { &[] };
        assert_eq!(lock.appended(name), expected, "{name}");
        assert_eq!(lock.instance(name, &session).is_some(), drawn, "{name}");
        assert_eq!(lock.peer(name).outbox().count(), 0, "{name} has nothing left to say");
    }

    let money = lock.money("alice").unwrap();
    assert_eq!((money.balance, money.reserved, money.reservations), (100 * OMC, 80 * OMC, 1));

    let body: LockBody = lock.field("alice", &session, "body").unwrap();
    assert_eq!(body.amount, 80 * OMC);
    for name in cabal.iter().map(String::as_str).chain(["alice", "bob"]) {
        assert_eq!(lock.field::<LockBody>(name, &session, "body").as_ref(), Some(&body), "{name}");
        let certificate: LockCertificate = lock.field(name, &session, "certificate").unwrap();
        assert_eq!(certificate.body, body);
        assert!(certificate.signatures.len() >= 4, "a quorum of five is four");
    }
}

/// 1 intent, 1 commitment, 1 reveal, 5 requests, 20 preliminaries, 20 votes, 5 results, 6 signed locks, up to 5
/// forwarded each way; a witness that hears of the lock from the provider first forwards nothing.
fn a_clean_lock_takes_the_promised_messages(executor: Executor) {
    let (lock, _) = locked(executor, 1);
    let count = |message: &str| {
        let others = lock.world.lines().iter().filter(|line| line.from != line.to && line.to != "network");
        others.filter(|line| line.message == message).count()
    };
    let promised = [
        ("LOCK_INTENT", 1),
        ("WITNESS_SELECTION_COMMITMENT", 1),
        ("NONCE_REVEAL", 1),
        ("WITNESS_REQUEST", 5),
        ("WITNESS_PRELIMINARY", 20),
        ("WITNESS_FINAL_VOTE", 20),
        ("LOCK_RESULT_FOR_SIGNATURE", 5),
        ("CONSUMER_SIGNED_LOCK", 6),
        ("PROVIDER_FORWARDED_LOCK", 5),
    ];
    for (message, times) in promised {
        assert_eq!(count(message), times, "{message}");
    }
    assert!(count("WITNESS_FORWARDED_LOCK") <= 5);
    let gossip = lock.world.lines().iter().filter(|line| line.to == "network").count();
    assert_eq!(gossip, 5, "one item of each witness");
}

fn a_large_lock_has_nine_witnesses(executor: Executor) {
    let mut spec = Spec::clean(executor, 3);
    spec.party("alice").grant = 1_000 * OMC;
    let mut lock = LockWorld::build(spec).unwrap();
    let session = lock.open("alice", "bob", 101 * OMC).unwrap();
    assert!(lock.run_until(60 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
    assert_eq!(lock.cabal("alice", &session).len(), 9);
}

fn the_same_seed_gives_the_same_bytes(executor: Executor) {
    let run = |seed: u64, network: Network| {
        let mut spec = Spec::clean(executor, seed);
        spec.network = network;
        let mut lock = LockWorld::build(spec).unwrap();
        let session = lock.open("alice", "bob", 80 * OMC).unwrap();
        lock.run_until(60 * SECOND, |lock| is_locked(lock, &session));
        lock.world.pass(SECOND);
        (lock.world.trace(), serde_json::to_string(&lock.world.summary()).unwrap())
    };
    let mut traces = BTreeSet::new();
    for seed in 1..=4 {
        for network in [Network::good(), Network::bad()] {
            let first = run(seed, network);
            assert_eq!(first, run(seed, network), "seed {seed}, {network:?}");
            traces.insert(first.0);
        }
    }
    assert_eq!(traces.len(), 8, "another seed, another run");
}

fn a_network_that_loses_doubles_and_reorders_changes_nothing_but_time(executor: Executor) {
    for seed in 1..=6 {
        let mut spec = Spec::clean(executor, seed);
        spec.network = Network::bad();
        let mut lock = LockWorld::build(spec).unwrap();
        let session = lock.open("alice", "bob", 80 * OMC).unwrap();
        let done = lock.run_until(120 * SECOND, |lock| is_locked(lock, &session));
        assert!(done, "seed {seed}\n{}", told(&lock, &session));
        lock.world.pass(120 * SECOND);
        assert_sound(&lock);
        assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK"], "seed {seed}");
        for name in lock.cabal("alice", &session) {
            assert_eq!(lock.appended(&name), ["WITNESS_COMMITMENT"], "seed {seed}");
        }
    }
}

fn a_witness_that_is_down_does_not_prevent_a_lock(executor: Executor) {
    // Who is drawn follows from the seed alone, so a first run tells whom to take down in the second.
    let (first, session) = locked(executor, 2);
    let down = first.cabal("alice", &session)[0].clone();
    let (mut lock, session) = opened(executor, 2);
    lock.world.crash(0, &down);
    let serving = |lock: &LockWorld| lock.state("bob", &session) == "SERVICE_PHASE";
    assert!(lock.run_until(60 * SECOND, serving), "{}", told(&lock, &session));
    assert_eq!(lock.state("alice", &session), "LOCKED");
    // It comes back, hears of the lock, and serves.
    lock.world.restart(0, &down);
    assert!(
        lock.run_until(240 * SECOND, |lock| lock.state(&down, &session) == "ESCROW_ACTIVE"),
        "{}",
        told(&lock, &session)
    );
}

fn a_provider_whose_owner_says_no_refuses(executor: Executor) {
    use omerta_tests::lock::Review;
    for review in [Review::Refuses, Review::Fails, Review::Silent] {
        let mut lock = crate::support::world(executor, 1);
        lock.review("bob", review);
        let session = lock.open("alice", "bob", 80 * OMC).unwrap();
        lock.world.pass(SETTLED);
        assert_eq!(lock.state("bob", &session), "REFUSED", "{review:?}");
        assert_eq!(lock.word("alice", &session, "reject_reason"), "TERMS_REFUSED", "{review:?}");
        assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "LOCK_CLOSED"], "{review:?}");
        assert_eq!(lock.money("alice").unwrap().reserved, 0, "what was reserved is free again");
    }
}
