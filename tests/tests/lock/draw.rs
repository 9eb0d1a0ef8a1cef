//! Grinding the draw, and offers that do not fit.

use crate::support::{SETTLED, is_locked, locked, opened, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::forge::{Forgery, sign};
use omerta_tests::lock::{LockWorld, OMC, Review, Spec, candidates, provider};
use omerta_tests::puppet::{DRAW_EPOCH, Opening, Puppet};
use omerta_tests::records::{NonceContradiction, Offer};
use omt_runtime::chain::Block;
use omt_runtime::crypto;
use omt_runtime::host::limits::SECOND;
use omt_runtime::id::{Hash, SessionId};
use omt_runtime::wire::{self, Bytes};
use std::sync::Arc;

on_every_executor!(
    a_second_try_within_the_epoch_draws_the_same_cabal,
    a_consumer_that_changes_its_nonce_within_the_epoch_is_refused,
    a_provider_that_changes_its_nonce_within_the_epoch_is_caught_and_gossiped,
    a_checkpoint_of_the_running_epoch_is_refused,
    a_consumer_that_lets_eleven_openings_lapse_in_a_day_is_refused_by_everybody,
    offers_that_do_not_fit_close_the_opening,
    a_provider_that_has_met_too_few_refuses,
    a_witness_that_was_not_drawn_refuses,
    a_nonce_that_was_not_committed_to_is_refused,
);

fn a_second_try_within_the_epoch_draws_the_same_cabal(executor: Executor) {
    let (mut lock, first) = locked(executor, 1);
    let second = lock.open("alice", "bob", OMC).unwrap();
    assert_ne!(first, second);
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &second)), "{}", told(&lock, &second));
    assert_eq!(lock.cabal("alice", &first), lock.cabal("alice", &second));
    // In the next epoch it is another draw (of 12 over 5, with this seed).
    lock.world.pass(DRAW_EPOCH);
    let third = lock.open("alice", "bob", OMC).unwrap();
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &third)), "{}", told(&lock, &third));
    assert_ne!(lock.cabal("alice", &first), lock.cabal("alice", &third));
}

fn a_consumer_that_changes_its_nonce_within_the_epoch_is_refused(executor: Executor) {
    let (mut lock, _first) = locked(executor, 1);
    lock.grind("alice", 1);
    let second = lock.open("alice", "bob", OMC).unwrap();
    lock.world.pass(SECOND);
    assert_eq!(lock.word("bob", &second, "reason"), "NONCE_CHANGED", "its chain shows both commitments");
    assert_eq!(lock.state("alice", &second), "FAILED");
    // In the next epoch it has a nonce again.
    lock.world.pass(DRAW_EPOCH);
    let third = lock.open("alice", "bob", OMC).unwrap();
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &third)), "{}", told(&lock, &third));
}

fn a_provider_that_changes_its_nonce_within_the_epoch_is_caught_and_gossiped(executor: Executor) {
    let (mut lock, first) = locked(executor, 1);
    lock.grind("bob", 1);
    let second = lock.open("alice", "bob", OMC).unwrap();
    lock.world.pass(5 * SECOND);
    assert_eq!(lock.word("alice", &second, "reject_reason"), "NONCE_CHANGED", "{}", told(&lock, &second));
    assert_eq!(lock.state("alice", &second), "FAILED");
    // The two tickets are with everybody, and prove it by themselves.
    let bob = lock.id("bob");
    let digest_of = |ticket: &omerta_tests::records::DrawTicket| {
        let fields = wire::struct_fields_hash(lock.ir(), "DrawTicket");
        crypto::sign_digest("DrawTicket", &fields, ticket)
    };
    let outsider =
        lock.names().iter().find(|name| name.starts_with('w') && !lock.cabal("alice", &first).contains(name));
    let gossip = lock.peer(outsider.unwrap()).gossip();
    let item =
        gossip.iter().find(|(_, envelope)| &*envelope.message == "NONCE_CONTRADICTION").expect("gossiped");
    let proof: NonceContradiction = wire::from_bytes(&item.1.payload).unwrap();
    assert_ne!(proof.first.ticket.nonce, proof.second.ticket.nonce);
    for signed in [&proof.first, &proof.second] {
        assert!(crypto::verify(&bob, &digest_of(&signed.ticket), &signed.ticket_signature));
    }
}

fn a_checkpoint_of_the_running_epoch_is_refused(executor: Executor) {
    let mut lock = world(executor, 1);
    let mut mallory = Puppet::of(&lock, "alice");
    let now = lock.world.now();
    // The provider's head of this very moment, well recorded: but picked when its nonce may be known.
    let (bob, head) = (lock.id("bob"), lock.head("bob"));
    mallory.append(now, "PEER_HASH", &omerta_tests::records::PeerHash { peer: bob, head, timestamp: now });
    let opening = mallory.open(now, &lock.terms("alice", "bob"), 80 * OMC, |open| open.checkpoint = head);
    let intent = opening.says(&lock, &mallory.key, "LOCK_INTENT", &opening.intent());
    lock.deliver("bob", &intent);
    assert_eq!(lock.word("bob", &opening.session, "reason"), "UNKNOWN_CHECKPOINT");
}

fn a_consumer_that_lets_eleven_openings_lapse_in_a_day_is_refused_by_everybody(executor: Executor) {
    let mut lock = world(executor, 1);
    lock.review("bob", Review::Refuses);
    for _ in 0..11 {
        let session = lock.open("alice", "bob", OMC).unwrap();
        lock.world.pass(SECOND);
        assert_eq!(lock.word("alice", &session, "reject_reason"), "TERMS_REFUSED");
    }
    lock.review("bob", Review::Accepts);
    let session = lock.open("alice", "bob", OMC).unwrap();
    assert_eq!(lock.word("alice", &session, "reject_reason"), "TOO_MANY_ABANDONED", "by itself");
    // A consumer that does not ask itself is refused by its chain.
    let mut mallory = Puppet::of(&lock, "alice");
    let last = lock.chain("alice");
    let block = last.last_of_kind("LOCK_OPEN").unwrap();
    // With the nonce it has committed to in this epoch, or that alone would be the reason.
    let committed: omerta_tests::records::LockOpen = wire::from_bytes(block.payload()).unwrap();
    let opening = mallory.open(lock.world.now(), &lock.terms("alice", "bob"), OMC, |_| {});
    let reopened = reopen(&mut mallory, &lock, &opening, committed.nonce_commitment);
    let intent = reopened.says(&lock, &mallory.key, "LOCK_INTENT", &reopened.intent());
    lock.deliver("bob", &intent);
    assert_eq!(lock.word("bob", &reopened.session, "reason"), "TOO_MANY_ABANDONED");
}

/// The opening again in place of the last block, with a commitment to a nonce that the puppet does not know.
fn reopen(mallory: &mut Puppet, lock: &LockWorld, opening: &Opening, commitment: Hash) -> Opening {
    let below = opening.open.previous();
    mallory.chain = mallory.chain.prefix(&below).unwrap();
    let (consumer, provider) = (mallory.key.peer_id(), opening.terms.provider);
    let terms_hash = opening.open.payload.terms_hash;
    let session = crypto::hash(&(consumer, provider, mallory.chain.next_height(), commitment, terms_hash));
    let mut again = mallory.open(lock.world.now(), &opening.terms, opening.open.payload.amount, |open| {
        open.nonce_commitment = commitment;
        open.session_id = session;
    });
    again.session = session;
    again
}

/// Alice waiting for an offer, while the real provider is not heard.
fn waiting_for_offer(executor: Executor) -> (LockWorld, SessionId, Offer) {
    let (mut lock, session) = opened(executor, 1);
    lock.mute("bob");
    lock.world.pass(SECOND);
    assert_eq!(lock.state("alice", &session), "WAITING_FOR_WITNESS_COMMITMENT");
    let opening = opening_of(&lock, &session);
    let offer = opening.offer(lock.ir(), &lock.key("bob"), &Bytes::from(vec![1; 32]), &lock.chain("bob"));
    (lock, session, offer)
}

/// Alice's opening as data.
fn opening_of(lock: &LockWorld, session: &SessionId) -> Opening {
    let chain = lock.chain("alice");
    let block = chain.last_of_kind("LOCK_OPEN").unwrap();
    Opening {
        terms: lock.field("alice", session, "terms").unwrap(),
        open: Block::from_raw(Arc::clone(block)).unwrap(),
        history: chain.prefix(&block.hash()).unwrap(),
        session: *session,
        nonce: Bytes::default(),
    }
}

fn offers_that_do_not_fit_close_the_opening(executor: Executor) {
    type Alter = fn(&mut Offer, &LockWorld, &SessionId);
    let wrong: [(&str, Alter); 8] = [
        ("another opening", |offer, _, _| offer.open_hash = Hash([1; 32])),
        ("other terms", |offer, _, _| offer.terms_hash = Hash([1; 32])),
        ("a nonce without its ticket", |offer, _, _| offer.provider_nonce = Bytes::from(vec![2; 32])),
        ("a ticket of somebody else", |offer, lock, session| {
            let ticket = opening_of(lock, session).ticket(&offer.provider_nonce);
            offer.ticket_signature = sign(lock.ir(), &lock.key("w1"), "DrawTicket", &ticket);
        }),
        ("a ticket of another epoch", |offer, lock, session| {
            let mut ticket = opening_of(lock, session).ticket(&offer.provider_nonce);
            ticket.epoch += 1;
            offer.ticket_signature = sign(lock.ir(), &lock.key("bob"), "DrawTicket", &ticket);
        }),
        ("a chain beyond the checkpoint", |offer, lock, _| offer.history = lock.chain("bob")),
        ("a chain short of the checkpoint", |offer, _, _| {
            let below = offer.history.head().unwrap().previous();
            offer.history = offer.history.prefix(&below).unwrap();
        }),
        ("a chain of somebody else", |offer, lock, _| offer.history = lock.chain("w1")),
    ];
    for (what, alter) in wrong {
        let (mut lock, session, mut offer) = waiting_for_offer(executor);
        alter(&mut offer, &lock, &session);
        let key = lock.key("bob");
        let now = lock.world.now();
        let envelope =
            Forgery::new(lock.protocol, session, now, "WITNESS_SELECTION_COMMITMENT", &offer).signed(&key);
        lock.deliver("alice", &envelope);
        assert_eq!(lock.state("alice", &session), "FAILED", "{what}");
        assert_eq!(lock.word("alice", &session, "reject_reason"), "BAD_OFFER", "{what}");
        assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "LOCK_CLOSED"], "{what}");
    }
    // The same offer unaltered is taken: it was the alteration that was refused.
    let (mut lock, session, offer) = waiting_for_offer(executor);
    let (key, now) = (lock.key("bob"), lock.world.now());
    let envelope =
        Forgery::new(lock.protocol, session, now, "WITNESS_SELECTION_COMMITMENT", &offer).signed(&key);
    lock.deliver("alice", &envelope);
    assert_eq!(lock.state("alice", &session), "WAITING_FOR_RESULT");
}

fn a_provider_that_has_met_too_few_refuses(executor: Executor) {
    for (known, often) in [(4, 4), (12, 1)] {
        let mut spec = Spec::clean(executor, 1);
        let known = candidates(1..=known);
        *spec.party("bob") =
            provider("bob", &[]).met(known[..often].to_vec(), 3).met(known[often..].to_vec(), 1);
        let mut lock = LockWorld::build(spec).unwrap();
        let session = lock.open("alice", "bob", 80 * OMC).unwrap();
        lock.world.pass(SETTLED);
        assert_eq!(lock.word("bob", &session, "reason"), "TOO_FEW_WITNESSES", "{often} of {known:?} often");
        assert_eq!(lock.word("alice", &session, "reject_reason"), "TOO_FEW_WITNESSES");
    }
}

/// A puppet's request to each candidate, with an offer that bob signed.
fn requested(
    lock: &LockWorld,
    alter: impl FnOnce(&mut omerta_tests::records::WitnessRequest),
) -> (Opening, omt_runtime::envelope::Envelope) {
    let mut mallory = Puppet::of(lock, "alice");
    let opening = mallory.open(lock.world.now(), &lock.terms("alice", "bob"), 80 * OMC, |_| {});
    let offer = opening.offer(lock.ir(), &lock.key("bob"), &Bytes::from(vec![3; 32]), &lock.chain("bob"));
    let mut request = opening.request(&opening.signed_offer(lock, "bob", &offer));
    alter(&mut request);
    let envelope = opening.says(lock, &mallory.key, "WITNESS_REQUEST", &request);
    (opening, envelope)
}

fn a_witness_that_was_not_drawn_refuses(executor: Executor) {
    let mut lock = world(executor, 1);
    let (opening, request) = requested(&lock, |_| {});
    let mut drawn = 0;
    for name in candidates(1..=12) {
        lock.deliver(&name, &request);
        match lock.state(&name, &opening.session).as_str() {
            "COLLECTING_PRELIMINARIES" => drawn += 1,
            state => {
                assert_eq!(state, "REFUSED", "{name}");
                assert_eq!(lock.word(&name, &opening.session, "reject_reason"), "NOT_DRAWN");
            }
        }
    }
    assert_eq!(drawn, 5);
}

fn a_nonce_that_was_not_committed_to_is_refused(executor: Executor) {
    let mut lock = world(executor, 1);
    let (opening, request) = requested(&lock, |request| request.nonce = Bytes::from(vec![9; 32]));
    for name in candidates(1..=12) {
        lock.deliver(&name, &request);
        assert_eq!(lock.word(&name, &opening.session, "reject_reason"), "BAD_REVEAL", "{name}");
    }
    // The provider takes no other either.
    let (mut lock, session) = opened(executor, 1);
    let alice = lock.id("alice");
    crate::support::dropping(&mut lock, "NONCE_REVEAL", None);
    assert!(lock.run_until_state(5 * SECOND, "bob", &session, "WAITING_FOR_REVEAL"));
    let reveal = omerta_tests::records::NonceReveal { nonce: Bytes::from(vec![9; 32]) };
    let forged = Forgery::new(lock.protocol, session, lock.world.now(), "NONCE_REVEAL", &reveal);
    let forged = forged.signed(&lock.key("alice"));
    assert_eq!(forged.from, alice);
    lock.deliver("bob", &forged);
    assert_eq!(lock.state("bob", &session), "WAITING_FOR_REVEAL");
    assert_eq!(lock.count("bob", omt_runtime::host::Reason::Guard), 1);
}
