//! Snapshots of machines with some fields unset or changed.

use omt_runtime::id::Hash;
use omt_runtime::ir::Actor;
use omt_runtime::machine::Machine;
use omt_runtime::wire::{Encoder, Wire, name_order};
use std::collections::{BTreeMap, BTreeSet};

/// What [`Machine::save`] would give, had some fields never been written and others been given other values.
pub(super) fn with(
    machine: &dyn Machine,
    actor: &Actor,
    unset: &BTreeSet<&str>,
    changed: &BTreeMap<&str, Vec<u8>>,
) -> Vec<u8> {
    let mut names: Vec<&str> = actor.store.keys().map(String::as_str).collect();
    names.sort_by(|a, b| name_order(a, b));
    let mut encoder = Encoder::new();
    encoder.map(3);
    encoder.text("state");
    encoder.text(machine.state());
    encoder.text("store");
    encoder.map(names.len());
    for name in names {
        encoder.text(name);
        let value = match changed.get(name) {
            Some(changed) => Some(changed.clone()),
            None if unset.contains(name) => None,
            None => machine.field(name),
        };
        let empty = actor.store.get(name).filter(|field| field.ty.begins_empty()).map(|field| &field.ty);
        match (value, empty) {
            (Some(bytes), _) => encoder.raw(&bytes),
            (None, Some(omt_runtime::ir::Type::Map(..))) => encoder.map(0),
            (None, Some(_)) => encoder.array(0),
            (None, None) => encoder.null(),
        }
    }
    let session: Hash = machine.session();
    encoder.text("session");
    session.encode(&mut encoder);
    encoder.into_bytes()
}
