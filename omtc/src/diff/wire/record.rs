//! Fields of messages, blocks, and the structs in them.

use super::relation::{Relation, relation};
use super::{EXACT, alike, listed};
use crate::diff::kind;
use crate::diff::pair::{Draft, Pair, an};
use crate::diff::rename::Thing;
use crate::diff::report::{Change, Direction, Place};
use crate::diff::uses::Carriers;
use omt_runtime::ir::{Field, Fields};

/// What carries the fields.
pub enum Carrier {
    Message { name: String },
    Block { name: String },
    Struct { name: String, carried: Carriers },
}

impl Carrier {
    fn thing(&self) -> Thing {
        match self {
            Carrier::Message { name } => Thing::MessageField(name.clone()),
            Carrier::Block { name } => Thing::BlockField(name.clone()),
            Carrier::Struct { name, .. } => Thing::StructField(name.clone()),
        }
    }

    fn noun(&self) -> String {
        match self {
            Carrier::Message { name } => format!("message {name}"),
            Carrier::Block { name } => format!("block {name}"),
            Carrier::Struct { name, .. } => format!("struct {name}"),
        }
    }

    /// A node of one version gets something that one of the other has written, and cannot read it.
    fn unreadable(&self, reader: &str, reason: &str) -> String {
        match self {
            Carrier::Message { name } => format!("{reader} node refuses {name}: {reason}"),
            Carrier::Block { name } => format!(
                "{reader} node cannot read {one}: {reason}; a chain with one is invalid to its views",
                one = an(name)
            ),
            Carrier::Struct { carried, .. } if carried.blocks.is_empty() => {
                format!("{reader} node refuses {}: {reason}", carried.list())
            }
            Carrier::Struct { carried, .. } => {
                format!(
                    "{reader} node cannot read {}: {reason}; a chain with such a block is invalid to its views",
                    carried.list()
                )
            }
        }
    }

    fn readable(&self, reader: &str) -> String {
        match self {
            Carrier::Message { name } | Carrier::Block { name } => {
                format!("{reader} node reads every {name}")
            }
            Carrier::Struct { carried, .. } => format!("{reader} node reads every {}", carried.list()),
        }
    }
}

/// Compares the fields of one record.
pub fn fields(
    pair: &Pair<'_>,
    carrier: &Carrier,
    (old, old_place): (&Fields, Option<Place>),
    (new, new_place): (&Fields, Option<Place>),
    out: &mut Vec<Change>,
) {
    let noun = carrier.noun();
    let old_at = |field: Option<&Field>| field.and_then(|f| pair.old_at(f.meta.at)).or(old_place.clone());
    let new_at = |field: Option<&Field>| field.and_then(|f| pair.new_at(f.meta.at)).or(new_place.clone());
    let both = |name: &str| (old_at(old.get(name)), new_at(new.get(name)));
    for (from, to) in pair.renames.of(&carrier.thing()) {
        let (a, b) = both(to);
        out.push(
            Draft::new(kind::FIELD_RENAMED, format!("field `{from}` of {noun} is called `{to}`"), EXACT)
                .at(a, b)
                .meets(
                    Direction::fails(
                        carrier.unreadable(
                            "an old",
                            &format!("`{to}` is unknown to it and `{from}` is missing"),
                        ),
                    ),
                    Direction::fails(
                        carrier
                            .unreadable("a new", &format!("`{from}` is unknown to it and `{to}` is missing")),
                    ),
                ),
        );
    }
    for (name, field) in new {
        let Some(before) = old.get(name) else {
            let (a, b) = both(name);
            out.push(
                Draft::new(
                    kind::FIELD_ADDED,
                    format!("{noun} has a field `{}`", alike::field(name, field)),
                    EXACT,
                )
                .at(a, b)
                .meets(
                    Direction::fails(carrier.unreadable("an old", &format!("`{name}` is unknown to it"))),
                    Direction::fails(carrier.unreadable("a new", &format!("`{name}` is missing"))),
                ),
            );
            continue;
        };
        if before.ty != field.ty {
            let (a, b) = both(name);
            let (old_new, new_old) = retyped(carrier, name, before, field);
            let what = format!("field `{name}` of {noun} has type {}, was {}", field.ty, before.ty);
            out.push(Draft::new(kind::FIELD_RETYPED, what, WHY_TYPE).at(a, b).meets(old_new, new_old));
        }
    }
    for (name, field) in old {
        if !new.contains_key(name) {
            let (a, b) = both(name);
            out.push(
                Draft::new(
                    kind::FIELD_REMOVED,
                    format!("{noun} has no field `{}`", alike::field(name, field)),
                    EXACT,
                )
                .at(a, b)
                .meets(
                    Direction::fails(carrier.unreadable("an old", &format!("`{name}` is missing"))),
                    Direction::fails(carrier.unreadable("a new", &format!("`{name}` is unknown to it"))),
                ),
            );
        }
    }
}

const WHY_TYPE: &str = "values are checked against the declared type before a machine sees them";

fn retyped(carrier: &Carrier, name: &str, old: &Field, new: &Field) -> (Direction, Direction) {
    let refuses = |reader: &str, ty: &Field| carrier.unreadable(reader, &format!("`{name}` is no {}", ty.ty));
    let some = |reader: &str, ty: &Field| {
        Direction::depends(carrier.unreadable(reader, &format!("`{name}` may be no {}", ty.ty)))
    };
    match relation(&old.ty, &new.ty) {
        Relation::Same => {
            (Direction::works(carrier.readable("an old")), Direction::works(carrier.readable("a new")))
        }
        Relation::Wider => (some("an old", old), Direction::works(carrier.readable("a new"))),
        Relation::Narrower => (Direction::works(carrier.readable("an old")), some("a new", new)),
        Relation::Overlapping => (some("an old", old), some("a new", new)),
        Relation::Reread => {
            let text = |reader: &str, ty: &Field| {
                format!("{reader} node reads `{name}` as {}: the same bytes, another meaning", ty.ty)
            };
            (Direction::depends(text("an old", old)), Direction::depends(text("a new", new)))
        }
        Relation::Apart => {
            (Direction::fails(refuses("an old", old)), Direction::fails(refuses("a new", new)))
        }
    }
}

/// Structs and enums that have another name: nothing on the wire, but sources use it.
pub fn records(pair: &Pair<'_>, out: &mut Vec<Change>) {
    let why = "names of types are not on the wire; they are part of the protocol id, and sources use them";
    for (from, to) in pair.renames.of(&Thing::Struct) {
        let places = (
            pair.old.structs.get(to).and_then(|s| pair.old_at(s.meta.at)),
            pair.new.structs.get(to).and_then(|s| pair.new_at(s.meta.at)),
        );
        let fields = pair.new.structs.get(to).map(|s| listed(&s.fields)).unwrap_or_default();
        out.push(
            Draft::new(kind::NAME_CHANGED, format!("struct {from} is called {to} ({fields})"), why)
                .at(places.0, places.1)
                .meets(
                    Direction::works("an old node reads the same bytes"),
                    Direction::works("a new node reads the same bytes"),
                ),
        );
    }
    for (from, to) in pair.renames.of(&Thing::Enum) {
        let places = (
            pair.old.enums.get(to).and_then(|s| pair.old_at(s.meta.at)),
            pair.new.enums.get(to).and_then(|s| pair.new_at(s.meta.at)),
        );
        out.push(
            Draft::new(kind::NAME_CHANGED, format!("enum {from} is called {to}"), why)
                .at(places.0, places.1)
                .meets(
                    Direction::works("an old node reads the same bytes"),
                    Direction::works("a new node reads the same bytes"),
                ),
        );
    }
}
