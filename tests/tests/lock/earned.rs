//! Money that was earned, as a provider judges it that is asked to serve for it: every coin goes back to a grant of this
//! network, on chains that it is shown.

use crate::support::world;
use omerta_tests::executor::Executor;
use omerta_tests::genesis::GenesisFile;
use omerta_tests::lock::{LockWorld, OMC};
use omerta_tests::puppet::Puppet;
use omerta_tests::records::{BalanceLock, BalanceUnlock, LockIntent, PeerHash, SessionTerms};
use omerta_tests::settlement::{Cabal, payment};
use omt_runtime::chain::Segment;
use omt_runtime::crypto::{self, Keypair};
use omt_runtime::host::WORLD_START;
use omt_runtime::host::limits::{HOUR, SECOND};

on_every_executor!(
    what_a_payer_has_settled_is_its_payees_money,
    what_a_payer_can_still_take_back_is_nobodys_money,
    a_payer_that_lives_on_earnings_comes_after_its_own_payers,
    a_payer_with_a_genesis_file_of_its_own_pays_nobody,
    a_payer_that_pays_more_than_it_has_pays_nobody,
);

/// A trust that turns all but a trifle of a payment into income; nobody checks it in a session among friends.
const TRUSTED: u64 = 1_000_000_000_000;

/// Somebody with an empty chain that has met these.
fn newcomer(lock: &LockWorld, name: &str, met: &[&str]) -> Puppet {
    let key = lock.key(name);
    let chain = Segment::empty(key.peer_id());
    let mut newcomer = Puppet::new(key, chain);
    meets(lock, &mut newcomer, met);
    newcomer
}

/// In an earlier epoch, like honest peers.
fn meets(lock: &LockWorld, who: &mut Puppet, met: &[&str]) {
    for other in met {
        let (peer, head) = (lock.id(other), lock.head(other));
        let time = who.chain.head().map_or(WORLD_START, |head| head.time()).max(WORLD_START + 60 * SECOND);
        who.append(time, "PEER_HASH", &PeerHash { peer, head, timestamp: time });
    }
}

/// A session among friends: an invented cabal signs whatever it takes. What is settled only if the payer records it.
fn pays(lock: &LockWorld, payer: &mut Puppet, payee: &mut Puppet, amount: u64, settled: bool) {
    let now = lock.world.now();
    let keys: Vec<Keypair> = (0..5).map(|n| lock.key(&format!("friend {n}"))).collect();
    let cabal = Cabal { ir: lock.ir(), keys: &keys };
    let terms = SessionTerms {
        consumer: payer.key.peer_id(),
        provider: payee.key.peer_id(),
        rate_per_hour: amount,
        provider_trust: TRUSTED,
        expires_at: now + HOUR,
        ..lock.terms("alice", "bob")
    };
    let (peer, head) = (terms.provider, omt_runtime::id::Hash([1; 32]));
    payer.append(now, "PEER_HASH", &PeerHash { peer, head, timestamp: now });
    let session_id = payer.open(now, &terms, amount, |_| {}).session;
    let certificate = cabal.lock(session_id, &terms, amount);
    let lock_result_hash = crypto::hash(&(certificate.body.clone(),));
    payer.append(now, "BALANCE_LOCK", &BalanceLock { session_id, amount, lock_result_hash, timestamp: now });
    let settlement = cabal.settle(&certificate, &terms, 3600, |_| {});
    if settled {
        let unlock = BalanceUnlock {
            session_id,
            settlement_result_hash: Some(crypto::hash(&(settlement.body.clone(),))),
            refund_amount: settlement.body.consumer_refund,
            settlement: Some(settlement.clone()),
            evidence: None,
            timestamp: now,
        };
        payer.append(now, "BALANCE_UNLOCK", &unlock);
    }
    let received = payment(&settlement, now);
    payee.append(now, "PAYMENT_RECEIVED", &received);
    let block = payee.chain.head().unwrap().hash();
    payee.append(now, "PAYMENT_WITNESSED", &cabal.witnessed(&received, block, now));
}

/// What bob answers to somebody who opens a lock of the amount and shows him chains, in a world of their own: two tries on
/// one chain would be a fork.
fn answer(executor: Executor, amount: u64, cast: impl FnOnce(&LockWorld) -> (Puppet, Vec<Puppet>)) -> String {
    let mut lock = world(executor, 1);
    let (mut who, sources) = cast(&lock);
    let terms = SessionTerms { consumer: who.key.peer_id(), ..lock.terms("alice", "bob") };
    let opening = who.open(lock.world.now(), &terms, amount, |_| {});
    let sources = sources.into_iter().map(|source| source.chain).collect();
    let intent = LockIntent { sources, ..opening.intent() };
    let said = opening.says(&lock, &who.key, "LOCK_INTENT", &intent);
    lock.deliver("bob", &said);
    match lock.state("bob", &opening.session).as_str() {
        "REFUSED" => lock.word("bob", &opening.session, "reason"),
        state => state.to_owned(),
    }
}

/// Mallory, whom alice has paid 60, and alice.
fn paid(lock: &LockWorld, settled: bool) -> (Puppet, Puppet) {
    let mut alice = Puppet::of(lock, "alice");
    let mut mallory = newcomer(lock, "mallory", &["bob"]);
    pays(lock, &mut alice, &mut mallory, 60 * OMC, settled);
    (mallory, alice)
}

fn what_a_payer_has_settled_is_its_payees_money(executor: Executor) {
    let shown = |amount: u64, shows: bool| {
        answer(executor, amount, |lock| {
            let (mallory, alice) = paid(lock, true);
            (mallory, if shows { vec![alice] } else { Vec::new() })
        })
    };
    assert_eq!(shown(59 * OMC, false), "INSUFFICIENT_BALANCE");
    assert_eq!(shown(61 * OMC, true), "INSUFFICIENT_BALANCE");
    assert_eq!(shown(59 * OMC, true), "REVIEWING");
}

fn what_a_payer_can_still_take_back_is_nobodys_money(executor: Executor) {
    // Recorded by a cabal of friends; the same friends let alice release the lock a day after it has expired.
    let answer = answer(executor, OMC, |lock| {
        let (mallory, alice) = paid(lock, false);
        (mallory, vec![alice])
    });
    assert_eq!(answer, "INSUFFICIENT_BALANCE");
}

fn a_payer_that_lives_on_earnings_comes_after_its_own_payers(executor: Executor) {
    type Order = fn(Puppet, Puppet) -> Vec<Puppet>;
    let shown = |order: Order| {
        answer(executor, 40 * OMC, |lock| {
            let mut alice = Puppet::of(lock, "alice");
            let mut carol = newcomer(lock, "carol", &[]);
            let mut mallory = newcomer(lock, "mallory", &["bob"]);
            pays(lock, &mut alice, &mut carol, 60 * OMC, true);
            pays(lock, &mut carol, &mut mallory, 50 * OMC, true);
            (mallory, order(alice, carol))
        })
    };
    assert_eq!(shown(|_, carol| vec![carol]), "INSUFFICIENT_BALANCE");
    assert_eq!(shown(|alice, carol| vec![carol, alice]), "INSUFFICIENT_BALANCE");
    assert_eq!(shown(|alice, carol| vec![alice, carol]), "REVIEWING");
}

fn a_payer_with_a_genesis_file_of_its_own_pays_nobody(executor: Executor) {
    let answer = answer(executor, OMC, |lock| {
        let mut rich = newcomer(lock, "rich", &[]);
        let own = GenesisFile::new([(rich.key.peer_id(), 1_000_000 * OMC)]);
        rich.append(WORLD_START, "GRANT", &own.grant(&rich.key.peer_id()).unwrap());
        let mut mallory = newcomer(lock, "mallory", &["bob"]);
        pays(lock, &mut rich, &mut mallory, 60 * OMC, true);
        (mallory, vec![rich])
    });
    assert_eq!(answer, "INSUFFICIENT_BALANCE");
}

fn a_payer_that_pays_more_than_it_has_pays_nobody(executor: Executor) {
    let shown = |amount: u64, whole: bool| {
        answer(executor, amount, |lock| {
            let (mut mallory, mut alice) = paid(lock, true);
            let before = Puppet::new(alice.key.clone(), alice.chain.clone());
            pays(lock, &mut alice, &mut mallory, 60 * OMC, true);
            (mallory, vec![if whole { alice } else { before }])
        })
    };
    assert_eq!(shown(OMC, true), "INSUFFICIENT_BALANCE");
    assert_eq!(
        shown(70 * OMC, false),
        "INSUFFICIENT_BALANCE",
        "a part of the chain shows a part of the money"
    );
    assert_eq!(shown(50 * OMC, false), "REVIEWING");
}
