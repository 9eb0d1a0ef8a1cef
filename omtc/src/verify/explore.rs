//! From a state to its successors: lookups, once the tables know the local states.
//!
//! A state is the mask of what the scope has made happen, the latest instant that anybody may be at (the *front*), and
//! a local state for each honest peer. Clocks are lazy: a peer that has not acted since the front moved is at the
//! instant before, and may act there or at the front. The front moves on when nobody is kept behind it.

use super::atom::AtomSet;
use super::engine::{Engine, INSTANTS_MAX, Last, LocalInfo, NONE, UNCOUNTED};
use super::event::Events;
use super::local::Local;
use super::model::Model;
use super::space::Space;
use super::spent::Spent;
use super::table::index;
use super::universe::Universe;
use crate::spec::START;
use std::sync::Arc;

/// What leads from one state to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// An honest peer (its place in a state) acts, having gathered messages before.
    Act {
        /// Who.
        place: usize,
        /// What it gathers first.
        gathered: Arc<[u32]>,
        /// What it does.
        last: Last,
        /// When, microseconds since 1970.
        at: i64,
        /// Its local state right after it.
        after: u32,
    },
    /// Something that the scope makes happen.
    Event {
        /// Which.
        number: usize,
        /// When.
        at: i64,
        /// The local state right after it of whom it concerns.
        after: u32,
    },
    /// Time goes on.
    Clock {
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
    /// An instant lies ahead: it will come, whatever happens before.
    pub goes_on: bool,
}

/// The place of the mask of events in a state.
const MASK: usize = 0;
/// The place of the front.
const FRONT: usize = 1;
/// The place of how many messages of byzantine members were heard, where that is counted.
const SAID: usize = 2;
/// Places before the first local state.
const FIRST: usize = 3;

/// Whoever hears of successors.
type Found<'f> = &'f mut dyn FnMut(&Label, &[u32]);

/// Makes successors.
pub(super) struct Explorer<'m> {
    pub model: &'m Model,
    pub engine: Engine<'m>,
    pub events: Events,
    pub universe: Universe,
    /// How many messages of byzantine members are heard in one run, at most.
    pub budget: Option<u32>,
    spent: Spent,
}

/// The number of a state, or of one that is the same but for fewer messages of byzantine members that were heard: all
/// that may follow the one may follow the other.
pub(super) fn known(space: &Space, state: &[u32]) -> Option<u32> {
    fewer(space, state).or_else(|| space.find(state))
}

/// The number of a state that is the same but for fewer messages of byzantine members that were heard.
pub(super) fn fewer(space: &Space, state: &[u32]) -> Option<u32> {
    let said = state.get(SAID).copied().filter(|said| *said > 0)?;
    let mut other = state.to_vec();
    (0..said).find_map(|fewer| {
        set(&mut other, SAID, fewer);
        space.find(&other)
    })
}

/// Does a step lead to a state, or to one that the state stands for?
pub(super) fn stands_for(state: &[u32], reached: &[u32]) -> bool {
    let rest =
        |state: &[u32]| state.iter().copied().enumerate().filter(|(at, _)| *at != SAID).collect::<Vec<_>>();
    said(state) <= said(reached) && rest(state) == rest(reached)
}

/// How many messages of byzantine members were heard before a state.
pub(super) fn said(state: &[u32]) -> u32 {
    state.get(SAID).copied().unwrap_or(0)
}

impl<'m> Explorer<'m> {
    /// With empty tables.
    pub fn new(model: &'m Model) -> Explorer<'m> {
        let engine = Engine::new(model);
        Explorer {
            model,
            engine,
            events: Events::default(),
            universe: Universe::default(),
            budget: None,
            spent: Spent::default(),
        }
    }

    /// See [`Engine::forget_if_contested`].
    pub fn forget_if_contested(&mut self) -> bool {
        let grown = self.engine.forget_if_contested();
        if grown {
            self.events.forget();
        }
        grown
    }

    /// Numbers of a state.
    pub fn width(&self) -> usize {
        FIRST + self.model.running.len()
    }

    /// The state at the start.
    pub fn initial(&mut self) -> Vec<u32> {
        let locals = self.engine.start();
        let begins = locals.first().and_then(|local| self.engine.local_of(*local)).map_or(START, |l| l.clock);
        let mut state = vec![0, self.engine.instant(begins), 0];
        state.extend(locals);
        state
    }

    /// The state of these local states.
    pub fn state(&mut self, happened: u32, front: i64, said: u32, locals: &[u32]) -> Vec<u32> {
        let mut state = vec![happened, self.engine.instant(front), said];
        state.extend(locals);
        state
    }

    /// The local states of a state.
    pub fn locals<'s>(&self, state: &'s [u32]) -> &'s [u32] {
        state.get(FIRST..).unwrap_or_default()
    }

    /// The same state with the local state of one place, or the mask of events, replaced.
    pub fn changed(&self, state: &[u32], place: Option<usize>, value: u32) -> Vec<u32> {
        let mut next = state.to_vec();
        set(&mut next, place.map_or(MASK, |place| FIRST + place), value);
        next
    }

    /// What the scope has made happen, as a mask.
    pub fn happened(&self, state: &[u32]) -> u32 {
        state.get(MASK).copied().unwrap_or(0)
    }

    /// The latest instant that a peer may be at.
    pub fn front(&self, state: &[u32]) -> i64 {
        state.get(FRONT).map_or(START, |front| self.engine.instant_of(*front))
    }

    /// Calls `found` for every successor.
    pub fn successors(&mut self, state: &[u32], found: Found<'_>) {
        let mut next = state.to_vec();
        let infos: Vec<Arc<LocalInfo>> =
            self.locals(state).iter().map(|local| self.engine.info(*local)).collect();
        let front = self.front(state);
        let locals = self.locals(state).to_vec();
        let before = said(state);
        let left = self.budget.map_or(UNCOUNTED, |budget| budget.saturating_sub(before));
        let revealed = (left > 0).then(|| self.universe.revealed(&mut self.engine, &locals));
        for (place, info) in infos.iter().enumerate() {
            let Some(local) = state.get(FIRST + place).copied() else { continue };
            let inbox = self.inbox(place, &infos, revealed.as_ref());
            let mut cores: Vec<(u32, u32)> = Vec::new();
            for at in instants(info, front) {
                let there = if at == info.clock { local } else { self.engine.at(local, at) };
                for leap in self.engine.leaps(there, inbox, left).iter() {
                    if self.model.reductions.lazy_clocks {
                        // The same at an earlier instant leaves more open, hence stands for both.
                        let core = self.engine.core(leap.next);
                        if cores.iter().any(|(known, said)| *known == core && *said <= leap.said) {
                            continue;
                        }
                        cores.push((core, leap.said));
                    }
                    let label = || Label::Act {
                        place,
                        gathered: Arc::clone(&leap.gathered),
                        last: leap.last.clone(),
                        at,
                        after: leap.next,
                    };
                    set(&mut next, SAID, before.saturating_add(leap.said));
                    self.go(place, leap.next, &mut next, &mut |next| found(&label(), next));
                }
            }
        }
        set(&mut next, SAID, before);
        self.happenings(state, &infos, front, &mut next, found);
        self.clock(state, &infos, front, &mut next, found);
    }

    /// Hears of a state in which a local state differs, and what that spends.
    fn go(&mut self, place: usize, value: u32, next: &mut [u32], found: &mut dyn FnMut(&[u32])) {
        let Some(before) = next.get(FIRST + place).copied() else { return };
        set(next, FIRST + place, value);
        if self.model.reductions.spent_messages {
            let mut cleared = next.to_vec();
            if let Some(locals) = cleared.get_mut(FIRST..) {
                self.spent.clear(&mut self.engine, locals, place);
            }
            found(&cleared);
        } else {
            found(next);
        }
        set(next, FIRST + place, before);
    }

    /// Everything that may arrive at a place; of byzantine members nothing, without what was shown to them.
    fn inbox(&mut self, place: usize, infos: &[Arc<LocalInfo>], revealed: Option<&AtomSet>) -> u32 {
        let Some(peer) = self.model.running.get(place).copied() else { return 0 };
        let others = infos.iter().enumerate().filter(|(other, _)| *other != place);
        let mut sets: Vec<u32> = others.filter_map(|(_, info)| info.sent_to.get(peer).copied()).collect();
        sets.extend(revealed.into_iter().flat_map(|revealed| self.universe.sets(place, revealed)));
        self.engine.union(sets)
    }

    /// What the scope makes happen: everything whose turn it is, in any order among those of one instant.
    fn happenings(
        &mut self,
        state: &[u32],
        infos: &[Arc<LocalInfo>],
        front: i64,
        next: &mut [u32],
        found: Found<'_>,
    ) {
        let mask = state.get(MASK).copied().unwrap_or(0);
        for number in self.turns(mask) {
            for (place, at, after) in self.outcomes(number, state, infos, front) {
                if after == NONE {
                    continue;
                }
                set(next, MASK, mask | bit(number));
                self.go(place, after, next, &mut |next| found(&Label::Event { number, at, after }, next));
                set(next, MASK, mask);
            }
        }
    }

    /// What an event whose turn it is comes to, at each instant at which it may happen: the place, the instant, the
    /// local state afterwards.
    pub fn outcomes(
        &mut self,
        number: usize,
        state: &[u32],
        infos: &[Arc<LocalInfo>],
        front: i64,
    ) -> Vec<(usize, i64, u32)> {
        let Some(event) = self.model.events.get(number) else { return Vec::new() };
        let Some(place) = event.place else { return Vec::new() };
        let Some((info, local)) = infos.get(place).zip(state.get(FIRST + place).copied()) else {
            return Vec::new();
        };
        let mut locals = self.locals(state).to_vec();
        let mut outcomes: Vec<(usize, i64, u32)> = Vec::new();
        for at in instants(info, front).filter(|at| *at == START.saturating_add(event.time)) {
            let there = if at == info.clock { local } else { self.engine.at(local, at) };
            set(&mut locals, place, there);
            let (_, after) = self.events.happen(&mut self.engine, number, &locals);
            let core = self.engine.core(after);
            let known = outcomes.iter().any(|(_, _, known)| self.engine.core(*known) == core);
            if !known || !self.model.reductions.lazy_clocks {
                outcomes.push((place, at, after));
            }
        }
        outcomes
    }

    /// Events whose turn it is: nothing of an earlier time is left.
    pub fn turns(&self, mask: u32) -> Vec<usize> {
        let left = || self.model.events.iter().enumerate().filter(|(number, _)| mask & bit(*number) == 0);
        let first = left().map(|(_, event)| event.time).min();
        left().filter(|(_, event)| Some(event.time) == first).map(|(number, _)| number).collect()
    }

    /// What has happened, or had its time without any effect; nothing if something has an effect now.
    fn passed(&mut self, state: &[u32], infos: &[Arc<LocalInfo>], front: i64) -> Option<u32> {
        let mut mask = state.get(MASK).copied().unwrap_or(0);
        loop {
            let turns = self.turns(mask);
            if self.time_of(&turns).is_none_or(|time| time > front) {
                return Some(mask);
            }
            for number in turns {
                if self.outcomes(number, state, infos, front).iter().any(|(_, _, after)| *after != NONE) {
                    return None;
                }
                mask |= bit(number);
            }
        }
    }

    pub fn time_of(&self, turns: &[usize]) -> Option<i64> {
        let event = turns.first().and_then(|number| self.model.events.get(*number))?;
        Some(START.saturating_add(event.time))
    }

    /// The front moves to the next instant, when whatever was due before it has happened. Everybody is at the old front
    /// then, or with it when all clocks go together.
    pub fn clock(
        &mut self,
        state: &[u32],
        infos: &[Arc<LocalInfo>],
        front: i64,
        next: &mut [u32],
        found: Found<'_>,
    ) {
        let together = self.model.skew == 0;
        let behind = |deadline: i64| if together { deadline <= front } else { deadline < front };
        if infos.iter().any(|info| info.deadline.is_some_and(behind)) {
            return;
        }
        // What the scope makes happen at an instant happens at it, or has no effect.
        let Some(passed) = self.passed(state, infos, front) else { return };
        let ahead = self.ahead(passed, infos, front);
        let Some(to) = ahead.filter(|to| !self.is_beyond(*to)) else { return };
        set(next, MASK, passed);
        let clock = if together { to } else { front };
        for (place, local) in self.locals(state).to_vec().into_iter().enumerate() {
            let there = self.engine.at(local, clock);
            set(next, FIRST + place, there);
        }
        set(next, FRONT, self.engine.instant(to));
        found(&Label::Clock { to }, next);
        next.copy_from_slice(state);
    }

    /// Does time end before?
    pub fn is_beyond(&self, instant: i64) -> bool {
        instant > self.model.horizon || !self.engine.has_instant(instant)
    }

    /// The next instant at which something is due.
    fn ahead(&self, passed: u32, infos: &[Arc<LocalInfo>], front: i64) -> Option<i64> {
        let deadlines = infos.iter().filter_map(|info| info.later(front));
        deadlines.chain(self.time_of(&self.turns(passed))).min()
    }

    /// What is left open at a state.
    pub fn standing(&mut self, state: &[u32]) -> Standing {
        let front = self.front(state);
        let infos: Vec<Arc<LocalInfo>> =
            self.locals(state).iter().map(|local| self.engine.info(*local)).collect();
        let mut standing = Standing { may_stay: true, cut: false, ended: true, goes_on: false };
        for info in &infos {
            standing.ended &= info.ended;
            standing.may_stay &= info.moves.is_empty() && info.deadline.is_none();
        }
        let passed = self.passed(state, &infos, front);
        // Something that the scope makes happen now is not something that may stay undone.
        let mask = passed.unwrap_or_else(|| state.get(MASK).copied().unwrap_or(0));
        standing.may_stay &= passed.is_some() && self.turns(mask).is_empty();
        let ahead = self.ahead(mask, &infos, front).filter(|ahead| *ahead > front);
        standing.goes_on = ahead.is_some();
        // What is due happens before the horizon.
        let due = infos.iter().any(|info| info.deadline.is_some_and(|deadline| deadline <= front));
        standing.cut = !due && ahead.is_some_and(|ahead| self.is_beyond(ahead));
        standing
    }

    /// Does a byzantine member say it?
    pub fn is_said(&self, message: u32) -> bool {
        self.engine.is_said(message)
    }

    /// The name of the peer at a place.
    pub fn name(&self, place: usize) -> &'m str {
        let peer = self.model.running.get(place).and_then(|peer| self.model.peers.get(*peer));
        peer.map_or("?", |peer| peer.name.as_str())
    }

    /// Local states of each honest peer that were met, whatever their clocks; or of these, some.
    pub fn locals_by_peer(&self, which: impl Fn(&Local) -> bool) -> Vec<(String, usize)> {
        let mut counts = vec![0usize; self.model.peers.len()];
        for local in self.engine.core_locals().filter(|local| which(local)) {
            if let Some(count) = counts.get_mut(index(local.peer)) {
                *count += 1;
            }
        }
        let named = self.model.peers.iter().zip(counts).filter(|(peer, _)| peer.runs);
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
        if self.engine.is_out_of_instants() {
            said.push(format!(
                "time ends after {INSTANTS_MAX} instants: something comes again and again; --horizon ends it earlier"
            ));
        }
        if self.model.forgetful {
            said.push("nobody remembers who contradicted itself, so nobody is convicted".to_owned());
        }
        if !self.model.parameters.is_empty() {
            said.push(format!("parameters of this scope: {}", self.model.parameters.join(", ")));
        }
        if self.model.any_durations {
            said.push(
                "what lasts for a duration (`timeout`, `every`) that the scope does not give may last for any other; what breaks then was explored again with the given ones"
                    .to_owned(),
            );
        }
        if !self.model.composed && self.model.programs.len() > 1 {
            said.push("the transactions that `uses` names do not run along".to_owned());
        }
        if !self.engine.often.is_empty() {
            let often: Vec<&str> = self.engine.often.iter().map(String::as_str).collect();
            said.push(format!(
                "what a member says more than {} times in one session is lost from then on: {}",
                self.model.repeats,
                often.join(", ")
            ));
        }
        if self.model.peers.iter().any(|peer| !peer.runs) {
            said.push(format!(
                "byzantine members say {} messages, made of {} values that occur, a new one for each type, and their own signatures",
                self.universe.len(),
                self.universe.values()
            ));
            said.push("byzantine members say nothing in sessions that nobody else has".to_owned());
            said.extend(self.budget.map(|budget| {
                format!(
                    "in one run at most {budget} messages of byzantine members are heard: a delivery that changes its receiver is one"
                )
            }));
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

/// The instants at which a peer may act: where it is, and the front or its own deadline before that.
pub(super) fn instants(info: &LocalInfo, front: i64) -> impl Iterator<Item = i64> + use<> {
    let until = info.deadline.map_or(front, |deadline| deadline.min(front)).max(info.clock);
    let further = (until > info.clock).then_some(until);
    // A deadline on the way is an instant of its own; after it has passed, the front is.
    std::iter::once(info.clock).chain(further)
}

fn set(state: &mut [u32], at: usize, value: u32) {
    if let Some(cell) = state.get_mut(at) {
        *cell = value;
    }
}

/// An event in the mask of a state.
pub(super) fn bit(number: usize) -> u32 {
    u32::try_from(number).ok().and_then(|number| 1u32.checked_shl(number)).unwrap_or(0)
}
