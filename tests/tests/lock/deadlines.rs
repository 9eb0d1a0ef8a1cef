//! Silence of each party in each state, and the end of a lock: every wait ends, with a reason, by its deadline.

use crate::support::{SETTLED, assert_sound, is_locked, locked, opened, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC};
use omerta_tests::records::LockBody;
use omt_runtime::host::limits::{HOUR, SECOND};
use omt_runtime::host::{EventKind, RunEnd};
use omt_runtime::id::SessionId;
use std::collections::BTreeMap;

on_every_executor!(
    silence_of_the_consumer_in_each_state_ends_every_other_session_by_its_deadline,
    silence_of_the_provider_in_each_state_ends_every_other_session_by_its_deadline,
    silence_of_two_witnesses_in_each_state_ends_every_other_session_by_its_deadline,
    silence_of_one_witness_in_each_state_does_not_prevent_the_lock,
    a_lock_that_nobody_settles_ends_a_day_after_its_expiry_and_holds_the_money_until_it_is_given_back,
);

/// Latest end of each actor's establishing states, counted from the opening.
fn deadline(actor: &str) -> i64 {
    match actor {
        "Consumer" => 240 * SECOND,
        "Provider" => 300 * SECOND,
        _ => 330 * SECOND,
    }
}

/// Where establishing a lock ends, well or not.
const ENDS: [&str; 10] = [
    "LOCKED",
    "FAILED",
    "SERVICE_PHASE",
    "REFUSED",
    "ABANDONED",
    "ESCROW_ACTIVE",
    "CHECKING_LIVENESS",
    "REPLACING",
    "DONE",
    "EXPIRED",
];
/// Ends that need a reason.
const FAILURES: [&str; 4] = ["FAILED", "REFUSED", "ABANDONED", "DONE"];

/// Runs a lock in which the silent fall silent as soon as they have entered the state (and said what they say on
/// entering it), and checks what the others make of it. `None`: silent from the beginning.
fn with_silence(
    executor: Executor,
    seed: u64,
    silent: impl Fn(&LockWorld, &SessionId) -> Vec<String>,
    state: Option<&str>,
) -> (LockWorld, SessionId) {
    let (mut lock, session) = opened(executor, seed);
    let begun = lock.world.now();
    let mut muted: Vec<String> = Vec::new();
    let mut reached = 0;
    loop {
        for name in silent(&lock, &session) {
            if muted.contains(&name) {
                continue;
            }
            let now = lock.state(&name, &session);
            if state.is_none_or(|state| state == now) {
                lock.mute(&name);
                muted.push(name);
                reached += 1;
            }
        }
        match lock.world.step(begun + SETTLED) {
            None => {}
            Some(RunEnd::Quiet | RunEnd::Limit) => break,
        }
    }
    assert!(reached > 0, "nobody was silent in {state:?}\n{}", told(&lock, &session));
    lock.world.pass((begun + SETTLED - lock.world.now()).max(0));
    let ended = ends(&lock, &session);
    for name in lock.names().iter().filter(|name| !muted.contains(name)) {
        let Some(view) = lock.instance(name, &session) else { continue };
        // Whoever was called to replace a silent member has begun later.
        let body: Option<LockBody> = lock.field(name, &session, "body");
        if view.actor == "Witness" && body.is_some_and(|body| !body.cabal.contains(&lock.id(name))) {
            continue;
        }
        let what = format!("{name}, silent in {state:?}: {muted:?}\n{}", told(&lock, &session));
        assert!(ENDS.contains(&view.state.as_str()), "{what}");
        let end = ended.get(name).unwrap_or_else(|| panic!("no end: {what}"));
        assert!(*end - begun <= deadline(&view.actor) + SECOND / 10, "late by {}: {what}", *end - begun);
        if FAILURES.contains(&view.state.as_str()) {
            let field = if view.actor == "Provider" { "reason" } else { "reject_reason" };
            assert_ne!(lock.word(name, &session, field), "", "no reason: {what}");
        }
    }
    // Nobody serves without a lock, and nobody is bound by a lock that was closed.
    let appended = lock.appended("alice");
    if lock.state("bob", &session) == "SERVICE_PHASE" {
        assert_eq!(appended, ["LOCK_OPEN", "BALANCE_LOCK"]);
    }
    if lock.state("alice", &session) == "FAILED" {
        assert_eq!(appended, ["LOCK_OPEN", "LOCK_CLOSED"]);
        assert_eq!(lock.money("alice").unwrap().reserved, 0);
    }
    assert_sound(&lock);
    (lock, session)
}

/// When each reached the first of its ends.
fn ends(lock: &LockWorld, session: &SessionId) -> BTreeMap<String, i64> {
    let mut ends = BTreeMap::new();
    for name in lock.names() {
        for event in lock.world.events(name) {
            if let EventKind::Stepped { key, state, .. } = &event.kind
                && key.session == *session
                && ENDS.contains(&state.as_str())
            {
                ends.entry(name.clone()).or_insert(event.at);
            }
        }
    }
    ends
}

fn only(name: &'static str) -> impl Fn(&LockWorld, &SessionId) -> Vec<String> {
    move |_, _| vec![name.to_owned()]
}

/// The first witnesses of the cabal, once it is drawn.
fn first(count: usize) -> impl Fn(&LockWorld, &SessionId) -> Vec<String> {
    move |lock, session| lock.cabal("alice", session).into_iter().take(count).collect()
}

fn silence_of_the_consumer_in_each_state_ends_every_other_session_by_its_deadline(executor: Executor) {
    let (lock, session) = with_silence(executor, 1, only("alice"), Some("WAITING_FOR_WITNESS_COMMITMENT"));
    // The intent was said; the reveal never came.
    assert_eq!(lock.state("bob", &session), "ABANDONED");
    assert_eq!(lock.word("bob", &session, "reason"), "NOT_REVEALED");

    let (lock, session) = with_silence(executor, 1, only("alice"), Some("WAITING_FOR_RESULT"));
    // Reveal and requests were said; the counter-signature is on a chain that nobody sees.
    assert_eq!(lock.state("bob", &session), "ABANDONED");
    assert_eq!(lock.word("bob", &session, "reason"), "NO_LOCK");
    for name in lock.cabal("alice", &session) {
        assert_eq!(lock.state(&name, &session), "DONE");
        assert_eq!(lock.word(&name, &session, "reject_reason"), "NO_LOCK");
    }

    let (lock, session) = with_silence(executor, 1, only("alice"), Some("LOCKED"));
    assert!(is_locked(&lock, &session), "the signed lock was said");

    let mut lock = world(executor, 1);
    lock.mute("alice");
    let session = lock.open("alice", "bob", 80 * OMC).unwrap();
    lock.world.pass(SETTLED);
    assert_eq!(lock.state("bob", &session), "-", "nobody heard of it");
    assert_eq!(lock.word("alice", &session, "reject_reason"), "PROVIDER_SILENT");
}

fn silence_of_the_provider_in_each_state_ends_every_other_session_by_its_deadline(executor: Executor) {
    let silent = |state| with_silence(executor, 1, only("bob"), state);

    let (lock, session) = silent(None);
    assert_eq!(lock.word("alice", &session, "reject_reason"), "PROVIDER_SILENT");
    let (lock, session) = silent(Some("REVIEWING"));
    assert_eq!(lock.word("alice", &session, "reject_reason"), "PROVIDER_SILENT");

    // After the offer nobody needs its consent any more.
    for state in ["WAITING_FOR_REVEAL", "WAITING_FOR_LOCK", "SERVICE_PHASE"] {
        let (lock, session) = silent(Some(state));
        assert!(is_locked(&lock, &session), "{state}\n{}", told(&lock, &session));
    }
}

fn silence_of_two_witnesses_in_each_state_ends_every_other_session_by_its_deadline(executor: Executor) {
    for state in [None, Some("COLLECTING_PRELIMINARIES")] {
        // Three of five are no quorum.
        let (lock, session) = with_silence(executor, 1, first(2), state);
        if state.is_none() {
            assert_eq!(lock.state("alice", &session), "FAILED", "{}", told(&lock, &session));
            assert_eq!(lock.state("bob", &session), "ABANDONED");
            assert_eq!(lock.word("bob", &session, "reason"), "NO_LOCK");
        }
    }
    for state in ["COLLECTING_VOTES", "WAITING_FOR_CONSUMER", "ESCROW_ACTIVE"] {
        // Their votes were said before.
        let (lock, session) = with_silence(executor, 1, first(2), Some(state));
        assert_eq!(lock.state("bob", &session), "SERVICE_PHASE", "{state}\n{}", told(&lock, &session));
    }
}

fn silence_of_one_witness_in_each_state_does_not_prevent_the_lock(executor: Executor) {
    let states = [
        None,
        Some("COLLECTING_PRELIMINARIES"),
        Some("COLLECTING_VOTES"),
        Some("WAITING_FOR_CONSUMER"),
        Some("ESCROW_ACTIVE"),
    ];
    for state in states {
        let (lock, session) = with_silence(executor, 1, first(1), state);
        assert_eq!(lock.state("alice", &session), "LOCKED", "{state:?}\n{}", told(&lock, &session));
        assert_eq!(lock.state("bob", &session), "SERVICE_PHASE", "{state:?}");
    }
}

fn a_lock_that_nobody_settles_ends_a_day_after_its_expiry_and_holds_the_money_until_it_is_given_back(
    executor: Executor,
) {
    let (mut lock, session) = locked(executor, 1);
    let expires_at: i64 = lock.field("alice", &session, "expires_at").unwrap();
    let cabal = lock.cabal("alice", &session);

    lock.world.pass(expires_at - SECOND - lock.world.now());
    assert!(cabal.iter().all(|name| lock.state(name, &session) == "ESCROW_ACTIVE"), "not before");
    lock.world.pass(2 * SECOND);
    assert!(cabal.iter().all(|name| lock.state(name, &session) == "DONE"), "{}", told(&lock, &session));

    lock.world.pass(expires_at + 24 * HOUR - SECOND - lock.world.now());
    assert_eq!(lock.state("alice", &session), "LOCKED", "not before");
    assert_eq!(lock.money("alice").unwrap().reserved, 80 * OMC);
    lock.world.pass(2 * SECOND);
    assert_eq!(lock.state("alice", &session), "EXPIRED");
    // Time frees nothing: the block that does carries the cabal's word, and is made by the settlement.
    assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK"]);
    let money = lock.money("alice").unwrap();
    assert_eq!((money.balance, money.reserved), (100 * OMC, 80 * OMC));
    assert_sound(&lock);
}
