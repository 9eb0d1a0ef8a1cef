//! What the tests of the lock share.

use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC, Spec};
use omerta_tests::records::{LockCertificate, SessionTerms, SettlementBody, SettlementCertificate};
use omerta_tests::settlement::Cabal;
use omt_runtime::envelope::Envelope;
use omt_runtime::host::limits::SECOND;
use omt_runtime::host::{EventKind, Fate, Packet, TriggerError};
use omt_runtime::id::{PeerId, SessionId};
use omt_runtime::wire;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// By then every lock has come about or not: the last deadline is the witnesses', 330 s.
pub const SETTLED: i64 = 335 * SECOND;

/// The usual world.
pub fn world(executor: Executor, seed: u64) -> LockWorld {
    LockWorld::build(Spec::clean(executor, seed)).unwrap()
}

/// The usual world, alice having begun to lock 80 of her 100, and everything that was sent since.
pub fn tapped(executor: Executor, seed: u64) -> (LockWorld, SessionId, Arc<Mutex<Vec<Sent>>>) {
    let mut lock = world(executor, seed);
    let sent = tap(&mut lock);
    let session = lock.open("alice", "bob", 80 * OMC).unwrap();
    (lock, session, sent)
}

/// The usual world, alice having begun to lock 80 of her 100.
pub fn opened(executor: Executor, seed: u64) -> (LockWorld, SessionId) {
    let mut lock = world(executor, seed);
    let session = lock.open("alice", "bob", 80 * OMC).unwrap();
    (lock, session)
}

/// The usual world with a lock.
pub fn locked(executor: Executor, seed: u64) -> (LockWorld, SessionId) {
    let (mut lock, session) = opened(executor, seed);
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &session)), "{}", told(&lock, &session));
    lock.world.pass(2 * SECOND);
    (lock, session)
}

/// A settlement of alice's lock after an hour, whose body may be spoilt, signed by these.
pub fn settlement(
    lock: &LockWorld,
    session: &SessionId,
    signers: &[String],
    alter: &dyn Fn(&mut SettlementBody),
) -> SettlementCertificate {
    let certificate: LockCertificate = lock.field("alice", session, "certificate").unwrap();
    let terms: SessionTerms = lock.field("alice", session, "terms").unwrap();
    let keys = |names: &[String]| names.iter().map(|name| lock.key(name)).collect::<Vec<_>>();
    let settle = |names: &[String]| {
        Cabal { ir: lock.ir(), keys: &keys(names) }.settle(&certificate, &terms, 3600, alter)
    };
    let signatures = settle(signers).signatures;
    SettlementCertificate { signatures, ..settle(&lock.cabal("alice", session)) }
}

/// Tells somebody's lock that it is settled, as transaction 02 does.
pub fn release(
    lock: &mut LockWorld,
    name: &str,
    session: SessionId,
    settlement: &SettlementCertificate,
) -> Result<SessionId, TriggerError> {
    let actor = lock.instance(name, &session).unwrap().actor;
    let mut call = lock.call(&actor, "release", vec![wire::to_bytes(&session), wire::to_bytes(settlement)]);
    call.session = Some(session);
    lock.world.with(name, |peer, now| peer.trigger(now, call)).unwrap()
}

/// Is everybody where a clean lock ends?
pub fn is_locked(lock: &LockWorld, session: &SessionId) -> bool {
    let cabal = lock.cabal("alice", session);
    lock.state("alice", session) == "LOCKED"
        && lock.state("bob", session) == "SERVICE_PHASE"
        && !cabal.is_empty()
        && cabal.iter().all(|name| lock.state(name, session) == "ESCROW_ACTIVE")
}

/// Who is in which state, and why: for messages.
pub fn told(lock: &LockWorld, session: &SessionId) -> String {
    let mut told = String::new();
    for name in lock.names().iter().filter(|name| lock.world.peer(name).is_some()) {
        let Some(view) = lock.instance(name, session) else { continue };
        let field = if view.actor == "Provider" { "reason" } else { "reject_reason" };
        let reason = lock.word(name, session, field);
        let mut refused: BTreeMap<String, u64> = BTreeMap::new();
        for ((reason, _), count) in lock.peer(name).counters() {
            *refused.entry(reason.to_string()).or_default() += count;
        }
        let fault = view.fault.unwrap_or_default();
        told.push_str(&format!("{name}: {} {reason} {fault} refused {refused:?}\n", view.state));
    }
    told
}

/// Asserts that nobody's step faulted so that it stopped, and every chain verifies and is valid money.
pub fn assert_sound(lock: &LockWorld) {
    for name in lock.names() {
        assert!(lock.chain(name).verify().is_ok(), "chain of {name}");
        assert!(lock.money(name).is_ok(), "ledger of {name}: {:?}", lock.money(name));
        for event in lock.world.events(name) {
            let stopped = matches!(event.kind, EventKind::Fault { stopped: true, .. });
            assert!(!stopped, "{name}: {event:?}");
        }
    }
}

/// Snapshots of all instances of a session, heads of chains: what a message without effect leaves as it was.
pub fn snapshot(
    lock: &LockWorld,
    session: &SessionId,
) -> Vec<(String, Option<Vec<u8>>, omt_runtime::id::Hash)> {
    let key = lock.session(session);
    let of = |name: &String| (name.clone(), lock.peer(name).snapshot(&key), lock.head(name));
    lock.names().iter().map(of).collect()
}

/// A datagram that was sent: from, to, what.
pub type Sent = (PeerId, PeerId, Packet, Vec<u8>);

/// Lets everything pass and remembers it.
pub fn tap(lock: &mut LockWorld) -> Arc<Mutex<Vec<Sent>>> {
    let tapped = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&tapped);
    lock.filter(move |passing| {
        let sent = (passing.from, passing.to, passing.packet.clone(), passing.bytes.to_vec());
        into.lock().unwrap().push(sent);
        Fate::Pass
    });
    tapped
}

/// One envelope of every kind of message that a clean lock says, by name, with its receiver.
pub fn specimens(executor: Executor, seed: u64) -> BTreeMap<String, (Envelope, PeerId)> {
    let (mut lock, session, sent) = tapped(executor, seed);
    assert!(lock.run_until(30 * SECOND, |lock| is_locked(lock, &session)));
    lock.world.pass(SECOND);
    let mut specimens = BTreeMap::new();
    for (_, to, packet, _) in sent.lock().unwrap().iter() {
        if let Packet::Message(envelope) | Packet::Gossip(envelope) = packet {
            specimens.entry(envelope.message.to_string()).or_insert((envelope.clone(), *to));
        }
    }
    specimens
}

/// Drops every datagram that carries this message to that peer (to anybody if `None`).
pub fn dropping(lock: &mut LockWorld, message: &'static str, to: Option<PeerId>) {
    lock.filter(move |passing| {
        let hit = passing.message() == Some(message) && to.is_none_or(|to| to == passing.to);
        if hit { Fate::Drop } else { Fate::Pass }
    });
}
