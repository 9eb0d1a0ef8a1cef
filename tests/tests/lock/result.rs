//! Results and locks that nobody should believe.

use crate::support::{dropping, is_locked, opened, told};
use omerta_tests::executor::Executor;
use omerta_tests::forge::{Forgery, sign};
use omerta_tests::lock::LockWorld;
use omerta_tests::records::{LockBody, LockCertificate, ResultForSignature, SignedLock};
use omt_runtime::crypto::Keypair;
use omt_runtime::host::Reason;
use omt_runtime::host::limits::SECOND;
use omt_runtime::id::{PeerId, SessionId, Signature};
use omt_runtime::value::Map;

on_every_executor!(
    a_forged_result_from_an_outsider_is_refused,
    a_certificate_without_a_quorum_is_refused,
    a_certificate_over_another_body_or_of_another_cabal_is_refused,
    a_certificate_with_a_false_or_foreign_signature_is_refused,
    a_lock_without_quorum_or_counter_signature_starts_no_service,
);

/// Everything is agreed, but no result has reached the consumer.
fn before_the_result(executor: Executor) -> (LockWorld, SessionId, LockBody) {
    let (mut lock, session) = opened(executor, 1);
    dropping(&mut lock, "LOCK_RESULT_FOR_SIGNATURE", None);
    let agreed = |lock: &LockWorld| {
        let cabal = lock.cabal("alice", &session);
        !cabal.is_empty() && cabal.iter().all(|name| lock.state(name, &session) == "WAITING_FOR_CONSUMER")
    };
    assert!(lock.run_until(30 * SECOND, agreed), "{}", told(&lock, &session));
    let body = lock.field("alice", &session, "body").unwrap();
    (lock, session, body)
}

fn signatures(lock: &LockWorld, body: &LockBody, signers: &[String]) -> Map<PeerId, Signature> {
    signers.iter().map(|name| (lock.id(name), sign(lock.ir(), &lock.key(name), "LockBody", body))).collect()
}

/// Hands alice a result; gives her state afterwards.
fn show(lock: &mut LockWorld, session: &SessionId, from: &Keypair, certificate: LockCertificate) -> String {
    let now = lock.world.now();
    let result = ResultForSignature { certificate };
    let forged = Forgery::new(lock.protocol, *session, now, "LOCK_RESULT_FOR_SIGNATURE", &result)
        .sequence(omerta_tests::forge::FORGED_SEQUENCE + lock.count("alice", Reason::Guard))
        .unsigned(from.peer_id());
    lock.deliver("alice", &forged);
    lock.state("alice", session)
}

fn a_forged_result_from_an_outsider_is_refused(executor: Executor) {
    let (mut lock, session, body) = before_the_result(executor);
    let cabal = lock.cabal("alice", &session);
    let outsider = lock.key("eve");
    // Even a valid certificate counts only from whom it is expected.
    let certificate = LockCertificate { signatures: signatures(&lock, &body, &cabal), body };
    assert_eq!(show(&mut lock, &session, &outsider, certificate.clone()), "WAITING_FOR_RESULT");
    assert_eq!(lock.count("alice", Reason::Stranger), 1);
    // In the name of a member, over the outsider's connection.
    let member = lock.key(&cabal[0]);
    let result = ResultForSignature { certificate };
    let forged = Forgery::new(lock.protocol, session, lock.world.now(), "LOCK_RESULT_FOR_SIGNATURE", &result)
        .unsigned(member.peer_id());
    lock.deliver_bytes(outsider.peer_id(), "alice", &omerta_tests::forge::carried(&forged));
    assert_eq!(lock.state("alice", &session), "WAITING_FOR_RESULT");
    assert_eq!(lock.count("alice", Reason::Sender), 1);
    // The real one is believed.
    lock.world.unfilter();
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
}

fn a_certificate_without_a_quorum_is_refused(executor: Executor) {
    let (mut lock, session, body) = before_the_result(executor);
    let cabal = lock.cabal("alice", &session);
    let member = lock.key(&cabal[0]);
    for count in 0..=3 {
        let signatures = signatures(&lock, &body, &cabal[..count]);
        let certificate = LockCertificate { body: body.clone(), signatures };
        assert_eq!(
            show(&mut lock, &session, &member, certificate),
            "WAITING_FOR_RESULT",
            "{count} signatures"
        );
    }
    assert_eq!(lock.count("alice", Reason::Guard), 4);
    let certificate = LockCertificate { signatures: signatures(&lock, &body, &cabal[..4]), body };
    assert_eq!(show(&mut lock, &session, &member, certificate), "LOCKED", "four of five are a quorum");
}

fn a_certificate_over_another_body_or_of_another_cabal_is_refused(executor: Executor) {
    let (mut lock, session, body) = before_the_result(executor);
    let cabal = lock.cabal("alice", &session);
    let member = lock.key(&cabal[0]);
    let undrawn: Vec<String> =
        lock.names().iter().filter(|n| n.starts_with('w') && !cabal.contains(n)).take(5).cloned().collect();
    let mut others: Vec<PeerId> = undrawn.iter().map(|name| lock.id(name)).collect();
    others.sort();
    let altered = [
        (LockBody { amount: body.amount - 1, ..body.clone() }, &cabal),
        (LockBody { expires_at: body.expires_at + 1, ..body.clone() }, &cabal),
        (LockBody { cabal: others, ..body.clone() }, &undrawn),
        (LockBody { cabal: body.cabal[..4].to_vec(), ..body.clone() }, &cabal),
    ];
    for (altered, signers) in altered {
        let certificate =
            LockCertificate { signatures: signatures(&lock, &altered, &signers[..4]), body: altered };
        assert_eq!(show(&mut lock, &session, &member, certificate), "WAITING_FOR_RESULT");
    }
    // The right body, signed by the wrong people.
    let certificate = LockCertificate { signatures: signatures(&lock, &body, &undrawn), body };
    assert_eq!(show(&mut lock, &session, &member, certificate), "WAITING_FOR_RESULT");
    assert_eq!(lock.count("alice", Reason::Guard), 5);
}

fn a_certificate_with_a_false_or_foreign_signature_is_refused(executor: Executor) {
    let (mut lock, session, body) = before_the_result(executor);
    let cabal = lock.cabal("alice", &session);
    let member = lock.key(&cabal[0]);
    let good = signatures(&lock, &body, &cabal);
    let other = LockBody { amount: 1, ..body.clone() };
    let stray = signatures(&lock, &other, &cabal[4..]);
    let foreign = signatures(&lock, &body, &["eve".to_owned()]);
    let four = signatures(&lock, &body, &cabal[..4]);
    let with = |more: &Map<PeerId, Signature>| -> Map<PeerId, Signature> {
        four.iter().chain(more.iter()).map(|(peer, signature)| (*peer, *signature)).collect()
    };
    let eve = [(lock.key("eve").peer_id(), *foreign.values().next().unwrap())].into_iter().collect();
    for signatures in [with(&stray), with(&eve)] {
        assert_eq!(signatures.len(), 5);
        let certificate = LockCertificate { body: body.clone(), signatures };
        assert_eq!(show(&mut lock, &session, &member, certificate), "WAITING_FOR_RESULT");
    }
    let certificate = LockCertificate { body, signatures: good };
    assert_eq!(show(&mut lock, &session, &member, certificate), "LOCKED");
}

fn a_lock_without_quorum_or_counter_signature_starts_no_service(executor: Executor) {
    let (mut lock, session) = opened(executor, 1);
    // Everybody agrees, the consumer has signed; but the provider is shown other things first.
    lock.filter(|passing| {
        let hit = matches!(passing.message(), Some("CONSUMER_SIGNED_LOCK" | "WITNESS_FORWARDED_LOCK"));
        if hit { omt_runtime::host::Fate::Drop } else { omt_runtime::host::Fate::Pass }
    });
    assert!(lock.run_until_state(30 * SECOND, "alice", &session, "LOCKED"), "{}", told(&lock, &session));
    assert!(lock.run_until_state(SECOND, "bob", &session, "WAITING_FOR_LOCK"), "{}", told(&lock, &session));
    let alice = lock.id("alice");
    let real = SignedLock {
        certificate: lock.field("alice", &session, "certificate").unwrap(),
        lock: lock.field("alice", &session, "lock").unwrap(),
        history: lock.chain("alice"),
    };
    let cabal = lock.cabal("alice", &session);
    let three = signatures(&lock, &real.certificate.body, &cabal[..3]);
    let short = SignedLock {
        certificate: LockCertificate { signatures: three, ..real.certificate.clone() },
        ..real.clone()
    };
    let before = real.history.prefix(&real.lock.previous()).unwrap();
    let unsigned = SignedLock { history: before, ..real.clone() };
    // Closed before it was counter-signed: the lock block is void.
    let mut mallory = omerta_tests::puppet::Puppet::of(&lock, "alice");
    mallory.chain = mallory.chain.prefix(&real.lock.previous()).unwrap();
    let now = lock.world.now();
    let closed = omerta_tests::records::LockClosed { session_id: session, timestamp: now };
    mallory.append(now, "LOCK_CLOSED", &closed);
    mallory.append(now, "BALANCE_LOCK", &real.lock.payload.clone());
    let head = mallory.chain.head().unwrap().clone();
    let void = SignedLock {
        certificate: real.certificate.clone(),
        lock: omt_runtime::chain::Block::from_raw(head).unwrap(),
        history: mallory.chain.clone(),
    };
    for (number, wrong) in [&short, &unsigned, &void].into_iter().enumerate() {
        let number = u64::try_from(number).unwrap();
        let forged = Forgery::new(lock.protocol, session, now, "CONSUMER_SIGNED_LOCK", wrong)
            .sequence(omerta_tests::forge::FORGED_SEQUENCE + number)
            .unsigned(alice);
        lock.deliver("bob", &forged);
        assert_eq!(lock.state("bob", &session), "WAITING_FOR_LOCK", "wrong lock {number}");
    }
    assert_eq!(lock.count("bob", Reason::Guard), 3);
    // The last one was on another branch than the real lock: bob has a proof now, and serves nobody on it.
    lock.world.unfilter();
    lock.world.pass(400 * SECOND);
    assert_eq!(lock.state("bob", &session), "ABANDONED");
    assert!(lock.peer("bob").proofs().iter().any(|proof| proof.author() == alice));
}
