//! Messages that come again, early, late, or in another order.

use crate::support::{SETTLED, assert_sound, is_locked, locked, opened, snapshot, tap, tapped, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC, Review, Spec};
use omerta_tests::records::WitnessPreliminary;
use omt_runtime::envelope::Signed;
use omt_runtime::host::limits::{HOUR, SECOND};
use omt_runtime::host::{EventKind, Fate, Network, Packet, PeerInput, Reason};
use omt_runtime::id::PeerId;
use omt_runtime::value::Map;
use std::collections::BTreeSet;

on_every_executor!(
    every_datagram_twice_changes_nothing,
    every_datagram_replayed_after_the_end_changes_nothing,
    a_replay_after_a_day_is_too_old,
    preliminaries_that_come_before_the_request_wait_for_it,
    a_vote_that_comes_before_its_time_is_kept,
    a_result_that_comes_too_late_locks_nothing,
    a_lock_that_reaches_the_provider_too_late_starts_no_service,
    any_order_of_arrival_comes_to_the_same,
    two_different_messages_in_one_place_convict_their_sender,
);

fn every_datagram_twice_changes_nothing(executor: Executor) {
    let (mut lock, session) = opened(executor, 1);
    lock.filter(|_| Fate::Duplicate);
    assert!(lock.run_until(60 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
    lock.world.pass(10 * SECOND);
    assert_sound(&lock);
    assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK"]);
    for name in lock.cabal("alice", &session) {
        assert_eq!(lock.appended(&name), ["WITNESS_COMMITMENT"]);
    }
    let replays: u64 = lock.names().iter().map(|name| lock.count(name, Reason::Replay)).sum();
    assert!(replays > 50, "they did come twice, and were counted: {replays}");
    // Each message was taken once.
    for name in lock.names() {
        let mut taken = BTreeSet::new();
        for event in lock.world.events(name) {
            if let EventKind::Accepted { from, message, .. } = &event.kind {
                assert!(taken.insert((*from, message.clone())), "{name} took {message} twice");
            }
        }
    }
}

fn every_datagram_replayed_after_the_end_changes_nothing(executor: Executor) {
    let (mut lock, session, sent) = tapped(executor, 1);
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &session)));
    lock.world.pass(5 * SECOND);
    lock.world.unfilter();
    let before = snapshot(&lock, &session);
    let instances: usize = lock.names().iter().map(|name| lock.peer(name).instances().len()).sum();
    let sent = sent.lock().unwrap().clone();
    assert!(sent.len() > 100);
    for (from, to, _, bytes) in &sent {
        let to = lock.world.name(to);
        lock.deliver_bytes(*from, &to, bytes);
        // A stranger that recorded it has no more luck.
        let eve = lock.key("eve").peer_id();
        lock.deliver_bytes(eve, &to, bytes);
    }
    lock.world.pass(5 * SECOND);
    assert_eq!(snapshot(&lock, &session), before);
    assert_eq!(lock.names().iter().map(|name| lock.peer(name).instances().len()).sum::<usize>(), instances);
}

fn a_replay_after_a_day_is_too_old(executor: Executor) {
    let mut lock = world(executor, 1);
    lock.review("bob", Review::Refuses);
    let sent = tap(&mut lock);
    let session = lock.open("alice", "bob", 80 * OMC).unwrap();
    lock.world.pass(SETTLED);
    assert_eq!(lock.state("bob", &session), "REFUSED");
    // The tombstone is gone, and the first message comes again.
    lock.world.pass(25 * HOUR);
    lock.world.with("bob", |peer, now| peer.handle(now, PeerInput::Tick)).unwrap().unwrap();
    assert_eq!(lock.state("bob", &session), "-");
    let sent = sent.lock().unwrap().clone();
    let intent = sent.iter().find(|(_, _, packet, _)| {
        matches!(packet, Packet::Message(envelope) if &*envelope.message == "LOCK_INTENT")
    });
    let (from, _, _, bytes) = intent.unwrap();
    let old = lock.count("bob", Reason::Time);
    lock.deliver_bytes(*from, "bob", bytes);
    assert_eq!(lock.state("bob", &session), "-", "a finished session is not begun again");
    assert_eq!(lock.count("bob", Reason::Time), old + 1);
}

fn preliminaries_that_come_before_the_request_wait_for_it(executor: Executor) {
    let (first, session) = locked(executor, 1);
    let late = first.cabal("alice", &session)[0].clone();
    let (mut lock, session) = opened(executor, 1);
    let to = lock.id(&late);
    lock.filter(move |passing| {
        let hit = passing.message() == Some("WITNESS_REQUEST") && passing.to == to;
        if hit { Fate::Delay(2 * SECOND) } else { Fate::Pass }
    });
    lock.world.pass(SECOND);
    assert_eq!(lock.state(&late, &session), "-");
    // Of four members, whom it cannot know yet, at least a preliminary and a vote each.
    assert!(lock.peer(&late).early_count() >= 8, "{}", lock.peer(&late).early_count());
    assert!(lock.run_until(60 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
    assert_eq!(lock.peer(&late).early_count(), 0);
    let heard: Map<PeerId, Signed<WitnessPreliminary>> =
        lock.field(&late, &session, "preliminaries").unwrap();
    assert!(heard.len() >= 4, "what came early was heard: {}", heard.len());
    assert_eq!(lock.count(&late, Reason::Stranger), 0);
}

fn a_vote_that_comes_before_its_time_is_kept(executor: Executor) {
    let (first, session) = locked(executor, 1);
    let slow = first.cabal("alice", &session)[0].clone();
    let (mut lock, session) = opened(executor, 1);
    let to = lock.id(&slow);
    // It hears the votes of the others before their preliminaries.
    lock.filter(move |passing| {
        let hit = passing.message() == Some("WITNESS_PRELIMINARY") && passing.to == to;
        if hit { Fate::Delay(3 * SECOND) } else { Fate::Pass }
    });
    let kept = |lock: &LockWorld| {
        lock.instance(&slow, &session)
            .is_some_and(|view| view.state == "COLLECTING_PRELIMINARIES" && view.deferred > 0)
    };
    assert!(lock.run_until(5 * SECOND, kept), "{}", told(&lock, &session));
    assert!(lock.run_until(60 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
}

fn a_result_that_comes_too_late_locks_nothing(executor: Executor) {
    let (mut lock, session) = opened(executor, 1);
    let alice = lock.id("alice");
    lock.filter(move |passing| {
        let hit = passing.message() == Some("LOCK_RESULT_FOR_SIGNATURE") && passing.to == alice;
        if hit { Fate::Delay(241 * SECOND) } else { Fate::Pass }
    });
    lock.world.pass(SETTLED);
    assert_eq!(lock.state("alice", &session), "FAILED");
    assert_eq!(lock.word("alice", &session, "reject_reason"), "NO_QUORUM");
    assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "LOCK_CLOSED"]);
    assert!(lock.count("alice", Reason::Completed) >= 5, "the results came, too late");
    assert_eq!(lock.state("bob", &session), "ABANDONED");
    for name in lock.cabal("bob", &session) {
        assert_eq!(lock.state(&name, &session), "DONE");
    }
}

fn a_lock_that_reaches_the_provider_too_late_starts_no_service(executor: Executor) {
    let (mut lock, session) = opened(executor, 1);
    let bob = lock.id("bob");
    lock.filter(move |passing| {
        let lock = matches!(passing.message(), Some("CONSUMER_SIGNED_LOCK" | "WITNESS_FORWARDED_LOCK"));
        if lock && passing.to == bob { Fate::Delay(301 * SECOND) } else { Fate::Pass }
    });
    lock.world.pass(SETTLED);
    assert_eq!(lock.state("bob", &session), "ABANDONED");
    assert_eq!(lock.word("bob", &session, "reason"), "NO_LOCK");
    assert_eq!(lock.state("alice", &session), "LOCKED");
    let expires_at: i64 = lock.field("alice", &session, "expires_at").unwrap();
    lock.world.pass(expires_at + 25 * HOUR - lock.world.now());
    assert_eq!(lock.state("alice", &session), "EXPIRED", "the settlement gives the money back");
}

fn any_order_of_arrival_comes_to_the_same(executor: Executor) {
    for seed in 1..=8 {
        let mut spec = Spec::clean(executor, seed);
        spec.network =
            Network { latency_min: 1_000, latency_max: 1_500_000, loss: 0, duplicate: 0, reorder: 500 };
        let mut lock = LockWorld::build(spec).unwrap();
        let session = lock.open("alice", "bob", 80 * OMC).unwrap();
        let done = lock.run_until(120 * SECOND, |lock| is_locked(lock, &session));
        assert!(done, "seed {seed}\n{}", told(&lock, &session));
        lock.world.pass(60 * SECOND);
        assert_sound(&lock);
        assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK"]);
    }
}

fn two_different_messages_in_one_place_convict_their_sender(executor: Executor) {
    let (mut lock, session, sent) = tapped(executor, 1);
    assert!(lock.run_until_state(5 * SECOND, "bob", &session, "REVIEWING"));
    let sent = sent.lock().unwrap().clone();
    let intent = sent.iter().find_map(|(_, _, packet, _)| match packet {
        Packet::Message(envelope) if &*envelope.message == "LOCK_INTENT" => Some(envelope.clone()),
        _ => None,
    });
    let intent = intent.unwrap();
    let before = snapshot(&lock, &session);
    let other = omerta_tests::forge::Forgery::of(&intent).time(intent.time + 1).signed(&lock.key("alice"));
    lock.deliver("bob", &other);
    assert_eq!(lock.count("bob", Reason::Equivocation), 1);
    assert_eq!(snapshot(&lock, &session), before);
    assert!(lock.peer("bob").proofs().iter().any(|proof| proof.author() == lock.id("alice")));
}
