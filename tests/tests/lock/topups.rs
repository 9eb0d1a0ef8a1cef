//! Top-ups that come to nothing: a consumer that does not count them finds members that do.

use crate::support::{locked, tap};
use omerta_tests::executor::Executor;
use omerta_tests::forge::Forgery;
use omerta_tests::lock::{LockWorld, OMC};
use omerta_tests::puppet::Puppet;
use omerta_tests::records::{TopupClosed, TopupIntent, TopupOpen};
use omt_runtime::chain::Block;
use omt_runtime::host::Packet;
use omt_runtime::host::limits::SECOND;
use omt_runtime::id::SessionId;
use std::sync::Arc;

on_every_executor!(members_look_at_ten_failed_topups_of_a_lock_and_at_no_more);

/// Alice opens a top-up of one OMC; what asks a member to sign it.
fn opens(lock: &LockWorld, alice: &mut Puppet, session: &SessionId) -> TopupIntent {
    let now = lock.world.now();
    let open = TopupOpen {
        session_id: *session,
        previous_total: 80 * OMC,
        additional_amount: OMC,
        sign_by: now + 30 * SECOND,
    };
    alice.append(now, "TOPUP_OPEN", &open);
    let open = Block::from_raw(Arc::clone(alice.chain.head().unwrap())).unwrap();
    TopupIntent { open, history: alice.chain.clone(), sources: Vec::new() }
}

/// How many votes on a top-up the member says when it is asked.
fn votes(
    lock: &mut LockWorld,
    alice: &Puppet,
    session: &SessionId,
    member: &str,
    intent: &TopupIntent,
) -> usize {
    let sent = tap(lock);
    let asked = Forgery::new(lock.protocol, *session, lock.world.now(), "TOPUP_INTENT", intent);
    let asked = asked.by(lock.ir(), &alice.key);
    lock.deliver(member, &asked);
    lock.world.pass(SECOND);
    let from = lock.id(member);
    let sent = sent.lock().unwrap();
    sent.iter()
        .filter(|(by, _, packet, _)| {
            *by == from && matches!(packet, Packet::Message(said) if &*said.message == "TOPUP_VOTE")
        })
        .count()
}

fn members_look_at_ten_failed_topups_of_a_lock_and_at_no_more(executor: Executor) {
    for (failed, looks) in [(9, true), (10, false)] {
        let (mut lock, session) = locked(executor, 1);
        let mut alice = Puppet::of(&lock, "alice");
        for _ in 0..failed {
            opens(&lock, &mut alice, &session);
            let timestamp = lock.world.now();
            alice.append(timestamp, "TOPUP_CLOSED", &TopupClosed { session_id: session, timestamp });
        }
        let intent = opens(&lock, &mut alice, &session);
        let member = lock.cabal("alice", &session)[0].clone();
        let said = votes(&mut lock, &alice, &session, &member, &intent);
        assert_eq!(said > 0, looks, "{failed} came to nothing before: {said} votes");
    }
}
