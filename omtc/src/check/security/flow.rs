//! What values are made of, and what has been asked about them before a step is taken.
//!
//! The checks of this family all ask the same two questions. *Where does this value come from:* a field of the message,
//! an argument of a trigger, the store, a chain, chance? *And who has looked at it* before something was made to depend on
//! it? Both are answered here, once for a transaction, by running every transition on values that are not known:
//!
//! * [`value`]: a [`Value`] is the tree of how something was computed. Functions are followed into, fields of records that
//!   were just built are found again, an element of a filtered list is an element of the list.
//! * [`evaluate`]: expressions and functions to values.
//! * [`step`]: a [`Step`] is one branch of one transition: the conditions that hold when it is taken (its guard, and that no
//!   earlier one for the same cause held) and its effects, each with the `IF`s around it.
//! * [`decide`]: what a condition says when it is true or false ([`decide::literals`]), and which parts of a message anybody
//!   ever asks about ([`Flow::asked`], [`Flow::read`]), also later and by way of the store.
//! * [`known`]: which parts of a message are tied, by what is asked, to something that the receiver knows without it.
//!
//! All of it errs on the side of silence: what cannot be followed depends on everything it may depend on, and a step that is too
//! large to follow is marked [`Step::lost`] and left alone.

pub(super) mod decide;
pub(super) mod evaluate;
pub(super) mod known;
pub(super) mod step;
pub(super) mod value;

use decide::Looked;
use known::Known;
use omt_runtime::ir::Protocol;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use step::{EffectKind, Step};
use value::{Root, Value, open_atoms};

/// Everything that is known of a transaction.
pub(in crate::check) struct Flow<'a> {
    /// The transaction.
    pub(super) protocol: &'a Protocol,
    /// Its steps: by actor, then in the order of the states' names and of the source.
    pub(super) steps: Vec<Step<'a>>,
    /// By actor: what its conditions ask about.
    looked: BTreeMap<&'a str, Looked<'a>>,
    /// By step: what is asked.
    asked: Vec<Vec<Value<'a>>>,
    /// By step: what that ties to something known; found out when somebody wants to know.
    known: Vec<OnceLock<Known<'a>>>,
    /// By actor: where its steps are.
    actors: BTreeMap<&'a str, Range<usize>>,
    /// By actor and state: where the steps that leave it are.
    states: BTreeMap<(&'a str, &'a str), Range<usize>>,
}

impl<'a> Flow<'a> {
    /// Runs every transition once.
    pub(in crate::check) fn of(protocol: &'a Protocol) -> Flow<'a> {
        let steps = step::all(protocol);
        let (mut actors, mut states) = (BTreeMap::new(), BTreeMap::new());
        for (index, step) in steps.iter().enumerate() {
            actors.entry(step.actor).or_insert(index..index).end = index + 1;
            states.entry((step.actor, step.state)).or_insert(index..index).end = index + 1;
        }
        let known = steps.iter().map(|_| OnceLock::new()).collect();
        let (looked, asked) = (BTreeMap::new(), Vec::new());
        let mut flow = Flow { protocol, steps, looked, asked, known, actors, states };
        flow.looked =
            protocol.actors.keys().map(|actor| (actor.as_str(), Looked::of(flow.of_actor(actor)))).collect();
        flow.asked = flow.steps.iter().map(|step| flow.find_asked(step)).collect();
        flow
    }

    /// The steps of one actor.
    pub(super) fn of_actor(&self, actor: &str) -> std::slice::Iter<'_, Step<'a>> {
        self.within(self.actors.get(actor)).iter()
    }

    /// The steps that one message can cause in one state of an actor, those of `step` among them.
    pub(super) fn siblings<'f>(&'f self, step: &'f Step<'a>) -> impl Iterator<Item = &'f Step<'a>> {
        let here = self.within(self.states.get(&(step.actor, step.state)));
        here.iter().filter(move |other| other.cause == step.cause)
    }

    /// The steps of one actor, and those that leave one state, stand together.
    fn within(&self, range: Option<&Range<usize>>) -> &[Step<'a>] {
        range.and_then(|range| self.steps.get(range.clone())).unwrap_or_default()
    }

    /// Everything that is asked before the message has consequences: the conditions of the steps for the same cause in the
    /// same state, the `IF`s in them, what later conditions ask about what the step has stored, and what tasks are given.
    pub(super) fn asked(&self, step: &Step<'_>) -> &[Value<'a>] {
        self.asked.get(step.index).map(Vec::as_slice).unwrap_or_default()
    }

    /// Which parts of the message are tied to something known by what is asked.
    pub(super) fn known(&self, step: &Step<'a>) -> Option<&Known<'a>> {
        let known = self.known.get(step.index)?;
        Some(known.get_or_init(|| Known::of(self.asked(step), step.creates())))
    }

    fn find_asked(&self, step: &Step<'a>) -> Vec<Value<'a>> {
        let mut values = Vec::new();
        for other in self.siblings(step) {
            let ifs = other.effects.iter().flat_map(|effect| &effect.when);
            values.extend(other.conditions.iter().chain(ifs).map(|c| Arc::clone(&c.value)));
        }
        for effect in &step.effects {
            if let EffectKind::Start { arguments } = &effect.kind {
                values.extend(arguments.iter().cloned());
            }
        }
        if let Some(looked) = self.looked.get(step.actor) {
            looked.later(step, &mut values);
        }
        values
    }

    /// Whether anybody looks at what a part of the message says; that the hash of something around it is right does not count.
    pub(super) fn read(&self, step: &Step<'a>, path: &[&str]) -> bool {
        self.asked(step).iter().any(|v| open_atoms(v).iter().any(|atom| atom.covers(Root::Payload, path)))
    }

    /// Whether one of the steps for its cause was too large to follow: then nothing is said about it.
    pub(super) fn lost(&self, step: &Step<'a>) -> bool {
        self.siblings(step).any(|other| other.lost)
    }
}
