//! From a state to its successors: lookups, once the tables know the local states.

use super::engine::{Engine, Inner, NONE};
use super::event::Events;
use super::model::Model;
use super::table::index;
use super::universe::Universe;
use crate::spec::START;
use std::sync::Arc;

/// What leads from one state to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// A message arrives at an honest peer (its place in a state).
    Deliver {
        /// At whom.
        place: usize,
        /// Its number.
        message: u32,
    },
    /// Something inside an honest peer.
    Inner {
        /// In whom.
        place: usize,
        /// What.
        cause: Inner,
    },
    /// Something that the scope makes happen.
    Event {
        /// Which.
        number: usize,
        /// Without any effect?
        skipped: bool,
    },
    /// The clock of an honest peer goes on; of all when they go together.
    Clock {
        /// Whose.
        place: Option<usize>,
        /// To when, microseconds since 1970.
        to: i64,
    },
}

/// What is left open at a state: why a path may not end there, or does not go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Nothing has to happen any more: every message that is under way may be lost.
    pub may_stay: bool,
    /// A timer is armed beyond the horizon.
    pub cut: bool,
    /// All instances are where they may stay for ever.
    pub ended: bool,
}

/// The place of the mask of events in a state; local states follow.
const MASK: usize = 0;
/// Places before the first local state.
const FIRST: usize = 1;

/// Makes successors.
pub(super) struct Explorer<'m> {
    pub model: &'m Model,
    pub engine: Engine<'m>,
    pub events: Events,
    pub universe: Universe,
}

impl<'m> Explorer<'m> {
    /// With empty tables.
    pub fn new(model: &'m Model) -> Explorer<'m> {
        let engine = Engine::new(model);
        Explorer { model, engine, events: Events::default(), universe: Universe::default() }
    }

    /// Numbers of a state.
    pub fn width(&self) -> usize {
        FIRST + self.model.honest.len()
    }

    /// The state at the start.
    pub fn initial(&mut self) -> Vec<u32> {
        let mut state = vec![0];
        state.extend(self.engine.start());
        state
    }

    /// The local states of a state.
    pub fn locals<'s>(&self, state: &'s [u32]) -> &'s [u32] {
        state.get(FIRST..).unwrap_or_default()
    }

    /// Calls `found` for every successor.
    pub fn successors(&mut self, state: &[u32], found: &mut dyn FnMut(&Label, &[u32])) {
        let mut next = state.to_vec();
        let count = self.model.honest.len();
        for place in 0..count {
            self.deliveries(state, place, &mut next, found);
            self.inner(state, place, &mut next, found);
        }
        self.happenings(state, &mut next, found);
        if self.model.skew == 0 {
            self.all_clocks(state, &mut next, found)
        } else {
            self.clocks(state, &mut next, found)
        }
    }

    fn deliveries(
        &mut self,
        state: &[u32],
        place: usize,
        next: &mut [u32],
        found: &mut dyn FnMut(&Label, &[u32]),
    ) {
        let Some(local) = state.get(FIRST + place).copied() else { return };
        let Some(peer) = self.model.honest.get(place).copied() else { return };
        for other in 0..self.model.honest.len() {
            let Some(sender) = state.get(FIRST + other).copied().filter(|_| other != place) else { continue };
            let sent = Arc::clone(&self.engine.info(sender).sent_to);
            let Some(set) = sent.get(peer).copied().filter(|set| *set != 0) else { continue };
            let (start, end) = self.engine.inbox(local, set);
            for at in start..end {
                if let Some((message, after)) = self.engine.taken_in(at) {
                    self.go(place, after, state, next, &Label::Deliver { place, message }, found);
                }
            }
        }
        let revealed = self.universe.revealed(&self.engine, state.get(FIRST..).unwrap_or_default());
        for set in self.universe.sets(place, &revealed) {
            let (start, end) = self.engine.inbox(local, set);
            for at in start..end {
                if let Some((message, after)) = self.engine.taken_in(at) {
                    self.go(place, after, state, next, &Label::Deliver { place, message }, found);
                }
            }
        }
    }

    /// A successor in which one local state differs.
    fn go(
        &self,
        place: usize,
        local: u32,
        state: &[u32],
        next: &mut [u32],
        label: &Label,
        found: &mut dyn FnMut(&Label, &[u32]),
    ) {
        let at = FIRST + place;
        let (Some(cell), Some(before)) = (next.get_mut(at), state.get(at)) else { return };
        *cell = local;
        found(label, next);
        if let Some(cell) = next.get_mut(at) {
            *cell = *before;
        }
    }

    fn inner(
        &mut self,
        state: &[u32],
        place: usize,
        next: &mut [u32],
        found: &mut dyn FnMut(&Label, &[u32]),
    ) {
        let Some(local) = state.get(FIRST + place).copied() else { return };
        let moves = Arc::clone(&self.engine.info(local).moves);
        for step in moves.iter() {
            self.go(place, step.next, state, next, &Label::Inner { place, cause: step.cause.clone() }, found);
        }
    }

    /// What the scope makes happen: everything whose turn it is, in any order among those of one instant.
    fn happenings(&mut self, state: &[u32], next: &mut [u32], found: &mut dyn FnMut(&Label, &[u32])) {
        let mask = state.get(MASK).copied().unwrap_or(0);
        let locals = state.get(FIRST..).unwrap_or_default();
        for number in self.turns(mask) {
            if !self.is_time(number, locals) {
                continue;
            }
            let (place, after) = self.events.happen(&mut self.engine, number, locals);
            let later = self
                .model
                .events
                .iter()
                .enumerate()
                .any(|(other, _)| other != number && mask & bit(other) == 0);
            if after == NONE && !later {
                continue;
            }
            if let Some(cell) = next.get_mut(MASK) {
                *cell = mask | bit(number);
            }
            let label = Label::Event { number, skipped: after == NONE };
            match place {
                Some(place) if after != NONE => self.go(place, after, state, next, &label, found),
                _ => found(&label, next),
            }
            if let Some(cell) = next.get_mut(MASK) {
                *cell = mask;
            }
        }
    }

    /// Events whose turn it is: nothing of an earlier time is left.
    fn turns(&self, mask: u32) -> Vec<usize> {
        let left = || self.model.events.iter().enumerate().filter(|(number, _)| mask & bit(*number) == 0);
        let first = left().map(|(_, event)| event.time).min();
        left().filter(|(_, event)| Some(event.time) == first).map(|(number, _)| number).collect()
    }

    /// Has the peer at which an event happens reached its time?
    fn is_time(&mut self, number: usize, locals: &[u32]) -> bool {
        let Some(event) = self.model.events.get(number) else { return false };
        let clock = match event.place.and_then(|place| locals.get(place).copied()) {
            Some(local) => self.engine.info(local).clock,
            None => return false,
        };
        clock >= START.saturating_add(event.time)
    }

    /// The instant of the next events, if it has not come.
    fn next_event(&self, state: &[u32], front: i64) -> Option<i64> {
        let turns = self.turns(state.get(MASK).copied().unwrap_or(0));
        let time = turns.first().and_then(|number| self.model.events.get(*number)).map(|event| event.time)?;
        Some(START.saturating_add(time)).filter(|instant| *instant > front)
    }

    /// Each clock by itself, one instant ahead of the others at most.
    fn clocks(&mut self, state: &[u32], next: &mut [u32], found: &mut dyn FnMut(&Label, &[u32])) {
        let infos: Vec<_> = self.locals(state).iter().map(|local| self.engine.info(*local)).collect();
        let Some(front) = infos.iter().map(|info| info.clock).max() else { return };
        let level = infos.iter().all(|info| info.clock == front);
        let deadlines = infos.iter().filter_map(|info| info.next_deadline);
        let ahead = deadlines.chain(self.next_event(state, front)).min();
        for (place, info) in infos.iter().enumerate() {
            if info.due {
                continue;
            }
            let to = if info.clock < front {
                Some(info.next_deadline.map_or(front, |deadline| deadline.min(front)))
            } else if level {
                ahead
            } else {
                None
            };
            let Some(to) = to.filter(|to| *to <= self.model.horizon) else { continue };
            let Some(local) = state.get(FIRST + place).copied() else { continue };
            let after = self.engine.at(local, to);
            self.go(place, after, state, next, &Label::Clock { place: Some(place), to }, found);
        }
    }

    /// All clocks together.
    fn all_clocks(&mut self, state: &[u32], next: &mut [u32], found: &mut dyn FnMut(&Label, &[u32])) {
        let infos: Vec<_> = self.locals(state).iter().map(|local| self.engine.info(*local)).collect();
        if infos.iter().any(|info| info.due) {
            return;
        }
        let front = infos.iter().map(|info| info.clock).max().unwrap_or(START);
        let deadlines = infos.iter().filter_map(|info| info.next_deadline);
        let ahead = deadlines.chain(self.next_event(state, front)).min();
        let Some(to) = ahead.filter(|to| *to <= self.model.horizon) else { return };
        for (place, local) in self.locals(state).iter().enumerate() {
            let after = self.engine.at(*local, to);
            if let Some(cell) = next.get_mut(FIRST + place) {
                *cell = after;
            }
        }
        found(&Label::Clock { place: None, to }, next);
        next.copy_from_slice(state);
    }

    /// What is left open at a state.
    pub fn standing(&mut self, state: &[u32]) -> Standing {
        let mut standing = Standing { may_stay: true, cut: false, ended: true };
        for local in self.locals(state) {
            let info = self.engine.info(*local);
            standing.ended &= info.ended;
            standing.cut |= info.next_deadline.is_some_and(|deadline| deadline > self.model.horizon);
            standing.may_stay &= info.moves.is_empty() && info.next_deadline.is_none();
        }
        if standing.may_stay || standing.ended {
            let locals = state.get(FIRST..).unwrap_or_default();
            for number in self.turns(state.get(MASK).copied().unwrap_or(0)) {
                if !self.is_time(number, locals) {
                    standing.may_stay = false;
                    continue;
                }
                let (_, after) = self.events.happen(&mut self.engine, number, locals);
                standing.may_stay &= after == NONE;
            }
        }
        standing
    }

    /// The latest instant that a peer has reached.
    pub fn front(&mut self, state: &[u32]) -> i64 {
        let clocks = self.locals(state).iter().map(|local| self.engine.info(*local).clock);
        clocks.max().unwrap_or(START)
    }

    /// The name of the peer at a place.
    pub fn name(&self, place: usize) -> &'m str {
        let peer = self.model.honest.get(place).and_then(|peer| self.model.peers.get(*peer));
        peer.map_or("?", |peer| peer.name.as_str())
    }
}

/// An event in the mask of a state.
fn bit(number: usize) -> u32 {
    u32::try_from(number).ok().and_then(|number| 1u32.checked_shl(number)).unwrap_or(0)
}

impl Explorer<'_> {
    /// Local states of each honest peer that were met.
    pub fn locals_by_peer(&self) -> Vec<(String, usize)> {
        let mut counts = vec![0usize; self.model.peers.len()];
        for number in 0..self.engine.locals.len() {
            let local = u32::try_from(number).ok().and_then(|number| self.engine.local_of(number));
            if let Some(count) = local.and_then(|local| counts.get_mut(index(local.peer))) {
                *count += 1;
            }
        }
        let named = self.model.peers.iter().zip(counts).filter(|(peer, _)| peer.honest);
        named.map(|(peer, count)| (peer.name.clone(), count)).collect()
    }

    /// What the model leaves out or makes coarser in this scope.
    pub fn abstractions(&self) -> Vec<String> {
        let mut said = vec![
            "the network is the set of messages that were sent: each may arrive at any time, or never".to_owned(),
            "time passes from deadline to deadline; what a machine compares with the clock in between is not tried"
                .to_owned(),
        ];
        said.push(match self.model.skew {
            0 => "all clocks go together".to_owned(),
            _ => "clocks of two peers are at most one instant apart".to_owned(),
        });
        if self.model.peers.iter().any(|peer| !peer.honest) {
            said.push(format!(
                "byzantine members say {} messages, made of {} values that occur, a new one for each type, and their own signatures",
                self.universe.len(),
                self.universe.values()
            ));
            said.push("byzantine members say nothing in sessions that nobody else has".to_owned());
        }
        for ty in self.universe.cut_types() {
            said.push(format!(
                "{ty}: not every combination of values, but those that occur, with one field replaced"
            ));
        }
        if self.universe.cut {
            said.push(format!(
                "byzantine members say no more than {} messages",
                super::universe::UNIVERSE_MAX
            ));
        }
        said
    }
}
