//! What a chain says about money, by the protocol's own view.

use omt_runtime::chain::{Equivocation, RawBlock, Segment};
use omt_runtime::fault::FaultKind;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::interp::Interpreter;
use omt_runtime::machine::{Env, PeerHead, ViewCache, ViewKey};
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use omt_runtime::wire;
use std::any::Any;
use std::sync::Arc;

/// Money of the owner of a chain, µOMC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// With what is reserved.
    pub balance: u64,
    /// Held back by openings and locks.
    pub reserved: u64,
    /// Openings and locks that hold it back.
    pub reservations: usize,
    /// By the genesis file.
    pub granted: u64,
    /// To providers.
    pub paid: u64,
    /// Destroyed by the owner's settlements.
    pub burned: u64,
    /// Of payments that count.
    pub earned: u64,
    /// Neither reserved nor gone, with what was earned.
    pub free: i128,
}

impl Money {
    /// Is everything that came in still there, or accounted for?
    pub fn adds_up(&self) -> bool {
        i128::from(self.granted) + i128::from(self.earned)
            == self.free + i128::from(self.reserved) + i128::from(self.paid) + i128::from(self.burned)
    }

    /// All of it together.
    pub fn total<'a>(all: impl IntoIterator<Item = &'a Money>) -> Money {
        all.into_iter().fold(Money::default(), |sum, money| Money {
            balance: sum.balance + money.balance,
            reserved: sum.reserved + money.reserved,
            reservations: sum.reservations + money.reservations,
            granted: sum.granted + money.granted,
            paid: sum.paid + money.paid,
            burned: sum.burned + money.burned,
            earned: sum.earned + money.earned,
            free: sum.free + money.free,
        })
    }
}

/// The view `Ledger` of a chain.
///
/// # Errors
/// The view faults: the chain pays its own author, or is otherwise no chain of honest money.
pub fn money(package: &Arc<Package>, chain: &Segment) -> Result<Money, FaultKind> {
    let mut nobody = Nobody(chain.clone());
    let view = Interpreter::new(Arc::clone(package)).view("Ledger", chain, &mut nobody)?;
    let Ok(Value::Record(ledger)) = wire::decode_checked::<Value>(&view) else {
        return Err(FaultKind::internal("the ledger is no record"));
    };
    let amount = |value: Option<&Value>| match value {
        Some(Value::Int(amount)) => u64::try_from(*amount).unwrap_or(0),
        _ => 0,
    };
    let mut money = Money {
        balance: amount(ledger.get("balance")),
        granted: amount(ledger.get("granted")),
        paid: amount(ledger.get("paid")),
        burned: amount(ledger.get("burned")),
        earned: amount(ledger.get("earned")),
        ..Money::default()
    };
    if let Some(Value::Map(locks)) = ledger.get("locks") {
        for held in locks.values() {
            if let Value::Record(held) = held {
                money.reserved += amount(held.get("amount")) + amount(held.get("pending"));
                money.reservations += 1;
            }
        }
    }
    if let Some(Value::Int(balance)) = ledger.get("balance") {
        money.free = *balance - i128::from(money.reserved) + i128::from(money.earned);
    }
    Ok(money)
}

/// An environment that knows nothing and can do nothing: a view needs none.
struct Nobody(Segment);

impl Env for Nobody {
    fn now(&self) -> i64 {
        0
    }
    fn peer_id(&self) -> PeerId {
        self.0.author()
    }
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        vec![0; count]
    }
    fn sign(&mut self, _digest: &Hash) -> Signature {
        Signature([0; 64])
    }
    fn native(&mut self, name: &str, _arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        Err(FaultKind::Native(name.into()))
    }
    fn shared(&self, _field: &str) -> Option<Vec<u8>> {
        None
    }
    fn set_shared(&mut self, _field: &str, _value: Vec<u8>) {}
    fn chain(&self) -> Segment {
        self.0.clone()
    }
    fn append(&mut self, _kind: &str, _payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        Err(FaultKind::internal("a view appends nothing"))
    }
    fn read(&self, _peer: &PeerId) -> Option<PeerHead> {
        None
    }
    fn equivocation(&self, _peer: &PeerId) -> Option<Arc<Equivocation>> {
        None
    }
    fn views(&self) -> &dyn ViewCache {
        self
    }
}

impl ViewCache for Nobody {
    fn get(&self, _key: &ViewKey) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }
    fn put(&self, _key: ViewKey, _state: Arc<dyn Any + Send + Sync>) {}
}
