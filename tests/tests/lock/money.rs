//! Chains that pay their own author: nobody takes them for money.

use crate::support::{locked, release, settlement, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::genesis::GenesisFile;
use omerta_tests::ledger;
use omerta_tests::lock::{LockWorld, OMC};
use omerta_tests::puppet::{Opening, Puppet};
use omerta_tests::records::{
    BalanceLock, BalanceUnlock, Grant, PaymentReceived, PeerHash, SettlementCertificate,
};
use omerta_tests::settlement::{Cabal, HALF, payment};
use omt_runtime::chain::Segment;
use omt_runtime::crypto::Keypair;
use omt_runtime::host::limits::{HOUR, SECOND};
use omt_runtime::host::{Reason, TriggerError};
use omt_runtime::id::{Hash, SessionId};

on_every_executor!(
    a_chain_that_pays_its_own_author_has_no_money,
    a_grant_of_another_network_is_no_money_here,
    an_honest_grant_with_its_path_is_money,
    a_settlement_of_a_quorum_releases_the_lock_and_nothing_less_does,
);

/// A newcomer with an empty chain; the puppet's first block decides.
fn newcomer(lock: &LockWorld) -> Puppet {
    let key = lock.key("mallory");
    let chain = Segment::empty(key.peer_id());
    Puppet::new(key, chain)
}

/// Puts the meeting with bob that an opening needs.
fn meets_bob(lock: &LockWorld, mallory: &mut Puppet) {
    // In an earlier epoch, like an honest consumer.
    let time = omt_runtime::host::WORLD_START + 60 * SECOND;
    let time = mallory.chain.head().map_or(time, |head| head.time().max(time));
    let (peer, head) = (lock.id("bob"), lock.head("bob"));
    mallory.append(time, "PEER_HASH", &PeerHash { peer, head, timestamp: time });
}

fn terms_of(lock: &LockWorld, mallory: &Puppet) -> omerta_tests::records::SessionTerms {
    omerta_tests::records::SessionTerms { consumer: mallory.key.peer_id(), ..lock.terms("alice", "bob") }
}

/// What bob makes of an opening on that chain: his state and reason.
fn bob_says(lock: &mut LockWorld, mallory: &Puppet, opening: &Opening) -> (String, String) {
    let intent = opening.says(lock, &mallory.key, "LOCK_INTENT", &opening.intent());
    lock.deliver("bob", &intent);
    (lock.state("bob", &opening.session), lock.word("bob", &opening.session, "reason"))
}

/// A settlement of a session among invented parties, in which mallory is paid.
fn invented(
    lock: &LockWorld,
    cabal: &[Keypair],
    session: SessionId,
    mallory: &Puppet,
) -> SettlementCertificate {
    let expires_at = lock.world.now();
    let (rate_per_hour, provider_trust, provider) = (10 * OMC, HALF, mallory.key.peer_id());
    let terms = omerta_tests::records::SessionTerms {
        provider,
        rate_per_hour,
        provider_trust,
        expires_at,
        ..lock.terms("alice", "bob")
    };
    let cabal = Cabal { ir: lock.ir(), keys: cabal };
    cabal.settle(&cabal.lock(session, &terms, 80 * OMC), &terms, 3600, |_| {})
}

fn a_chain_that_pays_its_own_author_has_no_money(executor: Executor) {
    type Cheat = fn(&mut Puppet, &LockWorld);
    fn granted(mallory: &mut Puppet, lock: &LockWorld, grant: Grant) {
        mallory.append(lock.world.now() - HOUR, "GRANT", &grant);
    }
    fn alices(lock: &LockWorld) -> Grant {
        lock.genesis.grant(&lock.id("alice")).unwrap()
    }
    fn cabal(lock: &LockWorld) -> Vec<Keypair> {
        (0..5).map(|n| lock.key(&format!("sybil {n}"))).collect()
    }
    let cheats: [(&str, Cheat); 10] = [
        ("a grant without a path", |m, lock| granted(m, lock, Grant { path: Vec::new(), ..alices(lock) })),
        ("somebody else's grant", |m, lock| granted(m, lock, alices(lock))),
        ("a larger grant", |m, lock| {
            m.key = lock.key("alice");
            m.chain = Segment::empty(m.key.peer_id());
            let grant = alices(lock);
            granted(m, lock, Grant { amount: grant.amount * 10, ..grant });
        }),
        ("its grant twice", |m, lock| {
            *m = Puppet::of(lock, "alice");
            m.append(lock.world.now(), "GRANT", &alices(lock));
        }),
        ("an unlock of what was never locked", |m, lock| {
            *m = Puppet::of(lock, "alice");
            let (now, amount) = (lock.world.now(), 900 * OMC);
            let unlock = BalanceUnlock {
                session_id: Hash([5; 32]),
                settlement_result_hash: None,
                refund_amount: amount,
                settlement: None,
                evidence: None,
                timestamp: now,
            };
            m.append(now, "BALANCE_UNLOCK", &unlock);
        }),
        ("an unlock before the expiry", |m, lock| {
            *m = Puppet::of(lock, "alice");
            let now = lock.world.now();
            let opening = m.open(now, &lock.terms("alice", "bob"), 80 * OMC, |_| {});
            let session_id = opening.session;
            let counter =
                BalanceLock { session_id, amount: 80 * OMC, lock_result_hash: Hash([6; 32]), timestamp: now };
            m.append(now, "BALANCE_LOCK", &counter);
            let unlock = BalanceUnlock {
                session_id,
                settlement_result_hash: None,
                refund_amount: 80 * OMC,
                settlement: None,
                evidence: None,
                timestamp: now,
            };
            m.append(now, "BALANCE_UNLOCK", &unlock);
        }),
        ("one session opened twice", |m, lock| {
            *m = Puppet::of(lock, "alice");
            let (now, terms) = (lock.world.now(), lock.terms("alice", "bob"));
            let first = m.open(now, &terms, OMC, |_| {}).session;
            m.open(now, &terms, OMC, |opening| opening.session_id = first);
        }),
        ("a payment that too few have signed", |m, lock| {
            let mut certificate = invented(lock, &cabal(lock), Hash([7; 32]), m);
            let first = *certificate.signatures.keys().next().unwrap();
            let second = *certificate.signatures.keys().nth(1).unwrap();
            certificate.signatures.remove(&first);
            certificate.signatures.remove(&second);
            m.append(lock.world.now() - HOUR, "PAYMENT_RECEIVED", &payment(&certificate, 0));
        }),
        ("a payment larger than its settlement", |m, lock| {
            let certificate = invented(lock, &cabal(lock), Hash([7; 32]), m);
            let larger = PaymentReceived { payment_amount: 900 * OMC, ..payment(&certificate, 0) };
            m.append(lock.world.now() - HOUR, "PAYMENT_RECEIVED", &larger);
        }),
        ("one payment twice", |m, lock| {
            let certificate = invented(lock, &cabal(lock), Hash([7; 32]), m);
            for _ in 0..2 {
                m.append(lock.world.now() - HOUR, "PAYMENT_RECEIVED", &payment(&certificate, 0));
            }
        }),
    ];
    for (what, cheat) in cheats {
        let mut lock = world(executor, 1);
        let mut mallory = newcomer(&lock);
        cheat(&mut mallory, &lock);
        let view = ledger::money(lock.program.package(), &mallory.chain);
        assert!(view.is_err(), "{what}: {view:?}");
        if mallory.chain.last_peer_hash(&lock.id("bob")).is_none() {
            meets_bob(&lock, &mut mallory);
        }
        let terms = terms_of(&lock, &mallory);
        let opening = mallory.open(lock.world.now(), &terms, OMC, |_| {});
        let (state, reason) = bob_says(&mut lock, &mallory, &opening);
        assert_eq!(state, "-", "{what}: nothing comes to exist ({reason})");
        assert_eq!(lock.count("bob", Reason::Fault), 1, "{what}: the ledger faults");
    }
}

fn a_grant_of_another_network_is_no_money_here(executor: Executor) {
    let mut lock = world(executor, 1);
    let mut mallory = newcomer(&lock);
    let own = GenesisFile::new([(mallory.key.peer_id(), 1_000_000 * OMC)]);
    let grant = own.grant(&mallory.key.peer_id()).unwrap();
    assert!(grant.path.is_empty(), "a file with one entry");
    mallory.append(omt_runtime::host::WORLD_START, "GRANT", &grant);
    meets_bob(&lock, &mut mallory);
    // The chain is in order, for its network.
    let money = ledger::money(lock.program.package(), &mallory.chain).unwrap();
    assert_eq!(money.balance, 1_000_000 * OMC);
    let terms = terms_of(&lock, &mallory);
    let opening = mallory.open(lock.world.now(), &terms, OMC, |_| {});
    let answer = bob_says(&mut lock, &mallory, &opening);
    assert_eq!(answer, ("REFUSED".to_owned(), "INSUFFICIENT_BALANCE".to_owned()));
}

fn an_honest_grant_with_its_path_is_money(executor: Executor) {
    let mut lock = world(executor, 1);
    let mut alice = Puppet::of(&lock, "alice");
    let path = lock.genesis.grant(&lock.id("alice")).unwrap().path;
    assert_eq!(path.len(), 4, "14 entries: four levels");
    let opening = alice.open(lock.world.now(), &lock.terms("alice", "bob"), 80 * OMC, |_| {});
    assert_eq!(bob_says(&mut lock, &alice, &opening).0, "REVIEWING", "{}", told(&lock, &opening.session));
}

fn a_settlement_of_a_quorum_releases_the_lock_and_nothing_less_does(executor: Executor) {
    let (mut lock, session) = locked(executor, 1);
    let cabal = lock.cabal("alice", &session);
    let strangers = ["eve".to_owned(), "w1".to_owned(), "w2".to_owned(), "w3".to_owned()];
    let wrong = [
        ("three of five", settlement(&lock, &session, &cabal[..3], &|_| {})),
        (
            "parts that do not add up",
            settlement(&lock, &session, &cabal, &|body| body.consumer_refund = 80 * OMC),
        ),
        (
            "parts that add up to what nobody attested",
            settlement(&lock, &session, &cabal, &|body| {
                body.consumer_refund += OMC;
                body.burn_amount -= OMC;
            }),
        ),
        ("another session", settlement(&lock, &session, &cabal, &|body| body.session_id = Hash([9; 32]))),
        ("strangers", settlement(&lock, &session, &strangers, &|_| {})),
    ];
    for (what, settlement) in &wrong {
        for name in ["alice", cabal[0].as_str()] {
            let refused = release(&mut lock, name, session, settlement);
            assert!(matches!(refused, Err(TriggerError::Refused(Reason::Guard))), "{what}: {refused:?}");
        }
    }
    let good = settlement(&lock, &session, &cabal[..4], &|_| {});
    assert!(release(&mut lock, "alice", session, &good).is_ok());
    assert!(release(&mut lock, &cabal[0], session, &good).is_ok());
    assert_eq!(lock.state("alice", &session), "RELEASED");
    assert_eq!(lock.state(&cabal[0], &session), "DONE");
    assert_eq!(lock.appended("alice"), ["LOCK_OPEN", "BALANCE_LOCK", "BALANCE_UNLOCK"]);
    let money = lock.money("alice").unwrap();
    assert_eq!(
        (money.balance, money.reserved),
        (90 * OMC, 0),
        "an hour at 10 OMC, all of it burned at trust 0"
    );
}
