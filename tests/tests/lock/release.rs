//! Release by expiry, as a reader of the payer's chain judges it: whose word it takes, and how many.

use omerta_tests::executor::Executor;
use omerta_tests::forge::sign;
use omerta_tests::ledger;
use omerta_tests::lock::{LockWorld, OMC, Spec};
use omerta_tests::puppet::Puppet;
use omerta_tests::records::{
    BalanceLock, BalanceUnlock, LockBody, ReleaseEvidence, ReleaseStatement, SessionTerms,
    SignedReleaseStatement,
};
use omerta_tests::settlement::Cabal;
use omt_runtime::crypto::{self, Keypair};
use omt_runtime::host::limits::HOUR;
use omt_runtime::id::Hash;

const AMOUNT: u64 = 80 * OMC;

/// What a member says, before it signs.
#[derive(Clone, Copy)]
struct Word {
    signed: bool,
    recorded: bool,
}

const NEITHER: Word = Word { signed: false, recorded: false };
const SIGNED: Word = Word { signed: true, recorded: false };
const BOTH: Word = Word { signed: true, recorded: true };

/// A lock of alice's whose cabal is invented, expired for longer than a day.
struct Expired {
    lock: LockWorld,
    alice: Puppet,
    members: Vec<Keypair>,
    body: LockBody,
    expires_at: i64,
}

fn expired() -> Expired {
    let lock = LockWorld::build(Spec::clean(Executor::Interpreter, 1)).unwrap();
    let mut alice = Puppet::of(&lock, "alice");
    let now = lock.world.now();
    let terms = SessionTerms { expires_at: now + HOUR, ..lock.terms("alice", "bob") };
    let members: Vec<Keypair> = (0..5).map(|n| lock.key(&format!("member {n}"))).collect();
    let opening = alice.open(now, &terms, AMOUNT, |_| {});
    let body = Cabal { ir: lock.ir(), keys: &members }.lock(opening.session, &terms, AMOUNT).body;
    let lock_result_hash = crypto::hash(&(body.clone(),));
    let counter_signature =
        BalanceLock { session_id: opening.session, amount: AMOUNT, lock_result_hash, timestamp: now };
    alice.append(now, "BALANCE_LOCK", &counter_signature);
    Expired { lock, alice, members, body, expires_at: terms.expires_at }
}

impl Expired {
    fn statement(&self, member: &Keypair, word: Word) -> ReleaseStatement {
        ReleaseStatement {
            session_id: self.body.session_id,
            lock_result_hash: crypto::hash(&(self.body.clone(),)),
            member: member.peer_id(),
            has_signed: word.signed,
            has_recorded: word.recorded,
        }
    }

    fn says(&self, key: &Keypair, statement: ReleaseStatement) -> SignedReleaseStatement {
        let statement_signature = sign(self.lock.ir(), key, "ReleaseStatement", &statement);
        SignedReleaseStatement { statement, statement_signature }
    }

    fn words(&self, words: &[(usize, Word)]) -> Vec<SignedReleaseStatement> {
        words
            .iter()
            .map(|(n, word)| self.says(&self.members[*n], self.statement(&self.members[*n], *word)))
            .collect()
    }

    /// What alice has free when she releases with that; nothing when her ledger faults.
    fn free(&self, statements: Vec<SignedReleaseStatement>, after: i64) -> Option<i128> {
        let mut alice = Puppet::new(self.alice.key.clone(), self.alice.chain.clone());
        let time = self.expires_at + after;
        let unlock = BalanceUnlock {
            session_id: self.body.session_id,
            settlement_result_hash: None,
            refund_amount: AMOUNT,
            settlement: None,
            evidence: Some(ReleaseEvidence { lock: self.body.clone(), statements }),
            timestamp: time,
        };
        alice.append(time, "BALANCE_UNLOCK", &unlock);
        ledger::money(self.lock.program.package(), &alice.chain).ok().map(|money| money.free)
    }
}

const ALL: Option<i128> = Some(100 * OMC as i128);
const DAY: i64 = 24 * HOUR;

#[test]
fn members_that_signed_nothing_release_when_no_quorum_can_have_signed() {
    let it = expired();
    let three = [(0, NEITHER), (1, NEITHER), (2, NEITHER)];
    assert_eq!(it.free(it.words(&three), DAY), ALL);
    assert_eq!(it.free(it.words(&three), DAY - 1), None, "a microsecond too early");
    assert_eq!(it.free(it.words(&three[..2]), DAY), None, "two of five");
    assert_eq!(it.free(Vec::new(), DAY), None, "nobody");
    assert_eq!(it.free(it.words(&[(0, NEITHER), (1, NEITHER), (2, BOTH)]), DAY), None, "one has signed");
}

#[test]
fn a_member_counts_once_however_often_it_speaks() {
    let it = expired();
    assert_eq!(it.free(it.words(&[(0, NEITHER), (1, NEITHER), (1, NEITHER)]), DAY), None);
    assert_eq!(it.free(it.words(&[(0, NEITHER), (0, SIGNED), (1, NEITHER), (2, NEITHER)]), DAY), None);
    assert_eq!(it.free(it.words(&[(0, SIGNED), (1, SIGNED), (2, SIGNED), (2, SIGNED)]), DAY), None);
}

#[test]
fn members_that_recorded_nothing_release_when_too_few_can_have_recorded() {
    let it = expired();
    let four = [(0, SIGNED), (1, SIGNED), (2, SIGNED), (3, SIGNED)];
    assert_eq!(it.free(it.words(&four), DAY), ALL);
    assert_eq!(it.free(it.words(&four[..3]), DAY), None, "three of five");
    assert_eq!(it.free(it.words(&[(0, SIGNED), (1, SIGNED), (2, SIGNED), (3, BOTH)]), DAY), None);
}

#[test]
fn only_members_speak_each_for_itself_and_about_this_lock() {
    let it = expired();
    let good = it.words(&[(0, NEITHER), (1, NEITHER)]);
    let with = |third: SignedReleaseStatement| [good.clone(), vec![third]].concat();
    let (third, stranger) = (&it.members[2], it.lock.key("stranger"));
    let own = it.statement(third, NEITHER);
    assert_eq!(it.free(with(it.says(third, own.clone())), DAY), ALL);
    assert_eq!(it.free(with(it.says(&stranger, it.statement(&stranger, NEITHER))), DAY), None, "a stranger");
    assert_eq!(it.free(with(it.says(&stranger, own.clone())), DAY), None, "another's signature");
    let elsewhere = ReleaseStatement { session_id: Hash([9; 32]), ..own.clone() };
    assert_eq!(it.free(with(it.says(third, elsewhere)), DAY), None, "another session");
    let another = ReleaseStatement { lock_result_hash: Hash([9; 32]), ..own };
    assert_eq!(it.free(with(it.says(third, another)), DAY), None, "another lock");
}
