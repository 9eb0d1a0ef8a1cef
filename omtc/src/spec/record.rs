//! What queries see of instances and peers.

#![allow(clippy::wildcard_enum_match_arm, reason = "types that begin empty or at zero are few")]

use omt_runtime::chain::Segment;
use omt_runtime::id::PeerId;
use omt_runtime::ir::{Protocol, Type};
use omt_runtime::machine::Machine;
use omt_runtime::package::Package;
use omt_runtime::value::{RecordValue, Value};
use omt_runtime::wire::Types;
use std::sync::Arc;

/// The field with the state of an instance. No other field of an instance has a name that the language reserves.
const STATE: &str = "state";

/// An instance and the peer that has it.
pub struct InstanceParts<'a> {
    /// Its transaction.
    pub package: &'a Package,
    /// The instance.
    pub machine: &'a dyn Machine,
    /// Canonical CBOR of a field of the shared store, if it was written.
    pub shared: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// Whose.
    pub peer: PeerId,
    /// Is the peer honest? (`HONEST(c)`)
    pub honest: bool,
    /// The chain of the peer.
    pub chain: &'a Segment,
}

/// The record of an instance, as queries read it: its fields, null where unset, and `state`, `peer`, `session`, `chain`
/// unless a field of its store has that name. To be made once for a local state, and shared.
///
/// # Errors
/// A field is no value of its type, which no machine of that package brings about.
pub fn instance(parts: &InstanceParts<'_>) -> Result<Value, String> {
    let types = Types::new(&parts.package.protocol, parts.package.id);
    let name = parts.machine.actor();
    let actor = parts.package.protocol.actors.get(name).ok_or_else(|| format!("no actor {name}"))?;
    let mut record = standing(parts.peer, parts.honest, parts.chain);
    record.set("session", Value::Hash(parts.machine.session()));
    for (name, field) in &actor.shared {
        let value = match (parts.shared)(name) {
            Some(bytes) => types.decode(&field.ty, &bytes).map_err(|e| format!("field {name}: {e}"))?,
            None => zero(&field.ty),
        };
        record.set(name.as_str(), value);
    }
    for (name, field) in &actor.store {
        let value = match parts.machine.field(name) {
            Some(bytes) => types.decode(&field.ty, &bytes).map_err(|e| format!("field {name}: {e}"))?,
            None => empty(&field.ty),
        };
        record.set(name.as_str(), value);
    }
    record.set(STATE, Value::Enum(parts.machine.state().into()));
    Ok(Value::Record(Arc::new(record)))
}

/// The record of a peer, as queries read it: `peer`, `chain`, and whether it is honest.
pub fn peer(peer: PeerId, honest: bool, chain: &Segment) -> Value {
    Value::Record(Arc::new(standing(peer, honest, chain)))
}

fn standing(peer: PeerId, honest: bool, chain: &Segment) -> RecordValue {
    let mut record = RecordValue::default();
    record.set("peer", Value::Peer(peer));
    record.set("chain", Value::Segment(chain.clone()));
    // A name that no source can write.
    record.set(HONEST, Value::Bool(honest));
    record
}

/// The field behind `HONEST(c)`.
pub(crate) const HONEST: &str = "HONEST()";

/// What a shared field reads as that was never written: as for the machine itself.
fn zero(ty: &Type) -> Value {
    match ty {
        Type::Uint | Type::Int | Type::Timestamp | Type::Duration => Value::Int(0),
        Type::Float => Value::Float(0.0),
        Type::Bool => Value::Bool(false),
        Type::String => Value::text(""),
        other => empty(other),
    }
}

/// What a field of a store reads as that was never written.
fn empty(ty: &Type) -> Value {
    match ty {
        Type::List(_) => Value::list([]),
        Type::Map(..) => Value::Map(omt_runtime::value::Map::new()),
        _ => Value::Null,
    }
}

/// What stands for the newest instance of a member that has none: all its fields are null.
pub fn nothing(protocol: &Protocol, ty: Option<&Type>) -> Value {
    let fields = match ty {
        Some(Type::Struct(name)) => protocol.structs.get(name).map(|record| &record.fields),
        _ => None,
    };
    let mut record = RecordValue::default();
    for (name, field) in fields.into_iter().flatten() {
        record.set(name.as_str(), empty(&field.ty));
    }
    Value::Record(Arc::new(record))
}
