//! What queries see of local states, made once for each.

use super::engine::Engine;
use super::local::Local;
use super::model::PeerModel;
use super::observe::Observed;
use super::table::{Interner, QuickMap, index};
use crate::spec::{InstanceParts, Role, Situation};
use omt_runtime::chain::Segment;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::Expr;
use omt_runtime::value::{Map, Value};
use omt_runtime::wire;
use std::sync::Arc;

/// Records of one local state.
#[derive(Debug)]
pub(super) struct LocalRecords {
    /// Transaction, actor and record of each instance, oldest first.
    instances: Vec<(usize, Arc<str>, Value)>,
    /// The peer and its chain.
    peer: Value,
    /// Stands for everything here that queries of properties look at.
    pub seen: u32,
}

/// Records of all local states that were asked about.
#[derive(Debug, Default)]
pub(super) struct Records {
    known: QuickMap<u32, Arc<LocalRecords>>,
    seen: Interner<Vec<u8>>,
    /// The same, of some conditions alone.
    seen_by: QuickMap<(u32, u32), u32>,
}

impl Records {
    /// Records of a local state.
    pub fn of(&mut self, engine: &Engine<'_>, local: u32) -> Arc<LocalRecords> {
        if let Some(known) = self.known.get(&local) {
            return Arc::clone(known);
        }
        let records = Arc::new(self.make(engine, local));
        self.known.insert(local, Arc::clone(&records));
        records
    }

    /// Stands for everything of a local state that some conditions look at; `of` tells them from others.
    pub fn seen_by(&mut self, engine: &Engine<'_>, local: u32, observed: &Observed, of: u32) -> u32 {
        if let Some(known) = self.seen_by.get(&(of, local)) {
            return *known;
        }
        let records = self.of(engine, local);
        let mut seen = of.to_le_bytes().to_vec();
        for (transaction, actor, value) in &records.instances {
            // How many there are of a role that is looked at can be told apart.
            if !observed.looks_at(*transaction, actor) {
                continue;
            }
            note(observed, *transaction, actor, value, &mut seen);
        }
        if observed.chains
            && let Some(chain) = engine.local_of(local).and_then(|local| engine.chain_of(local.chain))
        {
            seen.extend(chain.head_hash().0);
        }
        let number = self.seen.add(seen).0;
        self.seen_by.insert((of, local), number);
        number
    }

    fn make(&mut self, engine: &Engine<'_>, number: u32) -> LocalRecords {
        let nobody = Segment::empty(PeerId([0; 32]));
        let nothing = || LocalRecords { instances: Vec::new(), peer: Value::Null, seen: 0 };
        let Some(local) = engine.local_of(number) else { return nothing() };
        let Some(peer) = engine.model.peers.get(index(local.peer)) else { return nothing() };
        let chain = engine.chain_of(local.chain).unwrap_or(&nobody);
        let instances: Vec<_> = self.instances(engine, local, peer, chain).collect();
        let observed = &engine.model.observed;
        let mut seen = Vec::new();
        for (transaction, actor, value) in &instances {
            note(observed, *transaction, actor, value, &mut seen);
        }
        if observed.chains {
            seen.extend(chain.head_hash().0);
        }
        LocalRecords {
            instances,
            peer: crate::spec::peer(peer.id, peer.honest, chain),
            seen: self.seen.add(seen).0,
        }
    }

    fn instances<'a>(
        &self,
        engine: &'a Engine<'_>,
        local: &'a Local,
        peer: &'a PeerModel,
        chain: &'a Segment,
    ) -> impl Iterator<Item = (usize, Arc<str>, Value)> + use<'a> {
        local.instances.iter().filter_map(move |number| {
            let instance = engine.instance_of(*number)?;
            let machine = engine.machine_of(instance.machine)?;
            let package = &engine.model.program(instance.protocol)?.package;
            let store = engine.shareds.get(local.shared);
            let place = (instance.protocol, instance.actor.to_string());
            let fields = store.and_then(|stores| stores.get(&place));
            let parts = InstanceParts {
                package,
                machine: &**machine,
                shared: &|name: &str| fields.and_then(|fields| fields.get(name)).cloned(),
                peer: peer.id,
                honest: peer.honest,
                chain,
            };
            let record = crate::spec::instance(&parts).ok()?;
            Some((index(instance.protocol), Arc::clone(&instance.actor), record))
        })
    }

    /// The situation of a state.
    pub fn situation<'a>(&mut self, engine: &'a Engine<'_>, locals: &[u32], now: i64) -> InState<'a> {
        let records = locals.iter().map(|local| self.of(engine, *local)).collect();
        InState { model: engine.model, records, now }
    }
}

/// Adds what is looked at of an instance.
fn note(observed: &Observed, transaction: usize, actor: &str, value: &Value, seen: &mut Vec<u8>) {
    seen.extend(transaction.to_le_bytes());
    seen.extend(actor.as_bytes());
    let Value::Record(record) = value else { return };
    for value in observed.fields(transaction, actor).filter_map(|name| record.get(name)) {
        let bytes = wire::to_bytes(value);
        seen.extend(bytes.len().to_le_bytes());
        seen.extend(bytes);
    }
}

/// A state, as queries see it.
pub(super) struct InState<'a> {
    model: &'a super::model::Model,
    /// By place.
    records: Vec<Arc<LocalRecords>>,
    now: i64,
}

impl InState<'_> {
    fn of_member(&self, member: &str) -> Option<&LocalRecords> {
        let peer = self.model.peers.iter().position(|peer| peer.name == member)?;
        let place = self.model.running.iter().position(|running| *running == peer)?;
        self.records.get(place).map(|records| &**records)
    }
}

impl Situation for InState<'_> {
    fn instances(&self, role: &Role) -> Value {
        let all = self.records.iter().flat_map(|records| &records.instances);
        let of_role =
            all.filter(|(transaction, actor, _)| *transaction == role.transaction && **actor == role.actor);
        Value::list(of_role.map(|(_, _, record)| record.clone()))
    }

    fn newest(&self, member: &str, roles: &[Role]) -> Option<Value> {
        let records = self.of_member(member)?;
        let fits = |transaction: usize, actor: &str| {
            roles.iter().any(|role| role.transaction == transaction && role.actor == actor)
        };
        let newest = records.instances.iter().rev().find(|(transaction, actor, _)| fits(*transaction, actor));
        newest.map(|(_, _, record)| record.clone())
    }

    fn peers(&self) -> Value {
        let peers = self.model.peers.iter().enumerate().map(|(number, peer)| {
            let place = self.model.running.iter().position(|running| *running == number);
            match place.and_then(|place| self.records.get(place)) {
                Some(records) => records.peer.clone(),
                None => crate::spec::peer(peer.id, peer.honest, &peer.chain),
            }
        });
        Value::list(peers)
    }

    fn peer(&self, member: &str) -> Option<PeerId> {
        self.model.peers.iter().find(|peer| peer.name == member).map(|peer| peer.id)
    }

    fn member(&self, member: &str) -> Option<Value> {
        let number = self.model.peers.iter().position(|peer| peer.name == member)?;
        let Value::List(peers) = self.peers() else { return None };
        peers.get(number).cloned()
    }

    fn now(&self) -> i64 {
        self.now
    }

    fn sign(&self, member: &str, digest: &Hash) -> Option<Signature> {
        let peer = self.model.peers.iter().find(|peer| peer.name == member)?;
        Some(self.model.signatures.sign(peer, digest))
    }

    fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        self.model.signatures.verify(peer, digest, signature)
    }

    fn quorum(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        self.model.certificates.asked(digest, members, enough);
    }

    fn looks_into(&self, expr: &Expr, signatures: &Map<Value, Value>, counts: bool) {
        self.model.certificates.looked_into(&self.model.signatures, expr, signatures, counts);
    }
}
