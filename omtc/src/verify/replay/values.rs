//! What a byzantine member says, written so that a scenario can say it: names of members, fields of instances, own
//! signatures over what they sign.

use super::super::explore::Explorer;
use super::super::local::MessageKey;
use super::super::model::Model;
use super::super::record::Records;
use super::super::table::index;
use super::moments::Moment;
use crate::spec::{HONEST, Names, Role, START, Shown, Situation, show};
use omt_runtime::id::{Hash, Signature};
use omt_runtime::ir::{Type, in_order};
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Types};
use std::collections::BTreeMap;

/// Fields of fields that are looked into.
const NESTED_MAX: u32 = 3;
/// What a member makes up.
pub(in super::super) const MADE_UP: u8 = 0xbb;

/// `x -> y M { … }`, and what of it cannot be written.
pub(super) fn said(
    explorer: &Explorer<'_>,
    records: &mut Records,
    moment: &Moment,
    message: u32,
) -> (String, Vec<String>) {
    let Some(message) = explorer.engine.message_of(message) else { return (String::new(), Vec::new()) };
    let key = &*message.key;
    let name = |peer: u32| explorer.model.peers.get(index(peer)).map_or("?", |peer| peer.name.as_str());
    let receiver = explorer.model.running.get(moment.place).and_then(|peer| u32::try_from(*peer).ok());
    let to = key.to.or(receiver).unwrap_or(0);
    let fields = Writer::new(explorer, records, moment, key).fields();
    let (fields, unsaid) = match fields {
        Some(found) => found,
        None => (String::new(), vec![format!("the payload of {}", key.name)]),
    };
    (format!("{} -> {} {} {{ {fields} }}", name(key.from), name(to), key.name), unsaid)
}

struct Writer<'a, 'm> {
    explorer: &'a Explorer<'m>,
    key: &'a MessageKey,
    /// What can be read from instances, by its bytes.
    fields: BTreeMap<Vec<u8>, String>,
    now: i64,
}

impl<'a, 'm> Writer<'a, 'm> {
    fn new(
        explorer: &'a Explorer<'m>,
        records: &mut Records,
        moment: &Moment,
        key: &'a MessageKey,
    ) -> Writer<'a, 'm> {
        let mut fields = BTreeMap::new();
        let situation = records.situation(&explorer.engine, &moment.locals, START);
        for peer in explorer.model.peers.iter() {
            note(&mut fields, &Value::Segment(peer.chain.clone()), &format!("{}.chain", peer.name));
            if !peer.runs {
                continue;
            }
            let role = Role { transaction: 0, actor: peer.actor.clone() };
            if let Some(record) = situation.newest(&peer.name, &[role]) {
                paths(explorer.model, &record, &peer.name, 0, &mut fields);
            }
        }
        Writer { explorer, key, fields, now: moment.at }
    }

    fn fields(&self) -> Option<(String, Vec<String>)> {
        let program = self.explorer.model.program(self.key.protocol)?;
        let protocol = program.protocol();
        let types = Types::new(protocol, program.package.id);
        let ty = Type::Message(self.key.name.to_string());
        let Ok(Value::Record(payload)) = types.decode(&ty, &self.key.payload) else { return None };
        let declared = &protocol.messages.get(&*self.key.name)?.fields;
        let mut texts = Vec::new();
        let mut unsaid = Vec::new();
        let mut keyed = false;
        for (name, field) in in_order(declared) {
            let value = payload.get(name).cloned().unwrap_or(Value::Null);
            let shown = self.value(&value, &field.ty);
            if !shown.exact {
                unsaid.push(format!("{name} of {}: {}", self.key.name, shown.text));
            }
            keyed |= *name == protocol.session_key;
            texts.push(format!("{name} {}", shown.text));
        }
        if !keyed {
            let session = self.value(&Value::Hash(self.key.session), &Type::Hash);
            if session.exact {
                texts.push(format!("session {}", session.text));
            }
        }
        Some((texts.join(", "), unsaid))
    }

    fn value(&self, value: &Value, ty: &Type) -> Shown {
        let Some(program) = self.explorer.model.program(self.key.protocol) else {
            return Shown { text: String::new(), exact: false };
        };
        show(value, ty, program.protocol(), &Names { known: &|value| self.known(value), now: self.now })
    }

    /// What stands for a value that no literal can be.
    #[allow(clippy::wildcard_enum_match_arm, reason = "everything else has a literal")]
    fn known(&self, value: &Value) -> Option<String> {
        match value {
            Value::Peer(peer) => {
                let known = self.explorer.model.by_id.get(peer)?;
                self.explorer.model.peers.get(*known).map(|peer| peer.name.clone())
            }
            Value::Hash(Hash(octets)) if octets.iter().all(|octet| *octet == MADE_UP) => {
                Some("HASH(\"made up\")".to_owned())
            }
            Value::Signature(signature) => self.read(value).or_else(|| self.signature(signature)),
            Value::Hash(_) | Value::Block(_) | Value::Signed(_) | Value::Segment(_) | Value::Bytes(_) => {
                self.read(value)
            }
            // A time that somebody has noted is that time, whenever it was.
            Value::Int(number) if *number > i128::from(START) => self.read(value),
            _ => None,
        }
    }

    fn read(&self, value: &Value) -> Option<String> {
        self.fields.get(&wire::to_bytes(value)).cloned()
    }

    /// `SIGN(…)`: by the speaker, or by somebody who has signed this.
    fn signature(&self, signature: &Signature) -> Option<String> {
        let model = self.explorer.model;
        if signature.0.iter().all(|octet| *octet == MADE_UP) {
            // A signature of the speaker, over something else than what is asked for.
            let (transaction, ty, value) = self.explorer.universe.any_signed(self.key.protocol)?;
            let shown = self.record(transaction, &ty, &value)?;
            return Some(format!("SIGN({shown})"));
        }
        let (maker, digest) = model.signatures.of(signature)?;
        let (transaction, ty, value) = self.explorer.universe.signed(model, &digest)?;
        let shown = self.record(transaction, &ty, &value)?;
        let maker = model.peers.get(*model.by_id.get(&maker)?)?;
        let speaker = model.peers.get(index(self.key.from))?;
        if maker.id == speaker.id {
            return Some(format!("SIGN({shown})"));
        }
        Some(format!("SIGN({shown}, {})", maker.name))
    }

    fn record(&self, transaction: usize, ty: &Type, value: &Value) -> Option<String> {
        let program = self.explorer.model.programs.get(transaction)?;
        let names = Names { known: &|value| self.known(value), now: self.now };
        let shown = show(value, ty, program.protocol(), &names);
        shown.exact.then_some(shown.text)
    }
}

fn note(fields: &mut BTreeMap<Vec<u8>, String>, value: &Value, path: &str) {
    let known = fields.entry(wire::to_bytes(value)).or_insert_with(|| path.to_owned());
    if path.len() < known.len() {
        path.clone_into(known);
    }
}

/// Everything that can be read from a record, a map with members as keys, or a list.
#[allow(clippy::wildcard_enum_match_arm, reason = "other values have no parts that can be named")]
fn paths(model: &Model, value: &Value, path: &str, depth: u32, fields: &mut BTreeMap<Vec<u8>, String>) {
    if depth > 0 && !value.is_null() {
        note(fields, value, path);
    }
    if depth >= NESTED_MAX {
        return;
    }
    match value {
        Value::Record(record) => {
            for (name, part) in record.iter().filter(|(name, _)| ***name != *HONEST && !name.contains('$')) {
                paths(model, part, &format!("{path}.{name}"), depth + 1, fields);
            }
        }
        Value::Map(map) => {
            for (key, part) in map.iter() {
                let Value::Peer(peer) = key else { continue };
                let known = model.by_id.get(peer).and_then(|peer| model.peers.get(*peer));
                if let Some(known) = known {
                    paths(model, part, &format!("{path}[{}]", known.name), depth + 1, fields);
                }
            }
        }
        Value::List(items) => {
            for (number, part) in items.iter().enumerate() {
                paths(model, part, &format!("{path}[{number}]"), depth + 1, fields);
            }
        }
        Value::Signed(signed) => paths(model, &signed.payload, path, depth + 1, fields),
        _ => {}
    }
}
