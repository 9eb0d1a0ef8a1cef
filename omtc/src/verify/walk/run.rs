//! One random run.

use super::super::engine::{Inner, Last, NONE};
use super::super::explore::{Label, bit, instants};
use super::super::property::{Values, bit as query};
use super::super::table::{hash_words, index};
use super::{Action, PLACES_MAX, RUN_STEPS_MAX, Target, Walker};
use crate::spec::Claim;
use std::sync::Arc;

/// Fingerprints that are kept.
pub(super) const LATELY_SLOTS: usize = 1 << 16;
/// Throws for one step, before everything is looked through in order.
const THROWS: usize = 24;
/// Steps between two looks at whether a run may end here.
const ENDS_EVERY: usize = 16;
/// Of so many throws are the shares of a [`Mood`].
const SHARES: usize = 1 << 10;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
#[derive(Clone, Debug)]
pub(in super::super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below that one, or 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(self.next().checked_rem(limit).unwrap_or(0)).unwrap_or(0)
    }
}

/// How often which kind of step is thrown in one run, of [`SHARES`]; the rest are messages of honest members. Runs that all have the same
/// mixture hardly get to where one kind must do without another: nothing is agreed upon when time goes on all the while, and no time limit passes
/// when it hardly does (swarm testing; Groce et al. 2012).
#[derive(Clone, Copy, Debug)]
struct Mood {
    clock: usize,
    byzantine: usize,
    inner: usize,
}

impl Mood {
    /// Of what the scope makes happen.
    const EVENTS: usize = SHARES / 16;

    fn thrown(dice: &mut Dice) -> Mood {
        let clock = SHARES >> (3 + dice.below(8));
        let byzantine = [0, SHARES / 64, SHARES / 16, SHARES / 4].get(dice.below(4)).copied().unwrap_or(0);
        let inner = [SHARES / 64, SHARES / 8, SHARES / 4].get(dice.below(3)).copied().unwrap_or(0);
        Mood { clock, byzantine, inner }
    }

    fn kind(self, dice: &mut Dice) -> Thrown {
        let mut left = dice.below(SHARES);
        let shares = [
            (self.clock, Thrown::Clock),
            (self.byzantine, Thrown::Byzantine),
            (self.inner, Thrown::Inner),
            (Mood::EVENTS, Thrown::Event),
        ];
        for (share, kind) in shares {
            if left < share {
                return kind;
            }
            left -= share;
        }
        Thrown::Honest
    }
}

/// A kind of step.
#[derive(Clone, Copy, Debug)]
enum Thrown {
    Honest,
    Byzantine,
    Inner,
    Event,
    Clock,
}

/// For each property of a run: is what it wants still to come?
#[derive(Clone, Debug)]
pub(super) struct Pending(Vec<bool>);

impl Walker<'_> {
    /// What is to come at the start.
    pub(super) fn pending(&self) -> Pending {
        let claims = self.properties.watched.iter().map(|watched| &watched.property.claim);
        Pending(claims.map(|claim| matches!(claim, Claim::Eventually(_))).collect())
    }

    /// What is to come after a state.
    pub(super) fn wait(&self, pending: &mut Pending, values: Values) {
        for (watched, waits) in self.properties.watched.iter().zip(&mut pending.0) {
            let holds = |number: usize| values.holds & query(number) != 0;
            match &watched.property.claim {
                Claim::Eventually(_) => *waits &= !holds(watched.first),
                Claim::Leads(..) => *waits = (*waits || holds(watched.first)) && !holds(watched.first + 1),
                Claim::Always(_) | Claim::Never(_) | Claim::Sometimes(_) => {}
            }
        }
    }

    /// What a run breaks that may end in this state, of what was not found yet.
    pub(super) fn ends(&mut self, pending: &Pending, state: &[u32]) -> Option<Target> {
        let mut open = pending.0.iter().enumerate().filter(|(_, waits)| **waits);
        let open = open.find(|(number, _)| !self.is_found(Target::Run(*number)));
        let target = open.map(|(number, _)| Target::Run(number))?;
        self.explorer.standing(state).may_stay.then_some(target)
    }

    /// A run of at most so many steps; how many it has.
    pub(super) fn run(&mut self, steps_max: u64) -> u64 {
        let mut actions: Vec<Action> = Vec::new();
        let mut state = self.explorer.initial();
        let mut pending = self.pending();
        let mut taken = 0;
        let mood = Mood::thrown(&mut self.dice);
        // Half of the runs go on from somewhere.
        let place = self.dice.below(self.places.len().saturating_mul(2));
        let begun = self.places.get(place).cloned().unwrap_or_default();
        let values = self.properties.values(&mut self.explorer, &mut self.records, &state);
        self.wait(&mut pending, values);
        for action in begun {
            if taken >= steps_max {
                break;
            }
            if let Some((_, next)) = self.take(&state, &action) {
                state = next;
                actions.push(action);
                taken += 1;
                let values = self.properties.values(&mut self.explorer, &mut self.records, &state);
                self.wait(&mut pending, values);
            }
        }
        while actions.len() < RUN_STEPS_MAX && taken < steps_max && self.explorer.engine.halt.hit().is_none()
        {
            let Some((action, next)) = self.throw(&state, mood) else { break };
            state = next;
            actions.push(action);
            taken += 1;
            if self.explorer.engine.tally.computed != self.computed {
                self.computed = self.explorer.engine.tally.computed;
                self.remember(&actions);
            }
            if let Some(target) = self.judge(&state) {
                self.keep(target, &actions);
            }
            let values = self.properties.values(&mut self.explorer, &mut self.records, &state);
            self.wait(&mut pending, values);
            if actions.len().is_multiple_of(ENDS_EVERY)
                && let Some(target) = self.ends(&pending, &state)
            {
                self.keep(target, &actions);
            }
        }
        if let Some(target) = self.ends(&pending, &state)
            && self.explorer.engine.halt.hit().is_none()
        {
            self.keep(target, &actions);
        }
        taken
    }

    /// A place to go on from: something happened here for the first time.
    fn remember(&mut self, actions: &[Action]) {
        if self.places.len() < PLACES_MAX {
            self.places.push(actions.to_vec());
            return;
        }
        // Each of all such places is kept with the same chance, about.
        let slot = self.dice.below(PLACES_MAX * 4);
        if let Some(place) = self.places.get_mut(slot) {
            *place = actions.to_vec();
        }
    }

    /// A step that can be taken, preferably to a state that was not met lately.
    fn throw(&mut self, state: &[u32], mood: Mood) -> Option<(Action, Vec<u32>)> {
        let mut known = None;
        for _ in 0..THROWS {
            let Some(action) = self.choose(state, mood) else { continue };
            let Some((_, next)) = self.take(state, &action) else { continue };
            let print = hash_words(&next);
            let slot = usize::try_from(print).unwrap_or(0) % LATELY_SLOTS;
            if let Some(place) = self.lately.get_mut(slot)
                && *place != print
            {
                *place = print;
                return Some((action, next));
            }
            if known.is_some() {
                return known;
            }
            known = Some((action, next));
        }
        known.or_else(|| self.any(state))
    }

    /// Some action; whether it can be taken is not looked at.
    fn choose(&mut self, state: &[u32], mood: Mood) -> Option<Action> {
        let places = self.explorer.locals(state).len();
        let place = self.dice.below(places);
        let local = self.explorer.locals(state).get(place).copied()?;
        let late = self.dice.below(2) == 1;
        match mood.kind(&mut self.dice) {
            Thrown::Honest => {
                let from = self.dice.below(places);
                let speaker = self.explorer.locals(state).get(from).copied().filter(|_| from != place)?;
                let peer = self.explorer.model.running.get(place).copied()?;
                let set = self.explorer.engine.info(speaker).sent_to.get(peer).copied()?;
                let message = self.member(set)?;
                Some(Action::Deliver { place, message, late })
            }
            Thrown::Byzantine => {
                let locals = self.explorer.locals(state).to_vec();
                let revealed = self.explorer.universe.revealed(&mut self.explorer.engine, &locals);
                let sets = self.explorer.universe.sets(place, &revealed);
                let set = sets.get(self.dice.below(sets.len())).copied()?;
                let message = self.member(set)?;
                Some(Action::Deliver { place, message, late })
            }
            Thrown::Inner => {
                let front = self.explorer.front(state);
                let info = self.explorer.engine.info(local);
                let at = if late { instants(&info, front).last()? } else { info.clock };
                let there = self.explorer.engine.at(local, at);
                let moves = Arc::clone(&self.explorer.engine.info(there).moves);
                let cause = moves.get(self.dice.below(moves.len()))?.cause.clone();
                Some(Action::Inner { place, cause, late })
            }
            Thrown::Event => {
                let turns = self.explorer.turns(self.explorer.happened(state));
                let number = turns.get(self.dice.below(turns.len())).copied()?;
                Some(Action::Event { number, late })
            }
            Thrown::Clock => Some(Action::Clock),
        }
    }

    fn member(&mut self, set: u32) -> Option<u32> {
        let set = self.explorer.engine.sets.get(set).map(Arc::clone)?;
        set.get(self.dice.below(set.len())).copied()
    }

    /// Some step that can be taken, if there is one at all; time goes on only if there is no other.
    fn any(&mut self, state: &[u32]) -> Option<(Action, Vec<u32>)> {
        let mut actions: Vec<Action> = Vec::new();
        for (place, local) in self.explorer.locals(state).to_vec().into_iter().enumerate() {
            let Some(peer) = self.explorer.model.running.get(place).copied() else { continue };
            for late in [false, true] {
                for speaker in self.explorer.locals(state).to_vec() {
                    let info = self.explorer.engine.info(speaker);
                    let set = info.sent_to.get(peer).and_then(|set| self.explorer.engine.sets.get(*set));
                    let messages = set.into_iter().flat_map(|set| set.iter());
                    actions.extend(messages.map(|message| Action::Deliver {
                        place,
                        message: *message,
                        late,
                    }));
                }
                let info = self.explorer.engine.info(local);
                let causes = info.moves.iter().map(|step| step.cause.clone());
                actions.extend(causes.map(|cause| Action::Inner { place, cause, late }));
            }
        }
        for number in self.explorer.turns(self.explorer.happened(state)) {
            actions.extend([false, true].map(|late| Action::Event { number, late }));
        }
        let begin = self.dice.below(actions.len());
        actions.rotate_left(begin);
        actions.push(Action::Clock);
        actions.into_iter().find_map(|action| {
            let (_, next) = self.take(state, &action)?;
            Some((action, next))
        })
    }

    /// Timers and tasks of a peer, at the first or the last instant at which it may act.
    pub(super) fn causes(&mut self, state: &[u32], place: usize, late: bool) -> Vec<Inner> {
        let Some((there, _)) = self.there(state, place, late) else { return Vec::new() };
        let info = self.explorer.engine.info(there);
        info.moves.iter().map(|step| step.cause.clone()).collect()
    }

    /// The state after an action, if it can be taken.
    pub(super) fn take(&mut self, state: &[u32], action: &Action) -> Option<(Label, Vec<u32>)> {
        let front = self.explorer.front(state);
        match action {
            Action::Deliver { place, message, late } => {
                let (there, at) = self.there(state, *place, *late)?;
                if !self.arrives(state, *place, *message) {
                    return None;
                }
                let next = self.explorer.engine.deliver(there, *message);
                let last = Last::Deliver(*message);
                let label = Label::Act { place: *place, gathered: Arc::new([]), last, at, after: next };
                (next != NONE).then(|| (label, self.explorer.changed(state, Some(*place), next)))
            }
            Action::Inner { place, cause, late } => {
                let (there, at) = self.there(state, *place, *late)?;
                let info = self.explorer.engine.info(there);
                let step = info.moves.iter().find(|step| step.cause == *cause)?;
                let last = Last::Inner(cause.clone());
                let label = Label::Act { place: *place, gathered: Arc::new([]), last, at, after: step.next };
                Some((label, self.explorer.changed(state, Some(*place), step.next)))
            }
            Action::Event { number, late } => {
                let mask = self.explorer.happened(state);
                if !self.explorer.turns(mask).contains(number) {
                    return None;
                }
                let infos = self.infos(state);
                let outcomes = self.explorer.outcomes(*number, state, &infos, front);
                let outcome = if *late { outcomes.last() } else { outcomes.first() };
                let (place, at, after) = outcome.copied()?;
                if after == NONE {
                    return None;
                }
                let next = self.explorer.changed(state, None, mask | bit(*number));
                let next = self.explorer.changed(&next, Some(place), after);
                Some((Label::Event { number: *number, at, after }, next))
            }
            Action::Clock => {
                let infos = self.infos(state);
                let mut found = None;
                let mut next = state.to_vec();
                self.explorer.clock(state, &infos, front, &mut next, &mut |label, next| {
                    found = Some((label.clone(), next.to_vec()));
                });
                found
            }
        }
    }

    fn infos(&mut self, state: &[u32]) -> Vec<Arc<super::super::engine::LocalInfo>> {
        let locals = self.explorer.locals(state).to_vec();
        locals.into_iter().map(|local| self.explorer.engine.info(local)).collect()
    }

    /// The local state of a place at the first or the last instant at which it may act.
    fn there(&mut self, state: &[u32], place: usize, late: bool) -> Option<(u32, i64)> {
        let front = self.explorer.front(state);
        let local = self.explorer.locals(state).get(place).copied()?;
        let info = self.explorer.engine.info(local);
        let at = if late { instants(&info, front).last()? } else { info.clock };
        Some((if at == info.clock { local } else { self.explorer.engine.at(local, at) }, at))
    }

    /// May a message arrive at a place? It was sent there, or can be said to it.
    fn arrives(&mut self, state: &[u32], place: usize, message: u32) -> bool {
        let Some(peer) = self.explorer.model.running.get(place).copied() else { return false };
        let locals = self.explorer.locals(state).to_vec();
        let Some(from) = self.explorer.engine.message_of(message).map(|m| index(m.key.from)) else {
            return false;
        };
        if self.explorer.is_said(message) {
            let revealed = self.explorer.universe.revealed(&mut self.explorer.engine, &locals);
            let sets = self.explorer.universe.sets(place, &revealed);
            return sets.into_iter().any(|set| self.explorer.engine.contains(set, message));
        }
        let speaker = self.explorer.model.running.iter().position(|honest| *honest == from);
        let Some(speaker) = speaker.and_then(|speaker| locals.get(speaker)).copied() else { return false };
        let set = self.explorer.engine.info(speaker).sent_to.get(peer).copied();
        set.is_some_and(|set| self.explorer.engine.contains(set, message))
    }
}
