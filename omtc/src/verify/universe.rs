//! What byzantine members may say. They have no state: everything exists from the start, and may arrive as soon as what
//! they cannot make themselves has been shown to one of them.
//!
//! The values come from exploring: what messages and stores held so far. So exploring and collecting take turns, until
//! nothing new comes up.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of expressions, those that look at a message as a whole are named"
)]

use super::atom::{AtomSet, Atoms};
use super::engine::Engine;
use super::local::MessageKey;
use super::model::{Model, every_expr};
use super::pool::Pool;
use super::table::{QuickMap, index};
use omt_runtime::id::Hash;
use omt_runtime::ir::{BinaryOp, Builtin, ExprKind, Protocol, Type};
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Limits, Types};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Messages that byzantine members may say, at most.
pub(super) const UNIVERSE_MAX: usize = 50_000;
/// Turns of exploring and collecting, at most.
pub(super) const TURNS_MAX: usize = 6;

/// Sequence numbers of these messages: a machine comes to none of them, and no two messages have the same.
const SAID_FROM: u64 = 1 << 40;

/// Messages of byzantine members by receiver.
#[derive(Default)]
pub(super) struct Universe {
    /// By place: sets of messages that become possible together.
    groups: Vec<Vec<(AtomSet, u32)>>,
    atoms: Atoms,
    pool: Pool,
    /// Messages and machines that have been looked through.
    looked: (usize, usize),
    /// By set of sent messages: what it shows to byzantine members.
    shown: QuickMap<u32, Arc<AtomSet>>,
    messages: BTreeSet<u32>,
    read: Option<Arc<Vec<ReadFields>>>,
    /// Were there more than are tried?
    pub cut: bool,
}

/// Fields of the messages of a transaction that something reads; `None`: all.
type ReadFields = BTreeMap<String, Option<BTreeSet<String>>>;

impl Universe {
    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// The value of a struct whose digest this is.
    pub fn signed(&self, model: &Model, digest: &Hash) -> Option<(usize, Type, Value)> {
        self.pool.signed(model, digest)
    }

    /// Some value of a struct of a transaction, to be signed.
    pub fn any_signed(&self, transaction: u32) -> Option<(usize, Type, Value)> {
        self.pool.any_struct(index(transaction))
    }

    /// Different values that messages are made of.
    pub fn values(&self) -> usize {
        self.pool.len()
    }

    /// Types that were not combined in full.
    pub fn cut_types(&self) -> impl Iterator<Item = &String> {
        self.pool.cut.iter()
    }

    /// What the local states of a state have shown to byzantine members.
    pub fn revealed(&mut self, engine: &Engine<'_>, locals: &[u32]) -> AtomSet {
        let mut all = AtomSet::default();
        if self.groups.iter().all(|groups| groups.iter().all(|(needs, _)| needs.is_empty())) {
            return all;
        }
        for local in locals {
            let Some(sent) = engine.local_of(*local).map(|local| local.sent) else { continue };
            all.join(&self.shown_by(engine, sent));
        }
        all
    }

    fn shown_by(&mut self, engine: &Engine<'_>, sent: u32) -> Arc<AtomSet> {
        if let Some(known) = self.shown.get(&sent) {
            return Arc::clone(known);
        }
        let mut shown = AtomSet::default();
        for number in engine.sets.get(sent).into_iter().flat_map(|set| set.iter()) {
            let Some(message) = engine.message_of(*number) else { continue };
            let to_byzantine = |to: u32| engine.model.peers.get(index(to)).is_some_and(|peer| !peer.honest);
            if message.key.to.is_none_or(to_byzantine) {
                let ty = Type::Message(message.key.name.to_string());
                if let Some(value) = decoded(engine.model, message.key.protocol, &ty, &message.key.payload) {
                    self.atoms.of(engine, &value, true).into_iter().for_each(|atom| shown.add(atom));
                }
                if message.incoming.envelope.signature.is_some() {
                    shown.add(self.atoms.number(super::atom::Atom::Signed(message.incoming.envelope.id())));
                }
            }
        }
        let shown = Arc::new(shown);
        self.shown.insert(sent, Arc::clone(&shown));
        shown
    }

    /// Sets of messages that may arrive at a place.
    pub fn sets(&self, place: usize, revealed: &AtomSet) -> Vec<u32> {
        let groups = self.groups.get(place).into_iter().flatten();
        groups.filter(|(needs, _)| needs.within(revealed)).map(|(_, set)| *set).collect()
    }

    /// Collects what was met, and makes messages of it. Are there more than before?
    pub fn grow(&mut self, engine: &mut Engine<'_>) -> bool {
        let model = engine.model;
        if model.peers.iter().all(|peer| peer.honest) {
            return false;
        }
        let (messages, machines) = (engine.message_count(), engine.machine_count());
        let new =
            |from: usize, to: usize| (from..to).filter_map(|n| u32::try_from(n).ok()).collect::<Vec<u32>>();
        self.pool.gather(engine, &new(self.looked.0, messages), &new(self.looked.1, machines));
        self.looked = (messages, machines);
        let before = self.messages.len();
        for by in 0..model.peers.len() {
            if model.peers.get(by).is_some_and(|peer| !peer.honest) {
                self.of_member(engine, by);
            }
        }
        if self.messages.len() == before {
            return false;
        }
        self.regroup(engine);
        true
    }

    /// Was more met than the messages are made of?
    pub fn would_grow(&self, engine: &Engine<'_>) -> bool {
        self.looked != (engine.message_count(), engine.machine_count())
    }

    fn of_member(&mut self, engine: &mut Engine<'_>, by: usize) {
        let model = engine.model;
        let Some(role) = model.peers.get(by).map(|peer| peer.actor.as_str()) else { return };
        for (transaction, program) in model.programs.iter().enumerate() {
            let sessions = sessions(engine, transaction);
            for (name, message) in &program.protocol().messages {
                if !message.from.iter().any(|from| from == role) {
                    continue;
                }
                let receivers: Vec<usize> = model
                    .honest
                    .iter()
                    .copied()
                    .filter(|peer| {
                        let actor =
                            model.peers.get(*peer).map(|peer| peer.actor.as_str()).unwrap_or_default();
                        let gossip = message.to.iter().any(|to| to == "Network");
                        (gossip || message.to.iter().any(|to| to == actor))
                            && handles(program.protocol(), actor, name)
                    })
                    .collect();
                if receivers.is_empty() {
                    continue;
                }
                let ty = Type::Message(name.clone());
                let read = self.read_fields(model);
                let read = read.get(transaction).and_then(|read| read.get(name)).cloned().flatten();
                let reads = |field: &str| read.as_ref().is_none_or(|read| read.contains(field));
                let payloads = self.pool.combined(model, by, transaction, &ty, &message.fields, &reads, 0);
                for payload in payloads {
                    self.say(engine, by, transaction, name, &payload, &sessions, &receivers);
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "who says what, where and to whom")]
    fn say(
        &mut self,
        engine: &mut Engine<'_>,
        by: usize,
        transaction: usize,
        name: &str,
        payload: &Value,
        sessions: &[Hash],
        receivers: &[usize],
    ) {
        let bytes = wire::to_bytes(payload);
        if wire::check(&bytes, &Limits::MESSAGE).is_err() {
            return;
        }
        let digest = omt_runtime::crypto::sha256(&bytes);
        let part = digest.0.first_chunk::<4>().map_or(0, |part| u32::from_le_bytes(*part));
        let (Ok(from), Ok(protocol)) = (u32::try_from(by), u32::try_from(transaction)) else { return };
        let key =
            engine.model.program(protocol).map(|p| p.protocol().session_key.clone()).unwrap_or_default();
        let own_session = match payload {
            Value::Record(record) => record.get(&key).cloned(),
            _ => None,
        };
        for session in sessions {
            // A host refuses a payload that names another session than its envelope.
            if own_session.as_ref().is_some_and(|own| *own != Value::Hash(*session)) {
                continue;
            }
            for to in receivers {
                if self.messages.len() >= UNIVERSE_MAX {
                    self.cut = true;
                    return;
                }
                let number = engine.message(MessageKey {
                    from,
                    to: u32::try_from(*to).ok(),
                    protocol,
                    session: *session,
                    name: name.into(),
                    payload: bytes.as_slice().into(),
                    sequence: SAID_FROM.saturating_add(part.into()),
                });
                self.messages.insert(number);
            }
        }
    }

    /// Puts messages together that need the same.
    fn regroup(&mut self, engine: &mut Engine<'_>) {
        let mut groups: Vec<BTreeMap<AtomSet, Vec<u32>>> = vec![BTreeMap::new(); engine.model.honest.len()];
        for number in &self.messages {
            let Some(message) = engine.message_of(*number).cloned() else { continue };
            let ty = Type::Message(message.key.name.to_string());
            let Some(value) = decoded(engine.model, message.key.protocol, &ty, &message.key.payload) else {
                continue;
            };
            let mut needs = AtomSet::default();
            self.atoms.of(engine, &value, false).into_iter().for_each(|atom| needs.add(atom));
            let place =
                message.key.to.and_then(|to| engine.model.honest.iter().position(|p| *p == index(to)));
            if let Some(groups) = place.and_then(|place| groups.get_mut(place)) {
                groups.entry(needs).or_default().push(*number);
            }
        }
        let numbered = groups.into_iter().map(|groups| {
            groups.into_iter().map(|(needs, messages)| (needs, engine.sets.add(messages).0)).collect()
        });
        self.groups = numbered.collect();
        // Atoms may be new; what sets show is looked up anew.
        self.shown = QuickMap::default();
    }

    fn read_fields(&mut self, model: &Model) -> Arc<Vec<ReadFields>> {
        let read = self.read.get_or_insert_with(|| {
            Arc::new(
                model
                    .programs
                    .iter()
                    .map(|program| read_fields(program.protocol(), &model.observed))
                    .collect(),
            )
        });
        Arc::clone(read)
    }
}

/// Sessions of a transaction that anybody has.
fn sessions(engine: &Engine<'_>, transaction: usize) -> Vec<Hash> {
    let mut sessions = BTreeSet::new();
    for number in 0..engine.instances.len() {
        let instance = u32::try_from(number).ok().and_then(|number| engine.instance_of(number));
        if let Some(instance) = instance.filter(|instance| index(instance.protocol) == transaction) {
            sessions.insert(instance.session);
        }
    }
    sessions.into_iter().collect()
}

fn handles(protocol: &Protocol, actor: &str, message: &str) -> bool {
    let actor = protocol.actors.get(actor);
    actor.is_some_and(|actor| actor.states.values().any(|state| state.handled_messages().contains(message)))
}

fn decoded(model: &Model, protocol: u32, ty: &Type, bytes: &[u8]) -> Option<Value> {
    let program = model.program(protocol)?;
    Types::new(program.protocol(), program.package.id).decode(ty, bytes).ok()
}

/// For each message, the fields that some machine, function or property reads: two messages that differ in others alone
/// are told apart by nothing.
fn read_fields(protocol: &Protocol, observed: &BTreeSet<String>) -> ReadFields {
    let mut read: ReadFields =
        protocol.messages.keys().map(|name| (name.clone(), Some(observed.clone()))).collect();
    let whole = |ty: &Type, read: &mut ReadFields| {
        if let Some(name) = message_in(ty) {
            read.insert(name.to_owned(), None);
        }
    };
    every_expr(protocol, &mut |expr| match &expr.kind {
        ExprKind::Field(record, field) => {
            if let Type::Message(name) = record.ty.plain()
                && let Some(Some(fields)) = read.get_mut(name)
            {
                fields.insert(field.clone());
            }
        }
        ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| whole(&value.ty, &mut read)),
        ExprKind::Builtin(
            Builtin::Hash
            | Builtin::Sign
            | Builtin::VerifySig
            | Builtin::VerifyMulti
            | Builtin::SeededRng
            | Builtin::Sort
            | Builtin::Unique
            | Builtin::ToString,
            arguments,
        ) => arguments.iter().for_each(|argument| whole(&argument.ty, &mut read)),
        ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, left, right)
            if left.kind != ExprKind::Null && right.kind != ExprKind::Null =>
        {
            whole(&left.ty, &mut read);
            whole(&right.ty, &mut read);
        }
        _ => {}
    });
    read
}

/// The message of which a type is, or holds, payloads.
fn message_in(ty: &Type) -> Option<&str> {
    match ty {
        Type::Message(name) | Type::Signed(name) => Some(name),
        Type::Optional(inner) | Type::List(inner) | Type::Secret(inner) => message_in(inner),
        Type::Map(key, item) => message_in(key).or_else(|| message_in(item)),
        _ => None,
    }
}
