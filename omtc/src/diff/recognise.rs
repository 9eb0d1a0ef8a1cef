//! Recognising what was renamed: what is gone and what is new are the same when they are alike in all but the name.
//!
//! A mistaken guess costs nothing but the wording: a rename on the wire is as breaking as a removal and an addition.

use super::alike;
use super::rename::{Renames, Thing, apply};
use omt_runtime::ir::{
    Actor, Cause, Field, Fields, Handler, LimitKind, Local, Protocol, State, Trigger, describe,
};
use std::collections::{BTreeMap, BTreeSet};

/// Names that one version has and the other has not, of one kind; beyond this it is another protocol, and comparing
/// each with each would take long.
const CANDIDATES_MAX: usize = 100;

/// From here on (of 100) two things are one.
const LIKELY: u32 = 60;

/// The old protocol with the names of the new one, and which names these are.
pub fn align(old: &Protocol, new: &Protocol) -> (Protocol, Renames) {
    let mut old = old.clone();
    let mut all = Renames::default();
    // What a stage renames is spelt alike in the next one.
    let stages: [fn(&Protocol, &Protocol) -> Renames; 5] = [roles, records, fields, machines, computations];
    for stage in stages {
        let found = stage(&old, new);
        apply(&mut old, &found);
        all.extend(found);
    }
    (old, all)
}

/// What of one kind was renamed, best guess first.
fn guess<'a, T: 'a>(
    thing: &Thing,
    old: &'a BTreeMap<String, T>,
    new: &'a BTreeMap<String, T>,
    score: impl Fn(&'a str, &'a T, &'a str, &'a T) -> u32,
    found: &mut Renames,
) {
    let gone: Vec<_> = old.iter().filter(|(name, _)| !new.contains_key(*name) && !hidden(name)).collect();
    let come: Vec<_> = new.iter().filter(|(name, _)| !old.contains_key(*name) && !hidden(name)).collect();
    if gone.len() > CANDIDATES_MAX || come.len() > CANDIDATES_MAX {
        return;
    }
    let mut scores = Vec::new();
    for (from, a) in &gone {
        for (to, b) in &come {
            let score = score(from, a, to, b);
            if score >= LIKELY {
                scores.push((score, from.as_str(), to.as_str()));
            }
        }
    }
    scores.sort_by_key(|(score, from, to)| (std::cmp::Reverse(*score), *from, *to));
    let (mut taken_old, mut taken_new) = (BTreeSet::new(), BTreeSet::new());
    for (_, from, to) in scores {
        if !taken_old.contains(from) && !taken_new.contains(to) {
            taken_old.insert(from);
            taken_new.insert(to);
            found.add(thing.clone(), from, to);
        }
    }
}

/// Names of the compiler's own fields.
fn hidden(name: &str) -> bool {
    name.contains('$')
}

/// How much two sets have in common, of 100. Two empty ones have nothing.
fn share<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> u32 {
    let both = a.intersection(b).count();
    let either = a.union(b).count();
    u32::try_from(both.saturating_mul(100).checked_div(either).unwrap_or(0)).unwrap_or(0)
}

fn part(score: u32, of: u32) -> u32 {
    score.saturating_mul(of) / 100
}

fn when(condition: bool, points: u32) -> u32 {
    if condition { points } else { 0 }
}

fn shape(fields: &Fields) -> BTreeSet<(String, String)> {
    fields.iter().map(|(name, field)| (name.clone(), field.ty.to_string())).collect()
}

/// Actors first, because messages name them.
fn roles(old: &Protocol, new: &Protocol) -> Renames {
    let mut found = Renames::default();
    let features = |p: &Protocol, name: &str, actor: &Actor| -> BTreeSet<String> {
        let said = p.messages.iter().filter(|(_, m)| m.from.iter().any(|r| r == name));
        let heard = p.messages.iter().filter(|(_, m)| m.to.iter().any(|r| r == name));
        let states = actor.states.keys().map(|s| format!("state {s}"));
        let triggers = actor.triggers.keys().map(|t| format!("trigger {t}"));
        said.map(|(m, _)| format!("says {m}"))
            .chain(heard.map(|(m, _)| format!("hears {m}")))
            .chain(states)
            .chain(triggers)
            .collect()
    };
    guess(
        &Thing::Actor,
        &old.actors,
        &new.actors,
        |from, a, to, b| share(&features(old, from, a), &features(new, to, b)),
        &mut found,
    );
    found
}

/// Enums, structs, messages and blocks.
fn records(old: &Protocol, new: &Protocol) -> Renames {
    let mut found = Renames::default();
    guess(
        &Thing::Enum,
        &old.enums,
        &new.enums,
        |_, a, _, b| share(&a.values.keys().collect(), &b.values.keys().collect()),
        &mut found,
    );
    guess(
        &Thing::Struct,
        &old.structs,
        &new.structs,
        |_, a, _, b| share(&shape(&a.fields), &shape(&b.fields)),
        &mut found,
    );
    guess(
        &Thing::Message,
        &old.messages,
        &new.messages,
        |_, a, _, b| {
            let fields = if a.fields.is_empty() && b.fields.is_empty() {
                100
            } else {
                share(&shape(&a.fields), &shape(&b.fields))
            };
            part(fields, 60)
                .saturating_add(when(a.from == b.from, 15))
                .saturating_add(when(a.to == b.to, 15))
                .saturating_add(when(a.meta.order == b.meta.order, 10))
                .saturating_sub(when(a.from != b.from && a.to != b.to, 30))
        },
        &mut found,
    );
    guess(
        &Thing::Block,
        &old.blocks,
        &new.blocks,
        |_, a, _, b| {
            part(share(&shape(&a.fields), &shape(&b.fields)), 80).saturating_add(when(a.by == b.by, 20))
        },
        &mut found,
    );
    found
}

/// Fields of records, and values of enums.
fn fields(old: &Protocol, new: &Protocol) -> Renames {
    let mut found = Renames::default();
    for (name, a) in &old.enums {
        let Some(b) = new.enums.get(name) else { continue };
        let as_many = a.values.len() == b.values.len();
        guess(
            &Thing::EnumValue(name.clone()),
            &a.values,
            &b.values,
            |_, a, _, b| when(as_many && a.meta.order == b.meta.order, 100),
            &mut found,
        );
    }
    for (name, a) in &old.structs {
        if let Some(b) = new.structs.get(name) {
            record(Thing::StructField(name.clone()), &a.fields, &b.fields, &mut found);
        }
    }
    for (name, a) in &old.messages {
        if let Some(b) = new.messages.get(name) {
            record(Thing::MessageField(name.clone()), &a.fields, &b.fields, &mut found);
        }
    }
    for (name, a) in &old.blocks {
        if let Some(b) = new.blocks.get(name) {
            record(Thing::BlockField(name.clone()), &a.fields, &b.fields, &mut found);
        }
    }
    found
}

/// Fields of one record: of the same type, at the same position or the only ones that are gone and new.
fn record(thing: Thing, old: &Fields, new: &Fields, found: &mut Renames) {
    let lone = |one: &Fields, other: &Fields| {
        one.keys().filter(|name| !other.contains_key(*name) && !hidden(name)).count() == 1
    };
    let only = lone(old, new) && lone(new, old);
    let score = |a: &Field, b: &Field| {
        if a.ty != b.ty {
            return 0;
        }
        when(a.meta.order == b.meta.order, 100).max(when(only, 70))
    };
    guess(&thing, old, new, |_, a, _, b| score(a, b), found);
}

/// What actors are made of.
fn machines(old: &Protocol, new: &Protocol) -> Renames {
    let mut found = Renames::default();
    for (name, a) in &old.actors {
        let Some(b) = new.actors.get(name) else { continue };
        record(Thing::Store(name.clone()), &a.store, &b.store, &mut found);
        record(Thing::Shared(name.clone()), &a.shared, &b.shared, &mut found);
        guess(
            &Thing::Trigger(name.clone()),
            &a.triggers,
            &b.triggers,
            |_, x: &Trigger, _, y| {
                when(x.arguments == y.arguments, 70)
                    .saturating_add(when(x.states == y.states, 20))
                    .saturating_add(when(x.meta.title == y.meta.title, 10))
                    .saturating_sub(when(x.after != y.after, 50))
            },
            &mut found,
        );
        let (before, after) = (surroundings(a, b), surroundings(b, a));
        let none = BTreeSet::new();
        guess(
            &Thing::State(name.clone()),
            &a.states,
            &b.states,
            |from, x: &State, to, y| {
                if x.terminal != y.terminal || (from == a.initial) != (to == b.initial) {
                    return 0;
                }
                let around = share(before.get(from).unwrap_or(&none), after.get(to).unwrap_or(&none));
                around.saturating_add(when(x.meta.title.is_some() && x.meta.title == y.meta.title, 20))
            },
            &mut found,
        );
    }
    found
}

/// What leads into and out of each state, without the names that only this version has.
fn surroundings<'a>(actor: &'a Actor, other: &Actor) -> BTreeMap<&'a str, BTreeSet<String>> {
    let known = |state: &'a str| if other.states.contains_key(state) { state } else { "?" };
    let mut around: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, state) in &actor.states {
        for handler in &state.handlers {
            match handler {
                Handler::Collect(c) => {
                    around.entry(name).or_default().insert(format!("collects {}", c.message));
                }
                Handler::Transition(t) => {
                    let why = cause(state, &t.cause);
                    for to in std::iter::once(&t.then).chain(&t.otherwise).map(|b| b.to.as_str()) {
                        around.entry(name).or_default().insert(format!("{why} to {}", known(to)));
                        around.entry(to).or_default().insert(format!("{why} from {}", known(name)));
                    }
                }
            }
        }
    }
    around
}

/// A cause as text.
pub fn cause(state: &State, cause: &Cause) -> String {
    let limit = |index: &u32| {
        let limit = usize::try_from(*index).ok().and_then(|i| state.limits.get(i));
        limit.map_or(String::new(), |limit| match limit.kind {
            LimitKind::Timeout => format!("timeout({})", describe::path(&limit.value)),
            LimitKind::Period => format!("every({})", describe::path(&limit.value)),
        })
    };
    match cause {
        Cause::Auto => "auto".to_owned(),
        Cause::Message(name) | Cause::Trigger(name) | Cause::Task(name) => format!("on {name}"),
        Cause::Timeout(index) | Cause::Period(index) => format!("on {}", limit(index)),
    }
}

/// Parameters, functions, natives and views.
fn computations(old: &Protocol, new: &Protocol) -> Renames {
    let mut found = Renames::default();
    guess(
        &Thing::Parameter,
        &old.parameters,
        &new.parameters,
        |_, a, _, b| {
            when(a.value == b.value, 60)
                .saturating_add(when(
                    a.meta.base.title.is_some() && a.meta.base.title == b.meta.base.title,
                    30,
                ))
                .saturating_add(when(a.meta.base.order == b.meta.base.order, 10))
                .saturating_sub(when(a.meta.unit != b.meta.unit, 60))
        },
        &mut found,
    );
    guess(
        &Thing::Function,
        &old.functions,
        &new.functions,
        |_, a, _, b| {
            let same = a.parameters == b.parameters
                && a.returns == b.returns
                && types(&a.frame) == types(&b.frame)
                && alike::statements(&a.body, &b.body);
            when(same, 100)
        },
        &mut found,
    );
    for (thing, a, b) in [(Thing::Native, &old.natives, &new.natives), (Thing::Task, &old.tasks, &new.tasks)]
    {
        guess(
            &thing,
            a,
            b,
            |_, x, _, y| {
                when(x.library == y.library, 60).saturating_add(when(
                    x.returns == y.returns && types(&x.parameters) == types(&y.parameters),
                    40,
                ))
            },
            &mut found,
        );
    }
    guess(
        &Thing::View,
        &old.views,
        &new.views,
        |_, a, _, b| share(&shape(&a.fields), &shape(&b.fields)),
        &mut found,
    );
    found
}

fn types(frame: &[Local]) -> Vec<String> {
    frame.iter().map(|local| local.ty.to_string()).collect()
}
