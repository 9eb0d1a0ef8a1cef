//! What reaches the wire, chains and signatures of a protocol, through types inside types.

use crate::check::walk;
use omt_runtime::ir::{Builtin, ExprKind, Fields, Protocol, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Who carries a struct or an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carriers {
    /// Messages.
    pub messages: BTreeSet<String>,
    /// Blocks.
    pub blocks: BTreeSet<String>,
    /// Signatures (`SIGN`, `VERIFY_SIG`, `VERIFY_MULTI`) over it.
    pub signed: bool,
}

impl Carriers {
    /// Nobody does.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.blocks.is_empty() && !self.signed
    }

    /// What both versions carry it in.
    pub fn join(mut self, other: &Carriers) -> Carriers {
        self.messages.extend(other.messages.iter().cloned());
        self.blocks.extend(other.blocks.iter().cloned());
        self.signed |= other.signed;
        self
    }

    /// `PING, PONG and blocks OPEN`
    pub fn list(&self) -> String {
        let join = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        match (self.messages.is_empty(), self.blocks.is_empty()) {
            (false, true) => join(&self.messages),
            (true, false) => format!("blocks {}", join(&self.blocks)),
            (false, false) => format!("{} and blocks {}", join(&self.messages), join(&self.blocks)),
            (true, true) => "signatures".to_owned(),
        }
    }
}

/// By name of the struct or enum (they share no names).
pub fn carriers(protocol: &Protocol) -> BTreeMap<String, Carriers> {
    let mut found: BTreeMap<String, Carriers> = BTreeMap::new();
    for (name, message) in &protocol.messages {
        for ty in reached(protocol, &message.fields) {
            found.entry(ty).or_default().messages.insert(name.clone());
        }
    }
    for (name, block) in &protocol.blocks {
        for ty in reached(protocol, &block.fields) {
            found.entry(ty).or_default().blocks.insert(name.clone());
        }
    }
    for ty in signed(protocol) {
        found.entry(ty).or_default().signed = true;
    }
    found
}

/// Structs that signatures cover, and what these hold: the hash of what is signed covers names and types of fields.
fn signed(protocol: &Protocol) -> BTreeSet<String> {
    let mut roots = Vec::new();
    walk::everything(protocol, &mut |_, expr| {
        if let ExprKind::Builtin(builtin, arguments) = &expr.kind {
            let value = if matches!(builtin, Builtin::Sign | Builtin::VerifyMulti) {
                arguments.first()
            } else if *builtin == Builtin::VerifySig {
                arguments.get(1)
            } else {
                None
            };
            roots.extend(value.map(|e| e.ty.clone()));
        }
    });
    let mut found = BTreeSet::new();
    roots.iter().for_each(|ty| into(protocol, ty, &mut found));
    found
}

fn reached(protocol: &Protocol, fields: &Fields) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    fields.values().for_each(|field| into(protocol, &field.ty, &mut found));
    found
}

/// The fields of what is known by `key`, once.
fn inside(protocol: &Protocol, key: String, fields: Option<&Fields>, found: &mut BTreeSet<String>) {
    if found.insert(key) {
        fields.into_iter().flatten().for_each(|(_, field)| into(protocol, &field.ty, found));
    }
}

fn into(protocol: &Protocol, ty: &Type, found: &mut BTreeSet<String>) {
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other type holds declared ones")]
    match ty {
        Type::Enum(name) => {
            found.insert(name.clone());
        }
        Type::Struct(name) => {
            inside(protocol, name.clone(), protocol.structs.get(name).map(|s| &s.fields), found);
        }
        // Messages and blocks may hold each other; they are marked so that they are no structs.
        Type::Message(name) | Type::Signed(name) => {
            inside(protocol, format!("@{name}"), protocol.messages.get(name).map(|m| &m.fields), found);
        }
        Type::Block(name) | Type::BlockPayload(name) => {
            inside(protocol, format!("@{name}"), protocol.blocks.get(name).map(|b| &b.fields), found);
        }
        Type::List(of) | Type::Optional(of) | Type::Secret(of) => into(protocol, of, found),
        Type::Map(key, value) => {
            into(protocol, key, found);
            into(protocol, value, found);
        }
        _ => {}
    }
}
