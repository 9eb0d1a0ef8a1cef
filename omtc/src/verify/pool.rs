//! Values by type, from which byzantine members make what they say.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of values and types, those that byzantine members make are named"
)]

use super::certificate::Answers;
use super::engine::Engine;
use super::model::{Model, PeerModel};
use super::table::Interner;
use super::universe::named_values;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::{Builtin, ExprKind, Fields, ParameterValue, Protocol, Type};
use omt_runtime::value::{Map, Value};
use omt_runtime::wire::{self, Types, struct_fields_hash};
use std::collections::{BTreeMap, BTreeSet};

/// Values of one type that are made by combining; beyond it only what was seen, with one field replaced.
const PRODUCT_MAX: usize = 128;
/// Values of one type in all.
const VALUES_MAX: usize = 256;
/// Values of a field that is combined with others.
const CHOICES_MAX: usize = 24;
/// Signers whose subsets are all tried.
const SUBSETS_OF_MAX: usize = 6;
/// Signers of one value whose sets are looked through for what questions tell apart.
const SIGNERS_MAX: usize = 12;
/// Records inside records that are combined anew.
const NESTED_MAX: u32 = 2;

/// Values that were met, and values made of them.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// By transaction and type, in the order in which they were met.
    met: BTreeMap<(usize, Type), Vec<Value>>,
    seen: Interner<(usize, Type, Vec<u8>)>,
    /// Values of enums that something compares with, by transaction.
    named: BTreeMap<usize, BTreeMap<String, BTreeSet<String>>>,
    /// What was not combined in full: types.
    pub cut: BTreeSet<String>,
}

impl Pool {
    /// How many different values there are.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Adds everything that occurs in messages and stores so far.
    pub fn gather(&mut self, engine: &Engine<'_>, messages: &[u32], machines: &[u32]) {
        for number in messages {
            let Some(message) = engine.message_of(*number) else { continue };
            let transaction = super::table::index(message.key.protocol);
            let ty = Type::Message(message.key.name.to_string());
            self.bytes(engine.model, transaction, &ty, &message.key.payload);
        }
        for number in machines {
            let Some((protocol, machine)) = engine.machine_at(*number) else { continue };
            let transaction = super::table::index(protocol);
            let Some(program) = engine.model.program(protocol) else { continue };
            let fields = program.protocol().actors.get(machine.actor()).map(|actor| &actor.store);
            for (name, field) in fields.into_iter().flatten() {
                if let Some(bytes) = machine.field(name) {
                    self.bytes(engine.model, transaction, &field.ty, &bytes);
                }
            }
        }
    }

    fn bytes(&mut self, model: &Model, transaction: usize, ty: &Type, bytes: &[u8]) {
        let Some(program) = model.programs.get(transaction) else { return };
        if let Ok(value) = Types::new(program.protocol(), program.package.id).decode(ty, bytes) {
            self.add(program.protocol(), transaction, ty, &value);
        }
    }

    /// Adds a value and what it consists of.
    pub fn add(&mut self, protocol: &Protocol, transaction: usize, ty: &Type, value: &Value) {
        let ty = ty.plain();
        if value.is_null() || matches!(ty, Type::Secret(_)) {
            return;
        }
        let key = (transaction, ty.clone(), wire::to_bytes(value));
        if !self.seen.add(key).1 {
            return;
        }
        self.met.entry((transaction, ty.clone())).or_default().push(value.clone());
        let fields = |fields: Option<&Fields>, pool: &mut Pool, record: &Value| {
            if let (Some(fields), Value::Record(record)) = (fields, record) {
                for (name, field) in fields {
                    if let Some(value) = record.get(name) {
                        pool.add(protocol, transaction, &field.ty, value);
                    }
                }
            }
        };
        match (ty, value) {
            (Type::Struct(_) | Type::Message(_) | Type::BlockPayload(_), value) => {
                fields(fields_of(protocol, ty), self, value);
            }
            (Type::List(item), Value::List(items)) => {
                items.iter().for_each(|value| self.add(protocol, transaction, item, value));
            }
            (Type::Map(key, item), Value::Map(map)) => map.iter().for_each(|(k, v)| {
                self.add(protocol, transaction, key, k);
                self.add(protocol, transaction, item, v);
            }),
            (Type::Signed(name), Value::Signed(signed)) => {
                self.add(protocol, transaction, &Type::Message(name.clone()), &signed.payload);
            }
            (Type::Block(name), Value::Block(block)) => {
                self.add(protocol, transaction, &Type::BlockPayload(name.clone()), &block.payload);
            }
            _ => {}
        }
    }

    fn met(&self, transaction: usize, ty: &Type) -> &[Value] {
        self.met.get(&(transaction, ty.clone())).map_or(&[], Vec::as_slice)
    }

    /// Values of a type that a byzantine member can put into a message, were it shown all that honest peers know.
    pub fn candidates(
        &mut self,
        model: &Model,
        by: usize,
        transaction: usize,
        ty: &Type,
        depth: u32,
    ) -> Vec<Value> {
        let Some(program) = model.programs.get(transaction) else { return Vec::new() };
        let protocol = program.protocol();
        let mut values: Vec<Value> = Vec::new();
        match ty {
            Type::Optional(inner) => {
                values.push(Value::Null);
                values.extend(self.candidates(model, by, transaction, inner, depth));
            }
            Type::Bool => values.extend([Value::Bool(false), Value::Bool(true)]),
            Type::Enum(name) => {
                let named =
                    self.named.entry(transaction).or_insert_with(|| named_values(model, protocol)).get(name);
                // Of the values that nothing compares with, one stands for all.
                let mut others = 0;
                for value in protocol.enums.get(name).into_iter().flat_map(|e| e.values.keys()) {
                    let apart = named.is_none_or(|named| named.contains(value));
                    others += usize::from(!apart);
                    if apart || others == 1 {
                        values.push(Value::Enum(value.as_str().into()));
                    }
                }
            }
            Type::Uint | Type::Int | Type::Timestamp | Type::Duration => {
                values.extend(self.met(transaction, ty).iter().cloned());
                values.extend(constants(protocol, ty));
                let largest = values.iter().filter_map(number).max().unwrap_or(0);
                values.push(Value::Int(0));
                values.push(Value::Int(largest.saturating_add(1).min(i128::from(i64::MAX))));
            }
            Type::PeerId => values.extend(model.peers.iter().map(|peer| Value::Peer(peer.id))),
            Type::Hash => {
                values.extend(self.met(transaction, ty).iter().cloned());
                values.push(Value::Hash(Hash([0xbb; 32])));
            }
            Type::Bytes => {
                values.extend(self.met(transaction, ty).iter().cloned());
                values.push(Value::Bytes(b"garbage"[..].into()));
            }
            Type::String => {
                values.extend(self.met(transaction, ty).iter().cloned());
                values.push(Value::text("garbage"));
            }
            Type::Signature => {
                values.extend(self.met(transaction, ty).iter().cloned());
                values.extend(
                    self.signatures(model, transaction, Some(by)).into_iter().map(|(_, s)| Value::from(s)),
                );
                values.push(Value::from(Signature([0xbb; 64])));
            }
            Type::Map(key, item) if **key == Type::PeerId && **item == Type::Signature => {
                values.push(Value::Map(Map::new()));
                values.extend(self.met(transaction, ty).iter().cloned());
                values.extend(self.certificates(model, transaction));
            }
            Type::List(_) => {
                values.push(Value::list([]));
                values.extend(self.met(transaction, ty).iter().cloned());
            }
            Type::Map(..) => {
                values.push(Value::Map(Map::new()));
                values.extend(self.met(transaction, ty).iter().cloned());
            }
            Type::Struct(_) | Type::Message(_) => {
                let fields = fields_of(protocol, ty).cloned().unwrap_or_default();
                values = self.combined(model, by, transaction, ty, &fields, &|_| true, depth);
            }
            _ => values.extend(self.met(transaction, ty).iter().cloned()),
        }
        unique(values)
    }

    /// Records with these fields: all combinations, or what was met with one field replaced. Fields that nothing reads
    /// have one value.
    #[allow(clippy::too_many_arguments, reason = "whose record, and of what")]
    pub fn combined(
        &mut self,
        model: &Model,
        by: usize,
        transaction: usize,
        ty: &Type,
        fields: &Fields,
        read: &dyn Fn(&str) -> bool,
        depth: u32,
    ) -> Vec<Value> {
        let met = self.met(transaction, ty).to_vec();
        if depth > NESTED_MAX {
            return met;
        }
        let mut choices: Vec<(String, Vec<Value>)> = Vec::new();
        let mut product = 1usize;
        for (name, field) in fields {
            let mut values = self.candidates(model, by, transaction, &field.ty, depth + 1);
            if !read(name) {
                values.truncate(1);
            } else if values.len() > CHOICES_MAX {
                self.cut.insert(format!("field {name} of {ty}"));
                values.truncate(CHOICES_MAX);
            }
            product = product.saturating_mul(values.len());
            choices.push((name.clone(), values));
        }
        if product <= PRODUCT_MAX {
            let mut records: Vec<Vec<(String, Value)>> = vec![Vec::new()];
            for (name, values) in &choices {
                let mut longer = Vec::with_capacity(records.len().saturating_mul(values.len()));
                for record in &records {
                    for value in values {
                        let mut record = record.clone();
                        record.push((name.clone(), value.clone()));
                        longer.push(record);
                    }
                }
                records = longer;
            }
            let records = records.into_iter().map(Value::record);
            return unique(met.into_iter().chain(records).collect());
        }
        self.cut.insert(ty.to_string());
        let mut values = met.clone();
        for record in &met {
            let Value::Record(record) = record else { continue };
            for (name, choices) in &choices {
                for value in choices {
                    let mut changed = (**record).clone();
                    changed.set(name.as_str(), value.clone());
                    values.push(Value::Record(std::sync::Arc::new(changed)));
                }
                if values.len() > VALUES_MAX.saturating_mul(4) {
                    break;
                }
            }
        }
        let mut values = unique(values);
        values.truncate(VALUES_MAX);
        values
    }

    /// Signatures over every value of a struct that somebody signs or verifies: of one peer, or of everybody who made
    /// or may make one.
    fn signatures(&self, model: &Model, transaction: usize, of: Option<usize>) -> Vec<(PeerId, Signature)> {
        self.digests(model, transaction).iter().flat_map(|digest| signers(model, digest, of)).collect()
    }

    fn digests(&self, model: &Model, transaction: usize) -> Vec<Hash> {
        let Some(program) = model.programs.get(transaction) else { return Vec::new() };
        let protocol = program.protocol();
        let mut digests = Vec::new();
        for name in signable(protocol) {
            let fields = struct_fields_hash(protocol, &name);
            for value in self.met(transaction, &Type::Struct(name.clone())) {
                digests.push(omt_runtime::crypto::sign_digest(&name, &fields, value));
            }
        }
        digests
    }

    /// The value of a struct whose digest this is.
    pub fn signed(&self, model: &Model, digest: &Hash) -> Option<(usize, Type, Value)> {
        for (transaction, program) in model.programs.iter().enumerate() {
            for name in signable(program.protocol()) {
                let fields = struct_fields_hash(program.protocol(), &name);
                let ty = Type::Struct(name.clone());
                let of_digest =
                    |value: &&Value| omt_runtime::crypto::sign_digest(&name, &fields, *value) == *digest;
                if let Some(value) = self.met(transaction, &ty).iter().find(of_digest) {
                    return Some((transaction, ty, value.clone()));
                }
            }
        }
        None
    }

    /// Some value of a struct of a transaction.
    pub fn any_struct(&self, transaction: usize) -> Option<(usize, Type, Value)> {
        let mut met =
            self.met.iter().filter(|((of, ty), _)| *of == transaction && matches!(ty, Type::Struct(_)));
        met.find_map(|((_, ty), values)| Some((transaction, ty.clone(), values.first()?.clone())))
    }

    /// Maps of signatures over one value: every set of signers, or of those that no question tells apart the ones that
    /// the fewest honest peers must have signed.
    fn certificates(&self, model: &Model, transaction: usize) -> Vec<Value> {
        let mut maps = Vec::new();
        for digest in self.digests(model, transaction) {
            let signed = signers(model, &digest, None);
            if model.certificates.sound {
                maps.extend(fewest(model, &digest, &signed));
                continue;
            }
            let sets = if signed.len() <= SUBSETS_OF_MAX { (1u32 << signed.len()) - 1 } else { 0 };
            for set in 1..=sets {
                let chosen = signed.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0);
                maps.push(Value::Map(chosen.map(|(_, (p, s))| (Value::Peer(*p), Value::from(*s))).collect()));
            }
            if sets == 0 && !signed.is_empty() {
                maps.push(Value::Map(
                    signed.iter().map(|(p, s)| (Value::Peer(*p), Value::from(*s))).collect(),
                ));
            }
        }
        maps
    }
}

/// For each way to answer all questions, the sets of signers for which it takes the fewest honest ones.
fn fewest(model: &Model, digest: &Hash, signed: &[(PeerId, Signature)]) -> Vec<Value> {
    let honest = |peer: &PeerId| {
        let known = model.by_id.get(peer).and_then(|number| model.peers.get(*number));
        known.is_some_and(|peer| peer.runs)
    };
    // By answers: honest signers, all of them.
    let mut best: BTreeMap<Answers, Vec<(BTreeSet<PeerId>, Vec<usize>)>> = BTreeMap::new();
    let sets = 1u64 << signed.len().min(SIGNERS_MAX);
    for set in 1..sets {
        let chosen: Vec<usize> =
            (0..signed.len().min(SIGNERS_MAX)).filter(|at| set & (1 << at) != 0).collect();
        let signers: BTreeSet<PeerId> =
            chosen.iter().filter_map(|at| signed.get(*at)).map(|(p, _)| *p).collect();
        let answers = model.certificates.answers(digest, &signers);
        let honest: BTreeSet<PeerId> = signers.iter().copied().filter(|peer| honest(peer)).collect();
        let known = best.entry(answers).or_default();
        if known.iter().any(|(fewer, _)| fewer.is_subset(&honest)) {
            continue;
        }
        known.retain(|(more, _)| !honest.is_subset(more));
        known.push((honest, chosen));
    }
    let maps = best.into_values().flatten().map(|(_, chosen)| {
        let chosen = chosen.into_iter().filter_map(|at| signed.get(at));
        Value::Map(chosen.map(|(peer, signature)| (Value::Peer(*peer), Value::from(*signature))).collect())
    });
    maps.collect()
}

/// Who has signed a digest, and byzantine members, who sign anything.
fn signers(model: &Model, digest: &Hash, of: Option<usize>) -> Vec<(PeerId, Signature)> {
    let first = |at: usize, peer: &PeerModel| super::table::index(peer.home) == at;
    let peers = model.peers.iter().enumerate();
    let peers = peers.filter(|(at, peer)| first(*at, peer) && of.is_none_or(|of| of == *at));
    peers
        .filter_map(|(_, peer)| {
            let signature = if peer.runs {
                model.signatures.made(peer, digest)
            } else {
                Some(model.signatures.sign(peer, digest))
            };
            Some((peer.id, signature?))
        })
        .collect()
}

/// Structs that machines sign or verify.
fn signable(protocol: &Protocol) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    super::model::every_expr(protocol, &mut |expr| {
        if let ExprKind::Builtin(Builtin::Sign | Builtin::VerifySig | Builtin::VerifyMulti, arguments) =
            &expr.kind
        {
            for argument in arguments {
                if let Type::Struct(name) = argument.ty.plain() {
                    names.insert(name.clone());
                }
            }
        }
    });
    names
}

/// Fields of a struct, a message or a payload of a block.
fn fields_of<'p>(protocol: &'p Protocol, ty: &Type) -> Option<&'p Fields> {
    match ty {
        Type::Struct(name) => protocol.structs.get(name).map(|record| &record.fields),
        Type::Message(name) => protocol.messages.get(name).map(|message| &message.fields),
        Type::BlockPayload(name) => protocol.blocks.get(name).map(|block| &block.fields),
        _ => None,
    }
}

/// Constants of the protocol of a type.
fn constants(protocol: &Protocol, ty: &Type) -> Vec<Value> {
    let parameters = protocol.parameters.values().filter(|parameter| parameter.value.ty() == *ty);
    let values = parameters.filter_map(|parameter| match &parameter.value {
        ParameterValue::Uint(number) => Some(Value::from(*number)),
        ParameterValue::Int(number) | ParameterValue::Duration(number) => Some(Value::from(*number)),
        ParameterValue::Decimal { .. } | ParameterValue::Text(_) => None,
    });
    values.collect()
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

/// Each value once, in the order of its first appearance.
fn unique(values: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(wire::to_bytes(value))).collect()
}
