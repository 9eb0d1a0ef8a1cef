//! What byzantine members may say. They have no state: everything exists from the start, and may arrive as soon as what
//! they cannot make themselves has been shown to one of them.
//!
//! The values come from exploring: what messages and stores held so far. So exploring and collecting take turns, until
//! nothing new comes up.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of expressions, those that look at a message as a whole are named"
)]

use super::atom::AtomSet;
use super::engine::Engine;
use super::local::MessageKey;
use super::model::{Model, every_expr};
use super::pool::Pool;
use super::table::index;
use omt_runtime::id::Hash;
use omt_runtime::ir::{BinaryOp, Builtin, Expr, ExprKind, Protocol, Type};
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
    pool: Pool,
    /// Messages and machines that have been looked through.
    looked: (usize, usize),
    /// What must have been shown before a message can be said: any of these.
    messages: BTreeMap<u32, BTreeSet<AtomSet>>,
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
    pub fn revealed(&self, engine: &mut Engine<'_>, locals: &[u32]) -> AtomSet {
        let mut all = AtomSet::default();
        if self.groups.iter().all(|groups| groups.iter().all(|(needs, _)| needs.is_empty())) {
            return all;
        }
        for local in locals {
            let Some(sent) = engine.local_of(*local).map(|local| local.sent) else { continue };
            all.join(&engine.shown_by(sent));
        }
        all
    }

    /// Sets of messages that may arrive at a place.
    pub fn sets(&self, place: usize, revealed: &AtomSet) -> Vec<u32> {
        let groups = self.groups.get(place).into_iter().flatten();
        groups.filter(|(needs, _)| needs.within(revealed)).map(|(_, set)| *set).collect()
    }

    /// Sets of messages to a place, and what must have been shown before they can be said.
    pub fn groups(&self, place: usize) -> &[(AtomSet, u32)] {
        self.groups.get(place).map_or(&[], Vec::as_slice)
    }

    /// Collects what was met, and makes messages of it. Are there more than before?
    pub fn grow(&mut self, engine: &mut Engine<'_>) -> bool {
        let model = engine.model;
        if model.peers.iter().all(|peer| peer.runs) {
            return false;
        }
        let (messages, machines) = (engine.message_count(), engine.machine_count());
        let new =
            |from: usize, to: usize| (from..to).filter_map(|n| u32::try_from(n).ok()).collect::<Vec<u32>>();
        self.pool.gather(engine, &new(self.looked.0, messages), &new(self.looked.1, machines));
        self.looked = (messages, machines);
        let before = self.ways();
        for by in 0..model.peers.len() {
            if model.peers.get(by).is_some_and(|peer| !peer.runs) {
                self.of_member(engine, by);
            }
        }
        if self.ways() == before {
            return false;
        }
        self.regroup(engine);
        true
    }

    /// Messages, each as often as there are ways to come to it.
    fn ways(&self) -> usize {
        self.messages.values().map(BTreeSet::len).sum()
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
            if sessions.is_empty() {
                continue;
            }
            for (name, message) in &program.protocol().messages {
                if !message.from.iter().any(|from| from == role) {
                    continue;
                }
                let receivers: Vec<usize> = model
                    .running
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
        let ty = Type::Message(name.to_owned());
        let mut needs = AtomSet::default();
        engine.atoms_of(payload, false).into_iter().for_each(|atom| needs.add(atom));
        let bytes = wire::to_bytes(payload);
        let bytes = engine.model.normal(transaction, &ty, &bytes).unwrap_or(bytes);
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
            if engine.halt.now() {
                return;
            }
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
                    to: u32::try_from(*to).ok().map(|to| engine.model.home(to)),
                    protocol,
                    session: *session,
                    name: name.into(),
                    payload: bytes.as_slice().into(),
                    sequence: SAID_FROM.saturating_add(part.into()),
                });
                let ways = self.messages.entry(number).or_default();
                if !ways.iter().any(|way| way.within(&needs)) {
                    ways.retain(|way| !needs.within(way));
                    ways.insert(needs.clone());
                }
            }
        }
    }

    /// Puts messages together that need the same.
    fn regroup(&mut self, engine: &mut Engine<'_>) {
        let mut groups: Vec<BTreeMap<AtomSet, Vec<u32>>> = vec![BTreeMap::new(); engine.model.running.len()];
        for (number, ways) in &self.messages {
            let Some(message) = engine.message_of(*number).cloned() else { continue };
            for (peer, groups) in engine.model.running.iter().zip(&mut groups) {
                let home = u32::try_from(*peer).ok().map(|peer| engine.model.home(peer));
                if home != message.key.to {
                    continue;
                }
                for needs in ways {
                    groups.entry(needs.clone()).or_default().push(*number);
                }
            }
        }
        let numbered = groups.into_iter().map(|groups| {
            groups.into_iter().map(|(needs, messages)| (needs, engine.sets.add(messages).0)).collect()
        });
        self.groups = numbered.collect();
    }

    fn read_fields(&mut self, model: &Model) -> Arc<Vec<ReadFields>> {
        let read = self.read.get_or_insert_with(|| {
            Arc::new(
                model
                    .programs
                    .iter()
                    .enumerate()
                    .map(|(number, program)| read_fields(number, program.protocol(), model))
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

/// Does an actor handle a message in any state?
pub(super) fn handles(protocol: &Protocol, actor: &str, message: &str) -> bool {
    let actor = protocol.actors.get(actor);
    actor.is_some_and(|actor| actor.states.values().any(|state| state.handled_messages().contains(message)))
}

/// A payload as a value.
pub(super) fn decoded(model: &Model, protocol: u32, ty: &Type, bytes: &[u8]) -> Option<Value> {
    let program = model.program(protocol)?;
    Types::new(program.protocol(), program.package.id).decode(ty, bytes).ok()
}

/// For each message, the fields that some machine, function or property reads: two messages that differ in others alone
/// are told apart by nothing.
fn read_fields(number: usize, protocol: &Protocol, model: &Model) -> ReadFields {
    let mut read: ReadFields =
        protocol.messages.keys().map(|name| (name.clone(), Some(BTreeSet::new()))).collect();
    let whole = |ty: &Type, read: &mut ReadFields| {
        let mut inside = BTreeSet::new();
        types_in(protocol, ty, &mut inside);
        for ty in inside {
            if let Type::Message(name) | Type::Signed(name) = ty {
                read.insert(name, None);
            }
        }
    };
    let mut look = |expr: &Expr| {
        if let ExprKind::Field(record, field) = &expr.kind
            && let Type::Message(name) = record.ty.plain()
            && let Some(Some(fields)) = read.get_mut(name)
        {
            fields.insert(field.clone());
        }
        compared_whole(expr).into_iter().for_each(|ty| whole(ty, &mut read));
    };
    every_expr(protocol, &mut look);
    // Properties of this file name messages of their own transaction by the same names.
    let specification = model.evaluator.specification();
    if number == 0 {
        model.observed.expressions(&specification.package.protocol, &mut look);
        return read;
    }
    let mut names = BTreeSet::new();
    model.observed.expressions(&specification.package.protocol, &mut |expr| {
        if let ExprKind::Field(_, name) = &expr.kind {
            names.insert(name.clone());
        }
    });
    read.values_mut().flatten().for_each(|fields| fields.extend(names.iter().cloned()));
    read
}

/// Types of which an expression compares, hashes or orders whole values.
fn compared_whole(expr: &Expr) -> Vec<&Type> {
    match &expr.kind {
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
        ) => arguments.iter().map(|argument| &argument.ty).collect(),
        ExprKind::Builtin(Builtin::HasKey | Builtin::Get | Builtin::With | Builtin::Without, arguments) => {
            arguments.get(1).map(|key| &key.ty).into_iter().collect()
        }
        ExprKind::Native(_, arguments) => arguments.iter().map(|argument| &argument.ty).collect(),
        ExprKind::Index(_, key) => vec![&key.ty],
        ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, left, right)
            if left.kind != ExprKind::Null && right.kind != ExprKind::Null =>
        {
            vec![&left.ty, &right.ty]
        }
        _ => Vec::new(),
    }
}

/// A type and all types inside it.
pub(super) fn types_in(protocol: &Protocol, ty: &Type, found: &mut BTreeSet<Type>) {
    let ty = ty.plain();
    if !found.insert(ty.clone()) {
        return;
    }
    let fields = match ty {
        Type::List(inner) | Type::Secret(inner) => return types_in(protocol, inner, found),
        Type::Map(key, item) => {
            types_in(protocol, key, found);
            return types_in(protocol, item, found);
        }
        Type::Struct(name) => protocol.structs.get(name).map(|record| &record.fields),
        Type::Message(name) | Type::Signed(name) => {
            protocol.messages.get(name).map(|message| &message.fields)
        }
        Type::BlockPayload(name) | Type::Block(name) => protocol.blocks.get(name).map(|block| &block.fields),
        _ => None,
    };
    for field in fields.into_iter().flat_map(|fields| fields.values()) {
        types_in(protocol, &field.ty, found);
    }
}

/// For each enum, the values that something compares with, if that is all that is ever done with its values but pass
/// them on: then all others are as good as each other. Enums that are not here are used in other ways.
pub(super) fn named_values(model: &Model, protocol: &Protocol) -> BTreeMap<String, BTreeSet<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> =
        protocol.enums.keys().map(|name| (name.clone(), BTreeSet::new())).collect();
    let mut used: BTreeSet<Type> = BTreeSet::new();
    let mut look = |expr: &Expr| {
        let literals: Option<(&Expr, Vec<&Expr>)> = match &expr.kind {
            ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual, left, right) => {
                if literal(right).is_some() { Some((left, vec![right])) } else { Some((right, vec![left])) }
            }
            ExprKind::Binary(BinaryOp::In, left, right) => match &right.kind {
                ExprKind::List(items) => Some((left, items.iter().collect())),
                _ => None,
            },
            _ => None,
        };
        if let Some((_, items)) = literals
            && let Some(items) = items.into_iter().map(literal).collect::<Option<Vec<_>>>()
        {
            for (name, value) in items {
                named.entry(name.to_owned()).or_default().insert(value.to_owned());
            }
            return;
        }
        compared_whole(expr).into_iter().for_each(|ty| types_in(protocol, ty, &mut used));
    };
    every_expr(protocol, &mut look);
    let specification = model.evaluator.specification();
    model.observed.expressions(&specification.package.protocol, &mut look);
    for ty in used {
        if let Type::Enum(name) = ty {
            named.remove(&name);
        }
    }
    named
}

/// The value of an enum that an expression names.
fn literal(expr: &Expr) -> Option<(&str, &str)> {
    match &expr.kind {
        ExprKind::EnumValue(name, value) => Some((name, value)),
        ExprKind::Convert(_, inner) => literal(inner),
        _ => None,
    }
}
