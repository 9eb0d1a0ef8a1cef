//! Names that hosts, other transactions and other sources use: where a transaction lies, its number, roles, triggers,
//! stored fields, natives.

use super::alike;
use super::kind::{self, Kind};
use super::pair::{Draft, Pair};
use super::rename::Thing;
use super::report::{Change, Comparison, Direction, Subject};
use super::{Half, Side};
use crate::syntax::ast::Decl;
use omt_runtime::ir::{Actor, At, Field, Fields, Local, Native, Trigger, in_order};
use std::collections::BTreeMap;

/// A transaction that only the old version has.
pub fn removed(half: Half<'_>) -> Comparison {
    let version = half.version();
    let change = Draft::new(
        kind::TRANSACTION_REMOVED,
        format!("transaction {} is gone", half.protocol.number),
        "who has no package of it cannot take part in it, and a transaction that uses it is not loaded",
    )
    .at(header_place(half), None)
    .meets(
        Direction::fails("a new node refuses every session of it that an old one opens"),
        Direction::works("a new node opens no session of it"),
    );
    let id = version.id.clone().unwrap_or_default();
    Comparison {
        subject: Subject::Transaction,
        old: Some(version),
        new: None,
        changes: vec![change],
        consequences: vec![format!("a node keeps the package {id} until its last session has ended")],
        text_only: false,
    }
}

/// A transaction that only the new version has.
pub fn added(half: Half<'_>) -> Comparison {
    let change = Draft::new(
        kind::TRANSACTION_ADDED,
        format!("transaction {} is new", half.protocol.number),
        "nobody depends on it yet",
    )
    .at(None, header_place(half))
    .meets(
        Direction::works(
            "an old node refuses its sessions by their protocol id, and nothing it knows has changed",
        ),
        Direction::works("a new node opens no session of it with an old one"),
    );
    Comparison {
        subject: Subject::Transaction,
        old: None,
        new: Some(half.version()),
        changes: vec![change],
        consequences: Vec::new(),
        text_only: false,
    }
}

/// The header of a transaction, or the first place that is known.
pub fn header_place(half: Half<'_>) -> Option<super::Place> {
    let root = half.unit.files.first()?;
    let header = root.tree.decls.iter().find(|d| matches!(d, Decl::Transaction(_)));
    half.side.place(header.map_or(root.tree.span, Decl::span))
}

/// Everything of one transaction.
pub fn compare(pair: &Pair<'_>, out: &mut Vec<Change>) {
    header(pair, out);
    for (name, new) in &pair.new.actors {
        let before = pair.before(&Thing::Actor, name);
        let Some(old) = pair.old.actors.get(name) else {
            out.push(
                Draft::new(kind::ACTOR_ADDED, format!("actor {name} is new"), "somebody must play it")
                    .at(None, pair.new_at(new.meta.at))
                    .meets(
                        Direction::depends(format!(
                            "an old node cannot play {name}: whoever needs one looks elsewhere"
                        )),
                        Direction::works("nothing that an old node says is meant for it"),
                    ),
            );
            continue;
        };
        if before != name {
            out.push(
                Draft::new(
                    kind::ACTOR_RENAMED,
                    format!("actor {before} is called {name}"),
                    "hosts and transactions that use this one name its actors; the wire does not",
                )
                .at(pair.old_at(old.meta.at), pair.new_at(new.meta.at))
                .meets(
                    Direction::depends(format!(
                        "a host or a transaction that names {before} finds no such actor in the new version"
                    )),
                    Direction::depends(format!(
                        "a host or a transaction that names {name} finds no such actor in the old version"
                    )),
                ),
            );
        }
        triggers(pair, name, old, new, out);
        store(pair, name, old, new, out);
        shared(pair, name, old, new, out);
    }
    for (name, old) in &pair.old.actors {
        if !pair.new.actors.contains_key(name) {
            out.push(
                Draft::new(kind::ACTOR_REMOVED, format!("actor {name} is gone"), "nobody plays it any more")
                    .at(pair.old_at(old.meta.at), None)
                    .meets(
                        Direction::fails(format!(
                            "an old node that needs a {name} finds none among the new ones"
                        )),
                        Direction::works(format!("a new node needs no {name}")),
                    ),
            );
        }
    }
    natives(pair, "native function", &Thing::Native, &pair.old.natives, &pair.new.natives, out);
    natives(pair, "native task", &Thing::Task, &pair.old.tasks, &pair.new.tasks, out);
    names(pair, out);
}

fn header(pair: &Pair<'_>, out: &mut Vec<Change>) {
    let places = (header_place(pair.old_half), header_place(pair.new_half));
    let whole = pair.old_half.side.whole && pair.new_half.side.whole;
    if whole && pair.old.meta.path != pair.new.meta.path {
        let users = users(pair.old_half.side, &pair.old.meta.path);
        let (direction, why) = if users.is_empty() {
            (Direction::depends as fn(String) -> Direction, "sources name each other by path".to_owned())
        } else {
            (
                Direction::fails as fn(String) -> Direction,
                format!("sources name each other by path: {} did so", users.join(", ")),
            )
        };
        let (old, new) = (&pair.old.meta.path, &pair.new.meta.path);
        out.push(
            Draft::new(kind::TRANSACTION_MOVED, format!("{old} is now {new}"), why)
                .at(places.0.clone(), places.1.clone())
                .meets(
                    direction(format!("a source that says `uses {old}` does not find it")),
                    Direction::depends(format!(
                        "a source that says `uses {new}` does not find it in the old version"
                    )),
                ),
        );
    }
    if pair.old.number != pair.new.number {
        let (old, new) = (&pair.old.number, &pair.new.number);
        out.push(
            Draft::new(
                kind::TRANSACTION_RENUMBERED,
                format!("transaction {old} has the number {new}"),
                "a trigger `after` another transaction holds the number of that one",
            )
            .at(places.0, places.1)
            .meets(
                Direction::depends(format!(
                    "a package with a trigger after {old} is never fired by the new version: build it again"
                )),
                Direction::depends(format!(
                    "a package with a trigger after {new} is never fired by the old version"
                )),
            ),
        );
    }
}

/// Files that name another one by its path.
pub fn users(side: Side<'_>, path: &str) -> Vec<String> {
    let plain = path.strip_suffix("/transaction");
    let mut found: Vec<String> = Vec::new();
    for file in side.files {
        let named = file.tree.decls.iter().any(|decl| {
            #[allow(clippy::wildcard_enum_match_arm, reason = "nothing else names a file")]
            let named = match decl {
                Decl::Uses(uses) => uses.path.text(),
                Decl::Imports(imports) => imports.path.text(),
                _ => return false,
            };
            named == path || Some(named.as_str()) == plain
        });
        if named && !found.contains(&file.name) {
            found.push(file.name.clone());
        }
    }
    found
}

fn triggers(pair: &Pair<'_>, actor: &str, old: &Actor, new: &Actor, out: &mut Vec<Change>) {
    let thing = Thing::Trigger(actor.to_owned());
    let draft = |kind: Kind, what: String, why: &str, a: Option<&Trigger>, b: Option<&Trigger>| {
        Draft::new(kind, what, why)
            .within(actor, None)
            .at(a.and_then(|t| pair.old_at(t.meta.at)), b.and_then(|t| pair.new_at(t.meta.at)))
    };
    let why = "hosts fire triggers by name, with arguments by position; `after` fills them by name";
    for (name, b) in &new.triggers {
        let before = pair.before(&thing, name);
        let Some(a) = old.triggers.get(name) else {
            out.push(draft(kind::TRIGGER_ADDED, format!("trigger {name} is new"), why, None, Some(b)).meets(
                Direction::works(format!("a host of the old version never fires {name}")),
                Direction::works(format!("a host that fires {name} needs the new version")),
            ));
            continue;
        };
        if before != name {
            out.push(
                draft(
                    kind::TRIGGER_RENAMED,
                    format!("trigger {before} is called {name}"),
                    why,
                    Some(a),
                    Some(b),
                )
                .meets(
                    Direction::fails(format!(
                        "a host that fires {before} finds no such trigger in the new version"
                    )),
                    Direction::fails(format!(
                        "a host that fires {name} finds no such trigger in the old version"
                    )),
                ),
            );
        }
        if a.arguments != b.arguments {
            let list = |t: &Trigger| {
                t.arguments.iter().map(|a| format!("{} {}", a.name, a.ty)).collect::<Vec<_>>().join(", ")
            };
            let what = format!("trigger {name} takes ({}), took ({})", list(b), list(a));
            // Positions decide for a host; a name alone matters to `after`.
            let types = |t: &Trigger| t.arguments.iter().map(|a| a.ty.clone()).collect::<Vec<_>>();
            let bad = if types(a) == types(b) { Direction::depends } else { Direction::fails };
            out.push(draft(kind::TRIGGER_ARGUMENTS, what, why, Some(a), Some(b)).meets(
                bad(format!("the new version refuses {name} ({}) of a host of the old one", list(a))),
                bad(format!("the old version refuses {name} ({}) of a host of the new one", list(b))),
            ));
        }
    }
    for (name, a) in &old.triggers {
        if !new.triggers.contains_key(name) {
            out.push(
                draft(kind::TRIGGER_REMOVED, format!("trigger {name} is gone"), why, Some(a), None).meets(
                    Direction::fails(format!(
                        "a host that fires {name} finds no such trigger in the new version"
                    )),
                    Direction::works("a host of the new version fires nothing that the old one has not"),
                ),
            );
        }
    }
}

fn store(pair: &Pair<'_>, actor: &str, old: &Actor, new: &Actor, out: &mut Vec<Change>) {
    let why = "a store belongs to one instance, and an unfinished one keeps its package; `after` and dashboards read fields by name";
    fields(pair, &Thing::Store(actor.to_owned()), (&old.store, &new.store), &mut |step, a, b| {
        let (kind, what, old_new, new_old) = match step {
            Step::Added(text) => (
                kind::STORE_ADDED,
                format!("the store has a field `{text}`"),
                Direction::works("nobody reads it by its name yet"),
                Direction::works(format!("who reads `{text}` needs the new version")),
            ),
            Step::Removed(text) => (
                kind::STORE_REMOVED,
                format!("the store has no field `{text}`"),
                Direction::depends(format!("who reads `{text}` finds no such field in the new version")),
                Direction::works("nobody of the new version reads it"),
            ),
            Step::Renamed(from, to) => (
                kind::STORE_RENAMED,
                format!("stored field `{from}` is called `{to}`"),
                Direction::depends(format!("who reads `{from}` finds no such field in the new version")),
                Direction::depends(format!("who reads `{to}` finds no such field in the old version")),
            ),
            Step::Retyped(name, from, to) => (
                kind::STORE_RETYPED,
                format!("stored field `{name}` has type {to}, was {from}"),
                Direction::depends(format!("who reads `{name}` as {from} gets a {to}")),
                Direction::depends(format!("who reads `{name}` as {to} gets a {from}")),
            ),
        };
        out.push(Draft::new(kind, what, why).within(actor, None).at(a, b).meets(old_new, new_old));
    });
}

fn shared(pair: &Pair<'_>, actor: &str, old: &Actor, new: &Actor, out: &mut Vec<Change>) {
    let why = "the shared store outlives instances and is kept for each protocol id: the new version begins with an empty one unless the host copies it";
    fields(pair, &Thing::Shared(actor.to_owned()), (&old.shared, &new.shared), &mut |step, a, b| {
        let (what, old_new) = match step {
            Step::Added(text) => (
                format!("the shared store has a field `{text}`"),
                Direction::works("what the old version kept can be copied, the new field begins empty"),
            ),
            Step::Removed(text) => (
                format!("the shared store has no field `{text}`"),
                Direction::depends(format!("what the old version kept in `{text}` is forgotten")),
            ),
            Step::Renamed(from, to) => (
                format!("shared field `{from}` is called `{to}`"),
                Direction::depends(format!("a host that copies `{from}` by its name loses it")),
            ),
            Step::Retyped(name, from, to) => (
                format!("shared field `{name}` has type {to}, was {from}"),
                Direction::depends(format!(
                    "what the old version kept in `{name}` does not fit the new type"
                )),
            ),
        };
        let back = Direction::works("the old version keeps its own shared store");
        out.push(
            Draft::new(kind::SHARED_CHANGED, what, why).within(actor, None).at(a, b).meets(old_new, back),
        );
    });
}

/// What happened to one field.
enum Step<'a> {
    Added(String),
    Removed(String),
    Renamed(&'a str, &'a str),
    Retyped(&'a str, String, String),
}

fn fields(
    pair: &Pair<'_>,
    thing: &Thing,
    (old, new): (&Fields, &Fields),
    see: &mut dyn FnMut(Step<'_>, Option<super::Place>, Option<super::Place>),
) {
    let own = |name: &str| name.contains('$');
    let at = |list: Vec<&Field>| list.first().map_or(At::default(), |f| f.meta.at);
    let place = |name: &str| {
        (
            pair.old_at(at(old.get(name).into_iter().collect())),
            pair.new_at(at(new.get(name).into_iter().collect())),
        )
    };
    for (from, to) in pair.renames.of(thing) {
        let (a, b) = place(to);
        see(Step::Renamed(from, to), a, b);
    }
    for (name, field) in in_order(new) {
        let (a, b) = place(name);
        match old.get(name) {
            None if !own(name) => see(Step::Added(alike::field(name, field)), a, b),
            Some(before) if before.ty != field.ty => {
                see(Step::Retyped(name, before.ty.to_string(), field.ty.to_string()), a, b);
            }
            None | Some(_) => {}
        }
    }
    for (name, field) in in_order(old) {
        if !new.contains_key(name) && !own(name) {
            let (a, b) = place(name);
            see(Step::Removed(alike::field(name, field)), a, b);
        }
    }
}

fn natives(
    pair: &Pair<'_>,
    noun: &str,
    thing: &Thing,
    old: &BTreeMap<String, Native>,
    new: &BTreeMap<String, Native>,
    out: &mut Vec<Change>,
) {
    let why = "a host that lacks a native refuses to load the protocol, and names it";
    let draft = |kind: Kind, what: String, a: Option<&Native>, b: Option<&Native>| {
        Draft::new(kind, what, why)
            .at(a.and_then(|n| pair.old_at(n.meta.at)), b.and_then(|n| pair.new_at(n.meta.at)))
    };
    let types = |frame: &[Local]| frame.iter().map(|l| l.ty.to_string()).collect::<Vec<_>>().join(", ");
    let form = |n: &Native| format!("({}) -> {} \"{}\"", types(&n.parameters), n.returns, n.library);
    for (name, b) in new {
        let before = pair.before(thing, name);
        let Some(a) = old.get(name) else {
            out.push(
                draft(kind::NATIVE_ADDED, format!("{noun} {name} is asked: {}", form(b)), None, Some(b))
                    .meets(
                        Direction::fails(format!(
                            "a host of the old version that lacks \"{}\" does not load the new one",
                            b.library
                        )),
                        Direction::works("a host of the new version has what the old one asks"),
                    ),
            );
            continue;
        };
        if before != name {
            out.push(
                draft(kind::NATIVE_RENAMED, format!("{noun} {before} is called {name}"), Some(a), Some(b))
                    .meets(
                        Direction::works("a host finds it by its library path"),
                        Direction::works("a host finds it by its library path"),
                    ),
            );
        }
        if form(a) != form(b) {
            out.push(
                draft(
                    kind::NATIVE_CHANGED,
                    format!("{noun} {name} is {}, was {}", form(b), form(a)),
                    Some(a),
                    Some(b),
                )
                .meets(
                    Direction::fails(format!("a host of the old version has no {}", form(b))),
                    Direction::fails(format!("a host of the new version may no longer have {}", form(a))),
                ),
            );
        }
    }
    for (name, a) in old {
        if !new.contains_key(name) {
            out.push(draft(kind::NATIVE_REMOVED, format!("{noun} {name} is no longer asked"), Some(a), None).meets(
                Direction::works("a host of the old version has more than the new one asks"),
                Direction::depends(format!("a host that drops \"{}\" no longer loads the old version, which unfinished sessions need", a.library)),
            ));
        }
    }
}

/// Parameters, functions and views that have another name.
fn names(pair: &Pair<'_>, out: &mut Vec<Change>) {
    let (old, new) = (pair.old, pair.new);
    let mut push = |noun: &str, from: &str, to: &str, a: Option<At>, b: Option<At>| {
        out.push(
            Draft::new(
                kind::NAME_CHANGED,
                format!("{noun} {from} is called {to}"),
                "nothing behaves otherwise, but names of declarations are part of the protocol id",
            )
            .at(a.and_then(|at| pair.old_at(at)), b.and_then(|at| pair.new_at(at)))
            .meets(
                Direction::works("an old node behaves as a new one does"),
                Direction::works("a new node behaves as an old one does"),
            ),
        );
    };
    for (from, to) in pair.renames.of(&Thing::Parameter) {
        let at = |p: &omt_runtime::ir::Protocol| p.parameters.get(to).map(|p| p.meta.base.at);
        push("parameter", from, to, at(old), at(new));
    }
    for (from, to) in pair.renames.of(&Thing::Function) {
        let at = |p: &omt_runtime::ir::Protocol| p.functions.get(to).map(|f| f.meta.at);
        push("function", from, to, at(old), at(new));
    }
    for (from, to) in pair.renames.of(&Thing::View) {
        let at = |p: &omt_runtime::ir::Protocol| p.views.get(to).map(|v| v.meta.at);
        push("view", from, to, at(old), at(new));
    }
}
