//! A witness that votes twice.

use crate::support::{is_locked, opened, tapped, told};
use omerta_tests::executor::Executor;
use omerta_tests::forge::Forgery;
use omerta_tests::lock::LockWorld;
use omerta_tests::records::WitnessFinalVote;
use omt_runtime::chain::Equivocation;
use omt_runtime::envelope::Envelope;
use omt_runtime::host::limits::SECOND;
use omt_runtime::host::{Packet, Reason};
use omt_runtime::id::{PeerId, SessionId};
use std::sync::Arc;

on_every_executor!(
    a_second_vote_of_a_witness_is_refused_and_kept_as_evidence,
    a_vote_without_its_signature_or_a_rejection_with_one_is_not_counted,
);

/// A member that has taken a vote of another one and still collects: (collector, voter, the vote that was taken).
fn collecting(executor: Executor) -> (LockWorld, SessionId, String, String, Envelope) {
    for seed in 1..20 {
        let (mut lock, session, sent) = tapped(executor, seed);
        let found = |lock: &LockWorld| {
            let cabal = lock.cabal("alice", &session);
            cabal.iter().find_map(|collector| {
                if lock.state(collector, &session) != "COLLECTING_VOTES" {
                    return None;
                }
                let votes: omt_runtime::value::Map<PeerId, WitnessFinalVote> =
                    lock.field(collector, &session, "votes")?;
                let voter = votes.keys().map(|id| lock.world.name(id)).find(|voter| voter != collector)?;
                Some((collector.clone(), voter))
            })
        };
        if !lock.run_until(30 * SECOND, |lock| found(lock).is_some()) {
            continue;
        }
        let (collector, voter) = found(&lock).unwrap();
        let (from, to) = (lock.id(&voter), lock.id(&collector));
        let vote = sent.lock().unwrap().iter().find_map(|(f, t, packet, _)| match packet {
            Packet::Message(envelope)
                if (*f, *t) == (from, to) && &*envelope.message == "WITNESS_FINAL_VOTE" =>
            {
                Some(envelope.clone())
            }
            _ => None,
        });
        return (lock, session, collector, voter, vote.unwrap());
    }
    panic!("with no seed a member was seen collecting");
}

fn a_second_vote_of_a_witness_is_refused_and_kept_as_evidence(executor: Executor) {
    let (mut lock, session, collector, voter, vote) = collecting(executor);
    let key = lock.session(&session);
    let before = lock.peer(&collector).field(&key, "votes");
    let reject = WitnessFinalVote {
        recruitment_round: 0,
        vote: "REJECT".into(),
        observed_balance: 0,
        body_signature: None,
    };

    // The same statement again, as another message; then a contrary one.
    let again = Forgery::of(&vote).sequence(vote.sequence + 100).signed(&lock.key(&voter));
    lock.deliver(&collector, &again);
    assert_eq!(lock.count(&collector, Reason::Repeated), 1);
    let contrary =
        Forgery::of(&vote).sequence(vote.sequence + 101).payload(&reject).signed(&lock.key(&voter));
    lock.deliver(&collector, &contrary);
    assert_eq!(lock.count(&collector, Reason::RepeatedDifferent), 1);

    // A contrary one in the very place of the first: that is a proof by itself.
    let twin = Forgery::of(&vote).payload(&reject).signed(&lock.key(&voter));
    lock.deliver(&collector, &twin);
    assert_eq!(lock.count(&collector, Reason::Equivocation), 1);
    let proofs = lock.peer(&collector).proofs();
    let proof = proofs.iter().find(|proof| proof.author() == lock.id(&voter)).expect("kept");
    assert!(matches!(**proof, Equivocation::Messages(..)));
    assert!(Equivocation::of_messages(Arc::new(vote), Arc::new(twin)).unwrap().verify().is_ok());

    assert_eq!(lock.peer(&collector).field(&key, "votes"), before, "the first vote stands");
    assert!(lock.run_until(60 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
}

fn a_vote_without_its_signature_or_a_rejection_with_one_is_not_counted(executor: Executor) {
    let (mut lock, session) = opened(executor, 1);
    // One member never votes by itself.
    assert!(lock.run_until_state(30 * SECOND, "alice", &session, "WAITING_FOR_RESULT"));
    let cabal = lock.cabal("alice", &session);
    let (voter, collector) = (cabal[0].clone(), cabal[1].clone());
    lock.mute(&voter);
    let voting = |lock: &LockWorld| lock.state(&collector, &session) == "COLLECTING_VOTES";
    assert!(lock.run_until(60 * SECOND, voting), "{}", told(&lock, &session));
    let body: omerta_tests::records::LockBody = lock.field(&collector, &session, "body").unwrap();
    let signature = omerta_tests::forge::sign(lock.ir(), &lock.key(&voter), "LockBody", &body);
    let other = omerta_tests::forge::sign(lock.ir(), &lock.key(&collector), "LockBody", &body);
    let wrong = [("ACCEPT", None), ("REJECT", Some(signature)), ("ACCEPT", Some(other))];
    let refused = lock.count(&collector, Reason::Guard);
    for (number, (vote, body_signature)) in wrong.into_iter().enumerate() {
        let vote =
            WitnessFinalVote { recruitment_round: 0, vote: vote.into(), observed_balance: 0, body_signature };
        let forged = Forgery::new(lock.protocol, session, lock.world.now(), "WITNESS_FINAL_VOTE", &vote)
            .sequence(2_000_000 + number as u64)
            .signed(&lock.key(&voter));
        lock.deliver(&collector, &forged);
    }
    assert_eq!(lock.count(&collector, Reason::Guard), refused + 3);
    // With a true one it is.
    let vote = WitnessFinalVote {
        recruitment_round: 0,
        vote: "ACCEPT".into(),
        observed_balance: 0,
        body_signature: Some(signature),
    };
    let forged = Forgery::new(lock.protocol, session, lock.world.now(), "WITNESS_FINAL_VOTE", &vote)
        .sequence(3_000_000)
        .signed(&lock.key(&voter));
    lock.deliver(&collector, &forged);
    let key = lock.session(&session);
    let votes = lock.peer(&collector).field(&key, "votes").unwrap();
    let votes: omt_runtime::value::Map<PeerId, WitnessFinalVote> =
        omt_runtime::wire::from_bytes(&votes).unwrap();
    assert!(votes.contains_key(&lock.id(&voter)) || lock.state(&collector, &session) != "COLLECTING_VOTES");
}
