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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// With what is reserved.
    pub balance: u64,
    /// Held back by openings and locks.
    pub reserved: u64,
    /// Openings and locks that hold it back.
    pub reservations: usize,
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
    let mut money = Money { balance: amount(ledger.get("balance")), reserved: 0, reservations: 0 };
    if let Some(Value::Map(locks)) = ledger.get("locks") {
        for held in locks.values() {
            if let Value::Record(held) = held {
                money.reserved += amount(held.get("amount"));
                money.reservations += 1;
            }
        }
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
