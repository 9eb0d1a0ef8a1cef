//! A stranger's message in every state of every actor.

use crate::support::{SETTLED, locked, opened, release, settlement, specimens, tapped, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::forge::Forgery;
use omerta_tests::lock::{LockWorld, OMC, Review};
use omerta_tests::records::{BalanceUpdate, SignedLock};
use omt_runtime::crypto::Keypair;
use omt_runtime::envelope::Envelope;
use omt_runtime::host::limits::{HOUR, SECOND};
use omt_runtime::host::{Fate, PeerInput, RunEnd};
use omt_runtime::id::{PeerId, SessionId};
use std::collections::{BTreeMap, BTreeSet};

on_every_executor!(a_strangers_message_in_every_state_of_every_actor_changes_nothing);

type Specimens = BTreeMap<String, (Envelope, PeerId)>;

/// Which states of which actors a stranger has tried.
#[derive(Default)]
struct Probes {
    tried: BTreeSet<(String, String)>,
    sequence: u64,
}

impl Probes {
    /// Lets two strangers say everything to whoever is in a state that was not tried yet: one from outside, and one who
    /// is known to everybody but plays no part in this session.
    fn probe(&mut self, lock: &mut LockWorld, session: &SessionId, specimens: &Specimens) {
        for name in lock.names().to_vec() {
            let Some(view) = lock.instance(&name, session) else { continue };
            if !self.tried.insert((view.actor.clone(), view.state.clone())) {
                continue;
            }
            self.say_everything(lock, &name, session, specimens, &format!("{name} in {}", view.state));
        }
    }

    fn say_everything(
        &mut self,
        lock: &mut LockWorld,
        name: &str,
        session: &SessionId,
        specimens: &Specimens,
        what: &str,
    ) {
        let key = lock.session(session);
        let cabal = lock.cabal("alice", session);
        let idle =
            lock.names().iter().find(|n| n.starts_with('w') && !cabal.contains(n) && *n != name).cloned();
        let strangers: Vec<Keypair> =
            [Some("eve".to_owned()), idle].iter().flatten().map(|n| lock.key(n)).collect();
        let before = (lock.peer(name).snapshot(&key), lock.head(name), lock.peer(name).instances().len());
        // Before the draw is known, who is a stranger is not known either: what the drawn might say waits, to be judged
        // then.
        let kept = |lock: &LockWorld| lock.instance(name, session).map_or(0, |view| view.deferred as u64);
        let count = |lock: &LockWorld| lock.peer(name).counters().values().sum::<u64>() + kept(lock);
        for stranger in &strangers {
            for (message, (envelope, _)) in specimens {
                let refused = count(lock);
                self.sequence += 1;
                let forged = Forgery::of(envelope)
                    .session(*session)
                    .sequence(5_000_000 + self.sequence)
                    .time(lock.world.now())
                    .by(lock.ir(), stranger);
                lock.deliver(name, &forged);
                let after =
                    (lock.peer(name).snapshot(&key), lock.head(name), lock.peer(name).instances().len());
                assert!(after == before, "{what}: {message} of a stranger changed something");
                assert!(count(lock) > refused, "{what}: {message} of a stranger was not counted");
            }
        }
    }

    /// Runs for that long, trying strangers in each new state.
    fn run(&mut self, lock: &mut LockWorld, session: &SessionId, specimens: &Specimens, duration: i64) {
        let limit = lock.world.now() + duration;
        loop {
            self.probe(lock, session, specimens);
            match lock.world.step(limit) {
                None => {}
                Some(RunEnd::Quiet | RunEnd::Limit) => break,
            }
        }
        self.probe(lock, session, specimens);
    }
}

fn a_strangers_message_in_every_state_of_every_actor_changes_nothing(executor: Executor) {
    let mut known = specimens(executor, 1);
    // Blocks that alice signs later in this run must not meet others that she signed at the same height in that one:
    // that would be a true proof against her. What carries them comes from another world.
    let (other, session) = locked(executor, 101);
    let foreign = SignedLock {
        certificate: other.field("alice", &session, "certificate").unwrap(),
        lock: other.field("alice", &session, "lock").unwrap(),
        history: other.chain("alice"),
    };
    let update = BalanceUpdate {
        consumer: other.id("alice"),
        certificate: foreign.certificate.clone(),
        lock: foreign.lock.clone(),
    };
    for (name, (envelope, _)) in &mut known {
        let forged = Forgery::of(envelope);
        let forged = match name.as_str() {
            "BALANCE_UPDATE_BROADCAST" => forged.payload(&update),
            name if name.ends_with("ED_LOCK") => forged.payload(&foreign),
            _ => continue,
        };
        *envelope = forged.unsigned(envelope.from);
    }
    let specimens = known;
    assert!(specimens.len() >= 10, "{:?}", specimens.keys());
    let mut probes = Probes::default();

    // Before anything has begun: nothing comes to exist. What only later states handle waits, and is forgotten.
    let mut lock = world(executor, 1);
    for (message, (envelope, _)) in &specimens {
        for name in ["bob", "w1", "alice"] {
            let forged =
                Forgery::of(envelope).sequence(1).time(lock.world.now()).by(lock.ir(), &lock.key("eve"));
            lock.deliver(name, &forged);
            assert!(
                lock.peer(name).instances().is_empty(),
                "{message} of a stranger created something at {name}"
            );
        }
    }
    lock.world.pass(61 * SECOND);
    for name in ["bob", "w1", "alice"] {
        lock.world.with(name, |peer, now| peer.handle(now, PeerInput::Tick)).unwrap().unwrap();
        assert_eq!(lock.peer(name).early_count(), 0, "{name}");
    }

    // A clean lock to its very end.
    let (mut lock, session) = opened(executor, 1);
    probes.run(&mut lock, &session, &specimens, 30 * SECOND);
    assert!(
        crate::support::is_locked(&lock, &session),
        "it came about all the same\n{}",
        told(&lock, &session)
    );
    lock.top_up("alice", &session, 10 * OMC);
    probes.run(&mut lock, &session, &specimens, 10 * SECOND);
    assert_eq!(lock.field::<u64>("alice", &session, "total"), Some(90 * OMC));
    probes.run(&mut lock, &session, &specimens, 30 * HOUR);

    // A member that has missed a top-up asks for it, and gets no answer.
    let (mut lock, session) = locked(executor, 1);
    let behind = lock.cabal("alice", &session)[0].clone();
    let to = lock.id(&behind);
    lock.filter(move |passing| {
        let missed = ["CONSUMER_SIGNED_TOPUP", "FORWARDED_TOPUP", "WITNESS_CHAIN_SYNC_RESPONSE"];
        let hit = passing.to == to && passing.message().is_some_and(|message| missed.contains(&message));
        if hit { Fate::Drop } else { Fate::Pass }
    });
    for _ in 0..2 {
        lock.top_up("alice", &session, OMC);
        probes.run(&mut lock, &session, &specimens, 20 * SECOND);
    }
    assert_eq!(lock.field::<u64>("alice", &session, "total"), Some(82 * OMC));

    // Two members fall silent: the others would replace them, and cannot.
    let (mut lock, session) = locked(executor, 1);
    for name in &lock.cabal("alice", &session)[..2] {
        lock.mute(name);
    }
    probes.run(&mut lock, &session, &specimens, 400 * SECOND);

    // A lock that transaction 02 has settled.
    let (mut lock, session) = locked(executor, 1);
    let cabal = lock.cabal("alice", &session);
    let settled = settlement(&lock, &session, &cabal, &|_| {});
    release(&mut lock, "alice", session, &settled).unwrap();
    probes.run(&mut lock, &session, &specimens, SECOND);

    // Two silent witnesses: no agreement, nothing but deadlines.
    let (mut lock, session) = opened(executor, 1);
    assert!(lock.run_until_state(5 * SECOND, "alice", &session, "WAITING_FOR_RESULT"));
    for name in &lock.cabal("alice", &session)[..2] {
        lock.mute(name);
    }
    probes.run(&mut lock, &session, &specimens, SETTLED);

    // A provider that refuses.
    let mut lock = world(executor, 1);
    lock.review("bob", Review::Refuses);
    let session = lock.open("alice", "bob", 80 * OMC).unwrap();
    probes.run(&mut lock, &session, &specimens, 5 * SECOND);

    // A witness that was not drawn is asked all the same.
    let (mut lock, session, sent) = tapped(executor, 1);
    assert!(lock.run_until_state(5 * SECOND, "alice", &session, "WAITING_FOR_RESULT"));
    let request = sent.lock().unwrap().iter().find_map(|(_, _, packet, _)| match packet {
        omt_runtime::host::Packet::Message(envelope) if &*envelope.message == "WITNESS_REQUEST" => {
            Some(envelope.clone())
        }
        _ => None,
    });
    let cabal = lock.cabal("alice", &session);
    let other = lock.names().iter().find(|n| n.starts_with('w') && !cabal.contains(n)).cloned().unwrap();
    lock.filter(|_| Fate::Pass);
    let request = request.unwrap();
    lock.deliver(&other, &request);
    assert_eq!(lock.word(&other, &session, "reject_reason"), "NOT_DRAWN");
    probes.run(&mut lock, &session, &specimens, SECOND);

    let analysis = &lock.program.package().analysis;
    for (actor, known) in &analysis.actors {
        let initial = &lock.ir().actors[actor].initial;
        for state in known.reachable.difference(&known.passed_through).filter(|state| *state != initial) {
            assert!(probes.tried.contains(&(actor.clone(), state.clone())), "nobody was in {actor}.{state}");
        }
    }
}
