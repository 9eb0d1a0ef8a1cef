//! What changed in the bytes between nodes, and in chains.
//!
//! A record on the wire is a map of exactly its declared fields; an unknown field is refused and so is a missing one
//! (ARCHITECTURE 4). Hence there is no change of a record that only one side notices.

mod record;
mod relation;

use super::alike;
use super::kind::{self, Kind};
use super::pair::{Draft, Pair, an};
use super::rename::Thing;
use super::report::{Change, Direction};
use super::uses::{self, Carriers};
use omt_runtime::ir::{Block, Enum, Message, in_order};
use record::{Carrier, records};
use std::collections::{BTreeMap, BTreeSet};

/// Why a record cannot grow or shrink unnoticed.
const EXACT: &str = "a record on the wire has exactly its declared fields: an unknown one is refused, and so is a missing one";

/// Everything about messages, blocks, and the structs and enums in them.
pub fn compare(pair: &Pair<'_>, out: &mut Vec<Change>) {
    let mut carriers = uses::carriers(pair.new);
    for (name, old) in uses::carriers(pair.old) {
        let entry = carriers.entry(name).or_default();
        *entry = std::mem::take(entry).join(&old);
    }
    messages(pair, out);
    blocks(pair, out);
    structs(pair, &carriers, out);
    enums(pair, &carriers, out);
    if pair.old.session_key != pair.new.session_key {
        let (old, new) = (&pair.old.session_key, &pair.new.session_key);
        out.push(
            Draft::new(
                kind::SESSION_KEY_RENAMED,
                format!("the session key is `{new}`, was `{old}`"),
                "a payload field of that name must equal the session id of the envelope, and triggers name their session by it",
            )
            .at(super::host::header_place(pair.old_half), super::host::header_place(pair.new_half))
            .meets(
                Direction::depends(format!("a field `{new}` of a payload is data to the old node and the session to the new one")),
                Direction::depends(format!("a field `{old}` of a payload is the session to the old node and data to the new one")),
            ),
        );
    }
}

fn messages(pair: &Pair<'_>, out: &mut Vec<Change>) {
    for (name, new) in &pair.new.messages {
        let before = pair.before(&Thing::Message, name);
        let Some(old) = pair.old.messages.get(name) else {
            out.push(
                Draft::new(
                    kind::MESSAGE_ADDED,
                    format!("message {name} is new, from {} to {}", new.from.join(", "), new.to.join(", ")),
                    "a message is known by its name, and an unknown one is refused",
                )
                .at(None, pair.new_at(new.meta.at))
                .meets(
                    Direction::depends(format!(
                        "an old node refuses {name}: whoever waits for what follows from it waits in vain"
                    )),
                    Direction::depends(format!(
                        "an old node never sends {name}: a state that needs it ends by its time limit"
                    )),
                ),
            );
            continue;
        };
        let at = || (pair.old_at(old.meta.at), pair.new_at(new.meta.at));
        if before != name {
            let (a, b) = at();
            out.push(
                Draft::new(
                    kind::MESSAGE_RENAMED,
                    format!("message {before} is called {name}"),
                    "the name of a message is part of its envelope, and of what is signed",
                )
                .at(a, b)
                .meets(
                    Direction::fails(format!("an old node refuses {name}: it knows {before}")),
                    Direction::fails(format!("a new node refuses {before}: it knows {name}")),
                ),
            );
        }
        signed(pair, name, old, new, out);
        parties(pair, name, old, new, out);
        let (a, b) = at();
        let carrier = Carrier::Message { name: name.clone() };
        record::fields(pair, &carrier, (&old.fields, a), (&new.fields, b), out);
    }
    for (name, old) in &pair.old.messages {
        if !pair.new.messages.contains_key(name) {
            out.push(
                Draft::new(
                    kind::MESSAGE_REMOVED,
                    format!("message {name} is gone"),
                    "a message is known by its name, and an unknown one is refused",
                )
                .at(pair.old_at(old.meta.at), None)
                .meets(
                    Direction::fails(format!("an old node that waits for {name} never gets it")),
                    Direction::fails(format!("a new node refuses {name}")),
                ),
            );
        }
    }
}

fn signed(pair: &Pair<'_>, name: &str, old: &Message, new: &Message, out: &mut Vec<Change>) {
    if old.signed == new.signed {
        return;
    }
    let (what, why) = if new.signed {
        (
            format!("{name} is signed"),
            "a message is taken only with the signature that its declaration demands",
        )
    } else {
        (
            format!("{name} is no longer signed"),
            "without a signature nobody can show the message to a third party, and its sender is whoever is at the other end of the connection",
        )
    };
    let unsigned = format!("refuses {name}: it is not signed");
    let needless = format!("refuses {name}: it carries a signature that is not declared");
    let (old_text, new_text) = if new.signed { (needless, unsigned) } else { (unsigned, needless) };
    out.push(
        Draft::new(kind::SIGNED_CHANGED, what, why)
            .at(pair.old_at(old.meta.at), pair.new_at(new.meta.at))
            .meets(
                Direction::fails(format!("an old node {old_text}")),
                Direction::fails(format!("a new node {new_text}")),
            ),
    );
}

fn parties(pair: &Pair<'_>, name: &str, old: &Message, new: &Message, out: &mut Vec<Change>) {
    let at = |draft: Draft| draft.at(pair.old_at(old.meta.at), pair.new_at(new.meta.at));
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|role| !b.contains(role)).cloned().collect()
    };
    let why = "a message is accepted only from a role that may send it, and offered only to a role that may receive it";
    for role in only(&new.from, &old.from) {
        out.push(at(Draft::new(kind::SENDER_ADDED, format!("{role} may send {name}"), why)).meets(
            Direction::depends(format!("an old node refuses {name} from {one}", one = an(&role))),
            Direction::works(format!("an old {role} never sends {name}")),
        ));
    }
    for role in only(&old.from, &new.from) {
        out.push(
            at(Draft::new(kind::SENDER_REMOVED, format!("{role} may no longer send {name}"), why)).meets(
                Direction::depends(format!(
                    "an old node that waits for {name} from {one} never gets it",
                    one = an(&role)
                )),
                Direction::fails(format!("a new node refuses {name} from {one}", one = an(&role))),
            ),
        );
    }
    let who = |version: &str, role: &str| match role {
        "Network" => format!("{version} node that hears gossip"),
        role => format!("{version} {role}"),
    };
    for role in only(&new.to, &old.to) {
        out.push(at(Draft::new(kind::RECIPIENT_ADDED, format!("{name} goes to {role}, too"), why)).meets(
            Direction::depends(format!("{} refuses {name}", who("an old", &role))),
            Direction::depends(format!("an old node sends no {name} to {one}", one = an(&role))),
        ));
    }
    for role in only(&old.to, &new.to) {
        out.push(
            at(Draft::new(kind::RECIPIENT_REMOVED, format!("{name} no longer goes to {role}"), why)).meets(
                Direction::depends(format!("{} that waits for {name} never gets it", who("an old", &role))),
                Direction::fails(format!("{} refuses {name}", who("a new", &role))),
            ),
        );
    }
}

fn blocks(pair: &Pair<'_>, out: &mut Vec<Change>) {
    for (name, new) in &pair.new.blocks {
        let before = pair.before(&Thing::Block, name);
        let Some(old) = pair.old.blocks.get(name) else {
            out.push(
                Draft::new(
                    kind::BLOCK_ADDED,
                    format!("block {name} is new"),
                    "blocks stay in chains for ever; a view skips kinds that it does not name",
                )
                .at(None, pair.new_at(new.meta.at))
                .meets(
                    Direction::depends(format!("the views of an old node skip {name}: what it does to a balance or a claim is not seen")),
                    Direction::works(format!("no chain that an old node wrote has {one}", one = an(name))),
                ),
            );
            continue;
        };
        let at = |draft: Draft| draft.at(pair.old_at(old.meta.at), pair.new_at(new.meta.at));
        if before != name {
            out.push(
                at(Draft::new(
                    kind::BLOCK_RENAMED,
                    format!("block {before} is called {name}"),
                    "the kind is part of the block, and of what is hashed and signed: blocks that are written already keep the old one",
                ))
                .meets(
                    Direction::fails(format!("the views of an old node skip {name}")),
                    Direction::fails(format!("the views of a new node skip every {before} that is in a chain already")),
                ),
            );
        }
        authors(pair, name, old, new, out);
        let places = (pair.old_at(old.meta.at), pair.new_at(new.meta.at));
        let carrier = Carrier::Block { name: name.clone() };
        record::fields(pair, &carrier, (&old.fields, places.0), (&new.fields, places.1), out);
    }
    for (name, old) in &pair.old.blocks {
        if !pair.new.blocks.contains_key(name) {
            out.push(
                Draft::new(
                    kind::BLOCK_REMOVED,
                    format!("block {name} is gone"),
                    "blocks stay in chains for ever; a view skips kinds that it does not name",
                )
                .at(pair.old_at(old.meta.at), None)
                .meets(
                    Direction::depends(format!("a new node appends no {name}")),
                    Direction::fails(format!(
                        "the views of a new node skip every {name} that is in a chain already"
                    )),
                ),
            );
        }
    }
}

fn authors(pair: &Pair<'_>, name: &str, old: &Block, new: &Block, out: &mut Vec<Change>) {
    if old.by == new.by {
        return;
    }
    out.push(
        Draft::new(
            kind::AUTHORS_CHANGED,
            format!("block {name} is appended by {}, was by {}", new.by.join(", "), old.by.join(", ")),
            "who may append a block is for the compiler to check; a chain does not say in which role its author acted",
        )
        .at(pair.old_at(old.meta.at), pair.new_at(new.meta.at))
        .meets(
            Direction::works("an old node reads these blocks as before"),
            Direction::works("a new node reads these blocks as before"),
        ),
    );
}

fn structs(pair: &Pair<'_>, carriers: &BTreeMap<String, Carriers>, out: &mut Vec<Change>) {
    for (name, new) in &pair.new.structs {
        let Some(old) = pair.old.structs.get(name) else { continue };
        let Some(carried) = carriers.get(name) else { continue };
        let places = || (pair.old_at(old.meta.at), pair.new_at(new.meta.at));
        if !carried.messages.is_empty() || !carried.blocks.is_empty() {
            let carrier = Carrier::Struct { name: name.clone(), carried: carried.clone() };
            let (a, b) = places();
            record::fields(pair, &carrier, (&old.fields, a), (&new.fields, b), out);
        }
        let before = pair.before(&Thing::Struct, name);
        let names_moved = pair.renames.of(&Thing::StructField(name.clone())).next().is_some();
        let types = |r: &omt_runtime::ir::Record| -> Vec<(String, String)> {
            r.fields.iter().map(|(n, f)| (n.clone(), f.ty.to_string())).collect()
        };
        if carried.signed && (before != name || names_moved || types(old) != types(new)) {
            let what = if before == name {
                format!("signatures over {name} cover other fields")
            } else {
                format!("signatures over {before} are signatures over {name}")
            };
            let (a, b) = places();
            out.push(
                Draft::new(
                    kind::SIGNED_STRUCT_CHANGED,
                    what,
                    "a signature covers the name of the struct, and names and types of its fields",
                )
                .at(a, b)
                .meets(
                    Direction::fails(format!(
                        "a signature that a new node made over {name} does not verify at an old one"
                    )),
                    Direction::fails(format!(
                        "a signature over {before} that was made before does not verify at a new node"
                    )),
                ),
            );
        }
    }
}

fn enums(pair: &Pair<'_>, carriers: &BTreeMap<String, Carriers>, out: &mut Vec<Change>) {
    let none = Carriers::default();
    for (name, new) in &pair.new.enums {
        let Some(old) = pair.old.enums.get(name) else { continue };
        let carried = carriers.get(name).unwrap_or(&none);
        let who = if carried.is_empty() { "the store".to_owned() } else { carried.list() };
        let at = |draft: Draft, value: &str| {
            let place = |of: &Enum| of.values.get(value).map_or(of.meta.at, |v| v.meta.at);
            draft.at(pair.old_at(place(old)), pair.new_at(place(new)))
        };
        let why = "a value of an enum is its name; an unknown one is refused with all that carries it";
        let thing = Thing::EnumValue(name.clone());
        let outcome = |text: String, bad: fn(String) -> Direction| {
            if carried.is_empty() { Direction::works(format!("{name} is never sent")) } else { bad(text) }
        };
        let names = |e: &Enum| e.values.keys().cloned().collect::<BTreeSet<_>>();
        let mut push = |kind: Kind, what: String, value: &str, old_new: Direction, new_old: Direction| {
            out.push(at(Draft::new(kind, what, why), value).meets(old_new, new_old));
        };
        for (from, to) in pair.renames.of(&thing) {
            push(
                kind::ENUM_VALUE_RENAMED,
                format!("value {from} of {name} is called {to}"),
                to,
                outcome(format!("an old node refuses {to} in {who}"), Direction::fails),
                outcome(format!("a new node refuses {from} in {who}"), Direction::fails),
            );
        }
        for value in names(new).difference(&names(old)) {
            push(
                kind::ENUM_VALUE_ADDED,
                format!("{name} has the value {value}"),
                value,
                outcome(format!("an old node refuses {who} with {value}"), Direction::depends),
                Direction::works(format!("an old node never says {value}")),
            );
        }
        for value in names(old).difference(&names(new)) {
            push(
                kind::ENUM_VALUE_REMOVED,
                format!("{name} has no value {value}"),
                value,
                Direction::works(format!("a new node never says {value}")),
                outcome(format!("a new node refuses {who} with {value}"), Direction::fails),
            );
        }
    }
    records(pair, out);
}

/// `name type` of each field.
fn listed(fields: &omt_runtime::ir::Fields) -> String {
    in_order(fields).into_iter().map(|(name, field)| alike::field(name, field)).collect::<Vec<_>>().join(", ")
}
