//! What machines do otherwise, and what is promised about them otherwise.
//!
//! Guards are compared by [`crate::check::logic`]: *lets less through* and *lets more through* are certain when they are
//! said, and where that cannot decide, it is said that it cannot. What a parameter, a function or a view changes is
//! written down once, at its declaration, with the guards and limits that it reaches.

mod constant;
mod effect;
mod guard;
mod handler;
mod joint;
mod limit;
mod message;
mod promise;
mod state;

use super::Kind;
use super::kind;
use super::pair::{Draft, Pair};
use super::report::{Change, Direction, Outcome};
use joint::Joint;
use omt_runtime::ir::{Actor, State};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// One actor of both versions, and what guards are judged with.
struct Machine<'a> {
    pair: &'a Pair<'a>,
    joint: &'a Joint,
    roots: &'a Roots,
    name: &'a str,
    old: &'a Actor,
    new: &'a Actor,
}

impl Machine<'_> {
    /// A change of this actor.
    fn draft(&self, kind: Kind, what: impl Into<String>, why: impl Into<String>) -> Draft {
        Draft::new(kind, what, why).within(self.name, None)
    }
}

/// One state of both versions.
struct Spot<'a> {
    machine: &'a Machine<'a>,
    name: &'a str,
    old: &'a State,
    new: &'a State,
}

impl Spot<'_> {
    /// A change in this state.
    fn draft(&self, kind: Kind, what: impl Into<String>, why: impl Into<String>) -> Draft {
        Draft::new(kind, what, why).within(self.machine.name, Some(self.name))
    }
}

/// What follows from a parameter, function or view whose name stands where it stood: a sentence, and how bad that is for
/// an old and a new node.
type Follows = (String, Outcome, Outcome);

/// By what changed.
#[derive(Default)]
struct Roots {
    follows: RefCell<BTreeMap<joint::Root, Vec<Follows>>>,
}

impl Roots {
    fn add(&self, root: &joint::Root, text: String, outcomes: (Outcome, Outcome)) {
        let mut follows = self.follows.borrow_mut();
        let list = follows.entry(root.clone()).or_default();
        let entry = (text, outcomes.0, outcomes.1);
        if !list.contains(&entry) {
            list.push(entry);
        }
    }

    fn of(&self, root: &joint::Root) -> Vec<Follows> {
        self.follows.borrow().get(root).cloned().unwrap_or_default()
    }
}

/// Everything about one transaction.
pub fn compare(pair: &Pair<'_>, out: &mut Vec<Change>) {
    let joint = Joint::of(pair.old, pair.new);
    let roots = Roots::default();
    for (name, new) in &pair.new.actors {
        let Some(old) = pair.old.actors.get(name) else { continue };
        let machine = Machine { pair, joint: &joint, roots: &roots, name, old, new };
        state::compare(&machine, out);
        message::compare(&machine, out);
        for (state, b) in &new.states {
            let Some(a) = old.states.get(state) else { continue };
            let spot = Spot { machine: &machine, name: state, old: a, new: b };
            limit::compare(&spot, out);
            handler::compare(&spot, out);
        }
    }
    constant::compare(pair, &joint, &roots, out);
    promise::compare(pair, out);
}

/// Does a change of this kind alter the protocol id?
pub fn moves_the_id(kind: Kind) -> bool {
    ![
        kind::TRANSACTION_MOVED,
        kind::PROPERTY_ADDED,
        kind::PROPERTY_REMOVED,
        kind::PROPERTY_RENAMED,
        kind::PROPERTY_CHANGED,
        kind::SCENARIO_ADDED,
        kind::SCENARIO_REMOVED,
        kind::SCENARIO_CHANGED,
    ]
    .contains(&kind)
}

/// The protocol id is another one, and nothing of the above is why.
pub fn other(pair: &Pair<'_>) -> Change {
    Draft::new(
        kind::OTHER,
        "the canonical form of the protocol is another one",
        "the protocol id covers everything that behaves; what differs here has no kind of its own",
    )
    .at(super::host::header_place(pair.old_half), super::host::header_place(pair.new_half))
    .either(&Direction::depends("what differs is not known to be harmless"))
}
