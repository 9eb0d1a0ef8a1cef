//! What is claimed about a transaction: its properties, and the scenarios that show it.
//!
//! Neither is part of the protocol id. A node does not notice that a property is dropped; whoever relies on it does.

use crate::diff::kind;
use crate::diff::pair::{Draft, Pair};
use crate::diff::report::{Change, Direction};
use crate::diff::{Half, Place};
use crate::fuzz::meaning;
use crate::source::Span;
use crate::syntax::ast::{Claim, Decl, File, Ident};
use std::collections::BTreeMap;

/// A property or scenario of one version.
struct Said {
    /// Without name, title and documentation.
    meaning: String,
    /// Claims only that something can happen.
    weak: bool,
    place: Option<Place>,
}

/// Properties and scenarios of the root file, by name.
type All = (BTreeMap<String, Said>, BTreeMap<String, Said>);

fn all(half: Half<'_>) -> All {
    let (mut properties, mut scenarios) = (BTreeMap::new(), BTreeMap::new());
    let none = |span: Span| Ident { text: String::new(), span };
    for decl in half.unit.files.first().into_iter().flat_map(|file| &file.tree.decls) {
        let (name, bare, weak, list) = match decl {
            Decl::Property(p) => {
                let mut bare = p.clone();
                (bare.name, bare.text, bare.doc) = (none(p.name.span), None, None);
                (&p.name, Decl::Property(bare), matches!(p.claim, Claim::Sometimes(_)), &mut properties)
            }
            Decl::Scenario(s) => {
                let mut bare = s.clone();
                (bare.name, bare.text, bare.doc) = (none(s.name.span), None, None);
                (&s.name, Decl::Scenario(bare), false, &mut scenarios)
            }
            Decl::Transaction(_)
            | Decl::Imports(_)
            | Decl::Uses(_)
            | Decl::Parameters(_)
            | Decl::Enum(_)
            | Decl::Struct(_)
            | Decl::Message(_)
            | Decl::Block(_)
            | Decl::View(_)
            | Decl::Actor(_)
            | Decl::Function(_)
            | Decl::Native(_)
            | Decl::Task(_) => continue,
        };
        let meaning = meaning(&File { span: decl.span(), decls: vec![bare] });
        list.insert(name.text.clone(), Said { meaning, weak, place: half.side.place(name.span) });
    }
    (properties, scenarios)
}

/// Compares what both versions claim.
pub fn compare(pair: &Pair<'_>, out: &mut Vec<Change>) {
    if pair.old_half.unit.files.is_empty() || pair.new_half.unit.files.is_empty() {
        return;
    }
    let (mut old, new) = (all(pair.old_half), all(pair.new_half));
    for said in old.0.values_mut().chain(old.1.values_mut()) {
        renamed(pair, said);
    }
    properties(&old.0, &new.0, out);
    scenarios(&old.1, &new.1, out);
}

/// Speaks of what was renamed by its new name. A name in a tree is a quoted text.
fn renamed(pair: &Pair<'_>, said: &mut Said) {
    for (_, old, new) in pair.renames.all() {
        said.meaning = said.meaning.replace(&format!("\"{old}\""), &format!("\"{new}\""));
    }
}

/// What one side calls otherwise.
fn twin<'a>(
    name: &str,
    said: &Said,
    other: &'a BTreeMap<String, Said>,
    own: &BTreeMap<String, Said>,
) -> Option<&'a String> {
    if other.contains_key(name) {
        return None;
    }
    other.iter().find(|(n, s)| !own.contains_key(*n) && s.meaning == said.meaning).map(|(n, _)| n)
}

fn properties(old: &BTreeMap<String, Said>, new: &BTreeMap<String, Said>, out: &mut Vec<Change>) {
    let nodes = || Direction::works("nodes do not notice");
    let why = "a property is a promise: it is verified, and others rely on it";
    for (name, b) in new {
        match old.get(name) {
            None if twin(name, b, old, new).is_some() => {}
            None => out.push(
                Draft::new(kind::PROPERTY_ADDED, format!("property {name} is new"), why)
                    .at(None, b.place.clone())
                    .meets(nodes(), Direction::works("an old node was never held to it")),
            ),
            Some(a) if a.meaning != b.meaning => {
                let weaker = b.weak && !a.weak;
                let text = format!("who relies on {name} as it was has to read it again");
                let what = if weaker {
                    format!("property {name} only claims that something can happen")
                } else {
                    format!("property {name} claims something else")
                };
                let old_new = if weaker { Direction::fails(text) } else { Direction::depends(text) };
                out.push(
                    Draft::new(kind::PROPERTY_CHANGED, what, why)
                        .at(a.place.clone(), b.place.clone())
                        .meets(old_new, nodes()),
                );
            }
            Some(_) => {}
        }
    }
    for (name, a) in old {
        if new.contains_key(name) {
            continue;
        }
        match twin(name, a, new, old) {
            Some(to) => out.push(
                Draft::new(kind::PROPERTY_RENAMED, format!("property {name} is called {to}"), why)
                    .at(a.place.clone(), new.get(to).and_then(|b| b.place.clone()))
                    .meets(nodes(), nodes()),
            ),
            None => out.push(
                Draft::new(kind::PROPERTY_REMOVED, format!("property {name} is no longer claimed"), why)
                    .at(a.place.clone(), None)
                    .meets(
                        Direction::fails(format!("who relies on {name} has no promise of the new version")),
                        nodes(),
                    ),
            ),
        }
    }
}

fn scenarios(old: &BTreeMap<String, Said>, new: &BTreeMap<String, Said>, out: &mut Vec<Change>) {
    let nodes = || Direction::works("nodes do not notice");
    let why = "a scenario shows what happens, and keeps it so";
    for (name, b) in new {
        match old.get(name) {
            None if twin(name, b, old, new).is_some() => {}
            None => out.push(
                Draft::new(kind::SCENARIO_ADDED, format!("scenario {name} is new"), why)
                    .at(None, b.place.clone())
                    .meets(nodes(), nodes()),
            ),
            Some(a) if a.meaning != b.meaning => out.push(
                Draft::new(kind::SCENARIO_CHANGED, format!("scenario {name} tells something else"), why)
                    .at(a.place.clone(), b.place.clone())
                    .meets(nodes(), nodes()),
            ),
            Some(_) => {}
        }
    }
    for (name, a) in old {
        if new.contains_key(name) || twin(name, a, new, old).is_some() {
            continue;
        }
        out.push(
            Draft::new(kind::SCENARIO_REMOVED, format!("scenario {name} is gone"), why)
                .at(a.place.clone(), None)
                .meets(
                    Direction::depends(format!(
                        "nothing shows that the new version still does what {name} told"
                    )),
                    nodes(),
                ),
        );
    }
}
