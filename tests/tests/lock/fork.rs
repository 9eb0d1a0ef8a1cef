//! A consumer that signs two branches of its chain: two processes under one key, each with an 80 of the 100.

use crate::support::{SETTLED, told};
use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC, Party, Spec, candidates, provider};
use omerta_tests::records::LockCertificate;
use omt_runtime::chain::{Equivocation, EvidenceStore};
use omt_runtime::host::{Fate, Packet};
use omt_runtime::id::SessionId;
use omt_runtime::wire;

on_every_executor!(
    two_branches_before_overlapping_cabals_do_not_both_succeed_unseen,
    two_branches_before_disjoint_cabals_convict_the_consumer_from_two_chains,
    gossip_brings_two_branches_together_and_everybody_has_the_proof,
    a_consumer_with_a_known_fork_gets_no_lock,
);

/// Bob knows one range of candidates, carol another; `alice` and `alice2` are one peer.
fn forked(executor: Executor, seed: u64, bob: &[String], carol: &[String]) -> LockWorld {
    let mut parties = vec![provider("bob", bob), provider("carol", carol)];
    parties.push(Party::new("alice", 100 * OMC).met(["bob".to_owned(), "carol".to_owned()], 1));
    parties.push(Party::new("alice2", 0).twin_of("alice"));
    let mut witnesses: Vec<&String> = bob.iter().chain(carol).collect();
    witnesses.sort();
    witnesses.dedup();
    parties.extend(witnesses.into_iter().map(|name| Party::new(name, OMC)));
    LockWorld::build(Spec { parties, ..Spec::clean(executor, seed) }).unwrap()
}

/// Both branches at once.
fn open_both(lock: &mut LockWorld) -> (SessionId, SessionId) {
    let first = lock.open("alice", "bob", 80 * OMC).unwrap();
    let second = lock.open("alice2", "carol", 80 * OMC).unwrap();
    assert_ne!(lock.head("alice"), lock.head("alice2"), "the branches have parted");
    (first, second)
}

/// One honest signer of a session's certificate, as the provider holds it.
fn signer(lock: &LockWorld, provider: &str, session: &SessionId) -> String {
    let certificate: LockCertificate = lock.field(provider, session, "certificate").unwrap();
    lock.world.name(certificate.signatures.keys().next().unwrap())
}

/// The proof that the chains of one honest signer of each session give, from bytes alone.
fn proof_of_two_signers(lock: &LockWorld, first: &SessionId, second: &SessionId) -> Equivocation {
    let alice = lock.id("alice");
    let mut evidence = EvidenceStore::new();
    for (provider, session) in [("bob", first), ("carol", second)] {
        let signer = signer(lock, provider, session);
        let shown =
            lock.peer(&signer).cached_chain(&alice).unwrap_or_else(|| panic!("{signer} kept no chain"));
        // What it shows passes through bytes, as it would between strangers.
        let shown = wire::from_bytes(&wire::to_bytes(shown)).unwrap();
        evidence.observe_segment(&shown);
    }
    let proof = evidence.proof(&alice).expect("the two chains contradict each other");
    let proof: Equivocation = wire::from_bytes(&wire::to_bytes(&**proof)).unwrap();
    assert_eq!(proof.author(), alice);
    assert!(proof.verify().is_ok());
    proof
}

fn serves(lock: &LockWorld, provider: &str, session: &SessionId) -> bool {
    lock.state(provider, session) == "SERVICE_PHASE"
}

fn two_branches_before_overlapping_cabals_do_not_both_succeed_unseen(executor: Executor) {
    let mut single = 0;
    for seed in 1..=6 {
        // Overlaps of one to five members.
        let shift = u32::try_from(seed).unwrap() % 5;
        let mut lock = forked(executor, seed, &candidates(1..=5), &candidates(1 + shift..=5 + shift));
        let (first, second) = open_both(&mut lock);
        lock.world.pass(SETTLED);
        let alice = lock.id("alice");
        match (serves(&lock, "bob", &first), serves(&lock, "carol", &second)) {
            (true, true) => {
                proof_of_two_signers(&lock, &first, &second);
            }
            _ => single += 1,
        }
        let convicted = lock
            .names()
            .iter()
            .filter(|name| lock.peer(name).proofs().iter().any(|proof| proof.author() == alice));
        assert!(convicted.count() > 0, "seed {seed}: a common member has seen both\n{}", told(&lock, &first));
    }
    assert!(single > 0, "in some orders a common member stops one of the two");
}

fn two_branches_before_disjoint_cabals_convict_the_consumer_from_two_chains(executor: Executor) {
    let mut lock = forked(executor, 1, &candidates(1..=5), &candidates(6..=10));
    // The worst case: nobody hears anything from the other side.
    lock.filter(|passing| if matches!(passing.packet, Packet::Gossip(_)) { Fate::Drop } else { Fate::Pass });
    let (first, second) = open_both(&mut lock);
    lock.world.pass(SETTLED);
    assert!(
        serves(&lock, "bob", &first) && serves(&lock, "carol", &second),
        "nothing to see for either side"
    );
    let proof = proof_of_two_signers(&lock, &first, &second);
    let Equivocation::Blocks(a, b) = proof else { panic!("two blocks") };
    assert_eq!(a.height(), b.height());
    assert_eq!((a.kind(), b.kind()), ("LOCK_OPEN", "LOCK_OPEN"), "the point where the branches part");
}

fn gossip_brings_two_branches_together_and_everybody_has_the_proof(executor: Executor) {
    let mut lock = forked(executor, 2, &candidates(1..=5), &candidates(6..=10));
    let (_first, _second) = open_both(&mut lock);
    lock.world.pass(SETTLED);
    let alice = lock.id("alice");
    for name in lock.names().iter().filter(|name| !name.starts_with("alice")) {
        let proofs = lock.peer(name).proofs();
        let proof = proofs.iter().find(|proof| proof.author() == alice);
        assert!(proof.is_some_and(|proof| proof.verify().is_ok()), "{name} has no proof");
    }
}

fn a_consumer_with_a_known_fork_gets_no_lock(executor: Executor) {
    let mut lock = forked(executor, 3, &candidates(1..=5), &candidates(6..=10));
    let (_first, _second) = open_both(&mut lock);
    lock.world.pass(SETTLED);
    // 20 more would be covered by either branch.
    let third = lock.open("alice", "bob", 20 * OMC).unwrap();
    lock.world.pass(SETTLED);
    assert_eq!(lock.word("bob", &third, "reason"), "FORKED_CHAIN");
    assert_eq!(lock.state("alice", &third), "FAILED");
}
